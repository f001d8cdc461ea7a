package route_test

import (
	"strings"
	"testing"

	"github.com/pinpost/pinpost/internal/delivery"
	"github.com/pinpost/pinpost/internal/delivery/route"
	"github.com/pinpost/pinpost/internal/phone"
)

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
