package sip

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	siplib "github.com/emiago/sipgo/sip"

	"github.com/pinpost/pinpost/internal/delivery"
	"github.com/pinpost/pinpost/internal/delivery/sip/siptest"
)

func TestDial_outcomes_of_the_callee(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		script siptest.Script
		status delivery.CallStatus
		code   string
	}{
		"busy":                     {siptest.Script{Final: 486}, delivery.CallUserBusy, "SIP 486"},
		"busy everywhere":          {siptest.Script{Final: 600}, delivery.CallUserBusy, "SIP 600"},
		"declined":                 {siptest.Script{Final: 603}, delivery.CallUserBusy, "SIP 603"},
		"unknown number":           {siptest.Script{Final: 404}, delivery.CallNetworkNotAvailable, "SIP 404"},
		"gone":                     {siptest.Script{Final: 410}, delivery.CallNetworkNotAvailable, "SIP 410"},
		"incomplete":               {siptest.Script{Final: 484}, delivery.CallNetworkNotAvailable, "SIP 484"},
		"nowhere":                  {siptest.Script{Final: 604}, delivery.CallNetworkNotAvailable, "SIP 604"},
		"no answer":                {siptest.Script{Final: 480}, delivery.CallNoAnswer, "SIP 480"},
		"timeout at the callee":    {siptest.Script{Final: 408}, delivery.CallNoAnswer, "SIP 408"},
		"reason before response":   {siptest.Script{Final: 503, Headers: []string{`Reason: Q.850;cause=17;text="User busy"`}}, delivery.CallUserBusy, "Q.850 17"},
		"reason: unallocated":      {siptest.Script{Final: 480, Headers: []string{"Reason: SIP;cause=480, q.850 ; cause=1"}}, delivery.CallNetworkNotAvailable, "Q.850 1"},
		"reason that says nothing": {siptest.Script{Final: 486, Headers: []string{"Reason: Q.850;cause=16"}}, delivery.CallUserBusy, "SIP 486"},
		"without ringing":          {siptest.Script{Final: 486, Provisional: []int{}}, delivery.CallUserBusy, "SIP 486"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p, c := setup(t, test.script, nil)
			end := must(t, c, order())
			if end.Status != test.status || end.Code != test.code || end.Plays != 0 || !end.Answered.IsZero() {
				t.Errorf("end = %+v, want %s by %s", end, test.status, test.code)
			}
			p.Wait(siplib.ACK, 1)
		})
	}
}

func TestDial_faults_of_the_carrier(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		script siptest.Script
		class  delivery.Class
		code   string
		status delivery.CallStatus
	}{
		"forbidden":            {siptest.Script{Final: 403}, delivery.Rejected, "SIP 403", delivery.CallRouteNotAvailable},
		"not acceptable":       {siptest.Script{Final: 488}, delivery.Rejected, "SIP 488", delivery.CallRouteNotAvailable},
		"moved":                {siptest.Script{Final: 302}, delivery.Rejected, "SIP 302", delivery.CallRouteNotAvailable},
		"no credit":            {siptest.Script{Final: 402}, delivery.NoCredit, "SIP 402", delivery.CallNotEnoughCredits},
		"server error":         {siptest.Script{Final: 500}, delivery.LinkDown, "SIP 500", delivery.CallRouteNotAvailable},
		"bad gateway":          {siptest.Script{Final: 502}, delivery.LinkDown, "SIP 502", delivery.CallRouteNotAvailable},
		"out of service":       {siptest.Script{Final: 503}, delivery.LinkDown, "SIP 503", delivery.CallRouteNotAvailable},
		"gateway timeout":      {siptest.Script{Final: 504}, delivery.LinkDown, "SIP 504", delivery.CallRouteNotAvailable},
		"network out of order": {siptest.Script{Final: 480, Headers: []string{"Reason: Q.850;cause=38"}}, delivery.LinkDown, "Q.850 38", delivery.CallRouteNotAvailable},
		"password asked for":   {siptest.Script{Digest: &siptest.Digest{}}, delivery.Unauthorised, "SIP 401", delivery.CallRouteNotAvailable},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test.script.Provisional = []int{100}
			_, c := setup(t, test.script, nil)
			_, err := c.Dial(t.Context(), order())
			refusal, is := errors.AsType[*delivery.Error](err)
			if !is || refusal.Class != test.class || refusal.Code != test.code || refusal.Carrier != "trunk" {
				t.Fatalf("Dial = %v, want class %v and code %s", err, test.class, test.code)
			}
			if got := delivery.CallStatusOf(err); got != test.status {
				t.Errorf("it counts as %s, want %s", got, test.status)
			}
			if strings.Contains(err.Error(), "5911234") {
				t.Errorf("the error names the callee: %v", err)
			}
		})
	}
}

