package carrier

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/pinpost/pinpost/internal/phone"
)

// kind is one member of an Entry that is set.
type kind struct {
	word   string // the member's name in the file
	config config
	voice  bool
}

// config is what the settings of all carriers have.
type config interface{ Validate() error }

// kinds gives the members that are set; there should be one.
func (e Entry) kinds() []kind {
	var set []kind
	for _, k := range []kind{
		{"smpp", e.SMPP, false}, {"kannel", e.Kannel, false}, {"infobip", e.Infobip, false}, {"twilio", e.Twilio, false},
		{"template", e.Template, false}, {"sip", e.SIP, true},
	} {
		if !reflect.ValueOf(k.config).IsNil() {
			set = append(set, k)
		}
	}
	return set
}

// name is the name of the entry's carrier.
func (e Entry) name() string {
	switch {
	case e.SMPP != nil:
		return e.SMPP.Name
	case e.Kannel != nil:
		return e.Kannel.Name
	case e.Infobip != nil:
		return e.Infobip.Name
	case e.Twilio != nil:
		return e.Twilio.Name
	case e.Template != nil:
		return e.Template.Name
	case e.SIP != nil:
		return e.SIP.Name
	}
	return ""
}

// Validate lists every fault of the file.
func (f File) Validate() error {
	faults := []error{f.checkCountries()}
	names := map[string]bool{} // whether it is for calls
	for i, e := range f.Carriers {
		set := e.kinds()
		if len(set) != 1 {
			faults = append(faults, fmt.Errorf("carriers[%d] must have one of smpp, kannel, infobip, twilio, template and sip", i))
			continue
		}
		name := e.name()
		if err := set[0].config.Validate(); err != nil {
			faults = append(faults, fmt.Errorf("carriers[%d].%s (%s): %w", i, set[0].word, name, err))
		}
		if _, twice := names[name]; twice {
			faults = append(faults, fmt.Errorf("carriers[%d].%s: another carrier is called %q too", i, set[0].word, name))
		}
		names[name] = set[0].voice
	}
	if len(f.Carriers) == 0 {
		faults = append(faults, errors.New("carriers must not be empty"))
	}
	faults = append(faults, checkWays("sms", f.Routes.SMS, names, false), checkWays("voice", f.Routes.Voice, names, true))
	if f.Lookup != nil {
		faults = append(faults, f.Lookup.Validate())
	}
	return errors.Join(append(faults, f.Speech.Validate())...)
}

// checkCountries wants a list in any case: fraud sends to countries where a service has nobody.
func (f File) checkCountries() error {
	if len(f.Countries) == 0 {
		return errors.New("countries must list the countries that messages may go to, such as [CH, DE]; a number of any other is refused")
	}
	return checkCodes("countries", f.Countries)
}

func checkCodes(at string, codes []string) error {
	var faults []error
	for _, code := range codes {
		if !phone.IsCountry(code) {
			faults = append(faults, fmt.Errorf("%s has %q, which is no ISO code of a country, such as CH", at, code))
		}
	}
	return errors.Join(faults...)
}

func checkWays(channel string, ways []Way, names map[string]bool, voice bool) error {
	var faults []error
	for i, w := range ways {
		at := fmt.Sprintf("routes.%s[%d]", channel, i)
		switch isVoice, known := names[w.Carrier]; {
		case !known:
			faults = append(faults, fmt.Errorf("%s: there is no carrier %q", at, w.Carrier))
		case isVoice != voice:
			faults = append(faults, fmt.Errorf("%s: carrier %q is for the other channel", at, w.Carrier))
		}
		if w.Weight < 0 {
			faults = append(faults, fmt.Errorf("%s: weight must not be negative", at))
		}
		faults = append(faults, checkCodes(at+".countries", w.Countries))
		for _, p := range w.Prefixes {
			if p == "" || strings.Trim(p, "0123456789") != "" {
				faults = append(faults, fmt.Errorf("%s.prefixes has %q, which should be digits without +", at, p))
			}
		}
	}
	if len(ways) > 0 {
		for name, isVoice := range names {
			if isVoice == voice && !slices.ContainsFunc(ways, func(w Way) bool { return w.Carrier == name }) {
				faults = append(faults, fmt.Errorf("routes.%s leave out carrier %q, which would never be asked", channel, name))
			}
		}
	}
	return errors.Join(faults...)
}
