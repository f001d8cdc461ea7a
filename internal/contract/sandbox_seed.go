package contract

import (
	"context"
	"maps"
	"net/http"
	"net/url"
	"slices"
)

// life is how long an expired PIN of the fixture lives before the clock is moved past it; the others live much longer.
const life = 60_000 // milliseconds

// seedApplication is an application as a sandbox loads it.
type seedApplication struct {
	ApplicationID string         `json:"applicationId"`
	Name          string         `json:"name"`
	Enabled       bool           `json:"enabled"`
	Configuration map[string]any `json:"configuration"`
	Messages      []seedMessage  `json:"messages"`
}

type seedMessage struct {
	MessageID      string `json:"messageId"`
	PinType        string `json:"pinType"`
	PinLength      int    `json:"pinLength"`
	PinPlaceholder string `json:"pinPlaceholder"`
	MessageText    string `json:"messageText"`
	Sender         string `json:"sender"`
}

// seed loads applications and messages under the very ids of the fixture. Applications that PINs are sent with are
// switched off later.
func (s *sandboxStage) seed(ctx context.Context, w *world, account int, sending bool) error {
	applications := []seedApplication{} // which is no null in JSON
	for _, a := range s.run.fixture.applicationsOf(account) {
		seeded := seedApplication{
			ApplicationID: a.ApplicationID, Name: a.Name, Enabled: a.Enabled || sending, Configuration: a.Configuration,
			Messages: []seedMessage{},
		}
		for _, m := range s.run.fixture.messagesOf(a.ApplicationID) {
			seeded.Messages = append(seeded.Messages, seedMessage{
				m.MessageID, m.PinType, m.PinLength, m.PinPlaceholder, m.MessageText, m.Sender,
			})
		}
		applications = append(applications, seeded)
	}
	return s.run.target.own(ctx, w, http.MethodPost, "/sandbox/seed", map[string]any{"applications": applications}, nil)
}

// learn reads what the target calls things that a seed does not name.
func (s *sandboxStage) learn(ctx context.Context, w *world, account int) error {
	var applications []Application
	if err := s.run.target.own(ctx, w, http.MethodGet, "/2fa/1/applications", nil, &applications); err != nil {
		return err
	}
	for _, a := range s.run.fixture.applicationsOf(account) {
		for _, got := range applications {
			if got.ApplicationID == a.ApplicationID && got.ProcessID != "" {
				w.names[a.ProcessID] = got.ProcessID
			}
		}
	}
	return nil
}

// send sends the PINs of the fixture in their order. Those that are expired get a short life, and the clock moves past it.
func (s *sandboxStage) send(ctx context.Context, w *world, pins []*PIN) error {
	expired := false
	for _, p := range pins {
		if p.Expired {
			expired = true
			if err := s.change(ctx, w, p.ApplicationID, map[string]any{"configuration": map[string]any{"pinTimeToLive": life}}); err != nil {
				return err
			}
		}
		if err := s.run.sendPIN(ctx, w, p); err != nil {
			return err
		}
		if p.Expired {
			a := s.run.fixture.Applications[slices.IndexFunc(s.run.fixture.Applications, func(a *Application) bool { return a.ApplicationID == p.ApplicationID })]
			if err := s.change(ctx, w, p.ApplicationID, map[string]any{"configuration": maps.Clone(a.Configuration)}); err != nil {
				return err
			}
		}
	}
	if expired {
		if err := s.run.target.own(ctx, w, http.MethodPost, "/sandbox/clock", map[string]any{"advanceMs": life + 1}, nil); err != nil {
			return err
		}
	}
	if len(pins) == 0 {
		return nil
	}
	for _, a := range s.run.fixture.applicationsOf(s.run.fixture.owner(pins[0].ApplicationID)) {
		if !a.Enabled {
			if err := s.change(ctx, w, a.ApplicationID, map[string]any{"enabled": false}); err != nil {
				return err
			}
		}
	}
	return nil
}

func (s *sandboxStage) change(ctx context.Context, w *world, applicationID string, to map[string]any) error {
	return s.run.target.own(ctx, w, http.MethodPut, "/2fa/1/applications/"+url.PathEscape(w.text(applicationID)), to, nil)
}

// sendPIN sends a PIN of the fixture and notes which one stands for it.
func (r *run) sendPIN(ctx context.Context, w *world, p *PIN) error {
	var answer struct {
		PinID string `json:"pinId"`
	}
	r.sends++
	err := r.target.own(ctx, w, http.MethodPost, "/2fa/1/pin", map[string]string{
		"to": w.text(p.To), "applicationId": w.text(p.ApplicationID), "messageId": w.text(p.MessageID),
	}, &answer)
	if err == nil && answer.PinID != "" {
		w.names[p.PinID] = answer.PinID
	}
	return err
}
