package message_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/pinpost/pinpost/internal/message"
)

func TestPINType_Alphabet(t *testing.T) {
	t.Parallel()
	tests := map[message.PINType]string{
		"NUMERIC":      "0123456789",
		"ALPHA":        "ABCDEFGHIJKLMNOPQRSTUVWXYZ",
		"HEX":          "0123456789ABCDEF",
		"ALPHANUMERIC": "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ",
		"HEXA":         "", // printed once in the old documentation, and never meant
		"numeric":      "",
		"":             "",
	}
	for pinType, want := range tests {
		if got := pinType.Alphabet(); got != want {
			t.Errorf("Alphabet of %q = %q, want %q", pinType, got, want)
		}
	}
}

func TestRender(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		text, placeholder, pin, want string
		phrases                      []string
	}{
		"one place":                        {"Your pin is <pin>", "<pin>", "4807", "Your pin is 4807", []string{"Your pin is ", ""}},
		"two places":                       {"<<>>, again <<>>.", "<<>>", "48", "48, again 48.", []string{"", ", again ", "."}},
		"the PIN alone":                    {"{{pin}}", "{{pin}}", "A1B2", "A1B2", []string{"", ""}},
		"places that touch":                {"##", "#", "7", "77", []string{"", "", ""}},
		"places that overlap":              {"aaa", "aa", "7", "7a", []string{"", "a"}},
		"a PIN that holds the placeholder": {"PIN 0", "0", "1020", "PIN 1020", []string{"PIN ", ""}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := message.Message{Text: tt.text, Placeholder: tt.placeholder}
			if got := m.Render(tt.pin); got != tt.want {
				t.Errorf("Render = %q, want %q", got, tt.want)
			}
			if got := m.Phrases(); !slices.Equal(got, tt.phrases) {
				t.Errorf("Phrases = %q, want %q", got, tt.phrases)
			}
		})
	}
}

// FuzzRender makes templates of strangers' texts, and renders those that the service accepts.
func FuzzRender(f *testing.F) {
	f.Add("Your pin is <pin>", "<pin>", "4807")
	f.Add("<<>>, again <<>>.", "<<>>", "A1")
	f.Add("aaa", "aa", "AAAAAAAA")
	f.Add("PIN 0", "0", "1020")
	f.Add("ç €\n😀{{pin}}", "{{pin}}", "ABCDEF")
	f.Add("\xff\xfe", "\xff", "1")
	f.Add("", "", "1")
	f.Fuzz(func(t *testing.T, text, placeholder, pin string) {
		service, _ := setup(t)
		in := good()
		in.Text, in.Placeholder, in.PINLength = &text, &placeholder, new(len(pin))
		m, err := service.Create(t.Context(), in)
		if err != nil {
			return
		}
		rendered := m.Render(pin)
		if !strings.Contains(rendered, pin) {
			t.Errorf("%q with %q rendered %q for %q, want the PIN in it", text, placeholder, rendered, pin)
		}
		phrases := m.Phrases()
		if len(phrases) < 2 {
			t.Errorf("%q with %q has the phrases %q, want two or more", text, placeholder, phrases)
		}
		if got := strings.Join(phrases, pin); got != rendered {
			t.Errorf("the phrases of %q with %q and %q are %q, want %q", text, placeholder, pin, got, rendered)
		}
	})
}
