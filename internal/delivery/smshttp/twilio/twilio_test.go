package twilio

import (
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/pinpost/pinpost/internal/delivery"
	"github.com/pinpost/pinpost/internal/delivery/smshttp"
)

const account = "AC0123456789abcdef0123456789abcdef"

func config() Config {
	return Config{
		Settings: smshttp.Settings{Name: "tw", Receipts: smshttp.Callback{URL: "https://mycompany.com/myapp.php"}},
		BaseURL:  defaultBaseURL, AccountSID: account, AuthToken: "12345",
	}
}

// vectors are what Twilio's own libraries expect of the token 12345.
var vectors = []struct{ name, public, query, body, kind, signature string }{
	{"form", "https://mycompany.com/myapp.php", "foo=1&bar=2", form, formType, "RSOYDt4T1cUTdK1PDd93/VVr8B8="},
	{"signed with the port", "https://mycompany.com/myapp.php", "foo=1&bar=2", form, formType, "kvajT1Ptam85bY51eRf/AJRuM3w="},
	{"signed without the port", "https://mycompany.com:1234/myapp.php", "foo=1&bar=2", form, formType, "RSOYDt4T1cUTdK1PDd93/VVr8B8="},
	{"http", "http://mycompany.com/myapp.php", "foo=1&bar=2", form, formType, "0ZXoZLH/DfblKGATFgpif+LLRf4="},
	{"http with a port", "http://mycompany.com:1234/myapp.php", "foo=1&bar=2", form, formType, "Zmvh+3yNM1Phv2jhDCwEM3q5ebU="},
	{"JSON", "https://mycompany.com/myapp.php", "foo=1&bar=2&bodySHA256=" + bodySum, jsonBody, "application/json", "a9nBmqA0ju/hNViExpshrM61xv4="},
	{"JSON alone", "https://mycompany.com/myapp.php", "bodySHA256=" + bodySum, jsonBody, "application/json", "y77kIzt2vzLz71DgmJGsen2scGs="},
}

const (
	form     = "Digits=1234&CallSid=CA1234567890ABCDE&To=%2B18005551212&Caller=%2B14158675309&From=%2B14158675309"
	formType = "application/x-www-form-urlencoded; charset=UTF-8"
	jsonBody = `{"property": "value", "boolean": true}`
	bodySum  = "0a1ff7634d9ab3b95db5c9a2dfe9416e41502b283a80c7cf19632632f96e6620"
)

func request(query, body, kind, signature string) *http.Request {
	r := httptest.NewRequest(http.MethodPost, "/behind/a/proxy?"+query, strings.NewReader(body))
	r.Header.Set("Content-Type", kind)
	r.Header.Set("X-Twilio-Signature", signature)
	return r
}

func TestAuthentic(t *testing.T) {
	t.Parallel()
	for _, v := range vectors {
		g := &gateway{config()}
		g.cfg.Receipts.URL = v.public
		if !g.Authentic(request(v.query, v.body, v.kind, v.signature), []byte(v.body)) {
			t.Errorf("%s: is not authentic", v.name)
		}
		wrong := map[string]bool{
			"another body":      g.Authentic(request(v.query, v.body+"&x=1", v.kind, v.signature), []byte(v.body+"&x=1")),
			"another query":     g.Authentic(request(v.query+"&x=1", v.body, v.kind, v.signature), []byte(v.body)),
			"another signature": g.Authentic(request(v.query, v.body, v.kind, "A"+v.signature[1:]), []byte(v.body)) && v.signature[0] != 'A',
			"no signature":      g.Authentic(request(v.query, v.body, v.kind, ""), []byte(v.body)),
			"no base64":         g.Authentic(request(v.query, v.body, v.kind, "%"+v.signature), []byte(v.body)),
		}
		g.cfg.AuthToken = "54321"
		wrong["another token"] = g.Authentic(request(v.query, v.body, v.kind, v.signature), []byte(v.body))
		g.cfg.AuthToken = ""
		wrong["no token"] = g.Authentic(request(v.query, v.body, v.kind, v.signature), []byte(v.body))
		for name, authentic := range wrong {
			if authentic {
				t.Errorf("%s: %s is authentic", v.name, name)
			}
		}
	}
}

func TestAuthentic_JSON_needs_the_hash_of_its_body(t *testing.T) {
	t.Parallel()
	g := &gateway{config()}
	signature := base64.StdEncoding.EncodeToString(sign("12345", g.cfg.Receipts.URL+"?a=1", nil))
	if g.Authentic(request("a=1", jsonBody, "application/json", signature), []byte(jsonBody)) {
		t.Error("a body that nothing covers is authentic")
	}
}

