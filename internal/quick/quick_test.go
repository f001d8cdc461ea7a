package quick_test

import (
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/pinpost/pinpost/internal/quick"
)

// one schema with most of what the checker knows.
const everything = `{"type":"object","additionalProperties":false,"required":["to"],"properties":{
	"to":{"type":"string","pattern":"^\\+?[0-9]{4,17}$"}, "text":{"type":"string","minLength":1,"maxLength":3,"nullable":true},
	"pinType":{"type":"string","nullable":true,"allOf":[{"type":"string","enum":["HEX","ALPHA"]}]}, "on":{"type":"boolean"},
	"small":{"type":"integer","format":"int32"}, "large":{"type":"integer","format":"int64"}, "few":{"type":"integer","minimum":1,"maximum":8},
	"share":{"type":"number","minimum":0,"maximum":1}, "list":{"type":"array","minItems":1,"maxItems":2,"items":{"type":"string"}},
	"open":{"type":"object","nullable":true,"properties":{"a":{"type":"string","nullable":true}}},
	"map":{"type":"object","additionalProperties":{"type":"array","items":{"type":"string"}}},
	"deep":{"type":"object","required":["need"],"properties":{"need":{"type":"string","nullable":true},"may":{"type":"integer"}}},
	"deeps":{"type":"array","items":{"type":"object","properties":{"may":{"type":"integer"}}}},
	"must":{"type":"object","required":["need"],"properties":{"need":{"type":"string"}}}, "all":{"type":"object","allOf":[{"type":"object","properties":{"may":{"type":"integer"}}}]},
	"noA":{"type":"string","pattern":"^[^a]+$"}, "pair":{"type":"array","minItems":2}, "word":{"enum":["a"]},
	"odd":{"type":"string","pattern":"^(a|bc)+$"},
	"mine":{"type":"string","readOnly":true}, "yours":{"type":"string","writeOnly":true}}}`

// TestAccepts has bodies as the members of one object; to is added where it is not named.
func TestAccepts(t *testing.T) {
	t.Parallel()
	const both, requests, answers, neither = "both", "requests", "answers", "neither"
	asRequest, asAnswer := schemaOf(t, everything, quick.Request), schemaOf(t, everything, quick.Answer)
	for want, bodies := range map[string][]string{
		both: {
			``, `"text":"a"`, `"text":"🔑🔑🔑"`, `"text":"\u00e9\n\ud83d\udd11"`, `"pinType":"HEX"`, `"pinType":null`, `"on":true`, ` "on" : false ` + "\r\n\t",
			`"small":0`, `"small":-0`, `"small":2147483647`, `"small":-2147483648`, `"large":999999999999999999`, `"few":1`, `"few":8`, `"share":0.5`, `"share":1e0`,
			`"share":0.0000000000000000000000000000001`, `"list":["\ud83d\udd11"]`, `"list":["a","b"]`, `"open":{}`, `"open":{"b":[1e400,{"c":null}],"a":"x"}`,
			`"map":{}`, `"map":{"a":[],"b":["x"]}`, `"deep":{"need":"x"}`, `"noA":"b"`, `"pair":[1,null]`, `"word":"a"`, `"all":{"may":1,"x":null}`, `"deep":{"need":null}`, `"text":null`, `"open":null`, `"odd":"abca"`,
		},
		requests: {`"on":null`, `"must":null`, `"small":null`, `"list":null`, `"deep":{"need":"x","may":null}`, `"mine":null`, `"yours":"x"`},
		answers:  {`"mine":"x"`},
		neither: {
			`"text":""`, `"text":"abcd"`, `"text":"` + "\xff" + `"`, `"text":"\ud800"`, `"text":"\udc00"`, `"text":"\ud800\u0041"`, `"text":"\x"`, `"text":"` + "\n" + `"`, `"text":"`,
			`"\u0074ext":"a"`, `"Text":"a"`, `"text":"a","text":"a"`, `"to":"4179"`, `"pinType":"hex"`, `"pinType":"\u0048EX"`, `"on":1`, `"on":"true"`, `"on":tru`,
			`"small":2147483648`, `"small":1.0`, `"small":1e1`, `"small":01`, `"small":+1`, `"small":-`, `"small":.5`, `"small":"1"`, `"large":9999999999999999999`, `"few":0`, `"few":9`,
			`"share":1.1`, `"share":1.`, `"share":1e`, `"share":1e400`, `"share":-0.1`, `"list":[]`, `"list":["a","b","c"]`, `"list":[null]`, `"list":["a",]`, `"list":["a" "b"]`,
			`"open":{"b":1,"b":2}`, `"open":{"b":{"c":1,"c":1}}`, `"open":{"\u0061":1}`, `"open":[]`, `"map":{"a":["x"],"a":["x"]}`, `"map":{"a":null}`, `"map":{"a":[1]}`,
			`"deep":{}`, `"noA":"\u0061"`, `"noA":"a"`, `"pair":[1]`, `"word":1`, `"word":{}`, `"all":{"may":null}`, `"all":[]`, `"deep":{"may":1}`, `"deeps":[{"may":null}]`, `"odd":"ab"`, `"more":1`, `"must":{"need":null}`, `"open":{"b":` + strings.Repeat("[", 31) + strings.Repeat("]", 31) + `}`,
			`"text":"a",,`, `"text" "a"`, `text:"a"`, `"text":nul`, `"text":"a"}{`, `"text":"a"} {}`, `"text":"a"}x`, `'text':"a"`, "\x00",
		},
	} {
		for _, members := range bodies {
			body := strings.Replace(`{"to":"+41793026727",`+members+`}`, ",}", "}", 1)
			if got := asRequest.Accepts([]byte(body)); got != (want == both || want == requests) {
				t.Errorf("as a request: %v of %s", got, body)
			}
			if got := asAnswer.Accepts([]byte(body)); got != (want == both || want == answers) {
				t.Errorf("as an answer: %v of %s", got, body)
			}
		}
	}
}

