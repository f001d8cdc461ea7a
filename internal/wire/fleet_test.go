package wire_test

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/pinpost/pinpost/internal/canary"
	"github.com/pinpost/pinpost/internal/delivery/sip/siptest"
	"github.com/pinpost/pinpost/internal/delivery/smpp/smpptest"
	"github.com/pinpost/pinpost/internal/delivery/smshttp/smshttptest"
	"github.com/pinpost/pinpost/internal/message"
	"github.com/pinpost/pinpost/internal/voice/hear"
	"github.com/pinpost/pinpost/internal/wire"
)

// smppCarrier describes an SMSC in the file of carriers. A lost link is noticed and mended at once.
func smppCarrier(name, address string) string {
	return fmt.Sprintf("- smpp: {name: %s, addresses: [%q], system_id: pinpost, password: SECRET, window: 50, "+
		"reconnect_min: 5ms, reconnect_max: 20ms, rebind_patience: 50ms}\n", name, address)
}

func startSMSC(t *testing.T, address string) *smpptest.SMSC {
	t.Helper()
	smsc, err := smpptest.StartAt(address, smpptest.Options{SystemID: "pinpost", Password: fleetSecret})
	must(t, err)
	t.Cleanup(smsc.Close)
	return smsc
}

// TestFleet sends over an SMSC, over the gateway once that is gone, and in a call, with all of it described by a file.
func TestFleet(t *testing.T) {
	t.Parallel()
	smsc, gateway := startSMSC(t, "127.0.0.1:0"), smshttptest.Kannel("pinpost", fleetSecret)
	t.Cleanup(gateway.Close)
	phone := siptest.Start(t, "udp", siptest.Script{Final: 200})
	f := newFleet(t, "countries: [CH]\ncarriers:\n"+smppCarrier("main", smsc.Address())+`
- kannel:
    name: backup
    url: `+gateway.URL+`/cgi-bin/sendsms
    allow_private: true
    username: pinpost
    password: SECRET
    receipts: {url: DOOR/carriers/backup/receipts, token: SECRET}
- sip: {name: trunk, trunks: ["`+phone.Trunk()+`"], repeats: 1, lead: 1ms, pause: 1ms, key_wait: 1ms}
lookup: {offline: true}
speech: {off: true}
`)
	template := f.template("PIN <pin>", message.PINTypeNumeric, 8, func(in *message.Input) {
		in.Language, in.SpeechRate = new("fr"), new(2.0)
	})

	first := f.send("41793026700", template, "MESSAGE_SENT")
	f.becomes(first, "MESSAGE_DELIVERED")
	texts := smsc.Messages()
	if len(texts) != 1 || !strings.HasPrefix(texts[0].Text(), "PIN ") || texts[0].Dest.Addr != "41793026700" {
		t.Fatalf("the SMSC got %d texts, want the message", len(texts))
	}
	pin := strings.TrimPrefix(texts[0].Text(), "PIN ")
	canary.Watch(pin, "41793026700")
	f.becomes(f.send("41793026766", template, "MESSAGE_SENT"), "MESSAGE_NOT_DELIVERED")
	f.becomes(f.send("41793026711", template, "MESSAGE_NOT_SENT"), "MESSAGE_INVALID_DESTINATION_ADDRESS")

	refused := f.ask(http.MethodPost, "/2fa/1/pin", f.body("442079460000", template))
	if refused.Code != http.StatusBadRequest || !strings.Contains(refused.Body.String(), "is a number of GB") {
		t.Errorf("another country answers %d %s, want 400 that says so", refused.Code, refused.Body)
	}

	call := f.ask(http.MethodPost, "/2fa/1/pin/"+first+"/resend/voice", "")
	if !strings.Contains(call.Body.String(), `"PROCESSED"`) {
		t.Errorf("the call answers %d %s, want PROCESSED", call.Code, call.Body)
	}
	if heard, score := hear.PINAt(phone.Heard(), "fr", "0123456789", 2); heard != pin {
		t.Errorf("the phone heard %q (%.2f), want the PIN that was texted", heard, score)
	}

	smsc.Close() // the main carrier is gone
	f.becomes(f.send("41793026701", template, "MESSAGE_SENT"), "MESSAGE_DELIVERED")
	if got := len(gateway.Texts()); got != 1 {
		t.Errorf("the gateway got %d texts, want the one that the SMSC could not take", got)
	}
}

