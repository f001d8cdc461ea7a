package templated

import (
	"encoding/base64"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/pinpost/pinpost/internal/delivery"
	"github.com/pinpost/pinpost/internal/delivery/smshttp"
)

const token = "tok-0123456789abcdef"

func config() Config {
	return Config{
		Settings: smshttp.Settings{
			Name: "acme", Receipts: smshttp.Callback{URL: "https://pins.example.com/carriers/acme/receipts", Token: token},
		},
		URL:  "https://api.acme.example/v1/{{.From}}/sms?ref={{.AttemptID}}",
		Body: `{"to": {{printf "+%s" .To}}, "text": {{.Text}}, "ttl": {{.Seconds}}, "cb": {{.CallbackURL}}, "key": {{secret "acme"}}}`,
		Headers: map[string]string{
			"Authorization": `Basic {{basic "us\"er" "acme"}}`, "X-From": "{{.From}}", "Content-Type": "application/vnd.acme+json",
		},
		From:    "Standing",
		Secrets: map[string]smshttp.Secret{"acme": "s3cret-of-acme"},
		Success: Success{Pointer: "/state", Values: []string{"0", "ok"}},
		ID:      ID{Pointer: "/messages/0/id"},
		Errors: Errors{
			Pointer: "/error/code", Codes: map[string]string{"1003": "bad_destination", "7": "ambiguous"},
			Bodies:   []BodyRule{{Pattern: `(?i)credit`, Class: "no_credit"}},
			Statuses: map[int]string{500: "ambiguous", 418: "throttled"},
		},
		Callback: Callback{
			ID: "/id", Status: "/status", Code: "/error", Time: "/at",
			States: map[string]string{"DELIVRD": "delivered", "ENROUTE": "waiting", "UNDELIV": "not_delivered"},
		},
	}
}

