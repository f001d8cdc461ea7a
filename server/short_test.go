package server

import (
	"encoding/json"
	"math/rand/v2"
	"testing"

	"github.com/pinpost/pinpost/api"
)

// TestPlainMembers_as_decoded wants what is taken the short way to be what the generated code decodes.
func TestPlainMembers_as_decoded(t *testing.T) {
	t.Parallel()
	whole := `{ "to" : "41793026727","applicationId":"A","messageId":"M", "from":"F" ,"ncNeeded":false}`
	plain := map[string]bool{
		whole: true, `{"to":"+41","applicationId":"","messageId":"M","ncNeeded":true}`: true, "\t{\r\n}\n": true, `{}`: true,
		`{"TO":"41"}`: false, `{"to":"41","To":"42"}`: false, `{"to":"4\u0031"}`: false, `{"t\u006f":"41"}`: false, `{"from":"é"}`: false,
		`{"to":null}`: false, `{"to":"41","more":1}`: false, `null`: false, ``: false, `[]`: false, `{"to":["41"]}`: false, `{"to":{}}`: false,
	}
	for body, want := range plain {
		if _, got := bothWays(t, body); got != want {
			t.Errorf("%s is plain: %v, want %v", body, got, want)
		}
	}
	random, pieces := rand.New(rand.NewPCG(1, 2)), []string{`"`, `,`, `:`, `{`, `}`, ` `, `true`, `false`, `null`, `\`, `"to":"1"`, `"from"`, "é", "1"}
	taken := 0
	for range 100_000 {
		body := []byte(whole)
		for range 1 + random.IntN(2) {
			from := random.IntN(len(body))
			to := min(len(body), from+random.IntN(4))
			piece := pieces[random.IntN(len(pieces))]
			if random.IntN(3) == 0 {
				piece = ""
			}
			body = append(body[:from:from], append([]byte(piece), body[to:]...)...)
		}
		if json.Valid(body) { // the gate lets nothing else pass
			if _, plain := bothWays(t, string(body)); plain {
				taken++
			}
		}
	}
	if taken < 100 {
		t.Errorf("%d mutated bodies are plain, want more", taken)
	}
}

// bothWays fails when the two ways read a body differently.
func bothWays(t *testing.T, body string) (members [5]string, plain bool) {
	t.Helper()
	if !plainMembers([]byte(body), sendMembers[:], members[:]) {
		return members, false
	}
	var decoded api.SendPinOverSmsRequest
	if err := json.Unmarshal([]byte(body), &decoded); err != nil {
		// A boolean for a text or the other way round: the schema has no part in this test, and refuses it.
		return members, true
	}
	needed := ""
	if decoded.NcNeeded != nil {
		needed = map[bool]string{true: "true", false: "false"}[*decoded.NcNeeded]
	}
	want := [5]string{decoded.To, decoded.ApplicationID, decoded.MessageID, value(decoded.From, ""), needed}
	if members != want {
		t.Errorf("%s: the short way reads %q, the other %q", body, members, want)
	}
	return members, true
}
