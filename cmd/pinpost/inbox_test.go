package main

import (
	"net/http"
	"strings"
	"testing"
)

// What must be in no error of the inbox command.
const (
	inboxKey    = "0123456789abcdef0123456789abcdef-01234567-89ab-4def-8123-456789abcdef"
	inboxPINID  = "9C817C6F8AF3D48F9FE553282AFA2B67"
	inboxNumber = "41793026727"
)

// TestInbox_address wants an address and a key as tolerantly read as the other commands read them.
func TestInbox_address(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(address string) string{
		"as printed":             func(a string) string { return a },
		"a bare host":            func(a string) string { return strings.TrimPrefix(a, "http://") },
		"a slash at the end":     func(a string) string { return a + "/" },
		"with the API's path":    func(a string) string { return a + "/2fa/1" },
		"with path and slash":    func(a string) string { return a + "/2fa/1/" },
		"behind a path":          func(a string) string { return a + "/behind/a%2Fproxy" },
		"all of it, and a space": func(a string) string { return " " + strings.TrimPrefix(a, "http://") + "/2fa/1/" },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newPeer(t, http.StatusOK, `{"messages":[{"pin":"1234"},{"pin":"5678"}]}`)
			status, out, errOut := call("", "inbox", "--url", change(p.URL), "--key", "App "+inboxKey, "--to", inboxNumber,
				"--pin-id", inboxPINID, "--pin")
			if status != exitOK || out != "1234\n" {
				t.Fatalf("exit status %d, printed %q and %q; want the newest PIN", status, out, errOut)
			}
			want := "/sandbox/inbox"
			if name == "behind a path" {
				want = "/behind/a%2Fproxy" + want
			}
			asked := p.asked[0]
			if got := asked.URL.EscapedPath(); got != want || asked.Method != http.MethodGet {
				t.Errorf("asked %s %s, want GET %s", asked.Method, got, want)
			}
			if got := asked.URL.Query().Encode(); got != "pinId="+inboxPINID+"&to="+inboxNumber {
				t.Errorf("asked with %s", got)
			}
			if got := asked.Header.Get("Authorization"); got != "App "+inboxKey {
				t.Error("asked with another credential")
			}
		})
	}
}

// TestInbox_refusals wants the server's reason, and nothing secret.
func TestInbox_refusals(t *testing.T) {
	t.Parallel()
	refusal := func(kind, text string) string {
		return `{"requestError":{"serviceException":{"messageId":"` + kind + `","text":"` + text + `"}}}`
	}
	for name, c := range map[string]struct {
		status int
		body   string
		says   []string
	}{
		"unauthorized":         {401, refusal("UNAUTHORIZED", "Invalid login details"), []string{"401", "Invalid login details"}},
		"a wrong number":       {400, refusal("INVALID_ARGUMENT", "to: must be digits"), []string{"400", "to: must be digits"}},
		"production":           {404, refusal("RESOURCE_NOT_FOUND", "No such path"), []string{"in a sandbox only", "No such path"}},
		"another server":       {404, "<html>", []string{"in a sandbox only", "404"}},
		"a redirect":           {302, "", []string{"302", "redirected"}},
		"not JSON":             {200, "<html>" + inboxNumber, []string{"not an inbox"}},
		"JSON of another sort": {200, `{"status":"up"}`, []string{"not an inbox"}},
		"a message of no form": {200, `{"messages":["` + inboxNumber + `"]}`, []string{"not an inbox"}},
		"nothing captured":     {200, `{"messages":[]}`, []string{"no message is captured"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			checkInboxFails(t, newPeer(t, c.status, c.body).URL, c.says...)
		})
	}
	t.Run("nobody there", func(t *testing.T) {
		t.Parallel()
		checkInboxFails(t, "http://127.0.0.1:1", "read inbox: no answer from 127.0.0.1:")
	})
	t.Run("a wrong address", func(t *testing.T) {
		t.Parallel()
		checkInboxFails(t, "ftp://x", "base URL must begin with")
	})
	t.Run("no credentials", func(t *testing.T) {
		t.Parallel()
		status, _, errOut := call("", "inbox", "--url", "http://127.0.0.1:1")
		if status != exitFault || !strings.Contains(errOut, "no credentials") {
			t.Errorf("exit status %d, printed %q; want 1 and no credentials", status, errOut)
		}
	})
}

