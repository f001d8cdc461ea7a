package sandbox_test

import (
	"bytes"
	"crypto/rand"
	"errors"
	"maps"
	"math"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/pinpost/pinpost/internal/fault"
	"github.com/pinpost/pinpost/internal/sandbox"
)

func next(count int) sandbox.Fault {
	return sandbox.Fault{Effect: sandbox.EffectUnavailable, Count: &count}
}

func plan(t *testing.T, p *sandbox.Faults, world string, f sandbox.Fault) sandbox.Fault {
	t.Helper()
	f, err := p.Plan(world, f)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func TestPlan_validates(t *testing.T) {
	t.Parallel()
	delay := func(d time.Duration) sandbox.Fault {
		return sandbox.Fault{Effect: sandbox.EffectDelay, Delay: d, Count: new(1)}
	}
	share := func(s float64) sandbox.Fault { return sandbox.Fault{Effect: sandbox.EffectReset, Share: &s} }
	tests := map[string]struct {
		f     sandbox.Fault
		wrong []string
	}{
		"a count":                    {next(1), nil},
		"the greatest count":         {next(1_000_000), nil},
		"a count of nothing":         {next(0), []string{"count"}},
		"a count below nothing":      {next(-1), []string{"count"}},
		"too great a count":          {next(1_000_001), []string{"count"}},
		"the smallest share":         {share(0), nil},
		"the greatest share":         {share(1), nil},
		"a share below nothing":      {share(-0.1), []string{"share"}},
		"a share above all":          {share(1.1), []string{"share"}},
		"a share that is no number":  {share(math.NaN()), []string{"share"}},
		"neither count nor share":    {sandbox.Fault{Effect: sandbox.EffectReset}, []string{"count"}},
		"both count and share":       {sandbox.Fault{Effect: sandbox.EffectReset, Count: new(1), Share: new(0.5)}, []string{"count"}},
		"the shortest delay":         {delay(time.Millisecond), nil},
		"the longest delay":          {delay(time.Minute), nil},
		"a delay without its time":   {delay(0), []string{"delayMs"}},
		"a delay below nothing":      {delay(-time.Second), []string{"delayMs"}},
		"too long a delay":           {delay(time.Minute + time.Millisecond), []string{"delayMs"}},
		"a time without its delay":   {sandbox.Fault{Effect: sandbox.EffectReset, Delay: 1, Count: new(1)}, []string{"delayMs"}},
		"no effect":                  {sandbox.Fault{Count: new(1)}, []string{"effect"}},
		"an effect nobody knows":     {sandbox.Fault{Effect: "BOOM", Count: new(1)}, []string{"effect"}},
		"an operation":               {sandbox.Fault{Operation: "verifyPin", Effect: sandbox.EffectReset, Count: new(1)}, nil},
		"an operation nobody knows":  {sandbox.Fault{Operation: "fly", Effect: sandbox.EffectReset, Count: new(1)}, []string{"operation"}},
		"everything wrong is listed": {sandbox.Fault{Operation: "fly", Delay: 1, Share: new(2.0)}, []string{"delayMs", "effect", "operation", "share"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := sandbox.NewFaults(rand.Reader)
			_, err := p.Plan("w", tt.f)
			var got []string
			if f, ok := errors.AsType[*fault.Error](err); ok {
				got = slices.Sorted(maps.Keys(f.Members))
			}
			if !slices.Equal(got, tt.wrong) || (err != nil) != (tt.wrong != nil) {
				t.Errorf("Plan = %v, want %v to be wrong", err, tt.wrong)
			}
			if want := map[bool]int{true: 1}[tt.wrong == nil]; len(p.List("w")) != want {
				t.Errorf("%d faults are planned, want %d", len(p.List("w")), want)
			}
		})
	}
}

func TestPlan_a_world_has_a_hundred_at_most(t *testing.T) {
	t.Parallel()
	p := sandbox.NewFaults(rand.Reader)
	for range 100 {
		plan(t, p, "w", next(1))
	}
	if _, err := p.Plan("w", next(1)); !fault.Is(err, fault.Invalid) {
		t.Errorf("Plan of one more = %v, want it refused", err)
	}
	plan(t, p, "other", next(1))
}

func TestPlan_fails_with_its_randomness(t *testing.T) {
	t.Parallel()
	p := sandbox.NewFaults(bytes.NewReader(nil))
	if _, err := p.Plan("w", next(1)); err == nil || len(p.List("w")) != 0 {
		t.Errorf("Plan = %v with %d faults, want a failure and none", err, len(p.List("w")))
	}
}

func TestFaults_are_kept_by_world(t *testing.T) {
	t.Parallel()
	p := sandbox.NewFaults(rand.Reader)
	one, two := plan(t, p, "w", next(1)), plan(t, p, "w", next(2))
	other := plan(t, p, "other", next(3))
	if got := p.List("w"); len(got) != 2 || got[0].ID != one.ID || got[1].ID != two.ID || one.ID == two.ID {
		t.Errorf("List = %+v, want %s and %s", got, one.ID, two.ID)
	}
	if _, err := p.Remove("w", other.ID); !fault.Is(err, fault.NotFound) || err.Error() != "Fault with given ID cannot be found" {
		t.Errorf("Remove of another world's = %v, want not found", err)
	}
	if got, err := p.Remove("w", one.ID); err != nil || got.ID != one.ID || *got.Count != 1 {
		t.Errorf("Remove = %+v, %v, want %s", got, err, one.ID)
	}
	if got := p.Clear("w"); len(got) != 1 || got[0].ID != two.ID {
		t.Errorf("Clear = %+v, want %s", got, two.ID)
	}
	if got := p.List("w"); got == nil || len(got) != 0 {
		t.Errorf("List = %v, want an empty list", got)
	}
	if got := p.List("other"); len(got) != 1 {
		t.Errorf("another world has %d faults, want 1", len(got))
	}
}

func TestFaults_are_changed_by_nobody_else(t *testing.T) {
	t.Parallel()
	p := sandbox.NewFaults(rand.Reader)
	in := next(3)
	planned := plan(t, p, "w", in)
	*in.Count, *planned.Count, *p.List("w")[0].Count = 7, 8, 9
	if got := *p.List("w")[0].Count; got != 3 {
		t.Errorf("count = %d, want 3", got)
	}
}

func TestStrike_what_fits(t *testing.T) {
	t.Parallel()
	f := sandbox.Fault{Operation: "verifyPin", KeyID: "K", To: "41793026727", Effect: sandbox.EffectReset, Count: new(9)}
	any := sandbox.Fault{Effect: sandbox.EffectReset, Count: new(9)}
	tests := map[string]struct {
		f    sandbox.Fault
		c    sandbox.Call
		want bool
	}{
		"all is the same":        {f, sandbox.Call{Operation: "verifyPin", KeyID: "K", To: "41793026727"}, true},
		"another operation":      {f, sandbox.Call{Operation: "getPinStatus", KeyID: "K", To: "41793026727"}, false},
		"another key":            {f, sandbox.Call{Operation: "verifyPin", KeyID: "L", To: "41793026727"}, false},
		"another number":         {f, sandbox.Call{Operation: "verifyPin", KeyID: "K", To: "41793026728"}, false},
		"no number":              {f, sandbox.Call{Operation: "verifyPin", KeyID: "K"}, false},
		"a fault for everything": {any, sandbox.Call{Operation: "getPinStatus"}, true},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := sandbox.NewFaults(rand.Reader)
			planned := plan(t, p, "w", tt.f)
			if got, ok := p.Strike("w", tt.c); ok != tt.want || ok && (got.ID != planned.ID || got.Struck != 1 || *got.Count != 8) {
				t.Errorf("Strike = %+v, %t, want %t", got, ok, tt.want)
			}
			if _, ok := p.Strike("other", tt.c); ok {
				t.Error("it strikes in another world")
			}
			if got := p.NeedsNumber("w"); got != (tt.f.To != "") || p.NeedsNumber("other") {
				t.Errorf("NeedsNumber = %t, want %t", got, tt.f.To != "")
			}
		})
	}
}

