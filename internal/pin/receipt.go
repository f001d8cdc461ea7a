package pin

import (
	"context"
	"log/slog"
	"time"

	"github.com/pinpost/pinpost/internal/delivery"
	"github.com/pinpost/pinpost/internal/fault"
)

// receiptRetry is the pause before a receipt that could not be stored is tried again.
const receiptRetry = time.Second

// TakeReceipts stores what carriers report until receipts is closed or ctx ends. A receipt is acknowledged after it is
// stored, so that the carrier repeats one that we lost.
func (s *Service) TakeReceipts(ctx context.Context, receipts <-chan delivery.ReceiptDelivery) {
	for {
		select {
		case r, open := <-receipts:
			if !open {
				return
			}
			s.takeReceipt(ctx, r)
		case <-ctx.Done():
			return
		}
	}
}

func (s *Service) takeReceipt(ctx context.Context, r delivery.ReceiptDelivery) {
	for {
		// Asked first: it may be stored meanwhile. One that names the attempt is known without what the carrier calls it.
		_, later := s.unstored.Load(remote{r.Carrier, r.RemoteID})
		later = later && r.AttemptID == ""
		err := s.deps.Store.RecordReceipt(ctx, r.Receipt)
		if err == nil || fault.Is(err, fault.NotFound) && !later {
			// A delivery that nobody knows was purged, or was never ours: nothing to keep.
			r.Ack()
			return
		}
		s.deps.Log.ErrorContext(ctx, "receipt was not stored", slog.String("carrier", r.Carrier), slog.Any("error", err))
		select {
		case <-time.After(receiptRetry):
		case <-ctx.Done():
			return
		}
	}
}
