//go:build postgres

package postgres

import (
	"fmt"
	"runtime"
	"sync/atomic"
	"testing"
	"time"

	"github.com/pinpost/pinpost/internal/account"
	"github.com/pinpost/pinpost/internal/application"
	"github.com/pinpost/pinpost/internal/delivery"
	"github.com/pinpost/pinpost/internal/message"
	"github.com/pinpost/pinpost/internal/phone"
	"github.com/pinpost/pinpost/internal/pin"
	"github.com/pinpost/pinpost/internal/store/postgres/pgtest"
)

// BenchmarkCreatePIN keeps PINs of one application, to many numbers, with both limits of a send. The ratios between its
// lines are what counts: the server works on the same machine. Run it with -cpu 1 or as it is; callers say how many
// calls are under way at once.
func BenchmarkCreatePIN(b *testing.B) {
	benchmark(b, func(s *Store, n int64) error {
		p, d, limits := sample(s, n)
		return s.CreatePIN(b.Context(), p, d, limits)
	})
}

// BenchmarkSend makes what a send asks the store to keep: CreatePIN and FinishDelivery.
func BenchmarkSend(b *testing.B) {
	benchmark(b, func(s *Store, n int64) error {
		ctx := b.Context()
		p, d, limits := sample(s, n)
		if err := s.CreatePIN(ctx, p, d, limits); err != nil {
			return err
		}
		return s.FinishDelivery(ctx, pin.Outcome{
			DeliveryID: d.ID, State: delivery.StateWaiting, Carrier: "smsc", RemoteID: d.ID, Taken: true, At: d.At, Lost: func(err error) { b.Error(err) },
		})
	})
}

// BenchmarkVerify makes what a verification asks the store: KnownPIN and Attempt, of PINs that are there.
func BenchmarkVerify(b *testing.B) {
	benchmarkOn(b, func(s *Store, n int64) error {
		p, d, limits := sample(s, n)
		return s.CreatePIN(b.Context(), p, d, limits)
	}, func(s *Store, n int64) error {
		p, d, limits := sample(s, n)
		if _, err := s.KnownPIN(b.Context(), p.AccountID, p.ID); err != nil {
			return err
		}
		checks := limits[0]
		checks.Kind, checks.Interval = pin.LimitChecks, time.Second
		_, err := s.Attempt(b.Context(), p.ID, d.At, pin.Rules{MaxAttempts: 3}, checks, right)
		return err
	})
}

// BenchmarkResend makes what a resend asks the store: KnownPIN, AddDelivery and FinishDelivery, of PINs that are there.
func BenchmarkResend(b *testing.B) {
	benchmarkOn(b, func(s *Store, n int64) error {
		p, d, limits := sample(s, n)
		return s.CreatePIN(b.Context(), p, d, limits)
	}, func(s *Store, n int64) error {
		ctx := b.Context()
		p, d, limits := sample(s, n)
		_, err := s.KnownPIN(ctx, p.AccountID, p.ID)
		if err != nil {
			return err
		}
		if d.ID, err = s.NewDeliveryID(ctx, p.ID); err != nil {
			return err
		}
		if _, err := s.AddDelivery(ctx, d, pin.Rules{MaxAttempts: 3}, limits); err != nil {
			return err
		}
		return s.FinishDelivery(ctx, pin.Outcome{
			DeliveryID: d.ID, State: delivery.StateWaiting, Carrier: "smsc", RemoteID: d.ID, Taken: true, At: d.At, Lost: func(err error) { b.Error(err) },
		})
	})
}

func benchmark(b *testing.B, call func(s *Store, n int64) error) {
	benchmarkOn(b, nil, call)
}

// benchmarkOn makes calls in a store in which prepare has done something for each of them.
func benchmarkOn(b *testing.B, prepare, call func(s *Store, n int64) error) {
	for _, callers := range []int{64, 256} {
		for _, mode := range []struct {
			name string
			opts []Option
		}{{"grouped", nil}, {"alone", []Option{WithoutGroupCommit()}}} {
			b.Run(fmt.Sprintf("callers=%d/%s", callers, mode.name), func(b *testing.B) {
				s := openIn(b, pgtest.New(b, pgtest.Template), append(mode.opts, WithPatience(time.Minute))...)
				furnish(b, s)
				b.SetParallelism(callers / runtime.GOMAXPROCS(0))
				together := func(do func(s *Store, n int64) error) {
					var n atomic.Int64
					b.RunParallel(func(pb *testing.PB) {
						for pb.Next() {
							if err := do(s, n.Add(1)); err != nil {
								b.Error(err)
								return
							}
						}
					})
				}
				if prepare != nil {
					together(prepare)
				}
				b.ResetTimer()
				together(call)
				b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "calls/s")
			})
		}
	}
}

// furnish keeps what PINs belong to.
func furnish(t testing.TB, s *Store) {
	t.Helper()
	ctx := t.Context()
	for _, err := range []error{
		s.CreateAccount(ctx, account.Account{ID: "account", Name: "name"}),
		s.CreateKey(ctx, account.Key{ID: "key", AccountID: "account", Hash: [32]byte{1}}),
		s.CreateApplication(ctx, application.Application{
			ID: "application", AccountID: "account", Configuration: application.DefaultConfiguration(),
		}),
		s.CreateMessage(ctx, message.Message{ID: "message", AccountID: "account", ApplicationID: "application"}),
	} {
		if err != nil {
			t.Fatalf("furnish: got error %v, want none", err)
		}
	}
}

// sample is a PIN with its first delivery and the limits of its send; none of its limits is ever full.
func sample(s *Store, n int64) (pin.PIN, pin.Delivery, []pin.Limit) {
	row := 1<<50 + n // which no block reaches
	now := time.Now().Truncate(time.Millisecond)
	p := pin.PIN{
		ID: s.ids.ID(row, 0), AccountID: "account", ApplicationID: "application", MessageID: "message",
		To: phone.Number(fmt.Sprint(385915000000 + n)), Sealed: make([]byte, 48), CreatedAt: now, ExpiresAt: now.Add(time.Hour),
	}
	d := pin.Delivery{ID: s.ids.ID(row, row), PINID: p.ID, Channel: pin.ChannelSMS, State: delivery.StateNotSent, At: now}
	limit := pin.Limit{Kind: pin.LimitSends, AccountID: "account", ApplicationID: "application"}
	number, whole := limit, limit
	number.Name, number.To, number.Max, number.Interval = "number", p.To, 3, 24*time.Hour
	whole.Name, whole.Max, whole.Interval = "whole", 1_000_000_000, 24*time.Hour
	return p, d, []pin.Limit{number, whole}
}
