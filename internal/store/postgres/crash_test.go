//go:build postgres

package postgres

import (
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/pinpost/pinpost/internal/fault"
	"github.com/pinpost/pinpost/internal/store/postgres/pgtest"
)

// TestCrash kills the server while PINs are kept, and starts it again: what was acknowledged is there, calls fail in time
// meanwhile, and the store works on without being opened again. It is not parallel: the server is everybody's.
func TestCrash(t *testing.T) {
	stores := replicas(t, 2, WithPatience(patience))
	var last atomic.Int64
	var mu sync.Mutex
	var acknowledged []int64
	refused := 0
	stop := make(chan struct{})
	var load sync.WaitGroup
	for i := range crowd {
		load.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
				}
				n := last.Add(1)
				begin := time.Now()
				err := keep(stores[i%2], n)
				took := time.Since(begin)
				mu.Lock()
				switch {
				case err == nil:
					acknowledged = append(acknowledged, n)
				case fault.Is(err, fault.Unavailable):
					refused++
				default:
					t.Errorf("got error %v, want none or one of kind Unavailable", err)
				}
				mu.Unlock()
				if took > patience+slack {
					t.Errorf("a call took %v, want at most %v", took, patience)
				}
				if err != nil {
					time.Sleep(10 * time.Millisecond)
				}
			}
		})
	}
	acknowledgedSoFar := func() int {
		mu.Lock()
		defer mu.Unlock()
		return len(acknowledged)
	}
	// waitFor waits until so many more PINs are acknowledged.
	waitFor := func(more int) {
		t.Helper()
		want := acknowledgedSoFar() + more
		for end := time.Now().Add(30 * time.Second); acknowledgedSoFar() < want; time.Sleep(time.Millisecond) {
			if time.Now().After(end) {
				t.Fatal("no more PINs are acknowledged")
			}
		}
	}
	for range 2 {
		waitFor(300)
		if err := pgtest.Shared.Stop(syscall.SIGQUIT); err != nil { // an immediate shutdown is a crash
			t.Fatal(err)
		}
		wantInTime(t, "write", func() error { return keep(stores[0], last.Add(1)) })
		wantInTime(t, "read", func() error { _, err := stores[0].Accounts(t.Context()); return err })
		wantInTime(t, "ping", func() error { return stores[0].Ping(t.Context()) })
		if err := pgtest.Shared.Start(); err != nil {
			t.Fatal(err)
		}
	}
	waitFor(300)
	close(stop)
	load.Wait()
	for _, s := range stores {
		if err := s.Ping(t.Context()); err != nil {
			t.Errorf("ping: got error %v, want none", err)
		}
	}
	for _, n := range acknowledged {
		p, _, _ := sample(stores[0], n)
		if _, err := stores[n%2].PIN(t.Context(), p.AccountID, p.ID); err != nil {
			t.Errorf("acknowledged PIN %d of %d: got error %v, want it there", n, len(acknowledged), err)
		}
	}
	t.Logf("%d PINs acknowledged, %d calls refused", len(acknowledged), refused)
}
