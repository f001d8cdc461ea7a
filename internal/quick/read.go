package quick

import (
	"bytes"
	"slices"
	"strconv"
)

// maxDepth is how deep objects and arrays may be nested, as conform has it.
const maxDepth = 32

// maxNames is how many undeclared members can be held at once, to see that none is there twice.
const maxNames = 32

// reader goes through one body. Each of its methods that read a value leaves it right behind that value, or tells that the
// body is not to be accepted. It lives on the stack, so that nothing is allocated.
type reader struct {
	body  []byte
	at    int
	depth int
	names [maxNames]span // of the undeclared members of the objects that are open
	held  int            // how many these are
}

// span is a piece of the body.
type span struct{ from, to int }

// next is the byte that comes next; 0, which no JSON has between values, at the end.
func (r *reader) next() byte {
	if r.at < len(r.body) {
		return r.body[r.at]
	}
	return 0
}

func (r *reader) space() {
	if r.next() > ' ' {
		return
	}
	r.spaces()
}

func (r *reader) spaces() {
	for r.at < len(r.body) {
		switch r.body[r.at] {
		case ' ', '\t', '\r', '\n':
			r.at++
		default:
			return
		}
	}
}

// value reads one value that fits a schema; what allOf lists is asked first, each from the beginning of the value.
func (r *reader) value(n *node) bool {
	if r.next() == 'n' {
		return n.nullable && r.word("null")
	}
	from, to := r.at, 0
	for _, each := range n.all {
		r.at = from
		if !r.value(each) {
			return false
		}
		to = r.at
	}
	r.at = from
	switch r.next() {
	case '"':
		return n.kinds&aString != 0 && r.text(n)
	case '{':
		if to > 0 && !n.within { // read already, and nothing more is asked
			r.at = to
			return n.kinds&anObject != 0
		}
		return n.kinds&anObject != 0 && r.object(n)
	case '[':
		if to > 0 && !n.within {
			r.at = to
			return n.kinds&aList != 0
		}
		return n.kinds&aList != 0 && r.list(n)
	case 't':
		return n.kinds&aBoolean != 0 && r.word("true")
	case 'f':
		return n.kinds&aBoolean != 0 && r.word("false")
	}
	return n.kinds&(anInteger|aNumber) != 0 && r.number(n)
}

func (r *reader) word(word string) bool {
	if len(r.body)-r.at < len(word) || string(r.body[r.at:r.at+len(word)]) != word {
		return false
	}
	r.at += len(word)
	return true
}

// exactDigits are never more than fit into an int64.
const exactDigits = 18

// number reads a number and compares it as float64, as kin-openapi does. Integers are accepted in digits alone, so that
// whoever decodes the body into an integer finds one.
func (r *reader) number(n *node) bool {
	from := r.at
	if r.next() == '-' {
		r.at++
	}
	first, whole := r.at, int64(0)
	for r.at < len(r.body) && r.body[r.at]-'0' <= 9 {
		if r.at-first < exactDigits {
			whole = whole*10 + int64(r.body[r.at]-'0')
		}
		r.at++
	}
	digits := r.at - first
	if digits == 0 || digits > 1 && r.body[first] == '0' {
		return false
	}
	value := float64(whole)
	if first > from {
		value = -value
	}
	if end := r.next(); digits > exactDigits || end == '.' || end == 'e' || end == 'E' {
		if n.kinds&aNumber == 0 || !r.fraction() {
			return false
		}
		if n == whatever {
			return true
		}
		var err error
		if value, err = strconv.ParseFloat(string(r.body[from:r.at]), 64); err != nil {
			return false
		}
	}
	return n.minimum <= value && value <= n.maximum
}

// fraction reads what of a number comes after the digits.
func (r *reader) fraction() bool {
	if r.next() == '.' {
		r.at++
		if !r.digits() {
			return false
		}
	}
	if r.next()|0x20 == 'e' {
		r.at++
		if sign := r.next(); sign == '+' || sign == '-' {
			r.at++
		}
		return r.digits()
	}
	return true
}

func (r *reader) digits() bool {
	from := r.at
	for r.at < len(r.body) && r.body[r.at]-'0' <= 9 {
		r.at++
	}
	return r.at > from
}

// enter goes into an object or a list, unless that is too deep.
func (r *reader) enter() bool {
	r.at++
	r.depth++
	r.space()
	return r.depth <= maxDepth
}

// leave goes out of what enter went into.
func (r *reader) leave() bool {
	r.at++
	r.depth--
	return true
}

// more goes from one element to the next; false is the end, or no JSON.
func (r *reader) more() bool {
	r.space()
	if r.next() != ',' {
		return false
	}
	r.at++
	r.space()
	return true
}

func (r *reader) list(n *node) bool {
	if !r.enter() {
		return false
	}
	if r.next() == ']' {
		return n.minItems == 0 && r.leave()
	}
	for count := 1; ; count++ {
		if count > n.maxItems || !r.value(n.items) {
			return false
		}
		if !r.more() {
			return r.next() == ']' && count >= n.minItems && r.leave()
		}
	}
}

func (r *reader) object(n *node) bool {
	if !r.enter() {
		return false
	}
	seen, expected, outer := uint64(0), 0, r.held
	if r.next() == '}' {
		return n.required == 0 && r.leave()
	}
	for {
		i := expected // members come in one order as a rule
		if i < len(n.members) && r.word(n.members[i].key) {
			r.space()
		} else {
			name, ok := r.name()
			if !ok {
				return false
			}
			if i = n.find(r.body[name.from:name.to]); i < 0 && (n.additional == nil || !r.hold(name, outer)) {
				return false
			}
		}
		if i < 0 {
			if !r.value(n.additional) {
				return false
			}
		} else {
			if seen&(1<<i) != 0 || !r.member(&n.members[i]) {
				return false
			}
			seen |= 1 << i
			expected = i + 1
		}
		if !r.more() {
			r.held = outer
			return r.next() == '}' && seen&n.required == n.required && r.leave()
		}
	}
}

// name reads the name of a member and the colon behind it. An escape in it is left to the slow path.
func (r *reader) name() (name span, ok bool) {
	if r.next() != '"' {
		return span{}, false
	}
	r.at++
	name.from = r.at
	if _, escaped, ok := r.characters(); !ok || escaped {
		return span{}, false
	}
	name.to = r.at - 1
	r.space()
	if r.next() != ':' {
		return span{}, false
	}
	r.at++
	r.space()
	return name, true
}

// find gives the place of a declared member, -1 when it is none.
func (n *node) find(name []byte) int {
	return slices.IndexFunc(n.members, func(m member) bool { return string(name) == m.name })
}

func (r *reader) member(m *member) bool {
	if m.leaveOut && r.next() == 'n' {
		return r.word("null")
	}
	return r.value(m.value)
}

// hold notes the name of an undeclared member. It is false when the object has that name already.
func (r *reader) hold(name span, outer int) bool {
	for _, other := range r.names[outer:r.held] {
		if bytes.Equal(r.body[other.from:other.to], r.body[name.from:name.to]) {
			return false
		}
	}
	if r.held == maxNames {
		return false
	}
	r.names[r.held] = name
	r.held++
	return true
}
