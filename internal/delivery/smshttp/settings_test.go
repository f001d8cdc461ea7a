package smshttp_test

import (
	"strings"
	"testing"
	"time"

	"github.com/pinpost/pinpost/internal/delivery/smshttp"
)

func TestSettings_faults_are_listed_at_once(t *testing.T) {
	t.Parallel()
	bad := smshttp.Settings{
		Name: "No Name", Timeout: time.Hour, ConnectTimeout: -1, Connections: -1, CAFile: "/nowhere",
		Receipts: smshttp.Callback{URL: "ftp://x", Auth: "smoke", Token: "short", AckTimeout: -1},
	}
	each(t, func(t *testing.T, k kind) {
		_, err := k.carrier(bad, "http://example.com", "", smshttp.Deps{})
		want := []string{"name", "timeout", "connect_timeout", "connections", "ca_file", "receipts.url", "receipts.ack_timeout", "receipts.auth", "https"}
		for _, setting := range want {
			if err == nil || !strings.Contains(err.Error(), setting) {
				t.Errorf("got %v, want a fault of %s", err, setting)
			}
		}
	})
}
