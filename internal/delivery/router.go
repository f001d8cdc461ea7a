package delivery

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/pinpost/pinpost/internal/patience"
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

// Router gives a text or a call to the carrier of its channel, which may be several (package route). A member that is nil is not
// set up.
type Router struct {
	SMS    Sender
	Voice  Caller
	Finder Lookup
	Now    func() time.Time // nil takes the real clock
	// Countries are the ISO codes of the countries that messages may go to; nil lets them go anywhere, and is for what reaches no
	// phone.
	Countries []string
}

// Refusal says why nothing may be sent to a number, or nothing when it may.
func (r *Router) Refusal(to phone.Number) string {
	if r.Countries == nil {
		return ""
	}
	country := to.Country()
	if slices.Contains(r.Countries, country) {
		return ""
	}
	return fmt.Sprintf("is a number of %s, which is none of the countries that this service sends to", cmp.Or(country, "no country"))
}

// Send gives the text to the SMS carrier and returns when it has answered, within SendTimeout.
func (r *Router) Send(ctx context.Context, m SMS) (Accepted, error) {
	if r.SMS == nil {
		return Accepted{}, &Error{Class: LinkDown, Carrier: "none", Code: "no route", Err: errNoRoute}
	}
	bounded := patience.Within(ctx, SendTimeout)
	defer bounded.End()
	at := r.now()
	accepted, err := r.SMS.Send(bounded, m)
	if err != nil && len(AttemptsOf(err)) == 0 {
		return Accepted{}, WithAttempts(err, []Attempt{AttemptOf(r.SMS.Name(), at, r.now(), err)})
	}
	if err == nil && len(accepted.Attempts) == 0 {
		accepted.Attempts = []Attempt{AttemptOf(r.SMS.Name(), at, r.now(), nil)}
	}
	return accepted, err
}

// Dial gives the call to the voice carrier and returns once it is under way. ctx bounds the whole call.
func (r *Router) Dial(ctx context.Context, c Call) (Ongoing, error) {
	if r.Voice == nil {
		return nil, &Error{Class: LinkDown, Carrier: "none", Code: "no route", Err: errNoRoute}
	}
	at := r.now()
	ongoing, err := r.Voice.Dial(ctx, c)
	if err != nil && len(AttemptsOf(err)) == 0 {
		return nil, WithAttempts(err, []Attempt{AttemptOf(r.Voice.Name(), at, r.now(), err)})
	}
	if err != nil {
		return nil, err
	}
	return WithTries(ongoing, []Attempt{AttemptOf(r.Voice.Name(), at, r.now(), nil)}, r.now), nil
}

func (r *Router) now() time.Time {
	if r.Now == nil {
		return time.Now()
	}
	return r.Now()
}

// Lookup asks whether a phone can be reached; configured is false when nothing is set up to ask.
func (r *Router) Lookup(ctx context.Context, to phone.Number) (info NumberInfo, configured bool, err error) {
	if r.Finder == nil {
		return NumberInfo{}, false, nil
	}
	bounded := patience.Within(ctx, LookupTimeout)
	defer bounded.End()
	info, err = r.Finder.Lookup(bounded, to)
	if errors.Is(err, ErrNotConfigured) {
		return NumberInfo{}, false, nil
	}
	return info, true, err
}

// Health says how each carrier's link is, by channel. A channel without a carrier is left out, as somebody may want texts alone;
// without any carrier, texts are down.
func (r *Router) Health() map[string]Health {
	health := map[string]Health{}
	if r.SMS == nil && r.Voice == nil {
		health["sms"] = Health{Detail: errNoRoute.Error()}
	}
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
