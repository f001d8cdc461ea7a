package pin

import (
	"bytes"
	"errors"
	"io"
	"log/slog"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/pinpost/pinpost/internal/application"
	"github.com/pinpost/pinpost/internal/canary"
	"github.com/pinpost/pinpost/internal/delivery"
	"github.com/pinpost/pinpost/internal/fault"
	"github.com/pinpost/pinpost/internal/message"
)

const number = "41793026727"

var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// bench is a service with fakes around it and a clock that moves when a test moves it. It has the applications shop and
// bank of account A and stall of account B, each with the messages "<its id>-sms" and "<its id>-other".
type bench struct {
	*Service
	store     *fakeStore
	dock      *fakeDock
	catalogue *catalogue
	mu        sync.Mutex
	now       time.Time
	log       lockedBuffer
}

func setup(t *testing.T, changes ...func(*Deps)) *bench {
	t.Helper()
	b := &bench{store: newFakeStore(), dock: &fakeDock{}, now: noon, catalogue: &catalogue{
		applications: map[owned]application.Application{}, messages: map[owned]message.Message{},
	}}
	for id, account := range map[string]string{"shop": "A", "bank": "A", "stall": "B"} {
		configuration := application.DefaultConfiguration()
		configuration.InitiationAttempts, configuration.VerificationAttempts = 1000, 1000
		b.catalogue.applications[owned{account, id}] = application.Application{
			ID: id, AccountID: account, Name: id, Enabled: true, Configuration: configuration,
		}
		for _, kind := range []string{"-sms", "-other"} {
			b.catalogue.messages[owned{account, id + kind}] = message.Message{
				ID: id + kind, AccountID: account, ApplicationID: id, Text: "Your PIN is <pin>.", Placeholder: "<pin>",
				PINType: message.PINTypeAlphanumeric, PINLength: 8, Sender: "Infobip 2FA",
			}
		}
	}
	source := &lockedSource{source: rand.NewChaCha8([32]byte{1})}
	sealer, err := NewSealer(source, bytes.Repeat([]byte{7}, KeySize))
	if err != nil {
		t.Fatal(err)
	}
	deps := Deps{
		Store: b.store, Applications: fakeApplications{b.catalogue}, Messages: fakeMessages{b.catalogue}, Dock: b.dock,
		Sealer: sealer, Now: b.clock, Rand: source, Log: slog.New(slog.NewJSONHandler(io.MultiWriter(&b.log, canary.Log()), nil)), CallWait: 5 * time.Second,
	}
	for _, change := range changes {
		change(&deps)
	}
	if b.Service, err = New(deps); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { b.staysQuiet(t) })
	return b
}

// staysQuiet ends every test: whatever happened, no log line holds a PIN or a whole number.
func (b *bench) staysQuiet(t *testing.T) {
	t.Helper()
	b.hides(t, "the log", b.log.String())
}

// hides fails when text holds a PIN that went out or a whole number.
func (b *bench) hides(t *testing.T, what, text string) {
	t.Helper()
	b.dock.mu.Lock()
	defer b.dock.mu.Unlock()
	secrets := []string{number}
	for _, m := range b.dock.texts {
		secrets = append(secrets, m.PIN.Reveal(), m.To.Digits())
	}
	for _, c := range b.dock.calls {
		secrets = append(secrets, c.Prompt.PIN.Reveal(), c.To.Digits())
	}
	for _, secret := range secrets {
		if len(secret) > 7 {
			canary.Watch(secret)
		}
		if len(secret) > 7 && strings.Contains(text, secret) {
			t.Errorf("%s holds a PIN or a whole number, %q: %s", what, secret, text)
		}
	}
}

func (b *bench) clock() time.Time {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.now
}

// moves lets time pass.
func (b *bench) moves(d time.Duration) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.now = b.now.Add(d)
}

// at sets the time since noon.
func (b *bench) at(d time.Duration) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.now = noon.Add(d)
}

// configure changes the limits of an application of account A.
func (b *bench) configure(id string, change func(*application.Configuration)) {
	b.catalogue.mu.Lock()
	defer b.catalogue.mu.Unlock()
	a := b.catalogue.applications[owned{"A", id}]
	change(&a.Configuration)
	b.catalogue.applications[owned{"A", id}] = a
}

// enable switches an application of account A on or off.
func (b *bench) enable(id string, on bool) {
	b.catalogue.mu.Lock()
	defer b.catalogue.mu.Unlock()
	a := b.catalogue.applications[owned{"A", id}]
	a.Enabled = on
	b.catalogue.applications[owned{"A", id}] = a
}

// template changes a message of account A.
func (b *bench) template(id string, change func(*message.Message)) {
	b.catalogue.mu.Lock()
	defer b.catalogue.mu.Unlock()
	m := b.catalogue.messages[owned{"A", id}]
	change(&m)
	b.catalogue.messages[owned{"A", id}] = m
}

// twin gives account B a shop as account A has it, with the same ids.
func (b *bench) twin() {
	b.catalogue.mu.Lock()
	defer b.catalogue.mu.Unlock()
	a, m := b.catalogue.applications[owned{"A", "shop"}], b.catalogue.messages[owned{"A", "shop-sms"}]
	a.AccountID, m.AccountID = "B", "B"
	b.catalogue.applications[owned{"B", "shop"}], b.catalogue.messages[owned{"B", "shop-sms"}] = a, m
}

// input is a send to the number above by shop, without a lookup.
func input() SendInput {
	return SendInput{AccountID: "A", To: number, ApplicationID: "shop", MessageID: "shop-sms"}
}

// sent gives the id and the code of a PIN that just went out as a text.
func (b *bench) sent(t *testing.T) (id, code string) {
	t.Helper()
	result, err := b.SendSMS(t.Context(), input())
	if err != nil {
		t.Fatalf("SendSMS = %v, want it sent", err)
	}
	return result.PINID, b.dock.code()
}

// verify asks about a code that somebody typed.
func (b *bench) verify(t *testing.T, id, code string) VerifyResult {
	t.Helper()
	result, err := b.Verify(t.Context(), VerifyInput{AccountID: "A", PINID: id, Code: delivery.Code(code)})
	if err != nil {
		t.Fatalf("Verify = %v, want a result", err)
	}
	return result
}

// delivery gives the one delivery of a PIN.
func (b *bench) delivery(t *testing.T, id string) Delivery {
	t.Helper()
	list, err := b.Status(t.Context(), "A", id)
	if err != nil || len(list) != 1 {
		t.Fatalf("Status = %+v, %v, want one delivery", list, err)
	}
	return list[0]
}

// refused checks the kind and the text of a failure, and that it tells no secret.
func (b *bench) refused(t *testing.T, err error, kind fault.Kind, text string) *fault.Error {
	t.Helper()
	f, ok := errors.AsType[*fault.Error](err)
	if !ok || f.Kind != kind || f.Text != text {
		t.Fatalf("got failure %#v, want kind %d: %s", err, kind, text)
	}
	b.hides(t, "the failure", err.Error())
	return f
}

// lockedSource is a random source for several goroutines.
type lockedSource struct {
	mu     sync.Mutex
	source io.Reader
}

func (s *lockedSource) Read(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.source.Read(p)
}

// lockedBuffer is a log for several goroutines.
type lockedBuffer struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.Write(p)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.String()
}
