package main

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/pinpost/pinpost/internal/application"
	"github.com/pinpost/pinpost/internal/canary"
	"github.com/pinpost/pinpost/internal/config"
	"github.com/pinpost/pinpost/internal/message"
	"github.com/pinpost/pinpost/internal/observe"
	"github.com/pinpost/pinpost/internal/wire"
)

func TestMain(m *testing.M) { os.Exit(canary.Main(m)) }

func TestReplace(t *testing.T) {
	t.Parallel()
	text, err := replace("a\n  " + beginMark + "\n  old\n  " + endMark + "\nb\n")
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(text, "a\n  "+beginMark+"\n\n  | Name | ") || !strings.HasSuffix(text, " |\n\n  "+endMark+"\nb\n") || strings.Contains(text, "old") {
		t.Errorf("replace gives %q, want the table between the markers, as far in", text)
	}
	if again, err := replace(text); err != nil || again != text {
		t.Errorf("replacing again changes the text (%v)", err)
	}
	for _, wrong := range []string{
		"", beginMark, endMark + "\n" + beginMark, "x " + beginMark + "\n" + endMark,
		beginMark + "\n" + endMark + "\n" + beginMark + "\n" + endMark,
	} {
		if _, err := replace(wrong); err == nil {
			t.Errorf("replace takes %q, want an error", wrong)
		}
	}
}

func TestRewrite_leaves_an_up_to_date_file_alone(t *testing.T) {
	t.Parallel()
	for _, path := range []string{"../../../docs/sandbox.md", "../../../api/sandbox/openapi.yaml"} {
		old, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if text, err := replace(string(old)); err != nil || text != string(old) {
			t.Errorf("%s is not up to date (%v); run go generate ./...", path, err)
		}
	}
	if err := rewrite(filepath.Join(t.TempDir(), "none.md")); err == nil {
		t.Error("rewrite takes a file that is not there")
	}
}

// TestRows_are_true sends to the first number of every row, and wants the answers that the row names.
func TestRows_are_true(t *testing.T) {
	t.Parallel()
	ask, ids := sandboxed(t)
	for _, row := range rows()[2:] {
		t.Run(row[0], func(t *testing.T) {
			t.Parallel()
			for _, numbers := range row[1:3] {
				to, _, _ := strings.Cut(numbers, "–")
				canary.Watch(to)
				body := fmt.Sprintf(`{"to":%q,%s}`, to, ids)
				sent := ask(t, http.MethodPost, "/2fa/1/pin", body)
				for i, member := range []string{"ncStatus", "smsStatus"} {
					if got := fmt.Sprintf("`%v`", sent[member]); got != row[4+i] {
						t.Errorf("%s of %s is %s, the table has %s", member, to, got, row[4+i])
					}
				}
				path := fmt.Sprintf("/2fa/1/pin/%v/status", sent["pinId"])
				var state string
				for range 200 { // receipts come a moment later
					if state = fmt.Sprintf("`%v`", ask(t, http.MethodGet, path, "")["status"]); state == row[7] {
						break
					}
					time.Sleep(20 * time.Millisecond)
				}
				if state != row[7] {
					t.Errorf("the status of %s is %s, the table has %s", to, state, row[7])
				}
				if got := fmt.Sprintf("`%v`", ask(t, http.MethodPost, "/2fa/1/pin/voice", body)["callStatus"]); got != row[6] {
					t.Errorf("callStatus of %s is %s, the table has %s", to, got, row[6])
				}
			}
		})
	}
}

// sandboxed gives a way to ask a sandbox, and the members that name an application and a message of it. Of a list, ask
// gives the first.
func sandboxed(t *testing.T) (ask func(t *testing.T, method, path, body string) map[string]any, ids string) {
	t.Helper()
	must := func(err error) {
		if err != nil {
			t.Helper()
			t.Fatal(err)
		}
	}
	settings := config.Default()
	settings.Data, settings.CallWait = t.TempDir(), 3*time.Second
	house, err := wire.Build(t.Context(), settings, wire.Outside{Log: observe.NewLogger(canary.Log(), slog.LevelDebug, true)})
	must(err)
	t.Cleanup(func() { must(house.Close(context.Background())) })
	owner, err := house.Accounts.Create(t.Context(), "owner", "a long password")
	must(err)
	_, key, err := house.Accounts.CreateKey(t.Context(), owner.ID, "")
	must(err)
	app, err := house.Applications.Create(t.Context(), application.Input{AccountID: owner.ID, Name: new("app")})
	must(err)
	m, err := house.Messages.Create(t.Context(), message.Input{
		AccountID: owner.ID, ApplicationID: app.ID, Text: new("<pin>"), Placeholder: new("<pin>"),
		PINType: new(message.PINTypeNumeric), PINLength: new(8), Sender: new("Pinpost"),
	})
	must(err)
	return func(t *testing.T, method, path, body string) map[string]any {
		t.Helper()
		req := httptest.NewRequest(method, path, strings.NewReader(body))
		req.Header.Set("Authorization", "App "+key)
		if body != "" {
			req.Header.Set("Content-Type", "application/json")
		}
		recorder := httptest.NewRecorder()
		house.Handler().ServeHTTP(recorder, req)
		text := strings.TrimSuffix(strings.TrimPrefix(strings.TrimSpace(recorder.Body.String()), "["), "]")
		var answer map[string]any
		if err := json.Unmarshal([]byte(text), &answer); err != nil || recorder.Code != http.StatusOK {
			t.Fatalf("%s %s answers %d %s (%v), want 200", method, path, recorder.Code, recorder.Body, err)
		}
		return answer
	}, fmt.Sprintf(`"applicationId":%q,"messageId":%q`, app.ID, m.ID)
}
