package wire_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/pinpost/pinpost/internal/application"
	"github.com/pinpost/pinpost/internal/canary"
	"github.com/pinpost/pinpost/internal/delivery/sip/siptest"
	"github.com/pinpost/pinpost/internal/delivery/smpp/smpptest"
	"github.com/pinpost/pinpost/internal/delivery/smshttp/smshttptest"
	"github.com/pinpost/pinpost/internal/message"
	"github.com/pinpost/pinpost/internal/voice/hear"
	"github.com/pinpost/pinpost/internal/wire"
)

// fleetFile describes an SMSC, a gateway that stands by, and a trunk.
const fleetFile = `
countries: [CH]
carriers:
- smpp: {name: main, addresses: ["%s"], system_id: pinpost, password: {file: %s}, reconnect_min: 5ms, reconnect_max: 20ms, rebind_patience: 50ms}
- kannel:
    name: backup
    url: %s/cgi-bin/sendsms
    allow_private: true
    username: pinpost
    password: {file: %s}
    receipts: {url: "%s/carriers/backup/receipts", token: {file: %s}}
- sip: {name: trunk, trunks: ["%s"], repeats: 1, lead: 1ms, pause: 1ms, key_wait: 1ms}
lookup: {offline: true}
speech: {off: true}
`

const fleetSecret = "s3cr3t-of-the-fleet"

// fleet is a production house with carriers of a file, and the peers behind them.
type fleet struct {
	t        *testing.T
	smsc     *smpptest.SMSC
	gateway  *smshttptest.Gateway
	phone    *siptest.Phone
	house    *wire.House
	key      string
	app, msg string
}

func newFleet(t *testing.T) *fleet {
	t.Helper()
	f := &fleet{t: t, gateway: smshttptest.Kannel("pinpost", fleetSecret), phone: siptest.Start(t, "udp", siptest.Script{Final: 200})}
	t.Cleanup(f.gateway.Close)
	var err error
	f.smsc, err = smpptest.Start(smpptest.Options{SystemID: "pinpost", Password: fleetSecret})
	must(t, err)
	t.Cleanup(f.smsc.Close)
	door := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { f.house.Handler().ServeHTTP(w, r) }))
	t.Cleanup(door.Close)

	folder := t.TempDir()
	hidden, file := filepath.Join(folder, "secret"), filepath.Join(folder, "carriers.yaml")
	must(t, os.WriteFile(hidden, []byte(fleetSecret+"\n"), 0o600))
	must(t, os.WriteFile(file, fmt.Appendf(nil, fleetFile, f.smsc.Address(), hidden, f.gateway.URL, hidden, door.URL, hidden, f.phone.Trunk()), 0o600))
	settings := production(t)
	settings.Carriers = file
	ctx := context.Background()
	f.house, err = wire.Build(ctx, settings, outside())
	must(t, err)
	t.Cleanup(func() { must(t, f.house.Close(ctx)) })
	owner, err := f.house.Accounts.Create(ctx, "owner", "a long password")
	must(t, err)
	_, f.key, err = f.house.Accounts.CreateKey(ctx, owner.ID, "")
	must(t, err)
	canary.Watch(f.key, fleetSecret)
	app, err := f.house.Applications.Create(ctx, application.Input{AccountID: owner.ID, Name: new("app")})
	must(t, err)
	m, err := f.house.Messages.Create(ctx, message.Input{
		AccountID: owner.ID, ApplicationID: app.ID, Text: new("PIN <pin>"), Placeholder: new("<pin>"),
		PINType: new(message.PINTypeNumeric), PINLength: new(8), Sender: new("Pinpost"), Language: new("fr"), SpeechRate: new(2.0),
	})
	must(t, err)
	f.app, f.msg = app.ID, m.ID
	f.until("the carriers to be up", func() bool { return f.ask(http.MethodGet, "/readyz", "").Code == http.StatusOK })
	return f
}

func (f *fleet) ask(method, path, body string) *httptest.ResponseRecorder {
	req := httptest.NewRequest(method, path, strings.NewReader(body))
	req.Header.Set("Authorization", "App "+f.key)
	req.Header.Set("Content-Type", "application/json")
	recorder := httptest.NewRecorder()
	f.house.Handler().ServeHTTP(recorder, req)
	return recorder
}

// send sends a PIN and gives its id.
func (f *fleet) send(to, want string) string {
	f.t.Helper()
	answer := f.ask(http.MethodPost, "/2fa/1/pin", `{"to":"`+to+`","applicationId":"`+f.app+`","messageId":"`+f.msg+`","ncNeeded":false}`)
	var got struct{ PinID, SmsStatus string }
	if err := json.Unmarshal(answer.Body.Bytes(), &got); err != nil || answer.Code != http.StatusOK || got.SmsStatus != want {
		f.t.Fatalf("the send answers %d %s, want %s", answer.Code, answer.Body, want)
	}
	return got.PinID
}

