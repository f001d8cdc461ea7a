package smpp_test

import (
	"testing"
	"time"

	"github.com/pinpost/pinpost/internal/delivery/deliverytest"
	"github.com/pinpost/pinpost/internal/delivery/smpp"
	"github.com/pinpost/pinpost/internal/delivery/smpp/smpptest"
)

// TestSuite has the carrier do what every carrier does, before the small SMSC.
func TestSuite(t *testing.T) {
	t.Parallel()
	deliverytest.Run(t, func(t *testing.T) deliverytest.Subject {
		b := setup(t, smpptest.Options{}, func(c *smpp.Config, _ *smpp.Deps) { c.ResponseTimeout = 5 * time.Second })
		return deliverytest.Subject{Sender: b.carrier, Texts: b.texts}
	})
}

// texts are the texts that arrived, those of several parts joined.
func (b bench) texts() []string {
	type parts struct {
		to        string
		reference int
	}
	long, order := map[parts][]string{}, []parts{}
	var whole []string
	for _, m := range b.Messages() {
		part := m.Part()
		if part.Count == 1 {
			whole = append(whole, m.Text())
			continue
		}
		key := parts{m.Dest.Addr, part.Reference}
		if long[key] == nil {
			long[key], order = make([]string, part.Count), append(order, key)
		}
		long[key][part.Number-1] = m.Text()
	}
	for _, key := range order {
		text := ""
		for _, one := range long[key] {
			text += one
		}
		whole = append(whole, text)
	}
	return whole
}
