package contract

import (
	"context"
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"strings"
)

// worldHeader says which private world of a sandbox a request is meant for.
const worldHeader = "Pinpost-World"

// world is what was prepared for a case, or for several: it knows what stands at the target for the fixture's names.
type world struct {
	id    string            // of a sandbox's world; empty elsewhere
	other string            // the world of the fixture's second account
	names map[string]string // ids and phone numbers of the fixture, and what they are at the target
	codes map[string]string // PINs by the fixture's ids
	fresh string            // makes keys of requests new, where those of the last run are remembered
	last  string            // the pinId that was answered last, for {{pinId}}
	found []*exchange       // preparations whose answers were against the contract

	codeOf func(ctx context.Context, w *world, pinID string) (string, error) // reads the PIN of a pinId of the target
}

func newWorld() *world { return &world{names: map[string]string{}, codes: map[string]string{}} }

// blame keeps a preparation that has violations for the case it was made for.
func (w *world) blame(x *exchange) {
	if len(x.violations) > 0 {
		w.found = append(w.found, x)
	}
}

// text puts what things are called at the target for what the fixture calls them. What it does not know stays, so that
// unknown ids stay unknown.
func (w *world) text(text string) string {
	pairs := []string{}
	if w.last != "" {
		pairs = append(pairs, "{{pinId}}", w.last)
	}
	for _, name := range slices.Sorted(maps.Keys(w.names)) {
		pairs = append(pairs, name, w.names[name])
	}
	return strings.NewReplacer(pairs...).Replace(text)
}

// make turns a call of a case into one that the target understands.
func (r *run) make(ctx context.Context, w *world, call Call) (path string, header http.Header, body []byte, err error) {
	header = http.Header{}
	for name, value := range call.Headers {
		header.Set(name, w.text(value))
	}
	if w.fresh != "" && header.Get(keyHeader) != "" {
		header.Set(keyHeader, header.Get(keyHeader)+w.fresh)
	}
	r.signIn(w, header)
	if !call.hasBody() {
		return w.text(call.Path), header, nil, nil
	}
	if call.typesPIN() {
		text, err := w.withPIN(ctx, call)
		return w.text(call.Path), header, []byte(text), err
	}
	text := w.text(call.text())
	if p := r.fixture.pinIn(call.Path); p != nil {
		if text, err = r.typed(ctx, w, p, call, text); err != nil {
			return "", nil, nil, err
		}
	}
	return w.text(call.Path), header, []byte(text), nil
}

// withPIN is a body with the PIN behind {{pinId}}.
func (w *world) withPIN(ctx context.Context, call Call) (string, error) {
	if w.last == "" || w.codeOf == nil {
		return "", preparation{nil, []string{"nobody knows the PIN that {{pin}} stands for"}, nil}
	}
	code, err := w.codeOf(ctx, w, w.last)
	if err != nil {
		return "", err
	}
	return strings.Replace(w.text(call.text()), jsonText(pinPlaceholder), jsonText(code), 1), nil
}

// signIn puts the target's credentials for the fixture's.
func (r *run) signIn(w *world, header http.Header) {
	value := header.Get("Authorization")
	if value == "" {
		return
	}
	inWorld := w.id
	for i, account := range r.fixture.Accounts {
		for _, key := range account.Keys {
			if strings.Contains(value, key) {
				value = strings.ReplaceAll(value, key, r.target.key)
				if i > 0 {
					inWorld = w.other
				}
			}
		}
		value = strings.ReplaceAll(value, r.fixture.basic(i), r.target.basic)
	}
	header.Set("Authorization", value)
	if inWorld != "" {
		header.Set(worldHeader, inWorld)
	}
}

// typed puts the PIN that was really sent for the one of the fixture, and sees to it that a wrong one is wrong.
func (r *run) typed(ctx context.Context, w *world, p *PIN, call Call, text string) (string, error) {
	typed, ok := call.members()["pin"].(string)
	if !ok || typed == "" || w.names[p.PinID] == "" {
		return text, nil
	}
	right := strings.EqualFold(typed, p.Pin)
	if !right && w.codeOf == nil {
		return text, nil // it is wrong but for one chance in thousands
	}
	if w.codes[p.PinID] == "" {
		if w.codeOf == nil {
			return text, nil
		}
		code, err := w.codeOf(ctx, w, w.names[p.PinID])
		if err != nil {
			return "", err
		}
		w.codes[p.PinID] = code
	}
	next := typed
	switch code := w.codes[p.PinID]; {
	case right && typed != strings.ToUpper(typed):
		next = strings.ToLower(code)
	case right:
		next = code
	case strings.EqualFold(typed, code):
		next = another(typed)
	}
	return strings.Replace(text, jsonText(typed), jsonText(next), 1), nil
}

// another is a text of the same length with another first character.
func another(text string) string {
	if text[0] == '7' {
		return "8" + text[1:]
	}
	return "7" + text[1:]
}

func jsonText(text string) string {
	encoded, err := json.Marshal(text)
	if err != nil {
		return ""
	}
	return string(encoded)
}
