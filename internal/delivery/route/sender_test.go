package route_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"reflect"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pinpost/pinpost/internal/delivery"
	"github.com/pinpost/pinpost/internal/delivery/route"
)

// TestSend_goes_on_to_the_next says for each row of answers which carriers were asked, and what came of it.
func TestSend_goes_on_to_the_next(t *testing.T) {
	t.Parallel()
	lost, down, throttled := refusal(delivery.Ambiguous), refusal(delivery.LinkDown), refusal(delivery.Throttled)
	tests := map[string]struct {
		a, b, c error
		tried   string // the carriers in the order in which they were asked
		class   delivery.Class
	}{
		"the first takes it":                     {nil, nil, nil, "a", delivery.Taken},
		"the first is down":                      {down, nil, nil, "a b", delivery.Taken},
		"two are down":                           {down, down, nil, "a b c", delivery.Taken},
		"all are down":                           {down, down, down, "a b c", delivery.LinkDown},
		"the first is too slow to take more":     {throttled, nil, nil, "a b", delivery.Taken},
		"the first has no credit":                {refusal(delivery.NoCredit), nil, nil, "a b", delivery.Taken},
		"the first refuses the password":         {refusal(delivery.Unauthorised), nil, nil, "a b", delivery.Taken},
		"the first has a fault of its own":       {io.ErrUnexpectedEOF, nil, nil, "a b", delivery.Taken},
		"there is no such phone":                 {refusal(delivery.BadDestination), nil, nil, "a", delivery.BadDestination},
		"the text is refused":                    {refusal(delivery.Rejected), nil, nil, "a", delivery.Rejected},
		"it may have gone out once":              {lost, nil, nil, "a b", delivery.Taken},
		"it may have gone out twice":             {lost, lost, nil, "a b", delivery.Ambiguous},
		"it may have gone out, nobody is left":   {down, lost, down, "a b c", delivery.Ambiguous},
		"it may have gone out, and is refused":   {lost, refusal(delivery.Rejected), nil, "a b", delivery.Ambiguous},
		"the deadline of a carrier's own call":   {context.DeadlineExceeded, nil, nil, "a b", delivery.Taken},
		"it may have gone out, then one is down": {lost, down, nil, "a b c", delivery.Taken},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newSender(t, newFake("a", tt.a), newFake("b", tt.b), newFake("c", tt.c))
			accepted, err := s.Send(t.Context(), delivery.SMS{To: swiss})
			attempts, class := accepted.Attempts, delivery.Taken
			if err != nil {
				attempts, class = delivery.AttemptsOf(err), delivery.ClassOf(err)
			}
			var tried []string
			for _, a := range attempts {
				tried = append(tried, a.Carrier)
			}
			if got := strings.Join(tried, " "); got != tt.tried || class != tt.class {
				t.Errorf("asked %s and got %v (%v), want %s and %v", got, class, err, tt.tried, tt.class)
			}
			if err == nil && accepted.Carrier != tried[len(tried)-1] {
				t.Errorf("taken by %s, want the last that was asked of %v", accepted.Carrier, tried)
			}
		})
	}
}

func TestSend_repeats_a_loss_where_nobody_else_is(t *testing.T) {
	t.Parallel()
	lost := refusal(delivery.Ambiguous)
	tests := map[string]struct {
		says  []error
		asked int
		class delivery.Class
	}{
		"the second time it is taken":  {[]error{lost, nil}, 2, delivery.Taken},
		"it is lost twice":             {[]error{lost}, 2, delivery.Ambiguous},
		"the link is down by then":     {[]error{lost, refusal(delivery.LinkDown)}, 2, delivery.Ambiguous},
		"what is refused stays":        {[]error{refusal(delivery.LinkDown)}, 1, delivery.LinkDown},
		"the phone is wrong after all": {[]error{lost, refusal(delivery.BadDestination)}, 2, delivery.Ambiguous},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			only := newFake("only", tt.says...)
			_, err := newSender(t, only).Send(t.Context(), delivery.SMS{To: swiss})
			class := delivery.Taken
			if err != nil {
				class = delivery.ClassOf(err)
			}
			if class != tt.class || only.count() != tt.asked {
				t.Errorf("%v after %d tries, want %v after %d", class, only.count(), tt.class, tt.asked)
			}
		})
	}
}

