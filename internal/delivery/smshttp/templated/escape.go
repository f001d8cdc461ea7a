package templated

import (
	"encoding/base64"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"net/url"
	"strings"
	"text/template"
	"unicode"

	"github.com/pinpost/pinpost/internal/delivery/smshttp"
)

// The formats of a body, and the escapers of the other places. An escaper is a function of templates too, for a value that
// stands in one format within another.
const (
	formatJSON = "json"
	formatForm = "form"
	formatXML  = "xml"
	placeURL   = "url"
	placeHead  = "header"
)

// functions are what templates may call, besides Go's own.
func functions(secrets map[string]smshttp.Secret) template.FuncMap {
	secret := func(name string) (string, error) {
		value, known := secrets[name]
		if !known {
			return "", fmt.Errorf("there is no secret %q", name)
		}
		return value.Reveal(), nil
	}
	return template.FuncMap{
		formatJSON: escapeJSON, formatForm: escapeForm, formatXML: escapeXML, placeURL: escapeURL, placeHead: escapeHeader,
		"secret": secret,
		// basic is what follows "Basic " in an Authorization header.
		"basic": func(user, name string) (string, error) {
			password, err := secret(name)
			return base64.StdEncoding.EncodeToString([]byte(user + ":" + password)), err
		},
	}
}

// escapeJSON writes a whole JSON value: a text with its quotes, a number or truth value bare.
func escapeJSON(value any) (string, error) {
	text, err := json.Marshal(value)
	return string(text), err
}

// escapeForm writes a name or value of a form.
func escapeForm(value any) string { return url.QueryEscape(fmt.Sprint(value)) }

// escapeURL writes a part of a path, or a name or value of a query. A part of dots alone would lead up the path.
func escapeURL(value any) string {
	text := fmt.Sprint(value)
	if text != "" && strings.Trim(text, ".") == "" {
		return strings.Repeat("%2E", len(text))
	}
	return strings.ReplaceAll(url.QueryEscape(text), "+", "%20")
}

// escapeXML writes text of an element or of an attribute; characters that XML cannot hold become U+FFFD.
func escapeXML(value any) (string, error) {
	var out strings.Builder
	err := xml.EscapeText(&out, []byte(fmt.Sprint(value)))
	return out.String(), err
}

// escapeHeader keeps a value on the line of its header.
func escapeHeader(value any) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return ' '
		}
		return r
	}, fmt.Sprint(value))
}
