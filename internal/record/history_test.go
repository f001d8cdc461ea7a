package record_test

import (
	"encoding/json"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/pinpost/pinpost/internal/record"
)

// TestRecorder_before wants the last exchange to be a case, after what it needs and no more.
func TestRecorder_before(t *testing.T) {
	t.Parallel()
	send, again := sendTo(phone, pinID), resend(pinID)
	second, third := sendTo("+"+phone, "P2"), sendTo(phone, "P3")
	keyed := send.with("Idempotency-Key", "order 7781")
	more := strings.Replace(usual, `"verificationAttempts":1`, `"verificationAttempts":5`, 1)
	update := put(`{"configuration":{"verificationAttempts":5}}`, application(more))
	off := put(`{"enabled":false}`, strings.Replace(application(usual), `"enabled":true`, `"enabled":false`, 1))
	list := talk{op: "listApplications", at: "GET /2fa/1/applications", status: 200, answer: "[" + application(usual) + "]"}
	delivered := `{"status":"MESSAGE_DELIVERED","description":"Message sent and delivered","finalStatus":true}`
	unreached := send
	unreached.answer = strings.NewReplacer("NC_DESTINATION_UNKNOWN", "NC_DESTINATION_NOT_REACHABLE", "MESSAGE_SENT", "MESSAGE_NOT_SENT").Replace(send.answer)
	async := talk{
		op: "resendPinOverVoice", at: again.at + "/voice", status: 200, header: map[string]string{"Prefer": "respond-async"},
		answer: `{"to":"` + phone + `","pinId":"` + pinID + `","callStatus":"PROCESSING"}`,
	}
	const (
		isSend   = "/2fa/1/pin"
		isResend = "/2fa/1/pin/{{pinId}}/resend"
		isVerify = "/2fa/1/pin/{{pinId}}/verify"
		isUpdate = "/2fa/1/applications/A0000000000000000000000000000001"
	)
	for name, c := range map[string]struct {
		talks []talk
		want  []string
	}{
		"a send needs nothing":                 {[]talk{send, second}, nil},
		"a resend":                             {[]talk{send, again}, []string{isSend}},
		"a second resend":                      {[]talk{send, again, again}, []string{isSend, isResend}},
		"a verification":                       {[]talk{send, again, verify("1", wrong)}, []string{isSend, isResend}},
		"the right PIN after a wrong one":      {[]talk{send, verify("1", wrong), verify(code, right)}, []string{isSend}}, // or a replay would be too fast
		"where more are allowed":               {[]talk{get(application(more)), send, verify("1", wrong), verify(code, right)}, []string{isSend, isVerify}},
		"too fast":                             {[]talk{send, verify("1", wrong), refused(verify(code, wrong), 429, "wait")}, []string{isSend, isVerify}},
		"too many messages to a number":        {[]talk{send, second, again, refused(third, 429, "wait")}, []string{isSend, isSend, isResend}},
		"too many messages, and one is resent": {[]talk{second, third, send, refused(again, 429, "wait")}, []string{isSend, isSend, isSend}},
		"a message that no lookup let pass": {[]talk{unreached, async, async, async, refused(third, 429, "wait")},
			[]string{isSend, isResend + "/voice", isResend + "/voice", isResend + "/voice"}},
		"others are not counted":                 {[]talk{send, again, again, sendTo("41793026728", "P4"), refused(third, 429, "wait")}, []string{isSend, isResend, isResend}},
		"a repeated answer":                      {[]talk{keyed, again, keyed.reply("Idempotency-Replayed", "true")}, []string{isSend}},
		"a key of another request":               {[]talk{keyed, refused(again.with("Idempotency-Key", "order 7781"), 409, "used")}, []string{isSend}},
		"a read of what was changed":             {[]talk{get(application(usual)), update, get(application(more))}, []string{isUpdate}},
		"an update that says what is so":         {[]talk{update, get(application(more))}, nil},
		"a send after a change":                  {[]talk{get(application(usual)), update, send}, []string{isUpdate}},
		"a send that is switched off":            {[]talk{get(application(usual)), off, refused(send, 400, "The application is disabled")}, []string{isUpdate}},
		"a list of what there is":                {[]talk{get(application(usual)), update, {op: list.op, at: list.at, status: 200, answer: "[" + application(more) + "]"}}, []string{isUpdate}},
		"the status of two messages":             {[]talk{send, again, {op: "getPinStatus", at: "GET /2fa/1/pin/" + pinID + "/status", status: 200, answer: "[" + delivered + "," + delivered + "]"}}, []string{isSend, isResend}},
		"a PIN that another's history is not":    {[]talk{second, send, verify("1", wrong)}, []string{isSend}},
		"a send in the middle of another's talk": {[]talk{send, second, again}, []string{isSend}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			done := tape(t, c.talks...)
			last := done.last(t)
			var got []string
			for _, request := range last.Before {
				got = append(got, request.Path)
			}
			want := c.talks[len(c.talks)-1]
			if !slices.Equal(got, c.want) || last.Answer.Status != want.status || !strings.Contains(done.names[0], "/recorded_0") {
				t.Errorf("answered %d after %v, want %d after %v; left out %v", last.Answer.Status, got, want.status, c.want, done.LeftOut)
			}
		})
	}
}

