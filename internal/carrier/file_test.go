package carrier_test

import (
	"context"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/pinpost/pinpost/internal/carrier"
)

const secret = "s3cr3t-p4ssw0rd-of-a-carrier"

// documented are the files that docs/carriers.md shows, with secrets that can be read.
func documented(t *testing.T) []string {
	t.Helper()
	text, err := os.ReadFile("../../docs/carriers.md")
	if err != nil {
		t.Fatal(err)
	}
	hidden := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(hidden, []byte(secret+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	var files []string
	for _, block := range regexp.MustCompile("(?s)```yaml\n(.*?)```").FindAllStringSubmatch(string(text), -1) {
		file := regexp.MustCompile(`\{env: [A-Z_]+\}`).ReplaceAllString(block[1], "{file: "+hidden+"}")
		files = append(files, strings.ReplaceAll(file, "/run/secrets/smpp", hidden))
	}
	if len(files) < 9 {
		t.Fatalf("docs/carriers.md shows %d files, want one for each kind", len(files))
	}
	return files
}

func TestParse_reads_every_documented_file(t *testing.T) {
	t.Parallel()
	kinds := ""
	for _, text := range documented(t) {
		f, err := carrier.Parse([]byte(text))
		if err != nil {
			t.Errorf("%v in\n%s", err, text)
			continue
		}
		shown, err := f.Text()
		if err != nil || strings.Contains(string(shown), secret) || !strings.Contains(string(shown), "[secret]") {
			t.Errorf("Text = %v, want [secret] in place of what is secret:\n%s", err, shown)
		}
		kinds += string(shown)
	}
	for _, kind := range []string{"smpp:", "kannel:", "infobip:", "twilio:", "template:", "sip:", "lookup:", "enum:", "hlr:", "routes:"} {
		if !strings.Contains(kinds, kind) {
			t.Errorf("no documented file has %s", kind)
		}
	}
}

func TestBuild_makes_every_documented_file(t *testing.T) {
	t.Parallel()
	for _, text := range documented(t) {
		f, err := carrier.Parse([]byte(text))
		if err != nil {
			t.Fatal(err)
		}
		for i, e := range f.Carriers { // nobody is called: nothing listens there
			if e.SMPP != nil {
				f.Carriers[i].SMPP.Addresses = []string{"127.0.0.1:1"}
			}
			if e.SIP != nil {
				f.Carriers[i].SIP.Trunks = []string{"127.0.0.1:1;tcp"}
			}
		}
		deps := carrier.Deps{Now: time.Now, Rand: zeros{}, Log: slog.New(slog.DiscardHandler)}
		fleet, err := carrier.Build(t.Context(), f, deps)
		if err != nil {
			t.Errorf("%v in\n%s", err, text)
			continue
		}
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		if fleet.SMS != nil {
			err = fleet.SMS.Close(ctx)
		}
		if fleet.Voice != nil {
			err = fleet.Voice.Close(ctx)
		}
		if err != nil || fleet.Close(ctx) != nil {
			t.Errorf("Close = %v", err)
		}
		cancel()
	}
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { clear(p); return len(p), nil }

var _ io.Reader = zeros{}

// TestParse_names_every_fault wants what is wrong, and never a secret that stands in the file.
func TestParse_names_every_fault(t *testing.T) {
	t.Parallel()
	const good = "countries: [CH]\ncarriers:\n- smpp: {name: a, addresses: ['h:1'], system_id: p, password: {env: PATH}}\n"
	tests := map[string]struct {
		text string
		says []string
	}{
		"nothing":                        {"", []string{"empty"}},
		"only a comment":                 {"# to come\n", []string{"empty"}},
		"no YAML":                        {"countries: [", []string{"[1:"}},
		"two documents":                  {good + "---\n" + good, []string{"one document"}},
		"no carriers":                    {"countries: [CH]\n", []string{"carriers must not be empty"}},
		"no countries":                   {strings.Replace(good, "countries: [CH]", "countries: []", 1), []string{"countries must list"}},
		"an unknown member":              {good + "colour: red\n", []string{"colour"}},
		"an unknown member of a carrier": {strings.Replace(good, "system_id", "system_nr", 1), []string{"system_nr"}},
		"small letters":                  {strings.Replace(good, "[CH]", "[ch, XX]", 1), []string{`"ch"`, `"XX"`, "no ISO code"}},
		"two kinds at once": {strings.Replace(good, "- smpp:", "- sip: {name: b}\n  smpp:", 1),
			[]string{"carriers[0] must have one of smpp, kannel"}},
		"no kind":              {"countries: [CH]\ncarriers: [{}]\n", []string{"carriers[0] must have one of"}},
		"a name twice":         {good + strings.SplitAfter(good, "carriers:\n")[1], []string{`another carrier is called "a"`}},
		"a secret in the file": {strings.Replace(good, "{env: PATH}", secret, 1), []string{"a secret must be {env: NAME}"}},
		"a secret of both":     {strings.Replace(good, "{env: PATH}", "{env: PATH, file: x}", 1), []string{"a secret must be"}},
		"no such variable":     {strings.Replace(good, "PATH", "PINPOST_NO_SUCH", 1), []string{"PINPOST_NO_SUCH", "is not set"}},
		"no such file":         {strings.Replace(good, "env: PATH", "file: /no/such/file", 1), []string{"read a secret", "/no/such/file"}},
		"a route to nobody":    {good + "routes: {sms: [{carrier: b}]}\n", []string{`routes.sms[0]: there is no carrier "b"`, `leave out carrier "a"`}},
		"a route for calls":    {good + "routes: {voice: [{carrier: a}]}\n", []string{`carrier "a" is for the other channel`}},
		"a wrong route": {good + "routes: {sms: [{carrier: a, weight: -1, countries: [UK], prefixes: ['+41']}]}\n",
			[]string{"weight must not be negative", `"UK"`, `"+41"`}},
		"a wrong lookup": {good + "lookup: {}\n", []string{"one of offline, enum and hlr"}},
		"wrong speech":   {good + "speech: {words_per_minute: 1}\n", []string{"words_per_minute"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := carrier.Parse([]byte(tt.text))
			if err == nil {
				t.Fatal("no error")
			}
			for _, want := range tt.says {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("error %q, want %q in it", err, want)
				}
			}
			if strings.Contains(err.Error(), secret) {
				t.Errorf("the error shows a secret: %v", err)
			}
		})
	}
}

func TestRead(t *testing.T) {
	t.Parallel()
	if _, err := carrier.Read(filepath.Join(t.TempDir(), "none.yaml")); err == nil || !strings.Contains(err.Error(), "none.yaml") {
		t.Errorf("Read = %v, want an error that names the file", err)
	}
}
