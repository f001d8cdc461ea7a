package delivery

import (
	"context"
	"errors"
	"time"

	"github.com/pinpost/pinpost/internal/phone"
)

// Time a carrier or lookup has to answer.
const (
	SendTimeout   = 10 * time.Second
	LookupTimeout = 2 * time.Second
)

var errNoRoute = errors.New("no carrier is set up")

// ErrNotConfigured is what a lookup answers for a number that it is not set up for.
var ErrNotConfigured = errors.New("no lookup is set up for this number")

// Router decides which carrier takes a text or a call. A member that is nil is not set up.
type Router struct {
	SMS    Sender
	Voice  Caller
	Finder Lookup
}

// Send gives the text to the SMS carrier and returns when it has answered, within SendTimeout.
func (r *Router) Send(ctx context.Context, m SMS) (Accepted, error) {
	if r.SMS == nil {
		return Accepted{}, &Error{Class: LinkDown, Carrier: "none", Code: "no route", Err: errNoRoute}
	}
	ctx, cancel := context.WithTimeout(ctx, SendTimeout)
	defer cancel()
	return r.SMS.Send(ctx, m)
}

// Dial gives the call to the voice carrier and returns once it is under way. ctx bounds the whole call.
func (r *Router) Dial(ctx context.Context, c Call) (Ongoing, error) {
	if r.Voice == nil {
		return nil, &Error{Class: LinkDown, Carrier: "none", Code: "no route", Err: errNoRoute}
	}
	return r.Voice.Dial(ctx, c)
}

// Lookup asks whether a phone can be reached; configured is false when nothing is set up to ask.
func (r *Router) Lookup(ctx context.Context, to phone.Number) (info NumberInfo, configured bool, err error) {
	if r.Finder == nil {
		return NumberInfo{}, false, nil
	}
	ctx, cancel := context.WithTimeout(ctx, LookupTimeout)
	defer cancel()
	info, err = r.Finder.Lookup(ctx, to)
	if errors.Is(err, ErrNotConfigured) {
		return NumberInfo{}, false, nil
	}
	return info, true, err
}

// Health says how each carrier's link is, by channel. A channel without a carrier is down.
func (r *Router) Health() map[string]Health {
	health := map[string]Health{"sms": {Detail: errNoRoute.Error()}, "voice": {Detail: errNoRoute.Error()}}
	if r.SMS != nil {
		health["sms"] = r.SMS.Health()
	}
	if r.Voice != nil {
		health["voice"] = r.Voice.Health()
	}
	return health
}

// Close lets every carrier finish what it has taken.
func (r *Router) Close(ctx context.Context) error {
	var errs []error
	if r.SMS != nil {
		errs = append(errs, r.SMS.Close(ctx))
	}
	if r.Voice != nil && any(r.Voice) != any(r.SMS) {
		errs = append(errs, r.Voice.Close(ctx))
	}
	return errors.Join(errs...)
}
