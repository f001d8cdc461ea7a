package lookup_test

import (
	"errors"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/miekg/dns"

	"github.com/pinpost/pinpost/internal/delivery"
	"github.com/pinpost/pinpost/internal/delivery/lookup"
)

// name41 is the number of the tests in the DNS, and the rest are entries as a zone file has them.
const (
	name41 = "7.2.7.6.2.0.3.9.7.1.4.e164.test."
	unused = `NAPTR 10 10 "u" "E2U+unused:data" "!^(.*)$!data:,Unallocated!" .`
	ported = `NAPTR 10 10 "u" "E2U+pstn:tel" "!^(.*)$!tel:\\1;npdi;rn=22801!" .`
	sipURI = `NAPTR 10 20 "u" "E2U+sip" "!^\\+(\\d+)$!sip:\\1@sip.example.com!" .`
)

// serve is a DNS server with a zone: entries by name. It answers over UDP and TCP at the address it gives.
func serve(t *testing.T, zone map[string][]string) string {
	t.Helper()
	packets, streams := listen(t)
	handler := dns.HandlerFunc(func(w dns.ResponseWriter, question *dns.Msg) {
		answer := new(dns.Msg)
		answer.SetReply(question)
		name := strings.ToLower(question.Question[0].Name)
		entries, known := zone[name]
		switch {
		case !known:
			answer.Rcode = dns.RcodeNameError
		case len(entries) == 1 && entries[0] == "SERVFAIL":
			answer.Rcode = dns.RcodeServerFailure
			entries = nil
		case len(entries) == 1 && entries[0] == "OTHER":
			answer.Question[0].Name = "other."
			entries = nil
		}
		for _, entry := range entries {
			record, err := dns.NewRR(name + " 60 IN " + entry)
			if err != nil {
				t.Errorf("entry %s: %v", entry, err)
				continue
			}
			answer.Answer = append(answer.Answer, record)
		}
		size := dns.MinMsgSize
		if opt := question.IsEdns0(); opt != nil {
			size = int(opt.UDPSize())
		}
		if _, tcp := w.RemoteAddr().(*net.TCPAddr); !tcp {
			answer.Truncate(size)
		}
		_ = w.WriteMsg(answer)
	})
	for _, server := range []*dns.Server{{PacketConn: packets, Handler: handler}, {Listener: streams, Handler: handler}} {
		ready, done := make(chan struct{}), make(chan struct{})
		server.NotifyStartedFunc = func() { close(ready) }
		go func() {
			defer close(done)
			_ = server.ActivateAndServe()
		}()
		<-ready
		t.Cleanup(func() {
			_ = server.Shutdown()
			<-done
		})
	}
	return packets.LocalAddr().String()
}

// listen takes a port that is free for both protocols; the port of one may be in use by another test for the other.
func listen(t *testing.T) (net.PacketConn, net.Listener) {
	t.Helper()
	for range 100 {
		packets, err := net.ListenPacket("udp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		if streams, err := net.Listen("tcp", packets.LocalAddr().String()); err == nil {
			return packets, streams
		}
		packets.Close()
	}
	t.Fatal("no port is free for UDP and TCP")
	return nil, nil
}

// dead is an address where nobody answers, but for UDP packets that are kept and left alone.
func dead(t *testing.T) string {
	t.Helper()
	packets, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { packets.Close() })
	return packets.LocalAddr().String()
}

