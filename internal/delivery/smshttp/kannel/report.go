package kannel

import (
	"errors"
	"net/http"
	"regexp"
	"strings"

	"github.com/pinpost/pinpost/internal/delivery"
	"github.com/pinpost/pinpost/internal/delivery/smshttp"
)

// reportStates are Kannel's report types. Bits 32 and 64 come with 2 in later versions, for what ran out and what nobody
// knows.
var reportStates = map[string]delivery.State{
	"1":  delivery.StateDelivered,
	"2":  delivery.StateNotDelivered,
	"4":  delivery.StateWaiting, // queued at the SMSC
	"8":  delivery.StateWaiting, // taken by the SMSC
	"16": delivery.StateRejected,
	"34": delivery.StateExpired,
	"66": delivery.StateUnknown,
}

// receiptStates tell the reports of type 2 apart, by the word of the SMSC's receipt.
var receiptStates = map[string]delivery.State{
	"EXPIRED": delivery.StateExpired,
	"UNDELIV": delivery.StateNotDelivered,
	"DELETED": delivery.StateNotDelivered,
	"REJECTD": delivery.StateRejected,
	"UNKNOWN": delivery.StateUnknown,
}

// nackStates tell the reports of type 16 apart, by the SMPP status with which the SMSC refused the text.
var nackStates = map[string]delivery.State{
	"0000000a": delivery.StateInvalidSource,
	"0000000b": delivery.StateInvalidDestination,
	"00000014": delivery.StateNetworkNotAvailable, // its queue is full
	"00000058": delivery.StateNetworkNotAvailable, // throttled
}

var (
	receiptPattern = regexp.MustCompile(`(?i)\bstat:([A-Z]{2,8})(?:[^/]*?\berr:([0-9A-Za-z]{1,8})\b)?`)
	nackPattern    = regexp.MustCompile(`(?i)^NACK/0x([0-9a-f]{8})`)

	errReport = errors.New("a report has a type and an attempt")
)

// Authentic tells whether the callback carries the token.
func (g *gateway) Authentic(r *http.Request, _ []byte) bool { return g.cfg.Receipts.Authentic(r) }

// Reports reads the one report of a callback, all of which is in its address.
func (g *gateway) Reports(r *http.Request, _ []byte) ([]smshttp.Report, error) {
	q := r.URL.Query()
	kind, attempt := q.Get("type"), q.Get("attempt")
	if kind == "" || attempt == "" {
		return nil, errReport
	}
	state, known := reportStates[kind]
	state, detail := refine(kind, state, q.Get("answer"))
	return []smshttp.Report{{
		Receipt: delivery.Receipt{RemoteID: attempt, AttemptID: attempt, State: state, Code: strings.TrimSpace(kind + " " + detail)},
		Unknown: !known,
	}}, nil
}

// refine reads what the SMSC said, as far as Kannel hands it on. Only known parts of it are kept: a receipt may end in the
// beginning of the message, and so in the PIN.
func refine(kind string, state delivery.State, answer string) (delivery.State, string) {
	if nack := nackPattern.FindStringSubmatch(answer); nack != nil && kind == "16" {
		code := strings.ToLower(nack[1])
		if better, ok := nackStates[code]; ok {
			state = better
		}
		return state, "NACK 0x" + code
	}
	found := receiptPattern.FindStringSubmatch(answer)
	if found == nil {
		return state, ""
	}
	word := strings.ToUpper(found[1])
	if better, ok := receiptStates[word]; ok && kind == "2" {
		state = better
	}
	return state, strings.TrimSpace(word + " " + found[2])
}
