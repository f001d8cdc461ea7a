package sip

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	siplib "github.com/emiago/sipgo/sip"

	"github.com/pinpost/pinpost/internal/delivery"
	"github.com/pinpost/pinpost/internal/delivery/sip/siptest"
)

func TestDial_digest(t *testing.T) {
	t.Parallel()
	tests := map[string]*siptest.Digest{
		"401":                {},
		"407":                {Proxy: true},
		"for BYE as well":    {Bye: true},
		"a nonce gets old":   {Stale: true},
		"SHA-256 first":      {Algorithms: []string{"SHA-256"}},
		"an unknown first":   {Algorithms: []string{"X-NEW"}, Proxy: true},
		"lower-case letters": {Algorithms: []string{"md5"}},
	}
	for name, d := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d.Username, d.Password = "pinpost", "secret"
			p, c := setup(t, siptest.Script{Digest: d, Final: 200}, func(c *Config) { c.Password = "secret" })
			if end := must(t, c, order()); end.Status != delivery.CallProcessed {
				t.Errorf("end = %+v, want PROCESSED", end)
			}
			if d.Bye {
				p.Wait(siplib.BYE, 2)
			}
			invites := p.Requests(siplib.INVITE)
			first, last := invites[0], invites[len(invites)-1]
			if first.CallID().Value() != last.CallID().Value() || first.CSeq().SeqNo >= last.CSeq().SeqNo || first.Via().Value() == last.Via().Value() {
				t.Error("the INVITE with the password is no new transaction of the same call")
			}
		})
	}
}

func TestDial_wrong_password_ends_soon(t *testing.T) {
	t.Parallel()
	for _, proxy := range []bool{false, true} {
		d := &siptest.Digest{Username: "pinpost", Password: "right", Proxy: proxy}
		p, c := setup(t, siptest.Script{Digest: d, Final: 200}, func(c *Config) { c.Password = "wrong" })
		_, err := c.Dial(t.Context(), order())
		if got := classOf(t, err); got != delivery.Unauthorised {
			t.Errorf("Dial = %v, want Unauthorised", err)
		}
		if got := len(p.Requests(siplib.INVITE)); got != 1+maxChallenges {
			t.Errorf("%d INVITEs, want %d", got, 1+maxChallenges)
		}
		if strings.Contains(fmt.Sprint(err), "wrong") {
			t.Errorf("the error shows the password: %v", err)
		}
	}
}

func TestDial_requests_go_over_the_proxies(t *testing.T) {
	t.Parallel()
	proxy := siptest.Start(t, "udp", siptest.Script{})
	routes := []string{"<sip:far.example;lr>, <sip:mid.example;lr>", "<sip:" + proxy.Addr() + ";lr>"}
	p, c := setup(t, siptest.Script{Final: 200, RecordRoute: routes, Contact: "sip:callee@10.1.2.3"}, func(c *Config) { c.Max = 2 * time.Second })
	ongoing, err := c.Dial(t.Context(), order())
	if err != nil {
		t.Fatal(err)
	}
	ack := proxy.Wait(siplib.ACK, 1)
	if got := ack.Recipient.String(); got != "sip:callee@10.1.2.3" {
		t.Errorf("the ACK is for %s, want the Contact", got)
	}
	var got []string
	for _, route := range ack.GetHeaders("Route") {
		got = append(got, route.Value())
	}
	if want := []string{"<sip:" + proxy.Addr() + ";lr>", "<sip:mid.example;lr>", "<sip:far.example;lr>"}; !slices.Equal(got, want) {
		t.Errorf("routes = %q, want %q", got, want)
	}
	ongoing.Hangup()
	proxy.Wait(siplib.BYE, 1)
	if got := len(p.Requests(siplib.ACK)); got != 0 {
		t.Errorf("%d ACKs went past the proxy", got)
	}
}

func TestDial_a_contact_at_an_address_of_strangers_is_reached_by_the_trunk(t *testing.T) {
	t.Parallel()
	p, c := setup(t, siptest.Script{Final: 200, Contact: "sip:callee@192.0.2.1:5060"}, nil)
	must(t, c, order())
	if got := p.Wait(siplib.BYE, 1).Recipient.String(); got != "sip:callee@192.0.2.1:5060" {
		t.Errorf("the BYE is for %s, want the Contact", got)
	}
}

func TestDial_a_strict_router(t *testing.T) {
	t.Parallel()
	p, c := setup(t, siptest.Script{Final: 200, RecordRoute: []string{"<sip:strict.example>"}, Contact: "sip:callee@192.0.2.1"}, nil)
	must(t, c, order())
	bye := p.Wait(siplib.BYE, 1)
	if got := bye.Recipient.String(); got != "sip:strict.example" {
		t.Errorf("the BYE is for %s, want the router", got)
	}
	if got := bye.GetHeader("Route").Value(); got != "<sip:callee@192.0.2.1>" {
		t.Errorf("its route is %s, want the Contact", got)
	}
}