func TestSend_leaves_time_for_the_next(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		silent, second := newFake("silent"), newFake("second")
		silent.slow = time.Hour
		s := newSender(t, silent, second)
		ctx, cancel := context.WithTimeout(t.Context(), delivery.SendTimeout)
		defer cancel()
		began := time.Now()
		accepted, err := s.Send(ctx, delivery.SMS{To: swiss})
		if took := time.Since(began); err != nil || accepted.Carrier != "second" || took != delivery.SendTimeout/2 {
			t.Errorf("Send = %+v, %v after %v, want the second after half of %v", accepted, err, took, delivery.SendTimeout)
		}
		want := []delivery.Attempt{
			{Carrier: "silent", Class: delivery.Ambiguous, Code: "no answer", At: began, Took: delivery.SendTimeout / 2},
			{Carrier: "second", Class: delivery.Taken, At: began.Add(delivery.SendTimeout / 2)},
		}
		if !reflect.DeepEqual(accepted.Attempts, want) {
			t.Errorf("attempts = %+v, want %+v", accepted.Attempts, want)
		}
		second.slow = time.Hour
		if _, err := s.Send(ctx, delivery.SMS{To: swiss}); delivery.ClassOf(err) != delivery.Ambiguous {
			t.Errorf("Send = %v, want that it may have gone out", err)
		}
		if took := time.Since(began); took != delivery.SendTimeout {
			t.Errorf("gave up after %v, want the budget of %v", took, delivery.SendTimeout)
		}
	})
}

// TestSend_puts_a_broken_link_last follows two carriers while the link of the first fails and comes back.
func TestSend_puts_a_broken_link_last(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		a, b := newFake("a", refusal(delivery.LinkDown)), newFake("b")
		s := newSender(t, a, b)
		send := func() string {
			accepted, err := s.Send(t.Context(), delivery.SMS{To: swiss})
			if err != nil {
				return delivery.ClassOf(err).String()
			}
			return fmt.Sprintf("%s in %d", accepted.Carrier, len(accepted.Attempts))
		}
		var got []string
		for range 4 {
			got = append(got, send())
		}
		time.Sleep(5 * time.Second)
		got = append(got, send(), send()) // one trial, which fails
		time.Sleep(5 * time.Second)
		a.say(nil)
		got = append(got, send(), send())
		b.say(refusal(delivery.LinkDown))
		a.say(refusal(delivery.BadDestination))
		for range 5 { // says nothing about the link
			got = append(got, send())
		}
		a.say(nil)
		got = append(got, send())
		want := []string{
			"b in 2", "b in 2", "b in 2", "b in 1", "b in 2", "b in 1", "a in 1", "a in 1",
			"bad destination", "bad destination", "bad destination", "bad destination", "bad destination", "a in 1",
		}
		if !slices.Equal(got, want) {
			t.Errorf("got  %q\nwant %q", got, want)
		}
	})
}

func TestSend_asks_a_broken_link_when_nobody_else_is_left(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		only := newFake("only", refusal(delivery.LinkDown))
		s := newSender(t, only)
		for range 5 {
			if _, err := s.Send(t.Context(), delivery.SMS{To: swiss}); delivery.ClassOf(err) != delivery.LinkDown {
				t.Errorf("Send = %v, want the link down", err)
			}
		}
		only.say(nil)
		if _, err := s.Send(t.Context(), delivery.SMS{To: swiss}); err != nil || only.count() != 1 {
			t.Errorf("Send = %v after %d tries, want it taken at once", err, only.count())
		}
	})
}

func TestSender_is_a_carrier_of_all_its_carriers(t *testing.T) {
	t.Parallel()
	a, b := newFake("a"), newFake("b")
	early, late := time.Unix(100, 0), time.Unix(200, 0)
	a.health, b.health = delivery.Health{Since: late, Detail: "refused"}, delivery.Health{Up: true, Since: early, Detail: "bound"}
	s, err := route.NewSender([]route.Way[delivery.Sender]{{Carrier: a, Countries: []string{"CH"}}, {Carrier: a, Order: 2}, {Carrier: b}}, deps())
	if err != nil {
		t.Fatal(err)
	}
	if got, want := s.Health(), (delivery.Health{Up: true, Since: early, Detail: "a down: refused; b up: bound"}); got != want {
		t.Errorf("Health = %+v, want %+v", got, want)
	}
	go func() {
		for _, f := range []*fake{a, b} {
			f.receipts <- delivery.ReceiptDelivery{Receipt: delivery.Receipt{Carrier: f.name}}
		}
	}()
	got := []string{(<-s.Receipts()).Carrier, (<-s.Receipts()).Carrier}
	slices.Sort(got)
	if !slices.Equal(got, []string{"a", "b"}) {
		t.Errorf("receipts of %v, want both", got)
	}
	a.closeErr = errors.New("no unbind")
	if err := s.Close(t.Context()); !errors.Is(err, a.closeErr) {
		t.Errorf("Close = %v, want what a said", err)
	}
	if _, open := <-s.Receipts(); open {
		t.Error("receipts go on after Close")
	}
}