// TestFleet_callbacks wants nobody but the gateway to report, and only where a gateway is.
func TestFleet_callbacks(t *testing.T) {
	t.Parallel()
	gateway := smshttptest.Kannel("pinpost", fleetSecret)
	t.Cleanup(gateway.Close)
	f := newFleet(t, `countries: [CH]
carriers:
- kannel: {name: backup, url: "`+gateway.URL+`", allow_private: true, username: pinpost, password: SECRET,
    receipts: {url: DOOR/carriers/backup/receipts, token: SECRET}}
`)
	for path, want := range map[string]int{
		"/carriers/backup/receipts": http.StatusForbidden, "/carriers/backup/receipts?token=wrong": http.StatusForbidden,
		"/carriers/backup/receipts/wrong": http.StatusForbidden, "/carriers/main/receipts": http.StatusNotFound,
		"/carriers/none/receipts": http.StatusNotFound, "/carriers/": http.StatusNotFound,
	} {
		for _, method := range []string{http.MethodGet, http.MethodPost} {
			got := f.ask(method, path, "")
			if got.Code != want {
				t.Errorf("%s %s answers %d %s, want %d", method, path, got.Code, got.Body, want)
			}
		}
	}
}

// TestFleet_stands_in kills one of two SMSCs under load, and starts it again.
func TestFleet_stands_in(t *testing.T) {
	t.Parallel()
	a, b := startSMSC(t, "127.0.0.1:0"), startSMSC(t, "127.0.0.1:0")
	f := newFleet(t, "countries: [CH]\ncarriers:\n"+smppCarrier("a", a.Address())+smppCarrier("b", b.Address()))
	template := f.template("PIN <pin>", message.PINTypeNumeric, 8, nil)

	const texts, clients = 400, 32
	numbers := make(chan string, texts)
	for n := range texts {
		numbers <- fmt.Sprintf("4179%05d00", n) // two noughts at the end: the SMSC takes it and reports it
	}
	close(numbers)
	var mu sync.Mutex
	sent, kill := map[string]bool{}, sync.OnceFunc(a.Close)
	var all sync.WaitGroup
	for range clients {
		all.Go(func() {
			for to := range numbers {
				began := time.Now()
				answer := f.ask(http.MethodPost, "/2fa/1/pin?ncNeeded=false", f.body(to, template))
				if took := time.Since(began); took > 10*time.Second {
					t.Errorf("a send took %v, want it within the budget", took)
				}
				mu.Lock()
				sent[to] = strings.Contains(answer.Body.String(), "MESSAGE_SENT")
				if len(sent) == texts/4 {
					kill()
				}
				mu.Unlock()
			}
		})
	}
	all.Wait()

	times := map[string]int{}
	for _, m := range slices.Concat(a.Messages(), b.Messages()) {
		times[m.Dest.Addr]++
	}
	for to, taken := range sent {
		if !taken {
			t.Errorf("one text was not sent, although b was there all the time")
		}
		if n := times[to]; n < 1 || n > 2 {
			t.Errorf("a text was taken %d times, want once, or twice if a may have had it", n)
		}
	}
	if len(a.Messages()) == 0 || len(b.Messages()) == 0 {
		t.Errorf("a took %d texts and b %d, want both to have some", len(a.Messages()), len(b.Messages()))
	}

	again := startSMSC(t, a.Address())
	next := texts
	f.until("a to take over again", func() bool {
		next++
		f.send(fmt.Sprintf("4179%05d00", next), template, "MESSAGE_SENT")
		return len(again.Messages()) > 0
	})
}

// TestBuild_refuses_a_file_of_carriers_that_cannot_be wants the reason, before anything is made.
func TestBuild_refuses_a_file_of_carriers_that_cannot_be(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "carriers.yaml")
	must(t, os.WriteFile(file, []byte("carriers: []\n"), 0o600))
	settings := production(t)
	settings.Carriers = file
	if _, err := wire.Build(t.Context(), settings, outside()); err == nil || !strings.Contains(err.Error(), "countries must list") {
		t.Errorf("Build = %v, want what is wrong with the file", err)
	}
	o := outside()
	o.SMS = newFakeSender()
	if _, err := wire.Build(t.Context(), settings, o); err == nil || !strings.Contains(err.Error(), "not both") {
		t.Errorf("Build = %v, want carriers from one place alone", err)
	}
}
