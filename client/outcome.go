package client

import "github.com/pinpost/pinpost/api"

// Outcome is what VerifyPIN found out about a PIN.
type Outcome string

// The outcomes. Only OutcomeVerified lets a person in.
const (
	OutcomeVerified       Outcome = "VERIFIED"                             // the right PIN, in time
	OutcomeWrongPIN       Outcome = Outcome(api.PinErrorWrongPin)          // let the person try again
	OutcomeExpired        Outcome = Outcome(api.PinErrorTTLExpired)        // send a new PIN
	OutcomeNoMoreAttempts Outcome = Outcome(api.PinErrorNoMorePinAttempts) // send a new PIN
	OutcomeNotVerified    Outcome = "NOT_VERIFIED"                         // not verified, no reason given
)

// OutcomeOf says in one word what an answer of VerifyPIN means. It is OutcomeVerified only if the PIN was verified; a nil
// answer gives OutcomeNotVerified, and a reason that is not documented stands as it is.
func OutcomeOf(check *api.VerifyPinResponse) Outcome {
	switch {
	case check == nil:
		return OutcomeNotVerified
	case check.Verified:
		return OutcomeVerified
	case check.PinError == nil || *check.PinError == "" || Outcome(*check.PinError) == OutcomeVerified:
		return OutcomeNotVerified
	}
	return Outcome(*check.PinError)
}
