package pin

import (
	"context"
	"crypto/sha256"
	"errors"
	"time"

	"github.com/pinpost/pinpost/internal/delivery"
	"github.com/pinpost/pinpost/internal/fault"
	"github.com/pinpost/pinpost/internal/phone"
)

// KeyLifetime is how long a key stands for one request.
const KeyLifetime = 24 * time.Hour

// Once is the key that a caller gave a request, so that it can be made again and still sends one message.
type Once struct {
	KeyHash     [sha256.Size]byte // the key itself is kept nowhere: callers put anything into it
	Fingerprint [sha256.Size]byte // of everything that makes a request another one
}

// First is what a store keeps of the first request with a key.
type First struct {
	Once
	AccountID  string
	PINID      string
	DeliveryID string
	Channel    Channel
	To         phone.Number
	At         time.Time
	Answer     *Answer // nil until the delivery has an outcome
}

// Alive tells whether the key still stands for this request at now.
func (f First) Alive(now time.Time) bool { return now.Before(f.At.Add(KeyLifetime)) }

// Answer is what a caller hears of a delivery, beside its PIN and its number.
type Answer struct {
	NCStatus   NCStatus            `json:"ncStatus,omitempty"`   // of a text
	SMSStatus  SMSStatus           `json:"smsStatus,omitempty"`  // of a text
	CallStatus delivery.CallStatus `json:"callStatus,omitempty"` // of a call
}

// RepeatError says that the key of a request is taken, and by which request.
type RepeatError struct{ First First }

// Error says so.
func (e *RepeatError) Error() string { return "the key was used before" }

var (
	errOtherRequest = &fault.Error{
		Kind: fault.Conflict, Text: "The Idempotency-Key was already used for another request; send a new key",
	}
	stillUnderWay = "The first request with this Idempotency-Key is still under way"
)

// once does the work of a request, or repeats what was answered to the first request with its key. Of several at the same
// time one works and the others wait for it.
func once[Result any](
	ctx context.Context, s *Service, accountID string, key *Once,
	work func() (Result, error), repeat func(First, Answer) Result,
) (Result, error) {
	if key == nil {
		return work()
	}
	var none Result
	release, err := s.turns.take(ctx, turn{accountID, key.KeyHash})
	if err != nil {
		return none, fault.Unavailablef(err, "%s", stillUnderWay)
	}
	defer release()
	first, err := s.deps.Store.First(ctx, accountID, key.KeyHash)
	if err != nil && !fault.Is(err, fault.NotFound) {
		return none, err
	}
	if err != nil || !first.Alive(s.now(accountID)) {
		result, err := work()
		taken, is := errors.AsType[*RepeatError](err)
		if !is {
			return result, err
		}
		first = taken.First // another process was faster
	}
	answer, err := s.answerAgain(ctx, first, *key)
	if err != nil {
		return none, err
	}
	return repeat(first, answer), nil
}

// answerAgain gives what was answered to the first request, if it is the one that the key is for.
func (s *Service) answerAgain(ctx context.Context, f First, key Once) (Answer, error) {
	if f.Fingerprint != key.Fingerprint {
		return Answer{}, errOtherRequest
	}
	if f.Answer != nil {
		return *f.Answer, nil
	}
	if given, ok := s.given.Load(f.DeliveryID); ok {
		return given.(Answer), nil
	}
	// A call is under way, or whoever worked on it died. What is said now is kept, so that it is said again, whatever
	// becomes known later.
	made, err := s.madeUp(ctx, f)
	if err != nil {
		return Answer{}, err
	}
	kept, err := s.deps.Store.KeepAnswer(ctx, f.DeliveryID, made)
	if fault.Is(err, fault.NotFound) {
		return made, nil // the account was emptied beside us
	}
	return kept, err
}

// madeUp is the answer to a request whose own is not stored, from what is known of its delivery.
func (s *Service) madeUp(ctx context.Context, f First) (Answer, error) {
	if f.Channel == ChannelVoice {
		// Every other answer is stored before it is heard, so this is what was heard if anything was.
		return Answer{CallStatus: delivery.CallProcessing}, nil
	}
	made := Answer{NCStatus: NCUnknown, SMSStatus: SMSNotSent}
	deliveries, err := s.deps.Store.Deliveries(ctx, f.AccountID, f.PINID)
	for _, d := range deliveries {
		// Nobody noted an outcome: a state that says more has come with a carrier's receipt.
		if d.ID == f.DeliveryID && d.State != delivery.StateNotSent && d.State != delivery.StateUnknown {
			made.SMSStatus = SMSSent
		}
	}
	return made, err
}
