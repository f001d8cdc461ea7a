package storetest

import (
	"errors"
	"testing"
	"time"

	"github.com/pinpost/pinpost/internal/account"
	"github.com/pinpost/pinpost/internal/application"
	"github.com/pinpost/pinpost/internal/fault"
	"github.com/pinpost/pinpost/internal/message"
	"github.com/pinpost/pinpost/internal/pin"
	worlds "github.com/pinpost/pinpost/internal/world"
)

// Twins are accounts whose applications and messages have the same ids.
var twinChecks = []check{
	{"read, list and change their own applications and messages", twinReads},
	{"have an id once each", twinOnce},
	{"list their own PINs", twinPINs},
	{"have limits of sends of their own", twinSends},
	{"have limits of resends of their own", twinResends},
	{"have limits of verify requests of their own", twinVerifyRequests},
	{"keep their places when those of the other are given back", twinRelease},
	{"keep their places when those of the other are over", twinPurge},
	{"are left whole by a reset of the other", twinReset},
	{"are left whole by the end of the other", twinDelete},
	{"take the same seed, each for itself", twinSeeds},
	{"take a message into another application, each for itself", twinMoves},
	{"do all that at the same time", twinCrowd},
}

// twin is the same store with an account that has the world's application and message, by their ids alone the same.
func (w *world) twin(a account.Account) *world {
	w.t.Helper()
	o := w.beside(a)
	o.app, o.message = w.app, w.message
	o.app.AccountID, o.app.Name, o.app.ProcessID = a.ID, "Twin", o.id()
	o.message.AccountID, o.message.Text = a.ID, "Twin: <pin>"
	ok(w.t, o.CreateApplication(w.t.Context(), o.app))
	ok(w.t, o.CreateMessage(w.t.Context(), o.message))
	return o
}

func (w *world) newTwin() *world {
	w.t.Helper()
	return w.twin(w.newAccount("twin", start))
}

// wantOwn asks for the world's application and message, and for no others.
func (w *world) wantOwn() {
	w.t.Helper()
	t, ctx := w.t, w.t.Context()
	equal(t, "application", must(w.Application(ctx, w.account.ID, w.app.ID))(t), w.app)
	equal(t, "applications", must(w.Applications(ctx, w.account.ID))(t), []application.Application{w.app})
	equal(t, "message", must(w.Message(ctx, w.account.ID, w.app.ID, w.message.ID))(t), w.message)
	equal(t, "messages", must(w.Messages(ctx, w.account.ID, w.app.ID))(t), []message.Message{w.message})
}

func twinReads(t *testing.T, w *world) {
	o := w.newTwin()
	w.wantOwn()
	o.wantOwn()
	for _, one := range []*world{w, o} {
		one.app.Name += ", changed"
		one.app.Configuration.PINAttempts += len(one.app.Name)
		_, err := one.UpdateApplication(t.Context(), one.account.ID, one.app.ID, func(a *application.Application) error {
			*a = one.app
			return nil
		})
		ok(t, err)
		one.message.Text += ", changed"
		_, err = one.UpdateMessage(t.Context(), one.account.ID, one.app.ID, one.message.ID, func(m *message.Message) error {
			*m = one.message
			return nil
		})
		ok(t, err)
		w.wantOwn()
		o.wantOwn()
	}
}

func twinOnce(t *testing.T, w *world) {
	o := w.newTwin()
	for _, one := range []*world{w, o} {
		if err := one.CreateApplication(t.Context(), one.app); err == nil {
			t.Error("application: got no error, want one for the second with its id")
		}
		for _, app := range []application.Application{one.app, one.newApplication(one.account.ID, start)} {
			m := one.message
			m.ApplicationID = app.ID
			if err := one.CreateMessage(t.Context(), m); err == nil {
				t.Error("message: got no error, want one for the second with its id")
			}
		}
	}
}

func twinPINs(t *testing.T, w *world) {
	o := w.newTwin()
	p, _ := w.finished(ana, start)
	q, _ := o.newPIN(ana, after(time.Minute))
	equal(t, "PIN", w.stored(p), p)
	equal(t, "PIN of the twin", o.stored(q), q)
	_, err := w.PIN(t.Context(), o.account.ID, p.ID)
	wantMissing(t, err, noPIN)
	equal(t, "deliveries for the twin", len(must(w.Deliveries(t.Context(), o.account.ID, p.ID))(t)), 0)
	for _, f := range []pin.VerificationFilter{anyOf, {To: ana}} {
		equal(t, "rows", w.verifications(f, 10), []pin.Verification{{To: ana, SentAt: start}})
		equal(t, "rows of the twin", o.verifications(f, 10), []pin.Verification{{To: ana}})
	}
}

