package server_test

import (
	"fmt"
	"net/http"
	"testing"

	"github.com/pinpost/pinpost/internal/voice/hear"
	"github.com/pinpost/pinpost/internal/voice/wav"
)

// TestSandbox_audio reads the PIN of a captured call out of its sound, in the language that the message has.
func TestSandbox_audio(t *testing.T) {
	t.Parallel()
	u, id := newTester(t).open()
	pinID, _ := u.send(id, reachable, 200)
	for _, language := range []string{"en", "fr"} {
		u.call("PUT", fmt.Sprintf("/2fa/1/applications/A%s/messages/B%s", id[1:], id[1:]), `{"language":"`+language+`"}`, 200)
		u.call("POST", "/2fa/1/pin/"+pinID+"/resend/voice", "", 200)
		call := u.messages("channel=VOICE&limit=1&pinId=" + pinID)[0]
		status, header, body := do(t, u.request(http.MethodGet, "/sandbox/inbox/"+call["id"].(string)+"/audio", ""))
		if status != http.StatusOK || header.Get("Content-Type") != "audio/wav" {
			t.Fatalf("audio answers %d %s %.200q", status, header.Get("Content-Type"), body)
		}
		sound, err := wav.Decode(body)
		if err != nil || sound.Rate != 8000 {
			t.Fatalf("the sound has %d samples a second, %v", sound.Rate, err)
		}
		if heard, score := hear.PIN(sound.Samples, language, "0123456789"); heard != call["pin"] {
			t.Errorf("in %s the call says %q (%.2f), want %q", language, heard, score, call["pin"])
		}
	}
	text := u.messages("channel=SMS&pinId=" + pinID)[0]
	u.refused("GET", "/sandbox/inbox/"+text["id"].(string)+"/audio", "", 404, "")
	u.refused("GET", "/sandbox/inbox/NONE/audio", "", 404, "")
}
