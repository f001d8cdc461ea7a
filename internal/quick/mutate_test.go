package quick_test

import (
	"bytes"
	"math/rand/v2"
	"strings"
)

// mutator makes bodies that are nearly right, always the same ones from the same seed.
type mutator struct {
	random *rand.Rand
	seeds  []*parsed
	out    []byte
	edits  []edit
}

// parsed is a right body and where its pieces are.
type parsed struct {
	text    []byte
	values  []piece
	members []piece
}

// piece is a value, or a whole member with its name.
type piece struct {
	from, to int
	nameTo   int // of a member: right behind its name
	first    bool
	last     bool
}

type edit struct {
	from, to int
	text     string
}

func newMutator(right [][]byte, seed uint64) *mutator {
	m := &mutator{random: rand.New(rand.NewPCG(seed, 5))}
	for _, body := range right {
		var compact bytes.Buffer
		compact.Write(body)
		p := &parsed{text: compact.Bytes()}
		p.value(0)
		m.seeds = append(m.seeds, p)
	}
	return m
}

// value finds the pieces of the value at a place, and gives the place behind it. The text is known to be right.
func (p *parsed) value(at int) int {
	at = p.space(at)
	from := at
	switch p.text[at] {
	case '{':
		at = p.space(at + 1)
		for first := true; p.text[at] != '}'; first = false {
			member := piece{from: at, first: first}
			at = p.str(at)
			member.nameTo = at
			at = p.value(p.space(at) + 1)
			member.to = at
			at = p.space(at)
			if member.last = p.text[at] == '}'; !member.last {
				at = p.space(at + 1)
			}
			p.members = append(p.members, member)
		}
		at++
	case '[':
		for at = p.space(at + 1); p.text[at] != ']'; {
			if at = p.space(p.value(at)); p.text[at] == ',' {
				at++
			}
		}
		at++
	case '"':
		at = p.str(at)
	default:
		for at < len(p.text) && !strings.ContainsRune(",]} \n\r\t", rune(p.text[at])) {
			at++
		}
	}
	p.values = append(p.values, piece{from: from, to: at})
	return at
}

func (p *parsed) space(at int) int {
	for at < len(p.text) && strings.IndexByte(" \n\r\t", p.text[at]) >= 0 {
		at++
	}
	return at
}

func (p *parsed) str(at int) int {
	for at++; p.text[at] != '"'; at++ {
		if p.text[at] == '\\' {
			at++
		}
	}
	return at + 1
}

// What values are replaced with, what is put into texts, and what is put around bodies.
var (
	anyValues = strings.Fields(`null null null true false 0 -0 1 -1 2 8 9 10 1.0 1e0 1E+1 0.5 1.5 -0.0 1e-1 60000 60001 1000000 1000001 2147483647
		2147483648 -2147483648 -2147483649 86400000 86400001 31536000000 31536000001 315360000000 315360000001 999999999999999999
		1000000000000000000 9007199254740993 9223372036854775807 9223372036854775808 -9223372036854775808 -9223372036854775809 1e18 1e19
		99999999999999999999999 1e308 1e400 -1e400 1e-400 01 00 +1 .5 1. 1e 1e+ - 0x1 NaN Infinity tru nul True "" "0" "1" "x" "null" "true" [] {}
		[[]] [{}] [null] [""] ["x"] [1] {"":1} {"x":null} {"a":1,"a":1} {"a":1,"\u0061":1} {"a":{"b":1,"b":2}} {"a":"\ud800"} [1,] {"a":1,} [1] {"a"} {"x":["y"]}
		{"x":"y"} "NUMERIC" "numeric" "HEX" "MESSAGE_SENT" "SMS" "DELAY" "GSM-7" "41793026727" "+41793026727" "++41793026727" "4179" "417" "12345678901234567"
		"123456789012345678" "1234567890123456" "４１７９" "sendPinOverSms" "\u004eUMERIC" "\u0034179" "INVALID_ARGUMENT" "TIMED_OUT"`)
	pieces = []string{
		`\"`, `\\`, `\/`, `\b`, `\n`, `\u0000`, `\u0041`, `\u00e9`, `\ud83d\udd11`, `\uD83D\uDD11`, `\ud800`, `\udc00`, `\ud800\ud800`, `\ud800\u0041`, `\ud83d\`,
		`\u12`, `\u12g4`, `\x`, `\`, "\x00", "\x1f", "\n", "\t", "\x7f", "é", "🔑", "\u2028", "\xff", "\xc3", "\xed\xa0\x80", "\xc0\x80", "\xf4\x90\x80\x80", "�",
		`"`, ",", " ", "0", "9", "a", "Z", "_", "-", "+", "<",
	}
	around = []string{
		" ", "\n\t\r ", "\xef\xbb\xbf", "{}", ",", "null", "\x00", "\xff", "\v", "\u00a0", "}", "]", "//", "#", "1", "\"", strings.Repeat("[", 33),
	}
	lengths = []int{0, 1, 2, 4, 10, 15, 16, 17, 18, 32, 63, 64, 65, 254, 255, 256, 257, 1599, 1600, 1601}
	fillers = []string{"x", "7", "é", "🔑", `\n`, `\u00e9`, `\ud83d\udd11`, "-"}
	nests   = [][2]string{{"[", "]"}, {`{"a":`, "}"}, {`[{"a":`, "}]"}}
)

