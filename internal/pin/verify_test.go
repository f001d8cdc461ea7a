package pin

import (
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/pinpost/pinpost/internal/application"
	"github.com/pinpost/pinpost/internal/delivery"
	"github.com/pinpost/pinpost/internal/fault"
	"github.com/pinpost/pinpost/internal/message"
)

// TestVerify plays verify requests one after the other. A guess is "right", "wrong" or a text of its own.
func TestVerify(t *testing.T) {
	t.Parallel()
	type step struct {
		guess     string
		verified  bool
		remaining int
		mistake   Mistake
	}
	const right, wrong = "right", "wrong"
	tests := map[string]struct {
		attempts int
		once     bool // a PIN verifies once
		steps    []step
	}{
		"the right PIN has no attempts remaining, as documented": {5, true, []step{{right, true, 0, MistakeNone}}},
		"a wrong PIN counts down": {3, true, []step{
			{wrong, false, 2, MistakeWrongPIN}, {wrong, false, 1, MistakeWrongPIN}, {wrong, false, 0, MistakeWrongPIN},
		}},
		"the right PIN after wrong ones": {3, true, []step{
			{wrong, false, 2, MistakeWrongPIN}, {wrong, false, 1, MistakeWrongPIN}, {right, true, 0, MistakeNone},
		}},
		"last attempt wrong closes the PIN": {3, true, []step{
			{wrong, false, 2, MistakeWrongPIN}, {wrong, false, 1, MistakeWrongPIN}, {wrong, false, 0, MistakeWrongPIN},
			{right, false, 0, MistakeNoAttempts}, {right, false, 0, MistakeNoAttempts},
		}},
		"a single attempt": {1, true, []step{{wrong, false, 0, MistakeWrongPIN}, {right, false, 0, MistakeNoAttempts}}},
		"a verified PIN verifies once": {5, true, []step{
			{right, true, 0, MistakeNone}, {right, false, 0, MistakeNoAttempts}, {wrong, false, 0, MistakeNoAttempts},
		}},
		"a verified PIN verifies again where that is allowed": {5, false, []step{
			{right, true, 0, MistakeNone}, {right, true, 0, MistakeNone}, {wrong, false, 2, MistakeWrongPIN}, {right, true, 0, MistakeNone},
		}},
		"right requests count as attempts too": {2, false, []step{
			{right, true, 0, MistakeNone}, {right, true, 0, MistakeNone}, {right, false, 0, MistakeNoAttempts},
		}},
		"letters match in either case": {5, false, []step{{"lower", true, 0, MistakeNone}, {"mixed", true, 0, MistakeNone}}},
		"a text that is longer":        {5, false, []step{{"longer", false, 4, MistakeWrongPIN}}},
		"a text that is shorter":       {5, false, []step{{"shorter", false, 4, MistakeWrongPIN}}},
		"spaces are not passed over":   {5, false, []step{{"spaced", false, 4, MistakeWrongPIN}}},
		"letters that only fold to a PIN's": {5, false, []step{
			{"a Kelvin sign", false, 4, MistakeWrongPIN}, {"a long s", false, 3, MistakeWrongPIN},
		}},
		"an endless text":     {5, false, []step{{strings.Repeat("A", 1<<20), false, 4, MistakeWrongPIN}}},
		"a text that is none": {5, false, []step{{"\x00\xff", false, 4, MistakeWrongPIN}}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			b.configure("shop", func(c *application.Configuration) {
				c.PINAttempts, c.AllowMultiplePINVerifications = tt.attempts, !tt.once
			})
			id, code := b.withLetters(t)
			typed := map[string]string{
				right: code, wrong: strings.Repeat("0", len(code)), "lower": strings.ToLower(code),
				"mixed": strings.ToLower(code[:4]) + code[4:], "longer": code + "0", "shorter": code[:len(code)-1],
				"spaced": " " + code, "a Kelvin sign": strings.ReplaceAll(code, "K", "\u212a"), "a long s": strings.ReplaceAll(code, "S", "\u017f"),
			}
			for i, step := range tt.steps {
				guess, known := typed[step.guess]
				if !known {
					guess = step.guess
				}
				got := b.verify(t, id, guess)
				if want := (VerifyResult{id, number, step.verified, step.remaining, step.mistake}); got != want {
					t.Errorf("request %d, %s: got %+v, want %+v", i+1, step.guess[:min(10, len(step.guess))], got, want)
				}
			}
		})
	}
}