func TestSign_values_of_one_name(t *testing.T) {
	t.Parallel()
	one := sign("t", "https://x", url.Values{"b": {"2", "1", "2"}, "a": {"3"}})
	other := sign("t", "https://xa3b1b2", nil)
	if string(one) != string(other) {
		t.Error("values of one name are not sorted, or count more than once")
	}
}

func TestForm(t *testing.T) {
	t.Parallel()
	m := delivery.SMS{AttemptID: "a/1", To: "41793026727", From: "12025550123", Text: "PIN", Validity: 15 * time.Minute, Params: map[string]string{"content": "HX1", "other": "x"}}
	tests := map[string]struct {
		change func(*Config, *delivery.SMS)
		want   url.Values
	}{
		"number":     {func(*Config, *delivery.SMS) {}, url.Values{"From": {"+12025550123"}}},
		"name":       {func(_ *Config, m *delivery.SMS) { m.From = "Bank" }, url.Values{"From": {"Bank"}}},
		"short code": {func(_ *Config, m *delivery.SMS) { m.From = "12345" }, url.Values{"From": {"12345"}}},
		"standing":   {func(c *Config, m *delivery.SMS) { m.From = ""; c.From = "+1202" }, url.Values{"From": {"+1202"}}},
		"service":    {func(c *Config, _ *delivery.SMS) { c.MessagingServiceSID = "MG1" }, url.Values{"MessagingServiceSid": {"MG1"}}},
	}
	for name, tt := range tests {
		cfg, m := config(), m
		cfg.Params = map[string]string{"content": "ContentSid"}
		tt.change(&cfg, &m)
		got, err := (&gateway{cfg}).form(m)
		tt.want.Set("To", "+41793026727")
		tt.want.Set("Body", "PIN")
		tt.want.Set("ValidityPeriod", "900")
		tt.want.Set("ContentSid", "HX1")
		tt.want.Set("StatusCallback", "https://mycompany.com/myapp.php?attempt=a%2F1")
		if err != nil || got.Encode() != tt.want.Encode() {
			t.Errorf("%s: got  %s, %v\nwant %s", name, got.Encode(), err, tt.want.Encode())
		}
	}
}

func TestRequest(t *testing.T) {
	t.Parallel()
	cfg := config()
	cfg.APIKeySID, cfg.APIKeySecret = "SK0123456789abcdef0123456789abcdef", "s"
	req, err := (&gateway{cfg}).Request(t.Context(), delivery.SMS{To: "41793026727", Text: "x"})
	if err != nil {
		t.Fatal(err)
	}
	body, _ := io.ReadAll(req.Body)
	user, password, _ := req.BasicAuth()
	if req.URL.String() != "https://api.twilio.com/2010-04-01/Accounts/"+account+"/Messages.json" || user != cfg.APIKeySID || password != "s" || len(body) == 0 {
		t.Errorf("got %s by %s", req.URL, user)
	}
}

func TestAccept(t *testing.T) {
	t.Parallel()
	tests := []struct {
		status int
		body   string
		class  delivery.Class
		taken  bool
	}{
		{201, `{"sid":"SM1","status":"queued"}`, 0, true},
		{201, `{"sid":"SM1","status":"accepted"}`, 0, true},
		{201, `{"sid":"SM1","status":"failed"}`, delivery.Rejected, false},
		{201, `{"status":"queued"}`, delivery.Ambiguous, false},
		{400, `{"code":21211}`, delivery.BadDestination, false},
		{400, `{"code":21610}`, delivery.Rejected, false},
		{400, `{"code":99999}`, delivery.Rejected, false},
		{400, `{"code":21611}`, delivery.Throttled, false},
		{401, `{"code":20003}`, delivery.Unauthorised, false},
		{403, `{"code":20005}`, delivery.Unauthorised, false},
		{404, `{"code":20404}`, delivery.Unauthorised, false},
		{429, `{"code":20429}`, delivery.Throttled, false},
		{500, `{"code":20500}`, delivery.Ambiguous, false},
		{502, `<html>`, delivery.Ambiguous, false},
		{503, ``, delivery.LinkDown, false},
	}
	for _, tt := range tests {
		id, err := (&gateway{}).Accept(delivery.SMS{}, smshttp.Answer{Status: tt.status, Body: []byte(tt.body)})
		if (err == nil) != tt.taken || err == nil && id != "SM1" || err != nil && delivery.ClassOf(err) != tt.class {
			t.Errorf("%d %s: got %q, %v, want taken %v or class %d", tt.status, tt.body, id, err, tt.taken, tt.class)
		}
	}
}

