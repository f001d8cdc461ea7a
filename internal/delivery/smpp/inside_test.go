package smpp

import (
	"bytes"
	"context"
	"errors"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/pinpost/pinpost/internal/delivery"
	"github.com/pinpost/pinpost/internal/delivery/smpp/pdu"
)

func TestValidity(t *testing.T) {
	t.Parallel()
	tests := map[time.Duration]string{
		5 * time.Minute:                      "000000000500000R",
		time.Millisecond:                     "000000000001000R",
		-time.Second:                         "000000000001000R",
		90*time.Second + 1:                   "000000000131000R",
		25*time.Hour + time.Minute:           "000001010100000R",
		1000 * 24 * time.Hour:                "000031000000000R",
		23*time.Hour + 59*time.Minute + 59e9: "000000235959000R",
	}
	for left, want := range tests {
		if got := validity(left); got != want {
			t.Errorf("validity(%v) = %q, want %q", left, got, want)
		}
	}
}

func TestIDs(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ rule, response, receipt, want string }{
		"as they are":                 {IDsAsTheyAre, "0A", "0A", "0A"},
		"hex and decimal":             {IDsHexToDecimal, "1aF", "0000000431", "431"},
		"decimal and hex":             {IDsDecimalToHex, "0431", "01AF", "1af"},
		"leading zeros":               {IDsStripLeadingZeros, "0012", "12", "12"},
		"nothing but zeros":           {IDsStripLeadingZeros, "00", "00", "00"},
		"capitals":                    {IDsCaseFold, "aB-C", "Ab-c", "ab-c"},
		"no number where one is due":  {IDsHexToDecimal, "x-1", "x-1", "x-1"},
		"a sign is no number":         {IDsHexToDecimal, "-1", "-1", "-1"},
		"more than 64 bits":           {IDsHexToDecimal, "ffffffffffffffffff", "4722366482869645213695", "4722366482869645213695"},
		"longer than any SMSC writes": {IDsHexToDecimal, strings.Repeat("f", 66), strings.Repeat("f", 66), strings.Repeat("f", 66)},
	}
	for name, tt := range tests {
		if got := responseID(tt.rule, tt.response); got != tt.want {
			t.Errorf("%s: responseID = %q, want %q", name, got, tt.want)
		}
		if got := receiptID(tt.rule, tt.receipt); got != tt.want {
			t.Errorf("%s: receiptID = %q, want %q", name, got, tt.want)
		}
	}
}

func TestStatusClasses(t *testing.T) {
	t.Parallel()
	tests := map[pdu.Status]delivery.Class{
		pdu.StatusThrottled: delivery.Throttled, pdu.StatusQueueFull: delivery.Throttled,
		pdu.StatusInvalidDest: delivery.BadDestination, pdu.StatusInvalidSource: delivery.Rejected,
		pdu.StatusSystemError: delivery.Temporary, pdu.StatusSubmitFailed: delivery.Temporary, pdu.StatusReceiverBusy: delivery.Temporary,
		pdu.StatusInvalidPassword: delivery.Unauthorised, 0x400: delivery.Temporary, 0xC3: delivery.Rejected,
	}
	for status, want := range tests {
		err := statusError("acme", status)
		if err.Class != want || err.Code != status.String() {
			t.Errorf("statusError(%s) = %+v, want class %d", status, err, want)
		}
	}
}

func TestBrake(t *testing.T) {
	t.Parallel()
	now := time.Unix(1000, 0)
	b := &brake{now: func() time.Time { return now }}
	if got := b.hit(pdu.StatusThrottled); got != 1 {
		t.Errorf("the first hit is logged as %d", got)
	}
	if got := b.hit(pdu.StatusThrottled); got != 0 {
		t.Errorf("the second is logged as %d, want none so soon", got)
	}
	if left, _ := b.left(); left != brakeFirst {
		t.Errorf("pause is %v after hits under way together, want %v", left, brakeFirst)
	}
	for range 20 {
		now = now.Add(brakeMost)
		b.hit(pdu.StatusQueueFull)
	}
	if left, status := b.left(); left != brakeMost || status != pdu.StatusQueueFull {
		t.Errorf("pause is %v for %s, want %v at most", left, status, brakeMost)
	}
	err := b.wait(deadline(t, time.Second), "acme")
	refusal, is := errors.AsType[*delivery.Error](err)
	if !is || refusal.Class != delivery.Throttled || refusal.RetryAfter != brakeMost {
		t.Errorf("wait = %+v, want Throttled at once, and when to come again", err)
	}
	now = now.Add(brakeMost)
	for range 20 {
		b.ease()
	}
	if b.slowed() || b.wait(t.Context(), "acme") != nil {
		t.Error("slowed still after messages passed")
	}
}

