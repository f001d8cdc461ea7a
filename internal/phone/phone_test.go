package phone_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/nyaruka/phonenumbers"

	"github.com/pinpost/pinpost/internal/phone"
)

func TestParse(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		text string
		want phone.Number
		err  error
	}{
		"digits as documented":                     {"41793026727", "41793026727", nil},
		"a leading plus":                           {"+41793026727", "41793026727", nil},
		"a trunk zero left in":                     {"+410793026727", "41793026727", nil},
		"a trunk zero left in, without a plus":     {"4407911123456", "447911123456", nil},
		"two trunk zeros left in":                  {"+4600739391943", "46739391943", nil},
		"an Italian zero is part of the number":    {"+390612345678", "390612345678", nil},
		"a mobile prefix of Argentina left in":     {"+540111512345678", "5491112345678", nil},
		"the longest number":                       {"+491234567890123", "491234567890123", nil},
		"nothing":                                  {"", "", phone.ErrFormat},
		"a plus alone":                             {"+", "", phone.ErrFormat},
		"two pluses":                               {"++41793026727", "", phone.ErrFormat},
		"three digits":                             {"417", "", phone.ErrFormat},
		"spaces":                                   {"+41 79 302 67 27", "", phone.ErrFormat},
		"a leading space, which a plus may become": {" 41793026727", "", phone.ErrFormat},
		"dashes":                                   {"4179-3026727", "", phone.ErrFormat},
		"an extension":                             {"41793026727x5", "", phone.ErrFormat},
		"letters of a vanity number":               {"1800FLOWERS", "", phone.ErrFormat},
		"digits of another script":                 {"４１７９３０２６７２７", "", phone.ErrFormat},
		"a line break":                             {"41793026727\n", "", phone.ErrFormat},
		"seventeen digits that no country has":     {"41793026727000000", "", phone.ErrImpossible},
		"eighteen digits":                          {"417930267270000000", "", phone.ErrFormat},
		"eighteen digits after a plus":             {"+417930267270000000", "", phone.ErrFormat},
		"an exit prefix instead of a country":      {"0041793026727", "", phone.ErrCountry},
		"a national spelling":                      {"0793026727", "", phone.ErrCountry},
		"a country code that nobody has":           {"99912345678", "", phone.ErrCountry},
		"too short for its country":                {"+4179302", "", phone.ErrImpossible},
		"too long for its country":                 {"+4179302672799999", "", phone.ErrImpossible},
		"sixteen digits, more than E.164 allows":   {"+4912345678901234", "", phone.ErrImpossible},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := phone.Parse(tt.text)
			if got != tt.want || !errors.Is(err, tt.err) {
				t.Errorf("Parse(%q) = %q, %v, want %q, %v", tt.text, got.Digits(), err, tt.want.Digits(), tt.err)
			}
			if len(tt.text) > 4 && err != nil && strings.Contains(err.Error(), tt.text) {
				t.Errorf("error %q holds the number", err)
			}
		})
	}
}

// TestParse_leaves_a_number_of_every_country_as_it_is takes an example of each kind of number from the library.
func TestParse_leaves_a_number_of_every_country_as_it_is(t *testing.T) {
	t.Parallel()
	tried := 0
	for region := range phonenumbers.GetSupportedRegions() {
		for _, kind := range []phonenumbers.PhoneNumberType{phonenumbers.MOBILE, phonenumbers.FIXED_LINE, phonenumbers.VOIP} {
			example := phonenumbers.GetExampleNumberForType(region, kind)
			if example == nil {
				continue
			}
			tried++
			plus := phonenumbers.Format(example, phonenumbers.E164)
			for _, text := range []string{plus, plus[1:]} {
				if got, err := phone.Parse(text); err != nil || "+"+got.Digits() != plus {
					t.Errorf("%s: Parse(%q) = %q, %v, want it as it is", region, text, got.Digits(), err)
				}
			}
		}
	}
	if tried < 400 {
		t.Errorf("tried %d examples, want at least 400", tried)
	}
}

func TestMask(t *testing.T) {
	t.Parallel()
	tests := map[string]string{
		"":                "****",
		"1":               "****",
		"1234":            "****",
		"12345":           "12*45",
		"41793026727":     "41*******27",
		"491234567890123": "49***********23",
	}
	for digits, want := range tests {
		if got := phone.Mask(digits); got != want {
			t.Errorf("Mask(%q) = %q, want %q", digits, got, want)
		}
	}
}

func TestNumber_shows_itself_whole_through_Digits_alone(t *testing.T) {
	t.Parallel()
	const whole = "41793026727"
	number := phone.Number(whole)
	if got := number.Digits(); got != whole {
		t.Errorf("Digits() = %q, want %q", got, whole)
	}
	held := struct {
		To   phone.Number
		List []phone.Number
	}{number, []phone.Number{number}}

	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q"} {
		for _, value := range []any{number, &number, held, &held, []phone.Number{number}, map[string]phone.Number{"to": number}} {
			if got := fmt.Sprintf(verb, value); strings.Contains(got, whole) {
				t.Errorf("Sprintf(%q, %T) = %s, want the number masked", verb, value, got)
			}
		}
	}
	if got, want := fmt.Sprint(number), "41*******27"; got != want {
		t.Errorf("Sprint = %q, want %q", got, want)
	}

	var log bytes.Buffer
	for _, handler := range []slog.Handler{slog.NewTextHandler(&log, nil), slog.NewJSONHandler(&log, nil)} {
		slog.New(handler).Info("sent", "to", number, "held", held, "pointer", &held, "list", held.List)
	}
	if strings.Contains(log.String(), whole) {
		t.Errorf("log = %s, want the number masked", log.String())
	}
	if got := strings.Count(log.String(), "41*******27"); got != 12 {
		t.Errorf("log = %s, want the masked number 12 times, got %d", log.String(), got)
	}

	if got, err := json.Marshal(number); err != nil || string(got) != `"41*******27"` {
		t.Errorf("Marshal = %s, %v, want it masked", got, err)
	}
}

func TestCountry(t *testing.T) {
	t.Parallel()
	for number, want := range map[phone.Number]string{
		"41793026727": "CH", "4237231234": "LI", "12015550123": "US", "14165550123": "CA", "447911123456": "GG",
		"442079460000": "GB", "447700900123": "", "77011234567": "KZ", "79161234567": "RU", "870773111632": "", "99999": "",
	} {
		if got := number.Country(); got != want {
			t.Errorf("Country of %s = %q, want %q", number.Digits(), got, want)
		}
	}
	for code, want := range map[string]bool{"CH": true, "GG": true, "ch": false, "XX": false, "": false, "001": false} {
		if got := phone.IsCountry(code); got != want {
			t.Errorf("IsCountry(%q) = %t, want %t", code, got, want)
		}
	}
}
