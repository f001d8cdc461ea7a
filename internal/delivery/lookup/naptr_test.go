package lookup

import (
	"strings"
	"testing"

	"github.com/miekg/dns"

	"github.com/pinpost/pinpost/internal/delivery"
)

func TestRewrite(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ rule, want string }{
		"the whole number":             {`!^(.*)$!tel:\\1!`, "tel:+41793026727"},
		"without the plus":             {`!^\\+(.*)$!sip:\\1@x!`, "sip:41793026727@x"},
		"two groups":                   {`!^\\+(41)(\\d+)$!sip:\\2@\\1.x!`, "sip:793026727@41.x"},
		"a group that is not there":    {`!^.*$!sip:a\\9@x!`, "sip:a@x"},
		"counted digits":               {`!^\\+(\\d{2,11})$!sip:\\1@x!`, "sip:41793026727@x"},
		"counts that make it grow":     {`!^((.{10}){10}){2}|.*$!sip:a@x!`, ""},
		"one count that does":          {`!^.{0,900}$!sip:a@x!`, ""},
		"another mark":                 {`/^.*$/sip:a@x/`, "sip:a@x"},
		"the mark itself in the text":  {`!^.*$!sip:a\\!b@x!`, "sip:a!b@x"},
		"a backslash in the text":      {`!^.*$!data:a\\\\b!`, `data:a\b`},
		"case does not matter":         {`!^.*$!sip:a@x!I`, "sip:a@x"},
		"a quotation mark":             {`!^.*$!data:\"!`, `data:"`},
		"an octet by its number":       {`!^.*$!data:\065!`, "data:A"},
		"no match":                     {`!^\\+1!sip:a@x!`, ""},
		"a flag that nobody knows":     {`!^.*$!sip:a@x!z`, ""},
		"no expression":                {``, ""},
		"a mark that is a digit":       {`1^.*$1sip:a@x1`, ""},
		"too many marks":               {`!a!b!c!d!`, ""},
		"an expression that is broken": {`!^(.*!sip:a@x!`, ""},
		"too long":                     {`!^.*$!sip:` + strings.Repeat("a", 250) + `!`, ""},
		"a result that is too long":    {`!^(.*)$!` + strings.Repeat(`\\1`, 120) + `!`, ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got, err := rewrite(tt.rule, "+41793026727"); got != tt.want || (err != nil) != (tt.want == "") {
				t.Errorf("rewrite(%s) = %q, %v, want %q", tt.rule, got, err, tt.want)
			}
		})
	}
}

func FuzzRewrite(f *testing.F) {
	f.Add("u", "E2U+pstn:tel", `!^(.*)$!tel:\\1;npdi;rn=22801!`)
	f.Add("U", "e2u+unused:data", `!^\\+(\\d{3,9})$!data:,\\1\"\065!i`)
	f.Add("u", "E2U+sip", `/(((a*)*)*)*b\\/\\9/`)
	f.Fuzz(func(t *testing.T, flags, service, rule string) {
		record := &dns.NAPTR{Flags: flags, Service: service, Regexp: rule}
		found := judge([]*dns.NAPTR{record, record}, "+41793026727")
		if len(found.tel) > maxResult {
			t.Errorf("the result has %d octets, want at most %d", len(found.tel), maxResult)
		}
		if found.reach == delivery.NotReachable && !strings.Contains(strings.ToLower(service), "unused:data") {
			t.Errorf("service %q says that the number is not reachable", service)
		}
		if network := (&ENUM{}).network(found.tel); network != "" && !isNetwork(network) {
			t.Errorf("%q gives network %q", found.tel, network)
		}
	})
}

func FuzzAnswer(f *testing.F) {
	answer := new(dns.Msg)
	answer.SetQuestion("7.2.7.6.2.0.3.9.7.1.4.e164.arpa.", dns.TypeNAPTR)
	for _, entry := range []string{`10 10 "u" "E2U+pstn:tel" "!^(.*)$!tel:\\1;npdi;rn=22801!" .`, `10 20 "u" "E2U+unused:data" "!^(.*)$!data:,!" .`} {
		record, err := dns.NewRR(answer.Question[0].Name + " 60 IN NAPTR " + entry)
		if err != nil {
			f.Fatal(err)
		}
		answer.Answer = append(answer.Answer, record)
	}
	wire, err := answer.Pack()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(wire)
	f.Fuzz(func(t *testing.T, wire []byte) {
		answer := new(dns.Msg)
		if answer.Unpack(wire) != nil {
			return
		}
		if found := judge(entries(answer), "+41793026727"); found.tel != "" && found.reach != delivery.Reachable {
			t.Errorf("found %q and reach %v", found.tel, found.reach)
		}
	})
}
