package lookup

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"text/template"

	"github.com/pinpost/pinpost/internal/delivery"
	"github.com/pinpost/pinpost/internal/phone"
)

// requestTemplate makes the request for a number.
type requestTemplate struct {
	method  string
	url     *template.Template
	headers map[string]*template.Template
	body    *template.Template
}

// subject is what a template knows of a number.
type subject struct{ Number, Plus string }

// sample is a number that templates are tried with.
const sample = phone.Number("41790000000")

var errTemplate = errors.New("request cannot be made for this number")

// newRequestTemplate reads the templates and tries them.
func newRequestTemplate(cfg HLRConfig) (*requestTemplate, error) {
	t := &requestTemplate{method: cfg.Method, headers: map[string]*template.Template{}}
	var faults []error
	parse := func(name, text string) *template.Template {
		parsed, err := template.New(name).Option("missingkey=error").Funcs(functions(cfg.Secrets)).Parse(text)
		if err != nil {
			faults = append(faults, fmt.Errorf("hlr: %w", err))
		}
		return parsed
	}
	t.url, t.body = parse("url", cfg.URL), parse("body", cfg.Body)
	for _, name := range slices.Sorted(maps.Keys(cfg.Headers)) {
		t.headers[name] = parse("header "+name, cfg.Headers[name])
	}
	if len(faults) > 0 {
		return nil, errors.Join(faults...)
	}
	return t, t.try()
}

// try tells at the start what would go wrong at every number.
func (t *requestTemplate) try() error {
	request, err := t.build(context.Background(), sample)
	if err != nil {
		return fmt.Errorf("hlr: %w", err)
	}
	if u := request.URL; u.Scheme != "https" && u.Scheme != "http" || u.Host == "" {
		return errors.New("hlr: url must begin with https:// or http:// and a host")
	}
	return nil
}

func functions(secrets map[string]delivery.Secret) template.FuncMap {
	return template.FuncMap{
		"secret": func(name string) (string, error) {
			secret, known := secrets[name]
			if !known {
				return "", fmt.Errorf("there is no secret %q", name)
			}
			return secret.Reveal(), nil
		},
		"json": func(value string) (string, error) {
			written, err := json.Marshal(value)
			return string(written), err
		},
		"url": url.QueryEscape,
	}
}

func (t *requestTemplate) build(ctx context.Context, to phone.Number) (*http.Request, error) {
	on := subject{Number: to.Digits(), Plus: "+" + to.Digits()}
	address, err := execute(t.url, on)
	if err != nil {
		return nil, err
	}
	body, err := execute(t.body, on)
	if err != nil {
		return nil, err
	}
	request, err := http.NewRequestWithContext(ctx, t.method, address, strings.NewReader(body))
	if err != nil {
		return nil, errTemplate // its cause would show the address, which has the number in it and perhaps a key
	}
	request.Header.Set("Accept", "application/json")
	if body != "" {
		request.Header.Set("Content-Type", "application/json")
	}
	for name, value := range t.headers {
		text, err := execute(value, on)
		if err != nil {
			return nil, err
		}
		request.Header.Set(name, text)
	}
	return request, nil
}

func execute(t *template.Template, on subject) (string, error) {
	var out strings.Builder
	if err := t.Execute(&out, on); err != nil {
		return "", fmt.Errorf("fill in a template: %w", err) // names the place and the function, not the values
	}
	return out.String(), nil
}
