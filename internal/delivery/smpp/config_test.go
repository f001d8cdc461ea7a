package smpp_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/pinpost/pinpost/internal/delivery/smpp"
)

func TestValidate_listsAllFaults(t *testing.T) {
	t.Parallel()
	_, err := smpp.New(smpp.Config{
		Addresses: []string{"nowhere"}, Bind: "both", InterfaceVersion: "3.3", Window: 5000, Rate: -1, EnquireInterval: -1,
		ReconnectMin: time.Minute, ReconnectMax: time.Second, DataCodingZero: "ebcdic", LongText: "sar", IDs: "octal",
		Params: map[string]uint16{"entity": 0}, TLS: smpp.TLS{Enabled: true, PinSHA256: "12", CAPEM: "none"}, Password: secretPassword + "\x00",
	}, smpp.Deps{})
	if err == nil {
		t.Fatal("New takes it")
	}
	for _, want := range []string{
		"name", "addresses", "system_id", "password", "bind", "interface_version", "window", "rate", "enquire_interval", "reconnect_max",
		"data_coding_zero", "long_text", "ids", "params", "ca_pem",
	} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("New says nothing of %s:\n%v", want, err)
		}
	}
	if strings.Contains(err.Error(), secretPassword) {
		t.Error("New shows the password")
	}
}

func TestValidate_tls(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		tls  smpp.TLS
		want string
	}{
		"off":                       {smpp.TLS{}, ""},
		"on, by the system's roots": {smpp.TLS{Enabled: true}, ""},
		"a name, but off":           {smpp.TLS{ServerName: "a"}, "enabled must be true"},
		"a pin too short":           {smpp.TLS{Enabled: true, PinSHA256: "ab"}, "64 hex digits"},
		"a pin with colons":         {smpp.TLS{Enabled: true, PinSHA256: strings.Repeat("ab:", 31) + "ab"}, ""},
		"a file that is not there":  {smpp.TLS{Enabled: true, CAFile: "not-there.pem"}, "ca_file"},
	}
	for name, tt := range tests {
		c := smpp.Config{Name: "a", Addresses: []string{"a:1"}, SystemID: "a", TLS: tt.tls}
		err := c.Validate()
		if (err == nil) != (tt.want == "") || err != nil && !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: %v, want %q", name, err, tt.want)
		}
	}
}

func TestConfig_hidesThePassword(t *testing.T) {
	t.Parallel()
	c := smpp.Config{Name: "a", Password: secretPassword}
	asJSON, err := json.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{fmt.Sprintf("%v %+v %#v", c, c, c), fmt.Sprintf("%v %#v", &c, &c), string(asJSON), c.Password.LogValue().String()} {
		if strings.Contains(text, secretPassword) {
			t.Errorf("printed as %s", text)
		}
	}
	if c.Password.Reveal() != secretPassword {
		t.Error("Reveal does not")
	}
}
