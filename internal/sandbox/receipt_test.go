package sandbox_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/pinpost/pinpost/internal/delivery"
	"github.com/pinpost/pinpost/internal/sandbox"
)

func TestSend_reports_after_its_answer_by_the_clock_of_the_account(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c, _ := setup(t)
		for account, want := range map[string]time.Time{"A": noon, "late": noon.Add(time.Hour)} {
			for _, scenario := range []string{"not-delivered", "receipt-first"} {
				m := text(number(t, scenario))
				m.AccountID = account
				answered := make(chan time.Time, 1)
				go func() {
					if _, err := c.Send(t.Context(), m); err != nil {
						t.Error(err)
					}
					answered <- time.Now()
				}()
				r := <-c.Receipts()
				reported := time.Now()
				time.Sleep(time.Millisecond)
				r.Ack()
				order := reported.Compare(<-answered)
				if wantOrder := map[bool]int{true: -1, false: 1}[scenario == "receipt-first"]; order != wantOrder || !r.At.Equal(want) {
					t.Errorf("%s of %s: report and answer compare as %d, at %v, want %d at %v", scenario, account, order, r.At, wantOrder, want)
				}
			}
		}
	})
}

func TestSend_stores_a_receipt_that_comes_first_before_it_answers(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c, _ := setup(t)
		const storing = 300 * time.Millisecond
		go func() {
			r := <-c.Receipts()
			time.Sleep(storing)
			r.Ack()
		}()
		started := time.Now()
		accepted, err := c.Send(t.Context(), text(number(t, "receipt-first")))
		if took := time.Since(started); err != nil || accepted.State != delivery.StateWaiting || took != storing {
			t.Errorf("Send = %+v, %v after %s, want waiting after %s", accepted, err, took, storing)
		}
	})
}

func TestSend_does_not_wait_for_a_reader_for_ever(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := &box{}
		c, err := sandbox.NewCarrier(b, noonIn)
		if err != nil {
			t.Fatal(err)
		}
		for range 10_010 {
			if _, err := c.Send(t.Context(), text(number(t, "not-delivered"))); err != nil {
				t.Fatal(err)
			}
		}
		started := time.Now()
		if _, err := c.Send(t.Context(), text(number(t, "receipt-first"))); err != nil || time.Since(started) > time.Second {
			t.Errorf("Send = %v after %s, want a text taken within a second", err, time.Since(started))
		}
		if err := c.Close(t.Context()); err == nil {
			t.Error("Close = nil, want to hear of receipts that nobody read")
		}
		if _, open := <-c.Receipts(); open {
			t.Error("the receipts are open, want them closed")
		}
	})
}

func TestClose_hands_over_what_waits(t *testing.T) {
	t.Parallel()
	c, _ := setup(t)
	for range 3 {
		if _, err := c.Send(t.Context(), text(number(t, "not-delivered"))); err != nil {
			t.Fatal(err)
		}
	}
	closed := make(chan error, 1)
	go func() { closed <- c.Close(t.Context()) }()
	read := 0
	for range c.Receipts() {
		read++
	}
	if err := <-closed; err != nil || read != 3 {
		t.Errorf("Close = %v with %d receipts read, want 3", err, read)
	}
	if err := c.Close(t.Context()); err != nil {
		t.Errorf("Close again = %v, want nil", err)
	}
}
