package client_test

import (
	"testing"

	"github.com/pinpost/pinpost/api"
	"github.com/pinpost/pinpost/client"
)

func TestOutcomeOf(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		check *api.VerifyPinResponse
		want  client.Outcome
	}{
		"right":      {&api.VerifyPinResponse{Verified: true}, client.OutcomeVerified},
		"wrong":      {&api.VerifyPinResponse{PinError: new(api.PinErrorWrongPin)}, client.OutcomeWrongPIN},
		"expired":    {&api.VerifyPinResponse{PinError: new(api.PinErrorTTLExpired)}, client.OutcomeExpired},
		"used up":    {&api.VerifyPinResponse{PinError: new(api.PinErrorNoMorePinAttempts)}, client.OutcomeNoMoreAttempts},
		"no reason":  {&api.VerifyPinResponse{}, client.OutcomeNotVerified},
		"empty":      {&api.VerifyPinResponse{PinError: new(api.PinError(""))}, client.OutcomeNotVerified},
		"no answer":  {nil, client.OutcomeNotVerified},
		"new reason": {&api.VerifyPinResponse{PinError: new(api.PinError("BLOCKED"))}, "BLOCKED"},
		"odd reason": {&api.VerifyPinResponse{PinError: new(api.PinError("VERIFIED"))}, client.OutcomeNotVerified},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := client.OutcomeOf(tt.check); got != tt.want {
				t.Errorf("got %s, want %s", got, tt.want)
			}
		})
	}
}