// TestRecorder_fixture wants what was seen first, and the contract's defaults for what was not seen.
func TestRecorder_fixture(t *testing.T) {
	t.Parallel()
	reachable := sendTo("+"+phone, pinID)
	reachable.answer = strings.Replace(reachable.answer, "NC_DESTINATION_UNKNOWN", "NC_DESTINATION_REACHABLE", 1)
	for name, c := range map[string]struct {
		talks []talk
		want  []string
	}{
		"nothing":  {nil, []string{`"applications":[]`, `"messages":[]`, `"lookup":{}`, `"user":"2fa-user"`}},
		"unseen":   {[]talk{reachable}, []string{`"pinAttempts":10`, `"messageText":"Your pin is <pin>"`, `"lookup":{"33639980000":"NC_DESTINATION_REACHABLE"}`}},
		"seen":     {[]talk{get(application(strings.Replace(usual, "10", "4", 1))), reachable}, []string{`"pinAttempts":4`, `"name":"Shop"`}},
		"changed":  {[]talk{get(application(usual)), put(`{"name":"Shop 2"}`, strings.Replace(application(usual), "Shop", "Shop 2", 1))}, []string{`"name":"Shop"`}},
		"a number": {[]talk{get(strings.Replace(application(usual), "Shop", "Shop "+phone, 1))}, []string{`"name":"Shop 00000000000"`}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var fixture any
			must(t, json.Unmarshal([]byte(tape(t, c.talks...).files["fixture.json"]), &fixture))
			for _, want := range c.want {
				if got := said(fixture); !strings.Contains(got, want) {
					t.Errorf("fixture.json is\n%s\nwant %s in it", got, want)
				}
			}
		})
	}
}

func TestNew_refuses_a_folder_that_is_not_empty(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	file := filepath.Join(folder, "notes.txt")
	must(t, os.WriteFile(file, []byte("mine"), 0o600))
	for _, taken := range []string{folder, file, filepath.Join(file, "below")} {
		if _, err := record.New(taken); err == nil {
			t.Errorf("New(%s) takes it", taken)
		}
	}
	if text, err := os.ReadFile(file); err != nil || string(text) != "mine" {
		t.Errorf("the file that was there has %q (%v)", text, err)
	}
	empty := t.TempDir()
	_, err := record.New(empty)
	must(t, err)
	if _, err := record.New(empty); err == nil {
		t.Error("two recordings share a folder")
	}
}

// TestRecorder_cannot_write wants an error, and not a recording that lacks something.
func TestRecorder_cannot_write(t *testing.T) {
	t.Parallel()
	for _, taken := range []string{"sendPinOverSms", "fixture.json/is a folder"} {
		folder := t.TempDir()
		r, err := record.New(folder)
		must(t, err)
		op, req, resp := sendTo(phone, pinID).exchange(t)
		must(t, r.Exchange(op, req, resp))
		must(t, os.Remove(filepath.Join(folder, "fixture.json")))
		if name, _, is := strings.Cut(taken, "/"); is {
			must(t, os.Mkdir(filepath.Join(folder, name), 0o700))
		} else {
			must(t, os.WriteFile(filepath.Join(folder, taken), nil, 0o600))
		}
		if _, err := r.Close(); err == nil || !strings.Contains(err.Error(), "write the recording") {
			t.Errorf("with %s in the way Close gives %v", taken, err)
		}
	}
}

// TestRecorder_writes looks for secrets in what really stands on the disk.
func TestRecorder_writes(t *testing.T) {
	t.Parallel()
	folder := filepath.Join(t.TempDir(), "new", "folder")
	r, err := record.New(folder)
	must(t, err)
	for _, k := range []talk{sendTo(phone, pinID), verify(code, right), refused(sendTo(phone, ""), 401, "No").with("Authorization", "App another-key")} {
		op, req, resp := k.exchange(t)
		must(t, r.Exchange(op, req, resp))
	}
	done, err := r.Close()
	must(t, err)
	var names []string
	must(t, fs.WalkDir(os.DirFS(folder), ".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		names = append(names, path)
		content, err := os.ReadFile(filepath.Join(folder, path))
		for _, secret := range append(secrets, "another-key") {
			if strings.Contains(path+string(content), secret) {
				t.Errorf("%s has %q", path, secret)
			}
		}
		return err
	}))
	want := []string{"fixture.json", "sendPinOverSms/recorded_001.json", "sendPinOverSms/recorded_003.json", "verifyPin/recorded_002.json"}
	if done.Cases != 3 || !slices.Equal(names, want) {
		t.Errorf("%d cases in %v, left out %v; want %v", done.Cases, names, done.LeftOut, want)
	}
}

func TestRecorder_closed(t *testing.T) {
	t.Parallel()
	r, err := record.New(t.TempDir())
	must(t, err)
	_, err = r.Close()
	must(t, err)
	op, req, resp := sendTo(phone, pinID).exchange(t)
	if err := r.Exchange(op, req, resp); err == nil {
		t.Error("a closed recording takes an exchange")
	}
	if _, err := r.Close(); err == nil {
		t.Error("a recording is closed twice")
	}
}

// TestRecorder_full wants a recording to end by itself, before it takes all memory; and goroutines to be told apart.
func TestRecorder_full(t *testing.T) {
	t.Parallel()
	r, err := record.New(t.TempDir())
	must(t, err)
	op, req, resp := talk{op: "nothing", at: "GET /nothing", status: 200, answer: "{}"}.exchange(t)
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			for range 2_600 {
				if err := r.Exchange(op, req, resp); err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
	done, err := r.Close()
	must(t, err)
	if done.Cases != 0 || done.LeftOut["the contract has no such operation"] != 10_000 || done.LeftOut["the recording is full"] != 400 {
		t.Errorf("%d cases, left out %v", done.Cases, done.LeftOut)
	}
}
