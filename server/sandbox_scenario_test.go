package server_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"testing"
	"time"
)

// TestSandbox_scenarios exercises every row of the table: the outcome it names is the one that a caller sees.
func TestSandbox_scenarios(t *testing.T) {
	t.Parallel()
	u, id := newTester(t).open()
	table, _ := u.call("GET", "/sandbox/scenarios", "", 200)
	for _, raw := range table["scenarios"].([]any) {
		row := raw.(map[string]any)
		t.Run(fmt.Sprint(row["name"]), func(t *testing.T) {
			t.Parallel()
			u := &tester{t: t, address: u.address, key: u.key}
			number := fmt.Sprint(row["numbers"].(map[string]any)["first"])
			body := fmt.Sprintf(`{"to":%q,"applicationId":"A%s","messageId":"B%s"}`, number, id[1:], id[1:])
			var pinID string
			for range 4 { // exempt from the limit of two
				answer, _ := u.call("POST", "/2fa/1/pin", body, 200)
				pinID = fmt.Sprint(answer["pinId"])
				for _, member := range []string{"ncStatus", "smsStatus"} {
					if want := row[member]; want != nil && answer[member] != want {
						t.Errorf("%s is %v, want %v", member, answer[member], want)
					}
				}
				if row["name"] == "slow" {
					break
				}
			}
			if want := row["messageStatus"]; want != nil {
				checkStatus(t, u, pinID, want)
			}
			if want := row["callStatus"]; want != nil {
				caller := &tester{t: t, address: u.address, key: u.key, prefer: "wait=3"}
				answer, _ := caller.call("POST", "/2fa/1/pin/voice", body, 200)
				if answer["callStatus"] != want {
					t.Errorf("callStatus is %v, want %v", answer["callStatus"], want)
				}
			}
			checkVerify(u, row, pinID)
			limited := fmt.Sprint(row["limitedNumbers"].(map[string]any)["first"])
			for i := range 3 {
				if row["smsStatus"] == "MESSAGE_NOT_SENT" || row["ncStatus"] == "NC_DESTINATION_NOT_REACHABLE" || row["name"] == "slow" {
					break // gives its place back, or takes long
				}
				_, _ = u.send(id, limited, map[bool]int{true: 429, false: 200}[i == 2])
			}
		})
	}
}

// checkVerify wants the outcomes that a number has for verifying.
func checkVerify(u *tester, row map[string]any, pinID string) {
	u.t.Helper()
	typed := "00000000"
	if row["pin"] != nil {
		typed = fmt.Sprint(row["pin"])
	}
	answer, _ := u.call("POST", "/2fa/1/pin/"+pinID+"/verify", `{"pin":"`+typed+`"}`, 200)
	want := map[string]any{"expired-pin": "TTL_EXPIRED", "no-attempts": "NO_MORE_PIN_ATTEMPTS", "fixed-pin": nil}
	mistake, special := want[fmt.Sprint(row["name"])]
	if special && (answer["pinError"] != mistake || answer["verified"] != (mistake == nil)) {
		u.t.Errorf("verify answers %v, want %v", answer, mistake)
	}
}

// checkStatus waits for the receipt that brings the status.
func checkStatus(t *testing.T, u *tester, pinID string, want any) {
	t.Helper()
	var got any
	for range 100 {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, u.address+"/2fa/1/pin/"+pinID+"/status", nil)
		must(t, err)
		req.Header.Set("Authorization", "App "+u.key)
		_, _, body := do(t, req)
		var statuses []map[string]any
		must(t, json.Unmarshal(body, &statuses))
		if got = statuses[0]["status"]; got == want {
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
	t.Errorf("the status is %v, want %v", got, want)
}
