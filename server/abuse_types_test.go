package server_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/pinpost/pinpost/api/spec"
)

// typeAttacks give each member of each request body a value of every type but its own, as the contract says it.
func typeAttacks(t *testing.T) []attack {
	contract, err := spec.Load()
	must(t, err)
	var attacks []attack
	operations := spec.Operations(contract)
	for _, id := range slices.Sorted(maps.Keys(operations)) {
		op := operations[id]
		if op.Spec.RequestBody == nil || op.ID == "createApiKey" { // which takes no key
			continue
		}
		schema := op.Spec.RequestBody.Value.Content.Get("application/json").Schema.Value
		for _, member := range slices.Sorted(maps.Keys(schema.Properties)) {
			property := schema.Properties[member].Value
			attacks = append(attacks, mistype(op, member, property, func(value string) string {
				return fmt.Sprintf(`{%q:%s}`, member, value)
			})...)
			object := property
			if len(object.AllOf) == 1 { // a named object that may be null as well
				object = object.AllOf[0].Value
			}
			for _, inner := range slices.Sorted(maps.Keys(object.Properties)) {
				attacks = append(attacks, mistype(op, member+"."+inner, object.Properties[inner].Value, func(value string) string {
					return fmt.Sprintf(`{%q:{%q:%s}}`, member, inner, value)
				})...)
			}
		}
	}
	if len(attacks) < 150 {
		t.Fatalf("%d members of wrong types, want more of the contract", len(attacks))
	}
	return attacks
}

func mistype(op spec.Operation, member string, schema *openapi3.Schema, body func(value string) string) []attack {
	values := map[string]string{
		"string": `"` + secretMixed + `"`, "integer": secretPIN, "number": "1.5", "boolean": "true",
		"array": `["` + secretPhone + `"]`, "object": `{"` + secretPhone + `":"` + secretPIN + `"}`,
	}
	var attacks []attack
	for _, kind := range slices.Sorted(maps.Keys(values)) {
		if schema.Type.Is(kind) {
			continue
		}
		name := member
		if kind == "object" && schema.Type.Is(openapi3.TypeObject) {
			name = ""
		}
		attacks = append(attacks, attack{
			name:    fmt.Sprintf("%s with %s as %s", op.ID, member, kind),
			request: with(op.Method, paths.Replace(op.Path), body(values[kind])), status: 400, member: name,
		})
	}
	return attacks
}

// numberAttacks are numbers that readers of JSON do not agree about.
func numberAttacks() []attack {
	limit := func(name, value string) bodied {
		return bodied{name, `{"name":"n","configuration":{"pinAttempts":` + value + `}}`, 400, "configuration.pinAttempts"}
	}
	timed := func(name, value string) bodied {
		return bodied{name, `{"name":"n","configuration":{"pinTimeToLive":` + value + `}}`, 400, "configuration.pinTimeToLive"}
	}
	length := func(name, value string) bodied {
		return bodied{name, messageBody(map[string]string{"pinLength": value}), 400, "pinLength"}
	}
	syntax := func(name, value string) bodied {
		b := limit(name, value)
		b.member = ""
		return b
	}
	return append(posts(appsPath,
		limit("nought", "0"), limit("minus nought", "-0"), limit("minus one", "-1"), limit("a whole fraction", "4.0"),
		limit("a fraction", "4.5"), limit("an exponent", "1e3"), limit("an exponent in upper case", "1E3"),
		limit("a negative exponent", "1000e-3"), limit("one beyond 32 bits", "2147483648"), limit("beyond 64 bits", "99999999999999999999"),
		limit("beyond every float", "1e400"), limit("below every float", "-1e400"), limit("an exponent of ten digits", "1e9999999999"),
		limit("almost nought", "1e-400"), limit("sixty thousand digits", strings.Repeat("9", 60000)),
		limit("sixty thousand digits of a fraction", "4."+strings.Repeat("0", 60000)), limit("digits in quotes", `"4"`),
		timed("a time of nought", "0"), timed("a time longer than a year", "31536000001"), timed("a time of 64 bits", "9223372036854775807"),
		timed("a time beyond 64 bits", "9223372036854775808"), timed("a time with a fraction", "900000.0"),
		timed("a time with an exponent", "9e5"), timed("a time beyond every float", "1e400"),
		syntax("a leading nought", "04"), syntax("a leading plus", "+4"), syntax("hex", "0x4"), syntax("no digit before the point", ".4"),
		syntax("no digit after the point", "4."), syntax("an exponent without digits", "4e"), syntax("two minus signs", "--4"),
		syntax("an underscore", "1_000"), syntax("a comma", "1,000"), syntax("full-width digits", "４"),
		syntax("a minus sign alone", "-"), syntax("a suffix", "4n"),
	), posts(messagesPath,
		length("a length of nought", "0"), length("a length of nine", "9"), length("a length with a fraction", "4.0"),
		length("a length with an exponent", "4e0"), length("a negative length", "-4"), length("a length beyond 32 bits", "4294967300"),
	)...)
}