func TestReports(t *testing.T) {
	t.Parallel()
	tests := []struct {
		status, code string
		state        delivery.State
		unknown      bool
	}{
		{"queued", "", delivery.StateWaiting, false}, {"sent", "", delivery.StateWaiting, false},
		{"delivered", "", delivery.StateDelivered, false}, {"read", "", delivery.StateDelivered, false},
		{"delivered", "30003", delivery.StateDelivered, false}, {"undelivered", "", delivery.StateNotDelivered, false},
		{"undelivered", "30003", delivery.StateNotDelivered, false}, {"undelivered", "30005", delivery.StateInvalidDestination, false},
		{"undelivered", "30007", delivery.StateRejected, false}, {"failed", "", delivery.StateRejected, false},
		{"failed", "30036", delivery.StateExpired, false}, {"failed", "30002", delivery.StateNetworkNotAllowed, false},
		{"canceled", "", delivery.StateRejected, false}, {"shiny", "", "", true},
	}
	g := &gateway{config()}
	for _, tt := range tests {
		want := strings.TrimSpace(tt.status + " " + tt.code)
		body := url.Values{"MessageSid": {"SM1"}, "MessageStatus": {tt.status}, "ErrorCode": {tt.code}}.Encode()
		sum := sha256.Sum256([]byte(body))
		forms := map[string]*http.Request{
			"form": request("attempt=a1", body, formType, ""),
			"GET":  httptest.NewRequest(http.MethodGet, "/?attempt=a1&"+body, nil),
		}
		code := tt.code
		if code == "" {
			code = "null"
		}
		asJSON := fmt.Sprintf(`{"MessageSid":"SM1","MessageStatus":%q,"ErrorCode":%s}`, tt.status, code)
		forms["JSON"] = request(fmt.Sprintf("attempt=a1&bodySHA256=%x", sum), asJSON, "application/json", "")
		for name, r := range forms {
			read, _ := io.ReadAll(r.Body)
			got, err := g.Reports(r, read)
			if err != nil || len(got) != 1 {
				t.Fatalf("%s %s: got %v, %v", name, want, got, err)
			}
			if one := got[0]; one.State != tt.state || one.Unknown != tt.unknown || one.Code != want || one.RemoteID != "SM1" || one.AttemptID != "a1" {
				t.Errorf("%s %s: got %+v, want %s", name, want, one, tt.state)
			}
		}
	}
	for _, body := range []string{"", "MessageSid=SM1", "MessageStatus=sent", "%zz"} {
		if _, err := g.Reports(request("", body, formType, ""), []byte(body)); err == nil {
			t.Errorf("%q: got no error", body)
		}
	}
}

func TestValidate_lists_all_faults(t *testing.T) {
	t.Parallel()
	if err := config().Validate(); err != nil {
		t.Errorf("got %v, want none", err)
	}
	err := Config{
		BaseURL: "ftp://x", APIKeySID: "x", MessagingServiceSID: "x", Params: map[string]string{"a": "Body"},
		Settings: smshttp.Settings{Receipts: smshttp.Callback{URL: "https://x/r", Token: "t"}},
	}.Validate()
	for _, setting := range []string{"name", "base_url", "account_sid", "auth_token", "api_key_sid", "messaging_service_sid", "params", "receipts.auth"} {
		if err == nil || !strings.Contains(err.Error(), setting) {
			t.Errorf("got %v, want a fault of %s", err, setting)
		}
	}
}

// FuzzCallback reads what a stranger may send: none of it is authentic, and none of it confuses the reading.
func FuzzCallback(f *testing.F) {
	f.Add("attempt=1", "MessageSid=SM1&MessageStatus=sent", formType, "")
	for _, v := range vectors {
		f.Add(v.query, v.body, v.kind, "x"+v.signature)
	}
	f.Fuzz(func(t *testing.T, query, body, kind, signature string) {
		g := &gateway{config()}
		g.cfg.AuthToken = "a token that no fuzzer finds"
		r := httptest.NewRequest(http.MethodPost, "/r", nil)
		r.URL.RawQuery = query
		r.Header = http.Header{"Content-Type": {kind}, "X-Twilio-Signature": {signature}}
		if g.Authentic(r, []byte(body)) {
			t.Errorf("%q %q is authentic by %q", query, body, signature)
		}
		reports, err := g.Reports(r, []byte(body))
		if err != nil {
			return
		}
		if one := reports[0]; one.RemoteID == "" || !one.Unknown && one.State.Description() == "" {
			t.Errorf("%q: got %+v", body, one)
		}
	})
}
