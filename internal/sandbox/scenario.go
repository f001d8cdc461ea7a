package sandbox

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/pinpost/pinpost/internal/delivery"
	"github.com/pinpost/pinpost/internal/phone"
)

// Where the blocks of a hundred numbers begin. Behind these digits come two that name the scenario and two that are free.
// ARCEP reserves 06 39 98 xx xx and 01 99 00 xx xx for fiction, so they belong to nobody.
const (
	exemptPrefix  = "3363998"
	limitedPrefix = "3319900"
	blockSize     = 100
)

// Scenario is an outcome that a number has chosen beforehand.
type Scenario struct {
	Name, Description string
	NC                string              // the documented ncStatus; empty leaves the default
	SMSRefused        bool                // the carrier does not take the text
	SMSClass          delivery.Class      // why, when SMSRefused
	State             delivery.State      // what getPinStatus ends with for a text
	Call              delivery.CallStatus // how a call ends
	Delay             time.Duration       // how long the carrier takes to answer
	ReceiptFirst      bool                // the delivery receipt comes before the carrier's answer
	Code              string              // digits of the PIN that is always made; empty for a random one
	Expired           bool                // the PIN is expired as soon as it is made
	Exhausted         bool                // the PIN is made with no attempts left
}

// Scenarios gives all scenarios, each at the place that its numbers name.
func Scenarios() []Scenario { return slices.Clone(table) }

// Find gives the scenario that a number stands for, and whether the number is of the block that has limits.
func Find(to phone.Number) (s Scenario, limited, ok bool) {
	digits := to.Digits()
	rest, exempt := strings.CutPrefix(digits, exemptPrefix)
	if !exempt {
		if rest, limited = strings.CutPrefix(digits, limitedPrefix); !limited {
			return Scenario{}, false, false
		}
	}
	if len(rest) != 4 {
		return Scenario{}, false, false
	}
	n, err := strconv.ParseUint(rest, 10, 16)
	if err != nil || int(n/blockSize) >= len(table) {
		return Scenario{}, false, false
	}
	return table[n/blockSize], limited, true
}

// Block gives the first and the last of the scenario's numbers: those with limits, or those exempt from them. Both are
// empty for a scenario that is not of the table.
func (s Scenario) Block(limited bool) (first, last phone.Number) {
	at := slices.IndexFunc(table, func(other Scenario) bool { return other.Name == s.Name })
	if at < 0 {
		return "", ""
	}
	prefix := exemptPrefix
	if limited {
		prefix = limitedPrefix
	}
	return numberOf(prefix, at, 0), numberOf(prefix, at, blockSize-1)
}

func numberOf(prefix string, scenario, n int) phone.Number {
	return phone.Number(fmt.Sprintf("%s%02d%02d", prefix, scenario, n))
}

// SendAnswer is what sendPinOverSms answers with a lookup: the documented ncStatus and smsStatus.
func (s Scenario) SendAnswer() (nc, sms string) {
	nc, sms = s.NC, "MESSAGE_SENT"
	if nc == "" {
		nc = ncNotConfigured // a sandbox looks up the numbers of lookup scenarios alone
	}
	if s.SMSRefused || s.State == delivery.StateNotSent {
		sms = "MESSAGE_NOT_SENT"
	}
	return nc, sms
}

// answer is what the carrier says of a text as it takes it.
func (s Scenario) answer() delivery.State {
	if _, comes := s.receipt(); comes {
		return delivery.StateWaiting
	}
	return s.State
}

// receipt is what the carrier reports of a text that it took, if it reports at all.
func (s Scenario) receipt() (state delivery.State, comes bool) {
	if s.ReceiptFirst {
		return s.State, true
	}
	switch s.State {
	case delivery.StateAccepted, delivery.StateWaiting, delivery.StateDelivered:
		return "", false
	case delivery.StateNotSent:
		// Nobody looked the number up, so the text went out to a phone that cannot be reached.
		return delivery.StateNotDelivered, true
	}
	return s.State, true
}
