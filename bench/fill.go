package main

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"math"
	"sync"
	"sync/atomic"
	"time"

	"github.com/pinpost/pinpost/internal/delivery"
	"github.com/pinpost/pinpost/internal/phone"
	"github.com/pinpost/pinpost/internal/pin"
	"github.com/pinpost/pinpost/internal/wire"
)

// filled is the line that fill prints.
type filled struct {
	Made    int     `json:"made"`
	Seconds float64 `json:"seconds"`
	Due     string  `json:"due"` // id of a PIN that the purge has to remove; empty when none has
}

// fillers is how many PINs are written at a time; a store takes those that wait together. After each told of them a person
// who waits is told.
const (
	fillers = 1024
	told    = 500_000
)

// fill puts PINs into a store by the store's own calls, so that it can do so with every store and every schema: live ones
// that stay live, each as a send leaves it; and ones that fall due second by second while the service is measured.
func fill(ctx context.Context, args []string, out, errOut io.Writer) error {
	flags := flag.NewFlagSet("bench fill", flag.ContinueOnError)
	f := houseFlags{}
	f.add(flags)
	from := flags.Int("from", 0, "live PINs that are there")
	to := flags.Int("to", 0, "live PINs that are wanted")
	purge := flags.Int("purge", 0, "PINs that expire each second, and as many that are removed")
	window := flags.Duration("window", 0, "for how long they do")
	due := flags.Int("due", 0, "count of the first phone number of those")
	flags.SetOutput(errOut)
	if err := flags.Parse(args); err != nil {
		return err
	}
	// The house is built for the account and its application alone, and closed before the store is filled.
	house, _, err := build(ctx, f, newCarrier(), io.Discard)
	if err != nil {
		return err
	}
	s, err := enter(ctx, house, f.data)
	if err = errors.Join(err, house.Close(ctx)); err != nil {
		return err
	}
	settings, err := f.settings()
	if err != nil {
		return err
	}
	keys, err := settings.PINKeys(rand.Reader)
	if err != nil {
		return err
	}
	sealer, err := pin.NewSealer(rand.Reader, keys...)
	if err != nil {
		return err
	}
	store, err := wire.OpenStore(ctx, settings)
	if err != nil {
		return err
	}
	began := time.Now()
	w := &filler{store: store, sealer: sealer, session: s, progress: errOut}
	jobs := *to - *from
	err = w.all(ctx, jobs, func(i int) error { return w.live(ctx, *from+i, began) })
	doomed := *purge * int(window.Seconds())
	if err == nil {
		now := time.Now()
		err = w.all(ctx, 2*doomed, func(i int) error { return w.due(ctx, *due+i, i, *purge, now, settings.Retention) })
	}
	if err = errors.Join(err, store.Close()); err != nil {
		return err
	}
	return json.NewEncoder(out).Encode(filled{jobs + 2*doomed, time.Since(began).Seconds(), w.firstDue})
}

type filler struct {
	store    pin.Store
	sealer   *pin.Sealer
	session  session
	progress io.Writer
	firstDue string
}

// all makes jobs, many at a time, and stops at the first that fails.
func (w *filler) all(ctx context.Context, jobs int, do func(i int) error) error {
	var next atomic.Int64
	var workers sync.WaitGroup
	failed := make(chan error, fillers)
	for range fillers {
		workers.Go(func() {
			for len(failed) == 0 && ctx.Err() == nil {
				i := int(next.Add(1)) - 1
				if i >= jobs {
					return
				}
				if err := do(i); err != nil {
					failed <- err
				}
				if made := i + 1; made%told == 0 {
					_, _ = fmt.Fprintf(w.progress, "%s PINs of %s\n", thousands(made), thousands(jobs))
				}
			}
		})
	}
	workers.Wait()
	select {
	case err := <-failed:
		return err
	default:
		return ctx.Err()
	}
}

// live makes one PIN that lives for longer than any run. Ends of life lie apart, as they do where PINs come one by one.
func (w *filler) live(ctx context.Context, i int, now time.Time) error {
	expires := now.Add(12*time.Hour + time.Duration(i%86_400_000)*time.Millisecond)
	limits := []pin.Limit{
		{Name: "initiationAttempts", Max: 3, To: phone.Number(number(i))}, {Name: "overallInitiationAttempts", Max: math.MaxInt32},
	}
	for i := range limits {
		limits[i].Kind, limits[i].Interval = pin.LimitSends, 24*time.Hour
		limits[i].AccountID, limits[i].ApplicationID = w.session.Account, w.session.App
	}
	_, err := w.make(ctx, i, now, expires, limits)
	return err
}

// due makes a PIN that expires, or whose time to be looked up is over, so many seconds from now as perSecond says. Nothing
// counts them: their places would be long gone.
func (w *filler) due(ctx context.Context, i, nth, perSecond int, now time.Time, retention time.Duration) error {
	at := now.Add(time.Duration(nth/2) * time.Second / time.Duration(perSecond))
	if nth%2 == 1 {
		at = at.Add(-retention)
	}
	id, err := w.make(ctx, i, at.Add(-15*time.Minute), at, nil)
	if nth == 1 {
		w.firstDue = id
	}
	return err
}

func (w *filler) make(ctx context.Context, i int, created, expires time.Time, limits []pin.Limit) (string, error) {
	id, err := w.store.NewPINID(ctx)
	if err != nil {
		return "", err
	}
	deliveryID, err := w.store.NewDeliveryID(ctx, id)
	if err != nil {
		return "", err
	}
	p := pin.PIN{
		ID: id, AccountID: w.session.Account, ApplicationID: w.session.App, MessageID: w.session.Message,
		To: phone.Number(number(i)), LookupNeeded: true, CreatedAt: created, ExpiresAt: expires,
	}
	if p.Sealed, err = w.sealer.Seal(p, "123456"); err != nil {
		return "", err
	}
	d := pin.Delivery{ID: deliveryID, PINID: id, Channel: pin.ChannelSMS, State: delivery.StateNotSent, At: created}
	if err := w.store.CreatePIN(ctx, p, d, limits); err != nil {
		return "", err
	}
	return id, w.store.FinishDelivery(ctx, pin.Outcome{
		DeliveryID: deliveryID, State: delivery.StateDelivered, Carrier: "bench", RemoteID: deliveryID, Taken: true, At: created,
	})
}