// memberAttacks are members that the contract does not have, with names that must not come back.
func memberAttacks() []attack {
	var many, manyInside []string
	for i := range 7000 {
		many = append(many, fmt.Sprintf(`"%s":1`, letters(i)))
	}
	for i := range 7000 {
		manyInside = append(manyInside, fmt.Sprintf(`"%s":1`, letters(i)))
	}
	long := strings.Repeat("x", 60000)
	return append(posts(appsPath, []bodied{
		{"an undocumented member", `{"name":"n","colour":"` + secretAlpha + `"}`, 400, "colour"},
		{"an undocumented member that is null", `{"name":"n","colour":null}`, 400, "colour"},
		{"an undocumented member in the configuration", `{"name":"n","configuration":{"colour":1}}`, 400, "configuration.colour"},
		{"a member of the answer", `{"name":"n","applicationId":"` + appID + `"}`, 400, "applicationId"},
		{"a phone number for a name", `{"name":"n","` + secretPhone + `":1}`, 400, "(unnamed)"},
		{"a phone number with a plus for a name", `{"name":"n","+` + secretPhone + `":1}`, 400, "(unnamed)"},
		{"a phone number after a letter for a name", `{"name":"n","n` + secretPhone + `":1}`, 400, "(unnamed)"},
		{"a PIN of digits for a name", `{"name":"n","` + secretPIN + `":1}`, 400, "(unnamed)"},
		{"a PIN of letters for a name", `{"name":"n","` + secretAlpha + `":1}`, 400, "(unnamed)"},
		{"a PIN of letters and digits for a name", `{"name":"n","` + secretMixed + `":1}`, 400, "(unnamed)"},
		{"a PIN of letters before digits for a name", `{"name":"n","` + secretName + `":1}`, 400, "(unnamed)"},
		{"a PIN for a name in the configuration", `{"name":"n","configuration":{"` + secretAlpha + `":1}}`, 400, "configuration.(unnamed)"},
		{"several PINs for names", `{"name":"n","` + secretAlpha + `":1,"` + secretPIN + `":1,"` + secretMixed + `":1}`, 400, "(unnamed)"},
		{"an empty name", `{"name":"n","":1}`, 400, "(unnamed)"},
		{"a name of spaces", `{"name":"n","  ":1}`, 400, "(unnamed)"},
		{"a name with a line break", `{"name":"n","a\nb":1}`, 400, "(unnamed)"},
		{"a name with markup", `{"name":"n","<script>":1}`, 400, "(unnamed)"},
		{"a name in another script", `{"name":"n","имя":1}`, 400, "(unnamed)"},
		{"a name of sixty thousand letters", `{"name":"n","` + long + `":1}`, 400, "(unnamed)"},
		{"a documented name with a dot", `{"name":"n","configuration.pinAttempts":1}`, 400, "configuration.pinAttempts"},
		{"a pointer for a name", `{"name":"n","/` + secretPhone + `/~1":1}`, 400, "(unnamed)"},
		{"seven thousand undocumented members", `{"name":"n",` + strings.Join(many, ",") + `}`, 400, ""},
		{"seven thousand undocumented members in the configuration", `{"name":"n","configuration":{` + strings.Join(manyInside, ",") + `}}`, 400, ""},
	}...), posts("/2fa/1/pin/"+freePINID+"/resend", []bodied{
		{"a resend that says something", `{"to":"` + secretPhone + `"}`, 400, "to"},
		{"a resend with a PIN for a name", `{"` + secretAlpha + `":1}`, 400, "(unnamed)"},
		{"a resend of an array", `["` + secretPhone + `"]`, 400, "body"},
		{"a resend of a string", `"` + secretPIN + `"`, 400, "body"},
		{"a resend of nought", `0`, 400, "body"},
	}...)...)
}

// letters spells a number in small letters.
func letters(n int) string {
	text := ""
	for range 4 {
		text += string(rune('a' + n%26))
		n /= 26
	}
	return text
}
