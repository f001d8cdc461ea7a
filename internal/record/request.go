package record

import (
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/url"
	"reflect"
	"regexp"
	"strings"
)

// call is a request as a case has it.
type call struct {
	Method  string            `json:"method"`
	Path    string            `json:"path"`
	Headers map[string]string `json:"headers"`
	Body    any               `json:"body,omitempty"`
	RawBody *string           `json:"rawBody,omitempty"`
}

// wrongPIN is never right: PINs are letters and digits, and not as many.
const wrongPIN = "WRONG-PIN"

var (
	decimal   = regexp.MustCompile(`^-?[0-9]{1,11}(\.[0-9]{1,3})?$`)
	mediaType = regexp.MustCompile(`^(\*/\*|application/(json|xml|x-www-form-urlencoded|octet-stream)|text/(plain|html|xml))( ?; ?charset=(UTF-8|utf-8|ISO-8859-1|iso-8859-1))?$`)
	prefer    = regexp.MustCompile(`^(respond-async|wait=[0-9]{1,3})(, ?(respond-async|wait=[0-9]{1,3}))?$`)
	onceKey   = regexp.MustCompile(`^[!-~]([ -~]{0,253}[!-~])?$`)
	pinTypes  = map[string]bool{"NUMERIC": true, "ALPHA": true, "HEX": true, "ALPHANUMERIC": true}
)

// call makes a request that betrays nothing.
func (b *book) call(x *exchange) (call, string) {
	c := call{Method: x.shape.method, Headers: map[string]string{}}
	var reason string
	if c.Headers, reason = b.headers(x); reason != "" {
		return c, reason
	}
	c.Path = x.shape.path
	for name, id := range x.ids {
		stands := "{{pinId}}"
		if name != "pin" || b.pins[id] == nil || x.status == http.StatusUnauthorized {
			stands = b.id(id)
		}
		c.Path = strings.Replace(c.Path, "{"+name+"}", stands, 1)
	}
	query, reason := b.query(x)
	if reason != "" {
		return c, reason
	}
	if query != "" {
		c.Path += "?" + query
	}
	switch body := x.body.(type) {
	case nil:
		if x.hasBody {
			c.RawBody = new("null")
		}
	case map[string]any:
		c.Body, reason = b.body(x, body, x.shape.members)
	default:
		reason = oddBody
	}
	return c, reason
}

func (b *book) headers(x *exchange) (map[string]string, string) {
	headers := map[string]string{}
	if who := x.credential(); who != "" {
		value, reason := b.authorization(x, who)
		if reason != "" {
			return nil, reason
		}
		headers["Authorization"] = value
	}
	if value, there := x.header["Content-Type"]; there {
		if !mediaType.MatchString(value) {
			return nil, oddHeader
		}
		headers["Content-Type"] = value
	}
	if value := x.header["Accept"]; mediaType.MatchString(value) {
		headers["Accept"] = value // others say nothing to the contract
	}
	if value, there := x.header["Prefer"]; there {
		if !prefer.MatchString(value) {
			return nil, oddHeader
		}
		headers["Prefer"] = value
	}
	if value, there := x.header["Idempotency-Key"]; there {
		if !onceKey.MatchString(value) {
			return nil, oddKey
		}
		headers["Idempotency-Key"] = b.key(value)
	}
	return headers, ""
}

// authorization gives credentials that are as good or as bad as those of the request.
func (b *book) authorization(x *exchange, who string) (string, string) {
	scheme, rest, _ := strings.Cut(who, " ")
	basic := func(user, password string) string {
		return "Basic " + base64.StdEncoding.EncodeToString([]byte(user+":"+password))
	}
	refused := x.status == http.StatusUnauthorized
	switch {
	case rest == "":
		return "", oddHeader
	case scheme == "app" && refused:
		return "App " + refusedKey, ""
	case scheme == "app":
		return "App " + fakeKey, ""
	case scheme == "basic" && refused:
		return basic("nobody", "no password"), ""
	case scheme == "basic":
		return basic(fakeUser, fakePassword), ""
	case scheme == "bearer" && refused:
		return "Bearer " + refusedKey, ""
	}
	return "", oddHeader
}

