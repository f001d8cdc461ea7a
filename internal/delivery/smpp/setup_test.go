package smpp_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/pinpost/pinpost/internal/delivery"
	"github.com/pinpost/pinpost/internal/delivery/smpp"
	"github.com/pinpost/pinpost/internal/delivery/smpp/smpptest"
	"github.com/pinpost/pinpost/internal/phone"
)

// patience is how long a test waits for what must happen. It is passed in full only when it does not.
const patience = 20 * time.Second

const (
	secretPIN      = "483920"
	secretPassword = "hush-hush"
	number         = "417930267"
)

// bench is one SMSC and one carrier that is to bind to it.
type bench struct {
	*smpptest.SMSC
	carrier *smpp.Carrier
	log     *logBook
}

// setup starts both, and waits until they are bound. The log must be free of secrets in the end.
func setup(t *testing.T, o smpptest.Options, change func(*smpp.Config, *smpp.Deps)) bench {
	t.Helper()
	b := unbound(t, o, change)
	b.until(t, "bound", func() bool { return b.carrier.Health().Up })
	return b
}

// unbound starts both and does not wait.
func unbound(t *testing.T, o smpptest.Options, change func(*smpp.Config, *smpp.Deps)) bench {
	t.Helper()
	smsc, err := smpptest.Start(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(smsc.Close)
	log := &logBook{}
	carrier := start(t, smsc.Address(), log, change)
	return bench{smsc, carrier, log}
}

func start(t *testing.T, address string, log *logBook, change func(*smpp.Config, *smpp.Deps)) *smpp.Carrier {
	t.Helper()
	config := smpp.Config{
		Name: "acme", Addresses: []string{address}, SystemID: "pinpost", Password: secretPassword,
		ReconnectMin: time.Millisecond, ReconnectMax: 20 * time.Millisecond, RebindPatience: patience,
	}
	deps := smpp.Deps{Log: slog.New(slog.NewTextHandler(log, nil)), Settle: time.Millisecond}
	if change != nil {
		change(&config, &deps)
	}
	carrier, err := smpp.New(config, deps)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		if err := carrier.Close(ctx); err != nil {
			t.Errorf("Close: %v", err)
		}
		for _, secret := range []string{secretPIN, secretPassword, number} {
			if strings.Contains(log.String(), secret) {
				t.Errorf("the log shows %q:\n%s", secret, log)
			}
		}
	})
	return carrier
}

// until waits for something that the SMSC cannot tell of.
func (b bench) until(t *testing.T, what string, seen func() bool) {
	t.Helper()
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for deadline := time.Now().Add(patience); !seen(); <-tick.C {
		if time.Now().After(deadline) {
			t.Fatalf("never %s; health %+v, log:\n%s", what, b.carrier.Health(), b.log)
		}
	}
}

// wait waits for something that the SMSC sees.
func (b bench) wait(t *testing.T, what string, seen func() bool) {
	t.Helper()
	if err := b.Wait(patience, seen); err != nil {
		t.Fatalf("never %s: %v; log:\n%s", what, err, b.log)
	}
}

func (b bench) send(t *testing.T, suffix string) (delivery.Accepted, error) {
	t.Helper()
	return b.carrier.Send(t.Context(), text(suffix))
}

// receipt takes the next receipt.
func (b bench) receipt(t *testing.T) delivery.ReceiptDelivery {
	t.Helper()
	select {
	case r, open := <-b.carrier.Receipts():
		if !open {
			t.Fatal("receipts are closed")
		}
		return r
	case <-time.After(patience):
		t.Fatalf("no receipt came; log:\n%s", b.log)
	}
	panic("not reached")
}

func text(suffix string) delivery.SMS {
	return delivery.SMS{
		AttemptID: "attempt-" + suffix, To: phone.Number(number + suffix), From: "Bank", Text: "Your PIN is " + secretPIN,
		PIN: secretPIN, Validity: 5 * time.Minute,
	}
}

func class(t *testing.T, err error) delivery.Class {
	t.Helper()
	refusal, is := errors.AsType[*delivery.Error](err)
	if !is {
		t.Fatalf("error is %v, want a *delivery.Error", err)
	}
	if refusal.Carrier != "acme" || refusal.Code == "" {
		t.Errorf("error %+v has no carrier or code", refusal)
	}
	return refusal.Class
}

// logBook keeps what is logged.
type logBook struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *logBook) Write(line []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(line)
}

func (l *logBook) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}
