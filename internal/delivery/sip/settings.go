package sip

import (
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/pinpost/pinpost/internal/delivery/sip/media"
)

// What is done when a machine answers.
const (
	MachineOff    = "off"
	MachineHangup = "hangup"
	MachineSpeak  = "speak"
)

// settings is a Config that was checked, in the form that a call needs.
type settings struct {
	Config
	trunks   []address
	networks []netip.Prefix
	codecs   []media.Law
	listen   netip.AddrPort
	public   netip.Addr // invalid when each trunk has its own
	roots    *x509.CertPool
}

// read checks a Config and gives every fault at once.
func read(config Config) (settings, error) {
	s := settings{Config: withDefaults(config)}
	var errs []error
	errs = append(errs, s.readTrunks(), s.readNetworks(), s.readCodecs(), s.readAddresses(), s.readRoots(), s.readURI())
	if s.Name == "" {
		errs = append(errs, errors.New("name is empty"))
	}
	if s.KeyType < 96 || s.KeyType > 127 {
		errs = append(errs, fmt.Errorf("dtmf_payload_type is %d; it must be 96 to 127", s.KeyType))
	}
	if !slices.Contains([]string{MachineOff, MachineHangup, MachineSpeak}, s.Machine) {
		errs = append(errs, fmt.Errorf("machine is %q; it must be off, hangup or speak", s.Machine))
	}
	if s.Repeats < 1 || s.MaxCalls < 1 || s.KeyLimit < 0 {
		errs = append(errs, errors.New("repeats and max_calls must be at least 1, and key_limit at least 0"))
	}
	for name, d := range map[string]time.Duration{
		"no_response": s.NoResponse, "ring": s.Ring, "max": s.Max, "speech_limit": s.SpeechLimit,
		"lead": s.Lead, "pause": s.Pause, "key_wait": s.KeyWait,
	} {
		if d < 0 {
			errs = append(errs, fmt.Errorf("%s is below 0", name))
		}
	}
	if err := errors.Join(errs...); err != nil {
		return settings{}, fmt.Errorf("SIP carrier %q: %w", config.Name, err)
	}
	return s, nil
}

// Validate lists all faults of the settings.
func (c Config) Validate() error {
	_, err := read(c)
	return err
}

func withDefaults(c Config) Config {
	fill(&c.Transport, "udp")
	fill(&c.FromUser, c.Username)
	fill(&c.FromUser, "anonymous")
	fill(&c.Destination, "sip:{number}@{domain}")
	fill(&c.Machine, MachineOff)
	fill(&c.RTPPortMin, 10000)
	fill(&c.RTPPortMax, 19999)
	fill(&c.KeyType, 101)
	fill(&c.Repeats, 2)
	fill(&c.KeyLimit, 3)
	fill(&c.MaxCalls, 100)
	fill(&c.NoResponse, 4*time.Second)
	fill(&c.Ring, 30*time.Second)
	fill(&c.Max, 90*time.Second)
	fill(&c.SpeechLimit, 5*time.Second)
	fill(&c.Lead, 400*time.Millisecond)
	fill(&c.Pause, time.Second)
	fill(&c.KeyWait, 5*time.Second)
	fill(&c.Ping, 30*time.Second)
	if len(c.Codecs) == 0 {
		c.Codecs = []string{"pcma", "pcmu"}
	}
	return c
}

func fill[T comparable](value *T, usual T) {
	var nothing T
	if *value == nothing {
		*value = usual
	}
}

func (s *settings) readNetworks() error {
	var errs []error
	for _, text := range s.MediaNetworks {
		network, err := netip.ParsePrefix(text)
		if err != nil {
			errs = append(errs, fmt.Errorf("media_networks: %q must be written as address/bits", text))
		}
		s.networks = append(s.networks, network)
	}
	return errors.Join(errs...)
}

func (s *settings) readCodecs() error {
	for _, name := range s.Codecs {
		law := media.ULaw
		switch strings.ToLower(name) {
		case "pcma":
			law = media.ALaw
		case "pcmu":
		default:
			return fmt.Errorf("codecs: %q must be pcma or pcmu", name)
		}
		if slices.Contains(s.codecs, law) {
			return fmt.Errorf("codecs: %q is there twice", name)
		}
		s.codecs = append(s.codecs, law)
	}
	return nil
}

func (s *settings) readAddresses() error {
	var errs []error
	s.listen = netip.AddrPortFrom(netip.IPv4Unspecified(), 0)
	if s.Listen != "" {
		at, err := netip.ParseAddrPort(s.Listen)
		if err != nil {
			errs = append(errs, fmt.Errorf("listen: %q must be an IP address and a port", s.Listen))
		}
		s.listen = at
	}
	if s.Advertise != "" {
		at, err := netip.ParseAddr(s.Advertise)
		if err != nil {
			errs = append(errs, fmt.Errorf("advertise: %q must be an IP address", s.Advertise))
		}
		s.public = at
	}
	if _, err := media.NewPorts(s.RTPPortMin, s.RTPPortMax, 0); err != nil {
		errs = append(errs, fmt.Errorf("rtp_port_min and rtp_port_max: %w", err))
	}
	return errors.Join(errs...)
}

func (s *settings) readRoots() error {
	if s.TLSCAFile == "" {
		return nil
	}
	pem, err := os.ReadFile(s.TLSCAFile)
	if err != nil {
		return fmt.Errorf("tls_ca_file: %w", err)
	}
	s.roots = x509.NewCertPool()
	if !s.roots.AppendCertsFromPEM(pem) {
		return errors.New("tls_ca_file: there is no certificate in it")
	}
	return nil
}

// verification is how a trunk's certificate is checked.
func (s *settings) verification(host string) *tls.Config {
	name := s.TLSServerName
	if name == "" {
		name = host
	}
	return &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: s.roots, ServerName: name}
}

// trusts tells whether sound may go to an address, and requests within a call: the trunk's own or one of MediaNetworks.
func (s *settings) trusts(at, trunk netip.Addr) bool {
	at = at.Unmap()
	return at == trunk.Unmap() || slices.ContainsFunc(s.networks, func(n netip.Prefix) bool { return n.Contains(at) })
}

func (d Deps) withDefaults() (Deps, error) {
	if d.Voice == nil {
		return d, errors.New("a SIP carrier needs a Voice")
	}
	if d.Log == nil {
		d.Log = slog.New(slog.DiscardHandler)
	}
	if d.Now == nil {
		d.Now = time.Now
	}
	if d.Rand == nil {
		d.Rand = rand.Reader
	}
	if d.Resolver == nil {
		d.Resolver = net.DefaultResolver
	}
	return d, nil
}
