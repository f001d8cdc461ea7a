// Package contract replays the documented requests of api/testdata against any implementation of the contract, and says
// how its answers differ.
package contract

import (
	"bytes"
	"encoding/json"
	"net/http"
	"slices"
	"strings"
)

// Case is one file of api/testdata: a request and the answer to it. The README there says what its members mean.
type Case struct {
	Operation string `json:"-"`
	Name      string `json:"-"`

	Title   string            `json:"title"`
	Source  string            `json:"source"`
	Given   map[string]string `json:"given"`
	Before  []Call            `json:"before"`
	Request Call              `json:"request"`
	Answer  Answer            `json:"response"`

	strange bool // the file has a member that this program does not know
}

// Call is one request.
type Call struct {
	Method  string            `json:"method"`
	Path    string            `json:"path"`
	Headers map[string]string `json:"headers"`
	Body    json.RawMessage   `json:"body"`
	RawBody *string           `json:"rawBody"`
}

// Answer is what a request must be answered.
type Answer struct {
	Status  int               `json:"status"`
	Headers map[string]string `json:"headers"`
	Body    any               `json:"body"`
}

// ID names the case: sendPinOverSms/smallest.
func (c *Case) ID() string { return c.Operation + "/" + c.Name }

// calls are all requests of the case, in order.
func (c *Case) calls() []Call { return append(slices.Clone(c.Before), c.Request) }

// calm tells that a right answer leaves everything as it was, so that cases like this can share what was prepared.
func (c *Case) calm() bool {
	return len(c.Before) == 0 && (c.Request.Method == http.MethodGet ||
		c.Answer.Status >= 400 && c.Answer.Status < 500 && c.Answer.Status != http.StatusTooManyRequests)
}

// mentions tells whether a text stands anywhere in the case: in requests, or in the answer.
func (c *Case) mentions(text string) bool {
	for _, call := range c.calls() {
		if strings.Contains(call.Path, text) || strings.Contains(call.text(), text) {
			return true
		}
	}
	answer, err := json.Marshal(c.Answer.Body)
	return err == nil && bytes.Contains(answer, []byte(text))
}

// text is the body as it is sent; bodies of files are indented for people.
func (c Call) text() string {
	if c.RawBody != nil {
		return *c.RawBody
	}
	var text bytes.Buffer
	if json.Compact(&text, c.Body) != nil {
		return string(c.Body)
	}
	return text.String()
}

func (c Call) hasBody() bool { return c.RawBody != nil || c.Body != nil }

// members are those of the body when it is an object.
func (c Call) members() map[string]any {
	var members map[string]any
	if json.Unmarshal([]byte(c.text()), &members) != nil {
		return nil
	}
	return members
}

// typesPIN tells whether the request types the PIN behind {{pinId}}, whatever that is.
func (c Call) typesPIN() bool {
	typed, _ := c.members()["pin"].(string)
	return typed == pinPlaceholder
}

// pinPlaceholder stands for the PIN behind {{pinId}} in the body of a request.
const pinPlaceholder = "{{pin}}"

// sends tells whether the request makes a message go out when it is answered 200.
func (c Call) sends() bool {
	last := strings.TrimSuffix(strings.SplitN(c.Path, "?", 2)[0], "/")
	return c.Method == http.MethodPost && (strings.HasSuffix(last, "/pin") || strings.HasSuffix(last, "/voice") || strings.HasSuffix(last, "/resend"))
}
