package smpp

import (
	"errors"
	"fmt"
	"maps"
	"net"
	"slices"
	"strings"
	"time"

	"github.com/pinpost/pinpost/internal/delivery"
	"github.com/pinpost/pinpost/internal/delivery/smpp/pdu"
)

// Secret is a password; it hides itself when printed.
type Secret = delivery.Secret

// The choices of Config. The first of each is the default.
const (
	BindTransceiver = "transceiver"
	BindPair        = "pair" // a transmitter and a receiver, for SMSCs without transceivers

	CodingGSM7       = "gsm7"        // one septet in each octet
	CodingGSM7Packed = "gsm7-packed" // eight septets in seven octets
	CodingLatin1     = "latin1"
	CodingASCII      = "ascii"

	LongUDH     = "udh"     // parts with a reference of 8 bits
	LongUDH16   = "udh16"   // parts with a reference of 16 bits
	LongPayload = "payload" // one PDU with message_payload

	IDsAsTheyAre         = "none"
	IDsHexToDecimal      = "hex-to-decimal" // the response has hex digits, the receipt decimal ones
	IDsDecimalToHex      = "decimal-to-hex" // the other way round
	IDsStripLeadingZeros = "strip-leading-zeros"
	IDsCaseFold          = "case-fold"
)

// Config describes the account at a carrier. A zero member has the default that its comment names.
type Config struct {
	// Name is the carrier's name in records and logs.
	Name string `yaml:"name"`
	// Addresses are SMSCs as host:port; the next one is tried when one does not let us in.
	Addresses []string `yaml:"addresses"`
	// SystemID and Password are the account; up to 15 and 8 characters by the specification, a few more are let through.
	SystemID string `yaml:"system_id"`
	Password Secret `yaml:"password"`
	// SystemType is what some carriers ask for besides.
	SystemType string `yaml:"system_type"`
	// Bind is "transceiver" or "pair".
	Bind string `yaml:"bind"`
	// InterfaceVersion is "3.4" or "5.0"; YAML without quotation marks makes "5" of the latter, which means the same.
	InterfaceVersion string `yaml:"interface_version"`
	TLS              TLS    `yaml:"tls"`
	// Window is how many requests may wait for their answer, 10 by default.
	Window int `yaml:"window"`
	// Rate is how many requests go out in a second; 0 sets no limit.
	Rate float64 `yaml:"rate"`
	// EnquireInterval is how often the link is probed, 30 s by default; EnquireTimeout is how long the answer may take, 10 s.
	EnquireInterval time.Duration `yaml:"enquire_interval"`
	EnquireTimeout  time.Duration `yaml:"enquire_timeout"`
	// ResponseTimeout is how long any other answer and a connection may take, 10 s by default.
	ResponseTimeout time.Duration `yaml:"response_timeout"`
	// ReconnectMin and ReconnectMax bound the pause before the next try to bind, 500 ms and 30 s by default.
	ReconnectMin time.Duration `yaml:"reconnect_min"`
	ReconnectMax time.Duration `yaml:"reconnect_max"`
	// RebindPatience is how long after a link was lost a message waits for the next one, 2 s by default; later messages are
	// refused at once.
	RebindPatience time.Duration `yaml:"rebind_patience"`
	// Senders and Destination override the numbering of addresses.
	Senders     Senders    `yaml:"senders"`
	Destination *Numbering `yaml:"destination"`
	// ServiceType is the service_type of each message, empty by default.
	ServiceType string `yaml:"service_type"`
	// DataCodingZero is what data_coding 0 means to the carrier: "gsm7", "gsm7-packed", "latin1" or "ascii".
	DataCodingZero string `yaml:"data_coding_zero"`
	// LongText is how a text of several parts travels: "udh", "udh16" or "payload".
	LongText string `yaml:"long_text"`
	// RegisteredDelivery asks for receipts; true by default.
	RegisteredDelivery *bool `yaml:"registered_delivery"`
	// IDs is how the ids of responses and of receipts become equal: "none", "hex-to-decimal", "decimal-to-hex",
	// "strip-leading-zeros" or "case-fold".
	IDs string `yaml:"ids"`
	// Params names the SMS.Params that go out as optional parameters, each with its tag, such as 0x1400.
	Params map[string]uint16 `yaml:"params"`

	paramNames []string // those of Params, in the order of their tags
}

// TLS says how the link is encrypted. Certificates are always verified, by TLS 1.2 or later.
type TLS struct {
	Enabled bool `yaml:"enabled"`
	// ServerName is the name in the SMSC's certificate; the host of its address by default.
	ServerName string `yaml:"server_name"`
	// CAFile and CAPEM are certificates to trust in place of the system's: a file's path, or their PEM text.
	CAFile string `yaml:"ca_file"`
	CAPEM  string `yaml:"ca_pem"`
	// PinSHA256 is the SHA-256 of the SMSC's certificate in hex; no other is accepted then.
	PinSHA256 string `yaml:"pin_sha256"`
}

// Numbering is the type of number and the numbering plan of an address.
type Numbering struct {
	TON uint8 `yaml:"ton"`
	NPI uint8 `yaml:"npi"`
}