func (b *book) query(x *exchange) (string, string) {
	query := url.Values{}
	for name, values := range x.query {
		kind := x.shape.query[name]
		if kind == 0 || len(values) != 1 {
			return "", oddQuery
		}
		value := values[0]
		switch {
		case kind == aNumber:
			fake, valid, reason := b.number(value)
			if reason != "" || valid && x.faults(name) || !valid && !x.faults(name) {
				return "", oddNumber
			}
			value = fake
		case value == "true" || value == "false":
		case x.status == http.StatusBadRequest:
			value = "perhaps"
		default:
			return "", oddQuery
		}
		query.Set(name, value)
	}
	return query.Encode(), ""
}

func (b *book) body(x *exchange, members map[string]any, known map[string]kind) (map[string]any, string) {
	body := map[string]any{}
	for name, value := range members {
		kind := known[name]
		if kind == 0 {
			return nil, oddBody
		}
		var reason string
		if body[name], reason = b.value(x, name, value, kind); reason != "" {
			return nil, reason
		}
	}
	return body, ""
}

func (b *book) value(x *exchange, name string, value any, kind kind) (any, string) {
	switch typed := value.(type) {
	case nil:
		return nil, ""
	case string:
		return b.textual(x, name, typed, kind)
	case bool:
		if kind == aFlag {
			return typed, ""
		}
		return false, x.refused()
	case json.Number:
		if kind == aCount && counts(typed) {
			return typed, ""
		}
		if kind == aCount {
			return nil, oddBody
		}
		return 0, x.refused() // it may be a PIN or a phone number
	case map[string]any:
		if kind == aConfiguration {
			return b.body(x, typed, configuration)
		}
	}
	return nil, oddBody
}

func (b *book) textual(x *exchange, name, text string, kind kind) (any, string) {
	switch kind {
	case aNumber:
		fake, valid, reason := b.number(text)
		if reason == "" && (!valid && !x.faults(name) && x.refused() != "" || valid && x.faults(name)) {
			reason = oddNumber
		}
		return fake, reason
	case anID:
		if text == "" {
			return "", ""
		}
		return b.id(text), ""
	case aText:
		text = b.text(text)
		if aPlaceholder.MatchString(text) {
			return nil, placeholder
		}
		return text, ""
	case aPin:
		return b.pinTyped(x, text)
	case aPinType:
		if pinTypes[text] || text == "" {
			return text, ""
		}
	}
	return "other", x.refused()
}

func (b *book) pinTyped(x *exchange, text string) (any, string) {
	verified, _ := x.answerMember("verified").(bool)
	switch {
	case text == "":
		return "", x.refused()
	case len(text) > 64:
		return nil, oddBody
	case x.status == http.StatusBadRequest:
		return nil, unclear // it was refused for its form, which must not be shown
	case x.ok() && verified:
		return "{{pin}}", ""
	}
	return wrongPIN, ""
}

// mostCounted is the largest number that the contract takes anywhere. What is larger may be a phone number.
const mostCounted = 31_536_000_000

func counts(n json.Number) bool {
	value, err := n.Float64()
	return err == nil && decimal.MatchString(n.String()) && value <= mostCounted
}

// refused is empty where a request was refused as it stands, so that one with other wrong values is refused as well.
func (x *exchange) refused() string {
	if x.status == http.StatusBadRequest || x.status == http.StatusUnauthorized || x.status == http.StatusUnsupportedMediaType {
		return ""
	}
	return oddBody
}

// faults tells whether an answer names a member or parameter as wrong.
func (x *exchange) faults(name string) bool {
	envelope, _ := x.answerMember("requestError").(map[string]any)
	exception, _ := envelope["serviceException"].(map[string]any)
	wrong, _ := exception["validationErrors"].(map[string]any)
	_, is := wrong[name]
	return is
}

// sameRequest tells whether two requests are one to a server that knows Idempotency-Keys.
func (c call) sameRequest(other call) bool {
	return c.Method == other.Method && c.Path == other.Path && reflect.DeepEqual(c.Body, other.Body) && reflect.DeepEqual(c.RawBody, other.RawBody)
}
