package sqlite

import (
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/pinpost/pinpost/internal/account"
	"github.com/pinpost/pinpost/internal/application"
	"github.com/pinpost/pinpost/internal/delivery"
	"github.com/pinpost/pinpost/internal/message"
	"github.com/pinpost/pinpost/internal/phone"
	"github.com/pinpost/pinpost/internal/pin"
)

// crowdOf keeps so many PINs of two applications and of ten numbers, from many goroutines, and gives them in the order of their
// ids' numbers.
func crowdOf(t *testing.T, s *Store, many int, expires time.Time) []pin.PIN {
	t.Helper()
	all := make([]pin.PIN, many)
	var group sync.WaitGroup
	for worker := range 64 {
		group.Go(func() {
			for i := worker; i < many; i += 64 {
				all[i] = pin.PIN{
					AccountID: "account", ApplicationID: fmt.Sprint("application ", i%7/6), MessageID: "message",
					To: phone.Number(fmt.Sprint(385915551230 + i%10)), Sealed: []byte("sealed"), ExpiresAt: expires,
				}
				if err := keep(t.Context(), s, &all[i]); err != nil {
					t.Error(err)
				}
			}
		})
	}
	group.Wait()
	slices.SortFunc(all, func(a, b pin.PIN) int {
		first, _ := s.pinNumber(a.ID)
		second, _ := s.pinNumber(b.ID)
		return int(first - second)
	})
	return all
}

func keepApplications(t *testing.T, s *Store) {
	t.Helper()
	errs := []error{s.CreateAccount(t.Context(), account.Account{ID: "account", Name: "name"})}
	for i := range 2 {
		errs = append(errs, s.CreateApplication(t.Context(), application.Application{
			ID: fmt.Sprint("application ", i), AccountID: "account", Configuration: application.DefaultConfiguration(),
		}))
	}
	errs = append(errs, s.CreateMessage(t.Context(), message.Message{ID: "message", AccountID: "account", ApplicationID: "application 0"}))
	for _, err := range errs {
		if err != nil {
			t.Fatal(err)
		}
	}
}

