package contract

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

const (
	smallFixture = `{"accounts":[{"user":"u","password":"p","keys":["k"]}],"applications":[],"messages":[],"pins":[],"lookup":{}}`
	smallCase    = `{"request":{"method":"GET","path":"/2fa/1/applications"},"response":{"status":200,"body":[]}}`
)

// TestCases wants a folder that cannot be replayed to be a usage error that names the file.
func TestCases(t *testing.T) {
	t.Parallel()
	owned := strings.Replace(smallFixture, `"applications":[]`, `"applications":[{"account":"u","applicationId":"A","processId":"P"}]`, 1)
	for name, c := range map[string]struct {
		fixture, file, text string
		says                string // empty is no error
	}{
		"all there":                {smallFixture, "listApplications/a.json", smallCase, ""},
		"other files":              {owned, "listApplications/README.md", "x", "has no <operationId>/*.json"},
		"no case":                  {smallFixture, "a.json", smallCase, "has no <operationId>/*.json"},
		"no fixture":               {"", "listApplications/a.json", smallCase, "fixture.json: no such file"},
		"no JSON":                  {smallFixture, "listApplications/a.json", `{`, filepath.Join("listApplications", "a.json") + ": unexpected end of JSON"},
		"no method":                {smallFixture, "listApplications/a.json", `{"response":{"status":200}}`, filepath.Join("listApplications", "a.json") + ": has a request without a method"},
		"no path":                  {smallFixture, "listApplications/a.json", `{"request":{"method":"GET","path":"2fa"},"response":{"status":200}}`, "a path that begins with a slash"},
		"no status":                {smallFixture, "listApplications/a.json", `{"request":{"method":"GET","path":"/"}}`, "has no response with a status"},
		"a member nobody knows":    {smallFixture, "listApplications/a.json", `{"weather":"fine",` + smallCase[1:], ""}, // it is not applicable
		"a fixture nobody knows":   {`{"weather":"fine",` + smallFixture[1:], "listApplications/a.json", smallCase, "fixture.json: has a member that is not known"},
		"no account":               {`{}`, "listApplications/a.json", smallCase, "fixture.json: needs an account"},
		"an application of nobody": {strings.Replace(owned, `"account":"u"`, `"account":"v"`, 1), "listApplications/a.json", smallCase, "fixture.json: needs applications"},
		"a message of nothing":     {strings.Replace(owned, `"messages":[]`, `"messages":[{"messageId":"M","applicationId":"B"}]`, 1), "listApplications/a.json", smallCase, "fixture.json: needs messages"},
		"no message":               {strings.Replace(owned, `"messages":[]`, `"messages":[null]`, 1), "listApplications/a.json", smallCase, "fixture.json: needs messages"},
		"a PIN of nothing":         {strings.Replace(owned, `"pins":[]`, `"pins":[{"pinId":"P","to":"33639980000","applicationId":"B"}]`, 1), "listApplications/a.json", smallCase, "fixture.json: needs pins"},
		"a lookup of nothing":      {strings.Replace(owned, `"lookup":{}`, `"lookup":{"":"NC_DESTINATION_REACHABLE"}`, 1), "listApplications/a.json", smallCase, "fixture.json: needs phone numbers"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			folder := t.TempDir()
			for file, text := range map[string]string{"fixture.json": c.fixture, c.file: c.text} {
				if text == "" {
					continue
				}
				file = filepath.Join(folder, filepath.FromSlash(file))
				if err := errors.Join(os.MkdirAll(filepath.Dir(file), 0o700), os.WriteFile(file, []byte(text), 0o600)); err != nil {
					t.Fatal(err)
				}
			}
			err := Options{Target: "http://127.0.0.1:1", Key: "k", Timeout: time.Second, Cases: folder}.Validate()
			_, usage := errors.AsType[UsageError](err)
			switch {
			case c.says == "" && err != nil:
				t.Errorf("Validate gives %v", err)
			case c.says != "" && (!usage || !strings.Contains(err.Error(), c.says) || !strings.Contains(err.Error(), folder)):
				t.Errorf("Validate gives %v, want a usage error with %q", err, c.says)
			}
		})
	}
}

// TestWithPIN wants the PIN that was sent last where a case types it, and a reason where nobody knows it.
func TestWithPIN(t *testing.T) {
	t.Parallel()
	call := Call{Body: []byte(`{"pin": "{{pin}}"}`)}
	w := newWorld()
	if _, err := w.withPIN(t.Context(), call); err == nil {
		t.Error("a PIN that nobody knows is typed")
	}
	w.last = "Q"
	w.codeOf = func(_ context.Context, _ *world, pinID string) (string, error) { return "1598 of " + pinID, nil }
	if got, err := w.withPIN(t.Context(), call); err != nil || got != `{"pin":"1598 of Q"}` {
		t.Errorf("the body is %s, %v", got, err)
	}
	s := &foreignStage{run: &run{fixture: &Fixture{}}}
	if !s.reads(&Case{Before: []Call{call}}) || s.reads(&Case{Request: Call{Body: []byte(`{"pin":"{{pin}} "}`)}}) {
		t.Error("cases that type {{pin}} need the PIN, and others do not")
	}
}
