package server_test

import (
	"fmt"
	"strings"
)

// limitAttacks stand at the bounds of each member: what just fits, and what just does not.
func limitAttacks() []attack {
	text := func(name, member, value string, status int) bodied {
		fault := member
		if status == 200 {
			fault = ""
		}
		members := map[string]string{member: quoted(value)}
		if member == "pinPlaceholder" {
			members["messageText"] = quoted("x" + value)
		}
		return bodied{name, messageBody(members), status, fault}
	}
	named := func(name, value string, status int) bodied {
		fault := "name"
		if status == 200 {
			fault = ""
		}
		return bodied{name, `{"name":` + quoted(value) + `}`, status, fault}
	}
	from := func(name, value string) bodied { return bodied{name, sendBody("from", quoted(value)), 400, "from"} }
	x := func(n int) string { return strings.Repeat("x", n) }
	all := posts(appsPath,
		named("a name of 255 characters", x(255), 200), named("a name of 256 characters", x(256), 400),
		named("no name", "", 400), named("a name of spaces", "   ", 400), named("a name of odd spaces", "\u2003\u00a0\t", 400),
		named("a name of 60000 characters", x(60000), 400), named("a name of 255 letters of two bytes", strings.Repeat("é", 255), 200),
		named("a name with a NUL", "a\x00b", 400), named("a name with markup", "<script>", 200), named("a name of SQL", "'); DROP TABLE pins; --", 200),
		named("a name of emoji", strings.Repeat("🔑", 100), 200),
	)
	all = append(all, posts(messagesPath,
		text("a placeholder of 64 characters", "pinPlaceholder", x(64), 200), text("a placeholder of 65 characters", "pinPlaceholder", x(65), 400),
		text("no placeholder", "pinPlaceholder", "", 400), text("a placeholder of a space", "pinPlaceholder", " ", 400),
		text("a placeholder of many emoji", "pinPlaceholder", strings.Repeat("🔑", 17), 200),
		text("a text of 1530 characters", "messageText", "#"+x(1526), 200), text("a text of 1531 characters", "messageText", "#"+x(1527), 400),
		text("a text of 1601 characters", "messageText", "#"+x(1600), 400), text("no text", "messageText", "", 400),
		text("a text of spaces", "messageText", "   ", 400), text("a text without its placeholder", "messageText", secretPhone, 400),
		text("a text whose PINs alone are too long", "messageText", strings.Repeat("#", 1600), 400),
		text("a text of emoji in too many parts", "messageText", "#"+strings.Repeat("🔑", 400), 400),
		text("a text with a bell", "messageText", "#\a", 400), text("a text with an escape", "messageText", "#\x1b[31m", 400),
		text("a text with a NUL", "messageText", "#\x00", 400), text("a text with a delete", "messageText", "#\x7f", 400),
		text("no sender", "sender", "", 400), text("a sender of spaces", "sender", "  ", 400),
		text("a sender of 11 characters", "sender", x(11), 200), text("a sender of 12 characters", "sender", x(12), 400),
		text("a sender of 15 digits", "sender", strings.Repeat("1", 15), 200), text("a sender of 16 digits", "sender", strings.Repeat("1", 16), 400),
		text("a sender of 17 characters", "sender", x(17), 400), text("a sender of signs", "sender", "++--", 400),
		text("a sender of emoji", "sender", "🔑🔑", 400), text("a sender with a line break", "sender", "Pin\r\npost", 400),
		text("a sender with a NUL", "sender", "Pin\x00", 400), text("a sender in Cyrillic", "sender", "Пинпост", 400),
		text("a type that is a PIN", "pinType", secretAlpha, 400), text("a type in small letters", "pinType", "numeric", 400),
		text("a type with a space", "pinType", "NUMERIC ", 400), text("no type", "pinType", "", 400),
	)...)
	return append(all, posts(sendPath,
		from("no sender of a PIN", ""), from("a sender of a PIN of spaces", " "), from("a sender of a PIN that is too long", x(12)),
		from("a sender of a PIN with too many digits", strings.Repeat("1", 16)), from("a sender of a PIN of emoji", "🔑"),
		from("a sender of a PIN with a header's end", "a\r\nBcc: x"), from("a sender of a PIN with a NUL", "a\x00b"),
		bodied{"an application's id that is empty", sendBody("applicationId", `""`), 400, "applicationId"},
		bodied{"an application's id that nobody has", sendBody("applicationId", quoted(secretPhone)), 404, ""},
		bodied{"an application's id with a NUL", sendBody("applicationId", quoted(appID+"\x00")), 404, ""},
		bodied{"an application's id in small letters", sendBody("applicationId", quoted(strings.ToLower(appID))), 404, ""},
		bodied{"an application's id with a space", sendBody("applicationId", quoted(appID+" ")), 404, ""},
		bodied{"an application's id that is SQL", sendBody("applicationId", `"' OR '1'='1"`), 404, ""},
		bodied{"an application's id of 60000 characters", sendBody("applicationId", quoted(x(60000))), 404, ""},
		bodied{"another account's application", sendBody("applicationId", `"E1671797C52E15F763380B45E841EC32"`), 404, ""},
		bodied{"a message's id that is SQL", sendBody("messageId", `"x'; DROP TABLE pins; --"`), 404, ""},
		bodied{"another application's message", sendBody("messageId", `"6A1D2C3B4F5E60718293A4B5C6D7E8F9"`), 404, ""},
	)...)
}

