package contract

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

// foreignStage prepares cases at a target of which nothing is known but the contract: applications and messages are made
// through the API, and PINs are sent to phones that the tester named.
type foreignStage struct {
	run    *run
	began  time.Time
	shared *world // of calm cases
}

func newForeignStage(r *run) *foreignStage { return &foreignStage{run: r, began: time.Now()} }

func (s *foreignStage) end(context.Context)           {} // the API removes nothing
func (s *foreignStage) close(context.Context, *world) {}

// relaxed leaves out what lies with phones and carriers: whether somebody can be reached and picks up, and whether a text
// has been delivered yet.
func (s *foreignStage) relaxed(c *Case) func(where, wanted string) bool {
	return func(where, wanted string) bool {
		switch {
		case strings.HasSuffix(where, ".ncStatus"):
			return wanted == "NC_DESTINATION_REACHABLE"
		case strings.HasSuffix(where, ".callStatus"):
			return wanted == "PROCESSED"
		}
		return c.Operation == "getPinStatus" && c.Answer.Status == http.StatusOK
	}
}

// open makes the applications that a case is about, and sends its PINs.
func (s *foreignStage) open(ctx context.Context, c *Case) (*world, error) {
	w := newWorld()
	if s.without(c) {
		return w, nil
	}
	if s.share(c) {
		if s.shared == nil {
			s.shared = w
		}
		w = s.shared
	}
	if !c.calm() { // in a calm case it may be the key that is wrong
		w.fresh = fmt.Sprintf("-%x-%s", s.began.UnixNano(), c.ID())
	}
	if s.run.options.PINOf != nil {
		w.codeOf = s.code
	}
	for i, number := range s.run.fixture.numbers(c) {
		w.names[number] = strings.TrimPrefix(s.run.options.Phones[i], "+")
	}
	pins := s.pins(c)
	for _, a := range s.run.fixture.applicationsOf(0) {
		if !s.about(c, a, pins) {
			continue
		}
		if err := s.create(ctx, w, a, pins); err != nil {
			return w, err
		}
	}
	return w, nil
}

// share tells whether a case can do with what was prepared for others. With two numbers it cannot: a PIN was sent to one of
// them only.
func (s *foreignStage) share(c *Case) bool { return c.calm() && len(s.run.fixture.numbers(c)) < 2 }

// create makes an application with its messages and sends its PINs. What a shared world has already is left alone. An
// application that is off in the fixture is switched on while PINs are sent with it.
func (s *foreignStage) create(ctx context.Context, w *world, a *Application, pins []*PIN) error {
	pins = slices.DeleteFunc(slices.Clone(pins), func(p *PIN) bool { return p.ApplicationID != a.ApplicationID || w.names[p.PinID] != "" })
	if w.names[a.ApplicationID] == "" {
		if err := s.make(ctx, w, a); err != nil {
			return err
		}
	}
	if len(pins) == 0 {
		return nil
	}
	if err := s.enable(ctx, w, a, true); err != nil {
		return err
	}
	for _, p := range pins {
		if err := s.run.sendPIN(ctx, w, p); err != nil {
			return err
		}
	}
	return s.enable(ctx, w, a, false)
}

func (s *foreignStage) make(ctx context.Context, w *world, a *Application) error {
	var made Application
	err := s.run.target.own(ctx, w, http.MethodPost, "/2fa/1/applications",
		map[string]any{"name": a.Name, "enabled": a.Enabled, "configuration": a.Configuration}, &made)
	if err != nil {
		return err
	}
	w.names[a.ApplicationID], w.names[a.ProcessID] = made.ApplicationID, made.ProcessID
	for _, m := range s.run.fixture.messagesOf(a.ApplicationID) {
		var answer Message
		path := "/2fa/1/applications/" + url.PathEscape(made.ApplicationID) + "/messages"
		if err := s.run.target.own(ctx, w, http.MethodPost, path, map[string]any{
			"pinType": m.PinType, "pinPlaceholder": m.PinPlaceholder, "messageText": m.MessageText,
			"pinLength": m.PinLength, "sender": m.Sender,
		}, &answer); err != nil {
			return err
		}
		w.names[m.MessageID] = answer.MessageID
	}
	return nil
}

// enable switches an application that is off in the fixture.
func (s *foreignStage) enable(ctx context.Context, w *world, a *Application, on bool) error {
	if a.Enabled {
		return nil
	}
	return s.run.target.own(ctx, w, http.MethodPut, "/2fa/1/applications/"+url.PathEscape(w.names[a.ApplicationID]),
		map[string]any{"enabled": on}, nil)
}

// code asks the tester's command for a PIN.
func (s *foreignStage) code(ctx context.Context, _ *world, pinID string) (string, error) {
	code, err := s.run.options.PINOf(ctx, pinID)
	if err != nil {
		return "", fmt.Errorf("ask for the PIN: %w", err)
	}
	return code, nil
}