func TestDial_two_phones_answer(t *testing.T) {
	t.Parallel()
	p, c := setup(t, siptest.Script{Final: 200, Fork: true}, nil)
	must(t, c, order())
	first, second := p.Wait(siplib.BYE, 1), p.Wait(siplib.BYE, 2)
	a, _ := first.To().Params.Get("tag")
	b, _ := second.To().Params.Get("tag")
	if a == b {
		t.Error("only one of the two phones was hung up")
	}
}

func TestDial_an_answer_that_is_repeated_is_confirmed_again(t *testing.T) {
	t.Parallel()
	p, c := setup(t, siptest.Script{Final: 200, Copies: 3}, nil)
	must(t, c, order())
	p.Wait(siplib.ACK, 3)
}

func TestDial_who_calls(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ from, header, asserted string }{
		"a number":             {"4411223344", "<sip:4411223344@example.org>", "<sip:4411223344@example.org>"},
		"a number with a plus": {"+4411223344", "<sip:+4411223344@example.org>", "<sip:+4411223344@example.org>"},
		"a name":               {"Pinpost", `"Pinpost" <sip:main@example.org>`, "<sip:main@example.org>"},
		"nobody":               {"", "<sip:main@example.org>", "<sip:main@example.org>"},
		"a name that attacks":  {"a\"\r\nX: \\y", `"aX: y" <sip:main@example.org>`, "<sip:main@example.org>"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p, c := setup(t, siptest.Script{Final: 486}, func(c *Config) {
				c.Domain, c.FromUser, c.AssertedIdentity, c.Destination = "example.org", "main", true, "sip:+{number}@callee.example;user=phone"
			})
			o := order()
			o.From = test.from
			must(t, c, o)
			invite := p.Wait(siplib.INVITE, 1)
			if got, _, _ := strings.Cut(invite.From().Value(), ";"); got != test.header {
				t.Errorf("From: %s, want %s", got, test.header)
			}
			if got := invite.GetHeader("P-Asserted-Identity").Value(); got != test.asserted {
				t.Errorf("P-Asserted-Identity: %s, want %s", got, test.asserted)
			}
			if got := invite.Recipient.String(); got != "sip:+385911234567@callee.example;user=phone" {
				t.Errorf("it rings %s", got)
			}
		})
	}
}

func TestDial_over_TLS(t *testing.T) {
	t.Parallel()
	_, authority := siptest.Certificate()
	file := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(file, authority, 0o600); err != nil {
		t.Fatal(err)
	}
	tests := map[string]struct {
		ca, name string
		taken    bool
	}{
		"the trunk's address":  {file, "", true},
		"a name of its own":    {file, "phone.test", true},
		"another name":         {file, "other.test", false},
		"an unknown authority": {"", "", false},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := siptest.Start(t, "tls", siptest.Script{Final: 200, ByeAfter: 3})
			config := hasty(p.Trunk())
			config.TLSCAFile, config.TLSServerName = test.ca, test.name
			end, err := ring(t, start(t, config), order())
			if test.taken {
				if err != nil || end.Status != delivery.CallProcessed {
					t.Errorf("end = %+v, %v, want PROCESSED", end, err)
				}
				return
			}
			if got := classOf(t, err); got != delivery.LinkDown || len(p.Requests(siplib.INVITE)) > 0 {
				t.Errorf("Dial = %v, want LinkDown and no request", err)
			}
		})
	}
}

func TestDial_says_where_it_is_to_be_found(t *testing.T) {
	t.Parallel()
	for network, contact := range map[string]string{"udp": "", "tcp": ";transport=tcp"} {
		p := siptest.Start(t, network, siptest.Script{Final: 486})
		config := hasty(p.Trunk())
		config.Advertise = "192.0.2.77"
		must(t, start(t, config), order())
		invite := p.Wait(siplib.INVITE, 1)
		if got := invite.Contact().Value(); !strings.HasPrefix(got, "<sip:pinpost@192.0.2.77:") || !strings.HasSuffix(got, contact+">") {
			t.Errorf("%s: Contact: %s", network, got)
		}
		if body := string(invite.Body()); !strings.Contains(body, "c=IN IP4 192.0.2.77\r\n") {
			t.Errorf("%s: SDP %s", network, body)
		}
	}
}

func TestDial_a_request_too_long_for_UDP_is_our_own_fault(t *testing.T) {
	t.Parallel()
	_, c := setup(t, siptest.Script{Final: 486}, nil)
	o := order()
	o.From = strings.Repeat("Pinpost ", 200)
	if end := must(t, c, o); end.Status != delivery.CallError || end.Code != "too long" {
		t.Errorf("end = %+v, want ERROR", end)
	}
}
