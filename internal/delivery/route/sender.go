package route

import (
	"context"
	"sync"

	"github.com/pinpost/pinpost/internal/delivery"
)

// Sender gives texts to the first of several carriers that takes them, within the deadline of the call.
type Sender struct {
	table[delivery.Sender]
	receipts chan delivery.ReceiptDelivery
	reading  sync.WaitGroup
}

var _ delivery.Sender = (*Sender)(nil)

// NewSender joins carriers of texts. It owns them from now on: close it, and not them.
func NewSender(ways []Way[delivery.Sender], deps Deps) (*Sender, error) {
	t, err := newTable(ways, deps)
	if err != nil {
		return nil, err
	}
	s := &Sender{table: t, receipts: make(chan delivery.ReceiptDelivery)}
	for _, c := range distinct(t) {
		s.reading.Go(func() {
			for r := range c.Receipts() {
				s.receipts <- r
			}
		})
	}
	go func() { // ends with the carriers
		s.reading.Wait()
		close(s.receipts)
	}()
	return s, nil
}

// Name is "routes": records name the carrier that took a text.
func (*Sender) Name() string { return "routes" }

// Send tries the carriers of the number one after the other until one takes the text, or refuses it for a reason that holds
// for all, or the deadline comes. A text that may have gone out is repeated once, with the same PIN: two texts do less harm
// than none. A refusal is a *delivery.Error with the tries that led to it.
func (s *Sender) Send(ctx context.Context, m delivery.SMS) (delivery.Accepted, error) {
	ways := s.to(m.To)
	if len(ways) == 0 {
		return delivery.Accepted{}, noWay()
	}
	o := outcome{deps: s.deps, elsewhere: textElsewhere}
	var accepted delivery.Accepted
	left := len(ways)
	round(ways, func(w *way[delivery.Sender], trial bool) bool {
		left--
		err := o.try(ctx, w.Carrier.Name(), func() (err error) {
			trying, cancel := o.patience(ctx, left > 0)
			defer cancel()
			accepted, err = w.Carrier.Send(trying, m)
			return err
		})
		w.learn(err, trial)
		return o.over(ctx, err)
	})
	if o.repeatable(ctx) && len(ways) == 1 {
		// Nobody else is there: the carrier itself is asked once more.
		err := o.try(ctx, ways[0].Carrier.Name(), func() (err error) {
			accepted, err = ways[0].Carrier.Send(ctx, m)
			return err
		})
		ways[0].learn(err, false)
		o.over(ctx, err)
	}
	if o.err != nil {
		return delivery.Accepted{}, o.refusal()
	}
	accepted.Attempts = o.attempts
	return accepted, nil
}

// Receipts are those of all carriers. The channel is closed when all of theirs are.
func (s *Sender) Receipts() <-chan delivery.ReceiptDelivery { return s.receipts }

// Health is up while any carrier is.
func (s *Sender) Health() delivery.Health { return healthOf(distinct(s.table)) }

// Close closes all carriers.
func (s *Sender) Close(ctx context.Context) error { return closeAll(ctx, distinct(s.table)) }
