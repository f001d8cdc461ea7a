package server_test

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"runtime/pprof"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/pinpost/pinpost/api"
	"github.com/pinpost/pinpost/api/spec"
	"github.com/pinpost/pinpost/internal/account"
	"github.com/pinpost/pinpost/internal/application"
	"github.com/pinpost/pinpost/internal/canary"
	"github.com/pinpost/pinpost/internal/config"
	"github.com/pinpost/pinpost/internal/delivery"
	"github.com/pinpost/pinpost/internal/message"
	"github.com/pinpost/pinpost/internal/observe"
	"github.com/pinpost/pinpost/internal/phone"
	"github.com/pinpost/pinpost/internal/pin"
	"github.com/pinpost/pinpost/internal/random"
	"github.com/pinpost/pinpost/internal/wire"
	"github.com/pinpost/pinpost/server"

	"github.com/alexedwards/argon2id"
)

// fixture is the world that every documented pair starts in: api/testdata/fixture.json.
type fixture struct {
	Accounts []struct {
		User     string   `json:"user"`
		Password string   `json:"password"`
		Keys     []string `json:"keys"`
	} `json:"accounts"`
	Applications []struct {
		Account       string                 `json:"account"`
		ApplicationID string                 `json:"applicationId"`
		Name          string                 `json:"name"`
		Enabled       bool                   `json:"enabled"`
		ProcessID     string                 `json:"processId"`
		Configuration api.ConfigurationInput `json:"configuration"`
	} `json:"applications"`
	Messages []api.Message `json:"messages"`
	PINs     []struct {
		ApplicationID string `json:"applicationId"`
		MessageID     string `json:"messageId"`
		PINID         string `json:"pinId"`
		To            string `json:"to"`
		PIN           string `json:"pin"`
		Expired       bool   `json:"expired"`
	} `json:"pins"`
	Reach map[string]string `json:"lookup"`
}

func loadFixture(t *testing.T) *fixture {
	t.Helper()
	f := &fixture{}
	readJSON(t, testdata+"/fixture.json", f)
	for _, p := range f.PINs {
		canary.Watch(p.To)
		canary.Watch(p.PIN)
	}
	for _, a := range f.Accounts {
		canary.Watch(a.Keys...)
	}
	return f
}

// Name is the fixture's name as a lookup.
func (*fixture) Name() string { return "fixture" }

// Lookup says of a number what the fixture says.
func (f *fixture) Lookup(_ context.Context, to phone.Number) (delivery.NumberInfo, error) {
	reach := map[string]delivery.Reach{
		"NC_DESTINATION_REACHABLE":     delivery.Reachable,
		"NC_DESTINATION_NOT_REACHABLE": delivery.NotReachable,
	}
	return delivery.NumberInfo{Reach: reach[f.Reach[to.Digits()]]}, nil
}

// quickHash is a password hash of the right form that costs no time; what a real one costs is tested in package account.
var quickHash = &argon2id.Params{Memory: 64, Iterations: 1, Parallelism: 1, SaltLength: 16, KeyLength: 32}

// store writes the fixture into a new data folder.
func (f *fixture) store(t *testing.T, settings config.Settings) {
	t.Helper()
	ctx := t.Context()
	store, err := wire.OpenStore(ctx, settings)
	must(t, err)
	defer func() { must(t, store.Close()) }()
	keys, err := settings.PINKeys(rand.Reader)
	must(t, err)
	sealer, err := pin.NewSealer(rand.Reader, keys...)
	must(t, err)

	began := time.Now().Add(-time.Second)
	accounts, owner := map[string]string{}, map[string]string{}
	for _, a := range f.Accounts {
		id, err := random.ID(rand.Reader)
		must(t, err)
		hash, err := argon2id.CreateHash(a.Password, quickHash)
		must(t, err)
		must(t, store.CreateAccount(ctx, account.Account{ID: id, Name: a.User, PasswordHash: hash, CreatedAt: began}))
		accounts[a.User] = id
		for _, key := range a.Keys {
			keyID, err := random.ID(rand.Reader)
			must(t, err)
			must(t, store.CreateKey(ctx, account.Key{
				ID: keyID, AccountID: id, Hash: sha256.Sum256([]byte(key)), CreatedAt: began,
			}))
		}
	}
	for _, a := range f.Applications {
		owner[a.ApplicationID] = accounts[a.Account]
		must(t, store.CreateApplication(ctx, application.Application{
			ID: a.ApplicationID, AccountID: owner[a.ApplicationID], Name: a.Name, Enabled: a.Enabled,
			Configuration: configuration(a.Configuration), ProcessID: a.ProcessID, CreatedAt: began,
		}))
	}
	for _, m := range f.Messages {
		must(t, store.CreateMessage(ctx, message.Message{
			ID: m.MessageID, AccountID: owner[m.ApplicationID], ApplicationID: m.ApplicationID, Text: m.MessageText,
			Placeholder: m.PinPlaceholder, PINType: message.PINType(m.PinType), PINLength: int(m.PinLength),
			Sender: m.Sender, CreatedAt: began,
		}))
	}
	names := map[string]string{}
	fixtureNames.Store(storeOf(settings), names)
	for i, p := range f.PINs {
		created := began.Add(time.Duration(i) * time.Millisecond)
		record := pin.PIN{
			ID: p.PINID, AccountID: owner[p.ApplicationID], ApplicationID: p.ApplicationID, MessageID: p.MessageID,
			To: phone.Number(p.To), LookupNeeded: true, CreatedAt: created, ExpiresAt: created.Add(15 * time.Minute),
		}
		if p.Expired {
			record.ExpiresAt = created
		}
		record.Sealed, err = sealer.Seal(record, delivery.Code(p.PIN))
		must(t, err)
		record.ID, err = store.NewPINID(ctx)
		must(t, err)
		names[p.PINID] = record.ID
		sent := pin.Delivery{PINID: record.ID, Channel: pin.ChannelSMS, State: delivery.StateNotSent, At: created}
		sent.ID, err = store.NewDeliveryID(ctx, record.ID)
		must(t, err)
		must(t, store.CreatePIN(ctx, record, sent, []pin.Limit{
			{Kind: pin.LimitSends, AccountID: record.AccountID, ApplicationID: p.ApplicationID, To: record.To, Max: 1000, Interval: time.Hour},
		}))
		must(t, store.FinishDelivery(ctx, pin.Outcome{
			DeliveryID: sent.ID, State: delivery.StateDelivered, Carrier: "fixture", RemoteID: sent.ID, Taken: true, At: created,
		}))
	}
}

