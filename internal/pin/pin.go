// Package pin holds the rules of one-time PINs: send, resend, verify, attempts and limits.
//
// Source pages: https://dev.infobip.com/docs/pin-send-over-sms, .../pin-resend-over-sms, .../resend-a-pin-via-voice,
// .../pin-verify, .../pin-get-status and .../check-if-phone-number-is-verified.
package pin

import (
	"time"

	"github.com/pinpost/pinpost/internal/delivery"
	"github.com/pinpost/pinpost/internal/phone"
)

// PIN is one secret on its way to one phone.
type PIN struct {
	ID            string // 32 upper-case hex digits
	AccountID     string
	ApplicationID string
	MessageID     string
	To            phone.Number
	From          string // overrides the template's sender; empty when the request named none
	LookupNeeded  bool   // whether texts with this PIN ask for a number lookup first
	Sealed        []byte // the PIN under the store's key; nil once used up or expired
	CreatedAt     time.Time
	ExpiresAt     time.Time
	Attempts      int       // verify requests so far
	VerifiedAt    time.Time // first success; zero while unverified
	SentAt        time.Time // when a carrier first took it; zero while none has
}

// State is how far a PIN's life has come.
type State int

// The states of a PIN. All but Live are ends.
const (
	Live      State = iota
	Expired         // its time to live is over
	Used            // it was verified, and its application wants that once
	Exhausted       // its attempts are used up
)

// Rules are what an application says of verifying.
type Rules struct {
	MaxAttempts int
	Multiple    bool // a verified PIN verifies again while it lives
}

// State says whether the PIN can still be verified or resent at now.
func (p PIN) State(now time.Time, rules Rules) State {
	switch {
	case !now.Before(p.ExpiresAt):
		return Expired
	case !rules.Multiple && !p.VerifiedAt.IsZero():
		return Used
	case p.Attempts >= rules.MaxAttempts, p.Sealed == nil: // wiped, though the application may allow more by now
		return Exhausted
	}
	return Live
}

// Channel is the way a PIN goes to a phone.
type Channel string

// The channels of version 1.
const (
	ChannelSMS   Channel = "SMS"
	ChannelVoice Channel = "VOICE"
)

// Delivery is one message sent for a PIN: its first send, or a resend.
type Delivery struct {
	ID       string // 32 upper-case hex digits; the carrier gets it as AttemptID
	PINID    string
	Channel  Channel
	State    delivery.State
	Carrier  string
	RemoteID string
	At       time.Time
	History  []delivery.Change  // every state it was in, oldest first, as the store keeps it
	Attempts []delivery.Attempt // the tries to give it to a carrier, in their order
	Once     *Once              // the key of the request that asks for it, if it has one; kept apart, as First
}

// Outcome is what a carrier made of a delivery.
type Outcome struct {
	DeliveryID string
	State      delivery.State
	Carrier    string
	RemoteID   string
	Taken      bool // false gives the place in the limits back
	At         time.Time
	Attempts   []delivery.Attempt
	Answer     *Answer // what the caller hears; of a delivery with Once alone

	// Lost, when set, allows a store to return before the outcome of a message that was taken is durable, if there is no Answer.
	// It is called with the failure if the outcome is lost after all.
	Lost func(error)
}

// Attempted is what became of one attempt to verify a PIN.
type Attempted struct {
	PIN      PIN   // as it stands after counting, with Sealed as it was before
	State    State // before the attempt
	Verified bool
}

// Verification is a row of listVerifications: one PIN, whether it went out and whether it was verified.
type Verification struct {
	To         phone.Number
	Verified   bool
	VerifiedAt time.Time // zero while unverified
	SentAt     time.Time // zero when no carrier took it
}

// VerificationFilter narrows listVerifications; nil and the empty number mean any.
type VerificationFilter struct {
	To       phone.Number
	Verified *bool
	Sent     *bool
}
