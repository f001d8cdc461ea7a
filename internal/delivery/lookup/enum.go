package lookup

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"time"

	"github.com/miekg/dns"

	"github.com/pinpost/pinpost/internal/delivery"
	"github.com/pinpost/pinpost/internal/phone"
)

// ENUMConfig says where numbers stand in the DNS.
type ENUMConfig struct {
	// Suffix is the domain that numbers stand under; e164.arpa when it is empty, which few countries still keep. A carrier names
	// its own.
	Suffix string `yaml:"suffix,omitempty"`
	// Resolvers are asked one after the other until one answers, each as host:port or host.
	Resolvers []string `yaml:"resolvers,omitempty"`
	// Timeout is how long one resolver has; 500 ms when it is 0.
	Timeout time.Duration `yaml:"timeout,omitempty"`
	// Networks gives the network of a routing number by how it begins, such as 22801 for 98101. Without a match, a routing number of
	// five or six digits is taken for the network itself.
	Networks map[string]string `yaml:"networks,omitempty"`
}

// ENUM asks the DNS about a number (RFC 6116).
type ENUM struct {
	suffix    string
	resolvers []string
	timeout   time.Duration
	networks  map[string]string
}

var _ delivery.Lookup = (*ENUM)(nil)

// udpSize is what fits into one packet on any path.
const udpSize = 1232

var (
	errNoAnswer = errors.New("resolver does not answer")
	errOther    = errors.New("resolver answers another question")
)

// NewENUM makes an ENUM; its error lists every fault.
func NewENUM(cfg ENUMConfig) (*ENUM, error) {
	e := &ENUM{suffix: dns.Fqdn(strings.TrimPrefix(cfg.Suffix, ".")), timeout: cfg.Timeout, networks: cfg.Networks}
	if cfg.Suffix == "" {
		e.suffix = "e164.arpa."
	}
	if e.timeout == 0 {
		e.timeout = 500 * time.Millisecond
	}
	var faults []error
	if _, valid := dns.IsDomainName(e.suffix); !valid {
		faults = append(faults, fmt.Errorf("enum: suffix %q is no domain name", cfg.Suffix))
	}
	if e.timeout < 0 || e.timeout > delivery.LookupTimeout {
		faults = append(faults, fmt.Errorf("enum: timeout must be between 0 and %v", delivery.LookupTimeout))
	}
	if len(cfg.Resolvers) == 0 {
		faults = append(faults, errors.New("enum: resolvers must name at least one"))
	}
	for _, resolver := range cfg.Resolvers {
		if _, _, err := net.SplitHostPort(resolver); err != nil {
			resolver = net.JoinHostPort(strings.Trim(resolver, "[]"), "53")
		}
		if host, port, err := net.SplitHostPort(resolver); err != nil || host == "" || port == "" {
			faults = append(faults, fmt.Errorf("enum: resolver %q is no host:port", resolver))
		}
		e.resolvers = append(e.resolvers, resolver)
	}
	for from, network := range e.networks {
		if !digits(from) || from == "" || !isNetwork(network) {
			faults = append(faults, fmt.Errorf("enum: networks maps %q to %q, want digits to five or six digits", from, network))
		}
	}
	return e, errors.Join(faults...)
}

// Name is "enum".
func (*ENUM) Name() string { return "enum" }

// Lookup answers NotReachable where the number is marked as unused, Reachable where it has a service, with its network when it
// says that, and ReachUnknown where it has no entry. Errors are those of the resolvers.
func (e *ENUM) Lookup(ctx context.Context, to phone.Number) (delivery.NumberInfo, error) {
	info := delivery.NumberInfo{Source: "enum"}
	var faults []error
	for _, resolver := range e.resolvers {
		answer, err := e.ask(ctx, resolver, domain(to, e.suffix))
		if err != nil {
			faults = append(faults, fmt.Errorf("%s: %w", resolver, err))
			continue
		}
		found := judge(entries(answer), "+"+to.Digits())
		info.Reach, info.Network = found.reach, e.network(found.tel)
		return info, nil
	}
	return info, errors.Join(faults...)
}

// ask puts one question to one resolver, and again over TCP when the answer does not fit.
func (e *ENUM) ask(ctx context.Context, resolver, name string) (*dns.Msg, error) {
	ctx, cancel := context.WithTimeout(ctx, e.timeout)
	defer cancel()
	question := new(dns.Msg)
	question.SetQuestion(name, dns.TypeNAPTR)
	question.SetEdns0(udpSize, false)
	answer, err := exchange(ctx, "udp", resolver, question)
	if err == nil && answer.Truncated {
		answer, err = exchange(ctx, "tcp", resolver, question)
	}
	if err != nil {
		return nil, err
	}
	if answer.Rcode != dns.RcodeSuccess && answer.Rcode != dns.RcodeNameError {
		return nil, fmt.Errorf("resolver answers %s", dns.RcodeToString[answer.Rcode])
	}
	return answer, nil
}

func exchange(ctx context.Context, network, resolver string, question *dns.Msg) (*dns.Msg, error) {
	client := &dns.Client{Net: network, UDPSize: udpSize, Timeout: delivery.LookupTimeout} // ctx ends it earlier
	answer, _, err := client.ExchangeContext(ctx, question, resolver)
	if err != nil {
		return nil, fmt.Errorf("%w over %s: %w", errNoAnswer, network, err)
	}
	if len(answer.Question) != 1 || !strings.EqualFold(answer.Question[0].Name, question.Question[0].Name) {
		return nil, errOther
	}
	return answer, nil
}

// domain is the name of a number: its digits from the last to the first, each a label.
func domain(to phone.Number, suffix string) string {
	var name strings.Builder
	number := to.Digits()
	for i := len(number) - 1; i >= 0; i-- {
		name.WriteByte(number[i])
		name.WriteByte('.')
	}
	return name.String() + suffix
}

func entries(answer *dns.Msg) []*dns.NAPTR {
	var found []*dns.NAPTR
	for _, record := range answer.Answer {
		if entry, ok := record.(*dns.NAPTR); ok {
			found = append(found, entry)
		}
	}
	return found
}

// network finds the network in the parameters of a tel URI: as codes of country and network, or by the routing number that a
// ported number has.
func (e *ENUM) network(tel string) string {
	params := telParams(tel)
	if own := params["mcc"] + params["mnc"]; isNetwork(own) {
		return own
	}
	routing, _, _ := strings.Cut(params["rn"], "%")
	routing = strings.TrimPrefix(routing, "+")
	for size := len(routing); size > 0; size-- {
		if network := e.networks[routing[:size]]; network != "" {
			return network
		}
	}
	if isNetwork(routing) {
		return routing
	}
	return ""
}

// isNetwork tells that a text can be a country and network code.
func isNetwork(text string) bool { return (len(text) == 5 || len(text) == 6) && digits(text) }

func digits(text string) bool { return strings.Trim(text, "0123456789") == "" }
