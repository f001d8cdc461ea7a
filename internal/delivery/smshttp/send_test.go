package smshttp_test

import (
	"context"
	"errors"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/pinpost/pinpost/internal/delivery"
	"github.com/pinpost/pinpost/internal/delivery/smshttp/smshttptest"
)

func TestSend_taken(t *testing.T) {
	t.Parallel()
	texts := map[string]struct {
		text     string
		encoding string
		parts    int
	}{
		"Latin":      {"_ { € } ~ ^ [x] \\ | @ & = + % # ? é " + pin, "GSM-7", 1},
		"Cyrillic":   {"Ваш код " + pin, "UCS-2", 1},
		"emoji":      {"PIN 🔑 " + pin, "UCS-2", 1},
		"200 long":   {strings.Repeat("ab {€} ", 20) + strings.Repeat("z", 60), "GSM-7", 2},
		"line break": {"one\ntwo\r\n\"three\" <four> 'five'", "GSM-7", 1},
	}
	each(t, func(t *testing.T, k kind) {
		w := setup(t, k, options{noReceipts: true})
		for name, tt := range texts {
			m := text("30")
			m.Text, m.AttemptID = delivery.Text(tt.text), "att-"+name
			got, err := w.Send(t.Context(), m)
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			if got.Carrier != k.name || got.Parts != tt.parts || got.Encoding != tt.encoding || got.RemoteID == "" || got.State != delivery.StateAccepted {
				t.Errorf("%s: got %+v, want %d parts in %s, an id, and accepted", name, got, tt.parts, tt.encoding)
			}
			all := w.gateway.Texts()
			last := all[len(all)-1]
			if last.Text != tt.text || last.To != number+"30" || last.From != "Bank" || last.Validity != 15*time.Minute {
				t.Errorf("%s: the gateway got %+v, want text %q to %s30 from Bank for 15m", name, last, tt.text, number)
			}
			if k.name == "kannel" && last.Unicode != (tt.encoding == "UCS-2") {
				t.Errorf("%s: coding for Unicode is %v", name, last.Unicode)
			}
		}
	})
}

func TestSend_refused(t *testing.T) {
	t.Parallel()
	tests := []struct {
		suffix string
		class  delivery.Class
		after  time.Duration
		but    map[string]delivery.Class // by kind
	}{
		{suffix: smshttptest.SuffixBadNumber, class: delivery.BadDestination},
		{suffix: smshttptest.SuffixRejected, class: delivery.Rejected},
		{suffix: smshttptest.SuffixNoCredit, class: delivery.NoCredit},
		{suffix: smshttptest.SuffixThrottle, class: delivery.Throttled, after: 2 * time.Second},
		{suffix: smshttptest.SuffixDown, class: delivery.LinkDown, after: time.Minute},
		{suffix: smshttptest.SuffixBadProxy, class: delivery.Ambiguous},
		{suffix: smshttptest.SuffixError, class: delivery.Temporary, but: map[string]delivery.Class{
			"infobip": delivery.Ambiguous, "twilio": delivery.Ambiguous, "kannel": delivery.LinkDown, // it says "Temporal failure"
		}},
		{suffix: smshttptest.SuffixGarbled, class: delivery.Ambiguous},
	}
	each(t, func(t *testing.T, k kind) {
		w := setup(t, k, options{})
		for _, tt := range tests {
			if k.name == "kannel" && tt.suffix == smshttptest.SuffixGarbled {
				continue // any 2xx of Kannel's means taken
			}
			want := tt.class
			if other, ok := tt.but[k.name]; ok {
				want = other
			}
			_, err := w.Send(t.Context(), text(tt.suffix))
			refused, ok := errors.AsType[*delivery.Error](err)
			if !ok || refused.Class != want || refused.Carrier != k.name || refused.Code == "" {
				t.Errorf("%s: got %#v, want class %d", tt.suffix, err, want)
				continue
			}
			if k.name != "kannel" && refused.RetryAfter != tt.after {
				t.Errorf("%s: got retry after %v, want %v", tt.suffix, refused.RetryAfter, tt.after)
			}
		}
	})
}