func TestPause(t *testing.T) {
	t.Parallel()
	least := &link{config: Config{ReconnectMin: time.Second, ReconnectMax: 5 * time.Second}, random: zeros{}}
	most := &link{config: least.config, random: bytes.NewReader(bytes.Repeat([]byte{0xFF}, 100))}
	for failures, want := range map[int]time.Duration{1: time.Second, 2: 2 * time.Second, 3: 4 * time.Second, 4: 5 * time.Second, 1000: 5 * time.Second} {
		if got := least.pause(failures); got != 0 {
			t.Errorf("least pause after %d failures is %v, want 0", failures, got)
		}
		if got := most.pause(failures); got > want || want-got > time.Millisecond {
			t.Errorf("most pause after %d failures is %v, want %v", failures, got, want)
		}
	}
}

func TestShelf(t *testing.T) {
	t.Parallel()
	s := newShelf[int, int](3)
	for i := range 100 {
		s.put(i, i)
		s.put(i, -i)
	}
	if len(s.values) != 3 || len(s.order) != 3 {
		t.Errorf("holds %d and %d, want 3", len(s.values), len(s.order))
	}
	if _, known := s.get(96); known {
		t.Error("remembers the oldest")
	}
	if got, known := s.get(97); !known || got != -97 {
		t.Errorf("get = %d, %t, want the newest value", got, known)
	}
}

func TestSequence_wraps(t *testing.T) {
	t.Parallel()
	s := newSession(nil, "", 0, nil, nil)
	s.sequence = math.MaxInt32 - 1
	for _, want := range []uint32{math.MaxInt32, 1, 2} {
		var p pdu.PDU
		if !s.enter(&p, nil) || p.Sequence != want {
			t.Errorf("sequence is %d, want %d", p.Sequence, want)
		}
	}
}

func TestReceipts_forgottenByTheirReader(t *testing.T) {
	t.Parallel()
	now := time.Unix(1000, 0)
	r := newReceipts(Config{Name: "acme"}, Deps{Now: func() time.Time { return now }})
	receipt := pdu.Receipt{ID: "1", State: pdu.StateDelivered}
	if got := r.take(receipt, func() {}); got != answerLater {
		t.Errorf("take = %d, want an answer later", got)
	}
	if e, _ := r.next(); e == nil {
		t.Fatal("not handed out")
	}
	r.take(receipt, func() {})
	if e, _ := r.next(); e != nil {
		t.Error("handed out again at once")
	}
	now = now.Add(2 * forgotten)
	r.take(receipt, func() {})
	if e, _ := r.next(); e == nil {
		t.Error("not handed out again after a minute")
	}
}

func TestReceipts_overtakeTheirAnswer(t *testing.T) {
	t.Parallel()
	now := time.Unix(1000, 0)
	r := newReceipts(Config{Name: "acme"}, Deps{Now: func() time.Time { return now }, Park: 3 * time.Second, Settle: time.Second})
	handed := func() string {
		if e, _ := r.next(); e != nil {
			return e.id
		}
		return ""
	}
	var m message
	r.take(pdu.Receipt{ID: "early", State: pdu.StateDelivered}, func() {})
	r.take(pdu.Receipt{ID: "stranger", State: pdu.StateDelivered}, func() {})
	r.note(&m, "early")
	r.take(pdu.Receipt{ID: "early", State: pdu.StateExpired}, func() {})
	if got := handed(); got != "" {
		t.Errorf("%q is handed out while Send is at work", got)
	}
	now = now.Add(2500 * time.Millisecond)
	r.release(&m)
	if got := handed(); got != "" {
		t.Errorf("%q is handed out as Send returns", got)
	}
	now = now.Add(time.Second)
	for _, want := range []string{"stranger", "early", "early", ""} {
		if got := handed(); got != want {
			t.Errorf("%q is handed out, want %q", got, want)
		}
	}
}

type zeros struct{}

func (zeros) Read(into []byte) (int, error) {
	clear(into)
	return len(into), nil
}

func deadline(t *testing.T, d time.Duration) context.Context {
	ctx, cancel := context.WithTimeout(t.Context(), d)
	t.Cleanup(cancel)
	return ctx
}
