package server_test

import (
	"context"
	"errors"
	"log/slog"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/pinpost/pinpost"
	"github.com/pinpost/pinpost/api/spec"
	"github.com/pinpost/pinpost/internal/account"
	"github.com/pinpost/pinpost/internal/application"
	"github.com/pinpost/pinpost/internal/canary"
	"github.com/pinpost/pinpost/internal/delivery"
	"github.com/pinpost/pinpost/internal/fault"
	"github.com/pinpost/pinpost/internal/message"
	"github.com/pinpost/pinpost/internal/metrics"
	"github.com/pinpost/pinpost/internal/observe"
	"github.com/pinpost/pinpost/internal/phone"
	"github.com/pinpost/pinpost/internal/pin"
	"github.com/pinpost/pinpost/server"
)

// pairs are the (operation, status) pairs that a server said it answered.
type pairs struct {
	sync.Mutex
	seen map[string]bool
}

func (p *pairs) add(operation, status string) {
	p.Lock()
	defer p.Unlock()
	if p.seen == nil {
		p.seen = map[string]bool{}
	}
	p.seen[operation+" "+status] = true
}

var countLine = regexp.MustCompile(`^pinpost_request_duration_seconds_count\{operation="([^"]*)",status="(\d+)"\}`)

// TestContract replays every documented pair, provokes what no pair can show, and then wants every status that the
// contract declares for an operation to have been answered, and no other.
func TestContract(t *testing.T) {
	t.Parallel()
	seen := &pairs{}
	t.Run("replay", func(t *testing.T) { replayAll(t, seen) })
	t.Run("size and media type", func(t *testing.T) { refuseBodies(t, seen) })
	t.Run("neighbours", func(t *testing.T) { breakNeighbours(t, seen) })

	declared := map[string]bool{}
	contract, err := spec.Load()
	must(t, err)
	for id, op := range spec.Operations(contract) {
		for status := range op.Spec.Responses.Map() {
			declared[id+" "+status] = true
		}
	}
	for _, pair := range slices.Sorted(maps.Keys(declared)) {
		if !seen.seen[pair] {
			t.Errorf("%s is declared and was never answered", pair)
		}
	}
	for _, pair := range slices.Sorted(maps.Keys(seen.seen)) {
		if !declared[pair] && !strings.HasPrefix(pair, " ") {
			t.Errorf("%s was answered and is not declared", pair)
		}
	}
	t.Logf("%d declared pairs", len(declared))
}

// paths fills the ids of a path with those of the fixture.
var paths = strings.NewReplacer("{pinId}", "9C817C6F8AF3D48F9FE553282AFA2B67",
	"{applicationId}", "8F0792F86035A9F4290821F1EE6BC06A", "{messageId}", "F66D67327326FCCB027BEAA916B94542")

// refuseBodies sends every operation with a body one that is too large and one that is not JSON.
func refuseBodies(t *testing.T, seen *pairs) {
	f := loadFixture(t)
	address := serveFixture(t, f, f, seen)
	contract, err := spec.Load()
	must(t, err)
	for id, op := range spec.Operations(contract) {
		if op.Spec.RequestBody == nil {
			continue
		}
		large, _, body := operate(t, address, f, op, strings.Repeat(" ", 64<<10+1), "application/json")
		checkError(t, id+" too large", large, 413, body, "INVALID_ARGUMENT")
		xml, _, body := operate(t, address, f, op, "<to>41793026727</to>", "application/xml")
		checkError(t, id+" XML", xml, 415, body, "INVALID_ARGUMENT")
	}
}

// operate calls an operation with credentials that it takes.
func operate(t *testing.T, address string, f *fixture, op spec.Operation, body, mediaType string) (int, http.Header, []byte) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), op.Method, address+paths.Replace(op.Path), strings.NewReader(body))
	must(t, err)
	if body != "" {
		req.Header.Set("Content-Type", mediaType)
	}
	req.Header.Set("Authorization", "App "+f.Accounts[0].Keys[0])
	if op.ID == "createApiKey" {
		req.SetBasicAuth(f.Accounts[0].User, f.Accounts[0].Password)
	}
	return do(t, req)
}

// smallest is a body that each operation takes.
var smallest = map[string]string{
	"sendPinOverSms":    `{"to":"41793026727","applicationId":"8F0792F86035A9F4290821F1EE6BC06A","messageId":"F66D67327326FCCB027BEAA916B94542"}`,
	"sendPinOverVoice":  `{"to":"41793026727","applicationId":"8F0792F86035A9F4290821F1EE6BC06A","messageId":"F66D67327326FCCB027BEAA916B94542"}`,
	"verifyPin":         `{"pin":"1598"}`,
	"createApplication": `{"name":"n"}`,
	"updateApplication": `{}`,
	"createMessage":     `{"pinType":"HEX","pinPlaceholder":"#","messageText":"#","pinLength":6,"sender":"Pinpost"}`,
	"updateMessage":     `{}`,
}

