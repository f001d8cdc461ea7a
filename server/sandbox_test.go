package server_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"runtime/pprof"
	"strings"
	"testing"
	"time"

	"github.com/pinpost/pinpost/internal/canary"
	"github.com/pinpost/pinpost/internal/wire"
)

// tester is one user of a sandbox: somebody's test, with a key of the account or of a world.
type tester struct {
	t       *testing.T
	address string
	house   *wire.House
	key     string
	world   string // sent as Pinpost-World when not empty
	prefer  string // sent as Prefer when not empty
}

func newTester(t *testing.T) *tester {
	t.Helper()
	f := loadFixture(t)
	address, house := serveHouse(t, f, nil, &pairs{})
	return &tester{t: t, address: address, house: house, key: f.Accounts[0].Keys[0]}
}

// request makes a request with the tester's credentials.
func (u *tester) request(method, path, body string) *http.Request {
	u.t.Helper()
	req, err := http.NewRequestWithContext(u.t.Context(), method, u.address+path, strings.NewReader(body))
	must(u.t, err)
	req.Header.Set("Authorization", "App "+u.key)
	if body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	if u.world != "" {
		req.Header.Set("Pinpost-World", u.world)
	}
	if u.prefer != "" {
		req.Header.Set("Prefer", u.prefer)
	}
	return req
}

// call makes one request and decodes its answer.
func (u *tester) call(method, path, body string, want int) (map[string]any, http.Header) {
	u.t.Helper()
	status, header, answer := do(u.t, u.request(method, path, body))
	if status != want {
		u.t.Fatalf("%s %s answers %d %s, want %d", method, path, status, answer, want)
	}
	var value any
	if err := json.Unmarshal(answer, &value); err != nil {
		u.t.Fatalf("%s %s answers %q: %v", method, path, answer, err)
	}
	object, _ := value.(map[string]any)
	return object, header
}

// refused wants a documented error that names the member; none when member is empty.
func (u *tester) refused(method, path, body string, status int, member string) {
	u.t.Helper()
	got, header, answer := do(u.t, u.request(method, path, body))
	a := attack{name: method + " " + path + " " + body[:min(len(body), 80)], request: method, status: status, member: member}
	a.check(u.t, reply{got, header, answer})
}

// messages lists captured messages.
func (u *tester) messages(query string) []map[string]any {
	u.t.Helper()
	page, _ := u.call("GET", "/sandbox/inbox?"+query, "", 200)
	return objects(page["messages"])
}

// objects are the elements of a decoded array of objects.
func objects(array any) []map[string]any {
	elements, _ := array.([]any)
	all := make([]map[string]any, len(elements))
	for i, element := range elements {
		all[i], _ = element.(map[string]any)
	}
	return all
}

// open makes a world with an application of small limits and gives a tester in it.
func (u *tester) open() (*tester, string) {
	u.t.Helper()
	world, _ := u.call("POST", "/sandbox/worlds", `{"name":"test"}`, 200)
	inside := &tester{t: u.t, address: u.address, house: u.house, key: fmt.Sprint(world["key"])}
	canary.Watch(inside.key)
	inside.call("POST", "/sandbox/seed", worldSeed(fmt.Sprint(world["worldId"])), 200)
	return inside, fmt.Sprint(world["worldId"])
}

// worldSeed is an application whose ids are the world's own.
func worldSeed(id string) string {
	return limitedSeed(id, `"initiationAttempts":2,"verificationAttempts":1000,"pinAttempts":3`)
}

// limitedSeed is worldSeed with limits of one's own.
func limitedSeed(id, limits string) string {
	return `{"applications":[{"applicationId":"A` + id[1:] + `","name":"shop","configuration":{` + limits + `},` +
		`"messages":[{"messageId":"B` + id[1:] + `","pinType":"NUMERIC","pinLength":8,"pinPlaceholder":"<pin>","messageText":"<pin>","sender":"Shop"}]}]}`
}

// worldSend asks for a PIN in the application of worldSeed.
func worldSend(id, to string) string {
	canary.Watch(to)
	return fmt.Sprintf(`{"to":%q,"applicationId":"A%s","messageId":"B%s"}`, to, id[1:], id[1:])
}

// send sends a PIN in the world and gives its id and cursor.
func (u *tester) send(id, to string, want int) (pinID, cursor string) {
	u.t.Helper()
	answer, header := u.call("POST", "/2fa/1/pin", worldSend(id, to), want)
	return fmt.Sprint(answer["pinId"]), header.Get("Pinpost-Cursor")
}

// verify checks a PIN.
func (u *tester) verify(pinID string, pin any, want int) map[string]any {
	u.t.Helper()
	answer, _ := u.call("POST", "/2fa/1/pin/"+pinID+"/verify", fmt.Sprintf(`{"pin":%q}`, pin), want)
	return answer
}

// move moves the clock of the world.
func (u *tester) move(d time.Duration) {
	u.t.Helper()
	u.call("POST", "/sandbox/clock", fmt.Sprintf(`{"advanceMs":%d}`, d.Milliseconds()), 200)
}

// goroutines counts those of the tester's server that are in a function: listen has labelled them.
func (u *tester) goroutines(in string) int {
	u.t.Helper()
	var text bytes.Buffer
	must(u.t, pprof.Lookup("goroutine").WriteTo(&text, 1))
	label := `"` + strings.TrimPrefix(u.address, "http://") + `"`
	_, stacks, _ := strings.Cut(text.String(), "\n")
	all := 0
	for stack := range strings.SplitSeq(stacks, "\n\n") {
		n := 0
		if strings.Contains(stack, label) && strings.Contains(stack, in) {
			_, _ = fmt.Sscanf(stack, "%d @", &n)
		}
		all += n
	}
	return all
}

// sleeper is where a wait or a stream sleeps.
const sleeper = "inbox.(*Inbox).sleep"

// awaitGoroutines waits until so many are in a function.
func (u *tester) awaitGoroutines(in string, want int) {
	u.t.Helper()
	got := -1
	for end := time.Now().Add(3 * attackTime); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		if got = u.goroutines(in); got == want {
			return
		}
	}
	u.t.Fatalf("%d goroutines are in %s, want %d", got, in, want)
}
