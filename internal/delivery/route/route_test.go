package route_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pinpost/pinpost/internal/delivery"
	"github.com/pinpost/pinpost/internal/delivery/route"
	"github.com/pinpost/pinpost/internal/phone"
)

const swiss = phone.Number("41793026727")

// fake is a carrier that says what it is told to, of texts and calls.
type fake struct {
	name     string
	mu       sync.Mutex
	says     []error // what it answers, one after the other; the last for ever
	slow     time.Duration
	asked    int
	receipts chan delivery.ReceiptDelivery
	health   delivery.Health
	closeErr error
}

func newFake(name string, says ...error) *fake {
	return &fake{name: name, says: says, receipts: make(chan delivery.ReceiptDelivery)}
}

func (f *fake) answer(ctx context.Context) error {
	f.mu.Lock()
	f.asked++
	var err error
	if len(f.says) > 0 {
		err = f.says[min(f.asked, len(f.says))-1]
	}
	slow := f.slow
	f.mu.Unlock()
	select {
	case <-time.After(slow):
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (f *fake) say(err ...error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.says, f.asked = err, 0
}

func (f *fake) count() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.asked
}

func (f *fake) Name() string { return f.name }

func (f *fake) Send(ctx context.Context, _ delivery.SMS) (delivery.Accepted, error) {
	if err := f.answer(ctx); err != nil {
		return delivery.Accepted{}, err
	}
	return delivery.Accepted{Carrier: f.name, RemoteID: f.name + "-1"}, nil
}

func (f *fake) Dial(ctx context.Context, _ delivery.Call) (delivery.Ongoing, error) {
	if err := f.answer(ctx); err != nil {
		return nil, err
	}
	return over{}, nil
}

func (f *fake) Receipts() <-chan delivery.ReceiptDelivery { return f.receipts }
func (f *fake) Health() delivery.Health                   { return f.health }
func (f *fake) Close(context.Context) error               { close(f.receipts); return f.closeErr }

// over is a call that has ended.
type over struct{ delivery.Ongoing }

func (over) Result() (delivery.CallEnd, error) {
	return delivery.CallEnd{Status: delivery.CallUserBusy, Code: "SIP 486"}, nil
}

func refusal(c delivery.Class) error {
	return &delivery.Error{Class: c, Carrier: "x", Code: "code " + c.String()}
}

func deps() route.Deps {
	return route.Deps{Now: time.Now, Pick: func(int) int { return 0 }}
}

// newSender joins carriers in their order.
func newSender(t *testing.T, carriers ...*fake) *route.Sender {
	t.Helper()
	var ways []route.Way[delivery.Sender]
	for i, c := range carriers {
		ways = append(ways, route.Way[delivery.Sender]{Carrier: c, Order: i})
	}
	s, err := route.NewSender(ways, deps())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close(context.WithoutCancel(t.Context())) })
	return s
}

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

// TestSend_chooses_by_number says which carrier a number goes to first, and which it never goes to.
func TestSend_chooses_by_number(t *testing.T) {
	t.Parallel()
	way := func(name string, order int, countries, prefixes []string) route.Way[delivery.Sender] {
		return route.Way[delivery.Sender]{Carrier: newFake(name, refusal(delivery.LinkDown)), Order: order, Countries: countries, Prefixes: prefixes}
	}
	s, err := route.NewSender([]route.Way[delivery.Sender]{
		way("rest", 9, nil, nil),
		way("ch", 1, []string{"CH", "LI"}, nil),
		way("mobile", 0, nil, []string{"4179", "4178"}),
		way("us", 1, []string{"US"}, nil),
	}, deps())
	if err != nil {
		t.Fatal(err)
	}
	for number, want := range map[phone.Number]string{
		swiss: "mobile ch rest", "41443643532": "ch rest", "4237231234": "ch rest", "12015550123": "us rest",
		"14165550123": "rest", "491711234567": "rest",
	} {
		_, err := s.Send(t.Context(), delivery.SMS{To: number})
		var tried []string
		for _, a := range delivery.AttemptsOf(err) {
			tried = append(tried, a.Carrier)
		}
		if got := strings.Join(tried, " "); got != want {
			t.Errorf("%s goes to %s, want %s", number.Digits(), got, want)
		}
	}
}