// becomes waits until a PIN has a status.
func (f *fleet) becomes(pinID, status string) {
	f.t.Helper()
	f.until(status, func() bool {
		return strings.Contains(f.ask(http.MethodGet, "/2fa/1/pin/"+pinID+"/status", "").Body.String(), `"`+status+`"`)
	})
}

func (f *fleet) until(what string, holds func() bool) {
	f.t.Helper()
	for end := time.Now().Add(20 * time.Second); !holds(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(end) {
			f.t.Fatalf("waited in vain for %s", what)
		}
	}
}

// TestFleet sends over an SMSC, over the gateway once that is gone, and in a call, with all of it described by a file.
func TestFleet(t *testing.T) {
	t.Parallel()
	f := newFleet(t)

	first := f.send("41793026700", "MESSAGE_SENT")
	f.becomes(first, "MESSAGE_DELIVERED")
	texts := f.smsc.Messages()
	if len(texts) != 1 || !strings.HasPrefix(texts[0].Text(), "PIN ") || texts[0].Dest.Addr != "41793026700" {
		t.Fatalf("the SMSC got %d texts, want the message", len(texts))
	}
	pin := strings.TrimPrefix(texts[0].Text(), "PIN ")
	canary.Watch(pin, "41793026700")
	f.becomes(f.send("41793026766", "MESSAGE_SENT"), "MESSAGE_NOT_DELIVERED")
	f.becomes(f.send("41793026711", "MESSAGE_NOT_SENT"), "MESSAGE_INVALID_DESTINATION_ADDRESS")

	refused := f.ask(http.MethodPost, "/2fa/1/pin", `{"to":"442079460000","applicationId":"`+f.app+`","messageId":"`+f.msg+`"}`)
	if refused.Code != http.StatusBadRequest || !strings.Contains(refused.Body.String(), "is a number of GB") {
		t.Errorf("another country answers %d %s, want 400 that says so", refused.Code, refused.Body)
	}

	call := f.ask(http.MethodPost, "/2fa/1/pin/"+first+"/resend/voice", "")
	if !strings.Contains(call.Body.String(), `"PROCESSED"`) {
		t.Errorf("the call answers %d %s, want PROCESSED", call.Code, call.Body)
	}
	if heard, score := hear.PINAt(f.phone.Heard(), "fr", "0123456789", 2); heard != pin {
		t.Errorf("the phone heard %q (%.2f), want the PIN that was texted", heard, score)
	}

	f.smsc.Close() // the main carrier is gone
	second := f.send("41793026701", "MESSAGE_SENT")
	f.becomes(second, "MESSAGE_DELIVERED")
	if got := len(f.gateway.Texts()); got != 1 {
		t.Errorf("the gateway got %d texts, want the one that the SMSC could not take", got)
	}
	if sent := len(f.smsc.Messages()); sent > 3 {
		t.Errorf("the SMSC got %d texts, want none after it was gone", sent)
	}
}

// TestFleet_callbacks wants nobody but the gateway to report, and only where a gateway is.
func TestFleet_callbacks(t *testing.T) {
	t.Parallel()
	f := newFleet(t)
	for path, want := range map[string]int{
		"/carriers/backup/receipts": http.StatusForbidden, "/carriers/backup/receipts?token=wrong": http.StatusForbidden,
		"/carriers/backup/receipts/wrong": http.StatusForbidden, "/carriers/main/receipts": http.StatusNotFound,
		"/carriers/none/receipts": http.StatusNotFound, "/carriers/": http.StatusNotFound,
	} {
		for _, method := range []string{http.MethodGet, http.MethodPost} {
			got := f.ask(method, path, "")
			if got.Code != want {
				t.Errorf("%s %s answers %d %s, want %d", method, path, got.Code, got.Body, want)
			}
		}
	}
}

// TestBuild_refuses_a_file_of_carriers_that_cannot_be wants the reason, before anything is made.
func TestBuild_refuses_a_file_of_carriers_that_cannot_be(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "carriers.yaml")
	must(t, os.WriteFile(file, []byte("carriers: []\n"), 0o600))
	settings := production(t)
	settings.Carriers = file
	if _, err := wire.Build(t.Context(), settings, outside()); err == nil || !strings.Contains(err.Error(), "countries must list") {
		t.Errorf("Build = %v, want what is wrong with the file", err)
	}
	o := outside()
	o.SMS = newFakeSender()
	if _, err := wire.Build(t.Context(), settings, o); err == nil || !strings.Contains(err.Error(), "not both") {
		t.Errorf("Build = %v, want carriers from one place alone", err)
	}
}
