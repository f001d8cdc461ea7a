package contract_test

import (
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/pinpost/pinpost/internal/canary"
	"github.com/pinpost/pinpost/internal/config"
	"github.com/pinpost/pinpost/internal/contract"
	"github.com/pinpost/pinpost/internal/observe"
	"github.com/pinpost/pinpost/internal/wire"
)

func TestMain(m *testing.M) { os.Exit(canary.Main(m)) }

// service is our own, as a sandbox, with one account.
type service struct {
	handler             http.Handler
	key, user, password string
}

func newService(t *testing.T) *service {
	t.Helper()
	settings := config.Default()
	settings.Data = t.TempDir()
	house, err := wire.Build(t.Context(), settings, wire.Outside{Log: observe.NewLogger(canary.Log(), slog.LevelDebug, true)})
	must(t, err)
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		must(t, house.Close(ctx))
	})
	s := &service{handler: house.Handler(), user: "tester", password: "a password of the tester"}
	account, err := house.Accounts.Create(t.Context(), s.user, s.password)
	must(t, err)
	_, s.key, err = house.Accounts.CreateKey(t.Context(), account.ID, "")
	must(t, err)
	canary.Watch(s.key)
	return s
}

// options test a handler, as the service's tester.
func (s *service) options(t *testing.T, handler http.Handler) contract.Options {
	t.Helper()
	peer := httptest.NewServer(handler)
	t.Cleanup(peer.Close)
	return contract.Options{
		Target: peer.URL, Key: s.key, User: s.user, Password: s.password,
		Profile: contract.Full, MaxSends: 3, Timeout: 30 * time.Second,
	}
}

// notes is a reporter that keeps everything.
type notes struct {
	total   int
	results []contract.Result
	ended   error
	over    bool
}

func (n *notes) Begin(total int, _ string) error { n.total = total; return nil }
func (n *notes) Case(r contract.Result) error    { n.results = append(n.results, r); return nil }
func (n *notes) End(err error) error             { n.ended, n.over = err, true; return nil }

// why lists the cases that are not applicable by their reasons.
func (n *notes) why() map[string][]string {
	why := map[string][]string{}
	for _, r := range n.results {
		if r.State == contract.NotApplicable {
			why[r.Reasons[0]] = append(why[r.Reasons[0]], r.ID())
		}
	}
	return why
}

func (n *notes) failures() string {
	var lines []string
	for _, r := range n.results {
		if r.State == contract.Failed {
			lines = append(lines, r.ID()+": "+strings.Join(r.Reasons, "; ")+"\n  "+r.Curl)
		}
	}
	return strings.Join(lines, "\n")
}

func play(t *testing.T, o contract.Options) (*notes, int) {
	t.Helper()
	n := &notes{}
	failed, err := contract.Run(t.Context(), o, n)
	must(t, err)
	if !n.over || n.ended != nil || len(n.results) != n.total {
		t.Errorf("the reporter heard of %d of %d cases, and of the end %v with %v", len(n.results), n.total, n.over, n.ended)
	}
	return n, failed
}

// call makes a request of the test's own.
func (s *service) call(t *testing.T, path string, out any) {
	t.Helper()
	recorder := httptest.NewRecorder()
	req := httptest.NewRequest(http.MethodGet, path, nil)
	req.Header.Set("Authorization", "App "+s.key)
	s.handler.ServeHTTP(recorder, req)
	if recorder.Code != http.StatusOK {
		t.Fatalf("GET %s answers %d", path, recorder.Code)
	}
	must(t, json.Unmarshal(recorder.Body.Bytes(), out))
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
