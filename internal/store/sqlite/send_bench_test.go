package sqlite

import (
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"github.com/pinpost/pinpost/internal/account"
	"github.com/pinpost/pinpost/internal/application"
	"github.com/pinpost/pinpost/internal/delivery"
	"github.com/pinpost/pinpost/internal/message"
	"github.com/pinpost/pinpost/internal/phone"
	"github.com/pinpost/pinpost/internal/pin"
)

// BenchmarkSend counts how many PINs a second are kept and then noted as sent, each on disk before its call returns, for so many
// callers at once.
func BenchmarkSend(b *testing.B) {
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
	limit := pin.Limit{Kind: pin.LimitSends, AccountID: "account", ApplicationID: "application", Max: 3, To: to, Interval: 24 * time.Hour}
	overall := limit
	overall.To, overall.Max = "", 1<<30
	p := pin.PIN{
		AccountID: "account", ApplicationID: "application", MessageID: "message", To: to, Sealed: make([]byte, 36),
		CreatedAt: now, ExpiresAt: now.Add(15 * time.Minute),
	}
	id, err := s.NewPINID(b.Context())
	if err != nil {
		return err
	}
	d := pin.Delivery{PINID: id, Channel: pin.ChannelSMS, State: delivery.StateNotSent, At: now}
	if d.ID, err = s.NewDeliveryID(b.Context(), id); err != nil {
		return err
	}
	p.ID = id
	if err := s.CreatePIN(b.Context(), p, d, []pin.Limit{limit, overall}); err != nil {
		return err
	}
	return s.FinishDelivery(b.Context(), pin.Outcome{DeliveryID: d.ID, State: delivery.StateAccepted, Taken: true, At: now})
}

// BenchmarkVerify reads a PIN and tries it, as a verification does, from 64 callers at once.
func BenchmarkVerify(b *testing.B) {
	s, err := Open(b.Context(), b.TempDir()+"/pinpost.db")
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = s.Close() })
	fill(b, s)
	all := make([]string, 1000)
	for i := range all {
		p := pin.PIN{
			AccountID: "account", ApplicationID: "application", MessageID: "message", To: "385910000000", Sealed: make([]byte, 36),
			ExpiresAt: time.Now().Add(time.Hour),
		}
		if err := keep(b.Context(), s, &p); err != nil {
			b.Fatal(err)
		}
		all[i] = p.ID
	}
	var n atomic.Int64
	b.ReportAllocs()
	b.SetParallelism(32)
	b.ResetTimer()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			p, err := s.PIN(b.Context(), "account", all[int(n.Add(1))%len(all)])
			if err != nil {
				b.Error(err)
			}
			limit := pin.Limit{Kind: pin.LimitChecks, AccountID: "account", ApplicationID: "application", Max: 1 << 30, To: p.To, Interval: time.Second}
			if _, err := s.Attempt(b.Context(), p.ID, time.Now(), pin.Rules{MaxAttempts: 1 << 30}, limit, wrong); err != nil {
				b.Error(err)
			}
		}
	})
}
