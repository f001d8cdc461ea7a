package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"text/template"

	"github.com/pinpost/pinpost/internal/account"
	"github.com/pinpost/pinpost/internal/application"
	"github.com/pinpost/pinpost/internal/config"
	"github.com/pinpost/pinpost/internal/fault"
	"github.com/pinpost/pinpost/internal/message"
	"github.com/pinpost/pinpost/internal/wire"
)

// demo is what a sandbox starts with, so that the first call works: an account, an application and a message. It is kept
// in the data folder, since the store knows only hashes of its secrets.
type demo struct {
	User          string `json:"user"`
	Password      string `json:"password"`
	Key           string `json:"key"`
	ApplicationID string `json:"applicationId"`
	MessageID     string `json:"messageId"`
}

// The demo application has more generous limits than the documented defaults: with those, the main job could be tried
// once a day.
const (
	demoInitiations               = 1000
	demoVerifications             = 100
	demoAttempts                  = 10
	demoUser                      = "demo"
	demoFile                      = "demo.json"
	demoPerm          os.FileMode = 0o600
)

// openDemo reads the demo of the data folder, or makes it when it is not there, not whole, or not of this database.
func openDemo(ctx context.Context, house *wire.House, settings config.Settings) (demo, error) {
	path := filepath.Join(settings.Data, demoFile)
	text, err := os.ReadFile(path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return demo{}, fmt.Errorf("read demo: %w", err)
	}
	var d demo
	if err == nil && json.Unmarshal(text, &d) == nil {
		stored := d
		switch known, err := d.restore(ctx, house); {
		case err != nil:
			return demo{}, fmt.Errorf("check demo: %w", err)
		case known && d == stored:
			return d, nil
		case known:
			return d, d.keep(path)
		}
	}
	if d, err = makeDemo(ctx, house); err != nil {
		return demo{}, fmt.Errorf("make demo: %w", err)
	}
	return d, d.keep(path)
}

// restore tells whether the key is of this database. If so, an application and message that are gone, as after a reset,
// are made anew.
func (d *demo) restore(ctx context.Context, house *wire.House) (known bool, err error) {
	caller, err := house.Accounts.ByKey(ctx, d.Key)
	if errors.Is(err, account.ErrRefused) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	_, err = house.Messages.Get(ctx, caller.AccountID, d.ApplicationID, d.MessageID)
	if fault.Is(err, fault.NotFound) {
		err = d.furnish(ctx, house, caller.AccountID)
	}
	return err == nil, err
}

// keep writes the demo into the data folder.
func (d demo) keep(path string) error {
	text, err := json.MarshalIndent(d, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(path, append(text, '\n'), demoPerm)
}

// refuseSandboxFolder keeps production out of a folder in which a sandbox keeps its demo.
func refuseSandboxFolder(data string) error {
	switch _, err := os.Lstat(filepath.Join(data, demoFile)); {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return fmt.Errorf("look for a demo: %w", err)
	}
	return fmt.Errorf("%s belongs to a sandbox, whose credentials and PINs lie readable there (%s): "+
		"give production another folder with --data", data, demoFile)
}

func makeDemo(ctx context.Context, house *wire.House) (demo, error) {
	// The name has a random tail: an earlier start may have been ended between here and the file.
	d := demo{User: demoUser + "-" + strings.ToLower(rand.Text()[:6]), Password: rand.Text()}
	owner, err := house.Accounts.Create(ctx, d.User, d.Password)
	if err != nil {
		return d, err
	}
	if _, d.Key, err = house.Accounts.CreateKey(ctx, owner.ID, "demo"); err != nil {
		return d, err
	}
	return d, d.furnish(ctx, house, owner.ID)
}

// furnish makes an application and a message.
func (d *demo) furnish(ctx context.Context, house *wire.House, accountID string) error {
	app, err := house.Applications.Create(ctx, application.Input{
		AccountID: accountID, Name: new("Demo application"),
		Configuration: application.ConfigurationInput{
			InitiationAttempts: new(demoInitiations), VerificationAttempts: new(demoVerifications), PINAttempts: new(demoAttempts),
		},
	})
	if err != nil {
		return err
	}
	d.ApplicationID = app.ID
	m, err := house.Messages.Create(ctx, message.Input{
		AccountID: accountID, ApplicationID: app.ID,
		Text: new("Your PIN is <pin>. Do not share it."), Placeholder: new("<pin>"),
		PINType: new(message.PINTypeNumeric), PINLength: new(6), Sender: new("Pinpost"),
	})
	d.MessageID = m.ID
	return err
}

// banner is what a person sees first. Each line of commands can be copied as it stands.
var banner = template.Must(template.New("banner").Parse(`
Pinpost sandbox on {{.URL}}  (no message leaves this machine; open it in a browser)

  API key      {{.Key}}
  User         {{.User}}   Password {{.Password}}
  Application  {{.ApplicationID}}
  Message      {{.MessageID}}

The main job, to copy into another terminal:

  export PINPOST_URL={{.URL}} PINPOST_KEY={{.Key}}
  export PINPOST_APPLICATION={{.ApplicationID}} PINPOST_MESSAGE={{.MessageID}}
  PIN_ID=$({{.Program}} send --to 41793026727 --quiet)
  {{.Program}} resend $PIN_ID
  {{.Program}} resend-voice $PIN_ID
  {{.Program}} inbox --pin-id $PIN_ID
  {{.Program}} verify $PIN_ID $({{.Program}} inbox --pin-id $PIN_ID --pin)

The same without this program:

  curl -H "Authorization: App $PINPOST_KEY" -H "Content-Type: application/json" $PINPOST_URL/2fa/1/pin \
    -d "{\"to\":\"41793026727\",\"applicationId\":\"$PINPOST_APPLICATION\",\"messageId\":\"$PINPOST_MESSAGE\"}"
  curl -H "Authorization: App $PINPOST_KEY" "$PINPOST_URL/sandbox/inbox?to=41793026727"

`))

func (d demo) print(to io.Writer, address string) {
	var text bytes.Buffer
	if err := banner.Execute(&text, struct {
		demo
		URL, Program string
	}{d, "http://" + address, program()}); err == nil {
		_, _ = to.Write(text.Bytes())
	}
}

// program is how this program was called; one that "go run" built is called by "go run".
func program() string {
	if strings.Contains(os.Args[0], "go-build") {
		return "go run ./cmd/pinpost"
	}
	return os.Args[0]
}