func twinSends(t *testing.T, w *world) {
	o := w.newTwin()
	limits, others := w.limitsOf(ana, 2, time.Hour), o.limitsOf(ana, 2, time.Hour)
	for i := range 2 { // in turns
		ok(t, w.send(ana, after(time.Duration(2*i)*time.Minute), limits...))
		ok(t, o.send(ana, after(time.Duration(2*i+1)*time.Minute), others...))
	}
	wantFull(t, w.send(ana, after(5*time.Minute), limits...), limits[0], after(60*time.Minute))
	wantFull(t, o.send(ana, after(5*time.Minute), others...), others[0], after(61*time.Minute))
	wantFull(t, w.send(ben, after(5*time.Minute), limits[1]), limits[1], after(60*time.Minute))
	wantFull(t, o.send(ben, after(5*time.Minute), others[1]), others[1], after(61*time.Minute))
}

func twinResends(t *testing.T, w *world) {
	o := w.newTwin()
	limits, others := w.limitsOf(ana, 2, time.Hour), o.limitsOf(ana, 2, time.Hour)
	p, _ := w.newPIN(ana, start, limits...)
	q, _ := o.newPIN(ana, start, others...)
	must(w.AddDelivery(t.Context(), w.delivery(p.ID, start), again(3), limits))(t)
	must(o.AddDelivery(t.Context(), o.delivery(q.ID, start), again(3), others))(t)
	_, err := w.AddDelivery(t.Context(), w.delivery(p.ID, start), again(3), limits)
	wantFull(t, err, limits[0], after(time.Hour))
	_, err = o.AddDelivery(t.Context(), o.delivery(q.ID, start), again(3), others[1:])
	wantFull(t, err, others[1], after(time.Hour))
}

func twinVerifyRequests(t *testing.T, w *world) {
	o := w.newTwin()
	for i, one := range []*world{w, o} {
		p, _ := one.newPIN(ana, start)
		limit, at := one.checkLimit(ana, 1, time.Minute), after(time.Duration(i)*time.Second)
		_, _, err := one.guess(p.ID, at, again(9), limit)
		ok(t, err)
		_, _, err = one.guess(p.ID, at, again(9), limit)
		wantFull(t, err, limit, at.Add(time.Minute))
		equal(t, "attempts", one.stored(p).Attempts, 1)
	}
}

func twinRelease(t *testing.T, w *world) {
	o := w.newTwin()
	limits, others := w.limitsOf(ana, 1, time.Hour), o.limitsOf(ana, 1, time.Hour)
	_, d := w.newPIN(ana, start, limits...)
	ok(t, o.send(ana, start, others...))
	ok(t, w.FinishDelivery(t.Context(), pin.Outcome{DeliveryID: d.ID, State: d.State, At: start}))
	wantFull(t, o.send(ana, start, others...), others[0], after(time.Hour))
	wantFull(t, o.send(ben, start, others[1]), others[1], after(time.Hour))
	ok(t, w.send(ana, start, limits...))
	wantFull(t, w.send(ben, start, limits[1]), limits[1], after(time.Hour))
}

// twinPurge gives one of them a limit that counts for a week: it is looked up in the application of its own account.
func twinPurge(t *testing.T, w *world) {
	o := w.newTwin()
	o.configure(o.app, func(c *application.Configuration) { c.InitiationInterval, c.VerificationInterval = 7*day, 7*day })
	limits, others := w.limitsOf(ana, 1, day), o.limitsOf(ana, 1, 7*day)
	p := w.lives(limits...)
	q := o.lives(others...)
	checks := o.checkLimit(ana, 1, 7*day)
	_, _, err := o.guess(q.ID, start, again(9), checks)
	ok(t, err)
	w.purge(after(day), day, true)
	w.purge(after(7*day-ms), day, false)
	wantFull(t, o.send(ana, after(7*day-ms), others...), others[0], after(7*day))
	wantFull(t, o.send(ben, after(7*day-ms), others[1]), others[1], after(7*day))
	_, _, err = o.guess(q.ID, after(7*day-ms), again(9), checks)
	wantFull(t, err, checks, after(7*day))
	w.purge(after(7*day), day, true)
	equal(t, "PIN", w.stored(p), p)
	q.Attempts++
	equal(t, "PIN of the twin", o.stored(q), q)
}