func made(t *testing.T, change func(*Config)) *gateway {
	t.Helper()
	cfg := config()
	change(&cfg)
	g, err := newGateway(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return g
}

func TestRequest(t *testing.T) {
	t.Parallel()
	m := delivery.SMS{AttemptID: "a&1", To: "41793026727", Text: `"x" </b> \`, Validity: time.Minute}
	req, err := made(t, func(*Config) {}).Request(t.Context(), m)
	if err != nil {
		t.Fatal(err)
	}
	body, _ := io.ReadAll(req.Body)
	want := `{"to": "+41793026727", "text": "\"x\" \u003c/b\u003e \\", "ttl": 60, ` +
		`"cb": "https://pins.example.com/carriers/acme/receipts?attempt=a%261\u0026token=` + token + `", "key": "s3cret-of-acme"}`
	if string(body) != want {
		t.Errorf("got  %s\nwant %s", body, want)
	}
	if got := req.URL.String(); got != "https://api.acme.example/v1/Standing/sms?ref=a%261" || req.Method != http.MethodPost {
		t.Errorf("got %s %s", req.Method, got)
	}
	basic := "Basic " + base64.StdEncoding.EncodeToString([]byte(`us"er:s3cret-of-acme`))
	if req.Header.Get("Authorization") != basic || req.Header.Get("X-From") != "Standing" || req.Header.Get("Content-Type") != "application/vnd.acme+json" {
		t.Errorf("got headers %v", req.Header)
	}
}

func TestAccept(t *testing.T) {
	t.Parallel()
	json := func(*Config) {}
	plain := func(c *Config) {
		c.Success = Success{Status: []int{200}, Pattern: `^OK`}
		c.ID = ID{Pattern: `ID: (\S+)`}
		c.Errors = Errors{Pattern: `ERR (\d+)`, Codes: map[string]string{"5": "unauthorised"}}
	}
	header := func(c *Config) { c.Success, c.ID = Success{}, ID{Header: "X-Id"} }
	tests := []struct {
		change func(*Config)
		status int
		body   string
		id     string
		class  delivery.Class
		taken  bool
	}{
		{json, 200, `{"state": 0, "messages": [{"id": 12345678901234567890}]}`, "12345678901234567890", 0, true},
		{json, 202, `{"state": "ok"}`, "", 0, true},
		{json, 200, `{"state": "no", "error": {"code": 1003}}`, "", delivery.BadDestination, false},
		{json, 200, `{"error": {"code": "7"}}`, "", delivery.Ambiguous, false},
		{json, 200, `{"state": "no"}`, "", delivery.Rejected, false},
		{json, 200, `{"state": "no", "why": "no Credit"}`, "", delivery.NoCredit, false},
		{json, 200, `{}`, "", delivery.Ambiguous, false},
		{json, 200, `<html>`, "", delivery.Ambiguous, false},
		{json, 400, `{"error": {"code": 1}}`, "", delivery.Rejected, false},
		{json, 500, ``, "", delivery.Ambiguous, false},
		{json, 418, ``, "", delivery.Throttled, false},
		{json, 429, ``, "", delivery.Throttled, false},
		{json, 402, ``, "", delivery.NoCredit, false},
		{json, 503, ``, "", delivery.LinkDown, false},
		{plain, 200, "OK\nID: abc-1\n", "abc-1", 0, true},
		{plain, 200, "ERR 5", "", delivery.Unauthorised, false},
		{plain, 200, "ERR 6", "", delivery.Rejected, false},
		{plain, 201, "OK", "", delivery.Rejected, false},
		{header, 204, "", "h1", 0, true},
	}
	for _, tt := range tests {
		a := smshttp.Answer{Status: tt.status, Body: []byte(tt.body), Header: http.Header{"X-Id": {"h1"}}}
		id, err := made(t, tt.change).Accept(delivery.SMS{}, a)
		if (err == nil) != tt.taken || id != tt.id || err != nil && delivery.ClassOf(err) != tt.class {
			t.Errorf("%d %s: got %q, %v, want %q or class %d", tt.status, tt.body, id, err, tt.id, tt.class)
		}
	}
}

func TestAccept_answer_that_breaks_off(t *testing.T) {
	t.Parallel()
	a := smshttp.Answer{Status: 200, Cut: true, Body: []byte(`{"state": "ok"}`)}
	if _, err := made(t, func(*Config) {}).Accept(delivery.SMS{}, a); err == nil || delivery.ClassOf(err) != delivery.Ambiguous {
		t.Errorf("got %v, want ambiguous", err)
	}
}

func TestReports(t *testing.T) {
	t.Parallel()
	list := func(c *Config) { c.Callback.List = "/all" }
	form := func(c *Config) {
		c.Callback = Callback{Format: "form", ID: "mid", Attempt: "ref", Status: "st", Code: "er", Time: "ts", TimeFormat: "unix_ms", States: c.Callback.States}
	}
	query := func(c *Config) {
		c.Callback = Callback{Format: "query", Status: "st", Time: "ts", TimeFormat: "2006-01-02 15:04", States: c.Callback.States}
	}
	at := time.Date(2026, 11, 21, 22, 1, 0, 0, time.UTC)
	tests := []struct {
		change      func(*Config)
		query, body string
		want        string // id attempt state code, of each
	}{
		{func(*Config) {}, "attempt=a1", `{"id": 7, "status": "DELIVRD", "error": 0, "at": "2026-11-21T23:01:00+01:00"}`, "7 a1 MESSAGE_DELIVERED DELIVRD 0"},
		{func(*Config) {}, "", `{"id": "7", "status": "ENROUTE", "at": "2026-11-21T22:01:00Z"}`, "7  MESSAGE_WAITING_DELIVERY ENROUTE"},
		{func(*Config) {}, "", `{"id": "7", "status": "NEW", "at": "2026-11-21T22:01:00Z"}`, "7   NEW unknown"},
		{list, "", `{"all": [{"id": 1, "status": "DELIVRD", "at": "2026-11-21T22:01:00Z"}, {"id": 2, "status": "UNDELIV", "at": "2026-11-21T22:01:00Z"}]}`, "1  MESSAGE_DELIVERED DELIVRD, 2  MESSAGE_NOT_DELIVERED UNDELIV"},
		{list, "", `{"all": []}`, ""},
		{form, "", "mid=m&ref=a2&st=UNDELIV&er=E9&ts=1795298460000", "m a2 MESSAGE_NOT_DELIVERED UNDELIV E9"},
		{query, "attempt=a3&st=DELIVRD&ts=2026-11-21+22:01", "", "a3 a3 MESSAGE_DELIVERED DELIVRD"},
	}
	for _, tt := range tests {
		r := httptest.NewRequest(http.MethodPost, "/r?"+tt.query, nil)
		reports, err := made(t, tt.change).Reports(r, []byte(tt.body))
		if err != nil {
			t.Fatalf("%s%s: %v", tt.query, tt.body, err)
		}
		var got []string
		for _, one := range reports {
			text := fmt.Sprintf("%s %s %s %s", one.RemoteID, one.AttemptID, one.State, one.Code)
			if one.Unknown {
				text += " unknown"
			}
			got = append(got, text)
			if !one.At.Equal(at) {
				t.Errorf("%s%s: at %v, want %v", tt.query, tt.body, one.At, at)
			}
		}
		if all := strings.Join(got, ", "); all != tt.want {
			t.Errorf("%s%s: got %q, want %q", tt.query, tt.body, all, tt.want)
		}
	}
	for _, body := range []string{"", "{", `{"id": 1}`, `{"status": "DELIVRD"}`, `[]`} {
		if _, err := made(t, func(*Config) {}).Reports(httptest.NewRequest(http.MethodPost, "/r", nil), []byte(body)); err == nil {
			t.Errorf("%q: got no error", body)
		}
	}
	if _, err := made(t, list).Reports(httptest.NewRequest(http.MethodPost, "/r", nil), []byte(`{"all": {}}`)); err == nil {
		t.Error("a list that is none: got no error")
	}
}

func TestValidate_faults(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		change func(*Config)
		want   string
	}{
		"method":             {func(c *Config) { c.Method = "DELETE" }, "method"},
		"body of GET":        {func(c *Config) { c.Method = "GET" }, "body"},
		"plain http":         {func(c *Config) { c.URL = "http://x/" }, "https://"},
		"host from text":     {func(c *Config) { c.URL = "https://{{.To}}/x" }, "url"},
		"host goes on":       {func(c *Config) { c.URL = "https://api.example{{.To}}/x" }, "url must have its host written out"},
		"password in url":    {func(c *Config) { c.URL = "https://u:p@x/" }, "url must not hold a user"},
		"format":             {func(c *Config) { c.Format = "yaml" }, "format"},
		"quotes around text": {func(c *Config) { c.Body = `{"text": "{{.Text}}"}` }, "does not render as JSON"},
		"broken XML":         {func(c *Config) { c.Format, c.Body = "xml", "<a>{{.Text}}</b>" }, "does not render as XML"},
		"broken template":    {func(c *Config) { c.Body = `{"text": {{.Text}` }, "body is no template"},
		"no such field":      {func(c *Config) { c.Body = `{"text": {{.PIN}}}` }, "body cannot be rendered"},
		"no such secret":     {func(c *Config) { c.Headers["A"] = `{{secret "other"}}` }, `no secret "other"`},
		"secret in a branch": {func(c *Config) { c.Body = `{{if eq .To "1"}}{{json (secret "other")}}{{else}}1{{end}}` }, `no secret "other"`},
		"secret by a field":  {func(c *Config) { c.Headers["A"] = `{{secret .From}}` }, "name of a secret in quotes"},
		"header's name":      {func(c *Config) { c.Headers["A b"] = "x" }, "headers.A b"},
		"pointer":            {func(c *Config) { c.ID.Pointer = "id" }, "id.pointer"},
		"values alone":       {func(c *Config) { c.Success.Pointer = "" }, "success.values"},
		"success status":     {func(c *Config) { c.Success.Status = []int{302} }, "success.status"},
		"pattern":            {func(c *Config) { c.Success.Pattern = "(" }, "success.pattern"},
		"pattern's group":    {func(c *Config) { c.ID.Pattern = "ID" }, "id.pattern"},
		"class":              {func(c *Config) { c.Errors.Codes["9"] = "bad" }, "errors.codes.9"},
		"class of status":    {func(c *Config) { c.Errors.Statuses[9] = "bad" }, "errors.statuses.9"},
		"class of body":      {func(c *Config) { c.Errors.Bodies[0].Class = "bad" }, "errors.bodies.0.class"},
		"pattern of body":    {func(c *Config) { c.Errors.Bodies[0].Pattern = "" }, "errors.bodies.0.pattern"},
		"callback format":    {func(c *Config) { c.Callback.Format = "xml" }, "callback.format"},
		"callback pointer":   {func(c *Config) { c.Callback.Status = "status" }, "callback.status"},
		"callback states":    {func(c *Config) { c.Callback.States = nil }, "callback.states"},
		"callback state":     {func(c *Config) { c.Callback.States["x"] = "gone" }, "callback.states.x"},
		"list of a form":     {func(c *Config) { c.Callback.Format, c.Callback.List = "form", "/x" }, "callback.list"},
		"token":              {func(c *Config) { c.Receipts.Token = "short" }, "receipts.token"},
	}
	for name, tt := range tests {
		cfg := config()
		tt.change(&cfg)
		if err := cfg.Validate(); err == nil || !strings.Contains(err.Error(), tt.want) || strings.Contains(err.Error(), "s3cret") {
			t.Errorf("%s: got %v, want %q in it", name, err, tt.want)
		}
	}
	if _, err := New(Config{}, smshttp.Deps{Now: time.Now, Log: slog.New(slog.DiscardHandler)}); err == nil {
		t.Error("empty settings: got no error")
	}
}

func TestConfig_hides_its_secrets(t *testing.T) {
	t.Parallel()
	cfg := config()
	if told := fmt.Sprintf("%v %+v %#v %v", cfg, cfg, cfg, &cfg); strings.Contains(told, "s3cret") || strings.Contains(told, token) {
		t.Errorf("tells %s", told)
	}
}

// A template that forgets its escaper, or ends in one of another place, is escaped for its place all the same.
func TestCompile_escapes_whatever_prints(t *testing.T) {
	t.Parallel()
	hostile := Fields{Text: `"},{"a":"\`, From: "b", Params: map[string]string{"k": `"]`}}
	templates := []string{
		`{"t": {{.Text}}}`, `{"t": {{json .Text}}}`, `{"t": {{.Text | json}}}`, `{"t": {{xml .Text}}}`, `{"t": {{.Text | form | url}}}`,
		`{"t": {{with .Text}}{{.}}{{end}}}`, `{"t": {{$x := .Text}}{{$x}}}`, `{{define "x"}}{{.Text}}{{end}}{"t": {{template "x" .}}}`,
		`{"t": [{{range $k, $v := .Params}}{{$k}}, {{$v}}{{else}}1{{end}}]}`, `{"t": {{if .From}}{{.Text}}{{else}}{{.From}}{{end}}}`,
		`{"t": {{if .To}}1{{else}}{{.Text}}{{end}}}`, `{"t": {{block "y" .}}{{.Text}}{{end}}}`, `{"t": {{(printf "%s" .Text)}}}`, `{"t": {{.}}}`, `{"t": {{index .Params "k"}}}`,
	}
	for _, text := range templates {
		compiled, err := compile("body", text, formatJSON, nil)
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		body, err := render(compiled, hostile)
		if document, bad := smshttp.ParseJSON([]byte(body)); err != nil || bad != nil || len(document.(map[string]any)) != 1 {
			t.Errorf("%s: got %s, %v", text, body, err)
		}
	}
}