// withLetters sends PINs until one has the letters K and S, which other scripts have letters that fold to.
func (b *bench) withLetters(t *testing.T) (id, code string) {
	t.Helper()
	b.template("shop-sms", func(m *message.Message) { m.PINType = message.PINTypeAlpha })
	b.configure("shop", func(c *application.Configuration) { c.InitiationAttempts = 10000 })
	for range 1000 {
		if id, code = b.sent(t); strings.Contains(code, "K") && strings.Contains(code, "S") {
			return id, code
		}
	}
	t.Fatal("no PIN had both letters")
	return "", ""
}

func TestVerify_folds_ASCII_alone(t *testing.T) {
	t.Parallel()
	tests := map[string]string{
		"abcxyz": "ABCXYZ", "ABC": "ABC", "0129": "0129", "@[`{": "@[`{", "é": "é", "ß": "ß", "ſK": "ſK", "ı": "ı", "": "",
	}
	for typed, want := range tests {
		if got := upperASCII(typed); got != want {
			t.Errorf("upperASCII(%q) = %q, want %q", typed, got, want)
		}
	}
}

func TestVerify_time_to_live(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		at   time.Duration
		want VerifyResult
	}{
		"at once":                    {0, VerifyResult{To: number, Verified: true}},
		"a moment before it is over": {15*time.Minute - 1, VerifyResult{To: number, Verified: true}},
		"when it is over":            {15 * time.Minute, VerifyResult{To: number, AttemptsRemaining: 10, Mistake: MistakeExpired}},
		"a day later":                {24 * time.Hour, VerifyResult{To: number, AttemptsRemaining: 10, Mistake: MistakeExpired}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			id, code := b.sent(t)
			b.at(tt.at)
			tt.want.PINID = id
			if got := b.verify(t, id, code); got != tt.want {
				t.Errorf("Verify = %+v, want %+v", got, tt.want)
			}
		})
	}
}

func TestVerify_keeps_the_lifetime_of_its_creation(t *testing.T) {
	t.Parallel()
	b := setup(t)
	id, code := b.sent(t)
	b.configure("shop", func(c *application.Configuration) { c.PINTimeToLive = time.Hour })
	b.at(15 * time.Minute)
	if got := b.verify(t, id, code); got.Mistake != MistakeExpired {
		t.Errorf("Verify = %+v, want %s", got, MistakeExpired)
	}
}

func TestVerify_wipes_a_PIN_that_came_to_its_end(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		end   func(*bench, *testing.T, string, string)
		wiped bool
	}{
		"a wrong PIN leaves it":    {func(b *bench, t *testing.T, id, _ string) { b.verify(t, id, "wrong") }, false},
		"a right PIN leaves it":    {func(b *bench, t *testing.T, id, code string) { b.verify(t, id, code) }, false},
		"the last attempt ends it": {func(b *bench, t *testing.T, id, _ string) { b.verify(t, id, "wrong"); b.verify(t, id, "wrong") }, true},
		"expiry ends it":           {func(b *bench, t *testing.T, id, _ string) { b.at(time.Hour); b.verify(t, id, "wrong") }, true},
		"a right PIN ends it for good": {func(b *bench, t *testing.T, id, code string) {
			b.configure("shop", func(c *application.Configuration) { c.AllowMultiplePINVerifications = false })
			b.verify(t, id, code)
		}, true},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			b.configure("shop", func(c *application.Configuration) { c.PINAttempts = 2 })
			id, code := b.sent(t)
			tt.end(b, t, id, code)
			if wiped := b.store.row(id).Sealed == nil; wiped != tt.wiped {
				t.Errorf("wiped = %t, want %t", wiped, tt.wiped)
			}
		})
	}
}

func TestVerify_keeps_the_first_success(t *testing.T) {
	t.Parallel()
	b := setup(t)
	id, code := b.sent(t)
	b.at(time.Minute)
	b.verify(t, id, code)
	b.at(2 * time.Minute)
	b.verify(t, id, code)
	if got := b.store.row(id).VerifiedAt; !got.Equal(noon.Add(time.Minute)) {
		t.Errorf("verified at %v, want %v", got, noon.Add(time.Minute))
	}
}

func TestVerify_counts_attempts_per_PIN(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.configure("shop", func(c *application.Configuration) { c.PINAttempts = 1 })
	first, firstCode := b.sent(t)
	second, secondCode := b.sent(t)
	b.verify(t, first, "wrong")
	if got := b.verify(t, second, secondCode); !got.Verified {
		t.Errorf("Verify of the other PIN = %+v, want it verified", got)
	}
	if got := b.verify(t, first, firstCode); got.Mistake != MistakeNoAttempts {
		t.Errorf("Verify of the first PIN = %+v, want %s", got, MistakeNoAttempts)
	}
}

