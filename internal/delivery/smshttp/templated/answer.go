package templated

import (
	"net/http"
	"slices"

	"github.com/pinpost/pinpost/internal/delivery"
	"github.com/pinpost/pinpost/internal/delivery/smshttp"
)

// Accept reads the answer as Success, ID and Errors say.
func (g *gateway) Accept(_ delivery.SMS, a smshttp.Answer) (string, error) {
	document, err := smshttp.ParseJSON(a.Body)
	if err != nil {
		document = nil
	}
	if !g.cfg.Success.status(a) {
		return "", g.refusal(a, document)
	}
	if a.Cut {
		return "", smshttp.Refuse(delivery.Ambiguous, "unreadable answer")
	}
	taken, readable := g.taken(a, document)
	switch {
	case !readable && g.code(a, document) == "":
		return "", smshttp.Refuse(delivery.Ambiguous, "unreadable answer")
	case !taken:
		return "", g.refusal(a, document)
	}
	return g.id(a, document), nil
}

func (s Success) status(a smshttp.Answer) bool {
	if len(s.Status) == 0 {
		return a.Success()
	}
	return slices.Contains(s.Status, a.Status)
}

// taken tells whether the body says that the text was taken; readable is false when it does not say either way.
func (g *gateway) taken(a smshttp.Answer, document any) (taken, readable bool) {
	s := g.cfg.Success
	if s.Pattern != "" && !g.patterns[s.Pattern].Match(a.Body) {
		return false, true
	}
	if s.Pointer == "" {
		return true, true
	}
	value, found := s.Pointer.Text(document)
	if !found {
		return false, false
	}
	return len(s.Values) == 0 || slices.Contains(s.Values, value), true
}

// id finds the gateway's id; without one, the message is known by our own.
func (g *gateway) id(a smshttp.Answer, document any) string {
	switch where := g.cfg.ID; {
	case where.Pointer != "":
		id, _ := where.Pointer.Text(document)
		return id
	case where.Pattern != "":
		return g.group(where.Pattern, a.Body)
	case where.Header != "":
		return a.Header.Get(where.Header)
	}
	return ""
}

// code finds the gateway's own word for a refusal.
func (g *gateway) code(a smshttp.Answer, document any) string {
	if g.cfg.Errors.Pointer != "" {
		if code, found := g.cfg.Errors.Pointer.Text(document); found {
			return code
		}
	}
	return g.group(g.cfg.Errors.Pattern, a.Body)
}

// refusal gives a refusal its class: by code, by what the body says, by status.
func (g *gateway) refusal(a smshttp.Answer, document any) error {
	code := g.code(a, document)
	if class, listed := g.cfg.Errors.Codes[code]; listed && code != "" {
		return smshttp.Refuse(classes[class], code)
	}
	for _, rule := range g.cfg.Errors.Bodies {
		if g.patterns[rule.Pattern].Match(a.Body) {
			if code == "" {
				code = rule.Class
			}
			return smshttp.Refuse(classes[rule.Class], code)
		}
	}
	if class, listed := g.cfg.Errors.Statuses[a.Status]; listed {
		if code == "" {
			code = http.StatusText(a.Status)
		}
		return smshttp.Refuse(classes[class], code)
	}
	if a.Success() {
		if code == "" {
			code = "no success"
		}
		return smshttp.Refuse(delivery.Rejected, code)
	}
	return smshttp.ByStatus(a, code)
}