func TestStrike_the_first_that_strikes_counts(t *testing.T) {
	t.Parallel()
	p := sandbox.NewFaults(rand.Reader)
	plan(t, p, "w", sandbox.Fault{Effect: sandbox.EffectReset, Share: new(0.0)})
	one, two := plan(t, p, "w", next(1)), plan(t, p, "w", next(1))
	for _, want := range []string{one.ID, two.ID, ""} {
		if got, ok := p.Strike("w", sandbox.Call{}); got.ID != want || ok != (want != "") {
			t.Errorf("Strike = %q, %t, want %q", got.ID, ok, want)
		}
	}
	if got := p.List("w"); len(got) != 1 || got[0].Struck != 0 {
		t.Errorf("List = %+v, want the share that never strikes", got)
	}
}

func TestStrike_counts_exactly_under_parallel_calls(t *testing.T) {
	t.Parallel()
	p := sandbox.NewFaults(rand.Reader)
	plan(t, p, "w", next(3))
	var struck atomic.Int32
	var calls sync.WaitGroup
	for range 64 {
		calls.Go(func() {
			if _, ok := p.Strike("w", sandbox.Call{Operation: "verifyPin"}); ok {
				struck.Add(1)
			}
		})
	}
	calls.Wait()
	if got := struck.Load(); got != 3 || len(p.List("w")) != 0 {
		t.Errorf("%d calls were struck and %d faults are left, want 3 and none", got, len(p.List("w")))
	}
}

func TestStrike_a_share_is_drawn_reproducibly(t *testing.T) {
	t.Parallel()
	const calls = 1000
	draw := func(share float64, seed int64) (hits []int) {
		p := sandbox.NewFaults(rand.Reader)
		plan(t, p, "w", sandbox.Fault{Effect: sandbox.EffectReset, Share: &share, Seed: seed})
		for n := range calls {
			if _, ok := p.Strike("w", sandbox.Call{}); ok {
				hits = append(hits, n)
			}
		}
		if left := p.List("w"); len(left) != 1 || left[0].Struck != len(hits) {
			t.Errorf("List = %+v, want one that struck %d times", left, len(hits))
		}
		return hits
	}
	first := draw(0.33, 7)
	if again := draw(0.33, 7); !slices.Equal(first, again) {
		t.Error("the same seed strikes other calls")
	}
	if other := draw(0.33, -8); slices.Equal(first, other) {
		t.Error("another seed strikes the same calls")
	}
	if len(first) < 250 || len(first) > 410 {
		t.Errorf("%d of %d calls were struck, want about a third", len(first), calls)
	}
	if none, all := len(draw(0, 1)), len(draw(1, 1)); none != 0 || all != calls {
		t.Errorf("%d and %d calls were struck, want none and all", none, all)
	}
}