func TestDial_a_carrier_that_fails_after_it_rang(t *testing.T) {
	t.Parallel()
	_, c := setup(t, siptest.Script{Final: 503, Ring: 50 * time.Millisecond, Headers: []string{"Retry-After: 7 (maintenance)"}}, nil)
	ongoing, err := c.Dial(t.Context(), order())
	if err != nil {
		t.Fatalf("Dial = %v, want a call that rings", err)
	}
	<-ongoing.Done()
	end, err := ongoing.Result()
	if got := classOf(t, err); got != delivery.LinkDown || end.Status != delivery.CallRouteNotAvailable {
		t.Errorf("Result = %+v, %v", end, err)
	}
	if got := err.(*delivery.Error).RetryAfter; got != 7*time.Second {
		t.Errorf("RetryAfter = %v, want 7s", got)
	}
}

func TestDial_rings_until_the_limit_and_cancels(t *testing.T) {
	t.Parallel()
	p, c := setup(t, siptest.Script{Provisional: slices.Repeat([]int{183}, 12)}, nil)
	o := order()
	o.Ring = 100 * time.Millisecond
	end := must(t, c, o)
	if end.Status != delivery.CallNoAnswer {
		t.Errorf("end = %+v, want ERROR_NO_ANSWER", end)
	}
	cancel, invite := p.Wait(siplib.CANCEL, 1), p.Wait(siplib.INVITE, 1)
	if cancel.Via().Value() != invite.Via().Value() || cancel.CSeq().SeqNo != invite.CSeq().SeqNo || cancel.Recipient.String() != invite.Recipient.String() {
		t.Error("the CANCEL does not match its INVITE")
	}
	p.Wait(siplib.ACK, 1) // of the 487
}

func TestDial_twelve_times_183_and_an_answer(t *testing.T) {
	t.Parallel()
	_, c := setup(t, siptest.Script{Provisional: slices.Repeat([]int{183}, 12), Final: 200}, nil)
	if end := must(t, c, order()); end.Status != delivery.CallProcessed {
		t.Errorf("end = %+v, want PROCESSED", end)
	}
}

func TestDial_an_answer_after_CANCEL_is_hung_up(t *testing.T) {
	t.Parallel()
	p, c := setup(t, siptest.Script{LateAnswer: true, Copies: 2}, nil)
	o := order()
	o.Ring = 50 * time.Millisecond
	if end := must(t, c, o); end.Status != delivery.CallNoAnswer {
		t.Errorf("end = %+v, want ERROR_NO_ANSWER", end)
	}
	p.Wait(siplib.ACK, 2)
	p.Wait(siplib.BYE, 1)
	if heard := p.Heard(); len(heard) > 0 {
		t.Error("something was said in a call that was given up")
	}
}

func TestDial_a_trunk_that_says_nothing_is_down(t *testing.T) {
	t.Parallel()
	p, c := setup(t, siptest.Script{Silent: true}, func(c *Config) { c.NoResponse = 100 * time.Millisecond })
	_, err := c.Dial(t.Context(), order())
	if got := classOf(t, err); got != delivery.LinkDown {
		t.Errorf("Dial = %v, want LinkDown", err)
	}
	p.Wait(siplib.INVITE, 1)
	if health := c.Health(); health.Up || !strings.Contains(health.Detail, "no response") {
		t.Errorf("health = %+v, want down", health)
	}
}

func TestDial_goes_to_the_next_trunk(t *testing.T) {
	t.Parallel()
	dead := siptest.Start(t, "udp", siptest.Script{Silent: true})
	broken := siptest.Start(t, "udp", siptest.Script{Provisional: []int{100}, Final: 503})
	good := siptest.Start(t, "udp", siptest.Script{Final: 200})
	config := hasty("127.0.0.1:1;tcp", dead.Trunk(), broken.Trunk(), good.Trunk())
	config.NoResponse = 200 * time.Millisecond
	if end := must(t, start(t, config), order()); end.Status != delivery.CallProcessed {
		t.Errorf("end = %+v, want PROCESSED", end)
	}
	dead.Wait(siplib.INVITE, 1)
	broken.Wait(siplib.INVITE, 1)
}

