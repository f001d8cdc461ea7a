package server_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/pinpost/pinpost/api/spec"
	"github.com/pinpost/pinpost/internal/canary"
	"github.com/pinpost/pinpost/internal/config"
	"github.com/pinpost/pinpost/internal/observe"
	"github.com/pinpost/pinpost/internal/wire"
)

// newProduction serves the fixture as production does.
func newProduction(t *testing.T) *tester {
	t.Helper()
	f := loadFixture(t)
	settings := config.Default()
	settings.Mode, settings.Data = config.ModeProduction, t.TempDir()
	choose(t, &settings)
	f.store(t, settings)
	house, err := wire.Build(t.Context(), settings, wire.Outside{
		Log: observe.NewLogger(canary.Log(), slog.LevelDebug, true), Store: openNamed(t, settings),
	})
	must(t, err)
	address := listen(t, house.Handler())
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		must(t, house.Close(ctx))
	})
	return &tester{t: t, address: address, key: f.Accounts[0].Keys[0]}
}

// TestProduction_has_no_path_of_the_sandbox asks for every operation of the sandbox's contract, with good credentials, and
// wants the very answer that any unknown path gets.
func TestProduction_has_no_path_of_the_sandbox(t *testing.T) {
	t.Parallel()
	u := newProduction(t)
	contract, err := spec.LoadSandbox()
	must(t, err)
	ask := func(method, path string) (int, []byte) {
		t.Helper()
		req, err := http.NewRequestWithContext(t.Context(), method, u.address+path, strings.NewReader("{}"))
		must(t, err)
		req.Header.Set("Authorization", "App "+u.key)
		req.Header.Set("Content-Type", "application/json")
		status, _, body := do(t, req)
		return status, body
	}
	_, unknown := ask(http.MethodGet, "/nothing/here")
	wanted := map[string]bool{"/sandbox": true, "/sandbox/": true, "/sandbox/openapi.yaml": true, "/inbox": true}
	methods := map[string]bool{http.MethodGet: true, http.MethodPost: true, http.MethodDelete: true}
	for _, op := range spec.Operations(contract) {
		wanted[strings.NewReplacer("{id}", "NONE", "{worldId}", "NONE").Replace(op.Path)] = true
		methods[op.Method] = true
	}
	if len(wanted) < 16 {
		t.Errorf("the sandbox's contract has the paths %v, want more", wanted)
	}
	for path := range wanted {
		for method := range methods {
			if status, body := ask(method, path); status != http.StatusNotFound || !bytes.Equal(body, unknown) {
				t.Errorf("%s %s answers %d %s, want 404 as of any unknown path", method, path, status, body)
			}
		}
		if status, _ := ask(http.MethodHead, path); status != http.StatusNotFound {
			t.Errorf("HEAD %s answers %d, want 404", path, status)
		}
	}
}

// TestProduction_does_not_know_the_headers_of_a_sandbox wants Pinpost-World to change nothing and Pinpost-Cursor never
// answered.
func TestProduction_does_not_know_the_headers_of_a_sandbox(t *testing.T) {
	t.Parallel()
	u := newProduction(t)
	f := loadFixture(t)
	var pinID string
	for _, world := range []string{"", "NONE", strings.Repeat("W", 100)} {
		u.world = world
		app, header := u.call("POST", "/2fa/1/applications", `{"name":"`+world+`App"}`, 200)
		listed, _ := u.call("GET", fmt.Sprintf("/2fa/1/applications/%v", app["applicationId"]), "", 200)
		if listed["name"] != world+"App" {
			t.Errorf("in world %q the application is %v", world, listed)
		}
		send := fmt.Sprintf(`{"to":"41790010001","applicationId":%q,"messageId":%q}`, f.Messages[0].ApplicationID, f.Messages[0].MessageID)
		answer, sent := u.call("POST", "/2fa/1/pin", send, 200)
		pinID = fmt.Sprint(answer["pinId"])
		if answer["smsStatus"] != "MESSAGE_NOT_SENT" {
			t.Errorf("a send in world %q answers %v, want MESSAGE_NOT_SENT", world, answer)
		}
		for _, h := range []http.Header{header, sent} {
			for name := range h {
				if strings.HasPrefix(name, "Pinpost-") {
					t.Errorf("the header %s is answered", name)
				}
			}
		}
	}
	u.world = ""
	u.call("GET", "/2fa/1/pin/"+pinID+"/status", "", 200) // sent in a "world", found without
}

// TestProduction_does_not_speak_of_the_sandbox wants no pointer to a path of the sandbox in what callers read.
func TestProduction_does_not_speak_of_the_sandbox(t *testing.T) {
	t.Parallel()
	u := newProduction(t)
	for _, c := range []struct {
		method, path, body, key string
		status                  int
	}{
		{"GET", "/openapi.yaml", "", "", 200},
		{"GET", "/readyz", "", "", 503},
		{"GET", "/metrics", "", "", 404},
		{"GET", "/sandbox/inbox", "", u.key, 404},
		{"GET", "/2fa/1/applications", "", "", 401},
		{"GET", "/2fa/1/applications", "", "nobody's", 401},
		{"PATCH", "/2fa/1/applications", "", u.key, 405},
		{"POST", "/2fa/1/pin", "{}", u.key, 400},
		{"POST", "/2fa/1/pin", "<x/>", u.key, 400},
		{"POST", "/2fa/1/pin", strings.Repeat(" ", 64<<10+1), u.key, 413},
		{"POST", "/2fa/1/pin/NONE/verify", `{"pin":"0"}`, u.key, 404},
		{"POST", "/2fa/1/pin", `{"to":"33639980000","applicationId":"NONE","messageId":"NONE"}`, u.key, 404},
	} {
		req, err := http.NewRequestWithContext(t.Context(), c.method, u.address+c.path, strings.NewReader(c.body))
		must(t, err)
		if c.key != "" {
			req.Header.Set("Authorization", "App "+c.key)
		}
		req.Header.Set("Content-Type", "application/json")
		resp, err := http.DefaultClient.Do(req)
		must(t, err)
		text, err := io.ReadAll(resp.Body)
		must(t, err)
		must(t, resp.Body.Close())
		if resp.StatusCode != c.status {
			t.Errorf("%s %s answers %d %.200s, want %d", c.method, c.path, resp.StatusCode, text, c.status)
		}
		for name, values := range resp.Header {
			text = append(text, fmt.Sprintln(name, values)...)
		}
		if at := bytes.Index(bytes.ToLower(text), []byte("sandbox/")); at >= 0 {
			t.Errorf("%s %s speaks of %.60q", c.method, c.path, text[at:])
		}
	}
}