// TestAccepts_whole has whole bodies for a schema that takes whatever there is.
func TestAccepts_whole(t *testing.T) {
	t.Parallel()
	c := schemaOf(t, `{"nullable":true}`, quick.Request)
	many := func(n int) string {
		var members []string
		for i := range n {
			members = append(members, `"`+strings.Repeat("x", i)+`":1`)
		}
		return "{" + strings.Join(members, ",") + "}"
	}
	for body, want := range map[string]bool{
		`{}`: true, ` [] `: true, `1`: true, `"x"`: true, `-0.5e-3`: true, many(32): true,
		strings.Repeat("[", 32) + strings.Repeat("]", 32): true,
		strings.Repeat("[", 33) + strings.Repeat("]", 33): false,
		strings.Repeat(`{"a":`, 33):                       false,
		``:                                                false, ` `: false, `null`: false, "\xef\xbb\xbf{}": false, "{}\x00": false, `{}{}`: false, `[`: false, `{`: false, `{"a"`: false, `"`: false,
		`-`: false, "\v{}": false, `{"a":1,}`: false, `{,}`: false, `[,]`: false, many(33): false, "\xff": false, `nulls`: false, `truex`: false,
	} {
		if got := c.Accepts([]byte(body)); got != want {
			t.Errorf("%v of %q", got, body)
		}
	}
}

func TestAcceptsText(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		schema, right, other string
	}{
		{`{"type":"boolean"}`, "true false", "TRUE 1 0 t null True"},
		{`{"type":"integer","minimum":1}`, "1 86400", "0 -1 1.0 01 +1 x 99999999999999999999"},
		{`{"type":"string","minLength":1,"maxLength":4}`, `a \u00 " true`, "abcde é \xff"},
		{`{"type":"string","pattern":"^[0-9]{1,18}$"}`, "1 123456789012345678", "x 1234567890123456789"},
		{`{"type":"string","enum":["a","b"]}`, "a b", "A c"},
		{`{"type":"array","items":{"type":"string"}}`, "", "a [] a,b"},
	} {
		checker := schemaOf(t, c.schema, quick.Answer)
		for _, text := range strings.Fields(c.right) {
			if !checker.AcceptsText(text) {
				t.Errorf("%s does not accept %q", c.schema, text)
			}
		}
		for _, text := range append(strings.Fields(c.other), "") {
			if checker.AcceptsText(text) {
				t.Errorf("%s accepts %q", c.schema, text)
			}
		}
	}
}

