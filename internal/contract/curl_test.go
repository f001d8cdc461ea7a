//go:build peers

package contract_test

import (
	"os/exec"
	"strings"
	"testing"

	"github.com/pinpost/pinpost/internal/contract/wrong"
)

// TestCurl_lines_can_be_copied runs printed lines in a shell, and wants the answers that the run had.
func TestCurl_lines_can_be_copied(t *testing.T) {
	t.Parallel()
	s := newService(t)
	for name, c := range map[string]struct{ at, in, says string }{
		"a body":          {"POST /applications", "createApplication/limits", `"pinAttempts":5`},
		"no body":         {"GET F66D67327326FCCB027BEAA916B94542", "getMessage/one", `"messageText":"Your pin is \u003cpin\u003e"`},
		"no content type": {"POST /resend", "resendPinOverSms/no_content_type", `"smsStatus":"MESSAGE_SENT"`},
		"an empty body":   {"POST /api-key", "createApiKey/documented", `-`},
		"a query":         {"GET /verifications", "listVerifications/with_a_plus", `"verified":false`},
		"no credentials":  {"GET /applications", "listApplications/no_credentials", `UNAUTHORIZED`},
		"refused":         {"POST /pin", "sendPinOverSms/unknown_key", `UNAUTHORIZED`},
		"a doubled word":  {"POST /pin", "sendPinOverSms/doubled_prefix", `UNAUTHORIZED`},
		"raw text":        {"POST /pin", "sendPinOverSms/member_twice", `The body has a member twice`},
		"an empty header": {"POST /pin", "sendPinOverSms/key_empty", `Idempotency-Key: must not be empty`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := s.options(t, wrong.HTML(c.at).Handler(s.handler, s.key))
			o.Case, o.KeepWorlds = c.in, true
			n, failed := play(t, o)
			if failed != 1 {
				t.Fatalf("%d failed, want the one", failed)
			}
			shell := exec.CommandContext(t.Context(), "sh", "-euc", n.results[0].Curl)
			shell.Env = append(shell.Environ(), "PINPOST_KEY="+s.key, "PINPOST_USER="+s.user, "PINPOST_PASSWORD="+s.password)
			out, err := shell.CombinedOutput()
			if err != nil || !strings.Contains(string(out), c.says) {
				t.Errorf("%s\nanswers %s (%v), want %s", n.results[0].Curl, out, err, c.says)
			}
		})
	}
}
