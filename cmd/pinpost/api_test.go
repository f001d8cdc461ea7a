package main

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
)

// peer answers every request alike and notes what it was asked.
type peer struct {
	*httptest.Server
	asked []*http.Request
}

func newPeer(t *testing.T, status int, body string) *peer {
	t.Helper()
	p := &peer{}
	p.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		p.asked = append(p.asked, r)
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Location", "/elsewhere")
		w.WriteHeader(status)
		_, _ = w.Write([]byte(body))
	}))
	t.Cleanup(p.Close)
	return p
}

func TestFlagsWithoutEffect(t *testing.T) {
	t.Parallel()
	send := []string{"send", "--to", "41793026727", "--application", "A", "--message", "M", "--key", "k"}
	for name, c := range map[string]struct {
		command, flags []string
		says           string
	}{
		"a wait for a text":           {send, []string{"--wait", "5s"}, "add --voice"},
		"async for a text":            {send, []string{"--async"}, "add --voice"},
		"a lookup for a call":         {send, []string{"--voice", "--no-lookup"}, "--no-lookup is for texts"},
		"no wait":                     {send, []string{"--voice", "--wait", "0s"}, "--wait must be more than 0s"},
		"a negative wait":             {send, []string{"--voice", "--wait=-1s"}, "--wait must be more than 0s"},
		"wait and async":              {send, []string{"--voice", "--wait", "1s", "--async"}, "can't be used together"},
		"no wait for a second call":   {[]string{"resend-voice", "P", "--key", "k"}, []string{"--wait", "0s"}, "--wait must be more than 0s"},
		"key and user":                {send, []string{"--user", "u"}, "two credentials"},
		"key and password":            {send, []string{"--password", "p"}, "two credentials"},
		"key and user for a resend":   {[]string{"resend", "P", "--key", "k"}, []string{"--user", "u"}, "two credentials"},
		"key and user for the inbox":  {[]string{"inbox", "--key", "k"}, []string{"--user", "u"}, "two credentials"},
		"key and user for a re-call":  {[]string{"resend-voice", "P", "--key", "k"}, []string{"--user", "u"}, "two credentials"},
		"key and user for a checking": {[]string{"verify", "P", "1", "--key", "k"}, []string{"--user", "u"}, "two credentials"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newPeer(t, http.StatusOK, "{}")
			args := append(append([]string{}, c.command...), append(c.flags, "--url", p.URL)...)
			status, _, errOut := call("", args...)
			if status != exitUsage || !strings.Contains(errOut, c.says) {
				t.Errorf("exit status %d, printed %q; want 2 and %q", status, errOut, c.says)
			}
			if len(p.asked) > 0 {
				t.Error("the service was called")
			}
		})
	}
}

// TestWhoCalls wants what is on the command line to win over the environment.
// TestSend_that_reached_nobody prints the answer, as the PIN is there to be sent again, and fails.
func TestSend_that_reached_nobody(t *testing.T) {
	t.Parallel()
	text := []string{"send", "--to", "41793026727", "--application", "A", "--message", "M", "--key", "k"}
	spoken := append(slices.Clone(text), "--voice")
	again, said := []string{"resend", "P", "--key", "k"}, []string{"resend-voice", "P", "--key", "k"}
	const textAnswer, spokenAnswer = `{"pinId":"P","to":"1","ncStatus":"NC_DESTINATION_UNREACHABLE","smsStatus":%q}`, `{"pinId":"P","to":"1","callStatus":%q}`
	for _, c := range []struct {
		command      []string
		body, status string
		says         string // empty where it succeeds
	}{
		{text, textAnswer, "MESSAGE_SENT", ""},
		{text, textAnswer, "MESSAGE_NOT_SENT", "no carrier took the text: MESSAGE_NOT_SENT, lookup NC_DESTINATION_UNREACHABLE"},
		{append(slices.Clone(text), "-q"), textAnswer, "MESSAGE_NOT_SENT", "no carrier took the text"},
		{again, textAnswer, "MESSAGE_SENT", ""},
		{again, textAnswer, "MESSAGE_NOT_SENT", "no carrier took the text"},
		{spoken, spokenAnswer, "PROCESSED", ""},
		{spoken, spokenAnswer, "PROCESSING", ""},
		{spoken, spokenAnswer, "ANSWERED_MACHINE", ""},
		{spoken, spokenAnswer, "UNDEFINED", ""},
		{spoken, spokenAnswer, "ERROR", "nobody heard the call: ERROR"},
		{spoken, spokenAnswer, "BAD_REQUEST", "nobody heard the call: BAD_REQUEST"},
		{spoken, spokenAnswer, "ERROR_USER_BUSY", "nobody heard the call: ERROR_USER_BUSY"},
		{said, spokenAnswer, "PROCESSED", ""},
		{said, spokenAnswer, "ERROR_NO_ANSWER", "nobody heard the call: ERROR_NO_ANSWER"},
	} {
		t.Run(strings.Join(c.command, " ")+" "+c.status, func(t *testing.T) {
			t.Parallel()
			p := newPeer(t, http.StatusOK, fmt.Sprintf(c.body, c.status))
			status, out, errOut := call("", append(slices.Clone(c.command), "--url", p.URL)...)
			want := exitOK
			if c.says != "" {
				want = exitFault
			}
			if status != want || !strings.Contains(out, "P") || (errOut != "") != (c.says != "") || !strings.Contains(errOut, c.says) {
				t.Errorf("exit status %d, printed %q and %q; want %d, the PIN's ID and %q", status, out, errOut, want, c.says)
			}
		})
	}
}

func TestWhoCalls(t *testing.T) {
	const basic, key = "Basic", "App"
	for name, c := range map[string]struct {
		environment, flags []string
		want               string
	}{
		"a key of the environment":           {[]string{"KEY"}, nil, key},
		"a user of the environment":          {[]string{"USER", "PASSWORD"}, nil, basic},
		"both of the environment":            {[]string{"KEY", "USER", "PASSWORD"}, nil, key},
		"a user beside a key":                {[]string{"KEY"}, []string{"--user", "u", "--password", "p"}, basic},
		"a user beside a key and a password": {[]string{"KEY", "PASSWORD"}, []string{"--user", "u"}, basic},
		"a key beside a user":                {[]string{"USER", "PASSWORD"}, []string{"--key", "k"}, key},
		"a password beside a user and a key": {[]string{"USER", "KEY"}, []string{"--password", "p"}, basic},
	} {
		t.Run(name, func(t *testing.T) {
			for _, variable := range c.environment {
				t.Setenv("PINPOST_"+variable, "from-the-environment")
			}
			p := newPeer(t, http.StatusOK, `{"messages":[]}`)
			for _, command := range []string{"resend P", "inbox"} {
				call("", append(strings.Fields(command), append(c.flags, "--url", p.URL)...)...)
			}
			if len(p.asked) != 2 {
				t.Fatalf("the service was called %d times, want 2", len(p.asked))
			}
			for _, asked := range p.asked {
				if got, _, _ := strings.Cut(asked.Header.Get("Authorization"), " "); got != c.want {
					t.Errorf("%s is called with %s, want %s", asked.URL.Path, got, c.want)
				}
			}
		})
	}
}
