package storetest

import (
	"testing"
	"time"

	"github.com/pinpost/pinpost/internal/application"
	"github.com/pinpost/pinpost/internal/fault"
	"github.com/pinpost/pinpost/internal/pin"
)

var purgeChecks = []check{
	{"wipes PINs when they expire", purgeWipes},
	{"removes PINs and their deliveries after the grace", purgeRemoves},
	{"touches a bounded number of rows and goes on later", purgeBounded},
	{"gets rid of a PIN with many deliveries", purgeManyDeliveries},
	{"of no rows touches none", purgeNone},
	{"keeps places of sends as long as they count", purgeSends},
	{"keeps places of verify requests as long as they count", purgeVerifyRequests},
	{"looks at each application's own limits", purgeApplications},
	{"leaves live PINs alone", purgeLive},
}

const day = 24 * time.Hour

// purge does one step without a bound and says whether it touched anything.
func (w *world) purge(at time.Time, grace time.Duration, want bool) {
	w.t.Helper()
	n := must(w.PurgePINs(w.t.Context(), at, grace, 1000))(w.t)
	if (n > 0) != want {
		w.t.Errorf("rows touched at %v: got %d, want some: %t", at, n, want)
	}
}

// lives makes a PIN that outlives every limit, with places in limits.
func (w *world) lives(limits ...pin.Limit) pin.PIN {
	w.t.Helper()
	p, d := w.draft(ana, start)
	p.ExpiresAt = after(365 * day)
	ok(w.t, w.CreatePIN(w.t.Context(), p, d, limits))
	w.finish(d, start)
	p.SentAt = start
	return p
}

// configure changes the limits of an application.
func (w *world) configure(app application.Application, change func(*application.Configuration)) {
	w.t.Helper()
	_, err := w.UpdateApplication(w.t.Context(), app.AccountID, app.ID, func(a *application.Application) error {
		change(&a.Configuration)
		return nil
	})
	ok(w.t, err)
}

func purgeWipes(t *testing.T, w *world) {
	p, _ := w.finished(ana, start)
	w.purge(p.ExpiresAt.Add(-ms), day, false)
	equal(t, "PIN before it expires", w.stored(p), p)
	w.purge(p.ExpiresAt, day, true)
	p.Sealed = nil
	equal(t, "PIN after it expired", w.stored(p), p)
	w.purge(p.ExpiresAt, day, false)
}

func purgeRemoves(t *testing.T, w *world) {
	p, d := w.finished(ana, start)
	second := w.delivery(p.ID, after(time.Minute))
	must(w.AddDelivery(t.Context(), second, again(3), nil))(t)
	w.finish(second, after(time.Minute))
	w.purge(p.ExpiresAt.Add(day), day, true) // wiped only: it did not expire before the grace began
	p.Sealed = nil
	equal(t, "PIN at the end of its grace", w.stored(p), p)
	w.purge(p.ExpiresAt.Add(day+ms), day, true)
	_, err := w.PIN(t.Context(), w.account.ID, p.ID)
	wantMissing(t, err, noPIN)
	equal(t, "number of deliveries", len(must(w.Deliveries(t.Context(), w.account.ID, p.ID))(t)), 0)
	wantKind(t, w.FinishDelivery(t.Context(), accepted(d, "r-1")), fault.NotFound)
	w.purge(p.ExpiresAt.Add(day+ms), day, false)
}

// count says how many of the PINs are left, how many of those are not wiped, and how many deliveries they have.
func (w *world) count(all []pin.PIN) (pins, sealed, deliveries int) {
	w.t.Helper()
	for _, p := range all {
		deliveries += len(must(w.Deliveries(w.t.Context(), w.account.ID, p.ID))(w.t))
		kept, err := w.PIN(w.t.Context(), w.account.ID, p.ID)
		if fault.Is(err, fault.NotFound) {
			continue
		}
		ok(w.t, err)
		pins++
		if kept.Sealed != nil {
			sealed++
		}
	}
	return pins, sealed, deliveries
}