func count(t *testing.T, s *Store, query string) (n int) {
	t.Helper()
	if err := s.readers.QueryRowContext(t.Context(), query).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

// wantListed asks for lists of both applications, narrowed in every way, and compares them with what was kept.
func wantListed(t *testing.T, s *Store, all []pin.PIN) {
	t.Helper()
	for _, app := range []string{"application 0", "application 1"} {
		for _, to := range []phone.Number{"", "385915551233", "385915551239", "385915559999"} {
			for _, most := range []int{1, 100, 10 * chunkSize} {
				var want []phone.Number
				for _, p := range slices.Backward(all) {
					if p.ApplicationID == app && (to == "" || p.To == to) && len(want) < most {
						want = append(want, p.To)
					}
				}
				list, err := s.Verifications(t.Context(), "account", app, pin.VerificationFilter{To: to}, most)
				if err != nil {
					t.Fatal(err)
				}
				got := make([]phone.Number, len(list))
				for i, v := range list {
					got[i] = v.To
				}
				if !slices.Equal(got, want) {
					t.Errorf("%d of %s, number ending in %.2s: got %d in another order or number, want %d", most, app, to[max(0, len(to)-2):], len(got), len(want))
				}
			}
		}
	}
}

// TestList keeps PINs beyond several chunks, late ones among them, opens the file again, removes some and then all.
func TestList(t *testing.T) {
	t.Parallel()
	path := newPath(t)
	s := openAt(t, path)
	keepApplications(t, s)
	late := pin.PIN{AccountID: "account", ApplicationID: "application 0", MessageID: "message", To: "385915551233", ExpiresAt: time.UnixMilli(1000), Sealed: []byte("s")}
	var err error
	if late.ID, err = s.NewPINID(t.Context()); err != nil {
		t.Fatal(err)
	}
	lateDelivery, err := s.NewDeliveryID(t.Context(), late.ID)
	if err != nil {
		t.Fatal(err)
	}
	all := crowdOf(t, s, 3*chunkSize, time.UnixMilli(1000))
	wantListed(t, s, all)
	d := pin.Delivery{ID: lateDelivery, PINID: late.ID, Channel: pin.ChannelSMS, State: delivery.StateNotSent}
	if err := s.CreatePIN(t.Context(), late, d, nil); err != nil {
		t.Fatal(err)
	}
	all = append([]pin.PIN{late}, all...)
	wantListed(t, s, all)
	if n := count(t, s, "SELECT count(*) FROM pin_chunks WHERE last > 0"); n < 2 {
		t.Errorf("got %d chunks, want some", n)
	}
	if n := count(t, s, "SELECT count(*) FROM pin_list WHERE chunk = 0"); n < 1 || n > 64 {
		t.Errorf("got %d listed late, want the one, and hardly others", n)
	}

	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = openAt(t, path)
	wantListed(t, s, all)
	all = append(all, crowdOf(t, s, chunkSize, time.UnixMilli(10_000))...)
	wantListed(t, s, all)

	for range 2 { // the first step wipes, so that the second removes
		purge(t, s, time.UnixMilli(5000))
	}
	all = all[len(all)-chunkSize:]
	wantListed(t, s, all)
	if pins, listed, unlisted := count(t, s, "SELECT count(*) FROM pins"), count(t, s, "SELECT count(*) FROM pin_list"), count(t, s, "SELECT count(*) FROM pins WHERE number > (SELECT max(last) FROM pin_chunks)"); pins != chunkSize || pins != listed+unlisted {
		t.Errorf("%d PINs, %d listed and %d not, want %d and no others listed", pins, listed, unlisted, chunkSize)
	}

	if err := s.ClearAccount(t.Context(), "account"); err != nil {
		t.Fatal(err)
	}
	wantListed(t, s, nil)
	if n := count(t, s, "SELECT (SELECT count(*) FROM pins) + (SELECT count(*) FROM pin_list)"); n != 0 {
		t.Errorf("got %d rows after all were cleared, want none", n)
	}
}

// purge cleans until nothing is left to clean.
func purge(t *testing.T, s *Store, now time.Time) {
	t.Helper()
	for {
		n, err := s.PurgePINs(t.Context(), now, time.Second, 500)
		if err != nil {
			t.Fatal(err)
		}
		if n == 0 {
			return
		}
	}
}

// TestVerifications_late wants PINs that were kept late, when others were long listed, where their ids have them: last.
func TestVerifications_late(t *testing.T) {
	t.Parallel()
	s := openAt(t, newPath(t))
	keepApplications(t, s)
	const late = 5
	ids := make([]string, late)
	for i := range ids {
		var err error
		if ids[i], err = s.NewPINID(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	crowdOf(t, s, 8*chunkSize, time.UnixMilli(1000))
	for _, id := range ids {
		p := pin.PIN{
			ID: id, AccountID: "account", ApplicationID: "application 1", MessageID: "message", To: "385910000000",
			Sealed: []byte("late"), ExpiresAt: time.UnixMilli(1000),
		}
		d := pin.Delivery{PINID: id, Channel: pin.ChannelSMS, State: delivery.StateNotSent}
		var err error
		if d.ID, err = s.NewDeliveryID(t.Context(), id); err != nil {
			t.Fatal(err)
		}
		if err := s.CreatePIN(t.Context(), p, d, nil); err != nil {
			t.Fatal(err)
		}
	}
	all, unlisted := count(t, s, "SELECT count(*) FROM pins WHERE application = 2"), count(t, s, "SELECT count(*) FROM pins"+
		" WHERE application = 2 AND number > (SELECT max(last) FROM pin_chunks)")
	for _, most := range []int{1, unlisted, unlisted + late, all - late, all} {
		found, err := s.Verifications(t.Context(), "account", "application 1", pin.VerificationFilter{}, most)
		if err != nil || len(found) != most {
			t.Fatalf("got %d verifications, error %v, want %d", len(found), err, most)
		}
		got := 0
		for _, v := range found {
			if v.To == "385910000000" {
				got++
			}
		}
		if want := max(0, most-(all-late)); got != want {
			t.Errorf("of the newest %d of %d, %d are the oldest, want %d", most, all, got, want)
		}
	}
}