func TestVerify_does_not_take_the_PIN_of_another(t *testing.T) {
	t.Parallel()
	b := setup(t)
	first, _ := b.sent(t)
	_, secondCode := b.sent(t)
	if got := b.verify(t, first, secondCode); got.Verified || got.Mistake != MistakeWrongPIN {
		t.Errorf("Verify = %+v, want %s", got, MistakeWrongPIN)
	}
}

func TestVerify_refuses(t *testing.T) {
	t.Parallel()
	b := setup(t)
	id, code := b.sent(t)
	_, err := b.Verify(t.Context(), VerifyInput{AccountID: "A", PINID: id})
	b.refused(t, err, fault.Invalid, "pin: must not be empty")
	_, err = b.Verify(t.Context(), VerifyInput{AccountID: "A", PINID: "none", Code: delivery.Code(code)})
	b.refused(t, err, fault.NotFound, "No such PIN")
	_, err = b.Verify(t.Context(), VerifyInput{AccountID: "B", PINID: id, Code: delivery.Code(code)})
	b.refused(t, err, fault.NotFound, "No such PIN")
	if row := b.store.row(id); row.Attempts != 0 || len(b.store.places) != 1 {
		t.Errorf("%d attempts and %d places, want no attempt and the send's place alone", row.Attempts, len(b.store.places))
	}
}

func TestVerify_at_the_same_time(t *testing.T) {
	t.Parallel()
	const callers = 20
	// ask lets all callers verify at once and counts their answers.
	ask := func(b *bench, t *testing.T, id, code string) map[Mistake]int {
		var all sync.WaitGroup
		answers := make(chan VerifyResult, callers)
		for range callers {
			all.Go(func() {
				got, err := b.Verify(t.Context(), VerifyInput{AccountID: "A", PINID: id, Code: delivery.Code(code)})
				if err != nil || got.Verified != (got.Mistake == MistakeNone) {
					t.Errorf("Verify = %+v, %v, want a result", got, err)
				}
				answers <- got
			})
		}
		all.Wait()
		close(answers)
		counts := map[Mistake]int{}
		for a := range answers {
			counts[a.Mistake]++
		}
		return counts
	}
	t.Run("a PIN that verifies once verifies for one", func(t *testing.T) {
		t.Parallel()
		b := setup(t)
		b.configure("shop", func(c *application.Configuration) {
			c.PINAttempts, c.AllowMultiplePINVerifications = 1000, false
		})
		id, code := b.sent(t)
		if got := ask(b, t, id, code); got[MistakeNone] != 1 || got[MistakeNoAttempts] != callers-1 {
			t.Errorf("answers = %v, want one right and the rest %s", got, MistakeNoAttempts)
		}
	})
	t.Run("no more guesses are answered than attempts there are", func(t *testing.T) {
		t.Parallel()
		b := setup(t)
		b.configure("shop", func(c *application.Configuration) { c.PINAttempts = 3 })
		id, _ := b.sent(t)
		if got := ask(b, t, id, "wrong"); got[MistakeWrongPIN] != 3 || got[MistakeNoAttempts] != callers-3 {
			t.Errorf("answers = %v, want 3 times %s and the rest %s", got, MistakeWrongPIN, MistakeNoAttempts)
		}
	})
}

func TestVerify_without_the_key(t *testing.T) {
	t.Parallel()
	b := setup(t)
	id, code := b.sent(t)
	other, err := NewSealer(b.deps.Rand, make([]byte, KeySize))
	if err != nil {
		t.Fatal(err)
	}
	b.deps.Sealer = other
	got, err := b.Verify(t.Context(), VerifyInput{AccountID: "A", PINID: id, Code: delivery.Code(code)})
	if err == nil || fault.KindOf(err) != fault.Internal || got.Verified {
		t.Fatalf("Verify = %+v, %v, want our own fault", got, err)
	}
	b.hides(t, "the failure", err.Error())
}

func TestVerify_passes_on_a_store_that_is_down(t *testing.T) {
	t.Parallel()
	for _, method := range []string{"PIN", "Attempt"} {
		t.Run(method, func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			id, code := b.sent(t)
			b.store.breaks(method, errDown)
			got, err := b.Verify(t.Context(), VerifyInput{AccountID: "A", PINID: id, Code: delivery.Code(code)})
			if !fault.Is(err, fault.Unavailable) || got.Verified {
				t.Errorf("Verify = %+v, %v, want Unavailable", got, err)
			}
		})
	}
}
