package contract_test

import (
	"strings"
	"testing"

	"github.com/pinpost/pinpost/internal/contract/wrong"
)

// TestRun_finds_what_is_wrong spoils one thing after another, and wants each to be found and named.
func TestRun_finds_what_is_wrong(t *testing.T) {
	t.Parallel()
	s := newService(t)
	for _, fault := range wrong.Faults() {
		t.Run(fault.Name, func(t *testing.T) {
			t.Parallel()
			o := s.options(t, fault.Handler(s.handler, s.key))
			o.Case = fault.Case
			n, failed := play(t, o)
			if failed != 1 || !strings.Contains(n.failures(), fault.Case+": ") || !strings.Contains(n.failures(), fault.Says) {
				t.Fatalf("%d failed:\n%s\nwant %s, as %s", failed, n.failures(), fault.Case, fault.Says)
			}
			if strings.Contains(n.failures(), s.key) || !strings.Contains(n.failures(), "curl -sS -i ") {
				t.Errorf("%s\nwant a curl line without the key", n.failures())
			}
		})
	}
}
