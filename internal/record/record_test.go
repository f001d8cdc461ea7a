package record_test

import (
	"maps"
	"strings"
	"testing"
)

// TestRecorder_replaces looks at what is written for one thing after another.
func TestRecorder_replaces(t *testing.T) {
	t.Parallel()
	const (
		accepted = `"App 003026bbc133714df1834b8638bb496e-8f4b3d9a-e931-478d-a994-28a725159ab9"`
		fakeApp  = `"A0000000000000000000000000000001"`
		fakeText = `"B0000000000000000000000000000001"`
	)
	send := sendTo(phone, pinID)
	messages := "POST /2fa/1/applications/" + app + "/messages"
	list := talk{op: "listApplications", at: "GET /2fa/1/applications"}
	for name, c := range map[string]struct {
		talks []talk
		want  []string // in the last case
	}{
		"an accepted key":      {[]talk{send}, []string{`"Authorization":` + accepted}},
		"ids of things":        {[]talk{send}, []string{`"applicationId":` + fakeApp, `"messageId":` + fakeText, `"pinId":"{{id}}"`}},
		"a number":             {[]talk{send}, []string{`"Body":{"applicationId":` + fakeApp + `,"messageId":` + fakeText + `,"to":"33639980000"}`}},
		"a number with a plus": {[]talk{sendTo("+"+phone, pinID)}, []string{`"to":"+33639980000"`, `"to":"33639980000"`}},
		"two numbers":          {[]talk{send, sendTo("41793026728", "P2"), sendTo("+"+phone, "P3")}, []string{`"to":"+33639980000"`}},
		"headers":              {[]talk{send.with("Accept", "application/json")}, []string{`"Headers":{"Accept":"application/json","Authorization":` + accepted + `,"Content-Type":"application/json"}`, `"Headers":{"Content-Type":"application/json"},"Body":{"nc`}},
		"an odd Accept":        {[]talk{send.with("Accept", "x/browser")}, []string{`"Headers":{"Authorization":` + accepted + `,"Content-Type":"application/json"}`}},
		"an Idempotency-Key": {[]talk{send.with("Idempotency-Key", "order 7781").reply("Idempotency-Replayed", "false")},
			[]string{`"Idempotency-Key":"key-1"`, `"Idempotency-Replayed":"false"`}},
		"the right PIN":                    {[]talk{send, verify(code, right)}, []string{`"Body":{"pin":"{{pin}}"}`, `"/2fa/1/pin/{{pinId}}/verify"`, `"pinId":"{{pinId}}"`, `"msisdn":"33639980000"`}},
		"a wrong PIN":                      {[]talk{send, verify(code, wrong)}, []string{`"Body":{"pin":"WRONG-PIN"}`, `"attemptsRemaining":9`}},
		"no credentials":                   {[]talk{refused(list, 401, "Credentials are missing").with("Authorization", "").reply("WWW-Authenticate", `App realm="2fa"`)}, []string{`"Headers":{}`, `App realm=`}},
		"a refused key":                    {[]talk{refused(list, 401, "No").with("Authorization", "App other-key")}, []string{`"App ffffffff`}},
		"a refused user":                   {[]talk{refused(list, 401, "No").with("Authorization", "Basic "+basic)}, []string{`"Basic bm9ib2R5Om5vIHBhc3N3b3Jk"`}},
		"another scheme":                   {[]talk{refused(list, 401, "No").with("Authorization", "bearer abcdef-abcdef")}, []string{`"Bearer ffffffff`}},
		"an accepted key in other letters": {[]talk{send.with("Authorization", "APP  "+key)}, []string{accepted}},
		"a new key": {[]talk{{op: "createApiKey", at: "POST /2fa/1/api-key", status: 200, answer: `"` + key + `"`, header: map[string]string{"Authorization": "Basic " + basic}}},
			[]string{`"Basic MmZhLXVzZXI6YSBwYXNzd29yZCBvZiBhIHVzZXI="`, `"Body":"{{key}}"`}},
		"an unknown id": {[]talk{refused(talk{op: "getApplication", at: "GET /2fa/1/applications/" + phone}, 404, "Application with given ID cannot be found")},
			[]string{`"/2fa/1/applications/00000000000000000000000000000000"`}},
		"an unknown PIN": {[]talk{refused(verify(code, wrong), 404, "PIN with given ID cannot be found")}, []string{`"/2fa/1/pin/00000000000000000000000000000000/verify"`, "WRONG-PIN"}},
		"a number without a country": {[]talk{faulty(sendTo("999123456789", ""), "to", "must start with a country calling code")},
			[]string{`"to":"999123456"`}},
		"a number of the wrong length": {[]talk{faulty(sendTo("4179302672", ""), "to", "is too short")}, []string{`"to":"336399800"`}},
		"a number with spaces":         {[]talk{faulty(sendTo("41 79 302 67 27", ""), "to", "must be digits")}, []string{`"to":"not a number"`}},
		"an empty number":              {[]talk{faulty(sendTo("", ""), "to", "must not be empty")}, []string{`"to":""`}},
		"a number as a number": {[]talk{faulty(talk{op: "sendPinOverSms", at: "POST /2fa/1/pin", body: `{"to":41793026727}`}, "to", "must be text")},
			[]string{`"to":0`}},
		"a PIN as a number": {[]talk{send, faulty(talk{op: "verifyPin", at: "POST /2fa/1/pin/" + pinID + "/verify", body: `{"pin":15987421}`}, "pin", "must be text")},
			[]string{`"pin":0`}},
		"a filter": {[]talk{get(application(usual)), {op: "listVerifications", at: "GET /2fa/1/applications/" + app + "/verifications?sent=true&msisdn=%2B" + phone, status: 200, answer: `[]`}},
			[]string{`verifications?msisdn=%2B33639980000\u0026sent=true`}},
		"a wrong filter": {[]talk{faulty(talk{op: "listVerifications", at: "GET /2fa/1/applications/" + app + "/verifications?sent=" + code}, "sent", "must be true or false")},
			[]string{`verifications?sent=perhaps`}},
		"numbers and addresses in texts": {[]talk{message(messages, text, "<pin> from +41 (79) 302-67-27 or ann@shop.example", phone)},
			[]string{`"messageText":"<pin> from +00 (00) 000-00-00 or xxx@xxxx.xxxxxxx"`, `"sender":"00000000000"`, `"messageId":"{{id}}"`, `"applicationId":` + fakeApp}},
		"a credential in a text": {[]talk{message(messages, text, "<pin> "+key, "Shop")}, []string{`"messageText":"<pin> xxxxxxxx`}},
		"how long to wait": {[]talk{get(application(strings.Replace(usual, `"initiationAttempts":3`, `"initiationAttempts":1`, 1))), send,
			refused(send, 429, "Limit initiationAttempts of 1 in 86400000 milliseconds for this phone number is reached; try again in 86399 seconds").reply("Retry-After", "86399")},
			[]string{`"Retry-After":"{{seconds}}"`, "in 86400000 milliseconds", "try again in {{seconds}} seconds"}},
		"members that nobody knows, in an answer": {[]talk{{op: send.op, at: send.at, body: send.body, status: 200, answer: strings.Replace(send.answer, "{", `{"pin":"`+code+`",`, 1)}},
			[]string{`"Body":{"ncStatus":"NC_DESTINATION_UNKNOWN","pinId":"{{id}}","smsStatus":"MESSAGE_SENT","to":"33639980000"}`}},
		"a body of null":  {[]talk{send, {op: "resendPinOverSms", at: resend(pinID).at, body: " null ", status: 200, answer: resend(pinID).answer}}, []string{`"RawBody":"null"`}},
		"a lookup at all": {[]talk{{op: send.op, at: send.at, body: send.body, status: 200, answer: strings.Replace(send.answer, "NC_DESTINATION_UNKNOWN", "NC_NOT_CONFIGURED", 1)}}, []string{`"Given":{"lookup":"none"}`}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			done := tape(t, c.talks...)
			if done.Cases != len(c.talks) {
				t.Fatalf("%d of %d exchanges are cases; left out %v", done.Cases, len(c.talks), done.LeftOut)
			}
			got := said(done.last(t))
			for _, want := range c.want {
				if !strings.Contains(got, want) {
					t.Errorf("the case is\n%s\nwant %s in it", got, want)
				}
			}
		})
	}
}