func TestENUM(t *testing.T) {
	t.Parallel()
	long := make([]string, 0, 40)
	for range 40 {
		long = append(long, `NAPTR 50 50 "u" "E2U+email" "!^.*$!mailto:`+strings.Repeat("x", 100)+`@example.com!" .`)
	}
	tests := map[string]struct {
		entries []string
		reach   delivery.Reach
		network string
		fault   string
	}{
		"no entry":                          {nil, delivery.ReachUnknown, "", ""},
		"a SIP address":                     {[]string{sipURI}, delivery.Reachable, "", ""},
		"a ported number":                   {[]string{ported}, delivery.Reachable, "22801", ""},
		"a ported number and a SIP address": {[]string{sipURI, ported}, delivery.Reachable, "22801", ""},
		"a routing number that is mapped": {
			[]string{`NAPTR 10 10 "u" "E2U+pstn:tel" "!^(.*)$!tel:\\1;npdi;rn=+98101555!" .`}, delivery.Reachable, "22802", "",
		},
		"a routing number of no network": {
			[]string{`NAPTR 10 10 "u" "E2U+pstn:tel" "!^(.*)$!tel:\\1;npdi;rn=+15551234!" .`}, delivery.Reachable, "", "",
		},
		"codes of country and network": {
			[]string{`NAPTR 10 10 "u" "E2U+pstn:tel" "!^(.*)$!tel:\\1;mcc=228;mnc=03!" .`}, delivery.Reachable, "22803", "",
		},
		"an unused number":                 {[]string{unused}, delivery.NotReachable, "", ""},
		"unused, but with an address":      {[]string{`NAPTR 5 10 "u" "E2U+sip" "!^(.*)$!sip:a@example.com!" .`, unused}, delivery.Reachable, "", ""},
		"an address for another number":    {[]string{`NAPTR 10 10 "u" "E2U+sip" "!^\\+1(.*)$!sip:\\1@example.com!" .`}, delivery.ReachUnknown, "", ""},
		"an entry that is not for ENUM":    {[]string{`NAPTR 10 10 "s" "SIP+D2U" "" _sip._udp.example.com.`}, delivery.ReachUnknown, "", ""},
		"more than fits into a packet":     {append(long, ported), delivery.Reachable, "22801", ""},
		"a resolver that cannot":           {[]string{"SERVFAIL"}, delivery.ReachUnknown, "", "SERVFAIL"},
		"an answer to another question":    {[]string{"OTHER"}, delivery.ReachUnknown, "", "another question"},
		"an expression that is broken":     {[]string{`NAPTR 10 10 "u" "E2U+sip" "!^(.*$!sip:a@b!" .`, ported}, delivery.Reachable, "22801", ""},
		"a mail address proves no phone":   {long[:1], delivery.ReachUnknown, "", ""},
		"a service and one more in a row":  {[]string{`NAPTR 10 10 "U" "e2u+PSTN:tel+x-y" "!^(.*)$!TEL:\\1;RN=22801!i" .`}, delivery.Reachable, "22801", ""},
		"an entry without its three marks": {[]string{`NAPTR 10 10 "u" "E2U+sip" "!^.*$!sip:a@b" .`}, delivery.ReachUnknown, "", ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			zone := map[string][]string{}
			if tt.entries != nil {
				zone[name41] = tt.entries
			}
			e, err := lookup.NewENUM(lookup.ENUMConfig{
				Suffix: "e164.test", Resolvers: []string{serve(t, zone)}, Timeout: 2 * time.Second, Networks: map[string]string{"98": "22801", "98101": "22802"},
			})
			if err != nil {
				t.Fatal(err)
			}
			got, err := e.Lookup(t.Context(), number)
			want := delivery.NumberInfo{Reach: tt.reach, Source: "enum", Network: tt.network}
			if got != want || (err != nil) != (tt.fault != "") || err != nil && !strings.Contains(err.Error(), tt.fault) {
				t.Errorf("Lookup = %+v, %v, want %+v and fault %q", got, err, want, tt.fault)
			}
		})
	}
}

func TestENUM_asks_the_next_resolver(t *testing.T) {
	t.Parallel()
	broken, works := serve(t, map[string][]string{name41: {"SERVFAIL"}}), serve(t, map[string][]string{name41: {ported}})
	e, err := lookup.NewENUM(lookup.ENUMConfig{Suffix: ".e164.test.", Resolvers: []string{broken, works}, Timeout: 2 * time.Second})
	if err != nil {
		t.Fatal(err)
	}
	if got, err := e.Lookup(t.Context(), number); err != nil || got.Reach != delivery.Reachable {
		t.Errorf("Lookup = %+v, %v, want the answer of the second resolver", got, err)
	}
}

func TestENUM_without_an_answer(t *testing.T) {
	t.Parallel()
	e, err := lookup.NewENUM(lookup.ENUMConfig{Suffix: "e164.test", Resolvers: []string{dead(t)}, Timeout: 50 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	got, err := e.Lookup(t.Context(), number)
	if _, timeout := errors.AsType[net.Error](err); got.Reach != delivery.ReachUnknown || err == nil || !timeout {
		t.Errorf("Lookup = %+v, %v, want unknown and a timeout", got, err)
	}
	if err != nil && strings.Contains(err.Error(), "7.2.7.6") {
		t.Errorf("the error shows the number: %v", err)
	}
}