func configuration(c api.ConfigurationInput) application.Configuration {
	return application.Configuration{
		PINTimeToLive:                 millis(*c.PinTimeToLive),
		PINAttempts:                   int(*c.PinAttempts),
		VerificationAttempts:          int(*c.VerificationAttempts),
		VerificationInterval:          millis(*c.VerificationIntervalLength),
		InitiationAttempts:            int(*c.InitiationAttempts),
		InitiationInterval:            millis(*c.InitiationIntervalLength),
		OverallInitiationAttempts:     int(*c.OverallInitiationAttempts),
		OverallInitiationInterval:     millis(*c.OverallInitiationIntervalLength),
		AllowMultiplePINVerifications: *c.AllowMultiplePinVerifications,
	}
}

func millis(n int64) time.Duration { return time.Duration(n) * time.Millisecond }

// serveFixture runs the service on loopback with the fixture in it, answers checked against closed schemas, and gives
// its address. What was answered is added to seen when the test ends.
func serveFixture(t *testing.T, f *fixture, lookup delivery.Lookup, seen *pairs) string {
	t.Helper()
	address, _ := serveHouse(t, f, lookup, seen)
	return address
}

// serveHouse is serveFixture for tests that look behind the door.
func serveHouse(t *testing.T, f *fixture, lookup delivery.Lookup, seen *pairs) (string, *wire.House) {
	t.Helper()
	return serveSettings(t, f.settings(t), lookup, seen)
}

// settings are of a sandbox with the fixture in its store.
func (f *fixture) settings(t *testing.T) config.Settings {
	t.Helper()
	settings := config.Default()
	settings.Data = t.TempDir()
	settings.Metrics = true
	choose(t, &settings)
	f.store(t, settings)
	return settings
}

func serveSettings(t *testing.T, settings config.Settings, lookup delivery.Lookup, seen *pairs) (string, *wire.House) {
	t.Helper()
	house, err := wire.Build(t.Context(), settings, wire.Outside{
		Log: observe.NewLogger(canary.Log(), slog.LevelDebug, true), Lookup: lookup, Store: openNamed(t, settings),
		Contract: closedContract(t), SandboxContract: closedSandboxContract(t),
	})
	must(t, err)
	address := listen(t, house.Handler())
	t.Cleanup(func() {
		seen.scrape(t, house.Handler())
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		must(t, house.Close(ctx))
	})
	return address, house
}

// The contracts with closed schemas. Reading one takes longer than most tests, and nobody changes them.
var closedContract, closedSandboxContract = closed(spec.Load), closed(spec.LoadSandbox)

// closed gives a contract with its schemas closed, read once.
func closed(load func() (*openapi3.T, error)) func(t *testing.T) *openapi3.T {
	once := sync.OnceValues(func() (*openapi3.T, error) {
		contract, err := load()
		if err == nil {
			spec.Close(contract)
		}
		return contract, err
	})
	return func(t *testing.T) *openapi3.T {
		t.Helper()
		contract, err := once()
		must(t, err)
		return contract
	}
}

// listen serves a handler on loopback as the program does.
func listen(t *testing.T, handler http.Handler) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	httpServer := server.NewHTTP(handler, slog.New(slog.NewJSONHandler(canary.Log(), nil)))
	go pprof.Do(t.Context(), pprof.Labels("address", listener.Addr().String()), func(context.Context) {
		_ = httpServer.Serve(server.Listener(listener))
	}) // all goroutines of this server carry its label: see goroutines
	t.Cleanup(func() { _ = httpServer.Close() })
	return "http://" + listener.Addr().String()
}

// scrape reads from /metrics which answers the service gave: the server's own word, not the test's.
func (p *pairs) scrape(t *testing.T, handler http.Handler) {
	t.Helper()
	recorder := httptest.NewRecorder()
	handler.ServeHTTP(recorder, httptest.NewRequest(http.MethodGet, "/metrics", nil))
	for line := range strings.Lines(recorder.Body.String()) {
		if found := countLine.FindStringSubmatch(line); found != nil {
			p.add(found[1], found[2])
		}
	}
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
