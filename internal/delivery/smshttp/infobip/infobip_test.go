package infobip

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/pinpost/pinpost/internal/delivery"
	"github.com/pinpost/pinpost/internal/delivery/smshttp"
)

func config() Config {
	return Config{
		Settings: smshttp.Settings{
			Name: "ib", Receipts: smshttp.Callback{URL: "https://pins.example.com/carriers/ib/receipts", Token: "tok-0123456789abcdef"},
		},
		BaseURL: "https://x1.api.infobip.com", APIKey: "key",
	}
}

func TestRequest(t *testing.T) {
	t.Parallel()
	req, err := (&gateway{config()}).Request(t.Context(), delivery.SMS{
		AttemptID: "a1", To: "41793026727", From: "Bank", Text: "PIN \"1\"", Validity: 90 * time.Second,
		Params: map[string]string{paramIndiaEntity: "e", paramIndiaTemplate: "t"},
	})
	if err != nil {
		t.Fatal(err)
	}
	body, _ := io.ReadAll(req.Body)
	want := `{"messages":[{"sender":"Bank","destinations":[{"to":"41793026727","messageId":"a1"}],"content":{"text":"PIN \"1\""},` +
		`"options":{"validityPeriod":{"amount":90,"timeUnit":"SECONDS"},"regional":{"indiaDlt":{"principalEntityId":"e","contentTemplateId":"t"}}},` +
		`"webhooks":{"delivery":{"url":"https://pins.example.com/carriers/ib/receipts?token=tok-0123456789abcdef",` +
		`"intermediateReport":false,"notify":true},"contentType":"application/json","callbackData":"a1"}}]}`
	if string(body) != want {
		t.Errorf("got  %s\nwant %s", body, want)
	}
	if got := req.URL.String(); got != "https://x1.api.infobip.com/sms/3/messages" || req.Header.Get("Authorization") != "App key" {
		t.Errorf("got %s with %q", got, req.Header.Get("Authorization"))
	}
	cfg := config()
	cfg.Receipts, cfg.From = smshttp.Callback{}, "Standing"
	req, _ = (&gateway{cfg}).Request(t.Context(), delivery.SMS{AttemptID: "a1", To: "41793026727", Text: "x"})
	body, _ = io.ReadAll(req.Body)
	want = `{"messages":[{"sender":"Standing","destinations":[{"to":"41793026727","messageId":"a1"}],"content":{"text":"x"}}]}`
	if string(body) != want {
		t.Errorf("got  %s\nwant %s", body, want)
	}
}

func TestAccept(t *testing.T) {
	t.Parallel()
	one := func(group, name string) string {
		return `{"messages":[{"messageId":"m1","status":{"groupName":"` + group + `","name":"` + name + `"}}]}`
	}
	tests := []struct {
		status int
		body   string
		class  delivery.Class
		taken  bool
	}{
		{200, one("PENDING", "PENDING_ACCEPTED"), 0, true},
		{200, one("ACCEPTED", "MESSAGE_ACCEPTED"), 0, true},
		{200, `{"messages":[{"messageId":"m1","status":{"groupId":1}}]}`, 0, true},
		{200, one("REJECTED", "REJECTED_NOT_ENOUGH_CREDITS"), delivery.NoCredit, false},
		{200, one("REJECTED", "REJECTED_PREFIX_MISSING"), delivery.BadDestination, false},
		{200, one("REJECTED", "REJECTED_SYSTEM_ERROR"), delivery.Temporary, false},
		{200, one("REJECTED", "REJECTED_DUPLICATE_MESSAGE_ID"), delivery.Ambiguous, false},
		{200, one("REJECTED", "SOMETHING_NEW"), delivery.Rejected, false},
		{200, one("NEW", "SOMETHING_NEW"), delivery.Ambiguous, false},
		{200, `{"messages":[]}`, delivery.Ambiguous, false},
		{200, `{`, delivery.Ambiguous, false},
		{400, `{"requestError":{"serviceException":{"messageId":"BAD_REQUEST"}}}`, delivery.Rejected, false},
		{401, `{"errorCode":"E401"}`, delivery.Unauthorised, false},
		{403, ``, delivery.Unauthorised, false},
		{429, `{"errorCode":"E429"}`, delivery.Throttled, false},
		{500, `{"requestError":{"serviceException":{"messageId":"GENERAL_ERROR"}}}`, delivery.Ambiguous, false},
		{503, ``, delivery.LinkDown, false},
	}
	for _, tt := range tests {
		id, err := (&gateway{}).Accept(delivery.SMS{}, smshttp.Answer{Status: tt.status, Body: []byte(tt.body)})
		if (err == nil) != tt.taken || err == nil && id != "m1" || err != nil && delivery.ClassOf(err) != tt.class {
			t.Errorf("%d %s: got %q, %v, want taken %v or class %d", tt.status, tt.body, id, err, tt.taken, tt.class)
		}
	}
}

