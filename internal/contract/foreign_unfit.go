package contract

import (
	"net/http"
	"slices"
	"strings"
)

// Why cases are not applicable to a target that is no sandbox.
const (
	readOnly     = "it changes something, and the profile is read-only"
	readOnlyIDs  = "it needs an application or PIN, and the profile read-only makes none"
	needsAccount = "it needs a second account"
	needsExpiry  = "it needs an expired PIN"
	needsLookup  = "it needs a number lookup with a known outcome"
	needsCode    = "it needs the PIN that was sent, and no --pin-command is given"
	needsPhone   = "it needs more phone numbers than are given with --phone"
	needsSends   = "it sends more messages than --max-sends leaves"
	needsAlone   = "it lists what the account has, which may be more than is known"
	isAddition   = "it is about what Pinpost adds to the documented API, and --additions is not given"
)

// without tells whether a case is refused before any of its ids is looked at.
func (s *foreignStage) without(c *Case) bool {
	return c.Answer.Status == http.StatusUnauthorized && len(c.Before) == 0
}

func (s *foreignStage) unfit(c *Case) string {
	switch {
	case s.run.usesBasic(c) && s.run.target.basic == "":
		return needsUser
	case !s.run.addition && s.adds(c):
		return isAddition
	case s.run.options.Profile == ReadOnly && s.changes(c):
		return readOnly
	case s.without(c):
		return ""
	case s.run.options.Profile == ReadOnly && s.names(c, 0):
		return readOnlyIDs
	case s.names(c, 1):
		return needsAccount
	case s.expired(c):
		return needsExpiry
	case s.lookedUp(c):
		return needsLookup
	case c.Operation == "listApplications" && c.Answer.Status == http.StatusOK:
		return needsAlone
	case s.run.options.PINOf == nil && s.reads(c):
		return needsCode
	case len(s.run.fixture.numbers(c)) > len(s.run.options.Phones):
		return needsPhone
	case s.run.options.Profile == Cheap && s.run.sends+s.cost(c) > s.run.options.MaxSends:
		return needsSends
	}
	return ""
}

// changes tells whether a case has a request that may change something where the target is right.
func (s *foreignStage) changes(c *Case) bool {
	refused := []int{http.StatusBadRequest, http.StatusUnauthorized, http.StatusNotFound}
	return len(c.Before) > 0 || c.Request.Method != http.MethodGet && !slices.Contains(refused, c.Answer.Status)
}

func (s *foreignStage) adds(c *Case) bool {
	return slices.ContainsFunc(c.calls(), func(call Call) bool {
		for name := range call.Headers {
			if strings.EqualFold(name, keyHeader) {
				return true
			}
		}
		return false
	})
}

// names tells whether a case names something of one of the fixture's accounts.
func (s *foreignStage) names(c *Case, account int) bool {
	for _, a := range s.run.fixture.applicationsOf(account) {
		if c.mentions(a.ApplicationID) {
			return true
		}
	}
	for _, m := range s.run.fixture.Messages {
		if s.run.fixture.owner(m.ApplicationID) == account && c.mentions(m.MessageID) {
			return true
		}
	}
	return slices.ContainsFunc(s.run.fixture.pinsOf(account), func(p *PIN) bool { return c.mentions(p.PinID) })
}

func (s *foreignStage) expired(c *Case) bool {
	return slices.ContainsFunc(s.run.fixture.PINs, func(p *PIN) bool {
		return p.Expired && needs(c, p)
	})
}

// lookedUp tells whether a case is about what a lookup says, beyond that a phone can be reached.
func (s *foreignStage) lookedUp(c *Case) bool {
	for number, status := range s.run.fixture.Lookup {
		if status != "NC_DESTINATION_REACHABLE" && c.mentions(number) {
			return true
		}
	}
	body, _ := c.Answer.Body.(map[string]any)
	asked := !strings.Contains(c.Request.Path, "ncNeeded=false") && c.Request.members()["ncNeeded"] != false
	return c.Given["lookup"] != "" || body["ncStatus"] == "NC_DESTINATION_UNKNOWN" && asked
}

// reads tells whether a case types the PIN that was sent, and is judged by it.
func (s *foreignStage) reads(c *Case) bool {
	for i, call := range c.calls() {
		if call.typesPIN() {
			return true
		}
		p := s.run.fixture.pinIn(call.Path)
		typed, _ := call.members()["pin"].(string)
		judged := i < len(c.Before) || c.Answer.Status == http.StatusOK
		if p != nil && judged && typed != "" && strings.EqualFold(typed, p.Pin) {
			return true
		}
	}
	return false
}

// pins are those of the fixture that have to be sent for a case.
func (s *foreignStage) pins(c *Case) []*PIN {
	return slices.DeleteFunc(s.run.fixture.pinsOf(0), func(p *PIN) bool { return !needs(c, p) })
}

// needs tells whether a case is about a PIN, or counts or lists it.
func needs(c *Case, p *PIN) bool {
	counted := c.Answer.Status == http.StatusTooManyRequests || strings.Contains(c.Request.Path, "/verifications")
	return c.mentions(p.PinID) || counted && c.mentions(p.To) && c.mentions(p.ApplicationID)
}

// about tells whether a case needs an application.
func (s *foreignStage) about(c *Case, a *Application, pins []*PIN) bool {
	return c.mentions(a.ApplicationID) ||
		slices.ContainsFunc(s.run.fixture.messagesOf(a.ApplicationID), func(m *Message) bool { return c.mentions(m.MessageID) }) ||
		slices.ContainsFunc(pins, func(p *PIN) bool { return p.ApplicationID == a.ApplicationID })
}

// cost is how many messages a case can make go out, also where the target fails to refuse one.
func (s *foreignStage) cost(c *Case) int {
	sends := len(s.pins(c))
	if s.share(c) && s.shared != nil {
		for _, p := range s.pins(c) {
			if s.shared.names[p.PinID] != "" {
				sends--
			}
		}
	}
	for i, call := range c.calls() {
		refused := c.Answer.Status == http.StatusUnauthorized || c.Answer.Status == http.StatusNotFound
		if call.sends() && (i < len(c.Before) || !refused) {
			sends++
		}
	}
	return sends
}