func checkInboxFails(t *testing.T, address string, says ...string) {
	t.Helper()
	status, out, errOut := call("", "inbox", "--url", address, "--key", inboxKey, "--to", inboxNumber, "--pin-id", inboxPINID, "--pin")
	if status != exitFault || out != "" {
		t.Errorf("exit status %d, printed %q; want 1 and no output", status, out)
	}
	for _, want := range says {
		if !strings.Contains(errOut, want) {
			t.Errorf("printed %q, want %q in it", errOut, want)
		}
	}
	for _, secret := range []string{inboxKey, inboxPINID, inboxNumber, "list applications"} {
		if strings.Contains(errOut, secret) {
			t.Errorf("printed %q, with %q in it", errOut, secret)
		}
	}
}

// TestInbox_wait wants the wait to come before the reading, and to carry what is looked for.
func TestInbox_wait(t *testing.T) {
	t.Parallel()
	p := newPeer(t, http.StatusOK, `{"id":"A","messages":[{"pin":"1234"}]}`)
	status, out, errOut := call("", "inbox", "--url", p.URL, "--key", inboxKey, "--to", inboxNumber, "--pin-id", inboxPINID,
		"--pin", "--wait", "1500ms")
	if status != exitOK || out != "1234\n" {
		t.Fatalf("exit status %d, printed %q and %q; want the newest PIN", status, out, errOut)
	}
	if len(p.asked) != 2 {
		t.Fatalf("the service was called %d times, want 2", len(p.asked))
	}
	for i, want := range []string{
		"/sandbox/inbox/wait?pinId=" + inboxPINID + "&timeout=2&to=" + inboxNumber,
		"/sandbox/inbox?pinId=" + inboxPINID + "&to=" + inboxNumber,
	} {
		if got := p.asked[i].URL; got.Path+"?"+got.Query().Encode() != want {
			t.Errorf("call %d asked %s, want %s", i, got, want)
		}
	}
}

func TestInbox_nothing_came(t *testing.T) {
	t.Parallel()
	p := newPeer(t, http.StatusRequestTimeout,
		`{"requestError":{"serviceException":{"messageId":"TIMED_OUT","text":"No message came within 1 seconds"}}}`)
	status, out, errOut := call("", "inbox", "--url", p.URL, "--key", inboxKey, "--to", inboxNumber, "--wait", "1s")
	if want := "read inbox: 408 TIMED_OUT: No message came"; status != exitFault || out != "" || !strings.Contains(errOut, want) {
		t.Errorf("exit status %d, printed %q and %q; want 1 and %q", status, out, errOut, want)
	}
}

func TestInbox_waits_that_are_none(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		flags []string
		says  string
	}{
		"no time":       {[]string{"--to", inboxNumber, "--wait", "0s"}, "--wait must be more than 0s"},
		"negative":      {[]string{"--to", inboxNumber, "--wait=-1s"}, "--wait must be more than 0s"},
		"too long":      {[]string{"--pin-id", inboxPINID, "--wait", "61s"}, "60s at most"},
		"for anybody's": {[]string{"--wait", "1s"}, "add --to or --pin-id"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newPeer(t, http.StatusOK, `{"messages":[]}`)
			status, _, errOut := call("", append([]string{"inbox", "--url", p.URL, "--key", inboxKey}, c.flags...)...)
			if status != exitUsage || !strings.Contains(errOut, c.says) {
				t.Errorf("exit status %d, printed %q; want 2 and %q", status, errOut, c.says)
			}
			if len(p.asked) > 0 {
				t.Error("the service was called")
			}
		})
	}
}
