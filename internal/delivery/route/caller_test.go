package route_test

import (
	"testing"

	"github.com/pinpost/pinpost/internal/delivery"
	"github.com/pinpost/pinpost/internal/delivery/route"
)

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