// breakNeighbours lets everything behind the desks fail, once with a fault nobody named, once by being away, and once by
// panicking.
func breakNeighbours(t *testing.T, seen *pairs) {
	f := loadFixture(t)
	for name, c := range map[string]struct {
		broken broken
		status int
		kind   string
	}{
		"unnamed fault": {broken{err: errors.New("disk on fire near 41793026727")}, 500, "GENERAL_EXCEPTION"},
		"panic":         {broken{panics: true}, 500, "GENERAL_EXCEPTION"},
		"store away":    {broken{err: fault.Unavailablef(errors.New("no route"), "The store does not answer")}, 503, "SERVICE_UNAVAILABLE"},
	} {
		t.Run(name, func(t *testing.T) {
			contract, err := spec.Load()
			must(t, err)
			counts := metrics.New()
			s, err := server.New(server.Deps{
				PINs: brokenPINs{c.broken}, Applications: brokenApplications{c.broken}, Messages: brokenMessages{c.broken},
				Accounts: brokenAccounts{c.broken}, Neighbours: c.broken, Metrics: counts, Contract: contract,
				Document: pinpost.OpenAPI, Log: observe.NewLogger(canary.Log(), slog.LevelDebug, true),
				ValidateResponses: server.ResponsesFail, ShowMetrics: true,
			})
			must(t, err)
			address := listen(t, s)
			for id, op := range spec.Operations(contract) {
				status, header, body := operate(t, address, f, op, smallest[id], "application/json")
				checkError(t, id, status, c.status, body, c.kind)
				if strings.Contains(string(body), "fire") || strings.Contains(string(body), "goroutine") {
					t.Errorf("%s shows its cause: %s", id, body)
				}
				if retry := header.Get("Retry-After"); (retry != "") != (c.status == 503) {
					t.Errorf("%s has Retry-After %q with status %d", id, retry, status)
				}
			}
			seen.scrape(t, s)
		})
	}
}

// broken is a neighbour that fails.
type broken struct {
	err    error
	panics bool
}

func (b broken) fail() error {
	if b.panics {
		panic("a fault of ours")
	}
	return b.err
}

func (b broken) Ping(context.Context) error           { return b.fail() }
func (b broken) Carriers() map[string]delivery.Health { return nil }

type brokenPINs struct{ broken }

func (b brokenPINs) SendSMS(context.Context, pin.SendInput) (pin.SMSResult, error) {
	return pin.SMSResult{}, b.fail()
}

func (b brokenPINs) SendVoice(context.Context, pin.SendInput, *time.Duration) (pin.CallResult, error) {
	return pin.CallResult{}, b.fail()
}

func (b brokenPINs) ResendSMS(context.Context, pin.ResendInput) (pin.SMSResult, error) {
	return pin.SMSResult{}, b.fail()
}

func (b brokenPINs) ResendVoice(context.Context, pin.ResendInput, *time.Duration) (pin.CallResult, error) {
	return pin.CallResult{}, b.fail()
}

func (b brokenPINs) Verify(context.Context, pin.VerifyInput) (pin.VerifyResult, error) {
	return pin.VerifyResult{}, b.fail()
}

func (b brokenPINs) Status(context.Context, string, string) ([]pin.Delivery, error) {
	return nil, b.fail()
}

func (b brokenPINs) Phone(context.Context, string, string) (phone.Number, error) { return "", b.fail() }

func (b brokenPINs) Verifications(context.Context, pin.ListInput) ([]pin.Verification, error) {
	return nil, b.fail()
}

type brokenApplications struct{ broken }

func (b brokenApplications) Create(context.Context, application.Input) (application.Application, error) {
	return application.Application{}, b.fail()
}

func (b brokenApplications) Get(context.Context, string, string) (application.Application, error) {
	return application.Application{}, b.fail()
}

func (b brokenApplications) List(context.Context, string) ([]application.Application, error) {
	return nil, b.fail()
}

func (b brokenApplications) Update(context.Context, string, application.Input) (application.Application, error) {
	return application.Application{}, b.fail()
}

type brokenMessages struct{ broken }

func (b brokenMessages) Create(context.Context, message.Input) (message.Message, error) {
	return message.Message{}, b.fail()
}

func (b brokenMessages) Get(context.Context, string, string, string) (message.Message, error) {
	return message.Message{}, b.fail()
}

func (b brokenMessages) List(context.Context, string, string) ([]message.Message, error) {
	return nil, b.fail()
}

func (b brokenMessages) Update(context.Context, string, message.Input) (message.Message, error) {
	return message.Message{}, b.fail()
}

// brokenAccounts knows everybody, so that the desks are reached, and makes no keys.
type brokenAccounts struct{ broken }

func (b brokenAccounts) ByKey(context.Context, string) (account.Caller, error) {
	return account.Caller{AccountID: "account"}, nil
}

func (b brokenAccounts) ByPassword(context.Context, string, string) (string, error) {
	return "account", nil
}

func (b brokenAccounts) CreateKey(context.Context, string, string) (account.Key, string, error) {
	return account.Key{}, "", b.fail()
}
