//go:build peers

package kannel_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/pinpost/pinpost/internal/delivery"
	"github.com/pinpost/pinpost/internal/delivery/smshttp"
	"github.com/pinpost/pinpost/internal/delivery/smshttp/kannel"
	"github.com/pinpost/pinpost/internal/phone"
)

// patience is how long the test waits for something that should take a moment.
const patience = 30 * time.Second

// event is a line of smsc.js.
type event struct {
	Event, ID, To, From, Text, Validity string
	Coding, Wants                       int
	Part                                []int
}

// chain is a carrier, a Kannel, and an SMSC behind it.
type chain struct {
	url     string
	submits chan event
	stop    func()
}

// TestPeers_Kannel sends through a real Kannel to an SMSC that none of us wrote, and gets the receipts back.
func TestPeers_Kannel(t *testing.T) {
	c := startChain(t)
	carrier, receipts := startCarrier(t, c.url, "p&ss w/rd")

	texts := map[string]string{
		"Latin":    "PIN_1 { € } [~^|\\] @ ñ Ü ß & = + % #",
		"Cyrillic": "Ваш код 482910, действителен 15 минут",
		"emoji":    "PIN 🔑 482910 ✓",
		"200":      strings.Repeat("ab {€}_ ", 20) + strings.Repeat("z", 40),
		"200 long": strings.Repeat("Ваш код 12", 20),
	}
	for name, want := range texts {
		attempt := "att-" + strings.ReplaceAll(name, " ", "%20&x=")
		accepted, err := carrier.Send(t.Context(), sms(attempt, "41793026700", want))
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if got := c.whole(t, accepted.Parts); got != want {
			t.Errorf("%s: the SMSC read %q, want %q", name, got, want)
		}
		r := await(t, receipts)
		if r.State != delivery.StateDelivered || r.AttemptID != attempt || r.RemoteID != accepted.RemoteID || r.Code != "1 DELIVRD 000" {
			t.Errorf("%s: got receipt %+v, want delivered of %s", name, r, attempt)
		}
	}

	for number, want := range map[string]delivery.Receipt{
		"41793026711": {State: delivery.StateInvalidDestination, Code: "16 NACK 0x0000000b"},
		"41793026766": {State: delivery.StateNotDelivered, Code: "2 UNDELIV 000"},
		"41793026767": {State: delivery.StateExpired, Code: "34 EXPIRED 000"},
	} {
		if _, err := carrier.Send(t.Context(), sms("att"+number, number, "PIN 1234")); err != nil {
			t.Fatalf("%s: %v", number, err)
		}
		if r := await(t, receipts); r.State != want.State || r.Code != want.Code || r.AttemptID != "att"+number {
			t.Errorf("%s: got %+v, want %s by %q", number, r, want.State, want.Code)
		}
	}

	c.reportsAgain(t)
	wrong, _ := startCarrier(t, c.url, "wrong")
	if _, err := wrong.Send(t.Context(), sms("a", "41793026700", "x")); delivery.ClassOf(err) != delivery.Unauthorised {
		t.Errorf("wrong password: got %v, want unauthorised", err)
	}
	c.stop()
	if _, err := carrier.Send(t.Context(), sms("a", "41793026700", "x")); delivery.ClassOf(err) != delivery.LinkDown {
		t.Errorf("Kannel is gone: got %v, want link down", err)
	}
}

// reportsAgain sees that Kannel comes again with a receipt that was not stored.
func (c *chain) reportsAgain(t *testing.T) {
	t.Helper()
	carrier := newCarrier(t, c.url, "p&ss w/rd", 200*time.Millisecond)
	t.Cleanup(func() { _ = carrier.Close(context.Background()) })
	if _, err := carrier.Send(t.Context(), sms("again", "41793026700", "x")); err != nil {
		t.Fatal(err)
	}
	await(t, carrier.Receipts()) // and nobody acknowledges it
	r := await(t, carrier.Receipts())
	if r.Ack(); r.AttemptID != "again" || r.State != delivery.StateDelivered {
		t.Errorf("got %+v, want the same receipt again", r.Receipt)
	}
}

func sms(attempt, to, text string) delivery.SMS {
	return delivery.SMS{
		AttemptID: attempt, To: phone.Number(to), From: "Bank_1", Text: delivery.Text(text), Validity: 15 * time.Minute,
	}
}

// whole puts the parts of one text together.
func (c *chain) whole(t *testing.T, parts int) string {
	t.Helper()
	texts := make([]string, parts)
	for range parts {
		e := await(t, c.submits)
		if e.To != "41793026700" || e.From != "Bank_1" || !strings.HasSuffix(e.Validity, "+") && !strings.Contains(e.Validity, "20") {
			t.Errorf("the SMSC got %+v, want it from Bank_1 to 41793026700 with a validity", e)
		}
		at := 0
		if len(e.Part) == 3 {
			at = e.Part[2] - 1
		}
		if at >= parts {
			t.Fatalf("the SMSC got part %d of %d", at+1, parts)
		}
		texts[at] = e.Text
	}
	return strings.Join(texts, "")
}

// startCarrier makes a carrier whose receipts are acknowledged as they come.
func startCarrier(t *testing.T, address, password string) (*smshttp.Carrier, <-chan delivery.Receipt) {
	t.Helper()
	made := newCarrier(t, address, password, 0)
	receipts, done := make(chan delivery.Receipt, 100), make(chan struct{})
	go func() {
		defer close(done)
		for r := range made.Receipts() {
			receipts <- r.Receipt
			r.Ack()
		}
	}()
	t.Cleanup(func() {
		_ = made.Close(context.Background())
		<-done
	})
	return made, receipts
}

