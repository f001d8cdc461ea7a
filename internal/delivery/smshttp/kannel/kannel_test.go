package kannel

import (
	"net/http"
	"net/http/httptest"
	"net/url"
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
			Name: "k", AllowPrivate: true, Receipts: smshttp.Callback{URL: "http://127.0.0.1/r", Token: token},
		},
		URL: "http://127.0.0.1:13013/cgi-bin/sendsms", Username: "u", Password: "p", SMSC: "one", Account: "acc",
	}
}

func TestQuery(t *testing.T) {
	t.Parallel()
	g := &gateway{config()}
	g.cfg.From = "Standing"
	q, err := g.query(delivery.SMS{
		AttemptID: "a%b", To: "41793026727", Text: "PIN ж", Validity: 61 * time.Second,
		Params: map[string]string{"entity_id": "1&2", "template_id": "x"},
	})
	if err != nil {
		t.Fatal(err)
	}
	want := url.Values{
		"username": {"u"}, "password": {"p"}, "to": {"+41793026727"}, "from": {"Standing"}, "text": {"PIN ж"}, "charset": {"UTF-8"},
		"coding": {"2"}, "smsc": {"one"}, "account": {"acc"}, "validity": {"2"}, "dlr-mask": {"19"},
		"meta-data": {"?smpp?entity_id=1%262&template_id=x"},
		"dlr-url":   {"http://127.0.0.1/r?attempt=a%%25b&token=" + token + "&type=%d&answer=%A"},
	}
	if q.Encode() != want.Encode() {
		t.Errorf("got  %s\nwant %s", q.Encode(), want.Encode())
	}
	g.cfg.Receipts.Auth, g.cfg.Receipts.User = smshttp.AuthBasic, "kannel"
	if address, _ := g.reportURL("a"); address != "http://kannel:"+token+"@127.0.0.1/r?attempt=a&type=%d&answer=%A" {
		t.Errorf("basic: got %s", address)
	}
}

func TestReports(t *testing.T) {
	t.Parallel()
	tests := []struct {
		kind, answer string
		state        delivery.State
		code         string
		unknown      bool
	}{
		{"1", "id:1 stat:DELIVRD err:000 text:PIN 1234", delivery.StateDelivered, "1 DELIVRD 000", false},
		{"2", "id:1 stat:UNDELIV err:00B text:PIN 1234", delivery.StateNotDelivered, "2 UNDELIV 00B", false},
		{"2", "id:1 stat:EXPIRED Text:err:9", delivery.StateExpired, "2 EXPIRED 9", false},
		{"2", "stat:REJECTD err:1", delivery.StateRejected, "2 REJECTD 1", false},
		{"2", "", delivery.StateNotDelivered, "2", false},
		{"34", "", delivery.StateExpired, "34", false},
		{"66", "", delivery.StateUnknown, "66", false},
		{"8", "ACK/1", delivery.StateWaiting, "8", false},
		{"4", "", delivery.StateWaiting, "4", false},
		{"16", "NACK/0x0000000b/Invalid Destination Address", delivery.StateInvalidDestination, "16 NACK 0x0000000b", false},
		{"16", "NACK/0x0000000A/Invalid Source", delivery.StateInvalidSource, "16 NACK 0x0000000a", false},
		{"16", "NACK/0x00000045/", delivery.StateRejected, "16 NACK 0x00000045", false},
		{"16", "anything PIN 1234", delivery.StateRejected, "16", false},
		{"3", "", "", "3", true},
	}
	g := &gateway{config()}
	for _, tt := range tests {
		q := url.Values{"type": {tt.kind}, "attempt": {"a1"}, "answer": {tt.answer}}
		got, err := g.Reports(httptest.NewRequest(http.MethodGet, "/r?"+q.Encode(), nil), nil)
		if err != nil || len(got) != 1 {
			t.Fatalf("%s %q: got %v, %v", tt.kind, tt.answer, got, err)
		}
		if r := got[0]; r.State != tt.state || r.Code != tt.code || r.Unknown != tt.unknown || r.RemoteID != "a1" || r.AttemptID != "a1" {
			t.Errorf("%s %q: got %+v, want %s by %q", tt.kind, tt.answer, r, tt.state, tt.code)
		}
	}
	for _, query := range []string{"", "type=1", "attempt=1"} {
		if _, err := g.Reports(httptest.NewRequest(http.MethodGet, "/r?"+query, nil), nil); err == nil {
			t.Errorf("%q: got no error", query)
		}
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
		{202, "0: Accepted for delivery", 0, true},
		{202, "3: Queued for later delivery", 0, true},
		{200, "Sent.", 0, true},
		{403, "Authorization failed for sendsms", delivery.Unauthorised, false},
		{403, "Not routable. Do not try again.", delivery.Rejected, false},
		{400, "Number(s) has/have been denied by white- and/or black-lists.", delivery.Rejected, false},
		{400, "Missing receiver number, rejected", delivery.BadDestination, false},
		{503, "Temporal failure, try again later.", delivery.LinkDown, false},
		{500, "", delivery.Temporary, false},
	}
	for _, tt := range tests {
		_, err := (&gateway{}).Accept(delivery.SMS{}, smshttp.Answer{Status: tt.status, Body: []byte(tt.body)})
		if (err == nil) != tt.taken || err != nil && delivery.ClassOf(err) != tt.class {
			t.Errorf("%d %q: got %v, want taken %v or class %d", tt.status, tt.body, err, tt.taken, tt.class)
		}
	}
}

func TestValidate_lists_all_faults(t *testing.T) {
	t.Parallel()
	if err := config().Validate(); err != nil {
		t.Errorf("got %v, want none", err)
	}
	err := Config{Settings: smshttp.Settings{Receipts: smshttp.Callback{URL: "https://x/r", Auth: smshttp.AuthBearer}}}.Validate()
	for _, setting := range []string{"name", "url", "username", "password", "receipts.token", "receipts.auth"} {
		if err == nil || !strings.Contains(err.Error(), setting) {
			t.Errorf("got %v, want a fault of %s", err, setting)
		}
	}
}

// FuzzCallback reads what anybody who knows the token may send.
func FuzzCallback(f *testing.F) {
	f.Add("type=1&attempt=a&answer=id:1 stat:DELIVRD err:000 text:PIN")
	f.Add("type=16&attempt=a&answer=NACK/0x0000000b/")
	f.Add("type=2&attempt=a&answer=stat:EXPIRED/err:")
	f.Fuzz(func(t *testing.T, query string) {
		r := httptest.NewRequest(http.MethodGet, "/r", nil)
		r.URL.RawQuery = query
		reports, err := (&gateway{config()}).Reports(r, nil)
		if err != nil {
			return
		}
		for _, one := range reports {
			if one.RemoteID == "" || !one.Unknown && one.State.Description() == "" {
				t.Errorf("%q: got %+v", query, one)
			}
			if answer := r.URL.Query().Get("answer"); len(answer) > 40 && strings.Contains(one.Code, answer) {
				t.Errorf("%q: the whole answer is in the code %q", query, one.Code)
			}
		}
	})
}
