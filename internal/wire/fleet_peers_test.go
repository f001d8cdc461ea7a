//go:build peers

package wire_test

import (
	"encoding/json"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/pinpost/pinpost/internal/canary"
	"github.com/pinpost/pinpost/internal/delivery/foreign"
	"github.com/pinpost/pinpost/internal/message"
	"github.com/pinpost/pinpost/internal/voice/hear"
)

// TestPeers_text has texts go through an SMSC that nobody of us wrote, from the request to the status that the receipt brings.
func TestPeers_text(t *testing.T) {
	t.Parallel()
	foreign.WantAlone(t)
	smsc := foreign.StartNode(t, fleetSecret)
	f := newFleet(t, "countries: [CH]\ncarriers:\n"+smppCarrier("main", smsc.Address()))
	texts := []string{
		"Your PIN_ is { <pin> } for 5 € ~ [\\]", "Ваш код: <pin>. Никому не говорите.", "PIN <pin> 🔑 не 中文",
		strings.Repeat("A text of two parts, ", 9) + "<pin> €",
	}
	for i, text := range texts {
		to := "4179302670" + strconv.Itoa(i)
		pinID := f.send(to, f.template(text, message.PINTypeAlphanumeric, 8, nil), "MESSAGE_SENT")
		f.becomes(pinID, "MESSAGE_DELIVERED")
		before, after, _ := strings.Cut(text, "<pin>")
		arrived := ""
		for _, m := range smsc.Received(t, to, 1) {
			arrived += m.Text
		}
		pin := strings.TrimSuffix(strings.TrimPrefix(arrived, before), after)
		if len(pin) != 8 || arrived != before+pin+after {
			t.Fatalf("arrived as %q, want %q with a PIN", arrived, text)
		}
		canary.Watch(pin)
		verified := f.ask(http.MethodPost, "/2fa/1/pin/"+pinID+"/verify", `{"pin":"`+pin+`"}`)
		if !strings.Contains(verified.Body.String(), `"verified":true`) {
			t.Errorf("the PIN that arrived answers %s, want it verified", verified.Body)
		}
	}
	for suffix, want := range map[string]string{"11": "MESSAGE_INVALID_DESTINATION_ADDRESS", "66": "MESSAGE_NOT_DELIVERED"} {
		sent := map[string]string{"11": "MESSAGE_NOT_SENT", "66": "MESSAGE_SENT"}[suffix]
		f.becomes(f.send("417930267"+suffix, f.template("<pin>", message.PINTypeHex, 8, nil), sent), want)
	}
}

// TestPeers_call texts a PIN and then has it spoken to a phone behind the edge of a carrier that asks for a password. What
// the phone has recorded reads the PIN that was texted.
func TestPeers_call(t *testing.T) {
	t.Parallel()
	foreign.WantAlone(t)
	tests := map[string]message.PINType{
		"en": message.PINTypeNumeric, "de": message.PINTypeAlpha, "fr": message.PINTypeHex, "es": message.PINTypeAlphanumeric,
		"it": message.PINTypeNumeric, "pl": message.PINTypeHex, "pt_br": message.PINTypeAlphanumeric, "ru": message.PINTypeNumeric,
		"zh_cn": message.PINTypeNumeric,
	}
	smsc := foreign.StartNode(t, fleetSecret)
	hundreds := map[string]string{} // the end of each number, for a text of its own
	for language := range tests {
		hundreds[language] = strconv.Itoa(20 + len(hundreds)) // no suffix of the SMSC's
	}
	gate := make(chan struct{}, 3) // as many calls as two processors speak without a break
	for language, kind := range tests {
		t.Run(language, func(t *testing.T) {
			t.Parallel()
			gate <- struct{}{}
			defer func() { <-gate }()
			to := "417930200" + hundreds[language]
			phone, recordings := foreign.Baresip(t, to, "PCMA", nil)
			f := newFleet(t, "countries: [CH]\ncarriers:\n"+smppCarrier("main", smsc.Address())+
				`- sip: {name: trunk, trunks: ["`+foreign.Kamailio(t, phone, fleetSecret)+`"], username: pinpost, password: SECRET, repeats: 1, key_wait: 1ms}`+"\n")
			template := f.template("PIN: <pin>", kind, 6, func(in *message.Input) { in.Language = new(language) })
			pinID := f.send(to, template, "MESSAGE_SENT")
			texts := smsc.Received(t, to, 1)
			pin := strings.TrimPrefix(texts[len(texts)-1].Text, "PIN: ")
			answer := f.ask(http.MethodPost, "/2fa/1/pin/"+pinID+"/resend/voice", "")
			if got := callStatus(t, answer.Body.Bytes()); got != "PROCESSED" {
				t.Fatalf("the call answers %s, want PROCESSED", answer.Body)
			}
			if heard, score := hear.PIN(foreign.Recording(t, recordings), language, kind.Alphabet()); heard != pin {
				t.Errorf("the recording reads %q (%.2f), want the PIN that was texted", heard, score)
			}
		})
	}
}

func callStatus(t *testing.T, body []byte) string {
	t.Helper()
	var answer struct{ CallStatus string }
	must(t, json.Unmarshal(body, &answer))
	return answer.CallStatus
}