// next makes one body. It is overwritten by the next one.
func (m *mutator) next() []byte {
	p := m.seeds[m.random.IntN(len(m.seeds))]
	m.edits = m.edits[:0]
	for range 1 + m.random.IntN(3) {
		m.edit(p)
	}
	m.out = m.out[:0]
	at := 0
	for _, e := range m.edits {
		m.out = append(append(m.out, p.text[at:e.from]...), e.text...)
		at = e.to
	}
	m.out = append(m.out, p.text[at:]...)
	if m.random.IntN(16) == 0 {
		m.spoil()
	}
	return m.out
}

// put notes an edit unless it overlaps with another.
func (m *mutator) put(e edit) {
	i := 0
	for ; i < len(m.edits); i++ {
		if m.edits[i].from >= e.to {
			break
		}
		if e.from < m.edits[i].to {
			return
		}
	}
	m.edits = append(m.edits, edit{})
	copy(m.edits[i+1:], m.edits[i:])
	m.edits[i] = e
}

func one[T any](m *mutator, list []T) T { return list[m.random.IntN(len(list))] }

func (m *mutator) edit(p *parsed) {
	v := one(m, p.values)
	text := string(p.text[v.from:v.to])
	switch kind := m.random.IntN(16); {
	case kind < 3 && len(p.members) > 0:
		m.editMember(p, one(m, p.members))
	case kind < 5 && len(p.members) > 0:
		m.editName(p, one(m, p.members))
	case kind < 7:
		m.put(edit{v.from, v.to, one(m, anyValues)})
	case kind < 8:
		other := one(m, p.values)
		m.put(edit{v.from, v.to, string(p.text[other.from:other.to])})
	case kind < 9:
		m.put(edit{v.from, v.from, one(m, []string{" ", "\n", "\t", "\r", "\v", ""})})
	case kind < 13 && text[0] == '"':
		m.editText(v, text)
	case text[0] == '-' || text[0] >= '0' && text[0] <= '9':
		m.put(edit{v.from, v.to, one(m, []string{
			"-" + text, text + ".0", text + "e0", text + "0", text + "00000000000", "0" + text, text + ".5", text + "E-1", `"` + text + `"`, text + ".", "1", "0",
		})})
	case text[0] == '{' && len(text) > 2:
		m.put(edit{v.to - 1, v.to - 1, one(m, []string{`,"x":` + m.nest("1"), `,"x":1`, `,"x":null`, `,"":{}`, `,"a":1,"a":1`, `,"x":{"y":[1,"z"]}`, `,"x":["y"]`, ","})})
	case text[0] == '[':
		m.put(edit{v.to - 1, v.to - 1, one(m, []string{`,1`, `,null`, `,{}`, `,""`, ",", `"x"`})})
	default:
		m.put(edit{v.from, v.to, m.nest(text)})
	}
}

// nest puts a value into so many others that it is near the depth that is too deep.
func (m *mutator) nest(text string) string {
	nest := one(m, nests)
	n := 26 + m.random.IntN(8)
	if len(nest[1]) == 2 {
		n /= 2
	}
	return strings.Repeat(nest[0], n) + text + strings.Repeat(nest[1], n)
}

// editMember leaves a member out, doubles it, or makes it null.
func (m *mutator) editMember(p *parsed, member piece) {
	text := string(p.text[member.from:member.to])
	name := string(p.text[member.from:member.nameTo])
	other := one(m, p.members)
	switch m.random.IntN(8) {
	case 0, 1, 2:
		from, to := member.from, member.to
		switch {
		case !member.last:
			to += bytes.IndexByte(p.text[to:], ',') + 1
		case !member.first:
			from = bytes.LastIndexByte(p.text[:from], ',')
		}
		m.put(edit{from, to, ""})
	case 3:
		m.put(edit{member.to, member.to, "," + text})
	case 4:
		m.put(edit{member.to, member.to, "," + escaped(name) + text[len(name):]})
	case 5:
		m.put(edit{member.from, member.to, string(p.text[other.from:other.to])})
	default:
		m.put(edit{member.from, member.to, name + ":null"})
	}
}

// editName writes a name in another way, or makes another one of it.
func (m *mutator) editName(p *parsed, member piece) {
	name := string(p.text[member.from:member.nameTo])
	other := one(m, p.members)
	m.put(edit{member.from, member.nameTo, one(m, []string{
		escaped(name), strings.ToUpper(name), strings.ToLower(name), name[:len(name)-1] + `x"`, `"` + name[2:], name + " ", `""`, name[1:], name[:len(name)-1],
		string(p.text[other.from:other.nameTo]), name[:len(name)-1] + one(m, pieces) + `"`,
	})})
}

// escaped writes the first character of a name as an escape.
func escaped(name string) string {
	const hex = "0123456789abcdef"
	if len(name) < 3 {
		return name
	}
	return `"\u00` + string(hex[name[1]>>4]) + string(hex[name[1]&15]) + name[2:]
}

func (m *mutator) editText(v piece, text string) {
	if m.random.IntN(4) == 0 {
		m.put(edit{v.from, v.to, `"` + strings.Repeat(one(m, fillers), one(m, lengths)) + `"`})
		return
	}
	at := 1 + m.random.IntN(len(text)-1)
	to := at + m.random.IntN(min(3, len(text)-at))
	m.put(edit{v.from + at, v.from + to, one(m, pieces)})
}

// spoil changes bytes without a thought of what they are.
func (m *mutator) spoil() {
	at := m.random.IntN(len(m.out) + 1)
	switch m.random.IntN(4) {
	case 0:
		m.out = append(m.out, one(m, around)...)
	case 1:
		m.out = append([]byte(one(m, around)), m.out...)
	case 2:
		m.out = m.out[:at]
	default:
		if at < len(m.out) {
			m.out[at] ^= 1 << m.random.IntN(8)
		}
	}
}
