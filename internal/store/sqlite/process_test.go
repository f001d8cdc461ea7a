package sqlite

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/pinpost/pinpost/internal/account"
	"github.com/pinpost/pinpost/internal/application"
	"github.com/pinpost/pinpost/internal/delivery"
	"github.com/pinpost/pinpost/internal/message"
	"github.com/pinpost/pinpost/internal/pin"
)

// childPath says which file a process that a test has started shall work on, and childPIN which PIN.
const (
	childPath = "PINPOST_STORE_TEST_PATH"
	childPIN  = "PINPOST_STORE_TEST_PIN"
)

// attemptsEach is how often each process tries the one PIN.
const attemptsEach = 30

func TestMain(m *testing.M) {
	path := os.Getenv(childPath)
	if path == "" {
		os.Exit(m.Run())
	}
	counted, err := tryPIN(context.Background(), path, os.Getenv(childPIN))
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Print(counted)
}

// tryPIN opens the store and counts attempts on the one PIN; it says how many found the PIN live.
func tryPIN(ctx context.Context, path, id string) (counted int, err error) {
	s, err := Open(ctx, path)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	limit := pin.Limit{
		Kind: pin.LimitChecks, AccountID: "account", ApplicationID: "application", To: "385915551234",
		Max: 1000, Interval: time.Hour,
	}
	for range attemptsEach {
		tried, err := s.Attempt(ctx, id, time.UnixMilli(1), pin.Rules{MaxAttempts: 3}, limit, wrong)
		if err != nil {
			return counted, err
		}
		if tried.State == pin.Live {
			counted++
		}
	}
	return counted, nil
}

func wrong(pin.PIN) (bool, error) { return false, nil }

func right(pin.PIN) (bool, error) { return true, nil }

// keepPIN keeps the one PIN and everything it belongs to, and gives its id.
func keepPIN(t *testing.T, s *Store, sealed string) string {
	t.Helper()
	p := pin.PIN{
		AccountID: "account", ApplicationID: "application", MessageID: "message", To: "385915551234",
		Sealed: []byte(sealed), ExpiresAt: time.UnixMilli(1000),
	}
	err := errors.Join(
		s.CreateAccount(t.Context(), account.Account{ID: "account", Name: "name"}),
		s.CreateApplication(t.Context(), application.Application{ID: "application", AccountID: "account"}),
		s.CreateMessage(t.Context(), message.Message{ID: "message", AccountID: "account", ApplicationID: "application"}),
		keep(t.Context(), s, &p),
	)
	if err != nil {
		t.Fatalf("keep PIN: got error %v, want none", err)
	}
	return p.ID
}

// keep gives a PIN its id and keeps it with a first delivery.
func keep(ctx context.Context, s *Store, p *pin.PIN, limits ...pin.Limit) (err error) {
	if p.ID, err = s.NewPINID(ctx); err != nil {
		return err
	}
	d := pin.Delivery{PINID: p.ID, Channel: pin.ChannelSMS, State: delivery.StateNotSent, At: p.CreatedAt}
	if d.ID, err = s.NewDeliveryID(ctx, p.ID); err != nil {
		return err
	}
	return s.CreatePIN(ctx, *p, d, limits)
}

// TestOtherProcesses has processes and stores of this one count attempts on one PIN at the same time.
func TestOtherProcesses(t *testing.T) {
	t.Parallel()
	path := newPath(t)
	id := keepPIN(t, openAt(t, path), "sealed")
	const many = 4
	counts, errs := make([]int, many), make([]error, many)
	var group sync.WaitGroup
	for i := range many {
		group.Go(func() {
			if i%2 == 0 {
				counts[i], errs[i] = tryPIN(context.Background(), path, id)
				return
			}
			counts[i], errs[i] = tryPINElsewhere(path, id)
		})
	}
	group.Wait()
	total := 0
	for i := range many {
		if errs[i] != nil {
			t.Errorf("got error %v, want none", errs[i])
		}
		total += counts[i]
	}
	if total != 3 {
		t.Errorf("attempts counted: got %d, want 3", total)
	}
}

func tryPINElsewhere(path, id string) (int, error) {
	child := exec.Command(os.Args[0])
	child.Env = append(os.Environ(), childPath+"="+path, childPIN+"="+id)
	child.Stderr = os.Stderr
	out, err := child.Output()
	if err != nil {
		return 0, err
	}
	return strconv.Atoi(string(out))
}