func TestDial_does_not_go_on_when_the_callee_is_busy(t *testing.T) {
	t.Parallel()
	busy := siptest.Start(t, "udp", siptest.Script{Final: 486})
	other := siptest.Start(t, "udp", siptest.Script{Final: 200})
	c := start(t, hasty(busy.Trunk(), other.Trunk()))
	if end := must(t, c, order()); end.Status != delivery.CallUserBusy {
		t.Errorf("end = %+v, want ERROR_USER_BUSY", end)
	}
	if got := len(other.Requests(siplib.INVITE)); got != 0 {
		t.Errorf("the second trunk got %d calls, want none", got)
	}
}

func TestDial_not_found_at_the_edge(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		provisional []int
		carrier     bool
	}{"before it rings": {[]int{100}, true}, "after it rang": {[]int{180}, false}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, c := setup(t, siptest.Script{Provisional: test.provisional, Final: 404, Ring: 30 * time.Millisecond}, func(c *Config) { c.NotFoundIsRoute = true })
			if _, err := ring(t, c, order()); (err != nil) != test.carrier {
				t.Errorf("error = %v, want one: %v", err, test.carrier)
			}
		})
	}
}

func TestDial_hangs_up(t *testing.T) {
	t.Parallel()
	ends := map[string]func(delivery.Ongoing, context.CancelFunc){
		"by Hangup":       func(o delivery.Ongoing, _ context.CancelFunc) { o.Hangup() },
		"by its context":  func(_ delivery.Ongoing, cancel context.CancelFunc) { cancel() },
		"by Hangup twice": func(o delivery.Ongoing, _ context.CancelFunc) { o.Hangup(); o.Hangup() },
	}
	for name, end := range ends {
		t.Run(name+" while it rings", func(t *testing.T) {
			t.Parallel()
			p, c := setup(t, siptest.Script{}, nil)
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			ongoing, err := c.Dial(ctx, order())
			if err != nil {
				t.Fatal(err)
			}
			end(ongoing, cancel)
			<-ongoing.Done()
			if got, err := ongoing.Result(); got.Status != delivery.CallUndefined || err != nil {
				t.Errorf("Result = %+v, %v, want UNDEFINED", got, err)
			}
			p.Wait(siplib.CANCEL, 1)
		})
		t.Run(name+" while it talks", func(t *testing.T) {
			t.Parallel()
			p := siptest.Start(t, "udp", siptest.Script{Final: 200})
			c := startWith(t, hasty(p.Trunk()), Deps{Voice: tone(time.Minute)})
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			ongoing, err := c.Dial(ctx, order())
			if err != nil {
				t.Fatal(err)
			}
			p.Wait(siplib.ACK, 1)
			end(ongoing, cancel)
			<-ongoing.Done()
			if got, err := ongoing.Result(); got.Status != delivery.CallProcessed || got.Plays != 0 || err != nil {
				t.Errorf("Result = %+v, %v, want PROCESSED with no play", got, err)
			}
			p.Wait(siplib.BYE, 1)
		})
	}
}

func TestDial_a_link_that_is_lost_while_it_rings(t *testing.T) {
	t.Parallel()
	p := siptest.Start(t, "tcp", siptest.Script{Drops: true})
	end, err := ring(t, start(t, hasty(p.Trunk())), order())
	if got := classOf(t, err); got != delivery.Ambiguous && got != delivery.LinkDown { // the 180 may be lost as well
		t.Errorf("end = %+v, %v, want Ambiguous", end, err)
	}
}

func TestDial_a_trunk_that_took_the_request_and_says_no_more(t *testing.T) {
	t.Parallel()
	p, c := setup(t, siptest.Script{Provisional: []int{100}}, func(c *Config) { c.NoResponse = 100 * time.Millisecond })
	ongoing, err := c.Dial(t.Context(), order())
	if err != nil {
		t.Fatalf("Dial = %v, want a call under way", err)
	}
	ongoing.Hangup()
	<-ongoing.Done()
	p.Wait(siplib.CANCEL, 1)
}
