package contract_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strings"
	"sync"
	"testing"

	"github.com/pinpost/pinpost/internal/contract"
)

// TestRun_our_own_sandbox wants every case to be played and to pass.
func TestRun_our_own_sandbox(t *testing.T) {
	t.Parallel()
	s := newService(t)
	n, failed := play(t, s.options(t, s.handler))
	if failed > 0 || n.total < 150 {
		t.Errorf("%d of %d cases failed:\n%s", failed, n.total, n.failures())
	}
	if why := n.why(); len(why) > 0 {
		t.Errorf("not applicable: %v, want every case applicable", why)
	}
	var worlds struct{ Worlds []any }
	if s.call(t, "/sandbox/worlds", &worlds); len(worlds.Worlds) > 0 {
		t.Errorf("%d worlds are left open", len(worlds.Worlds))
	}
	var seed struct{ Applications []any }
	if s.call(t, "/sandbox/seed", &seed); len(seed.Applications) > 0 {
		t.Errorf("%d applications are left in the account's own world", len(seed.Applications))
	}
}

func TestRun_without_a_user(t *testing.T) {
	t.Parallel()
	s := newService(t)
	o := s.options(t, s.handler)
	o.User, o.Password, o.Operation = "", "", "createApiKey"
	n, failed := play(t, o)
	want := map[string][]string{
		"it is about a user name and password, and no --user is given": {"createApiKey/documented", "createApiKey/undocumented_member"},
	}
	if why := n.why(); failed > 0 || !reflect.DeepEqual(why, want) {
		t.Errorf("%d failed, not applicable %v; want %v", failed, why, want)
	}
}

// foreign hides that our service is a sandbox, and counts what it is asked to change.
type foreign struct {
	*service
	additions      bool
	mu             sync.Mutex
	sends, changed int
}

func (f *foreign) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if strings.HasPrefix(r.URL.Path, "/sandbox/") || r.Header.Get("Pinpost-World") != "" {
		http.NotFound(w, r)
		return
	}
	recorder := httptest.NewRecorder()
	f.handler.ServeHTTP(recorder, r)
	for name, values := range recorder.Header() {
		if name != "Idempotency-Replayed" || f.additions { // the documented service has no such header
			w.Header()[name] = values
		}
	}
	f.mu.Lock()
	if recorder.Code == http.StatusOK && r.Method != http.MethodGet {
		f.changed++
		if strings.Contains(recorder.Body.String(), "Status") {
			f.sends++
		}
	}
	f.mu.Unlock()
	w.WriteHeader(recorder.Code)
	_, _ = w.Write(recorder.Body.Bytes())
}

// phones are numbers of the sandbox that can be reached, and have limits like any number.
var phones = []string{"33199000001", "33199000002", "33199000003", "+33199000004"}

func (f *foreign) options(t *testing.T) contract.Options {
	o := f.service.options(t, f)
	o.YesSend, o.Phones = true, phones
	o.PINOf = func(_ context.Context, pinID string) (string, error) {
		var captured struct{ Pin string }
		f.call(t, "/sandbox/inbox/wait?pinId="+pinID, &captured)
		return captured.Pin, nil
	}
	return o
}

func TestRun_another_implementation(t *testing.T) {
	t.Parallel()
	f := &foreign{service: newService(t)}
	n, failed := play(t, f.options(t))
	if failed > 0 {
		t.Errorf("%d cases failed:\n%s", failed, n.failures())
	}
	counts := map[string]int{}
	for why, cases := range n.why() {
		counts[why] = len(cases)
	}
	delete(counts, "it is about what Pinpost adds to the documented API, and --additions is not given")
	want := map[string]int{
		"it lists what the account has, which may be more than is known": 1,
		"it needs a number lookup with a known outcome":                  6,
		"it needs a second account":                                      5,
		"it needs an expired PIN":                                        4,
	}
	if !reflect.DeepEqual(counts, want) {
		t.Errorf("not applicable %v, want %v", n.why(), want)
	}
}

