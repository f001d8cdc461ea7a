package wire_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/pinpost/pinpost/internal/config"
	"github.com/pinpost/pinpost/internal/message"
	"github.com/pinpost/pinpost/internal/wire"
	"github.com/pinpost/pinpost/internal/world"
)

// seedText is a seed in YAML, with more members of its application or of its message.
func seedText(application, message string) string {
	return "applications:\n- applicationId: a\n  name: Shop\n" + application +
		"  messages:\n  - messageId: m\n    pinType: HEX\n    pinLength: 4\n    pinPlaceholder: <pin>\n" +
		"    messageText: PIN <pin>\n    sender: Shop\n" + message
}

func TestParseSeed_as_YAML_and_JSON(t *testing.T) {
	t.Parallel()
	asJSON := `{"applications":[{"applicationId":"a","name":"Shop","enabled":false,"configuration":{"pinTimeToLive":60000},` +
		"\n\t" + `"messages":[{"messageId":"m","pinType":"HEX","pinLength":4,"pinPlaceholder":"\u003cpin\u003e","messageText":"PIN \u003cpin\u003e","sender":"Shop"}]}]}`
	for name, text := range map[string]string{
		"YAML": seedText("  enabled: false\n  configuration: {pinTimeToLive: 60000}\n", ""), "JSON": asJSON,
	} {
		seed, err := wire.ParseSeed([]byte(text))
		if err != nil || len(seed.Applications) != 1 || len(seed.Applications[0].Messages) != 1 {
			t.Fatalf("%s gives %+v, %v; want an application with a message", name, seed, err)
		}
		a := seed.Applications[0]
		if a.ID != "a" || *a.Input.Name != "Shop" || *a.Input.Enabled || *a.Input.Configuration.PINTimeToLive != 60000 {
			t.Errorf("%s gives the application %+v", name, a)
		}
		m := a.Messages[0]
		if m.ID != "m" || *m.Input.PINType != message.PINTypeHex || *m.Input.PINLength != 4 || *m.Input.Text != "PIN <pin>" ||
			*m.Input.Placeholder != "<pin>" || *m.Input.Sender != "Shop" {
			t.Errorf("%s gives the message %+v", name, m)
		}
	}
}

// TestParseSeed_keeps_every_character wants text to come through JSON as it is, whatever YAML thinks of it.
func TestParseSeed_keeps_every_character(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"<pin>", "é 😀 <pin> # no comment", "a: b, [c] {d} & *e ! % @ ` <pin>", "line\n\tbreak\r\n<pin>\u2028", "\x7f\u0085<pin>", "0123", "yes"} {
		encoded, err := json.Marshal(text)
		if err != nil {
			t.Fatal(err)
		}
		seed, err := wire.ParseSeed([]byte(strings.Replace(seedText("", ""), "PIN <pin>", string(encoded), 1)))
		if err != nil {
			t.Errorf("text %q gives %v", text, err)
		} else if got := *seed.Applications[0].Messages[0].Input.Text; got != text {
			t.Errorf("text %q is read as %q", text, got)
		}
	}
}

func TestParseSeed_names_every_fault(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		text string
		says []string
	}{
		"nothing":         {"# to come\n", []string{"is empty", "applications: []"}},
		"not UTF-8":       {"\xff", []string{"is not UTF-8"}},
		"not YAML":        {"applications: [\n", []string{"[1:"}},
		"a list":          {"- a\n", []string{"must be an object"}},
		"two documents":   {"applications: []\n---\napplications: []\n", []string{"more than one document"}},
		"a member twice":  {"applications: []\napplications: []\n", []string{`"applications" already defined`}},
		"infinite":        {"applications: .inf\n", []string{"JSON has not"}},
		"no applications": {"{}", []string{"applications is required"}},
		"an unknown member": {seedText("  colour: red\n", ""), []string{
			"applications[0].colour is not a member of this request"}},
		"another at the top": {"applications: []\nversion: 1\n", []string{"version is not a member of this request"}},
		"wrong values": {strings.NewReplacer("HEX", "OCT", "4", "9", "name: Shop", "name: 12", "messageId: m", "messageId: ''").Replace(
			seedText("  enabled: maybe\n  configuration: {pinAttempts: 0, verificationIntervalLength: 86400001}\n", "")), []string{
			"applications[0].name must be a string", "applications[0].enabled must be true or false",
			"applications[0].configuration.pinAttempts must be at least 1",
			"applications[0].configuration.verificationIntervalLength must be at most 86400000",
			"applications[0].messages[0].messageId must not be empty",
			"applications[0].messages[0].pinLength must be at most 8",
			"applications[0].messages[0].pinType must be one of NUMERIC, ALPHA, HEX, ALPHANUMERIC",
		}},
		"too large a number": {seedText("  configuration: {pinAttempts: 99999999999}\n", ""), []string{"pinAttempts"}},
		"not a whole number": {seedText("  configuration: {pinAttempts: 1.5}\n", ""), []string{"pinAttempts must be a whole number"}},
		"null":               {strings.Replace(seedText("", ""), "name: Shop", "name: null", 1), []string{"applications[0].name must not be null"}},
		"too long": {strings.Replace(seedText("", ""), "sender: Shop", "sender: "+strings.Repeat("S", 17), 1),
			[]string{"applications[0].messages[0].sender must have at most 16 characters"}},
		"too many": {"applications:\n" + strings.Repeat("- {applicationId: a, name: ''}\n", 30), []string{"applications[0].name", "and 10 more"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := wire.ParseSeed([]byte(c.text))
			for _, want := range c.says {
				if err == nil || !strings.Contains(err.Error(), want) {
					t.Errorf("ParseSeed gives %v, want %q in it", err, want)
				}
			}
		})
	}
}

func TestLoadSeed_is_for_a_sandbox(t *testing.T) {
	t.Parallel()
	for mode, taken := range map[config.Mode]bool{config.ModeSandbox: true, config.ModeProduction: false} {
		settings := config.Default()
		settings.Data, settings.Mode = t.TempDir(), mode
		house, err := wire.Build(t.Context(), settings, outside())
		must(t, err)
		defer func() { must(t, house.Close(t.Context())) }()
		owner, err := house.Accounts.Create(t.Context(), "owner", "a long password")
		must(t, err)
		seed, err := wire.ParseSeed([]byte(seedText("", "")))
		must(t, err)
		if err := house.LoadSeed(t.Context(), owner.ID, seed); (err == nil) != taken {
			t.Errorf("LoadSeed in mode %s gives %v", mode, err)
		}
		applications, err := house.Applications.List(t.Context(), owner.ID)
		if err != nil || (len(applications) == 1) != taken {
			t.Errorf("mode %s has applications %v (%v)", mode, applications, err)
		}
		if !taken {
			continue
		}
		twice := world.Seed{Applications: append(seed.Applications, seed.Applications...)}
		err = house.LoadSeed(t.Context(), owner.ID, twice)
		if want := "applications[1].applicationId is the same as applications[0].applicationId"; !strings.Contains(fmt.Sprint(err), want) {
			t.Errorf("LoadSeed of ids twice gives %v, want %q", err, want)
		}
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
