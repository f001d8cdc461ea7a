package server

import (
	"fmt"
	"strings"
)

// The names and values that strangers put into bodies.
var (
	oddBodies = []string{
		"", " ", "null", " null ", "{}", "{} ", " {}", "{ }", "{}\n", "{}x", "{}{}", "{}\x00", "{", "}", "[]", "[null]", "1", `""`,
		"nul", "true", "\x00", "\xef\xbb\xbf{}", `{"a":1e999}`,
		strings.Repeat("[", 32) + strings.Repeat("]", 32), strings.Repeat("[", 33) + strings.Repeat("]", 33),
	}
	oddNames = []string{
		`"TO"`, `"To"`, `"to"`, `"PIN"`, `"Pin"`, `"pin"`, `"p\u0069n"`, `"from"`, `"FROM"`, `"ncneeded"`, `"NCNEEDED"`,
		`"ncNeeded"`, `"applicationid"`, `"APPLICATIONID"`, `"me\u0073sageId"`, `"me\u017fsageId"`, `"meſſageId"`,
		`"x"`, `""`, `"pin "`, `"to\t"`, "\"to\t\"", "\"\xff\"", `pin`, `'pin'`, `null`, `1`,
	}
	oddValues = []string{
		"null", "true", "false", `"true"`, `"false"`, "0", "-0", "1.0", "1e3", "1e400", "41793026727", "99999999999999999999",
		"[]", "{}", "[1]", `{"a":1,"a":2}`, "tru", "truex", "NaN", "-", "+1", "01", "", `""`, `"a sender that is far too long"`,
	}
	oddTexts = []string{
		"41793026727", "+41793026727", "1", "A", "0041", "Pinpost", "é", "🔑", "K", "ſ", "<", "&", " ", "\t", "\n", "\x00",
		"\x01", "\x7f", "\xff", "\xed\xa0\x80", "\u2028", "\ufffd", "\ufeff",
		`\u0041`, `\u00e9`, `\u0000`, `\u12`, `\x`, `\n`, `\/`, `\"`, `\\`, `\ud83d\udd11`, `\ud800`, `\udc00`,
	}
	oddSpaces = []string{"\v", "\f", "\x00", "\xa0", "\u00a0", "/**/"}
	oddEnds   = []string{",", "x", "{}", "null", "]", "\x00", "\n\n", "\xff"}
	oddBytes  = []string{"", `"`, `\`, "\x00", ",", ":", "{", "}", " ", "é", "\xff"}
)

func (s *stranger) body(operation string) string {
	if s.oddly(12) {
		return oneOf(s, oddBodies...)
	}
	members := s.members(operation)
	if len(members) == 0 {
		return oneOf(s, "", "{}")
	}
	var text strings.Builder
	for i, member := range members {
		separator := ","
		if s.oddly(60) {
			separator = oneOf(s, "", ",,", ";")
		}
		if i == 0 {
			separator = "{"
		}
		text.WriteString(separator + s.space() + member[0] + s.space() + ":" + s.space() + member[1] + s.space())
	}
	body := s.space() + text.String() + "}" + s.space()
	if s.oddly(30) {
		body += oneOf(s, oddEnds...)
	}
	if s.oddly(200) {
		body += strings.Repeat(" ", maxBody+oneOf(s, -len(body), 1-len(body), 0))
	}
	if s.oddly(20) {
		from := s.IntN(len(body))
		body = body[:from] + oneOf(s, oddBytes...) + body[from+s.IntN(2):]
	}
	return body
}

// members are names and values, as they are sent.
func (s *stranger) members(operation string) [][2]string {
	var members [][2]string
	switch operation {
	case "sendPinOverSms":
		members = [][2]string{
			{`"to"`, oneOf(s, `"41793026727"`, `"+41793026727"`)},
			{`"applicationId"`, fmt.Sprintf(`"%d"`, s.IntN(1000))},
			{`"messageId"`, `"M"`},
		}
		if s.IntN(2) == 0 {
			members = append(members, [2]string{`"from"`, `"Pinpost"`})
		}
		if s.IntN(2) == 0 {
			members = append(members, [2]string{`"ncNeeded"`, oneOf(s, "true", "false")})
		}
	case "verifyPin":
		members = [][2]string{{`"pin"`, fmt.Sprintf(`"%04d"`, s.IntN(10_000))}}
	}
	for i := range members {
		if s.oddly(8) {
			members[i][1] = oneOf(s, s.text(), oneOf(s, oddValues...))
		}
	}
	if s.oddly(6) {
		members = append(members, [2]string{oneOf(s, oddNames...), oneOf(s, s.text(), oneOf(s, oddValues...))})
	}
	if len(members) > 0 && s.oddly(25) {
		members = members[1:]
	}
	s.Shuffle(len(members), func(i, j int) { members[i], members[j] = members[j], members[i] })
	return members
}

func (s *stranger) text() string {
	var text strings.Builder
	for range oneOf(s, 1, 1, 1, 2, 3) {
		text.WriteString(oneOf(s, oddTexts...))
	}
	if s.oddly(20) {
		text.WriteString(strings.Repeat("7", oneOf(s, 15, 16, 17, 255, 256)))
	}
	return `"` + text.String() + `"`
}

func (s *stranger) space() string {
	if s.oddly(150) {
		return oneOf(s, oddSpaces...)
	}
	return oneOf(s, "", "", "", "", "", "", " ", "\t", "\r\n", "\n", "  ")
}