func TestSend_refuses_a_number_that_no_carrier_is_for(t *testing.T) {
	t.Parallel()
	s, err := route.NewSender([]route.Way[delivery.Sender]{{Carrier: newFake("de"), Countries: []string{"DE"}}}, deps())
	if err != nil {
		t.Fatal(err)
	}
	_, err = s.Send(t.Context(), delivery.SMS{To: swiss})
	if delivery.ClassOf(err) != delivery.LinkDown || strings.Contains(err.Error(), swiss.Digits()) {
		t.Errorf("Send = %v, want no route, without the number", err)
	}
}

func TestSend_shares_by_weight(t *testing.T) {
	t.Parallel()
	heavy, light, next := newFake("heavy"), newFake("light"), newFake("next")
	pick := 0
	d := deps()
	d.Pick = func(n int) int { pick++; return pick % n }
	s, err := route.NewSender([]route.Way[delivery.Sender]{
		{Carrier: next, Order: 2}, {Carrier: heavy, Order: 1, Weight: 3}, {Carrier: light, Order: 1},
	}, d)
	if err != nil {
		t.Fatal(err)
	}
	for range 100 {
		if _, err := s.Send(t.Context(), delivery.SMS{To: swiss}); err != nil {
			t.Fatal(err)
		}
	}
	if heavy.count() != 75 || light.count() != 25 || next.count() != 0 {
		t.Errorf("heavy %d, light %d, next %d; want 75, 25 and 0", heavy.count(), light.count(), next.count())
	}
}

func TestDial_goes_on_to_the_next(t *testing.T) {
	t.Parallel()
	a, b := newFake("a", refusal(delivery.NoCredit)), newFake("b")
	c, err := route.NewCaller([]route.Way[delivery.Caller]{{Carrier: a}, {Carrier: b, Order: 1}}, deps())
	if err != nil {
		t.Fatal(err)
	}
	call, err := c.Dial(t.Context(), delivery.Call{To: swiss})
	if err != nil {
		t.Fatal(err)
	}
	end, err := call.Result()
	if err != nil || end.Status != delivery.CallUserBusy || end.Carrier != "b" || len(end.Attempts) != 2 {
		t.Fatalf("Result = %+v, %v, want busy by b after two tries", end, err)
	}
	if first, last := end.Attempts[0], end.Attempts[1]; first.Class != delivery.NoCredit || first.Carrier != "a" ||
		last.Class != delivery.Taken || last.Code != "SIP 486" {
		t.Errorf("attempts = %+v, want a without credit, then b with the code of the end", end.Attempts)
	}
	a.say(refusal(delivery.Rejected)) // 403 and 488: another route may do
	if _, err := c.Dial(t.Context(), delivery.Call{To: swiss}); err != nil {
		t.Errorf("Dial = %v after a carrier that rejects it, want the next to take it", err)
	}
	a.say(refusal(delivery.NoCredit))
	b.say(refusal(delivery.LinkDown))
	if _, err := c.Dial(t.Context(), delivery.Call{To: swiss}); delivery.ClassOf(err) != delivery.LinkDown || len(delivery.AttemptsOf(err)) != 2 {
		t.Errorf("Dial = %v after %v, want two tries and the link down", err, delivery.AttemptsOf(err))
	}
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

func TestNew_refuses_what_cannot_work(t *testing.T) {
	t.Parallel()
	good := []route.Way[delivery.Sender]{{Carrier: newFake("a")}}
	if _, err := route.NewSender(good, route.Deps{}); err == nil {
		t.Error("no clock: no error")
	}
	if _, err := route.NewSender(nil, deps()); err == nil {
		t.Error("no carrier: no error")
	}
	good[0].Weight = -1
	if _, err := route.NewSender(good, deps()); err == nil || !strings.Contains(err.Error(), "a has a negative weight") {
		t.Errorf("a negative weight: %v, want an error that names the carrier", err)
	}
}
