package sqlite

import (
	"sync"
	"testing"
	"time"

	"github.com/pinpost/pinpost/internal/fault"
	"github.com/pinpost/pinpost/internal/pin"
)

// TestRecent has readers ask for a PIN that is changed, wiped and removed beside them, and forgotten in between: nobody is given
// an older one than was answered.
func TestRecent(t *testing.T) {
	t.Parallel()
	s := openAt(t, newPath(t))
	for round := range 20 {
		if round == 0 {
			keepPIN(t, s, "sealed")
		}
		p := pin.PIN{
			AccountID: "account", ApplicationID: "application", MessageID: "message", To: "385915551234",
			Sealed: []byte("sealed"), ExpiresAt: time.UnixMilli(1000),
		}
		if err := keep(t.Context(), s, &p); err != nil {
			t.Fatal(err)
		}
		number, err := s.pinNumber(p.ID)
		if err != nil {
			t.Fatal(err)
		}
		stop := make(chan struct{})
		var readers sync.WaitGroup
		for range 4 {
			readers.Go(func() {
				for {
					select {
					case <-stop:
						return
					default:
						_, _ = s.PIN(t.Context(), "account", p.ID)
						s.writes.recent.kept.Remove(number) // as others that come to be remembered would
					}
				}
			})
		}
		for i := range 20 {
			if _, err := s.Attempt(t.Context(), p.ID, time.UnixMilli(1), pin.Rules{MaxAttempts: 1000}, manyChecks, wrong); err != nil {
				t.Fatal(err)
			}
			if got, err := s.PIN(t.Context(), "account", p.ID); err != nil || got.Attempts != i+1 {
				t.Fatalf("%d attempts, error %v, want %d", got.Attempts, err, i+1)
			}
		}
		if _, err := s.PurgePINs(t.Context(), time.UnixMilli(1000), time.Hour, 1000); err != nil {
			t.Fatal(err)
		}
		for range 20 {
			if got, err := s.PIN(t.Context(), "account", p.ID); err != nil || got.Sealed != nil {
				t.Fatalf("sealed %q, error %v, want it wiped", got.Sealed, err)
			}
		}
		if err := s.ClearAccount(t.Context(), "account"); err != nil {
			t.Fatal(err)
		}
		for range 20 {
			if got, err := s.PIN(t.Context(), "account", p.ID); !fault.Is(err, fault.NotFound) {
				t.Fatalf("got %+v, error %v, want it removed", got, err)
			}
		}
		close(stop)
		readers.Wait()
	}
}
