package carrier

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"time"

	"github.com/pinpost/pinpost/internal/delivery"
	"github.com/pinpost/pinpost/internal/delivery/lookup"
	"github.com/pinpost/pinpost/internal/delivery/route"
	"github.com/pinpost/pinpost/internal/delivery/sip"
	"github.com/pinpost/pinpost/internal/delivery/smpp"
	"github.com/pinpost/pinpost/internal/delivery/smshttp"
	"github.com/pinpost/pinpost/internal/delivery/smshttp/infobip"
	"github.com/pinpost/pinpost/internal/delivery/smshttp/kannel"
	"github.com/pinpost/pinpost/internal/delivery/smshttp/templated"
	"github.com/pinpost/pinpost/internal/delivery/smshttp/twilio"
	"github.com/pinpost/pinpost/internal/voice"
)

// Deps are what carriers work with.
type Deps struct {
	Now  func() time.Time
	Rand io.Reader
	Log  *slog.Logger
}

// Fleet is all that a file describes, at work. SMS, Voice and Lookup are nil where the file has none; whoever takes the fleet
// closes them, and then Speech.
type Fleet struct {
	SMS       delivery.Sender
	Voice     delivery.Caller
	Lookup    delivery.Lookup
	Countries []string
	// Callbacks take what gateways report, by the name of the carrier.
	Callbacks map[string]http.Handler
	Speech    *voice.Speaker // nil where no carrier takes calls
}

// Build makes what the file describes. When anything fails, nothing stays at work.
func Build(ctx context.Context, f File, deps Deps) (*Fleet, error) {
	b := builder{deps: deps, senders: map[string]delivery.Sender{}, callers: map[string]delivery.Caller{}}
	b.fleet.Countries, b.fleet.Callbacks = f.Countries, map[string]http.Handler{}
	err := b.build(f)
	if err != nil {
		return nil, errors.Join(err, b.undo(ctx))
	}
	return &b.fleet, nil
}

type builder struct {
	deps    Deps
	fleet   Fleet
	senders map[string]delivery.Sender
	callers map[string]delivery.Caller
}

func (b *builder) build(f File) error {
	for _, e := range f.Carriers {
		if err := b.add(e, f.Speech); err != nil {
			return err
		}
	}
	if f.Lookup != nil {
		found, err := lookup.New(*f.Lookup, lookup.Deps{Now: b.deps.Now, Log: b.deps.Log})
		if err != nil {
			return err
		}
		b.fleet.Lookup = found
	}
	deps := route.Deps{Now: b.deps.Now, Pick: rand.IntN}
	if len(b.senders) > 0 {
		sender, err := route.NewSender(waysOf(f.Routes.SMS, f.Carriers, b.senders), deps)
		if err != nil {
			return err
		}
		b.fleet.SMS = sender
	}
	if len(b.callers) > 0 {
		caller, err := route.NewCaller(waysOf(f.Routes.Voice, f.Carriers, b.callers), deps)
		if err != nil {
			return err
		}
		b.fleet.Voice = caller
	}
	return nil
}

// add makes one carrier.
func (b *builder) add(e Entry, speech voice.Config) error {
	switch {
	case e.SMPP != nil:
		c, err := smpp.New(*e.SMPP, smpp.Deps{Log: b.deps.Log, Now: b.deps.Now, Rand: b.deps.Rand})
		if err != nil {
			return err
		}
		b.senders[c.Name()] = c
		return nil
	case e.SIP != nil:
		return b.addSIP(*e.SIP, speech)
	}
	c, err := newGateway(e, smshttp.Deps{Now: b.deps.Now, Log: b.deps.Log})
	if err != nil {
		return err
	}
	b.senders[c.Name()], b.fleet.Callbacks[c.Name()] = c, c
	return nil
}

func newGateway(e Entry, deps smshttp.Deps) (*smshttp.Carrier, error) {
	switch {
	case e.Kannel != nil:
		return kannel.New(*e.Kannel, deps)
	case e.Infobip != nil:
		return infobip.New(*e.Infobip, deps)
	case e.Twilio != nil:
		return twilio.New(*e.Twilio, deps)
	}
	return templated.New(*e.Template, deps)
}

// addSIP makes a carrier of calls; all of them speak with one voice.
func (b *builder) addSIP(config sip.Config, speech voice.Config) error {
	if b.fleet.Speech == nil {
		speaker, err := voice.New(speech, voice.Deps{Now: b.deps.Now, Log: b.deps.Log})
		if err != nil {
			return err
		}
		b.fleet.Speech = speaker
	}
	c, err := sip.New(config, sip.Deps{Voice: b.fleet.Speech, Log: b.deps.Log, Now: b.deps.Now, Rand: b.deps.Rand})
	if err != nil {
		return err
	}
	b.callers[c.Name()] = c
	return nil
}

// waysOf are the ways of a channel: those of the file, or all carriers in their order.
func waysOf[C any](ways []Way, entries []Entry, carriers map[string]C) []route.Way[C] {
	var all []route.Way[C]
	for _, w := range ways {
		all = append(all, route.Way[C]{
			Carrier: carriers[w.Carrier], Order: w.Order, Weight: w.Weight, Countries: w.Countries, Prefixes: w.Prefixes,
		})
	}
	if len(ways) > 0 {
		return all
	}
	for i, e := range entries {
		if c, is := carriers[e.name()]; is {
			all = append(all, route.Way[C]{Carrier: c, Order: i})
		}
	}
	return all
}

// undo closes what was made before something failed.
func (b *builder) undo(ctx context.Context) error {
	var errs []error
	for _, c := range b.senders {
		errs = append(errs, c.Close(ctx))
	}
	for _, c := range b.callers {
		errs = append(errs, c.Close(ctx))
	}
	if b.fleet.Speech != nil {
		errs = append(errs, b.fleet.Speech.Close(ctx))
	}
	return errors.Join(errs...)
}

// Close ends what no carrier closes.
func (f *Fleet) Close(ctx context.Context) error {
	if f == nil || f.Speech == nil {
		return nil
	}
	return f.Speech.Close(ctx)
}
