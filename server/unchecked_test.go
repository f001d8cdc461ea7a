package server

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// TestUnchecked wants a server for the benchmark to look at nothing of a request but its key and its size: or what checks cost would
// be measured against themselves.
func TestUnchecked(t *testing.T) {
	t.Parallel()
	checks := fuzzServer(t)
	deps := checks.deps
	deps.Unchecked = true
	lets, err := New(deps)
	fatal(t, err)
	send := func(member string) string {
		return `{"to":"41793026727","applicationId":"8F0792F86035A9F4290821F1EE6BC06A","messageId":"F66D67327326FCCB027BEAA916B94542"` + member + `}`
	}
	for name, c := range map[string]struct {
		key, body              string
		wantChecked, wantLetGo int
	}{
		"right":                {"the-key", send(""), http.StatusOK, http.StatusOK},
		"against the contract": {"the-key", send(`,"from":""`), http.StatusBadRequest, http.StatusOK},
		"another's key":        {"another", send(""), http.StatusUnauthorized, http.StatusUnauthorized},
		"too large":            {"the-key", send(strings.Repeat(" ", maxBody)), http.StatusRequestEntityTooLarge, http.StatusRequestEntityTooLarge},
	} {
		for s, want := range map[*Server]int{checks: c.wantChecked, lets: c.wantLetGo} {
			r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/2fa/1/pin", strings.NewReader(c.body))
			r.Header.Set("Authorization", "App "+c.key)
			r.Header.Set("Content-Type", "application/json")
			w := httptest.NewRecorder()
			s.ServeHTTP(w, r)
			if w.Code != want {
				t.Errorf("a request that is %s, checks off %v, answers %d %s, want %d", name, s == lets, w.Code, w.Body, want)
			}
		}
	}
}
