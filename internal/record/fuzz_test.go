package record_test

import (
	"net/url"
	"slices"
	"strings"
	"testing"
)

// FuzzRecorder lets strangers shape paths, headers, bodies and answers. Whatever they do, no secret that stands where such a
// secret stands is written, and nothing falls over.
func FuzzRecorder(f *testing.F) {
	operations := []string{
		"sendPinOverSms", "sendPinOverVoice", "resendPinOverSms", "resendPinOverVoice", "verifyPin", "getPinStatus",
		"createApplication", "listApplications", "getApplication", "updateApplication", "createMessage", "listMessages",
		"getMessage", "updateMessage", "listVerifications", "createApiKey", "no operation",
	}
	for _, k := range []talk{
		sendTo(phone, pinID), sendTo("+"+phone, phone), resend(pinID), verify(code, right), verify(phone, wrong),
		refused(sendTo(phone, ""), 429, "try again in 3 seconds"), faulty(sendTo("41 79 302 67 27", ""), "to", "is wrong"),
		get(application(usual)), put(`{"name":"`+phone+`"}`, application(usual)),
		message("POST /2fa/1/applications/"+app+"/messages", text, "<pin> "+phone+" "+key, phone),
		{op: "listVerifications", at: "GET /2fa/1/applications/" + app + "/verifications?msisdn=%2B" + phone, status: 200, answer: "[]"},
		{op: "createApiKey", at: "POST /2fa/1/api-key", status: 200, answer: `"` + key + `"`},
		{op: "listMessages", at: "GET /2fa/1/applications/" + phone + "/messages", status: 200, answer: `[{"messageId":null}]`},
		{op: "getPinStatus", at: "GET /2fa/1/pin/%00/status?a=%zz", status: 200, answer: `[[],{},1]`},
	} {
		f.Add(uint8(slices.Index(operations, k.op)), k.at, k.body, k.answer, k.status, "Prefer", "wait=5")
	}
	f.Add(uint8(4), "POST /2fa/1/pin/"+pinID+"/verify", `{"pin":15987421}`, `{"pinId":1}`, 400, "Authorization", "Basic "+basic)
	f.Fuzz(func(t *testing.T, operation uint8, at, body, answer string, status int, header, value string) {
		_, address, _ := strings.Cut(at, " ")
		if _, err := url.Parse(address); err != nil {
			return
		}
		shaped := talk{
			op: operations[int(operation)%len(operations)], at: at, body: body, answer: answer, status: status,
			header: map[string]string{header: value}, replied: map[string]string{header: value},
		}
		unnamed := sendTo(phone, pinID)
		unnamed.answer = answer
		unnamed.status = status
		guessed := verify(code, wrong)
		guessed.answer = answer
		done := search(t, []string{key, basic, phone, code}, sendTo(phone, pinID), shaped, guessed, unnamed, verify(code, right), resend(pinID))
		left := 0
		for _, n := range done.LeftOut {
			left += n
		}
		if done.Cases+left != 6 {
			t.Errorf("6 exchanges became %d cases, left out %v", done.Cases, done.LeftOut)
		}
	})
}
