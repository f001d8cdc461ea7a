package sip

import (
	"slices"
	"testing"
	"time"

	siplib "github.com/emiago/sipgo/sip"

	"github.com/pinpost/pinpost/internal/delivery"
)

func TestRefusalOf(t *testing.T) {
	t.Parallel()
	tests := map[int]struct {
		status    delivery.CallStatus
		elsewhere bool
	}{
		486: {delivery.CallUserBusy, false},
		600: {delivery.CallUserBusy, false},
		603: {delivery.CallUserBusy, false},
		408: {delivery.CallNoAnswer, false},
		480: {delivery.CallNoAnswer, false},
		487: {delivery.CallNoAnswer, false},
		404: {delivery.CallNetworkNotAvailable, false},
		410: {delivery.CallNetworkNotAvailable, false},
		416: {delivery.CallNetworkNotAvailable, false},
		484: {delivery.CallNetworkNotAvailable, false},
		604: {delivery.CallNetworkNotAvailable, false},
		401: {delivery.CallRouteNotAvailable, true},
		403: {delivery.CallRouteNotAvailable, true},
		407: {delivery.CallRouteNotAvailable, true},
		488: {delivery.CallRouteNotAvailable, true},
		500: {delivery.CallRouteNotAvailable, true},
		502: {delivery.CallRouteNotAvailable, true},
		503: {delivery.CallRouteNotAvailable, true},
		504: {delivery.CallRouteNotAvailable, true},
		402: {delivery.CallNotEnoughCredits, true},
		301: {delivery.CallRouteNotAvailable, true},
		420: {delivery.CallRouteNotAvailable, true},
		606: {delivery.CallRouteNotAvailable, true},
	}
	for code, want := range tests {
		meant, _ := refusalOf(siplib.NewResponse(code, "reason"))
		if meant.status != want.status || meant.elsewhere != want.elsewhere {
			t.Errorf("%d means %s, elsewhere %v; want %s, %v", code, meant.status, meant.elsewhere, want.status, want.elsewhere)
		}
		if meant.elsewhere && delivery.CallStatusOf(&delivery.Error{Class: meant.class}) != meant.status {
			t.Errorf("%d: class %d counts as another status than %s", code, meant.class, meant.status)
		}
	}
}

func TestQ850(t *testing.T) {
	t.Parallel()
	causes := map[int]delivery.CallStatus{
		17: delivery.CallUserBusy, 18: delivery.CallNoAnswer, 19: delivery.CallNoAnswer,
		1: delivery.CallNetworkNotAvailable, 28: delivery.CallNetworkNotAvailable,
		34: delivery.CallRouteNotAvailable, 38: delivery.CallRouteNotAvailable, 41: delivery.CallRouteNotAvailable, 42: delivery.CallRouteNotAvailable,
	}
	for cause, want := range causes {
		response := siplib.NewResponse(500, "reason")
		response.AppendHeader(siplib.NewHeader("Reason", "Q.850;cause="+string(rune('0'+cause/10))+string(rune('0'+cause%10))))
		if meant, _ := refusalOf(response); meant.status != want {
			t.Errorf("cause %d means %s, want %s", cause, meant.status, want)
		}
	}
	headers := map[string]int{
		`SIP;cause=200;text="a, Q.850;cause=17"`:           0,
		`SIP;cause=200;text="x", Q.850;text="y" ;cause=19`: 19,
		`Q.850;cause="18"`:                                 18,
		`Q.850`:                                            0,
		`Q.850;cause=`:                                     0,
		`Q.850;cause=x`:                                    0,
		``:                                                 0,
	}
	for header, want := range headers {
		response := siplib.NewResponse(480, "reason")
		response.AppendHeader(siplib.NewHeader("Reason", header))
		if got, _ := q850(response); got != want {
			t.Errorf("cause of %s = %d, want %d", header, got, want)
		}
	}
}

func TestRetryAfter(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]time.Duration{"18": 18 * time.Second, "7;duration=5": 7 * time.Second, "99999": time.Hour, "soon": 0, "": 0, "-5": 0} {
		response := siplib.NewResponse(503, "reason")
		response.AppendHeader(siplib.NewHeader("Retry-After", text))
		if got := retryAfter(response); got != want {
			t.Errorf("Retry-After: %s is %v, want %v", text, got, want)
		}
	}
}

func TestSplitList(t *testing.T) {
	t.Parallel()
	got := splitList(`"a, \"b" <sip:x;a=1,2>;lr , <sip:y>`)
	if want := []string{`"a, \"b" <sip:x;a=1,2>;lr`, "<sip:y>"}; !slices.Equal(got, want) {
		t.Errorf("splitList = %q, want %q", got, want)
	}
}
