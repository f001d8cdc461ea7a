//go:build peers

package smpp_test

import (
	"testing"
	"time"

	"github.com/pinpost/pinpost/internal/delivery/deliverytest"
	"github.com/pinpost/pinpost/internal/delivery/foreign"
	"github.com/pinpost/pinpost/internal/delivery/smpp"
)

// TestPeers_suite has the carrier do before a foreign SMSC what every carrier does.
func TestPeers_suite(t *testing.T) {
	t.Parallel()
	deliverytest.Run(t, func(t *testing.T) deliverytest.Subject {
		smsc := foreign.StartNode(t, secretPassword)
		b := bindTo(t, smsc, func(c *smpp.Config, _ *smpp.Deps) { c.ResponseTimeout = 5 * time.Second })
		return deliverytest.Subject{Sender: b.carrier, Texts: func() (whole []string) {
			long := "" // there is one text of several parts, and they come in their order
			for _, m := range smsc.Messages() {
				if m.Header == "" {
					whole = append(whole, m.Text)
				} else {
					long += m.Text
				}
			}
			return append(whole, long)
		}}
	})
}