// TestPeers_callStatus has phones that nobody of us wrote bring about every documented status of a call.
func TestPeers_callStatus(t *testing.T) {
	t.Parallel()
	foreign.WantAlone(t)
	refuse := func(code string) func(*testing.T) string {
		return func(t *testing.T) string {
			trunk, p := foreign.SIPp(t, "udp", "refuse", "CODE", code)
			p.Listening(trunk)
			return `ping: -1s, trunks: ["` + trunk + `"]` // sipp would take a ping for its call
		}
	}
	tests := map[string]func(*testing.T) (settings string){
		"BAD_REQUEST":                 refuse("400"),
		"ERROR_USER_BUSY":             refuse("486"),
		"ERROR_NO_ANSWER":             refuse("480"),
		"ERROR_NETWORK_NOT_AVAILABLE": refuse("404"),
		"ERROR_ROUTE_NOT_AVAILABLE":   refuse("503"),
		"ERROR_NOT_ENOUGH_CREDITS":    refuse("402"),
		"PROCESSED": func(t *testing.T) string {
			phone, _ := foreign.Baresip(t, "41793026727", "PCMU", nil)
			return `trunks: ["127.0.0.1:` + phone + `"]`
		},
		"ANSWERED_MACHINE": func(t *testing.T) string {
			greeting := make([]int16, 4*8000)
			for i := range greeting {
				greeting[i] = int16(9000 * (1 - i/9%2*2)) // a tone, and never a pause
			}
			phone, _ := foreign.Baresip(t, "41793026727", "PCMA", greeting)
			return `machine: hangup, trunks: ["127.0.0.1:` + phone + `"]`
		},
		"UNDEFINED": func(t *testing.T) string { // the link ends while it rings
			trunk, p := foreign.SIPp(t, "tcp", "noanswer")
			p.Listening(trunk)
			return `ping: -1s, trunks: ["` + cutWhen(t, strings.TrimSuffix(trunk, ";tcp"), "SIP/2.0 180") + `;tcp"]`
		},
		"ERROR": func(t *testing.T) string { // there is no port left for the sound, which is our own fault
			taken, err := new(net.ListenConfig).ListenPacket(t.Context(), "udp4", "127.0.0.1:45000")
			must(t, err)
			t.Cleanup(func() { _ = taken.Close() })
			phone, _ := foreign.Baresip(t, "41793026727", "PCMA", nil)
			return `rtp_port_min: 45000, rtp_port_max: 45001, trunks: ["127.0.0.1:` + phone + `"]`
		},
	}
	for want, peer := range tests {
		t.Run(want, func(t *testing.T) {
			t.Parallel()
			f := newFleet(t, "countries: [CH]\ncarriers:\n- sip: {name: trunk, repeats: 1, key_wait: 1ms, "+peer(t)+"}\nspeech: {off: true}\n")
			answer := f.ask(http.MethodPost, "/2fa/1/pin/voice", f.body("41793026727", f.template("<pin>", message.PINTypeNumeric, 1, nil)))
			if got := callStatus(t, answer.Body.Bytes()); got != want {
				t.Errorf("the call answers %d %s, want %s", answer.Code, answer.Body, want)
			}
		})
	}
	t.Run("PROCESSING", func(t *testing.T) {
		t.Parallel()
		phone, _ := foreign.Baresip(t, "41793026727", "PCMA", nil)
		f := newFleet(t, "countries: [CH]\ncarriers:\n- sip: {name: trunk, repeats: 1, key_wait: 1ms, trunks: [\"127.0.0.1:"+phone+"\"]}\nspeech: {off: true}\n")
		began := f.askWith(http.Header{"Prefer": {"respond-async"}}, http.MethodPost, "/2fa/1/pin/voice",
			f.body("41793026727", f.template("<pin>", message.PINTypeNumeric, 1, nil)))
		if got := callStatus(t, began.Body.Bytes()); got != "PROCESSING" {
			t.Errorf("the call answers %d %s, want PROCESSING", began.Code, began.Body)
		}
		var answer struct{ PinID string }
		must(t, json.Unmarshal(began.Body.Bytes(), &answer))
		f.becomes(answer.PinID, "MESSAGE_DELIVERED") // as what is PROCESSED counts
	})
}

// cutWhen passes a connection on to a peer, and cuts it soon after the peer has said a word.
func cutWhen(t *testing.T, to, word string) (address string) {
	t.Helper()
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp4", "127.0.0.1:0")
	must(t, err)
	var all sync.WaitGroup
	t.Cleanup(all.Wait)
	t.Cleanup(func() { _ = listener.Close() })
	all.Go(func() {
		for {
			ours, err := listener.Accept()
			if err != nil {
				return
			}
			all.Go(func() {
				defer func() { _ = ours.Close() }()
				theirs, err := new(net.Dialer).DialContext(t.Context(), "tcp4", to)
				if err != nil {
					return
				}
				defer func() { _ = theirs.Close() }()
				all.Go(func() { _, _ = io.Copy(theirs, ours) })
				said := make([]byte, 4096)
				for {
					n, err := theirs.Read(said)
					if err != nil {
						return
					}
					_, err = ours.Write(said[:n])
					if strings.Contains(string(said[:n]), word) {
						time.Sleep(300 * time.Millisecond) // it is to be read before the cut
						return
					}
					if err != nil {
						return
					}
				}
			})
		}
	})
	return listener.Addr().String()
}