func twinReset(t *testing.T, w *world) {
	o := w.twin(w.newWorld(w.account.ID, "mine", start))
	p, q := w.fill(), o.fill()
	ok(t, w.ResetAccount(t.Context(), o.account.ID, nil))
	o.wantEmpty(q)
	w.wantFull(p)
	ok(t, w.PutSeed(t.Context(), o.seed()))
	q = o.fill()
	ok(t, w.ResetAccount(t.Context(), w.account.ID, nil))
	w.wantEmpty(p)
	o.wantFull(q)
}

func twinDelete(t *testing.T, w *world) {
	o, third := w.newTwin(), w.twin(w.newWorld(w.account.ID, "mine", start))
	p, q, r := w.fill(), o.fill(), third.fill()
	must(w.DeleteAccount(t.Context(), third.account.ID))(t)
	third.wantEmpty(r)
	w.wantFull(p)
	o.wantFull(q)
	must(w.DeleteAccount(t.Context(), w.account.ID))(t)
	w.wantEmpty(p)
	o.wantFull(q)
}

func twinSeeds(t *testing.T, w *world) {
	o := w.beside(w.newAccount("twin", start))
	o.app, o.message = w.app, w.message
	o.app.AccountID, o.message.AccountID = o.account.ID, o.account.ID
	p := w.fill()
	ok(t, w.PutSeed(t.Context(), o.seed()))
	q := o.fill()
	for range 2 {
		o.app.Name, o.message.Text = o.app.Name+"!", o.message.Text+"!"
		ok(t, w.PutSeed(t.Context(), o.seed()))
		w.wantFull(p)
		o.wantFull(q)
	}
	w.app.Name, w.message.Text = "Changed", "Changed <pin>"
	ok(t, w.PutSeed(t.Context(), w.seed()))
	w.wantFull(p)
	o.wantFull(q)
}

func twinMoves(t *testing.T, w *world) {
	o := w.newTwin()
	p, q := w.fill(), o.fill()
	other := o.app
	other.ID = "other"
	moved := o.message
	moved.ApplicationID = other.ID
	ok(t, w.PutSeed(t.Context(), []worlds.Content{{Application: other, Messages: []message.Message{moved}}}))
	w.wantFull(p)
	equal(t, "messages left behind", len(must(w.Messages(t.Context(), o.account.ID, o.app.ID))(t)), 0)
	equal(t, "message", must(w.Message(t.Context(), o.account.ID, other.ID, moved.ID))(t), moved)
	equal(t, "PIN of the twin", o.stored(q), q)
}

// twinCrowd loads one seed into many worlds at once; each sends, verifies and meets its limits, and ends.
func twinCrowd(t *testing.T, w *world) {
	p := w.fill()
	many := make([]*world, crowd)
	for i := range many {
		many[i] = w.beside(w.newWorld(w.account.ID, "", start))
		many[i].app, many[i].message = w.app, w.message
		many[i].app.AccountID, many[i].message.AccountID = many[i].account.ID, many[i].account.ID
	}
	for _, err := range together(func(i int) error { return many[i].liveAndEnd() }) {
		ok(t, err)
	}
	w.wantFull(p)
	equal(t, "number of worlds", len(must(w.Worlds(t.Context(), w.account.ID))(t)), 0)
}

// liveAndEnd is a life of a world; it may run beside others.
func (w *world) liveAndEnd() error {
	ctx := w.t.Context()
	if err := w.PutSeed(ctx, w.seed()); err != nil {
		return err
	}
	limits, checks := w.limitsOf(ana, 1, time.Hour), w.checkLimit(ana, 1, time.Hour)
	p, d := w.draft(ana, start)
	if err := w.CreatePIN(ctx, p, d, limits); err != nil {
		return err
	}
	if tried, err := w.Attempt(ctx, p.ID, start, once(3), checks, right); !tried.Verified || err != nil {
		return errors.Join(errors.New("the PIN is not verified"), err)
	}
	wantFull(w.t, w.send(ana, start, limits...), limits[0], after(time.Hour))
	rows, err := w.Verifications(ctx, w.account.ID, w.app.ID, anyOf, 10)
	if err != nil || len(rows) != 1 {
		return errors.Join(errors.New("not the one PIN is listed"), err)
	}
	if _, err := w.DeleteAccount(ctx, w.account.ID); err != nil {
		return err
	}
	if _, err := w.Application(ctx, w.account.ID, w.app.ID); !fault.Is(err, fault.NotFound) {
		return errors.Join(errors.New("the application is still there"), err)
	}
	return nil
}
