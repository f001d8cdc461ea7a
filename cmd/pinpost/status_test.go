package main

import (
	"regexp"
	"strings"
	"testing"

	"github.com/pinpost/pinpost/api"
	"github.com/pinpost/pinpost/internal/canary"
)

// TestStatus reads, beside the running service, what the carrier made of a text and of a call.
func TestStatus(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	p := start(t, data)
	c := p.client(t)
	ids := regexp.MustCompile(`[0-9A-F]{32}`).FindAllString(p.banner, -1)
	const number = "33639980012"
	sent, err := c.SendPIN(t.Context(), api.SendPinOverSmsRequest{To: number, ApplicationID: ids[0], MessageID: ids[1]})
	must(t, err)
	_, err = c.ResendPINByVoice(t.Context(), sent.PinID)
	must(t, err)
	status, out, errOut := call("", "status", sent.PinID, "--data", data)
	if status != exitOK {
		t.Fatalf("exit status %d: %s", status, errOut)
	}
	canary.Watch(number)
	for _, want := range []string{
		"PIN +" + sent.PinID, "to +33\\*+12", "application +" + ids[0], `\(living\)`, "verified +-", "\nSMS [0-9A-F]{32}\n", "\nVOICE [0-9A-F]{32}\n",
		`Z +sandbox +taken +- +\d+(\.\d+)?(ms|s)\n`, `Z +- +MESSAGE_DELIVERED`,
	} {
		if !regexp.MustCompile(want).MatchString(out) {
			t.Errorf("it does not say %q:\n%s", want, out)
		}
	}
	if strings.Contains(out, number) {
		t.Errorf("it prints the number:\n%s", out)
	}
	if status, _, errOut := call("", "status", strings.Repeat("0", 32), "--data", data); status != exitFault || !strings.Contains(errOut, "no account has a PIN with this id") {
		t.Errorf("an unknown id: exit status %d, %q", status, errOut)
	}
	if status, _, errOut := call("", "status", sent.PinID, "--data", t.TempDir()); status != exitFault || !strings.Contains(errOut, "there is no database in") {
		t.Errorf("another folder: exit status %d, %q", status, errOut)
	}
}
