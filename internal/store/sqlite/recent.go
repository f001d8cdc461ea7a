package sqlite

import (
	"context"
	"database/sql"
	"slices"
	"sync/atomic"

	"github.com/pinpost/pinpost/internal/store/deliverylog"
)

const (
	// recentSize is how many numbers there is room for. A send takes two and a verification one, so that about 200,000 PINs are
	// remembered: those of a million sends an hour, for most of the documented time in which each may be verified.
	recentSize = 1 << 19
	// segmentSize is how many slots are made at once, so that a store with few PINs takes little memory.
	segmentSize = 1 << 10
)

// recent remembers the PINs that were written or read last, as they are on disk, so that those on their way to a phone and back
// are not read again and again. Numbers rise, so each takes the place of one that came long before it. It drops everything when
// another process has written, once the writer learns of it: until then a reader may see a PIN as this process left it. One
// process at a time serves from a folder.
type recent struct {
	kept [recentSize / segmentSize]atomic.Pointer[segment] // nil where nobody has looked yet
	era  atomic.Uint64                                     // what was remembered in an earlier one counts no more
	// Of the transaction under way, by number: what a PIN has become, or nil where it has to be read.
	changed map[int64]*PINRow
	all     bool // everything is to be forgotten
}

// segment is slots of numbers that follow each other.
type segment [segmentSize]atomic.Pointer[PINRow]

// find gives a PIN that is remembered, or nil. Nobody may change it.
func (r *recent) find(number int64) *PINRow {
	if row := r.slot(number).Load(); row != nil && row.Number == number && row.era == r.era.Load() {
		return row
	}
	return nil
}

// get gives a PIN that is remembered, or reads it and remembers it. Nobody may change what it gives.
func (r *recent) get(number int64, read func() (PINRow, error)) (*PINRow, error) {
	if found := r.find(number); found != nil {
		return found, nil
	}
	slot, era := r.slot(number), r.era.Load()
	before := slot.Load()
	row, err := read()
	if err != nil {
		return nil, err
	}
	row.era = era
	slot.CompareAndSwap(before, &row) // not where the writer has changed the PIN since: a slot never becomes again what it was
	return &row, nil
}

func (r *recent) slot(number int64) *atomic.Pointer[PINRow] {
	at := uint64(number) % recentSize
	held := &r.kept[at/segmentSize]
	if held.Load() == nil {
		held.CompareAndSwap(nil, new(segment))
	}
	return &held.Load()[at%segmentSize]
}

// purge forgets what was read by now or is being read.
func (r *recent) purge() { r.era.Add(1) }

// keep remembers what a PIN has become.
func (r *recent) keep(row *PINRow) { r.changed[row.Number] = row }

// forget has a PIN read from now on.
func (r *recent) forget(number int64) { r.changed[number] = nil }

// forgetChanges has every PIN read that the transaction has changed so far.
func (r *recent) forgetChanges() {
	for number := range r.changed {
		r.changed[number] = nil
	}
}

// forgetAll has every PIN read.
func (r *recent) forgetAll() {
	r.all = true
	r.purge()
	r.forgetChanges()
}

// undo leaves what is remembered as it was before the transaction.
func (r *recent) undo() {
	clear(r.changed)
	r.all = false
}

// settle makes what the transaction changed known to readers.
func (r *recent) settle() {
	if r.all { // once more: a reader may have read what was there before the commit
		r.all = false
		r.purge()
	}
	// gone is no PIN's, and keeps a reader from putting back what it read before. Each transaction has another one, as a slot must
	// never become again what it was.
	var gone *PINRow
	for number, row := range r.changed {
		if row == nil {
			if gone == nil {
				gone = &PINRow{Number: -1}
			}
			row = gone
		}
		row.era = r.era.Load()
		r.slot(number).Store(row)
	}
	clear(r.changed)
}

// row gives a PIN of whatever account, to be changed. Its id is known to the caller.
func (t *transaction) row(ctx context.Context, number int64, otherwise string) (*PINRow, error) {
	found, changed := t.recent.changed[number]
	if !changed {
		found = t.recent.find(number)
	}
	if found == nil {
		read, err := FromDBPIN(t.QueryRowContext(ctx, pinQuery, number))
		return &read, absent(err, otherwise)
	}
	mine := *found
	mine.Deliveries = slices.Clone(found.Deliveries)
	for i := range mine.Deliveries {
		mine.Deliveries[i].History = slices.Clip(mine.Deliveries[i].History)
	}
	return &mine, nil
}

// delivery gives a PIN and one of its deliveries, to be changed in place, or fault.NotFound.
func (t *transaction) delivery(ctx context.Context, pinNumber, number int64) (*PINRow, *deliverylog.Entry, error) {
	if err := t.open(ctx); err != nil {
		return nil, nil, err
	}
	row, err := t.row(ctx, pinNumber, noDelivery)
	if err != nil {
		return nil, nil, err
	}
	entry := row.Deliveries.Find(number)
	if entry == nil {
		return nil, nil, absent(sql.ErrNoRows, noDelivery)
	}
	return row, entry, nil
}

// keepDeliveries keeps what became of the deliveries of a PIN, and when it was sent.
func (t *transaction) keepDeliveries(ctx context.Context, row *PINRow) error {
	var err error
	if t.deliveries, err = row.Deliveries.Append(t.deliveries[:0]); err != nil {
		return err
	}
	t.deliveries = deliverylog.Pad(t.deliveries)
	_, err = t.ExecContext(ctx, deliveriesStatement, t.deliveries, openSince(row.Deliveries), toMillis(row.SentAt), row.Number)
	t.recent.keep(row)
	return err
}
