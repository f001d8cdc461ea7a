package pin

import (
	"context"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pinpost/pinpost/internal/delivery"
)

// inbound is a receipt that counts its acknowledgements.
type inbound struct {
	delivery.ReceiptDelivery
	acks int
}

func receipt(attempt string, state delivery.State) *inbound {
	in := &inbound{}
	in.Receipt = delivery.Receipt{Carrier: "smsc", AttemptID: attempt, State: state, At: noon}
	in.Ack = func() { in.acks++ }
	return in
}

// reading takes receipts in the background of a bubble, until stop is called.
func (b *bench) reading(t *testing.T) (receipts chan delivery.ReceiptDelivery, stop func(), ended *bool) {
	receipts, ended = make(chan delivery.ReceiptDelivery), new(bool)
	ctx, stop := context.WithCancel(t.Context())
	go func() {
		b.TakeReceipts(ctx, receipts)
		*ended = true
	}()
	t.Cleanup(stop)
	return receipts, stop, ended
}

func TestTakeReceipts_stores_before_it_acknowledges(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := setup(t)
		b.dock.accepted = delivery.Accepted{Carrier: "smsc", RemoteID: "r1", State: delivery.StateWaiting}
		id, _ := b.sent(t)
		receipts, _, _ := b.reading(t)
		r := receipt(b.delivery(t, id).ID, delivery.StateDelivered)
		ack := r.Ack
		r.Ack = func() {
			if got := b.delivery(t, id).State; got != delivery.StateDelivered {
				t.Errorf("state at the acknowledgement = %s, want it stored by then", got)
			}
			ack()
		}
		receipts <- r.ReceiptDelivery
		synctest.Wait()
		if got := b.delivery(t, id).State; got != delivery.StateDelivered || r.acks != 1 {
			t.Errorf("state = %s after %d acknowledgements, want %s and one", got, r.acks, delivery.StateDelivered)
		}
	})
}

func TestTakeReceipts_tries_again_until_the_store_is_back(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := setup(t)
		b.dock.accepted = delivery.Accepted{Carrier: "smsc", RemoteID: "r1", State: delivery.StateWaiting}
		id, _ := b.sent(t)
		b.store.breaks("RecordReceipt", errDown)
		receipts, _, _ := b.reading(t)
		r := receipt("", delivery.StateExpired)
		r.RemoteID = "r1"
		receipts <- r.ReceiptDelivery
		for try := 1; try <= 3; try++ {
			synctest.Wait()
			if got := strings.Count(b.log.String(), "receipt was not stored"); got != try || r.acks != 0 {
				t.Fatalf("%d failures and %d acknowledgements, want %d and none", got, r.acks, try)
			}
			time.Sleep(receiptRetry) // of the bubble: no real time passes
		}
		synctest.Wait()
		b.store.breaks("RecordReceipt", nil)
		time.Sleep(receiptRetry)
		synctest.Wait()
		if got := b.delivery(t, id).State; got != delivery.StateExpired || r.acks != 1 {
			t.Errorf("state = %s after %d acknowledgements, want %s and one", got, r.acks, delivery.StateExpired)
		}
	})
}

func TestTakeReceipts_acknowledges_what_nobody_knows(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := setup(t)
		receipts, _, _ := b.reading(t)
		stranger := receipt("nobody's", delivery.StateDelivered)
		receipts <- stranger.ReceiptDelivery
		synctest.Wait()
		if stranger.acks != 1 || b.log.String() != "" {
			t.Errorf("%d acknowledgements and log %q, want one and no line", stranger.acks, b.log.String())
		}
	})
}

func TestTakeReceipts_ends(t *testing.T) {
	t.Parallel()
	t.Run("when the carrier is closed", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			receipts, _, ended := setup(t).reading(t)
			close(receipts)
			synctest.Wait()
			if !*ended {
				t.Error("it goes on, want it ended")
			}
		})
	})
	t.Run("with its context", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			_, stop, ended := setup(t).reading(t)
			synctest.Wait()
			if *ended {
				t.Fatal("it ended before its context")
			}
			stop()
			synctest.Wait()
			if !*ended {
				t.Error("it goes on, want it ended")
			}
		})
	})
	t.Run("with its context while the store is down, without an acknowledgement", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			b := setup(t)
			b.store.breaks("RecordReceipt", errDown)
			receipts, stop, ended := b.reading(t)
			r := receipt("a1", delivery.StateDelivered)
			receipts <- r.ReceiptDelivery
			synctest.Wait()
			stop()
			synctest.Wait()
			if !*ended || r.acks != 0 {
				t.Errorf("ended = %t after %d acknowledgements, want it ended and none", *ended, r.acks)
			}
		})
	})
}

func TestReceipt_that_overtakes_the_answer_of_the_carrier(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := setup(t)
		b.dock.accepted = delivery.Accepted{Carrier: "smsc", RemoteID: "r1", State: delivery.StateWaiting}
		receipts, _, _ := b.reading(t)
		var early *inbound
		b.dock.sending = func(context.Context) {
			early = receipt(b.store.deliveries[0].ID, delivery.StateDelivered)
			receipts <- early.ReceiptDelivery
			synctest.Wait()
		}
		id, _ := b.sent(t)
		if d := b.delivery(t, id); d.State != delivery.StateDelivered || d.RemoteID != "r1" || early.acks != 1 {
			t.Errorf("delivery = %+v after %d acknowledgements, want %s kept and one", d, early.acks, delivery.StateDelivered)
		}
	})
}

// TestReceipt_of_an_outcome_that_is_tried_again has the carrier report by its own id while the store lacks that id still.
func TestReceipt_of_an_outcome_that_is_tried_again(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := setup(t)
		b.dock.accepted = delivery.Accepted{Carrier: "smsc", RemoteID: "r1", State: delivery.StateWaiting}
		b.store.breaks("FinishDelivery", errDown)
		id, _ := b.sent(t)
		b.store.breaks("FinishDelivery", nil)
		receipts, _, _ := b.reading(t)
		r := receipt("", delivery.StateDelivered)
		r.RemoteID = "r1"
		receipts <- r.ReceiptDelivery
		time.Sleep(time.Minute)
		synctest.Wait()
		if got := b.delivery(t, id).State; got != delivery.StateDelivered || r.acks != 1 {
			t.Errorf("state %s after %d acknowledgements, want delivered after 1", got, r.acks)
		}
	})
}
