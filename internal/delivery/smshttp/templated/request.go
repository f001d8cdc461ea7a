package templated

import (
	"context"
	"encoding/json"
	"encoding/xml"
	"errors"
	"io"
	"net/http"
	"net/textproto"
	"net/url"
	"strings"
	"text/template"
	"time"

	"github.com/pinpost/pinpost/internal/delivery"
	"github.com/pinpost/pinpost/internal/delivery/smshttp"
	"github.com/pinpost/pinpost/internal/sms"
)

const maxValidity = 7 * 24 * time.Hour

// contentTypes are sent when the headers name none.
var contentTypes = map[string]string{
	formatJSON: "application/json", formatForm: "application/x-www-form-urlencoded", formatXML: "application/xml; charset=utf-8",
}

// compileTemplates compiles the templates, and renders each once to see that it holds together.
func (g *gateway) compileTemplates(faults *smshttp.Faults) {
	if _, known := contentTypes[g.cfg.Format]; !known {
		faults.Add("format", "must be json, form or xml")
		return
	}
	g.cfg.checkHost(faults)
	g.templates.url = g.compileOne("url", g.cfg.URL, placeURL, faults)
	g.templates.headers = map[string]*template.Template{}
	for name, text := range g.cfg.Headers {
		if textproto.TrimString(name) != name || name == "" || strings.ContainsAny(name, " :\r\n\t") {
			faults.Add("headers."+name, "must have the name of a header")
			continue
		}
		g.templates.headers[name] = g.compileOne("headers."+name, text, placeHead, faults)
	}
	if g.cfg.Body != "" {
		g.templates.body = g.compileOne("body", g.cfg.Body, g.cfg.Format, faults)
	}
	if g.templates.body == nil {
		return
	}
	for _, sample := range samples {
		body, err := render(g.templates.body, sample)
		if err == nil {
			err = WellFormed(g.cfg.Format, body)
		}
		if err != nil {
			faults.Add("body", err.Error())
			return
		}
	}
}

// samples are texts with all and with none of what a text may have.
var samples = []Fields{
	{AttemptID: "a", To: "41793026727", Text: "x"},
	{
		AttemptID: "a", To: "41793026727", From: "Bank", Text: `"x' & <y> \`, Unicode: true, Parts: 2, Seconds: 900, Minutes: 15,
		CallbackURL: "https://example.com/?a=b&c=d", Params: map[string]string{"a": "b"},
	},
}

func (g *gateway) compileOne(setting, text, place string, faults *smshttp.Faults) *template.Template {
	t, err := compile(setting, text, place, g.cfg.Secrets)
	if err != nil {
		faults.Add(setting, "is no template: "+err.Error())
		return nil
	}
	for _, sample := range samples {
		if _, err := render(t, sample); err != nil {
			faults.Add(setting, "cannot be rendered: "+err.Error())
			return nil
		}
	}
	return t
}

// checkHost sees that requests go to one host, whatever a text holds.
func (c Config) checkHost(faults *smshttp.Faults) {
	fixed, _, templated := strings.Cut(c.URL, "{{")
	c.CheckURL("url", fixed, faults)
	_, rest, _ := strings.Cut(fixed, "://")
	if templated && !strings.ContainsAny(rest, "/?") {
		faults.Add("url", "must have its host written out, with a / after it")
	}
}

// WellFormed tells what is wrong with a body of a format: json, form or xml.
func WellFormed(format, body string) error {
	switch format {
	case formatJSON:
		if !json.Valid([]byte(body)) {
			return errors.New("does not render as JSON; note that a text is printed with its quotes")
		}
	case formatForm:
		if _, err := url.ParseQuery(body); err != nil {
			return errors.New("does not render as a form")
		}
	case formatXML:
		decoder := xml.NewDecoder(strings.NewReader(body))
		for {
			if _, err := decoder.Token(); errors.Is(err, io.EOF) {
				return nil
			} else if err != nil {
				return errors.New("does not render as XML")
			}
		}
	}
	return nil
}

// Request renders the templates.
func (g *gateway) Request(ctx context.Context, m delivery.SMS) (*http.Request, error) {
	f, err := g.fields(m)
	if err != nil {
		return nil, err
	}
	address, err := render(g.templates.url, f)
	if err != nil {
		return nil, errRender
	}
	body, err := render(g.templates.body, f)
	if err != nil {
		return nil, errRender
	}
	req, err := http.NewRequestWithContext(ctx, g.cfg.Method, address, strings.NewReader(body))
	if err != nil {
		return nil, errRender
	}
	if body != "" {
		req.Header.Set("Content-Type", contentTypes[g.cfg.Format])
	}
	for name, t := range g.templates.headers {
		value, err := render(t, f)
		if err != nil {
			return nil, errRender
		}
		req.Header.Set(name, value)
	}
	return req, nil
}

// errRender stands for errors whose own words may hold parts of the text.
var errRender = errors.New("the templates cannot be rendered for this text")

func (g *gateway) fields(m delivery.SMS) (Fields, error) {
	text := m.Text.Reveal()
	segments := sms.SegmentsOf(text)
	f := Fields{
		AttemptID: m.AttemptID, To: m.To.Digits(), From: m.From, Text: text, Params: m.Params,
		Unicode: segments.Encoding == sms.EncodingUCS2, Parts: segments.Count,
		Seconds: smshttp.Rest(m.Validity, time.Second, 1, int64(maxValidity/time.Second)),
		Minutes: smshttp.Rest(m.Validity, time.Minute, 1, int64(maxValidity/time.Minute)),
	}
	if f.From == "" {
		f.From = g.cfg.From
	}
	if !g.cfg.Receipts.Asked() {
		return f, nil
	}
	address, err := g.cfg.Receipts.Address(url.Values{"attempt": {m.AttemptID}})
	if err != nil {
		return f, err
	}
	f.CallbackURL = address.String()
	return f, nil
}