func purgeBounded(t *testing.T, w *world) {
	var all []pin.PIN
	for range 5 {
		p, _ := w.newPIN(ana, start)
		must(w.AddDelivery(t.Context(), w.delivery(p.ID, start), again(3), nil))(t)
		all = append(all, p)
	}
	const most = 2
	for steps := 0; ; steps++ {
		pins, sealed, _ := w.count(all)
		n := must(w.PurgePINs(t.Context(), after(10*day), day, most))(t)
		if n == 0 {
			break
		}
		pinsLeft, sealedLeft, _ := w.count(all)
		if pins-pinsLeft > most || sealed-sealedLeft > 2*most || n > 6*most {
			t.Errorf("step %d: got %d PINs and %d sealed less, %d rows in all; want at most %d of each kind",
				steps, pins-pinsLeft, sealed-sealedLeft, n, most)
		}
		if steps > 20 {
			t.Fatalf("step %d: got %d rows, want an end", steps, n)
		}
	}
	pins, _, deliveries := w.count(all)
	equal(t, "PINs and deliveries left", [2]int{pins, deliveries}, [2]int{})
}

func purgeManyDeliveries(t *testing.T, w *world) {
	p, _ := w.newPIN(ana, start)
	for range 4 {
		must(w.AddDelivery(t.Context(), w.delivery(p.ID, start), again(3), nil))(t)
	}
	for range 10 {
		must(w.PurgePINs(t.Context(), after(10*day), day, 2))(t)
	}
	pins, _, deliveries := w.count([]pin.PIN{p})
	equal(t, "PINs and deliveries left", [2]int{pins, deliveries}, [2]int{})
}

func purgeNone(t *testing.T, w *world) {
	p, _ := w.newPIN(ana, start)
	equal(t, "rows touched", must(w.PurgePINs(t.Context(), after(10*day), day, 0))(t), 0)
	equal(t, "PIN", w.stored(p), p)
}

func purgeSends(t *testing.T, w *world) {
	for _, longer := range []string{"number", "application"} {
		w.app = w.newApplication(w.account.ID, start)
		limits := []pin.Limit{w.numberLimit(ana, 1, time.Hour), w.wholeLimit(1, time.Minute)}
		if longer == "application" {
			limits[0].Interval, limits[1].Interval = time.Minute, time.Hour
		}
		w.configure(w.app, func(c *application.Configuration) {
			c.InitiationInterval, c.OverallInitiationInterval = limits[0].Interval, limits[1].Interval
			c.VerificationInterval = 2 * time.Hour
		})
		w.lives(limits...)
		w.purge(after(time.Hour-ms), day, false)
		if err := w.send(ana, after(time.Hour-ms), limits...); err == nil {
			t.Errorf("%s has the longer interval: got no error, want its limit to be full", longer)
		}
		w.purge(after(time.Hour), day, true)
		w.purge(after(time.Hour), day, false)
	}
}

func purgeVerifyRequests(t *testing.T, w *world) {
	w.configure(w.app, func(c *application.Configuration) {
		c.InitiationInterval, c.OverallInitiationInterval = ms, ms
		c.VerificationInterval = time.Hour
	})
	limit := w.checkLimit(ana, 1, time.Hour)
	p := w.lives()
	_, _, err := w.guess(p.ID, start, again(9), limit)
	ok(t, err)
	w.purge(after(time.Hour-ms), day, false)
	_, _, err = w.guess(p.ID, after(time.Hour-ms), again(9), limit)
	wantFull(t, err, limit, after(time.Hour))
	w.purge(after(time.Hour), day, true)
	w.purge(after(time.Hour), day, false)
}

func purgeApplications(t *testing.T, w *world) {
	w.configure(w.app, func(c *application.Configuration) { c.InitiationInterval = 7 * day })
	limit := w.numberLimit(ana, 1, 7*day)
	w.lives(limit)
	week := w.app
	w.app = w.newApplication(w.account.ID, start) // its intervals are a day
	w.lives(w.numberLimit(ana, 1, day))
	w.app = week
	w.purge(after(day), day, true)
	w.purge(after(7*day-ms), day, false)
	wantFull(t, w.send(ana, after(7*day-ms), limit), limit, after(7*day))
	w.purge(after(7*day), day, true)
}

func purgeLive(t *testing.T, w *world) {
	expired, _ := w.newPIN(ben, start)
	p := w.lives(w.numberLimit(ana, 1, day))
	w.purge(after(30*day), day, true)
	equal(t, "live PIN", w.stored(p), p)
	equal(t, "number of its deliveries", len(must(w.Deliveries(t.Context(), w.account.ID, p.ID))(t)), 1)
	_, err := w.PIN(t.Context(), w.account.ID, expired.ID)
	wantMissing(t, err, noPIN)
}
