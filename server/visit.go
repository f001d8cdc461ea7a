package server

import (
	"context"
	"math/rand/v2"
	"time"

	"github.com/pinpost/pinpost/internal/observe"
	"github.com/pinpost/pinpost/internal/patience"
)

// visit is one request and its context: what middlewares find out is noted here, where a chain of contexts would cost a copy of
// the request for each link. Middlewares write it before and after a desk works, so that whatever a desk starts may read it.
type visit struct {
	patience.Context // made of the connection's, which ends when the caller leaves; Until is when the store is told to give up
	observe.Request
	began   time.Time
	header  [1]string // the id once more, as the answer's header
	account string    // whose data the request is about; empty before authenticate
	owner   string    // whose credentials were sent, when account is a world
	key     string    // id of the key that the request was made with; empty for user name and password
	reason  string    // why it was refused
	repeat  string    // the delivery that the answer is repeated of
	struck  bool      // the sandbox answers in the operation's place, with what the operation need not declare
}

type visitKey struct{}

// newID gives a request a name that no other has: 128 random bits in the alphabet of base32.
func newID() string {
	const alphabet, half = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", 13
	var text [2 * half]byte
	//nolint:gosec // it names lines of a log, and guards nothing
	for i, bits := 0, [...]uint64{rand.Uint64(), rand.Uint64()}; i < half; i++ {
		text[i], text[half+i] = alphabet[bits[0]&31], alphabet[bits[1]&31]
		bits[0], bits[1] = bits[0]>>5, bits[1]>>5
	}
	return string(text[:])
}

// visitOf gives the visit of a context; of one that has none, a visit of nobody.
func visitOf(ctx context.Context) *visit {
	if v, ok := ctx.Value(visitKey{}).(*visit); ok {
		return v
	}
	return &visit{Context: patience.Context{Context: ctx}}
}

// Value gives the visit and what log lines say of it.
func (v *visit) Value(key any) any {
	switch key.(type) {
	case visitKey:
		return v
	case observe.RequestKey:
		return &v.Request
	}
	return v.Context.Value(key)
}

// accountOf gives the account whose data a request is about: that of its credentials, or a world of it.
func accountOf(ctx context.Context) string { return visitOf(ctx).account }

// ownerOf gives the account whose credentials were sent, whatever world the request is meant for.
func ownerOf(ctx context.Context) string {
	v := visitOf(ctx)
	if v.owner != "" {
		return v.owner
	}
	return v.account
}

// keyOf gives the id of the key that a request was made with; it is empty for user name and password.
func keyOf(ctx context.Context) string { return visitOf(ctx).key }

// noteRepeat says which delivery an answer is repeated of; nothing when it is empty.
func noteRepeat(ctx context.Context, deliveryID string) { visitOf(ctx).repeat = deliveryID }
