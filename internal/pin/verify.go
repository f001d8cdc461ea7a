package pin

import (
	"context"
	"crypto/subtle"
	"errors"
	"log/slog"
	"strings"
	"time"

	"github.com/pinpost/pinpost/internal/delivery"
	"github.com/pinpost/pinpost/internal/fault"
	"github.com/pinpost/pinpost/internal/observe"
	"github.com/pinpost/pinpost/internal/phone"
)

// Mistake says why a PIN was not verified. A caller gets it with status 200.
type Mistake string

// The documented mistakes.
const (
	MistakeNone       Mistake = ""
	MistakeWrongPIN   Mistake = "WRONG_PIN"
	MistakeExpired    Mistake = "TTL_EXPIRED"
	MistakeNoAttempts Mistake = "NO_MORE_PIN_ATTEMPTS"
)

// VerifyInput is a PIN that somebody typed.
type VerifyInput struct {
	AccountID string
	PINID     string
	Code      delivery.Code // letters in either case
}

// VerifyResult says whether it was the right one.
type VerifyResult struct {
	PINID             string
	To                phone.Number
	Verified          bool
	AttemptsRemaining int // 0 on success, as documented
	Mistake           Mistake
}

// Verify counts an attempt, then compares, then marks the PIN verified, as one step of the store.
func (s *Service) Verify(ctx context.Context, in VerifyInput) (VerifyResult, error) {
	if in.Code == "" {
		faults := fault.Members{}
		faults.Addf("pin", "must not be empty")
		return VerifyResult{}, faults.Err()
	}
	p, err := s.deps.Store.KnownPIN(ctx, in.AccountID, in.PINID)
	if err != nil {
		return VerifyResult{}, err
	}
	app, err := s.deps.Applications.Get(ctx, in.AccountID, p.ApplicationID)
	if err != nil {
		return VerifyResult{}, err
	}
	rules, now := rulesOf(app), s.now(in.AccountID)
	tried, err := s.deps.Store.Attempt(ctx, p.ID, now, rules, s.checkLimit(app, p.To), func(p PIN) (bool, error) {
		return s.compare(p, in.Code)
	})
	if limit, ok := errors.AsType[*LimitError](err); ok {
		return VerifyResult{}, tooMany(limit, now)
	}
	if err != nil {
		return VerifyResult{}, err
	}
	result := judge(tried, rules)
	observe.Line(ctx, s.deps.Log, time.Now(), slog.LevelInfo, "PIN checked",
		slog.String("pin_id", p.ID), slog.String("application_id", p.ApplicationID),
		slog.Bool("verified", result.Verified), slog.String("mistake", string(result.Mistake)))
	return result, nil
}

// judge words what became of an attempt.
func judge(tried Attempted, rules Rules) VerifyResult {
	result := VerifyResult{
		PINID: tried.PIN.ID, To: tried.PIN.To, AttemptsRemaining: max(0, rules.MaxAttempts-tried.PIN.Attempts),
	}
	switch {
	case tried.Verified:
		result.Verified, result.AttemptsRemaining = true, 0
	case tried.State == Expired:
		result.Mistake = MistakeExpired
	case tried.State == Live:
		result.Mistake = MistakeWrongPIN
	default:
		result.Mistake, result.AttemptsRemaining = MistakeNoAttempts, 0
	}
	return result
}

// compare takes the same time wherever the two differ.
func (s *Service) compare(p PIN, typed delivery.Code) (bool, error) {
	code, err := s.deps.Sealer.Open(p)
	if err != nil {
		return false, err
	}
	return subtle.ConstantTimeCompare([]byte(code.Reveal()), []byte(upperASCII(typed.Reveal()))) == 1, nil
}

// upperASCII raises a to z alone: other scripts have letters that fold to these, and none of them is in a PIN.
func upperASCII(text string) string {
	return strings.Map(func(r rune) rune {
		if 'a' <= r && r <= 'z' {
			return r - 'a' + 'A'
		}
		return r
	}, text)
}
