package sip

import (
	"errors"
	"fmt"
	"net"
	"slices"
	"strconv"
	"strings"

	siplib "github.com/emiago/sipgo/sip"
)

// address is where a trunk is.
type address struct {
	host      string
	port      uint16
	transport string
}

func (s *settings) readTrunks() error {
	var errs []error
	for _, text := range s.Trunks {
		a, err := parseAddress(text, s.Transport)
		if err != nil {
			errs = append(errs, err)
		}
		s.trunks = append(s.trunks, a)
	}
	if len(s.Trunks) == 0 {
		errs = append(errs, errors.New("trunks is empty"))
	}
	return errors.Join(errs...)
}

// parseAddress reads host, host:port or host:port;transport.
func parseAddress(text, transport string) (address, error) {
	place, named, found := strings.Cut(text, ";")
	if found {
		transport = strings.TrimPrefix(named, "transport=")
	}
	if !slices.Contains([]string{"udp", "tcp", "tls"}, transport) {
		return address{}, fmt.Errorf("trunk %q: transport must be udp, tcp or tls", text)
	}
	a := address{host: strings.Trim(place, "[]"), port: uint16(siplib.DefaultPort(transport)), transport: transport}
	if host, port, err := net.SplitHostPort(place); err == nil {
		number, err := strconv.ParseUint(port, 10, 16)
		if err != nil || number == 0 {
			return address{}, fmt.Errorf("trunk %q: port must be 1 to 65535", text)
		}
		a.host, a.port = host, uint16(number)
	}
	if a.host == "" || strings.ContainsAny(a.host, " \t\r\n<>@\"/") {
		return address{}, fmt.Errorf("trunk %q: there is no host in it", text)
	}
	return a, nil
}

// readURI tries the template with a number, so that a wrong one is found before the first call.
func (s *settings) readURI() error {
	var errs []error
	if !strings.Contains(s.Destination, "{number}") {
		errs = append(errs, fmt.Errorf("destination: there is no {number} in %q", s.Destination))
	}
	if _, err := s.destination("10", "host"); err != nil {
		errs = append(errs, err)
	}
	for name, text := range map[string]string{"from_user": s.FromUser, "domain": s.Domain} {
		if strings.ContainsAny(text, " \t\r\n<>@\";?") {
			errs = append(errs, fmt.Errorf("%s: %q cannot be part of a SIP address", name, text))
		}
	}
	return errors.Join(errs...)
}

// destination is the address of a number, which is digits only, at a trunk.
func (s *settings) destination(number, host string) (siplib.Uri, error) {
	var uri siplib.Uri
	text := strings.NewReplacer("{number}", number, "{domain}", s.domain(host)).Replace(s.Destination)
	if err := siplib.ParseUri(text, &uri); err != nil || uri.User == "" || uri.Host == "" || strings.ContainsAny(text, " <>\r\n") {
		return uri, fmt.Errorf("destination: %q is no SIP address", s.Destination)
	}
	return uri, nil
}

// domain is the host of our own address at a trunk.
func (s *settings) domain(host string) string {
	if s.Domain != "" {
		return s.Domain
	}
	return host
}
