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
	"github.com/pinpost/pinpost/internal/message"
	"github.com/pinpost/pinpost/internal/pin"
)

// childPath says which file a process that a test has started shall work on.
const childPath = "PINPOST_STORE_TEST_PATH"

// attemptsEach is how often each process tries the one PIN.
const attemptsEach = 30

func TestMain(m *testing.M) {
	path := os.Getenv(childPath)
	if path == "" {
		os.Exit(m.Run())
	}
	counted, err := tryPIN(context.Background(), path)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Print(counted)
}

// tryPIN opens the store and counts attempts on the one PIN; it says how many found the PIN live.
func tryPIN(ctx context.Context, path string) (counted int, err error) {
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
		_, state, err := s.CountAttempt(ctx, "pin", time.UnixMilli(1), pin.Rules{MaxAttempts: 3}, limit)
		if err != nil {
			return counted, err
		}
		if state == pin.Live {
			counted++
		}
	}
	return counted, nil
}

// keepPIN keeps the one PIN and everything it belongs to.
func keepPIN(t *testing.T, s *Store, sealed string) {
	t.Helper()
	err := errors.Join(
		s.CreateAccount(t.Context(), account.Account{ID: "account", Name: "name"}),
		s.CreateApplication(t.Context(), application.Application{ID: "application", AccountID: "account"}),
		s.CreateMessage(t.Context(), message.Message{ID: "message", AccountID: "account", ApplicationID: "application"}),
		s.CreatePIN(t.Context(), pin.PIN{
			ID: "pin", AccountID: "account", ApplicationID: "application", MessageID: "message", To: "385915551234",
			Sealed: []byte(sealed), ExpiresAt: time.UnixMilli(1000),
		}, pin.Delivery{ID: "delivery", PINID: "pin"}, nil),
	)
	if err != nil {
		t.Fatalf("keep PIN: got error %v, want none", err)
	}
}

// TestOtherProcesses has processes and stores of this one count attempts on one PIN at the same time.
func TestOtherProcesses(t *testing.T) {
	t.Parallel()
	path := newPath(t)
	keepPIN(t, openAt(t, path), "sealed")
	const many = 4
	counts, errs := make([]int, many), make([]error, many)
	var group sync.WaitGroup
	for i := range many {
		group.Go(func() {
			if i%2 == 0 {
				counts[i], errs[i] = tryPIN(context.Background(), path)
				return
			}
			counts[i], errs[i] = tryPINElsewhere(path)
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

func tryPINElsewhere(path string) (int, error) {
	child := exec.Command(os.Args[0])
	child.Env = append(os.Environ(), childPath+"="+path)
	child.Stderr = os.Stderr
	out, err := child.Output()
	if err != nil {
		return 0, err
	}
	return strconv.Atoi(string(out))
}
