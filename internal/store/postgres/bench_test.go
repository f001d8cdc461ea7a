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
		p, d, limits := sample(n)
		return s.CreatePIN(b.Context(), p, d, limits)
	})
}

// BenchmarkSend makes what a send asks the store to keep: CreatePIN and FinishDelivery.
func BenchmarkSend(b *testing.B) {
	benchmark(b, func(s *Store, n int64) error {
		ctx := b.Context()
		p, d, limits := sample(n)
		if err := s.CreatePIN(ctx, p, d, limits); err != nil {
			return err
		}
		return s.FinishDelivery(ctx, pin.Outcome{
			DeliveryID: d.ID, State: delivery.StateWaiting, Carrier: "smsc", RemoteID: d.ID, Taken: true, At: d.At,
		})
	})
}

func benchmark(b *testing.B, call func(s *Store, n int64) error) {
	for _, callers := range []int{64, 256} {
		for _, mode := range []struct {
			name string
			opts []Option
		}{{"grouped", nil}, {"alone", []Option{WithoutGroupCommit()}}} {
			b.Run(fmt.Sprintf("callers=%d/%s", callers, mode.name), func(b *testing.B) {
				s := openIn(b, pgtest.New(b, pgtest.Template), append(mode.opts, WithPatience(time.Minute))...)
				furnish(b, s)
				var n atomic.Int64
				b.SetParallelism(callers / runtime.GOMAXPROCS(0))
				b.ResetTimer()
				b.RunParallel(func(pb *testing.PB) {
					for pb.Next() {
						if err := call(s, n.Add(1)); err != nil {
							b.Error(err)
							return
						}
					}
				})
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
func sample(n int64) (pin.PIN, pin.Delivery, []pin.Limit) {
	// Ids are random in the service.
	id := fmt.Sprintf("%016X%016X", uint64(n)*0x9e3779b97f4a7c15, n)
	now := time.Now().Truncate(time.Millisecond)
	p := pin.PIN{
		ID: id, AccountID: "account", ApplicationID: "application", MessageID: "message",
		To: phone.Number(fmt.Sprint(385915000000 + n)), Sealed: make([]byte, 48), CreatedAt: now, ExpiresAt: now.Add(time.Hour),
	}
	d := pin.Delivery{ID: id, PINID: id, Channel: pin.ChannelSMS, State: delivery.StateNotSent, At: now}
	limit := pin.Limit{Kind: pin.LimitSends, AccountID: "account", ApplicationID: "application"}
	number, whole := limit, limit
	number.Name, number.To, number.Max, number.Interval = "number", p.To, 3, 24*time.Hour
	whole.Name, whole.Max, whole.Interval = "whole", 1_000_000_000, 24*time.Hour
	return p, d, []pin.Limit{number, whole}
}