func newCarrier(t *testing.T, address, password string, ack time.Duration) *smshttp.Carrier {
	t.Helper()
	var carrier atomic.Pointer[smshttp.Carrier]
	door := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { carrier.Load().ServeHTTP(w, r) }))
	t.Cleanup(door.Close)
	made, err := kannel.New(kannel.Config{
		Settings: smshttp.Settings{Name: "kannel", AllowPrivate: true, Receipts: smshttp.Callback{
			URL: door.URL + "/carriers/kannel/receipts", Token: "tok-0123456789abcdef", AckTimeout: ack,
		}},
		URL: address, Username: "pinpost", Password: smshttp.Secret(password),
	}, smshttp.Deps{Now: time.Now, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	carrier.Store(made)
	return made
}

func startChain(t *testing.T) *chain {
	t.Helper()
	modules := os.Getenv("PINPOST_PEERS_NODE_MODULES")
	if modules == "" {
		t.Fatal("PINPOST_PEERS_NODE_MODULES must name a folder with npm smpp 0.5.1")
	}
	ports := freePorts(t, 4)
	c := &chain{submits: make(chan event, 100), url: fmt.Sprintf("http://127.0.0.1:%d/cgi-bin/sendsms", ports[3])}
	bound := make(chan struct{}, 100)
	c.startSMSC(t, modules, ports[0], bound)

	conf := fill(t, "testdata/kannel.conf", map[string]int{"smsc": ports[0], "admin": ports[1], "box": ports[2], "http": ports[3]})
	bearerbox := start(t, "bearerbox", conf)
	awaitPort(t, ports[2])
	smsbox := start(t, "smsbox", conf)
	awaitPort(t, ports[3])
	await(t, bound)
	c.stop = func() {
		end(smsbox)
		end(bearerbox)
	}
	return c
}

func (c *chain) startSMSC(t *testing.T, modules string, port int, bound chan<- struct{}) {
	t.Helper()
	cmd := exec.Command("node", "testdata/smsc.js", strconv.Itoa(port))
	cmd.Env = append(os.Environ(), "NODE_PATH="+modules)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	var problems bytes.Buffer
	cmd.Stderr = &problems
	if err := cmd.Start(); err != nil {
		t.Fatalf("start node: %v", err)
	}
	t.Cleanup(func() {
		end(cmd)
		if t.Failed() {
			t.Logf("SMSC: %s", problems.String())
		}
	})
	listening := make(chan struct{}, 1)
	go c.follow(out, listening, bound)
	await(t, listening)
}

// follow reads what the SMSC says until it ends.
func (c *chain) follow(out io.Reader, listening, bound chan<- struct{}) {
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		var e event
		if json.Unmarshal(lines.Bytes(), &e) != nil {
			continue
		}
		switch e.Event {
		case "listening":
			listening <- struct{}{}
		case "bind":
			bound <- struct{}{}
		case "submit":
			c.submits <- e
		}
	}
}

// start starts one of Kannel's boxes with a settings file.
func start(t *testing.T, box, conf string) *exec.Cmd {
	t.Helper()
	path, err := exec.LookPath(box)
	if err != nil {
		path = "/usr/sbin/" + box // where Debian has it, which is not in everybody's PATH
	}
	cmd := exec.Command(path, "-v", "2", conf)
	cmd.Dir = t.TempDir()
	var said bytes.Buffer
	cmd.Stdout, cmd.Stderr = &said, &said
	if err := cmd.Start(); err != nil {
		t.Fatalf("start %s: %v", box, err)
	}
	t.Cleanup(func() {
		end(cmd)
		if t.Failed() {
			t.Logf("%s: %s", box, said.String())
		}
	})
	return cmd
}

// end ends a process of ours, by its id; again, it does nothing.
func end(cmd *exec.Cmd) {
	if cmd.ProcessState != nil {
		return
	}
	_ = cmd.Process.Signal(syscall.SIGTERM)
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = cmd.Wait()
	}()
	select {
	case <-done:
	case <-time.After(10 * time.Second):
		_ = cmd.Process.Kill()
		<-done
	}
}

func fill(t *testing.T, file string, ports map[string]int) string {
	t.Helper()
	conf, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	text := string(conf)
	for name, port := range ports {
		text = strings.ReplaceAll(text, "{"+name+"}", strconv.Itoa(port))
	}
	path := filepath.Join(t.TempDir(), "kannel.conf")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func freePorts(t *testing.T, n int) []int {
	t.Helper()
	ports := make([]int, n)
	for i := range ports {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		defer l.Close() // together, so that no port comes twice
		ports[i] = l.Addr().(*net.TCPAddr).Port
	}
	return ports
}

// awaitPort waits until somebody listens.
func awaitPort(t *testing.T, port int) {
	t.Helper()
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); time.Sleep(50 * time.Millisecond) {
		conn, err := net.Dial("tcp", fmt.Sprintf("127.0.0.1:%d", port))
		if err == nil {
			conn.Close()
			return
		}
	}
	t.Fatalf("nobody listens on port %d", port)
}

func await[T any](t *testing.T, c <-chan T) T {
	t.Helper()
	select {
	case v := <-c:
		return v
	case <-time.After(patience):
		t.Fatal("nothing came")
		panic("unreachable")
	}
}
