package record

import (
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"github.com/pinpost/pinpost/internal/conform"
)

// exchange is what is kept of a request and its answer. It still has all secrets.
type exchange struct {
	operation string
	shape     shape
	ids       map[string]string // that the path names
	query     url.Values
	header    map[string]string // those of the request that a case may have
	body      any               // of the request; nil is none
	hasBody   bool
	status    int
	answered  http.Header
	answer    any
	left      string // why it is no case, as far as is known
}

// kept are the headers of a request that can change its answer.
var kept = []string{"Authorization", "Content-Type", "Accept", "Prefer", "Idempotency-Key"}

func read(operation string, req conform.Request, resp conform.Response) *exchange {
	x := &exchange{operation: operation, header: map[string]string{}, status: resp.Status, answered: resp.Header.Clone()}
	x.left = x.read(req, resp)
	return x
}

// read says what keeps the exchange from being a case. It reads on all the same: what was sent or changed is of interest
// for what comes after.
func (x *exchange) read(req conform.Request, resp conform.Response) (left string) {
	leave := func(reason string) {
		if left == "" {
			left = reason
		}
	}
	switch {
	case resp.Status >= http.StatusInternalServerError:
		leave(faulty)
	case resp.Status == http.StatusRequestEntityTooLarge:
		leave(tooLarge)
	}
	for _, name := range kept {
		values := req.Header.Values(name)
		if len(values) > 1 {
			leave(oddHeader)
		}
		if len(values) > 0 {
			x.header[name] = values[0]
		}
	}
	var known bool
	if x.shape, known = shapes[x.operation]; !known || req.URL == nil {
		leave(noOperation)
		return left
	}
	if x.ids, known = x.shape.ids(req.URL.Path); !known || req.Method != x.shape.method {
		leave(noOperation)
	}
	var err error
	if x.query, err = url.ParseQuery(req.URL.RawQuery); err != nil {
		leave(oddQuery)
	}
	if x.hasBody = len(req.Body) > 0; x.hasBody {
		if x.body, err = conform.Decode(req.Body); err != nil {
			leave(notJSON)
		}
	}
	if x.answer, err = conform.Decode(resp.Body); err != nil {
		leave(notJSON)
	}
	return left
}

func (x *exchange) ok() bool { return x.status == http.StatusOK }

// repeated tells whether the answer is one that was given before, to the first request with the same Idempotency-Key.
func (x *exchange) repeated() bool {
	return x.ok() && x.answered.Get("Idempotency-Replayed") == "true"
}

func (x *exchange) member(name string) string {
	members, _ := x.body.(map[string]any)
	text, _ := members[name].(string)
	return text
}

func (x *exchange) answerMember(name string) any {
	members, _ := x.answer.(map[string]any)
	return members[name]
}

func (x *exchange) answerText(name string) string {
	text, _ := x.answerMember(name).(string)
	return text
}

// credential is who made the request, in one spelling; empty when nobody says so.
func (x *exchange) credential() string {
	scheme, rest, _ := strings.Cut(strings.TrimSpace(x.header["Authorization"]), " ")
	if scheme == "" {
		return ""
	}
	return strings.ToLower(scheme) + " " + strings.TrimSpace(rest)
}

// leastSecret is how long a text is that is searched for. A password of three letters stands in every text.
const leastSecret = 6

// standsFor are texts that stand in every recording, and so are nobody's secret.
var standsFor = regexp.MustCompile(`^(key-[0-9]+|` + fakeUser + `|` + fakePassword + `|` + fakeKey + `|` + refusedKey + `|` + wrongPIN + `)$`)

// vocabulary are words that stand in every recording as well.
const vocabulary = "accounts applications messages password lookup before request response headers method Recorded " +
	"Authorization Content-Type application/json Idempotency-Key Idempotency-Replayed applicationId messageId processId " +
	"configuration enabled verified verify resend status voice NUMERIC ALPHANUMERIC"

func searched(text string) bool {
	return len(text) >= leastSecret && !standsFor.MatchString(text) && !strings.Contains(vocabulary, text)
}

// credentials are who made the request, in all its parts, and a key that was made.
func (x *exchange) credentials() []string {
	_, rest, _ := strings.Cut(x.credential(), " ")
	texts := []string{rest}
	if text, err := base64.StdEncoding.DecodeString(rest); err == nil {
		user, password, _ := strings.Cut(string(text), ":")
		texts = append(texts, user, password)
	}
	if key, ok := x.answer.(string); ok {
		texts = append(texts, key)
	}
	return slices.DeleteFunc(texts, func(text string) bool { return !searched(text) })
}

// secrets are what a case of the exchange must not have, wherever it stands.
func (x *exchange) secrets() []string {
	texts := x.credentials()
	for _, text := range []string{x.header["Idempotency-Key"], x.typed()} {
		if searched(text) {
			texts = append(texts, text)
		}
	}
	return texts
}

// typed is the PIN that somebody typed, whether as a text or as a number.
func (x *exchange) typed() string {
	members, _ := x.body.(map[string]any)
	switch pin := members["pin"].(type) {
	case string:
		return pin
	case json.Number:
		return pin.String()
	}
	return ""
}
