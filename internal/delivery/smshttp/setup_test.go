package smshttp_test

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/pinpost/pinpost/internal/delivery"
	"github.com/pinpost/pinpost/internal/delivery/smshttp"
	"github.com/pinpost/pinpost/internal/delivery/smshttp/infobip"
	"github.com/pinpost/pinpost/internal/delivery/smshttp/kannel"
	"github.com/pinpost/pinpost/internal/delivery/smshttp/smshttptest"
	"github.com/pinpost/pinpost/internal/delivery/smshttp/templated"
	"github.com/pinpost/pinpost/internal/delivery/smshttp/twilio"
	"github.com/pinpost/pinpost/internal/phone"
)

const (
	user     = "pinpost"
	password = "p&ss w/rd?Vb7"
	token    = "tok-0123456789abcdef"
	account  = "AC0123456789abcdef0123456789abcdef"
	secret   = "auth-secret-Qm3"
	number   = "417930267"
	pin      = "X7Q2M9ZK"
)

// kind makes one kind of gateway and a carrier for it.
type kind struct {
	name    string
	gateway func() *smshttptest.Gateway
	carrier func(s smshttp.Settings, address, key string, d smshttp.Deps) (*smshttp.Carrier, error)
	key     string // what the carrier shows to the gateway
}

var kinds = []kind{
	{"kannel", func() *smshttptest.Gateway { return smshttptest.Kannel(user, password) }, newKannel, password},
	{"infobip", func() *smshttptest.Gateway { return smshttptest.Infobip(secret) }, newInfobip, secret},
	{"twilio", func() *smshttptest.Gateway { return smshttptest.Twilio(account, secret) }, newTwilio, secret},
	{"template", func() *smshttptest.Gateway { return smshttptest.Plain(secret) }, newTemplated, secret},
}

func newKannel(s smshttp.Settings, address, key string, d smshttp.Deps) (*smshttp.Carrier, error) {
	cfg := kannel.Config{Settings: s, URL: address + "/cgi-bin/sendsms", Username: user, Password: smshttp.Secret(key)}
	return kannel.New(cfg, d)
}

func newInfobip(s smshttp.Settings, address, key string, d smshttp.Deps) (*smshttp.Carrier, error) {
	return infobip.New(infobip.Config{Settings: s, BaseURL: address, APIKey: smshttp.Secret(key)}, d)
}

func newTwilio(s smshttp.Settings, address, key string, d smshttp.Deps) (*smshttp.Carrier, error) {
	s.Receipts.Token = "" // it signs
	cfg := twilio.Config{Settings: s, BaseURL: address, AccountSID: account, AuthToken: smshttp.Secret(key)}
	return twilio.New(cfg, d)
}

func newTemplated(s smshttp.Settings, address, key string, d smshttp.Deps) (*smshttp.Carrier, error) {
	return templated.New(templated.Config{
		Settings: s, URL: address + "/send",
		Headers: map[string]string{"Authorization": `Bearer {{secret "key"}}`},
		Body: `{"to": {{.To}}, "from": {{.From}}, "text": {{.Text}}, "ttl": {{.Seconds}}, "ref": {{.AttemptID}}, ` +
			`"report": {{.CallbackURL}}, "params": {"entity": {{.Params.entity}}}}`,
		Secrets: map[string]smshttp.Secret{"key": smshttp.Secret(key)},
		Success: templated.Success{Pointer: "/state", Values: []string{"ok"}},
		ID:      templated.ID{Pointer: "/id"},
		Errors: templated.Errors{Pointer: "/error/code", Codes: map[string]string{
			"1003": "bad_destination", "1004": "rejected", "1005": "no_credit",
		}},
		Callback: templated.Callback{
			List: "/reports", ID: "/id", Attempt: "/ref", Status: "/status", Time: "/at", TimeFormat: "unix",
			States: map[string]string{"DELIVRD": "delivered", "UNDELIV": "not_delivered", "EXPIRED": "expired", "ACCEPTD": "waiting"},
		},
	}, d)
}

// world is a carrier, its gateway, and the door through which receipts come.
type world struct {
	*smshttp.Carrier
	gateway *smshttptest.Gateway
	door    *httptest.Server
	log     *log
}

type options struct {
	timeout, ack time.Duration
	connections  int
	key          string
	noReceipts   bool
	address      string
	ca           string
	strict       bool
	auth         string
}

func setup(t *testing.T, k kind, o options) *world {
	t.Helper()
	w := &world{gateway: k.gateway(), log: &log{}}
	t.Cleanup(w.gateway.Close)
	var carrier atomic.Pointer[smshttp.Carrier]
	w.door = httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		carrier.Load().ServeHTTP(rw, r)
	}))
	t.Cleanup(w.door.Close)
	s := smshttp.Settings{
		Name: k.name, Timeout: 10 * time.Second, AllowPrivate: !o.strict, CAFile: o.ca, Connections: o.connections,
		Receipts: smshttp.Callback{URL: w.door.URL + "/carriers/" + k.name + "/receipts", Token: token, Auth: o.auth, AckTimeout: 10 * time.Second},
	}
	if o.auth == smshttp.AuthBasic {
		s.Receipts.User = "gateway"
	}
	if o.timeout > 0 {
		s.Timeout = o.timeout
	}
	if o.ack > 0 {
		s.Receipts.AckTimeout = o.ack
	}
	if o.noReceipts || o.strict {
		s.Receipts = smshttp.Callback{}
	}
	address, key := w.gateway.URL, k.key
	if o.address != "" {
		address = o.address
	}
	if o.key != "" {
		key = o.key
	}
	made, err := k.carrier(s, address, key, smshttp.Deps{Now: time.Now, Log: slog.New(slog.NewJSONHandler(w.log, &slog.HandlerOptions{Level: slog.LevelDebug}))})
	if err != nil {
		t.Fatal(err)
	}
	w.Carrier = made
	carrier.Store(made)
	t.Cleanup(func() { _ = made.Close(context.Background()) })
	return w
}

// take acknowledges receipts and hands them on, until the carrier is closed.
func (w *world) take(t *testing.T) <-chan delivery.Receipt {
	taken := make(chan delivery.Receipt, 100)
	done := make(chan struct{})
	go func() {
		defer close(done)
		for r := range w.Receipts() {
			taken <- r.Receipt
			r.Ack()
		}
	}()
	t.Cleanup(func() {
		_ = w.Close(context.Background())
		<-done
	})
	return taken
}

func text(suffix string) delivery.SMS {
	return delivery.SMS{
		AttemptID: "att-" + suffix, To: phone.Number(number + suffix), From: "Bank", Text: "Your PIN is " + pin, PIN: pin,
		Validity: 15 * time.Minute,
	}
}

func await[T any](t *testing.T, c <-chan T) T {
	t.Helper()
	select {
	case v := <-c:
		return v
	case <-time.After(20 * time.Second):
		t.Fatal("nothing came")
		panic("unreachable")
	}
}

// log keeps what was logged.
type log struct {
	mu  sync.Mutex
	out bytes.Buffer
}

func (l *log) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.out.Write(p)
}

func (l *log) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.out.String()
}

func each(t *testing.T, test func(t *testing.T, k kind)) {
	t.Helper()
	for _, k := range kinds {
		t.Run(k.name, func(t *testing.T) {
			t.Parallel()
			test(t, k)
		})
	}
}

func call(t *testing.T, method, address, kind, body string) int {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, address, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", kind)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if answer, _ := io.ReadAll(resp.Body); len(answer) > 0 {
		t.Errorf("%s %s: got a body %q, want none", method, address, answer)
	}
	return resp.StatusCode
}
