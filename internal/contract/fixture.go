package contract

import (
	"encoding/base64"
	"regexp"
	"slices"
	"strings"
)

// Fixture is what the cases start from: api/testdata/fixture.json.
type Fixture struct {
	Accounts []struct {
		User     string   `json:"user"`
		Password string   `json:"password"`
		Keys     []string `json:"keys"`
	} `json:"accounts"`
	Applications []*Application    `json:"applications"`
	Messages     []*Message        `json:"messages"`
	PINs         []*PIN            `json:"pins"`
	Lookup       map[string]string `json:"lookup"`
}

// Application is one that exists before a case.
type Application struct {
	Account       string         `json:"account"`
	ApplicationID string         `json:"applicationId"`
	Name          string         `json:"name"`
	Enabled       bool           `json:"enabled"`
	ProcessID     string         `json:"processId"`
	Configuration map[string]any `json:"configuration"`
}

// Message is one that exists before a case.
type Message struct {
	ApplicationID  string `json:"applicationId"`
	MessageID      string `json:"messageId"`
	PinType        string `json:"pinType"`
	PinPlaceholder string `json:"pinPlaceholder"`
	MessageText    string `json:"messageText"`
	PinLength      int    `json:"pinLength"`
	Sender         string `json:"sender"`
}

// PIN is one that was sent before a case.
type PIN struct {
	ApplicationID string `json:"applicationId"`
	MessageID     string `json:"messageId"`
	PinID         string `json:"pinId"`
	To            string `json:"to"`
	Pin           string `json:"pin"`
	Expired       bool   `json:"expired"`
}

// owner is the account of an application: 0 is who makes the requests.
func (f *Fixture) owner(applicationID string) int {
	for _, a := range f.Applications {
		if a.ApplicationID == applicationID {
			for i, account := range f.Accounts {
				if account.User == a.Account {
					return i
				}
			}
		}
	}
	return -1
}

// applicationsOf are the applications of one account.
func (f *Fixture) applicationsOf(account int) []*Application {
	return slices.DeleteFunc(slices.Clone(f.Applications), func(a *Application) bool { return f.owner(a.ApplicationID) != account })
}

func (f *Fixture) messagesOf(applicationID string) []*Message {
	return slices.DeleteFunc(slices.Clone(f.Messages), func(m *Message) bool { return m.ApplicationID != applicationID })
}

func (f *Fixture) pinsOf(account int) []*PIN {
	return slices.DeleteFunc(slices.Clone(f.PINs), func(p *PIN) bool { return f.owner(p.ApplicationID) != account })
}

// pinIn gives the PIN that a path names.
func (f *Fixture) pinIn(path string) *PIN {
	for _, p := range f.PINs {
		if strings.Contains(path, "/pin/"+p.PinID+"/") {
			return p
		}
	}
	return nil
}

// basic are the credentials of an account as they follow the word Basic.
func (f *Fixture) basic(account int) string {
	return base64.StdEncoding.EncodeToString([]byte(f.Accounts[account].User + ":" + f.Accounts[account].Password))
}

// numberOnly is a phone number as cases send it where it is right.
var numberOnly = regexp.MustCompile(`^\+?([0-9]{8,15})$`)

// numbers are the phone numbers that a case needs something to be known of: those of the fixture that it mentions, and
// those that it gets a message sent to. A number that a target must refuse stays what it is.
func (f *Fixture) numbers(c *Case) []string {
	found := map[string]bool{}
	for number := range f.Lookup {
		found[number] = c.mentions(number)
	}
	for _, p := range f.PINs {
		found[p.To] = c.mentions(p.To) || c.mentions(p.PinID)
	}
	for i, call := range c.calls() {
		to, _ := call.members()["to"].(string)
		accepted := i < len(c.Before) || c.Answer.Status == 200 || c.Answer.Status == 409 || c.Answer.Status == 429
		if number := numberOnly.FindStringSubmatch(to); number != nil && accepted {
			found[number[1]] = true
		}
	}
	var numbers []string
	for number, is := range found {
		if is {
			numbers = append(numbers, number)
		}
	}
	slices.Sort(numbers)
	return numbers
}
