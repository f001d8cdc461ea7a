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
		end := sync.OnceFunc(func() { close(stop) })
		defer end()
		var readers sync.WaitGroup
		for range 4 {
			readers.Go(func() {
				for {
					select {
					case <-stop:
						return
					default:
						_, _ = s.PIN(t.Context(), "account", p.ID)
						s.writes.recent.slot(number).Store(&PINRow{Number: -1}) // as others that come to be remembered would
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
		end()
		readers.Wait()
	}
}

// TestRecent_beside_a_reader changes a PIN while readers have read it and not remembered it yet: what they then remember is never older
// than what the writer left.
func TestRecent_beside_a_reader(t *testing.T) {
	t.Parallel()
	const number = 7
	after := func(attempts int) *PINRow {
		return &PINRow{Number: number, PIN: pin.PIN{Attempts: attempts}}
	}
	for name, c := range map[string]struct {
		change func(r *recent)
		want   *PINRow // nil for one that has to be read
	}{
		"changed":                     {func(r *recent) { r.keep(after(1)) }, after(1)},
		"wiped":                       {func(r *recent) { r.forget(number) }, nil},
		"changed, and another undone": {func(r *recent) { r.keep(after(1)); r.forgetChanges() }, nil},
		"changed elsewhere":           {func(r *recent) { r.forgetAll() }, nil},
		"changed with all others":     {func(r *recent) { r.keep(after(1)); r.forgetAll() }, nil},
		"undone":                      {func(r *recent) { r.keep(after(1)); r.undo() }, after(0)},
	} {
		for _, before := range []*PINRow{nil, {Number: number + recentSize}, after(0)} {
			r := &recent{changed: map[int64]*PINRow{}}
			if before != nil {
				r.keep(before)
				r.settle()
				r.forget(before.Number) // or there would be nothing to read
				r.settle()
			}
			read := func(then func()) {
				if _, err := r.get(number, func() (PINRow, error) {
					row := *after(0)
					then()
					return row, nil
				}); err != nil {
					t.Error(err)
				}
			}
			read(func() {
				read(func() { // two at once
					c.change(r)
					r.settle()
				})
			})
			if got := r.find(number); (got == nil) != (c.want == nil) || got != nil && got.Attempts != c.want.Attempts {
				t.Errorf("%s: %+v is remembered, want %+v", name, got, c.want)
			}
		}
	}
}
