package sqlite

import (
	"errors"
	"testing"
	"time"

	"github.com/pinpost/pinpost/internal/delivery"
	"github.com/pinpost/pinpost/internal/pin"
)

// TestChunks_are_looked_at_in_time has PINs in chunks that others fall due in first: one that comes late and expires early, and one with
// a delivery that is added when those of its chunk are long closed.
func TestChunks_are_looked_at_in_time(t *testing.T) {
	t.Parallel()
	s := openAt(t, newPath(t))
	keepApplications(t, s)
	late := pin.PIN{AccountID: "account", ApplicationID: "application 0", MessageID: "message", To: "385915551233", Sealed: []byte("late"), ExpiresAt: time.UnixMilli(1000)}
	var err error
	if late.ID, err = s.NewPINID(t.Context()); err != nil {
		t.Fatal(err)
	}
	lateID, err := s.NewDeliveryID(t.Context(), late.ID)
	if err != nil {
		t.Fatal(err)
	}
	expires := time.UnixMilli(0).Add(time.Hour)
	all := crowdOf(t, s, 3*chunkSize, expires)
	if n := count(t, s, "SELECT count(*) FROM pin_chunks WHERE last > 0"); n < 2 {
		t.Fatalf("got %d chunks, want some", n)
	}
	purge(t, s, time.UnixMilli(0).Add(pin.AbandonedAfter+time.Second)) // closes all deliveries
	if n := count(t, s, "SELECT count(*) FROM pin_chunks WHERE open_since IS NOT NULL"); n != 0 {
		t.Errorf("%d chunks have an open delivery, want none", n)
	}

	d := pin.Delivery{ID: lateID, PINID: late.ID, Channel: pin.ChannelSMS, State: delivery.StateNotSent, At: time.UnixMilli(900)}
	if err := s.CreatePIN(t.Context(), late, d, nil); err != nil {
		t.Fatal(err)
	}
	at := time.UnixMilli(0).Add(30 * time.Minute)
	again := pin.Delivery{PINID: all[7].ID, Channel: pin.ChannelSMS, State: delivery.StateNotSent, At: at}
	if again.ID, err = s.NewDeliveryID(t.Context(), all[7].ID); err != nil {
		t.Fatal(err)
	}
	if _, err := s.AddDelivery(t.Context(), again, pin.Rules{MaxAttempts: 3}, nil); err != nil {
		t.Fatal(err)
	}

	step := func(now time.Time) {
		t.Helper()
		for n := 1; n > 0; {
			if n, err = s.PurgePINs(t.Context(), now, time.Hour, 500); err != nil {
				t.Fatal(err)
			}
		}
	}
	state := func(id string, i int) delivery.State {
		t.Helper()
		all, err := s.Deliveries(t.Context(), "account", id)
		if err != nil || len(all) <= i {
			t.Fatalf("got %d deliveries, error %v, want more than %d", len(all), err, i)
		}
		return all[i].State
	}
	step(time.UnixMilli(999).Add(pin.AbandonedAfter))
	if p, err := s.PIN(t.Context(), "account", late.ID); err != nil || p.Sealed != nil || state(late.ID, 0) != delivery.StateUnknown {
		t.Errorf("the late PIN is %v, error %v, its delivery %s; want it wiped and given up", p.Sealed, err, state(late.ID, 0))
	}
	step(at.Add(pin.AbandonedAfter))
	if got := state(all[7].ID, 1); got != delivery.StateNotSent {
		t.Errorf("the delivery that was added is %s, want it left in its time", got)
	}
	step(at.Add(pin.AbandonedAfter + time.Millisecond))
	if got := state(all[7].ID, 1); got != delivery.StateUnknown {
		t.Errorf("the delivery that was added is %s, want it given up", got)
	}
	if n := count(t, s, "SELECT count(*) FROM pins WHERE sealed IS NOT NULL"); n != len(all) {
		t.Errorf("%d PINs are sealed, want the %d that live", n, len(all))
	}
	step(expires)
	if n := count(t, s, "SELECT count(*) FROM pins WHERE sealed IS NOT NULL"); n != 0 {
		t.Errorf("%d PINs are sealed when all have expired, want none", n)
	}
	step(expires.Add(time.Hour + time.Millisecond))
	if pins, chunks := count(t, s, "SELECT count(*) FROM pins"), count(t, s, "SELECT count(*) FROM pin_chunks WHERE last > 0"); pins != 0 || chunks > 1 {
		t.Errorf("%d PINs and %d chunks are left, want none but the last chunk", pins, chunks)
	}
}

// TestChunks_gone wants no chunk left of which all PINs went while it was the last.
func TestChunks_gone(t *testing.T) {
	t.Parallel()
	s := openAt(t, newPath(t))
	keepApplications(t, s)
	for range 4 {
		crowdOf(t, s, chunkSize, time.UnixMilli(1000))
		waitFor(t, func() bool {
			return count(t, s, "SELECT count(*) FROM pins WHERE number > (SELECT max(last) FROM pin_chunks)") < chunkSize
		})
		purge(t, s, time.UnixMilli(10_000))
		if pins, chunks := count(t, s, "SELECT count(*) FROM pins"), count(t, s, "SELECT count(*) FROM pin_chunks WHERE last > 0"); pins != 0 || chunks > 1 {
			t.Errorf("%d PINs and %d chunks are left, want none but the last chunk", pins, chunks)
		}
	}
}

// TestChunks_resend_unlisted sends a PIN again that the process before left unlisted, with all its deliveries closed: when that
// process ends too, what it left open is given up.
func TestChunks_resend_unlisted(t *testing.T) {
	t.Parallel()
	path := newPath(t)
	s := openAt(t, path)
	keepApplications(t, s)
	all := crowdOf(t, s, chunkSize+64, time.UnixMilli(0).Add(24*time.Hour))
	if err := s.write(t.Context(), "as kill -9 leaves it before a chunk is written", func(tx *transaction) error {
		return errors.Join(tx.exec("DELETE FROM pin_chunks WHERE last > 0"), tx.exec("DELETE FROM pin_list"), tx.exec("UPDATE pins SET open_since = NULL"))
	}); err != nil {
		t.Fatal(err)
	}
	reopen := func() {
		t.Helper()
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		s = openAt(t, path)
	}
	reopen()
	at := time.UnixMilli(0).Add(30 * time.Minute)
	again := pin.Delivery{PINID: all[7].ID, Channel: pin.ChannelSMS, State: delivery.StateNotSent, At: at}
	var err error
	if again.ID, err = s.NewDeliveryID(t.Context(), again.PINID); err != nil {
		t.Fatal(err)
	}
	if _, err := s.AddDelivery(t.Context(), again, pin.Rules{MaxAttempts: 3}, nil); err != nil {
		t.Fatal(err)
	}
	waitFor(t, func() bool { return count(t, s, "SELECT count(*) FROM pin_chunks WHERE last > 0") > 0 })
	reopen()
	purge(t, s, at.Add(pin.AbandonedAfter+time.Second))
	sent, err := s.Deliveries(t.Context(), "account", again.PINID)
	if err != nil || len(sent) != 2 || sent[1].State != delivery.StateUnknown {
		t.Errorf("the deliveries are %+v, error %v, want the second given up", sent, err)
	}
}
