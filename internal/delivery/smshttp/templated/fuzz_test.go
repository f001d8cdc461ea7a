package templated

import (
	"encoding/json"
	"encoding/xml"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"reflect"
	"strings"
	"testing"
	"unicode"

	"github.com/pinpost/pinpost/internal/delivery/smshttp"
)

// FuzzTemplate sees that a hostile text, sender or parameter stays in its place, by parsing what was made of it.
func FuzzTemplate(f *testing.F) {
	f.Add(`"},{"to":"1`, `\`, "]]>")
	f.Add("</t><t>", "a&b=c#d", "\r\nX-Evil: 1")
	f.Add("..", "../..", "%2e%2e/%00\x00\xff")
	f.Add("{{secret \"x\"}}", "\u2028\u202e", "<!--'-->")
	f.Fuzz(func(t *testing.T, text, from, param string) {
		fields := Fields{Text: text, From: from, To: "41793026727", Seconds: 60, Params: map[string]string{"p": param}}
		inJSON(t, fields)
		inForm(t, fields)
		inURL(t, fields)
		inXML(t, fields)
		inHeader(t, fields)
	})
}

func rendered(t *testing.T, text, place string, f Fields) string {
	t.Helper()
	compiled, err := compile("body", text, place, map[string]smshttp.Secret{"x": "hidden"})
	if err != nil {
		t.Fatal(err)
	}
	out, err := render(compiled, f)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func inJSON(t *testing.T, f Fields) {
	t.Helper()
	out := rendered(t, `{"t": {{.Text}}, "f": [{{.From}}, {{printf "+%s" .To}}], "p": {{.Params.p}}, "n": {{.Seconds}}, "u": {{url .Text}}}`, formatJSON, f)
	var got map[string]any
	if err := json.Unmarshal([]byte(out), &got); err != nil {
		t.Fatalf("%q: %v", out, err)
	}
	want := map[string]any{
		"t": valid(f.Text), "f": []any{valid(f.From), "+41793026727"}, "p": valid(f.Params["p"]), "n": 60.0, "u": escapeURL(f.Text),
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("JSON: got %q, want %q", got, want)
	}
}

// valid is a text as JSON can hold it: each octet that is no UTF-8 becomes U+FFFD.
func valid(text string) string { return string([]rune(text)) }

func inForm(t *testing.T, f Fields) {
	t.Helper()
	out := rendered(t, `t={{.Text}}&f={{.From}}&{{.Params.p}}=x`, formatForm, f)
	got, err := url.ParseQuery(out)
	want := url.Values{}
	want.Add("t", f.Text)
	want.Add("f", f.From)
	want.Add(f.Params["p"], "x")
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("form %q: got %q, %v, want %q", out, got, err, want)
	}
}

func inURL(t *testing.T, f Fields) {
	t.Helper()
	out := rendered(t, `https://gateway.example/v1/x{{.From}}/{{.Text}}/sms?t={{.Text}}&p={{.Params.p}}`, placeURL, f)
	u, err := url.Parse(out)
	if err != nil {
		t.Fatalf("%q: %v", out, err)
	}
	parts := strings.Split(u.EscapedPath(), "/")
	if u.Scheme != "https" || u.Host != "gateway.example" || u.User != nil || u.Fragment != "" || len(parts) != 5 || parts[4] != "sms" {
		t.Errorf("URL: got %q", out)
	}
	if parts[3] == "." || parts[3] == ".." {
		t.Errorf("URL: %q leads up the path", out)
	}
	if want := (url.Values{"t": {f.Text}, "p": {f.Params["p"]}}); !reflect.DeepEqual(u.Query(), want) {
		t.Errorf("URL: got %q, want %q", u.Query(), want)
	}
}

func inXML(t *testing.T, f Fields) {
	t.Helper()
	out := rendered(t, `<m from="{{.From}}" p='{{.Params.p}}'><t>{{.Text}}</t></m>`, formatXML, f)
	var got struct {
		XMLName xml.Name   `xml:"m"`
		Attrs   []xml.Attr `xml:",any,attr"`
		Texts   []string   `xml:"t"`
	}
	decoder := xml.NewDecoder(strings.NewReader(out))
	if err := decoder.Decode(&got); err != nil {
		t.Fatalf("%q: %v", out, err)
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		t.Errorf("XML: %q goes on after its end", out)
	}
	if len(got.Texts) != 1 || got.Texts[0] != legal(f.Text) || len(got.Attrs) != 2 || got.Attrs[0].Value != legal(f.From) || got.Attrs[1].Value != legal(f.Params["p"]) {
		t.Errorf("XML %q: got %q", out, got)
	}
}

// legal is a text as XML can hold it.
func legal(text string) string {
	return strings.Map(func(r rune) rune {
		if r == '\t' || r == '\n' || r == '\r' || r >= ' ' && r <= 0xD7FF || r >= 0xE000 && r <= 0xFFFD || r >= 0x10000 {
			return r
		}
		return unicode.ReplacementChar
	}, text)
}

func inHeader(t *testing.T, f Fields) {
	t.Helper()
	out := rendered(t, `a {{.Text}} {{.From}}{{.Params.p}}`, placeHead, f)
	r := httptest.NewRequest(http.MethodGet, "/", nil)
	r.Header.Set("X-Text", out)
	var wire strings.Builder
	if err := r.Header.Write(&wire); err != nil {
		t.Fatal(err)
	}
	if strings.Count(wire.String(), "\n") != 1 || strings.ContainsAny(out, "\r\n\x00") {
		t.Errorf("header: got %q", wire.String())
	}
}

// FuzzCallback reads what anybody who knows the token may send.
func FuzzCallback(f *testing.F) {
	f.Add("attempt=a", []byte(`{"id": 7, "status": "DELIVRD", "error": 0, "at": "2026-11-21T23:01:00+01:00"}`))
	f.Add("st=DELIVRD", []byte(`{"all": [{"id": 1, "status": "DELIVRD"}]}`))
	f.Add("", []byte(`mid=m&st=UNDELIV&ts=1795298462000`))
	f.Fuzz(func(t *testing.T, query string, body []byte) {
		for _, change := range []func(*Config){
			func(*Config) {},
			func(c *Config) { c.Callback.List = "/all" },
			func(c *Config) {
				c.Callback.Format, c.Callback.ID, c.Callback.Status, c.Callback.Time, c.Callback.TimeFormat = "form", "mid", "st", "ts", "unix_ms"
			},
			func(c *Config) { c.Callback.Format, c.Callback.ID, c.Callback.Status = "query", "mid", "st" },
		} {
			cfg := config()
			change(&cfg)
			r := httptest.NewRequest(http.MethodPost, "/r", nil)
			r.URL.RawQuery = query
			reports, err := (&gateway{cfg: cfg}).Reports(r, body)
			if err != nil {
				continue
			}
			for _, one := range reports {
				if one.RemoteID == "" || !one.Unknown && one.State.Description() == "" {
					t.Errorf("%q %q: got %+v", query, body, one)
				}
			}
		}
	})
}
