package sandbox

import (
	"slices"
	"time"

	"github.com/pinpost/pinpost/internal/fault"
)

// Bounds of faults, as the contract has them.
const (
	maxFaults = 100 // of a world
	maxCount  = 1_000_000
	minDelay  = time.Millisecond
	maxDelay  = 60 * time.Second
)

// Effect is what a fault does to a call.
type Effect string

// The documented effects.
const (
	EffectDelay           Effect = "DELAY"             // it is carried out later
	EffectTooManyRequests Effect = "TOO_MANY_REQUESTS" // it answers 429
	EffectGeneralError    Effect = "GENERAL_ERROR"     // it answers 500
	EffectUnavailable     Effect = "UNAVAILABLE"       // it answers 503
	EffectReset           Effect = "RESET"             // the connection is broken without an answer
	EffectCarrierRefusal  Effect = "CARRIER_REFUSAL"   // it is carried out, and the carrier refuses the message
)

var effects = []Effect{
	EffectDelay, EffectTooManyRequests, EffectGeneralError, EffectUnavailable, EffectReset, EffectCarrierRefusal,
}

// operations are those of the 2FA PIN API that a fault may name.
var operations = []string{
	"sendPinOverSms", "sendPinOverVoice", "resendPinOverSms", "resendPinOverVoice", "verifyPin", "getPinStatus",
	"createApplication", "listApplications", "getApplication", "updateApplication",
	"createMessage", "listMessages", "getMessage", "updateMessage", "listVerifications", "createApiKey",
}

// validate reports everything that is wrong with a fault to plan, by the names of the contract.
func (f Fault) validate() error {
	wrong := fault.Members{}
	if f.Operation != "" && !slices.Contains(operations, f.Operation) {
		wrong.Addf("operation", "must be an operation of the 2FA PIN API")
	}
	if !slices.Contains(effects, f.Effect) {
		wrong.Addf("effect", "must be one of %v", effects)
	}
	switch {
	case f.Effect == EffectDelay && (f.Delay < minDelay || f.Delay > maxDelay):
		wrong.Addf("delayMs", "must be from %d to %d with the effect %s", minDelay.Milliseconds(), maxDelay.Milliseconds(), EffectDelay)
	case f.Effect != EffectDelay && f.Delay != 0:
		wrong.Addf("delayMs", "goes with the effect %s only", EffectDelay)
	}
	if (f.Count == nil) == (f.Share == nil) {
		wrong.Addf("count", "exactly one of count and share must be given")
	}
	if f.Count != nil && (*f.Count < 1 || *f.Count > maxCount) {
		wrong.Addf("count", "must be from 1 to %d", maxCount)
	}
	if f.Share != nil && !(*f.Share >= 0 && *f.Share <= 1) { // written so that NaN is refused
		wrong.Addf("share", "must be from 0 to 1")
	}
	return wrong.Err()
}