// TestRun_additions_twice runs what Pinpost adds against the same account again: keys that it remembers must be new ones.
func TestRun_additions_twice(t *testing.T) {
	t.Parallel()
	f := &foreign{service: newService(t), additions: true}
	o := f.options(t)
	o.Additions, o.Case = true, "key_*"
	for range 2 {
		if n, failed := play(t, o); failed > 0 || len(n.why()) > 0 || n.total < 10 {
			t.Errorf("%d of %d cases failed, not applicable %v:\n%s", failed, n.total, n.why(), n.failures())
		}
	}
	f.additions = false
	if n, failed := play(t, o); failed == 0 || !strings.Contains(n.failures(), "header Idempotency-Replayed is required") {
		t.Errorf("%d cases failed:\n%s\nwant the lost header to be found", failed, n.failures())
	}
}

func TestRun_cheap_sends_no_more_than_it_may(t *testing.T) {
	t.Parallel()
	f := &foreign{service: newService(t)}
	o := f.options(t)
	o.Profile, o.YesSend = contract.Cheap, false
	n, failed := play(t, o)
	if failed > 0 {
		t.Errorf("%d cases failed:\n%s", failed, n.failures())
	}
	if f.sends == 0 || f.sends > 3 {
		t.Errorf("%d messages went out, want 1 to 3", f.sends)
	}
	o.PINOf, o.Phones = nil, nil
	f.sends = 0
	if n, failed = play(t, o); failed > 0 || f.sends > 0 {
		t.Errorf("without phones %d failed, and %d messages went out:\n%s", failed, f.sends, n.failures())
	}
}

func TestRun_read_only_changes_nothing(t *testing.T) {
	t.Parallel()
	f := &foreign{service: newService(t)}
	o := f.options(t)
	o.Profile, o.YesSend = contract.ReadOnly, false
	n, failed := play(t, o)
	if failed > 0 {
		t.Errorf("%d cases failed:\n%s", failed, n.failures())
	}
	played := 0
	for _, r := range n.results {
		if r.State == contract.Passed {
			played++
		}
	}
	if f.changed > 0 || played < 30 {
		t.Errorf("%d cases were played, and %d requests changed something; want 30 at least, and none", played, f.changed)
	}
}

func TestRun_refuses(t *testing.T) {
	t.Parallel()
	f := &foreign{service: newService(t)}
	for name, c := range map[string]struct {
		change func(*contract.Options)
		says   string
		usage  bool
	}{
		"to send unasked": {func(o *contract.Options) { o.YesSend = false }, "--yes-send", true},
		"no key":          {func(o *contract.Options) { o.Key = "" }, "--key", true},
		"no such case":    {func(o *contract.Options) { o.Case = "nowhere*" }, "no case fits", true},
		"no glob":         {func(o *contract.Options) { o.Case = "[" }, "--case must be a glob", true},
		"no address":      {func(o *contract.Options) { o.Target = "localhost" }, "the target must be an address", true},
		"no number":       {func(o *contract.Options) { o.Phones = []string{"me"} }, "--phone", true},
		"a target that is down": {func(o *contract.Options) {
			o.Target = "http://127.0.0.1:1"
		}, "the target does not answer at http://127.0.0.1:1", false},
		"a key that is refused": {func(o *contract.Options) { o.Key = "nobody" }, "refuses the key", false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := f.options(t)
			c.change(&o)
			_, err := contract.Run(t.Context(), o, &notes{})
			_, usage := errors.AsType[contract.UsageError](err)
			if err == nil || !strings.Contains(err.Error(), c.says) || usage != c.usage {
				t.Errorf("Run gives %v, want %q", err, c.says)
			}
		})
	}
}

// TestRun_a_target_that_goes_down wants one clear end, and not a failure for each case.
func TestRun_a_target_that_goes_down(t *testing.T) {
	t.Parallel()
	s := newService(t)
	var mu sync.Mutex
	asked := 0
	o := s.options(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		asked++
		down := asked > 40
		mu.Unlock()
		if down {
			panic(http.ErrAbortHandler)
		}
		s.handler.ServeHTTP(w, r)
	}))
	n := &notes{}
	failed, err := contract.Run(t.Context(), o, n)
	if err == nil || !strings.Contains(err.Error(), "the target does not answer") || failed > 3 || n.ended == nil {
		t.Errorf("Run gives %d failures and %v, and tells %v at the end", failed, err, n.ended)
	}
}