// quoted writes a JSON string.
func quoted(text string) string {
	encoded := &strings.Builder{}
	encoded.WriteByte('"')
	for _, r := range text {
		switch {
		case r == '"' || r == '\\':
			encoded.WriteString(`\` + string(r))
		case r < ' ':
			fmt.Fprintf(encoded, `\u%04x`, r)
		default:
			encoded.WriteRune(r)
		}
	}
	encoded.WriteByte('"')
	return encoded.String()
}

// phoneAttacks are phone numbers that nobody has, in the body of a send and in the query of a list.
func phoneAttacks() []attack {
	numbers := map[string]string{
		"letters": "FLOWERS" + secretPIN, "spaces": "41 79 001 33 77", "a space in front": " " + secretPhone, "a space behind": secretPhone + " ",
		"dashes": "4179-0013377", "brackets": "+41(0)790013377", "a dot": secretPhone + ".0", "an extension": secretPhone + ";ext=1",
		"two pluses": "++" + secretPhone, "a plus behind": secretPhone + "+", "a plus alone": "+", "a minus": "-" + secretPhone,
		"two digits": "41", "too short for its country": "4179001", "too long for its country": secretPhone + "77777",
		"eighteen digits": secretPhone + "1234567", "full-width digits": "４１７９００１３３７７", "Arabic digits": "٤١٧٩٠٠١٣٣٧٧",
		"an exit prefix": "00" + secretPhone, "a national number": "0790013377", "a country that nobody has": "9990" + secretPhone,
		"a long number of noughts": "00000000000", "a tel URI": "tel:+" + secretPhone, "hex": "0x2FABDC1", "an exponent": "4.179e10",
		"an emoji": "📱" + secretPhone, "a zero-width space": "4179\u200b0013377", "a direction mark": "\u202e" + secretPhone,
		"quotes": `'` + secretPhone + `'`, "two numbers": secretPhone + "," + secretPhone, "an empty number": "",
	}
	var attacks []attack
	for name, number := range numbers {
		list := attack{name: "list by " + name, request: get(rowsPath + "?msisdn=" + escaped(number)), status: 400, member: "msisdn"}
		if name == "a space in front" { // what a plus reads as that was left unencoded
			list.status, list.member = 200, ""
		}
		attacks = append(attacks, list,
			attack{name: "send to " + name, request: post(sendPath, sendBody("to", quoted(number))), status: 400, member: "to"},
			attack{name: "call to " + name, request: post(voicePath, sendBody("to", quoted(number))), status: 400, member: "to"},
		)
	}
	return attacks
}

// escaped writes every byte as an escape, so that no reader trips over the form of it.
func escaped(text string) string {
	encoded := &strings.Builder{}
	for i := range len(text) {
		fmt.Fprintf(encoded, "%%%02X", text[i])
	}
	return encoded.String()
}

// sizeAttacks are bodies larger than 64 KiB, announced or not, and some that just fit.
func sizeAttacks() []attack {
	const most = 64 << 10
	pad := func(n int) string { return strings.Repeat(" ", n-len("{}")) + "{}" }
	chunk := func(body string) string { return fmt.Sprintf("%x\r\n%s\r\n0\r\n\r\n", len(body), body) }
	many := strings.Repeat("1\r\n \r\n", most+1) + "0\r\n\r\n"
	return []attack{
		{name: "a body that just fits", request: with("PUT", appPath, pad(most)), status: 200},
		{name: "a body that just does not", request: with("PUT", appPath, pad(most+1)), status: 413},
		{name: "a body of a megabyte", request: with("PUT", appPath, pad(1<<20)), status: 413},
		{name: "a body of eight megabytes", request: with("PUT", appPath, pad(8<<20)), status: 413},
		{name: "a chunk of a megabyte", request: chunked(sendPath, chunk(pad(1<<20))), status: 413},
		{name: "a chunk that just does not fit", request: chunked(sendPath, chunk(pad(most+1))), status: 413},
		{name: "chunks of a byte each", request: chunked(sendPath, many), status: 413},
		{name: "a large body that is no JSON", request: post(sendPath, strings.Repeat("\x00", most+1)), status: 413},
		{name: "a large body where none belongs", request: with("GET", appPath, pad(most+1)), status: 400},
		{name: "a large chunk where none belongs", status: 400,
			request: plain("GET", appPath, authorized, "Transfer-Encoding: chunked") + chunk(pad(1<<20))},
		{name: "a large body where none belongs, announced and not sent", status: 400,
			request: plain("GET", appPath, authorized, "Expect: 100-continue", "Content-Length: 9223372036854775807")},
		{name: "a large body of a resend", request: post("/2fa/1/pin/"+freePINID+"/resend", pad(most+1)), status: 413},
		{name: "a large body without credentials", request: plain("POST", sendPath, "Content-Length: 70000") + pad(70000), status: 401},
		{name: "a large body to no path", request: post("/2fa/9/pin", pad(most+1)), status: 404},
		{name: "a large body announced and not sent", request: plain("POST", sendPath, authorized, "Expect: 100-continue",
			"Content-Type: application/json", "Content-Length: 9223372036854775807"), status: 413},
	}
}