// Senders are the numberings by kind of sender: 5/0 for names, 1/1 for international numbers, 3/0 for numbers of up to six
// digits without a plus.
type Senders struct {
	Alphanumeric  *Numbering `yaml:"alphanumeric"`
	International *Numbering `yaml:"international"`
	ShortCode     *Numbering `yaml:"short_code"`
}

// withDefaults fills what is not set.
func (c Config) withDefaults() Config {
	fill(&c.Bind, BindTransceiver)
	fill(&c.InterfaceVersion, "3.4")
	fill(&c.Window, 10)
	fill(&c.EnquireInterval, 30*time.Second)
	fill(&c.EnquireTimeout, 10*time.Second)
	fill(&c.ResponseTimeout, 10*time.Second)
	fill(&c.ReconnectMin, 500*time.Millisecond)
	fill(&c.ReconnectMax, 30*time.Second)
	fill(&c.RebindPatience, 2*time.Second)
	fill(&c.Senders.Alphanumeric, &Numbering{TON: 5})
	fill(&c.Senders.International, &Numbering{TON: 1, NPI: 1})
	fill(&c.Senders.ShortCode, &Numbering{TON: 3})
	fill(&c.Destination, &Numbering{TON: 1, NPI: 1})
	fill(&c.DataCodingZero, CodingGSM7)
	fill(&c.LongText, LongUDH)
	fill(&c.IDs, IDsAsTheyAre)
	c.paramNames = slices.SortedFunc(maps.Keys(c.Params), func(a, b string) int { return int(c.Params[a]) - int(c.Params[b]) })
	if c.RegisteredDelivery == nil {
		on := true
		c.RegisteredDelivery = &on
	}
	return c
}

func fill[T comparable](member *T, value T) {
	var zero T
	if *member == zero {
		*member = value
	}
}

// Validate lists all faults of the settings at once.
func (c Config) Validate() error {
	c = c.withDefaults()
	return errors.Join(c.accountFaults(), c.choiceFaults(), c.figureFaults(), c.TLS.validate())
}

func (c Config) accountFaults() error {
	var errs []error
	if c.Name == "" {
		errs = append(errs, errors.New("name must not be empty"))
	}
	if len(c.Addresses) == 0 {
		errs = append(errs, errors.New("addresses must not be empty"))
	}
	for _, address := range c.Addresses {
		if _, port, err := net.SplitHostPort(address); err != nil || port == "" {
			errs = append(errs, fmt.Errorf("addresses: %q must be host:port", address))
		}
	}
	for _, field := range []struct{ name, value string }{
		{"system_id", c.SystemID}, {"password", c.Password.Reveal()}, {"system_type", c.SystemType}, {"service_type", c.ServiceType},
	} {
		if len(field.value) > 64 || strings.IndexByte(field.value, 0) >= 0 {
			errs = append(errs, fmt.Errorf("%s must have at most 64 characters and no NUL", field.name))
		}
	}
	if c.SystemID == "" {
		errs = append(errs, errors.New("system_id must not be empty"))
	}
	return errors.Join(errs...)
}

func (c Config) choiceFaults() error {
	var errs []error
	for _, field := range []struct {
		name, value string
		choices     []string
	}{
		{"bind", c.Bind, []string{BindTransceiver, BindPair}},
		{"interface_version", c.InterfaceVersion, []string{"3.4", "5.0", "5"}},
		{"data_coding_zero", c.DataCodingZero, []string{CodingGSM7, CodingGSM7Packed, CodingLatin1, CodingASCII}},
		{"long_text", c.LongText, []string{LongUDH, LongUDH16, LongPayload}},
		{"ids", c.IDs, []string{IDsAsTheyAre, IDsHexToDecimal, IDsDecimalToHex, IDsStripLeadingZeros, IDsCaseFold}},
	} {
		if !slices.Contains(field.choices, field.value) {
			errs = append(errs, fmt.Errorf("%s must be one of %s", field.name, strings.Join(field.choices, ", ")))
		}
	}
	return errors.Join(errs...)
}

func (c Config) figureFaults() error {
	var errs []error
	if c.Window < 1 || c.Window > 1000 {
		errs = append(errs, errors.New("window must be 1 to 1000"))
	}
	if c.Rate < 0 {
		errs = append(errs, errors.New("rate must not be negative"))
	}
	for _, field := range []struct {
		name  string
		value time.Duration
	}{
		{"enquire_interval", c.EnquireInterval}, {"enquire_timeout", c.EnquireTimeout}, {"response_timeout", c.ResponseTimeout},
		{"reconnect_min", c.ReconnectMin}, {"rebind_patience", c.RebindPatience},
	} {
		if field.value <= 0 {
			errs = append(errs, fmt.Errorf("%s must be above 0", field.name))
		}
	}
	if c.ReconnectMax < c.ReconnectMin {
		errs = append(errs, errors.New("reconnect_max must not be below reconnect_min"))
	}
	for name, tag := range c.Params {
		if tag == 0 || tag == uint16(pdu.TagMessagePayload) {
			errs = append(errs, fmt.Errorf("params: %s must have a tag of its own", name))
		}
	}
	return errors.Join(errs...)
}

// version is the interface_version of the bind.
func (c Config) version() uint8 {
	if strings.HasPrefix(c.InterfaceVersion, "5") {
		return 0x50
	}
	return 0x34
}
