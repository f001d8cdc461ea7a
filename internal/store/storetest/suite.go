// Package storetest holds the promises of the Store interfaces as one suite of tests, which every store adapter passes.
package storetest

import (
	"context"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"github.com/pinpost/pinpost/internal/account"
	"github.com/pinpost/pinpost/internal/application"
	"github.com/pinpost/pinpost/internal/delivery"
	"github.com/pinpost/pinpost/internal/delivery/inbox"
	"github.com/pinpost/pinpost/internal/message"
	"github.com/pinpost/pinpost/internal/phone"
	"github.com/pinpost/pinpost/internal/pin"
	worlds "github.com/pinpost/pinpost/internal/world"
)

// Store is what an adapter offers: every noun's store, and an end. Closing again does nothing.
type Store interface {
	account.Store
	application.Store
	message.Store
	pin.Store
	inbox.Store
	worlds.Store
	ClocksAhead(ctx context.Context) (map[string]time.Duration, error)
	SetClockAhead(ctx context.Context, accountID string, ahead time.Duration) error
	Close() error
}

// Run holds a store against every promise. open gives a fresh and empty store each time; Run closes it.
func Run(t *testing.T, open func(t *testing.T) Store) {
	for _, topic := range []struct {
		name   string
		checks []check
	}{
		{"accounts", accountChecks},
		{"keys", keyChecks},
		{"applications", applicationChecks},
		{"messages", messageChecks},
		{"pins", pinChecks},
		{"deliveries", deliveryChecks},
		{"first requests", firstChecks},
		{"limits", limitChecks},
		{"attempts", attemptChecks},
		{"consume", consumeChecks},
		{"receipts", receiptChecks},
		{"history", historyChecks},
		{"verifications", verificationChecks},
		{"purge", purgeChecks},
		{"purge inbox", purgeInboxChecks},
		{"abandoned", abandonedChecks},
		{"inbox", inboxChecks},
		{"inbox removal", inboxRemovalChecks},
		{"inbox waiting", inboxWaitingChecks},
		{"worlds", worldChecks},
		{"reset", resetChecks},
		{"clocks", clockChecks},
		{"seeds", seedChecks},
		{"twins", twinChecks},
		{"concurrency", concurrencyChecks},
		{"unavailable", unavailableChecks},
	} {
		t.Run(topic.name, func(t *testing.T) {
			for _, c := range topic.checks {
				t.Run(c.name, func(t *testing.T) {
					t.Parallel()
					c.run(t, newWorld(t, open(t)))
				})
			}
		})
	}
}

// check is one promise.
type check struct {
	name string
	run  func(t *testing.T, w *world)
}

// Two numbers, and the moment at which every test begins.
const (
	ana = phone.Number("385915551234")
	ben = phone.Number("41793026727")
)

var start = time.Date(2026, time.March, 1, 12, 0, 0, 250_000_000, time.UTC)

// after is a moment later than start.
func after(d time.Duration) time.Time { return start.Add(d) }

// world is a store with one account, which has one application with one message.
type world struct {
	Store
	t       *testing.T
	lastID  atomic.Int64
	account account.Account
	app     application.Application
	message message.Message
}

func newWorld(t *testing.T, s Store) *world {
	t.Helper()
	w := &world{Store: s, t: t}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Errorf("close store: got %v, want no error", err)
		}
	})
	w.account = w.newAccount("tester", start)
	w.app = w.newApplication(w.account.ID, start)
	w.message = w.newMessage(w.app, start)
	return w
}

// id is an identifier that the store has not seen.
func (w *world) id() string { return fmt.Sprintf("%032X", w.lastID.Add(1)) }

// pinID and deliveryID are identifiers that the store itself has made, as it asks for.
func (w *world) pinID() string {
	w.t.Helper()
	return must(w.NewPINID(w.t.Context()))(w.t)
}

func (w *world) deliveryID(pinID string) string {
	w.t.Helper()
	return must(w.NewDeliveryID(w.t.Context(), pinID))(w.t)
}

func (w *world) newAccount(name string, at time.Time) account.Account {
	w.t.Helper()
	a := account.Account{ID: w.id(), Name: name, PasswordHash: "$argon2id$" + name, CreatedAt: at}
	ok(w.t, w.CreateAccount(w.t.Context(), a))
	return a
}

func (w *world) newApplication(accountID string, at time.Time) application.Application {
	w.t.Helper()
	a := application.Application{
		ID: w.id(), AccountID: accountID, Name: "Shop", Enabled: true,
		Configuration: application.DefaultConfiguration(), ProcessID: w.id(), CreatedAt: at,
	}
	ok(w.t, w.CreateApplication(w.t.Context(), a))
	return a
}

