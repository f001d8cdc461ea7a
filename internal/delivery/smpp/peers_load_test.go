//go:build peers

package smpp_test

import (
	"context"
	"os"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/pinpost/pinpost/internal/delivery/foreign"
	"github.com/pinpost/pinpost/internal/delivery/smpp"
)

// loadTime names how long the load lasts, such as 1m; 5 s by default.
const loadTime = "PINPOST_PEERS_SMPP_LOAD"

// TestPeers_load sends 500 messages a second through one bind with a window of 50, each with a receipt, and looks at the
// memory in the middle and at the end.
func TestPeers_load(t *testing.T) { // alone, for the sake of its figures
	const perSecond, window = 500, 50
	lasts := 5 * time.Second
	if text := os.Getenv(loadTime); text != "" {
		var err error
		if lasts, err = time.ParseDuration(text); err != nil {
			t.Fatalf("%s: %v", loadTime, err)
		}
	}
	smsc := foreign.StartNode(t, "", "QUIET=1")
	b := bindTo(t, smsc, func(c *smpp.Config, _ *smpp.Deps) { c.Window, c.Rate = window, perSecond })
	var receipts atomic.Int64
	var reading sync.WaitGroup
	reading.Go(func() {
		for r := range b.carrier.Receipts() {
			receipts.Add(1)
			r.Ack()
		}
	})
	total := int64(lasts.Seconds() * perSecond)
	began := time.Now()
	flood(t, b, total/2, window)
	middle := heap()
	flood(t, b, total-total/2, window)
	took, end := time.Since(began), heap()
	b.until(t, "all reported", func() bool { return receipts.Load() == total })
	counts := smsc.Count(t)
	if err := b.carrier.Close(t.Context()); err != nil {
		t.Errorf("Close = %v", err)
	}
	reading.Wait()
	t.Logf("%d messages and receipts in %v, %.0f a second; heap %d KiB in the middle, %d KiB at the end; SMSC saw %+v",
		total, took, float64(total)/took.Seconds(), middle>>10, end>>10, counts)
	if int64(counts.Submits) != total || counts.Most > window {
		t.Errorf("the SMSC counts %+v, want %d messages and at most %d in flight", counts, total, window)
	}
	// What is remembered is bounded by 20000 ids and as many receipts, a few MiB, and full after 40 s.
	if end > middle+8<<20 {
		t.Errorf("the heap grew from %d to %d KiB", middle>>10, end>>10)
	}
}

// flood sends so many messages, at most window at a time.
func flood(t *testing.T, b bench, count int64, window int) {
	t.Helper()
	var sending sync.WaitGroup
	for range window {
		sending.Go(func() {
			for atomic.AddInt64(&count, -1) >= 0 {
				if _, err := b.carrier.Send(context.Background(), text("00")); err != nil {
					t.Errorf("Send = %v", err)
				}
			}
		})
	}
	sending.Wait()
}

func heap() uint64 {
	runtime.GC()
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	return stats.HeapAlloc
}
