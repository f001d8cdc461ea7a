package inbox

import (
	"context"
	"time"

	"github.com/pinpost/pinpost/internal/delivery"
	"github.com/pinpost/pinpost/internal/phone"
)

// The channels of entries.
const (
	ChannelSMS   = "SMS"
	ChannelVoice = "VOICE"
)

// Entry is one captured text or call. It holds the PIN readable, which is why the inbox exists in sandboxes only.
type Entry struct {
	delivery.Origin
	ID         string // the attempt's id
	Cursor     int64  // its place in the store: it rises with every entry and is never given again
	Channel    string // ChannelSMS or ChannelVoice
	To         phone.Number
	From       string
	Text       delivery.Text // as a screen shows it
	Spoken     delivery.Text // as a voice says it; empty for a text
	PIN        delivery.Code
	Encoding   string // of a text: GSM-7 or UCS-2
	Segments   int    // of a text
	NCStatus   string // what the number lookup answered, when there was one
	CallStatus string // of a call: how it ended
	At         time.Time
}

// Filter narrows what is read. AccountID always applies; other empty members mean any.
type Filter struct {
	AccountID     string
	To            phone.Number
	PINID         string
	ApplicationID string
	Channel       string
	Since         time.Time // entries of this moment and later
	After, Before int64     // entries between these cursors, themselves left out; 0 is none
}

// Fits tells whether an entry is one that the filter lets through.
func (f Filter) Fits(e Entry) bool {
	return e.AccountID == f.AccountID &&
		(f.To == "" || e.To == f.To) &&
		(f.PINID == "" || e.PINID == f.PINID) &&
		(f.ApplicationID == "" || e.ApplicationID == f.ApplicationID) &&
		(f.Channel == "" || e.Channel == f.Channel) &&
		(f.Since.IsZero() || e.At.UnixMilli() >= f.Since.UnixMilli()) && // stores keep milliseconds
		(f.After == 0 || e.Cursor > f.After) &&
		(f.Before == 0 || e.Cursor < f.Before)
}

// Store keeps entries. Newer means a higher cursor. Entries become visible in the order of their cursors, so that a
// reader who has seen one has not missed any before it.
type Store interface {
	// PutEntry keeps an entry and gives its cursor; it is durable when the call returns.
	PutEntry(ctx context.Context, e Entry) (cursor int64, err error)
	// Entries gives the entries that fit, newest first, at most max.
	Entries(ctx context.Context, f Filter, max int) ([]Entry, error)
	// OldestEntry gives the entry with the lowest cursor of those that fit, and whether there is one.
	OldestEntry(ctx context.Context, f Filter) (Entry, bool, error)
	// Entry gives one entry of an account, the newest with that id, or fault.NotFound.
	Entry(ctx context.Context, accountID, id string) (Entry, error)
	// DeleteEntries removes the entries that fit, the newest ones, at most max, and gives what it removed, newest first.
	DeleteEntries(ctx context.Context, f Filter, max int) ([]Entry, error)
	// LastCursor gives the highest cursor there ever was. It is above 0 even before the first entry, so that it can be
	// told from none.
	LastCursor(ctx context.Context) (int64, error)
	// TrimEntries removes the oldest entries of an account, all but keep, in one bounded step, and gives how many.
	TrimEntries(ctx context.Context, accountID string, keep int) (int, error)
}