// TestRecorder_leaves_out wants the last exchange to be no case, for its reason; what comes before it may be none either.
func TestRecorder_leaves_out(t *testing.T) {
	t.Parallel()
	send := sendTo(phone, pinID)
	status := talk{op: "getPinStatus", at: "GET /2fa/1/pin/" + pinID + "/status", status: 200}
	delivered := `{"status":"MESSAGE_DELIVERED","description":"Message sent and delivered","finalStatus":true}`
	answered := func(k talk, old, new string) talk {
		k.answer = strings.Replace(k.answer, old, new, 1)
		return k
	}
	asked := func(k talk, old, new string) talk {
		k.body = strings.Replace(k.body, old, new, 1)
		return k
	}
	list := func(answer string) talk {
		return talk{op: "listApplications", at: "GET /2fa/1/applications", status: 200, answer: answer}
	}
	keyed := send.with("Idempotency-Key", "order 7781")
	repeated := keyed.reply("Idempotency-Replayed", "true")
	for name, c := range map[string]struct {
		why   string
		talks []talk
	}{
		"no operation":                      {"the contract has no such operation", []talk{{op: "../../etc", at: "GET /etc", status: 200, answer: `{}`}}},
		"another path":                      {"the contract has no such operation", []talk{{op: "verifyPin", at: "POST /2fa/1/pin", status: 200, answer: `{}`}}},
		"a fault":                           {"the service was at fault", []talk{refused(send, 503, "down")}},
		"a large body":                      {"its body is too large", []talk{refused(send, 413, "large")}},
		"a body that is not JSON":           {"a body is not JSON", []talk{faulty(talk{op: send.op, at: send.at, body: `{"to":`}, "to", "must be JSON")}},
		"an answer that is not JSON":        {"a body is not JSON", []talk{{op: send.op, at: send.at, body: send.body, status: 200, answer: "<html>" + phone}}},
		"an unknown member":                 {"the request has what the contract does not know", []talk{faulty(asked(send, "{", `{"colour":"`+code+`",`), "colour", "is not a member")}},
		"an unknown parameter":              {"the query has what the contract does not know", []talk{{op: send.op, at: send.at + "?debug=" + code, body: send.body, status: 200, answer: send.answer}}},
		"an array":                          {"the request has what the contract does not know", []talk{faulty(talk{op: send.op, at: send.at, body: `["` + phone + `"]`}, "to", "must be an object")}},
		"an answer without its members":     {"the answer has what the contract does not know", []talk{answered(send, `"pinId"`, `"id"`)}},
		"another account":                   {"it may be of another account", []talk{send, send.with("Authorization", "App another-key")}},
		"no credentials":                    {"it was answered without credentials", []talk{send.with("Authorization", "")}},
		"a PIN of before":                   {"its PIN was sent before the recording began", []talk{verify(code, wrong)}},
		"a verification before its send":    {"its PIN was sent before the recording began", []talk{verify(code, wrong), send}},
		"a carrier that refuses":            {"its outcome depends on a carrier", []talk{answered(send, "MESSAGE_SENT", "MESSAGE_NOT_SENT")}},
		"what hangs on such a carrier":      {"something that came before it is left out", []talk{answered(send, "MESSAGE_SENT", "MESSAGE_NOT_SENT"), verify(code, wrong)}},
		"a lookup that changes its mind":    {"a lookup said something else of its number before", []talk{send, answered(sendTo(phone, "P2"), "NC_DESTINATION_UNKNOWN", "NC_DESTINATION_REACHABLE")}},
		"a lookup that nobody asked for":    {"a lookup said something else of its number before", []talk{answered(asked(send, "{", `{"ncNeeded":false,`), "NC_DESTINATION_UNKNOWN", "NC_DESTINATION_REACHABLE")}},
		"an expired PIN":                    {"its PIN has expired", []talk{send, verify(code, `"verified":false,"attemptsRemaining":9,"pinError":"TTL_EXPIRED"`)}},
		"what comes after":                  {"its PIN has expired", []talk{send, verify(code, `"verified":false,"attemptsRemaining":9,"pinError":"TTL_EXPIRED"`), resend(pinID)}},
		"a second attempt after a pause":    {"it took time between requests, which a replay does not take", []talk{send, verify("1", wrong), verify("2", `"verified":false,"attemptsRemaining":8,"pinError":"WRONG_PIN"`)}},
		"a limit that others reached":       {"it took time between requests, which a replay does not take", []talk{send, refused(send, 429, "wait")}},
		"attempts of somebody else":         {"what it is about was changed by somebody else", []talk{send, verify("1", `"verified":false,"attemptsRemaining":4,"pinError":"WRONG_PIN"`)}},
		"a status that may change":          {"its outcome depends on a carrier", []talk{send, answered(talk{op: status.op, at: status.at, status: 200, answer: "[" + delivered + "]"}, "DELIVERED", "WAITING_DELIVERY")}},
		"a status of more messages":         {"what it is about was changed by somebody else", []talk{send, {op: status.op, at: status.at, status: 200, answer: "[" + delivered + "," + delivered + "]"}}},
		"a resend refused, nobody says why": {"why it was refused cannot be seen", []talk{send, refused(resend(pinID), 400, "The PIN has expired")}},
		"a send refused, nobody says why":   {"why it was refused cannot be seen", []talk{refused(send, 400, "The application is disabled")}},
		"a wrong change of who knows what":  {"why it was refused cannot be seen", []talk{faulty(put(`{"enabled":1}`, ""), "enabled", "must be true or false")}},
		"a wrong send of who knows what":    {"why it was refused cannot be seen", []talk{faulty(asked(send, "{", `{"from":"too long a name",`), "from", "is too long")}},
		"a form of PIN that is refused":     {"why it was refused cannot be seen", []talk{send, faulty(verify(code, wrong), "pin", "must be digits")}},
		"a number that only they refuse":    {"its phone number is taken otherwise than a replay would take it", []talk{faulty(send, "to", "is not served")}},
		"a number that only they take":      {"its phone number is taken otherwise than a replay would take it", []talk{sendTo("999123456789", pinID)}},
		"rows of verifications":             {"it lists verifications", []talk{{op: "listVerifications", at: "GET /2fa/1/applications/" + app + "/verifications", status: 200, answer: `[{"msisdn":"` + phone + `"}]`}}},
		"a list before something is made":   {"it lists more or less than there is at the start of a replay", []talk{list("[]"), get(application(usual))}}, // the list is not the last
		"a change by somebody else":         {"what it is about was changed by somebody else", []talk{get(application(usual)), get(application(strings.Replace(usual, "10", "7", 1)))}},
		"a send after it":                   {"what it is about was changed by somebody else", []talk{get(application(usual)), get(application(strings.Replace(usual, "10", "7", 1))), send}},
		"an update that did not take":       {"what it is about was changed by somebody else", []talk{get(application(usual)), put(`{"configuration":{"pinAttempts":4}}`, application(strings.Replace(usual, "10", "5", 1)))}},
		"a 404 of what is known":            {"what it is about was changed by somebody else", []talk{get(application(usual)), refused(get(""), 404, "Application with given ID cannot be found")}},
		"a 404 that may mean either":        {"why it was refused cannot be seen", []talk{refused(send, 404, "Message with given ID cannot be found")}},
		"a key that is refused":             {"its Idempotency-Key is refused", []talk{faulty(send.with("Idempotency-Key", "ключ"), "Idempotency-Key", "must be ASCII")}},
		"an answer of before":               {"its Idempotency-Key was used before the recording began", []talk{repeated}},
		"a conflict with before":            {"its Idempotency-Key was used before the recording began", []talk{refused(keyed, 409, "used")}},
		"a conflict nobody sees":            {"the difference that it is refused for is not recorded", []talk{keyed, refused(keyed, 409, "used")}},
		"the same again":                    {"it is the same as another", []talk{send, sendTo(phone, "P2")}},
		"a placeholder in a text":           {"a text in it looks like a placeholder of a case", []talk{message("POST /2fa/1/applications/"+app+"/messages", text, "<pin> {{time}}", "Shop")}},
		"an answer that repeats a number":   {"something that may be a secret is left in it", []talk{refused(verify(code, wrong), 404, "No PIN for 4179302672")}},
		"an answer that repeats the PIN":    {"something that may be a secret is left in it", []talk{refused(verify("4711", wrong), 404, "4711 is not known")}},
		"an odd Prefer":                     {"a header is not of a plain form", []talk{send.with("Prefer", "handling="+code)}},
		"an odd Content-Type":               {"a header is not of a plain form", []talk{send.with("Content-Type", "application/"+code)}},
		"a status nobody knows":             {"its status is not of the contract", []talk{refused(send, 418, "no")}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			done := tape(t, c.talks...)
			if done.LeftOut[c.why] == 0 {
				t.Errorf("%d cases, left out %v; want %q", done.Cases, done.LeftOut, c.why)
			}
			left := 0
			for count := range maps.Values(done.LeftOut) {
				left += count
			}
			if done.Cases+left != len(c.talks) || len(done.names) != done.Cases {
				t.Errorf("%d exchanges became %d cases in %v, left out %v", len(c.talks), done.Cases, done.names, done.LeftOut)
			}
		})
	}
}
