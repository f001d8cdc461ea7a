package smpp_test

import (
	"testing"

	"github.com/pinpost/pinpost/internal/delivery/smpp"
	"github.com/pinpost/pinpost/internal/delivery/smpp/smpptest"
)

// BenchmarkWindow sends through one bind, 50 messages at a time, to an SMSC in the same process.
func BenchmarkWindow(b *testing.B) {
	smsc, err := smpptest.Start(smpptest.Options{Quiet: true})
	if err != nil {
		b.Fatal(err)
	}
	defer smsc.Close()
	carrier, err := smpp.New(smpp.Config{
		Name: "acme", Addresses: []string{smsc.Address()}, SystemID: "pinpost", Window: 50,
	}, smpp.Deps{})
	if err != nil {
		b.Fatal(err)
	}
	defer carrier.Close(b.Context())
	b.SetParallelism(50)
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			if _, err := carrier.Send(b.Context(), text(smpptest.NoReceipt)); err != nil {
				b.Error(err)
			}
		}
	})
}