// TestCompile_unknown wants every keyword that is not known to be named, with its place.
func TestCompile_unknown(t *testing.T) {
	t.Parallel()
	for keyword, schema := range map[string]string{
		"uniqueItems": `{"type":"array","uniqueItems":true}`, "oneOf": `{"oneOf":[{"type":"string"}]}`, "anyOf": `{"anyOf":[{"type":"string"}]}`,
		"not": `{"not":{"type":"string"}}`, "multipleOf": `{"type":"integer","multipleOf":2}`, "exclusiveMinimum": `{"type":"integer","minimum":1,"exclusiveMinimum":true}`,
		"minProperties": `{"type":"object","minProperties":1}`, "maxProperties": `{"type":"object","maxProperties":1}`, "format date": `{"type":"string","format":"date"}`,
		"format uuid": `{"type":"string","format":"uuid"}`, "format int32": `{"type":"number","format":"int32"}`, "enum of other": `{"type":"integer","enum":[1]}`,
		"discriminator": `{"type":"object","discriminator":{"propertyName":"x"}}`, `pattern with \u`: `{"type":"string","pattern":"\\u0041"}`,
		"required of a member": `{"type":"object","required":["x"]}`, "allOf beside": `{"properties":{"x":{"type":"string"}},"allOf":[{"type":"object"}]}`,
		"allOf within": `{"allOf":[{"allOf":[{"type":"object"}]}]}`, "type with": `{"type":["string","null"]}`, "const": `{"const":1}`, "patternProperties": `{"patternProperties":{"x":{}}}`,
		"if": `{"if":{"type":"string"}}`, "xml": `{"type":"object","xml":{"name":"x"}}`, "nonsense": `{"type":"object","nonsense":1}`,
	} {
		_, err := quick.Compile(load(t, `{"type":"object","properties":{"list":{"type":"array","items":`+schema+`}}}`), quick.Request)
		if keyword == "allOf beside" { // it matters where nulls are left out
			_, err = quick.Compile(load(t, `{"type":"object","properties":{"list":`+schema+`}}`), quick.Request)
		}
		if err == nil || !strings.Contains(err.Error(), keyword) || !strings.HasPrefix(err.Error(), "schema.list") {
			t.Errorf("%s: %v", keyword, err)
		}
	}
	if _, err := quick.Compile(&openapi3.SchemaRef{Ref: "#/nowhere"}, quick.Answer); err == nil {
		t.Error("a reference to nothing compiles")
	}
}

// TestCompile_itself has a schema that contains itself.
func TestCompile_itself(t *testing.T) {
	t.Parallel()
	ref := load(t, `{"type":"object","additionalProperties":false,"properties":{"name":{"type":"string"}}}`)
	ref.Value.Properties["child"] = ref
	c, err := quick.Compile(ref, quick.Request)
	if err != nil {
		t.Fatal(err)
	}
	if !c.Accepts([]byte(`{"child":{"child":{"name":"x","child":null}}}`)) || c.Accepts([]byte(`{"child":{"child":{"nam":"x"}}}`)) {
		t.Error("the inner ones are not as the outer one")
	}
}

func schemaOf(t *testing.T, text string, as quick.Direction) *quick.Checker {
	t.Helper()
	c, err := quick.Compile(load(t, text), as)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func load(t *testing.T, schema string) *openapi3.SchemaRef {
	t.Helper()
	doc, err := openapi3.NewLoader().LoadFromData([]byte(`{"openapi":"3.0.3","info":{"title":"t","version":"1"},"paths":{},"components":{"schemas":{"S":` + schema + `}}}`))
	if err != nil {
		t.Fatal(err)
	}
	return doc.Components.Schemas["S"]
}
