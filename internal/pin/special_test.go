package pin

import (
	"testing"
	"time"

	"github.com/pinpost/pinpost/internal/application"
	"github.com/pinpost/pinpost/internal/delivery"
	"github.com/pinpost/pinpost/internal/phone"
)

func TestFixed(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		alphabet string
		length   int
		want     delivery.Code
	}{
		"digits":                   {"0123456789", 4, "1234"},
		"all the digits":           {"0123456789", 8, "12345678"},
		"letters alone":            {"ABCDEFGHIJKLMNOPQRSTUVWXYZ", 6, "ABCDEF"},
		"hex has digits":           {"0123456789ABCDEF", 5, "12345"},
		"digits and letters, long": {"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ", 8, "12345678"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := fixed("12345678", c.alphabet, c.length); got.Reveal() != c.want.Reveal() {
				t.Errorf("fixed gives %q, want %q", got.Reveal(), c.want.Reveal())
			}
		})
	}
}

// ahead is a sandbox whose world is an hour ahead and whose every number is special.
type ahead struct {
	now     func() time.Time
	special Special
}

func (a ahead) Now(string) time.Time         { return a.now().Add(time.Hour) }
func (a ahead) Special(phone.Number) Special { return a.special }

func TestSpecial(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		special  Special
		verified bool
		mistake  Mistake
	}{
		"a fixed PIN":        {Special{Code: "12345678"}, true, MistakeNone},
		"expired at once":    {Special{Code: "12345678", Expired: true}, false, MistakeExpired},
		"no attempts left":   {Special{Code: "12345678", Exhausted: true}, false, MistakeNoAttempts},
		"exempt from limits": {Special{Code: "12345678", Exempt: true}, true, MistakeNone},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setup(t, func(d *Deps) { d.Sandbox = ahead{d.Now, c.special} })
			b.configure("shop", func(c *application.Configuration) { c.InitiationAttempts, c.VerificationAttempts = 3, 1 })
			sends := 1
			if c.special.Exempt {
				sends = 10 // the limit is three
			}
			var sent SMSResult
			for range sends {
				var err error
				if sent, err = b.SendSMS(t.Context(), input()); err != nil {
					t.Fatal(err)
				}
			}
			code := b.dock.texts[len(b.dock.texts)-1].PIN
			got, err := b.Verify(t.Context(), VerifyInput{AccountID: "A", PINID: sent.PINID, Code: code})
			if err != nil || got.Verified != c.verified || got.Mistake != c.mistake {
				t.Errorf("Verify = %+v, %v, want verified %v and mistake %q", got, err, c.verified, c.mistake)
			}
			stored, err := b.store.PIN(t.Context(), "A", sent.PINID)
			if want := b.clock().Add(time.Hour); err != nil || !stored.CreatedAt.Equal(want) {
				t.Errorf("the PIN is made at %v (%v), want the world's %v", stored.CreatedAt, err, want)
			}
		})
	}
}