func TestSend_throttled_text_is_taken_later(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, k kind) {
		w := setup(t, k, options{noReceipts: true})
		for range 2 {
			if _, err := w.Send(t.Context(), text("58")); delivery.ClassOf(err) != delivery.Throttled {
				t.Fatalf("got %v, want throttled", err)
			}
		}
		if _, err := w.Send(t.Context(), text("58")); err != nil {
			t.Errorf("got %v, want taken", err)
		}
	})
}

func TestSend_lost_answer_is_ambiguous_and_never_asked_twice(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, k kind) {
		w := setup(t, k, options{noReceipts: true})
		// The first leaves a connection open: net/http repeats a GET by itself when such a connection is lost.
		if _, err := w.Send(t.Context(), text("00")); err != nil {
			t.Fatal(err)
		}
		_, err := w.Send(t.Context(), text(smshttptest.SuffixDrop))
		if delivery.ClassOf(err) != delivery.Ambiguous {
			t.Errorf("got %v, want ambiguous", err)
		}
		if got := len(w.gateway.Texts()); got != 2 {
			t.Errorf("the gateway took %d texts, want 2", got)
		}
	})
}

func TestSend_silent_gateway_is_ambiguous(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, k kind) {
		w := setup(t, k, options{timeout: 150 * time.Millisecond, noReceipts: true})
		_, err := w.Send(t.Context(), text(smshttptest.SuffixSilent))
		refused, _ := errors.AsType[*delivery.Error](err)
		if refused == nil || refused.Class != delivery.Ambiguous || refused.Code != "no answer in time" {
			t.Errorf("got %v, want ambiguous for no answer in time", err)
		}
	})
}

func TestSend_waits_for_one_of_few_connections(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, k kind) {
		w := setup(t, k, options{connections: 1, noReceipts: true})
		first, leave := context.WithCancel(t.Context())
		done := make(chan struct{})
		go func() {
			defer close(done)
			_, _ = w.Send(first, text(smshttptest.SuffixSilent))
		}()
		if err := w.gateway.AwaitRequests(t.Context(), 1); err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
		defer cancel()
		_, err := w.Send(ctx, text("00"))
		refused, _ := errors.AsType[*delivery.Error](err)
		if refused == nil || refused.Class != delivery.Throttled || refused.Code != "all connections busy" {
			t.Errorf("got %v, want throttled, all connections busy", err)
		}
		leave()
		<-done
	})
}

func TestSend_slow_gateway_is_waited_for(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, k kind) {
		w := setup(t, k, options{noReceipts: true})
		if _, err := w.Send(t.Context(), text(smshttptest.SuffixSlow)); err != nil {
			t.Errorf("got %v, want taken", err)
		}
	})
}

func TestSend_caller_who_leaves(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, k kind) {
		w := setup(t, k, options{noReceipts: true})
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if _, err := w.Send(ctx, text("00")); delivery.ClassOf(err) != delivery.Temporary {
			t.Errorf("left before the request: got %v, want temporary", err)
		}
		if got := len(w.gateway.Texts()); got != 0 {
			t.Errorf("the gateway took %d texts, want none", got)
		}
	})
}

func TestSend_too_many_parts(t *testing.T) {
	t.Parallel()
	w := setup(t, kinds[0], options{noReceipts: true})
	m := text("00")
	m.Text = delivery.Text(strings.Repeat("x", 1531))
	if _, err := w.Send(t.Context(), m); delivery.ClassOf(err) != delivery.Rejected {
		t.Errorf("got %v, want rejected", err)
	}
}

// A gateway that reads the request in parts and resets in the middle cannot have the text.
func TestSend_reset_before_the_request_is_whole(t *testing.T) {
	t.Parallel()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close() })
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			_ = conn.(*net.TCPConn).SetLinger(0)
			conn.Close()
		}
	}()
	w := setup(t, kinds[1], options{address: "http://" + listener.Addr().String(), noReceipts: true})
	_, err = w.Send(t.Context(), text("00"))
	if class := delivery.ClassOf(err); class != delivery.Ambiguous && class != delivery.LinkDown {
		t.Errorf("got %v, want link down, or ambiguous when the octets were out", err)
	}
}
