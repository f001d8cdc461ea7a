package sqlite

import (
	"context"
	"database/sql"
	"slices"
	"sync/atomic"

	lru "github.com/hashicorp/golang-lru/v2"

	"github.com/pinpost/pinpost/internal/store/deliverylog"
)

// recentSize is how many PINs are remembered: about 85 MB of them.
const recentSize = 131_072

// recent remembers the PINs that were written or read last, as they are on disk, so that those on their way to a phone and back
// are not read again and again. It drops everything when another process has written, once the writer learns of it: until then a
// reader may see a PIN as this process left it. One process at a time serves from a folder.
type recent struct {
	kept   *lru.Cache[int64, *PINRow]
	epochs [4096]atomic.Uint32 // count the changes of PINs, by the last bits of their numbers, so that a reader keeps nothing older
	// Of the transaction under way, by number: what a PIN has become, or nil where it has to be read.
	changed map[int64]*PINRow
	all     bool // everything is to be forgotten
}

// get gives a PIN that is remembered, or reads it and remembers it. Nobody may change what it gives.
func (r *recent) get(number int64, read func() (PINRow, error)) (*PINRow, error) {
	if found, is := r.kept.Get(number); is {
		return found, nil
	}
	epoch := r.epochOf(number)
	began := epoch.Load()
	row, err := read()
	if err != nil {
		return nil, err
	}
	r.kept.ContainsOrAdd(number, &row)
	if epoch.Load() != began { // the writer has changed the PIN since it was read, or one like it
		r.kept.Remove(number)
	}
	return &row, nil
}

func (r *recent) epochOf(number int64) *atomic.Uint32 {
	return &r.epochs[uint64(number)%uint64(len(r.epochs))]
}

// purge forgets what was read by now or is being read.
func (r *recent) purge() {
	for i := range r.epochs {
		r.epochs[i].Add(1)
	}
	r.kept.Purge()
}

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
	for number, row := range r.changed {
		r.epochOf(number).Add(1)
		if row == nil {
			r.kept.Remove(number)
		} else {
			r.kept.Add(number, row)
		}
	}
	clear(r.changed)
}

// row gives a PIN of whatever account, to be changed. Its id is known to the caller.
func (t *transaction) row(ctx context.Context, number int64, otherwise string) (*PINRow, error) {
	found, changed := t.recent.changed[number]
	if !changed {
		found, _ = t.recent.kept.Get(number)
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
