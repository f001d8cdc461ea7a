package record

import (
	"bytes"
	"cmp"
	"fmt"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strings"
)

// What stands for credentials in every recording. The accepted ones are those of api/testdata.
const (
	fakeUser     = "2fa-user"
	fakePassword = "a password of a user"
	fakeKey      = "003026bbc133714df1834b8638bb496e-8f4b3d9a-e931-478d-a994-28a725159ab9"
	refusedKey   = "ffffffffffffffffffffffffffffffff-ffffffff-ffff-4fff-bfff-ffffffffffff"
)

// book knows what stands for what, and what is known of the things that exchanges are about.
type book struct {
	secrets      map[string]bool   // credentials that were accepted
	ours         map[string]bool   // credentials of the account that is recorded
	numbers      map[string]string // phone numbers, and those that stand for them
	lookups      map[string]string // what the first lookup said of a number
	unknown      map[string]string // ids that nothing is known of
	keys         map[string]string // Idempotency-Keys
	applications map[string]*thing
	messages     map[string]*thing
	order        []*thing // of both, as they were met
	pins         map[string]*pin
	done         []*entry // what went out or was verified or changed, in order
	seq          int
}

func newBook() *book {
	return &book{
		secrets: map[string]bool{}, ours: map[string]bool{}, numbers: map[string]string{}, lookups: map[string]string{},
		unknown: map[string]string{}, keys: map[string]string{},
		applications: map[string]*thing{}, messages: map[string]*thing{}, pins: map[string]*pin{},
	}
}

// meet finds out who makes requests: the first account that is accepted is recorded, and other credentials when they are
// seen to be the same account's.
func (b *book) meet(x *exchange) {
	who := x.credential()
	refused := x.status == http.StatusUnauthorized || x.status == http.StatusForbidden
	if who == "" || refused || x.status >= http.StatusInternalServerError {
		return
	}
	for _, text := range x.credentials() {
		b.secrets[text] = true
	}
	if len(b.ours) == 0 {
		b.ours[who] = true
	}
	key, made := x.answer.(string)
	if made = made && x.operation == "createApiKey" && x.ok(); made && b.ours[who] {
		b.ours["app "+key] = true
	}
	if made && b.ours["app "+key] {
		b.ours[who] = true
	}
}

// isOurs tells whether an exchange is of the recorded account. Making a key has to do with nothing else of an account.
func (b *book) isOurs(x *exchange) bool {
	return b.ours[x.credential()] || x.operation == "createApiKey" && strings.HasPrefix(x.credential(), "basic ")
}

// id gives what stands for an id.
func (b *book) id(id string) string {
	if a := b.applications[id]; a != nil {
		return a.id
	}
	if m := b.messages[id]; m != nil {
		return m.id
	}
	if b.unknown[id] == "" {
		b.unknown[id] = fmt.Sprintf("%032X", len(b.unknown))
	}
	return b.unknown[id]
}

// key gives what stands for an Idempotency-Key.
func (b *book) key(key string) string {
	if b.keys[key] == "" {
		b.keys[key] = fmt.Sprintf("key-%d", len(b.keys)+1)
	}
	return b.keys[key]
}

// digits are as many as a phone number has at least where it is taken for one, whatever stands between them.
var digits = regexp.MustCompile(`[0-9]([ ().\-/]{0,2}[0-9]){6,}`)

var address = regexp.MustCompile(`[^\s@<>]+@[^\s@<>]+`)

// text is what stands for a text that a company wrote. Sentences stay, as they are sent to everybody; what may be a phone
// number, an address or a credential in them is overwritten, with as many characters.
func (b *book) text(text string) string {
	longest := func(a, b string) int { return cmp.Or(len(b)-len(a), strings.Compare(a, b)) }
	for _, known := range slices.SortedFunc(maps.Keys(b.secrets), longest) {
		text = strings.ReplaceAll(text, known, strings.Repeat("x", len(known)))
	}
	text = address.ReplaceAllStringFunc(text, func(found string) string {
		return strings.Map(func(r rune) rune {
			if r == '@' || r == '.' {
				return r
			}
			return 'x'
		}, found)
	})
	return digits.ReplaceAllStringFunc(text, func(found string) string {
		return strings.Map(func(r rune) rune {
			if r >= '0' && r <= '9' {
				return '0'
			}
			return r
		}, found)
	})
}

var aPlaceholder = regexp.MustCompile(`\{\{(id|key|time|seconds|pinId)\}\}`)

// run is a row of digits that could be a whole phone number.
var run = regexp.MustCompile(`[0-9]{7,}`)

// betrays looks in what is about to be written for what must not be there: a second net below the replacing.
func (b *book) betrays(text []byte, x *exchange) bool {
	secrets := slices.Collect(maps.Keys(b.secrets))
	if x != nil {
		secrets = append(secrets, x.secrets()...)
	}
	if slices.ContainsFunc(secrets, func(known string) bool { return bytes.Contains(text, []byte(known)) }) {
		return true
	}
	for _, found := range run.FindAllString(string(text), -1) {
		if _, known := b.numbers[found]; known && !fiction.MatchString(found) {
			return true
		}
	}
	return false
}
