package sqlite

import (
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"github.com/pinpost/pinpost/internal/account"
	"github.com/pinpost/pinpost/internal/application"
	"github.com/pinpost/pinpost/internal/message"
	"github.com/pinpost/pinpost/internal/phone"
	"github.com/pinpost/pinpost/internal/pin"
)

// BenchmarkCreatePIN counts how many PINs a second are kept, each on disk before its call returns, for so many callers at once.
func BenchmarkCreatePIN(b *testing.B) {
	for _, callers := range []int{2, 64, 256} {
		b.Run(fmt.Sprintf("callers=%d", callers), func(b *testing.B) {
			s, err := Open(b.Context(), b.TempDir()+"/pinpost.db")
			if err != nil {
				b.Fatal(err)
			}
			b.Cleanup(func() { _ = s.Close() })
			fill(b, s)
			var n atomic.Int64
			b.SetParallelism(callers / 2)
			b.ResetTimer()
			b.RunParallel(func(pb *testing.PB) {
				for pb.Next() {
					if err := create(b, s, n.Add(1)); err != nil {
						b.Error(err)
					}
				}
			})
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "PINs/s")
		})
	}
}

func fill(b *testing.B, s *Store) {
	b.Helper()
	for _, err := range []error{
		s.CreateAccount(b.Context(), account.Account{ID: "account", Name: "name"}),
		s.CreateApplication(b.Context(), application.Application{
			ID: "application", AccountID: "account", Configuration: application.DefaultConfiguration(),
		}),
		s.CreateMessage(b.Context(), message.Message{ID: "message", AccountID: "account", ApplicationID: "application"}),
	} {
		if err != nil {
			b.Fatal(err)
		}
	}
}

func create(b *testing.B, s *Store, n int64) error {
	b.Helper()
	to, now := phone.Number(fmt.Sprint(385910000000+n)), time.Now()
	id := fmt.Sprintf("%016X%016X", uint64(n)*0x9E3779B97F4A7C15, n) // in no order, as real ones
	limit := pin.Limit{Kind: pin.LimitSends, AccountID: "account", ApplicationID: "application", Max: 3, To: to, Interval: 24 * time.Hour}
	overall := limit
	overall.To, overall.Max = "", 1<<30
	return s.CreatePIN(b.Context(), pin.PIN{
		ID: id, AccountID: "account", ApplicationID: "application", MessageID: "message", To: to, Sealed: make([]byte, 36),
		CreatedAt: now, ExpiresAt: now.Add(15 * time.Minute),
	}, pin.Delivery{ID: id, PINID: id, Channel: pin.ChannelSMS, At: now}, []pin.Limit{limit, overall})
}
