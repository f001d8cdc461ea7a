package pin

import (
	"bytes"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/pinpost/pinpost/internal/delivery"
	"github.com/pinpost/pinpost/internal/phone"
)

func key(b byte) []byte { return bytes.Repeat([]byte{b}, KeySize) }

func sealer(t testing.TB, keys ...[]byte) *Sealer {
	t.Helper()
	s, err := NewSealer(rand.Reader, keys...)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func sealed(t testing.TB, s *Sealer, p PIN, code delivery.Code) PIN {
	t.Helper()
	var err error
	if p.Sealed, err = s.Seal(p, code); err != nil {
		t.Fatal(err)
	}
	return p
}

var somebody = PIN{ID: "9C817C6F8AF3D48F9FE553282AFA2B67", AccountID: "A", ApplicationID: "shop", To: number}

const secret = delivery.Code("X7Q2M9ZK")

func TestNewSealer(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		rand io.Reader
		keys [][]byte
		good bool
	}{
		"one key":          {rand.Reader, [][]byte{key(1)}, true},
		"several keys":     {rand.Reader, [][]byte{key(1), key(2), key(3)}, true},
		"no key":           {rand.Reader, nil, false},
		"no source":        {nil, [][]byte{key(1)}, false},
		"an empty key":     {rand.Reader, [][]byte{{}}, false},
		"16 bytes":         {rand.Reader, [][]byte{make([]byte, 16)}, false},
		"31 bytes":         {rand.Reader, [][]byte{make([]byte, 31)}, false},
		"33 bytes":         {rand.Reader, [][]byte{make([]byte, 33)}, false},
		"a bad second key": {rand.Reader, [][]byte{key(1), []byte("short and secret")}, false},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, err := NewSealer(tt.rand, tt.keys...)
			if (err == nil) != tt.good || (s != nil) != tt.good {
				t.Errorf("NewSealer = %v, %v, want good = %t", s, err, tt.good)
			}
			if err != nil && strings.Contains(err.Error(), "secret") {
				t.Errorf("error %q holds the key", err)
			}
		})
	}
}

func TestSealer_opens_what_it_sealed(t *testing.T) {
	t.Parallel()
	s := sealer(t, key(1))
	for _, code := range []delivery.Code{"7", "4807", secret, ""} {
		p := sealed(t, s, somebody, code)
		if code != "" && bytes.Contains(p.Sealed, []byte(code)) && len(code) > 1 {
			t.Errorf("sealed = %x, want %q unreadable in it", p.Sealed, code.Reveal())
		}
		if got, err := s.Open(p); err != nil || got != code {
			t.Errorf("Open = %q, %v, want %q", got.Reveal(), err, code.Reveal())
		}
	}
}

func TestSealer_seals_the_same_PIN_another_way_each_time(t *testing.T) {
	t.Parallel()
	s := sealer(t, key(1))
	seen := map[string]bool{}
	for range 100 {
		seen[string(sealed(t, s, somebody, secret).Sealed)] = true
	}
	if len(seen) != 100 {
		t.Errorf("100 seals gave %d outcomes, want 100", len(seen))
	}
}

func TestSealer_replaces_its_key(t *testing.T) {
	t.Parallel()
	old, both, fresh := sealer(t, key(1)), sealer(t, key(2), key(1)), sealer(t, key(2))
	before, after := sealed(t, old, somebody, secret), sealed(t, both, somebody, secret)
	tests := map[string]struct {
		s    *Sealer
		p    PIN
		good bool
	}{
		"the second key opens what it sealed as the first": {both, before, true},
		"the first key seals":                              {fresh, after, true},
		"the first key opens what it sealed":               {both, after, true},
		"the old key does not open what the new sealed":    {old, after, false},
		"the new key does not open what the old sealed":    {fresh, before, false},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := tt.s.Open(tt.p)
			if tt.good && (err != nil || got != secret) {
				t.Errorf("Open = %q, %v, want %q", got.Reveal(), err, secret.Reveal())
			}
			if !tt.good && (got != "" || !errors.Is(err, errKey)) {
				t.Errorf("Open = %q, %v, want %v", got.Reveal(), err, errKey)
			}
		})
	}
}

func TestSealer_tells_keys_apart_whose_names_are_alike(t *testing.T) {
	t.Parallel()
	s := sealer(t, key(1), key(2))
	s.keys[0].id = s.keys[1].id // as if two keys had hashes that start alike
	p := sealed(t, sealer(t, key(2)), somebody, secret)
	if got, err := s.Open(p); err != nil || got != secret {
		t.Errorf("Open = %q, %v, want the second key tried too", got.Reveal(), err)
	}
}

func TestSealer_binds_to_the_PIN_it_sealed_for(t *testing.T) {
	t.Parallel()
	s := sealer(t, key(1))
	p := sealed(t, s, somebody, secret)
	tests := map[string]func(*PIN){
		"another id":                 func(p *PIN) { p.ID = "9C817C6F8AF3D48F9FE553282AFA2B68" },
		"another account":            func(p *PIN) { p.AccountID = "B" },
		"another application":        func(p *PIN) { p.ApplicationID = "bank" },
		"another number":             func(p *PIN) { p.To = "41793026746" },
		"no number":                  func(p *PIN) { p.To = "" },
		"members that run together":  func(p *PIN) { p.AccountID, p.ApplicationID = "Ash", "op" },
		"members that hold the seam": func(p *PIN) { p.AccountID, p.ApplicationID = `A" "shop`, "" },
		"members that swap":          func(p *PIN) { p.AccountID, p.ApplicationID = p.ApplicationID, p.AccountID },
	}
	for name, change := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			other := p
			change(&other)
			if got, err := s.Open(other); got != "" || !errors.Is(err, errKey) {
				t.Errorf("Open = %q, %v, want %v", got.Reveal(), err, errKey)
			}
		})
	}
	aged := p
	aged.Attempts, aged.VerifiedAt, aged.SentAt, aged.From = 3, noon, noon, "Bank"
	if got, err := s.Open(aged); err != nil || got != secret {
		t.Errorf("Open after some life = %q, %v, want %q", got.Reveal(), err, secret.Reveal())
	}
}