func (w *world) newMessage(app application.Application, at time.Time) message.Message {
	w.t.Helper()
	m := message.Message{
		ID: w.id(), AccountID: app.AccountID, ApplicationID: app.ID, Text: "Your PIN is <pin>", Placeholder: "<pin>",
		PINType: message.PINTypeNumeric, PINLength: 6, Sender: "Shop", CreatedAt: at,
	}
	ok(w.t, w.CreateMessage(w.t.Context(), m))
	return m
}

// draft is a PIN of the world's application, and its first delivery, neither of them in the store. It lives an hour.
func (w *world) draft(to phone.Number, at time.Time) (pin.PIN, pin.Delivery) {
	p := pin.PIN{
		ID: w.pinID(), AccountID: w.account.ID, ApplicationID: w.app.ID, MessageID: w.message.ID, To: to,
		Sealed: []byte("sealed\x00\xff"), CreatedAt: at, ExpiresAt: at.Add(time.Hour),
	}
	return p, w.delivery(p.ID, at)
}

// delivery is a text with a PIN that no carrier has seen yet.
func (w *world) delivery(pinID string, at time.Time) pin.Delivery {
	return began(pin.Delivery{ID: w.deliveryID(pinID), PINID: pinID, Channel: pin.ChannelSMS, State: delivery.StateNotSent, At: at})
}

// call is a call with a PIN that no carrier has seen yet.
func (w *world) call(pinID string, at time.Time) pin.Delivery {
	return began(pin.Delivery{ID: w.deliveryID(pinID), PINID: pinID, Channel: pin.ChannelVoice, State: delivery.StateWaiting, At: at})
}

// newPIN keeps a PIN and its first delivery.
func (w *world) newPIN(to phone.Number, at time.Time, limits ...pin.Limit) (pin.PIN, pin.Delivery) {
	w.t.Helper()
	p, d := w.draft(to, at)
	ok(w.t, w.CreatePIN(w.t.Context(), p, d, limits))
	return p, d
}

// finished keeps a PIN whose delivery a carrier took at once, so that nothing of it is open.
func (w *world) finished(to phone.Number, at time.Time, limits ...pin.Limit) (pin.PIN, pin.Delivery) {
	w.t.Helper()
	p, d := w.newPIN(to, at, limits...)
	w.finish(d, at)
	p.SentAt = at
	return p, d
}

// finish notes that a carrier took a delivery.
func (w *world) finish(d pin.Delivery, at time.Time) {
	w.t.Helper()
	ok(w.t, w.FinishDelivery(w.t.Context(), pin.Outcome{
		DeliveryID: d.ID, State: delivery.StateWaiting, Taken: true, At: at,
	}))
}

// send tries to keep a PIN for a number.
func (w *world) send(to phone.Number, at time.Time, limits ...pin.Limit) error {
	p, d := w.draft(to, at)
	return w.CreatePIN(w.t.Context(), p, d, limits)
}

// stored is a PIN as the store has it.
func (w *world) stored(p pin.PIN) pin.PIN {
	w.t.Helper()
	return must(w.PIN(w.t.Context(), p.AccountID, p.ID))(w.t)
}

// numberLimit allows most sends to one number of the world's application.
func (w *world) numberLimit(to phone.Number, most int, interval time.Duration) pin.Limit {
	return w.limit(pin.Limit{Name: "number", Kind: pin.LimitSends, To: to, Max: most, Interval: interval})
}

// wholeLimit allows most sends of the whole application.
func (w *world) wholeLimit(most int, interval time.Duration) pin.Limit {
	return w.limit(pin.Limit{Name: "whole", Kind: pin.LimitSends, Max: most, Interval: interval})
}

// limitsOf are both limits of a send to a number, with the same bounds.
func (w *world) limitsOf(to phone.Number, most int, interval time.Duration) []pin.Limit {
	return []pin.Limit{w.numberLimit(to, most, interval), w.wholeLimit(most, interval)}
}

// checkLimit allows most verify requests for one number.
func (w *world) checkLimit(to phone.Number, most int, interval time.Duration) pin.Limit {
	return w.limit(pin.Limit{Name: "checks", Kind: pin.LimitChecks, To: to, Max: most, Interval: interval})
}

// limit makes a limit one of the world's application.
func (w *world) limit(l pin.Limit) pin.Limit {
	l.AccountID, l.ApplicationID = w.account.ID, w.app.ID
	return l
}

// manyChecks is a limit that no test reaches.
func (w *world) manyChecks(to phone.Number) pin.Limit { return w.checkLimit(to, 1000, time.Second) }

// once and again are rules of an application whose PINs verify once, or as often as they live.
func once(attempts int) pin.Rules { return pin.Rules{MaxAttempts: attempts} }

func again(attempts int) pin.Rules { return pin.Rules{MaxAttempts: attempts, Multiple: true} }