func TestAccept_answer_that_breaks_off(t *testing.T) {
	t.Parallel()
	a := smshttp.Answer{Status: 200, Cut: true, Body: []byte(`{"messages":[{"messageId":"m1","status":{"groupId":1}}]}`)}
	if _, err := (&gateway{}).Accept(delivery.SMS{}, a); err == nil || delivery.ClassOf(err) != delivery.Ambiguous {
		t.Errorf("got %v, want ambiguous", err)
	}
}

func TestReports(t *testing.T) {
	t.Parallel()
	tests := []struct {
		result  string
		state   delivery.State
		code    string
		unknown bool
	}{
		{`"status":{"groupId":3,"groupName":"DELIVERED","name":"DELIVERED_TO_HANDSET"},"error":{"name":"NO_ERROR"}`, delivery.StateDelivered, "DELIVERED_TO_HANDSET", false},
		{`"status":{"groupId":1}`, delivery.StateWaiting, "", false},
		{`"status":{"groupId":0,"groupName":"ACCEPTED"}`, delivery.StateWaiting, "", false},
		{`"status":{"groupName":"UNDELIVERABLE","name":"UNDELIVERABLE_NOT_DELIVERED"},"error":{"name":"EC_ABSENT_SUBSCRIBER"}`, delivery.StateNotDelivered, "UNDELIVERABLE_NOT_DELIVERED EC_ABSENT_SUBSCRIBER", false},
		{`"status":{"groupName":"UNDELIVERABLE","name":"UNDELIVERABLE_NOT_DELIVERED"},"error":{"name":"EC_UNKNOWN_SUBSCRIBER"}`, delivery.StateInvalidDestination, "UNDELIVERABLE_NOT_DELIVERED EC_UNKNOWN_SUBSCRIBER", false},
		{`"status":{"groupName":"UNDELIVERABLE","name":"UNDELIVERABLE_REJECTED_OPERATOR"}`, delivery.StateRejected, "UNDELIVERABLE_REJECTED_OPERATOR", false},
		{`"status":{"groupName":"EXPIRED","name":"EXPIRED_EXPIRED"}`, delivery.StateExpired, "EXPIRED_EXPIRED", false},
		{`"status":{"groupName":"EXPIRED","name":"EXPIRED_DLR_UNKNOWN"}`, delivery.StateUnknown, "EXPIRED_DLR_UNKNOWN", false},
		{`"status":{"groupName":"REJECTED","name":"REJECTED_NOT_ENOUGH_CREDITS"}`, delivery.StateNoCredit, "REJECTED_NOT_ENOUGH_CREDITS", false},
		{`"status":{"groupName":"REJECTED","name":"REJECTED_DND"}`, delivery.StateRejected, "REJECTED_DND", false},
		{`"status":{"groupName":"BRAND_NEW","name":"X"}`, "", "X", true},
	}
	for _, tt := range tests {
		body := `{"results":[{"messageId":"m1","callbackData":"a1","doneAt":"2026-11-21T23:01:02.345+0100",` + tt.result + `}]}`
		got, err := (&gateway{}).Reports(nil, []byte(body))
		if err != nil || len(got) != 1 {
			t.Fatalf("%s: got %v, %v", tt.result, got, err)
		}
		at := time.Date(2026, 11, 21, 22, 1, 2, 345e6, time.UTC)
		if r := got[0]; r.State != tt.state || r.Code != tt.code || r.Unknown != tt.unknown || r.RemoteID != "m1" || r.AttemptID != "a1" || !r.At.Equal(at) {
			t.Errorf("%s: got %+v, want %s by %q", tt.result, r, tt.state, tt.code)
		}
	}
	if at := timeOf("yesterday"); !at.IsZero() {
		t.Errorf("got %v, want none", at)
	}
}

func TestValidate_lists_all_faults(t *testing.T) {
	t.Parallel()
	if err := config().Validate(); err != nil {
		t.Errorf("got %v, want none", err)
	}
	err := Config{BaseURL: "http://x", APIKey: "App key", Settings: smshttp.Settings{Receipts: smshttp.Callback{URL: "https://x/r", Auth: "basic"}}}.Validate()
	for _, setting := range []string{"name", "base_url", "api_key", "receipts.token", "receipts.user"} {
		if err == nil || !strings.Contains(err.Error(), setting) {
			t.Errorf("got %v, want a fault of %s", err, setting)
		}
	}
}

// FuzzCallback reads what anybody who knows the token may send.
func FuzzCallback(f *testing.F) {
	f.Add([]byte(`{"results":[{"messageId":"m1","status":{"groupId":3},"doneAt":"2026-11-21T23:01:02.345+0100"}]}`))
	f.Add([]byte(`{"results":[{"messageId":"m1","status":{"groupName":"REJECTED","name":"REJECTED_DND"},"error":{"name":"EC"}}]}`))
	f.Add([]byte(`{"results":[]}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		reports, err := (&gateway{config()}).Reports(httptest.NewRequest(http.MethodPost, "/r", nil), body)
		if err != nil {
			return
		}
		for _, one := range reports {
			if one.RemoteID == "" || !one.Unknown && one.State.Description() == "" {
				t.Errorf("%s: got %+v", body, one)
			}
		}
		if !json.Valid(body) {
			t.Errorf("%s: is no JSON and was understood", body)
		}
	})
}
