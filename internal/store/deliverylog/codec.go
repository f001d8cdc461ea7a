package deliverylog

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/pinpost/pinpost/internal/delivery"
	"github.com/pinpost/pinpost/internal/pin"
)

// format is the first byte of what Append writes.
const format = 1

// A state and a channel are stored as their place here: new ones go to the end.
var (
	states = []delivery.State{
		delivery.StateAccepted, delivery.StateNotSent, delivery.StateNotDelivered, delivery.StateWaiting,
		delivery.StateDelivered, delivery.StateNetworkNotAllowed, delivery.StateNetworkNotAvailable,
		delivery.StateInvalidDestination, delivery.StateUnknown, delivery.StateInvalidSource, delivery.StateNoCredit,
		delivery.StateRejected, delivery.StateExpired, delivery.StateSystemError,
	}
	channels = []pin.Channel{pin.ChannelSMS, pin.ChannelVoice}
)

// The bits of an entry's flags.
const (
	isOpen     = 1
	isReported = 2
	isTried    = 4 // tries to give it to a carrier follow the history
)

// padTo is what Pad makes lengths a multiple of.
const padTo = 64

// Pad fills a stored form up with zeros, so that most changes leave it as long as it was: a store that writes rows of one length in
// their places need not move others for it.
func Pad(stored []byte) []byte {
	var zeros [padTo]byte
	return append(stored, zeros[:(padTo-len(stored)%padTo)%padTo]...)
}

var errBroken = errors.New("deliveries are stored in a form that this program does not know")

// Append adds the stored form of a log to to: integers as varints, texts after their length, times in milliseconds, those of
// the history as what passed since the one before.
func (l Log) Append(to []byte) ([]byte, error) {
	to = append(to, format)
	for _, e := range l {
		channel := slices.Index(channels, e.Channel)
		if channel < 0 || e.Number == 0 {
			return nil, fmt.Errorf("delivery %d of channel %q cannot be stored", e.Number, e.Channel)
		}
		flags := byte(0)
		if e.Open {
			flags |= isOpen
		}
		if e.Reported {
			flags |= isReported
		}
		if len(e.Attempts) > 0 {
			flags |= isTried
		}
		to = append(binary.AppendVarint(to, e.Number), byte(channel), flags)
		to = appendText(appendText(to, e.Carrier), e.RemoteID)
		to = binary.AppendVarint(to, e.At.UnixMilli())
		to = binary.AppendUvarint(to, uint64(len(e.History)))
		last := e.At
		for _, c := range e.History {
			state := slices.Index(states, c.State)
			if state < 0 {
				return nil, fmt.Errorf("state %q cannot be stored", c.State)
			}
			to = binary.AppendVarint(append(to, byte(state)), c.At.UnixMilli()-last.UnixMilli())
			last = c.At
		}
		if len(e.Attempts) > 0 {
			to = e.appendAttempts(to)
		}
	}
	return to, nil
}

// appendAttempts adds the tries; a carrier is empty where it is the one of the delivery, as it is for most.
func (e Entry) appendAttempts(to []byte) []byte {
	to = binary.AppendUvarint(to, uint64(len(e.Attempts)))
	for _, a := range e.Attempts {
		if a.Carrier == e.Carrier {
			a.Carrier = ""
		}
		to = appendText(appendText(append(to, byte(a.Class)), a.Carrier), a.Code)
		to = binary.AppendVarint(to, a.At.UnixMilli()-e.At.UnixMilli())
		to = binary.AppendVarint(to, a.Took.Milliseconds())
	}
	return to
}

func appendText(to []byte, text string) []byte {
	return append(binary.AppendUvarint(to, uint64(len(text))), text...)
}

// Parse reads what Append wrote. The times are in UTC.
func Parse(stored []byte) (Log, error) {
	if len(stored) == 0 || stored[0] != format {
		return nil, errBroken
	}
	r := reader{rest: stored[1:]}
	l := make(Log, 0, 1)
	for len(r.rest) > 0 && !r.broken && !r.padding() {
		l = append(l, r.entry())
	}
	if r.broken {
		return nil, errBroken
	}
	return l, nil
}

// reader takes one thing after the other. Once it is broken, what it gives means nothing.
type reader struct {
	rest   []byte
	broken bool
}

// padding tells whether nothing but zeros follows, with which no entry begins.
func (r *reader) padding() bool {
	return r.rest[0] == 0 && len(bytes.Trim(r.rest, "\x00")) == 0
}

func (r *reader) entry() (e Entry) {
	e.Number, e.Channel = r.varint(), pick(r, channels)
	r.broken = r.broken || e.Number == 0
	flags := r.byte()
	e.Open, e.Reported = flags&isOpen != 0, flags&isReported != 0
	e.Carrier, e.RemoteID = r.text(), r.text()
	at := r.varint()
	e.At = time.UnixMilli(at).UTC()
	n := r.uvarint()
	if n == 0 || n > uint64(len(r.rest)) {
		r.broken = true
		return e
	}
	e.History = make([]delivery.Change, n, n+1) // often the next call adds one
	for i := range e.History {
		e.History[i].State = pick(r, states)
		at += r.varint()
		e.History[i].At = time.UnixMilli(at).UTC()
	}
	e.State = e.History[n-1].State
	if flags&isTried != 0 {
		e.Attempts = r.attempts(e)
	}
	return e
}

func (r *reader) attempts(of Entry) []delivery.Attempt {
	n := r.uvarint()
	if n == 0 || n > uint64(len(r.rest)) {
		r.broken = true
		return nil
	}
	all := make([]delivery.Attempt, n)
	for i := range all {
		a := &all[i]
		a.Class = delivery.Class(r.byte())
		a.Carrier, a.Code = cmp.Or(r.text(), of.Carrier), r.text()
		a.At = time.UnixMilli(of.At.UnixMilli() + r.varint()).UTC()
		a.Took = time.Duration(r.varint()) * time.Millisecond
	}
	return all
}

func pick[T any](r *reader, of []T) (picked T) {
	if i := int(r.byte()); i < len(of) {
		return of[i]
	}
	r.broken = true
	return picked
}

func (r *reader) byte() byte {
	if len(r.rest) == 0 {
		r.broken = true
		return 0
	}
	b := r.rest[0]
	r.rest = r.rest[1:]
	return b
}

func (r *reader) varint() int64 {
	v, n := binary.Varint(r.rest)
	r.skip(n)
	return v
}

func (r *reader) uvarint() uint64 {
	v, n := binary.Uvarint(r.rest)
	r.skip(n)
	return v
}

func (r *reader) text() string {
	n := r.uvarint()
	if n > uint64(len(r.rest)) {
		r.broken = true
		return ""
	}
	text := string(r.rest[:n])
	r.rest = r.rest[n:]
	return text
}

func (r *reader) skip(n int) {
	if n <= 0 {
		r.broken = true
		return
	}
	r.rest = r.rest[n:]
}
