package contract

import (
	"encoding/json"
	"fmt"
	"maps"
	"mime"
	"net/http"
	"reflect"
	"regexp"
	"slices"
	"strings"

	"github.com/pinpost/pinpost/internal/conform"
)

// matcher compares an answer with what a case wants. It says what a value must be, and not what it is: that might be a PIN,
// a key or a phone number.
type matcher struct {
	w       *world
	open    bool                                   // answers may have more members
	anyText bool                                   // texts for people may be any
	relaxed func(where string, wanted string) bool // values that lie outside a target's hands
	without string                                 // a header that is not asked for
	reasons []string
}

// patterns are what the placeholders of expected values stand for.
var patterns = map[string]string{
	"{{id}}":      `[0-9A-F]{32}`,
	"{{key}}":     `[0-9a-f]{32}-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}`,
	"{{seconds}}": `([1-9]|[1-9][0-9]{1,3}|[1-7][0-9]{4}|8[0-5][0-9]{3}|86[0-3][0-9]{2}|86400)`,
}

// answer compares headers and body.
func (m *matcher) answer(got conform.Response, want Answer) {
	for _, name := range slices.Sorted(maps.Keys(want.Headers)) {
		m.header(got.Header, name, want.Headers[name])
	}
	var value any
	if json.Unmarshal(got.Body, &value) != nil {
		m.add("body", "is not JSON")
		return
	}
	m.value("body", value, want.Body)
}

func (m *matcher) add(where, format string, args ...any) {
	m.reasons = append(m.reasons, where+" "+fmt.Sprintf(format, args...))
}

func (m *matcher) header(got http.Header, name, want string) {
	where := "header " + name
	value := got.Get(name)
	switch {
	case http.CanonicalHeaderKey(name) == m.without:
	case value == "":
		m.add(where, "is missing")
	case m.anyText && name == "WWW-Authenticate":
	case m.open && name == "Content-Type":
		media, _, err := mime.ParseMediaType(value)
		if wanted, _, _ := mime.ParseMediaType(want); err != nil || media != wanted {
			m.add(where, "must be %s", want)
		}
	case !m.fitsText(value, want):
		m.add(where, "must be %s", want)
	}
}

func (m *matcher) value(where string, got, want any) {
	if text, ok := want.(string); ok {
		m.text(where, got, text)
		return
	}
	if members, ok := want.(map[string]any); ok {
		m.members(where, got, members)
		return
	}
	if elements, ok := want.([]any); ok {
		m.elements(where, got, elements)
		return
	}
	if !reflect.DeepEqual(got, want) && !m.isRelaxed(where, "") {
		wanted, err := json.Marshal(want)
		if err != nil {
			wanted = []byte("another value")
		}
		m.add(where, "must be %s", wanted)
	}
}

func (m *matcher) isRelaxed(where, want string) bool {
	return m.relaxed != nil && m.relaxed(where, want)
}

func (m *matcher) text(where string, got any, want string) {
	text, ok := got.(string)
	switch {
	case m.isRelaxed(where, want):
	case want == "{{time}}":
		if millis, ok := got.(float64); !ok || millis <= 1e12 || millis >= 1e13 {
			m.add(where, "must be a number of milliseconds since 1970")
		}
	case m.open && (want == "{{id}}" || want == "{{key}}") && ok && text != "":
	case m.anyText && strings.HasSuffix(where, ".serviceException.text") && ok && text != "":
	case ok && m.fitsText(text, want):
	case m.w.text(want) != want:
		m.add(where, "must be what stands for %s", want)
	default:
		m.add(where, "must be %q", want)
	}
}

func (m *matcher) members(where string, got any, want map[string]any) {
	members, ok := got.(map[string]any)
	if !ok {
		m.add(where, "must be an object")
		return
	}
	for _, name := range slices.Sorted(maps.Keys(want)) {
		at := where + "." + name
		member, there := members[name]
		switch {
		case m.anyText && name == "validationErrors":
		case !there:
			m.add(at, "is missing")
		default:
			m.value(at, member, want[name])
		}
	}
	for _, name := range slices.Sorted(maps.Keys(members)) {
		if _, wanted := want[name]; !wanted && !m.open {
			m.add(where+"."+conform.MemberName([]string{name}), "must not be there")
		}
	}
}

func (m *matcher) elements(where string, got any, want []any) {
	elements, ok := got.([]any)
	switch {
	case !ok:
		m.add(where, "must be an array")
	case len(elements) != len(want):
		m.add(where, "must have %d elements, and has %d", len(want), len(elements))
	default:
		for i := range want {
			m.value(fmt.Sprintf("%s[%d]", where, i), elements[i], want[i])
		}
	}
}

func (m *matcher) fitsText(got, want string) bool {
	pattern := regexp.QuoteMeta(m.w.text(want))
	for placeholder, stands := range patterns {
		pattern = strings.ReplaceAll(pattern, regexp.QuoteMeta(placeholder), stands)
	}
	fits, err := regexp.MatchString("^"+pattern+"$", got)
	return err == nil && fits
}
