package sqlite

import (
	"errors"
	"testing"
	"time"

	"github.com/pinpost/pinpost/internal/account"
	"github.com/pinpost/pinpost/internal/application"
	"github.com/pinpost/pinpost/internal/message"
	"github.com/pinpost/pinpost/internal/pin"
)

func TestSealedSample(t *testing.T) {
	t.Parallel()
	s := openAt(t, newPath(t))
	wantSample(t, s, "")
	first := keepPIN(t, s, "first")
	wantSample(t, s, "first")
	err := errors.Join(
		s.CreateAccount(t.Context(), account.Account{ID: "another", Name: "another"}),
		s.CreateApplication(t.Context(), application.Application{ID: "application", AccountID: "another"}),
		s.CreateMessage(t.Context(), message.Message{ID: "message", AccountID: "another", ApplicationID: "application"}),
	)
	if err != nil {
		t.Fatal(err)
	}
	second := pin.PIN{
		AccountID: "another", ApplicationID: "application", MessageID: "message", To: "385915551234",
		Sealed: []byte("second"), ExpiresAt: time.UnixMilli(1500),
	}
	if err := keep(t.Context(), s, &second); err != nil {
		t.Fatal(err)
	}
	wantSample(t, s, "second")
	for _, one := range []struct{ used, left string }{{second.ID, "first"}, {first, ""}} {
		if _, err := s.Attempt(t.Context(), one.used, time.UnixMilli(1), pin.Rules{MaxAttempts: 3}, manyChecks, right); err != nil {
			t.Fatal(err)
		}
		wantSample(t, s, one.left)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	_, found, err := s.SealedSample(t.Context())
	wantNotAnswering(t, "sample of a closed store", err)
	if found {
		t.Error("sample of a closed store: got one, want none")
	}
}

var manyChecks = pin.Limit{Kind: pin.LimitChecks, Max: 100_000, Interval: time.Hour}

// wantSample asks for the PIN with the sealed code as it is stored, or for none when sealed is empty.
func wantSample(t *testing.T, s *Store, sealed string) {
	t.Helper()
	p, found, err := s.SealedSample(t.Context())
	if err != nil || found != (sealed != "") || string(p.Sealed) != sealed {
		t.Errorf("got sample %q, found %t, error %v; want %q", p.Sealed, found, err, sealed)
	}
	if !found {
		return
	}
	kept, err := s.PIN(t.Context(), p.AccountID, p.ID)
	if err != nil || kept.ID != p.ID || string(kept.Sealed) != sealed || !kept.ExpiresAt.Equal(p.ExpiresAt) {
		t.Errorf("got sample %+v, want it as stored: %+v, error %v", p, kept, err)
	}
}