func TestSealer_binding_is_never_shared(t *testing.T) {
	t.Parallel()
	seen := map[string]PIN{}
	parts := []string{"", "a", "a b", `"`, `" "`, `\`, "\x00", "a\" \"b"}
	for _, id := range parts {
		for _, account := range parts {
			for _, application := range parts {
				for _, to := range parts {
					p := PIN{ID: id, AccountID: account, ApplicationID: application, To: phone.Number(to)}
					if other, ok := seen[string(binding(p))]; ok {
						t.Fatalf("%+v and %+v are bound alike", other, p)
					}
					seen[string(binding(p))] = p
				}
			}
		}
	}
}

func TestSealer_sees_tampering(t *testing.T) {
	t.Parallel()
	s := sealer(t, key(1), key(2))
	p := sealed(t, s, somebody, secret)
	open := func(what string, bent []byte) {
		other := p
		other.Sealed = bent
		if got, err := s.Open(other); got != "" || !errors.Is(err, errKey) {
			t.Errorf("%s: Open = %q, %v, want %v", what, got.Reveal(), err, errKey)
		}
	}
	for i := range p.Sealed {
		for bit := range 8 {
			bent := slices.Clone(p.Sealed)
			bent[i] ^= 1 << bit
			open(fmt.Sprintf("bit %d of byte %d", bit, i), bent)
		}
		open(fmt.Sprintf("cut to %d bytes", i), p.Sealed[:i])
	}
	open("a byte more", append(slices.Clone(p.Sealed), 0))
	open("wiped", nil)
	open("the seal of another PIN", sealed(t, s, PIN{ID: "other"}, secret).Sealed)
}

func TestSealer_errors_tell_no_secret(t *testing.T) {
	t.Parallel()
	p := sealed(t, sealer(t, key(1)), somebody, secret)
	_, err := sealer(t, key(2)).Open(p)
	if err == nil || !strings.Contains(err.Error(), p.ID) {
		t.Fatalf("Open = %v, want an error that names the PIN's id", err)
	}
	for _, hidden := range []string{secret.Reveal(), number, string(key(1)), string(key(2))} {
		if strings.Contains(err.Error(), hidden) {
			t.Errorf("error %q holds %q", err, hidden)
		}
	}
	s, err := NewSealer(iotest.ErrReader(io.ErrClosedPipe), key(1))
	if err != nil {
		t.Fatal(err)
	}
	if out, err := s.Seal(p, secret); out != nil || !errors.Is(err, io.ErrClosedPipe) || strings.Contains(err.Error(), secret.Reveal()) {
		t.Errorf("Seal = %x, %v, want the source's failure alone", out, err)
	}
}

func FuzzSealOpen(f *testing.F) {
	f.Add("9C817C6F8AF3D48F9FE553282AFA2B67", "A", "shop", number, "4807", 0, byte(1))
	f.Add("", "", "", "", "", 17, byte(128))
	f.Add(`" "`, `\`, "\x00", "\xff", "ABCDEFGH", 3, byte(0))
	f.Add("a", "b c", "d\" \"e", "+41", "1", -1, byte(255))
	first, second := sealer(f, key(1)), sealer(f, key(2), key(1))
	f.Fuzz(func(t *testing.T, id, account, application, to, code string, at int, flip byte) {
		p := PIN{ID: id, AccountID: account, ApplicationID: application, To: phone.Number(to)}
		p = sealed(t, first, p, delivery.Code(code))
		for _, s := range []*Sealer{first, second} {
			if got, err := s.Open(p); err != nil || got.Reveal() != code {
				t.Errorf("Open = %q, %v, want %q", got.Reveal(), err, code)
			}
		}
		if flip != 0 {
			bent := p
			bent.Sealed = slices.Clone(p.Sealed)
			bent.Sealed[uint(at)%uint(len(bent.Sealed))] ^= flip
			if got, err := second.Open(bent); got != "" || !errors.Is(err, errKey) {
				t.Errorf("Open of a bent seal = %q, %v, want %v", got.Reveal(), err, errKey)
			}
		}
		// What a stranger writes into the store opens for nobody.
		forged := p
		forged.Sealed = []byte(code)
		if got, err := second.Open(forged); got != "" || !errors.Is(err, errKey) {
			t.Errorf("Open of a forged seal = %q, %v, want %v", got.Reveal(), err, errKey)
		}
		for _, other := range []PIN{
			{ID: id + "x", AccountID: account, ApplicationID: application, To: p.To},
			{ID: id, AccountID: application + account, To: p.To},
			{ID: account, AccountID: id, ApplicationID: application + "x", To: p.To},
			{ID: id, AccountID: account, ApplicationID: application, To: p.To + "0"},
		} {
			if other.ID == p.ID && other.AccountID == p.AccountID && other.ApplicationID == p.ApplicationID && other.To == p.To {
				continue
			}
			other.Sealed = p.Sealed
			if got, err := second.Open(other); got != "" || !errors.Is(err, errKey) {
				t.Errorf("Open for another PIN = %q, %v, want %v", got.Reveal(), err, errKey)
			}
		}
	})
}
