package smshttp

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"sync"

	"github.com/pinpost/pinpost/internal/delivery"
)

// maxCallback bounds the body of a callback. Infobip puts up to a hundred receipts into one, of less than 1 KB each.
const maxCallback = 256 << 10

// Receipts are what became of the texts. The channel is closed by Close.
func (c *Carrier) Receipts() <-chan delivery.ReceiptDelivery { return c.receipts }

// ServeHTTP takes a callback of the gateway: 200 after its receipts are stored, 503 when that took too long, so that the
// gateway comes again. A callback without the right token or signature gets 401 or 403, one that is not understood 400.
func (c *Carrier) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	status := http.StatusServiceUnavailable
	if c.enter() {
		defer c.leave()
		status = c.receive(w, r)
	}
	switch status {
	case http.StatusServiceUnavailable:
		w.Header().Set("Retry-After", "5")
	case http.StatusMethodNotAllowed:
		w.Header().Set("Allow", "GET, POST")
	case http.StatusUnauthorized:
		w.Header().Set("WWW-Authenticate", challenges[c.settings.Receipts.Auth])
	}
	w.WriteHeader(status)
}

// receive reads a callback and has its receipts stored. It gives the status to answer.
func (c *Carrier) receive(w http.ResponseWriter, r *http.Request) int {
	if r.Method != http.MethodGet && r.Method != http.MethodPost {
		return http.StatusMethodNotAllowed
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxCallback))
	if err != nil {
		return statusOfRead(err)
	}
	if !c.settings.Receipts.Asked() || !c.gateway.Authentic(r, body) {
		c.log.WarnContext(r.Context(), "callback was not the gateway's")
		return c.forbidden()
	}
	reports, err := c.gateway.Reports(r, body)
	if err != nil {
		c.log.WarnContext(r.Context(), "callback was not understood", slog.Any("error", err))
		return http.StatusBadRequest
	}
	if !c.store(r.Context(), c.news(r.Context(), reports)) {
		c.log.WarnContext(r.Context(), "receipts were not stored in time", slog.Int("receipts", len(reports)))
		return http.StatusServiceUnavailable
	}
	return http.StatusOK
}

// enter lets a callback in, unless too many are being read or the carrier is closed.
func (c *Carrier) enter() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return false
	}
	select {
	case c.callbacks <- struct{}{}:
		c.busy.Add(1)
		return true
	default:
		return false
	}
}

func (c *Carrier) leave() {
	<-c.callbacks
	c.busy.Done()
}

// challenges are what strangers are asked for, where a header holds the token.
var challenges = map[string]string{AuthBasic: `Basic realm="receipts"`, AuthBearer: "Bearer"}

// forbidden turns a stranger away, without a word on what was wrong.
func (c *Carrier) forbidden() int {
	if challenges[c.settings.Receipts.Auth] != "" {
		return http.StatusUnauthorized
	}
	return http.StatusForbidden
}

func statusOfRead(err error) int {
	if _, tooLong := errors.AsType[*http.MaxBytesError](err); tooLong {
		return http.StatusRequestEntityTooLarge
	}
	return http.StatusBadRequest
}

// news are the receipts that say something new: a message on its way is known to be so since it was taken.
func (c *Carrier) news(ctx context.Context, reports []Report) []delivery.Receipt {
	receipts := make([]delivery.Receipt, 0, len(reports))
	for _, report := range reports {
		receipt := report.Receipt
		receipt.Carrier, receipt.Code = c.Name(), Word(receipt.Code)
		switch {
		case report.Unknown:
			// It is acknowledged in any case, or the gateway would come again with it for hours.
			c.log.WarnContext(ctx, "receipt has a state that is not known",
				slog.String("attempt", Word(receipt.AttemptID)), slog.String("code", receipt.Code))
			continue
		case receipt.State == delivery.StateWaiting:
			continue
		case receipt.At.IsZero():
			receipt.At = c.now()
		}
		receipts = append(receipts, receipt)
	}
	return receipts
}

// store hands receipts over and waits until all are acknowledged. It reports whether they were, in time.
func (c *Carrier) store(ctx context.Context, receipts []delivery.Receipt) bool {
	ctx, cancel := context.WithTimeout(ctx, c.settings.Receipts.AckTimeout)
	defer cancel()
	stored := make(chan struct{}, len(receipts)) // so that an Ack never waits, also after we have gone
	for _, receipt := range receipts {
		if !c.hand(ctx, receipt, stored) {
			return false
		}
	}
	for range receipts {
		select {
		case <-stored:
		case <-c.closing:
			return false
		case <-ctx.Done():
			return false
		}
	}
	return true
}

// hand gives one receipt to the reader of Receipts.
func (c *Carrier) hand(ctx context.Context, receipt delivery.Receipt, stored chan<- struct{}) bool {
	ack := sync.OnceFunc(func() { stored <- struct{}{} })
	select {
	case c.receipts <- delivery.ReceiptDelivery{Receipt: receipt, Ack: ack}:
		return true
	case <-c.closing:
	case <-ctx.Done():
	}
	return false
}
