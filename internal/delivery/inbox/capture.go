package inbox

import (
	"context"
	"sync/atomic"

	"github.com/pinpost/pinpost/internal/delivery"
	"github.com/pinpost/pinpost/internal/sms"
)

// Capture keeps a text, for a carrier that decides its outcome by itself. A failure is a *delivery.Error.
func (i *Inbox) Capture(ctx context.Context, m delivery.SMS) (Entry, error) {
	segments := sms.SegmentsOf(m.Text.Reveal())
	return i.put(ctx, Entry{
		Origin: m.Origin, ID: m.AttemptID, Channel: ChannelSMS, To: m.To, From: m.From, Text: m.Text, PIN: m.PIN,
		Encoding: string(segments.Encoding), Segments: segments.Count, NCStatus: m.NCStatus,
	})
}

// CaptureCall keeps a call that ends with a status, for a carrier that decides that by itself. A failure is a
// *delivery.Error.
func (i *Inbox) CaptureCall(ctx context.Context, c delivery.Call, status delivery.CallStatus) (Entry, error) {
	return i.put(ctx, Entry{
		Origin: c.Origin, ID: c.AttemptID, Channel: ChannelVoice, To: c.To, From: c.From,
		Text: c.Prompt.Text(), Spoken: c.Prompt.Spoken(), PIN: c.Prompt.PIN, CallStatus: string(status),
	})
}

// put keeps an entry, and tells those who wait for it.
func (i *Inbox) put(ctx context.Context, e Entry) (Entry, error) {
	i.sending.RLock()
	defer i.sending.RUnlock()
	if i.closed {
		return Entry{}, refuse(ErrClosed)
	}
	e.At = i.now(e.AccountID)
	cursor, err := i.store.PutEntry(ctx, e)
	if err != nil {
		return Entry{}, refuse(err)
	}
	e.Cursor = cursor
	i.marks.raise(cursor)
	i.bell.ring(e)
	i.trimmer.count(e.AccountID)
	return e, nil
}

func refuse(err error) error {
	return &delivery.Error{Class: delivery.Temporary, Carrier: Name, Code: "store", Err: err}
}

// mark is the highest number seen.
type mark struct{ highest atomic.Int64 }

func (m *mark) raise(to int64) {
	for {
		now := m.highest.Load()
		if to <= now || m.highest.CompareAndSwap(now, to) {
			return
		}
	}
}
