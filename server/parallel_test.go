package server_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/pinpost/pinpost/api"
)

// crowd is how many requests are made at the same time.
const crowd = 64

// The application of the fixture that allows three attempts and one verification, and its PIN.
const (
	onceApplication = "3B9F1C0D5E7A48269D10C4E8F2A6B573"
	onceMessage     = "6A1D2C3B4F5E60718293A4B5C6D7E8F9"
	oncePIN         = "D41D8CD98F00B204E9800998ECF8427E"
	onceCode        = "A1B2C3"
)

// answer is one of the crowd's.
type answer struct {
	status int
	body   []byte
}

// crowdOf makes the same request many times at once.
func crowdOf(t *testing.T, address, method, path, key string, body func(i int) string) []answer {
	t.Helper()
	answers := make([]answer, crowd)
	begin := make(chan struct{})
	var all sync.WaitGroup
	for i := range crowd {
		req, err := http.NewRequestWithContext(t.Context(), method, address+path, strings.NewReader(body(i)))
		must(t, err)
		req.Header.Set("Content-Type", "application/json")
		req.Header.Set("Authorization", "App "+key)
		all.Go(func() {
			<-begin
			status, _, body := do(t, req)
			answers[i] = answer{status, body}
		})
	}
	close(begin)
	all.Wait()
	return answers
}

func TestParallel(t *testing.T) {
	t.Parallel()
	t.Run("wrong guesses consume exactly the attempts", func(t *testing.T) {
		t.Parallel()
		f := loadFixture(t)
		address := serveReplicas(t, f)
		mistakes := map[api.PinError]int{}
		for _, a := range crowdOf(t, address, "POST", "/2fa/1/pin/"+oncePIN+"/verify", f.Accounts[0].Keys[0], func(i int) string {
			return fmt.Sprintf(`{"pin":"WRONG%02d"}`, i)
		}) {
			mistakes[mistakeOf(t, a)]++
		}
		if mistakes[api.PinErrorWrongPin] != 3 || mistakes[api.PinErrorNoMorePinAttempts] != crowd-3 {
			t.Errorf("%d guesses on three attempts give %v, want 3 WRONG_PIN and the rest NO_MORE_PIN_ATTEMPTS", crowd, mistakes)
		}
	})
	t.Run("right ones succeed exactly once", func(t *testing.T) {
		t.Parallel()
		f := loadFixture(t)
		address := serveReplicas(t, f)
		key := f.Accounts[0].Keys[0]
		allow := `{"configuration":{"pinAttempts":1000}}`
		for _, a := range crowdOf(t, address, "PUT", "/2fa/1/applications/"+onceApplication, key, func(int) string { return allow }) {
			if a.status != http.StatusOK {
				t.Fatalf("update answers %d %s, want 200", a.status, a.body)
			}
		}
		mistakes := map[api.PinError]int{}
		for _, a := range crowdOf(t, address, "POST", "/2fa/1/pin/"+oncePIN+"/verify", key, func(int) string {
			return `{"pin":"` + onceCode + `"}`
		}) {
			mistakes[mistakeOf(t, a)]++
		}
		if mistakes[""] != 1 || mistakes[api.PinErrorNoMorePinAttempts] != crowd-1 {
			t.Errorf("%d right PINs give %v, want exactly one success", crowd, mistakes)
		}
	})
	t.Run("sends are admitted exactly up to the limit", func(t *testing.T) {
		t.Parallel()
		f := loadFixture(t)
		address := serveReplicas(t, f)
		statuses := map[int]int{}
		for _, a := range crowdOf(t, address, "POST", "/2fa/1/pin", f.Accounts[0].Keys[0], func(i int) string {
			plus := strings.Repeat("+", i%2) // one number, spelled two ways
			return `{"to":"` + plus + `41793026755","applicationId":"8F0792F86035A9F4290821F1EE6BC06A","messageId":"F66D67327326FCCB027BEAA916B94542"}`
		}) {
			statuses[a.status]++
		}
		if statuses[http.StatusOK] != 3 || statuses[http.StatusTooManyRequests] != crowd-3 {
			t.Errorf("%d sends against a limit of three give %v, want 3 times 200 and the rest 429", crowd, statuses)
		}
	})
	t.Run("sends and resends over both channels share the limit", func(t *testing.T) {
		t.Parallel()
		f := loadFixture(t)
		address := serveReplicas(t, f)
		const pin = "9C817C6F8AF3D48F9FE553282AFA2B67" // sent once already
		statuses := map[int]int{}
		for _, a := range crowdOf(t, address, "POST", "/2fa/1/pin/"+pin+"/resend/voice", f.Accounts[0].Keys[0], func(int) string { return "" }) {
			statuses[a.status]++
		}
		if statuses[http.StatusOK] != 2 || statuses[http.StatusTooManyRequests] != crowd-2 {
			t.Errorf("%d resends after one send give %v, want 2 times 200 and the rest 429", crowd, statuses)
		}
	})
}

// mistakeOf gives the pinError of a verification, "" for a success.
func mistakeOf(t *testing.T, a answer) api.PinError {
	t.Helper()
	var response api.VerifyPinResponse
	if err := json.Unmarshal(a.body, &response); a.status != http.StatusOK || err != nil {
		t.Fatalf("verify answers %d %s (%v), want 200", a.status, a.body, err)
	}
	if response.Verified {
		return ""
	}
	return *response.PinError
}
