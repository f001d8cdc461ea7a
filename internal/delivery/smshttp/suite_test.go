package smshttp_test

import (
	"testing"

	"github.com/pinpost/pinpost/internal/delivery/deliverytest"
)

// TestSuite has each kind of gateway do what every carrier does.
func TestSuite(t *testing.T) {
	t.Parallel()
	for _, k := range kinds {
		t.Run(k.name, func(t *testing.T) {
			t.Parallel()
			deliverytest.Run(t, func(t *testing.T) deliverytest.Subject {
				w := setup(t, k, options{connections: 64})
				return deliverytest.Subject{Sender: w.Carrier, Texts: func() (texts []string) {
					for _, one := range w.gateway.Texts() {
						texts = append(texts, one.Text)
					}
					return texts
				}}
			})
		})
	}
}
