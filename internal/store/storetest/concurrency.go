package storetest

import (
	"errors"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/pinpost/pinpost/internal/account"
	"github.com/pinpost/pinpost/internal/application"
	"github.com/pinpost/pinpost/internal/fault"
	"github.com/pinpost/pinpost/internal/message"
	"github.com/pinpost/pinpost/internal/pin"
)

// crowd is how many calls are made at once.
const crowd = 64

var concurrencyChecks = []check{
	{"attempts at once use up exactly those there are", crowdOfAttempts},
	{"a PIN that verifies once goes to one of many", crowdOfConsumers},
	{"a limit admits as many PINs as it has places", crowdOfPINs},
	{"a limit admits as many deliveries as it has places", crowdOfDeliveries},
	{"a limit admits as many verify requests as it has places", crowdOfChecks},
	{"places given back and taken at once are never too many", crowdOfReleases},
	{"changes of one application are made one after the other", crowdOfApplicationUpdates},
	{"changes of one message are made one after the other", crowdOfMessageUpdates},
	{"one of many gets a name", crowdOfNames},
}

// together calls do from many goroutines at once and gives what each call gave.
func together[T any](do func(i int) T) []T {
	results := make([]T, crowd)
	begin := make(chan struct{})
	var group sync.WaitGroup
	for i := range results {
		group.Go(func() {
			<-begin
			results[i] = do(i)
		})
	}
	close(begin)
	group.Wait()
	return results
}

// wantAdmitted asks that so many of the calls were admitted and that a limit refused all others.
func wantAdmitted(t *testing.T, results []error, want int) {
	t.Helper()
	admitted := 0
	for _, err := range results {
		if err == nil {
			admitted++
			continue
		}
		if _, is := errors.AsType[*pin.LimitError](err); !is {
			t.Errorf("got error %v, want none or a full limit", err)
		}
	}
	equal(t, "calls admitted", admitted, want)
}

func crowdOfAttempts(t *testing.T, w *world) {
	p, _ := w.newPIN(ana, start)
	type outcome struct {
		pin   pin.PIN
		state pin.State
		err   error
	}
	var counted []int
	for _, o := range together(func(int) (o outcome) {
		o.pin, o.state, o.err = w.guess(p.ID, start, once(3), w.manyChecks(ana))
		return o
	}) {
		ok(t, o.err)
		if o.state == pin.Live {
			counted = append(counted, o.pin.Attempts)
			equal(t, "sealed of a counted attempt", o.pin.Sealed, p.Sealed)
			continue
		}
		equal(t, "state of the others", o.state, pin.Exhausted)
	}
	slices.Sort(counted)
	equal(t, "attempts counted", counted, []int{1, 2, 3})
	p.Attempts, p.Sealed = 3, nil
	equal(t, "PIN kept", w.stored(p), p)
}

func crowdOfConsumers(t *testing.T, w *world) {
	p, _ := w.newPIN(ana, start)
	type outcome struct {
		pin.Attempted
		err error
	}
	var winners []int
	for i, o := range together(func(i int) (o outcome) {
		o.Attempted, o.err = w.Attempt(t.Context(), p.ID, after(time.Duration(i)*ms), once(3), w.manyChecks(ana), right)
		return o
	}) {
		ok(t, o.err)
		if o.Verified {
			winners = append(winners, i)
		}
	}
	if len(winners) != 1 {
		t.Fatalf("winners: got %v, want one", winners)
	}
	equal(t, "verified at", w.stored(p).VerifiedAt, after(time.Duration(winners[0])*ms))
}

func crowdOfPINs(t *testing.T, w *world) {
	limits := []pin.Limit{w.numberLimit(ana, 3, time.Hour), w.wholeLimit(1000, time.Hour)}
	wantAdmitted(t, together(func(int) error { return w.send(ana, start, limits...) }), 3)
	equal(t, "PINs kept", len(w.verifications(anyOf, 1000)), 3)
}

func crowdOfDeliveries(t *testing.T, w *world) {
	limits := []pin.Limit{w.numberLimit(ana, 1000, time.Hour), w.wholeLimit(3, time.Hour)}
	p, _ := w.newPIN(ana, start)
	wantAdmitted(t, together(func(int) error {
		_, err := w.AddDelivery(t.Context(), w.delivery(p.ID, start), again(3), limits)
		return err
	}), 3)
	equal(t, "deliveries kept", len(must(w.Deliveries(t.Context(), w.account.ID, p.ID))(t)), 4)
}

func crowdOfChecks(t *testing.T, w *world) {
	limit := w.checkLimit(ana, 3, time.Minute)
	p, _ := w.newPIN(ana, start)
	wantAdmitted(t, together(func(int) error {
		_, _, err := w.guess(p.ID, start, again(1000), limit)
		return err
	}), 3)
	equal(t, "attempts kept", w.stored(p).Attempts, 3)
}

// crowdOfReleases sends many PINs of which every other finds no carrier: what is left must fit into the limit.
func crowdOfReleases(t *testing.T, w *world) {
	limit := w.numberLimit(ana, 3, time.Hour)
	kept := 0
	for _, err := range together(func(i int) error {
		p, d := w.draft(ana, start)
		if err := w.CreatePIN(t.Context(), p, d, []pin.Limit{limit}); err != nil {
			return err
		}
		taken := accepted(d, d.ID)
		taken.Taken = i%2 == 0
		if err := w.FinishDelivery(t.Context(), taken); err != nil {
			t.Errorf("finish delivery: got error %v, want none", err)
		}
		if !taken.Taken {
			return errUntaken
		}
		return nil
	}) {
		if err == nil {
			kept++
		}
	}
	if kept > 3 {
		t.Errorf("places kept: got %d, want at most 3", kept)
	}
	for ; kept < 3; kept++ {
		ok(t, w.send(ana, start, limit))
	}
	wantFull(t, w.send(ana, start, limit), limit, after(time.Hour))
}

var errUntaken = errors.New("no carrier took it")

func crowdOfApplicationUpdates(t *testing.T, w *world) {
	before := w.app.Configuration.PINAttempts
	for _, err := range together(func(int) error {
		_, err := w.UpdateApplication(t.Context(), w.account.ID, w.app.ID, func(a *application.Application) error {
			a.Configuration.PINAttempts++
			return nil
		})
		return err
	}) {
		ok(t, err)
	}
	got := must(w.Application(t.Context(), w.account.ID, w.app.ID))(t)
	equal(t, "changes made", got.Configuration.PINAttempts-before, crowd)
}

func crowdOfMessageUpdates(t *testing.T, w *world) {
	before := w.message.Text
	for _, err := range together(func(int) error {
		_, err := w.UpdateMessage(t.Context(), w.account.ID, w.app.ID, w.message.ID, func(m *message.Message) error {
			m.Text += "."
			return nil
		})
		return err
	}) {
		ok(t, err)
	}
	got := must(w.Message(t.Context(), w.account.ID, w.app.ID, w.message.ID))(t)
	equal(t, "changes made", len(got.Text)-len(before), crowd)
}

func crowdOfNames(t *testing.T, w *world) {
	kept := 0
	for _, err := range together(func(int) error {
		return w.CreateAccount(t.Context(), account.Account{ID: w.id(), Name: "popular", CreatedAt: start})
	}) {
		if err == nil {
			kept++
			continue
		}
		wantKind(t, err, fault.Invalid)
	}
	equal(t, "accounts kept", kept, 1)
}
