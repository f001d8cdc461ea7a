// Package carrier reads the file that describes carriers, lookups and routes, and makes them. Operators find its members in
// docs/carriers.md.
package carrier

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/goccy/go-yaml"

	"github.com/pinpost/pinpost/internal/delivery"
	"github.com/pinpost/pinpost/internal/delivery/lookup"
	"github.com/pinpost/pinpost/internal/delivery/sip"
	"github.com/pinpost/pinpost/internal/delivery/smpp"
	"github.com/pinpost/pinpost/internal/delivery/smshttp/infobip"
	"github.com/pinpost/pinpost/internal/delivery/smshttp/kannel"
	"github.com/pinpost/pinpost/internal/delivery/smshttp/templated"
	"github.com/pinpost/pinpost/internal/delivery/smshttp/twilio"
	"github.com/pinpost/pinpost/internal/voice"
)

// File is what the file says.
type File struct {
	// Countries are the ISO codes of the countries that messages may go to. A number of any other is refused.
	Countries []string `yaml:"countries"`
	Carriers  []Entry  `yaml:"carriers"`
	// Routes say which carrier a number goes to. Without them every carrier takes every number, in the order of Carriers.
	Routes Routes `yaml:"routes,omitempty"`
	// Lookup asks about numbers; without it, requests that want a lookup answer NC_NOT_CONFIGURED.
	Lookup *lookup.Config `yaml:"lookup,omitempty"`
	// Speech says which program speaks the text around the PIN in calls.
	Speech voice.Config `yaml:"speech,omitempty"`
}

// Entry is one carrier: the one member that is set says of which kind.
type Entry struct {
	SMPP     *smpp.Config      `yaml:"smpp,omitempty"`
	Kannel   *kannel.Config    `yaml:"kannel,omitempty"`
	Infobip  *infobip.Config   `yaml:"infobip,omitempty"`
	Twilio   *twilio.Config    `yaml:"twilio,omitempty"`
	Template *templated.Config `yaml:"template,omitempty"`
	SIP      *sip.Config       `yaml:"sip,omitempty"`
}

// Routes are the ways of each channel.
type Routes struct {
	SMS   []Way `yaml:"sms,omitempty"`
	Voice []Way `yaml:"voice,omitempty"`
}

// Way is a carrier and what it is for, as route.Way says.
type Way struct {
	Carrier   string   `yaml:"carrier"`
	Order     int      `yaml:"order,omitempty"`
	Weight    int      `yaml:"weight,omitempty"`
	Countries []string `yaml:"countries,omitempty"`
	Prefixes  []string `yaml:"prefixes,omitempty"`
}

// Read reads and checks a file. Secrets are read from where it says they are.
func Read(path string) (File, error) {
	text, err := os.ReadFile(path) //nolint:gosec // the operator names it
	if err != nil {
		return File{}, fmt.Errorf("read carriers: %w", err)
	}
	f, err := Parse(text)
	if err != nil {
		return File{}, fmt.Errorf("carriers in %s: %w", path, err)
	}
	return f, nil
}

// Parse is Read for the text of a file. Its error lists every fault, and shows no secret.
func Parse(text []byte) (File, error) {
	var f File
	decoder := yaml.NewDecoder(bytes.NewReader(text), yaml.Strict(), yaml.CustomUnmarshaler[delivery.Secret](resolve))
	if err := decoder.Decode(&f); err != nil {
		if errors.Is(err, io.EOF) {
			return File{}, errors.New("the file is empty")
		}
		// Without the line it stands in, which may hold a password.
		return File{}, errors.New(yaml.FormatError(err, false, false))
	}
	if err := decoder.Decode(new(any)); !errors.Is(err, io.EOF) {
		return File{}, errors.New("the file must be one document")
	}
	return f, f.Validate()
}

// Text is the file as it is understood, as YAML and without secrets.
func (f File) Text() ([]byte, error) { return yaml.Marshal(f) }
