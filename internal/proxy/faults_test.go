package proxy_test

import (
	"strings"
	"testing"
	"time"

	"github.com/pinpost/pinpost/internal/contract"
	"github.com/pinpost/pinpost/internal/contract/wrong"
)

// silent is a reporter of the contract runner that says nothing.
type silent struct{}

func (silent) Begin(int, string) error    { return nil }
func (silent) Case(contract.Result) error { return nil }
func (silent) End(error) error            { return nil }

// through plays cases through a proxy.
func (s *service) through(t *testing.T, p *passing, only string) (failed int) {
	t.Helper()
	failed, err := contract.Run(t.Context(), contract.Options{
		Target: p.server.URL, Key: s.key, User: s.user, Password: s.password, Case: only,
		Profile: contract.Full, MaxSends: 3, Timeout: 30 * time.Second,
	}, silent{})
	must(t, err)
	return failed
}

// TestProxy_is_not_felt plays cases of every operation through a proxy: they pass as they do without one. What the proxy reports
// is what the cases do wrong on purpose, and nothing of the service's.
func TestProxy_is_not_felt(t *testing.T) {
	t.Parallel()
	s := newService(t)
	p := front(t, serve(t, s.handler))
	for _, cases := range []string{"documented", "un*", "own", "one", "no_credentials", "limit_of_number"} {
		if failed := s.through(t, p, cases); failed > 0 {
			t.Errorf("%d cases like %s fail through the proxy", failed, cases)
		}
	}
	summary := p.end(t)
	if summary.Exchanges < 100 || len(summary.Operations) != 16 || summary.Others < 50 || summary.Left > 0 {
		t.Errorf("judged %d exchanges of %d operations, %d others, %d left", summary.Exchanges, len(summary.Operations), summary.Others, summary.Left)
	}
	if summary.Violations == 0 {
		t.Error("the bad requests of the cases are not reported")
	}
	for _, x := range p.seen.exchanges {
		for _, v := range x.Violations {
			if v.In != "request" || x.Status < 400 || x.Status >= 500 {
				t.Errorf("%s %s answered %d: %s %s, of a right service", x.Method, x.Path, x.Status, v.In, v)
			}
		}
	}
	texts := p.texts.String() + found(summary)
	for _, secret := range []string{s.key, s.password, "4179302", "33639980", `"pin":`} {
		if strings.Contains(texts, secret) {
			t.Errorf("%s is in the reports", secret)
		}
	}
}

// TestProxy_reports_what_is_wrong wants each fault of a wrong server that one exchange can show to be reported.
func TestProxy_reports_what_is_wrong(t *testing.T) {
	t.Parallel()
	s := newService(t)
	alone := 0
	for _, fault := range wrong.Faults() {
		if !fault.Alone {
			continue
		}
		alone++
		t.Run(fault.Name, func(t *testing.T) {
			t.Parallel()
			p := front(t, serve(t, fault.Handler(s.handler, s.key)))
			if s.through(t, p, fault.Case) != 1 {
				t.Error("the case passes")
			}
			operation, _, _ := strings.Cut(fault.Case, "/")
			want := operation + " response " + fault.Says
			if got := found(p.end(t)); !strings.Contains(got, want) {
				t.Errorf("found %q, want %q", got, want)
			}
			if line := `"type":"violation"`; !strings.Contains(p.texts.String(), line) {
				t.Errorf("%s, want a line of JSON", p.texts)
			}
		})
	}
	if alone < 20 {
		t.Errorf("%d faults are tried, want twenty", alone)
	}
}
