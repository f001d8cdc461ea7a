package wire_test

import (
	"context"
	"encoding/json"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/pinpost/pinpost/internal/application"
	"github.com/pinpost/pinpost/internal/canary"
	"github.com/pinpost/pinpost/internal/message"
	"github.com/pinpost/pinpost/internal/wire"
)

// fleetSecret is the password of every carrier, and the token of every callback.
const fleetSecret = "s3cr3t-of-the-fleet"

// fleet is a production house whose carriers are described by a file.
type fleet struct {
	t       *testing.T
	house   *wire.House
	door    string // its address, for callbacks
	key     string
	account string
	app     string
}

// newFleet builds a house; file gives the description, in which SECRET stands for where the secret is, and DOOR for the
// address of the house.
func newFleet(t *testing.T, file string) *fleet {
	t.Helper()
	f := &fleet{t: t}
	door := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { f.house.Handler().ServeHTTP(w, r) }))
	t.Cleanup(door.Close)
	f.door = door.URL
	folder := t.TempDir()
	hidden, path := filepath.Join(folder, "secret"), filepath.Join(folder, "carriers.yaml")
	must(t, os.WriteFile(hidden, []byte(fleetSecret+"\n"), 0o600))
	must(t, os.WriteFile(path, []byte(strings.NewReplacer("SECRET", "{file: "+hidden+"}", "DOOR", door.URL).Replace(file)), 0o600))
	settings := production(t)
	settings.Carriers = path
	ctx := context.Background()
	var err error
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
	f.account, f.app = owner.ID, app.ID
	f.until("the carriers to be up", func() bool { return f.ask(http.MethodGet, "/readyz", "").Code == http.StatusOK })
	return f
}

// template makes a message; its text has <pin> where the PIN goes.
func (f *fleet) template(text string, kind message.PINType, length int, change func(*message.Input)) string {
	f.t.Helper()
	in := message.Input{
		AccountID: f.account, ApplicationID: f.app, Text: new(text), Placeholder: new("<pin>"),
		PINType: new(kind), PINLength: new(length), Sender: new("Pinpost"),
	}
	if change != nil {
		change(&in)
	}
	m, err := f.house.Messages.Create(context.Background(), in)
	must(f.t, err)
	return m.ID
}

func (f *fleet) ask(method, path, body string) *httptest.ResponseRecorder {
	return f.askWith(nil, method, path, body)
}

func (f *fleet) askWith(header http.Header, method, path, body string) *httptest.ResponseRecorder {
	req := httptest.NewRequest(method, path, strings.NewReader(body))
	maps.Copy(req.Header, header)
	req.Header.Set("Authorization", "App "+f.key)
	req.Header.Set("Content-Type", "application/json")
	recorder := httptest.NewRecorder()
	f.house.Handler().ServeHTTP(recorder, req)
	return recorder
}

// body is that of a send.
func (f *fleet) body(to, messageID string) string {
	return `{"to":"` + to + `","applicationId":"` + f.app + `","messageId":"` + messageID + `"}`
}

// send sends a PIN and gives its id.
func (f *fleet) send(to, messageID, want string) string {
	f.t.Helper()
	answer := f.ask(http.MethodPost, "/2fa/1/pin?ncNeeded=false", f.body(to, messageID))
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
	for end := time.Now().Add(30 * time.Second); !holds(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(end) {
			f.t.Fatalf("waited in vain for %s", what)
		}
	}
}
