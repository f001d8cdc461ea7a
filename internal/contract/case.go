// Package contract replays the documented requests of api/testdata against any implementation of the contract, and says
// how its answers differ.
package contract

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"path"
	"slices"
	"strings"
	"sync"

	"github.com/pinpost/pinpost"
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

// sends tells whether the request makes a message go out when it is answered 200.
func (c Call) sends() bool {
	last := strings.TrimSuffix(strings.SplitN(c.Path, "?", 2)[0], "/")
	return c.Method == http.MethodPost && (strings.HasSuffix(last, "/pin") || strings.HasSuffix(last, "/voice") || strings.HasSuffix(last, "/resend"))
}

// documents are all cases, ordered by name, and what they start from. Nobody changes them.
type documents struct {
	cases   []*Case
	fixture *Fixture
}

const root = "api/testdata"

var load = sync.OnceValues(func() (documents, error) {
	all := documents{fixture: &Fixture{}}
	if err := read(root+"/fixture.json", all.fixture); err != nil {
		return documents{}, err
	}
	files, err := fs.Glob(pinpost.Testdata, root+"/*/*.json")
	if err != nil {
		return documents{}, err
	}
	for _, file := range files {
		c := &Case{Operation: path.Base(path.Dir(file)), Name: strings.TrimSuffix(path.Base(file), ".json")}
		err := read(file, c)
		if errors.Is(err, errStrange) {
			c.strange, err = true, nil
		}
		if err != nil {
			return documents{}, err
		}
		all.cases = append(all.cases, c)
	}
	return all, nil
})

// errStrange says that a file was read, and has members that are not understood.
var errStrange = errors.New("has a member that is not known")

func read(file string, into any) error {
	text, err := fs.ReadFile(pinpost.Testdata, file)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(text, into); err != nil {
		return fmt.Errorf("read %s: %w", file, err)
	}
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.DisallowUnknownFields()
	if decoder.Decode(into) != nil {
		return fmt.Errorf("%s %w", file, errStrange)
	}
	return nil
}
