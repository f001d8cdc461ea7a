package smpp

import (
	"log/slog"
	"slices"
	"sync"
	"time"

	"github.com/pinpost/pinpost/internal/delivery"
	"github.com/pinpost/pinpost/internal/delivery/smpp/pdu"
)

const (
	// mostOutstanding is how many receipts may wait to be stored; further ones are sent back to the SMSC for later.
	mostOutstanding = 1000
	// rememberedIDs and rememberedReceipts are how many messages and stored receipts are kept in mind.
	rememberedIDs      = 20_000
	rememberedReceipts = 20_000
	// forgotten is how long after a receipt was handed out without Ack a repeated one is handed out again.
	forgotten = time.Minute
)

// receipts keeps each receipt until it is stored, and tells the SMSC only then. One that comes before Send has returned
// its message's id, or just after, is held back until whoever called Send can know the id.
type receipts struct {
	config       Config
	now          func() time.Time
	log          *slog.Logger
	park, settle time.Duration
	out          chan delivery.ReceiptDelivery
	wake         chan struct{} // holds one

	mu      sync.Mutex
	closed  bool
	waiting map[receiptKey]*entry // outstanding: held back or handed out
	stored  *shelf[receiptKey, struct{}]
	sent    *shelf[string, *message]
}

type receiptKey struct {
	id    string
	state pdu.MessageState
}

// entry is a receipt that is not stored yet.
type entry struct {
	receiptKey
	receipt pdu.Receipt
	at      time.Time
	due     time.Time // when it may be handed out
	handed  time.Time // when it was; zero before
	counted bool      // among its message's delivered parts
	answers []func()  // one for each time that the SMSC sent it
}

// message is what Send made of one text: the ids of its parts.
type message struct {
	ids       []string
	settled   time.Time // when those who wait for the id may know it; zero while Send is at work
	delivered int       // parts
	over      bool      // its end was reported
}

func newReceipts(c Config, d Deps) *receipts {
	return &receipts{
		config: c, now: d.Now, log: d.Log, park: d.Park, settle: d.Settle,
		out: make(chan delivery.ReceiptDelivery), wake: make(chan struct{}, 1),
		waiting: map[receiptKey]*entry{},
		stored:  newShelf[receiptKey, struct{}](rememberedReceipts),
		sent:    newShelf[string, *message](rememberedIDs),
	}
}

// note says that a part of a message got an id. Receipts for it wait for release. Some SMSCs give all parts one id, and one
// receipt.
func (r *receipts) note(m *message, id string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if id == "" || slices.Contains(m.ids, id) {
		return
	}
	m.ids = append(m.ids, id)
	r.sent.put(id, m)
}

// release says that Send returns.
func (r *receipts) release(m *message) {
	r.mu.Lock()
	defer r.mu.Unlock()
	m.settled = r.now().Add(r.settle)
	for _, e := range r.waiting {
		if owner, known := r.sent.get(e.id); known && owner == m {
			e.due = m.settled
		}
	}
	r.rouse()
}

// rouse has run look again.
func (r *receipts) rouse() {
	select {
	case r.wake <- struct{}{}:
	default:
	}
}

// verdict is what an SMSC is told at once about a receipt.
type verdict int

const (
	answerLater  verdict = iota // after Ack, or never
	answerStored                // there is nothing to store, or it is stored
	answerBusy                  // it should come again
)

// take keeps a receipt. The answer is called after it was stored.
func (r *receipts) take(receipt pdu.Receipt, answer func()) verdict {
	receipt.ID = receiptID(r.config.IDs, receipt.ID)
	key := receiptKey{receipt.ID, receipt.State}
	if _, counts := receiptStates[receipt.State]; !counts {
		return answerStored // under way still, or a word of the carrier's own
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if _, known := r.stored.get(key); known {
		return answerStored
	}
	if r.closed {
		return answerLater
	}
	if e := r.waiting[key]; e != nil {
		r.again(e, answer)
		return answerLater
	}
	if len(r.waiting) >= mostOutstanding {
		return answerBusy
	}
	now := r.now()
	e := &entry{receiptKey: key, receipt: receipt, at: now, due: now.Add(r.park), answers: []func(){answer}}
	if owner, known := r.sent.get(receipt.ID); known && !owner.settled.IsZero() {
		e.due = owner.settled
	} else if known {
		e.due = now.Add(delivery.SendTimeout) // release comes before
	}
	r.waiting[key] = e
	r.rouse()
	return answerLater
}

// again notes that the SMSC repeated a receipt. Only the last few times are answered.
func (r *receipts) again(e *entry, answer func()) {
	if e.answers = append(e.answers, answer); len(e.answers) > 4 {
		e.answers = e.answers[1:]
	}
	if !e.handed.IsZero() && r.now().Sub(e.handed) > forgotten {
		e.handed = time.Time{}
		r.rouse()
	}
}
