package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/pinpost/pinpost/internal/pin"
)

const (
	// versionQuery gives another number once another connection has changed the file.
	versionQuery   = "PRAGMA data_version"
	intervalsQuery = "SELECT max(initiation_interval, overall_initiation_interval), verification_interval" +
		" FROM applications WHERE seq = ?"
)

// books is what the writer knows of what is stored, so that it need not ask. It is read when the first transaction needs it, and
// again when another process has written.
type books struct {
	version  int64   // of the file, as others have left it
	windows  windows // nil when they have to be read
	listed   int64   // the highest number in pin_list
	unlisted unlisted
	lastRow  int64 // of place_log
	recent   recent

	// Of the transaction under way:
	changes []change
	entries []entry // of place_log; their memory serves the next transaction too
}

// change is what a transaction did to the places of a line.
type change struct {
	line  line
	place place
	what  what
	rows  []logged // of dropped, as they were before
}

type what int

// What becomes of places and of the rows of place_log.
const (
	taken   what = iota
	freed        // given back
	over         // gone by itself: nothing of it is logged
	dropped      // a row of place_log is removed
	cleared      // all places and rows of the line are gone, also those that the transaction took
)

// compare has everything read again that another process may have changed. From then on nobody else writes until the end of the
// transaction.
func (t *transaction) compare() error {
	var version int64
	if err := t.QueryRowContext(context.Background(), versionQuery).Scan(&version); err != nil {
		return err
	}
	if version != t.version {
		t.version, t.windows = version, nil
		t.recent.forgetAll()
		t.forgetSettings()
	}
	return nil
}

// open makes the books true until the end of the transaction.
func (t *transaction) open(ctx context.Context) error {
	if t.windows != nil {
		return nil
	}
	return t.readBooks(ctx)
}

// readBooks reads what is stored, which takes about a second for a million places.
func (t *transaction) readBooks(ctx context.Context) error {
	if err := t.QueryRowContext(ctx, listedQuery).Scan(&t.listed); err != nil {
		return err
	}
	u := &t.unlisted
	if err := t.QueryRowContext(ctx, unlistedQuery).Scan(&u.pins, &u.open, &u.wipe, &u.expire); err != nil {
		return err
	}
	read, err := t.readPlaces(ctx)
	if err == nil {
		t.windows = read
	}
	return err
}

// undo takes back what a transaction, or one write of it, changed in the books since the changes were so many.
func (b *books) undo(kept int) {
	for i := len(b.changes) - 1; i >= kept && b.windows != nil; i-- {
		c := b.changes[i]
		switch window := b.windows.of(c.line); c.what {
		case taken:
			window.remove(c.place)
		case freed:
			window.add(c.place)
		case over:
			window.unshift(c.place)
		case dropped:
			window.rows = c.rows
		case cleared:
		}
	}
	b.changes = b.changes[:kept]
	b.recent.forgetChanges()
}

// settle makes what a transaction changed the truth, once it is on disk.
func (b *books) settle() {
	b.keepLogged()
	b.changes = b.changes[:0]
	b.recent.settle()
}

// take takes a place in each limit of an application, or gives a *pin.LimitError for the first that has none. It looks at all
// of them before it takes any. All limits are of one kind; one place serves those of the number and those of all numbers.
func (t *transaction) take(application int64, p place, at time.Time, limits []pin.Limit) error {
	if len(limits) == 0 {
		return nil
	}
	l := line{application, limits[0].Kind}
	window := t.windows.of(l)
	for _, limit := range limits {
		if err := window.refusal(limit, p.phone, at); err != nil {
			return err
		}
	}
	t.changed = true
	window.add(p)
	t.changes = append(t.changes, change{line: l, place: p, what: taken})
	return nil
}

// free gives a place back, if there is one.
func (t *transaction) free(l line, p place) {
	if t.windows.of(l).remove(p) {
		t.changed = true
		t.changes = append(t.changes, change{line: l, place: p, what: freed})
	}
}

// intervals are how long places of an application count at most, in milliseconds.
type intervals struct{ sends, checks int64 }

func (t *transaction) intervalsOf(ctx context.Context, application int64) (i intervals, err error) {
	i, known := t.intervals[application]
	if known {
		return i, nil
	}
	err = t.QueryRowContext(ctx, intervalsQuery, application).Scan(&i.sends, &i.checks)
	if errors.Is(err, sql.ErrNoRows) {
		err = nil // nothing counts for an application that is gone
	}
	if err == nil {
		t.intervals[application] = i
	}
	return i, err
}

// purgePlaces forgets at most most places that no limit of their application can still count, and removes the rows that have no
// others.
func (t *transaction) purgePlaces(ctx context.Context, now time.Time, most int) (n int, err error) {
	for l, window := range t.windows {
		counted, err := t.intervalsOf(ctx, l.application)
		if err != nil {
			return n, err
		}
		before := toMillis(now) - counted.sends
		if l.kind == pin.LimitChecks {
			before = toMillis(now) - counted.checks
		}
		for ; n < most; n++ {
			p, found := window.shift(before)
			if !found {
				break
			}
			t.changes = append(t.changes, change{line: l, place: p, what: over})
		}
		for n < most && len(window.rows) > 0 && window.rows[0].newest <= before {
			n++
			if err := t.dropRow(ctx, l, window); err != nil {
				return n, err
			}
		}
		if window.events.len() == 0 && len(window.rows) == 0 {
			delete(t.windows, l)
		}
	}
	return n, nil
}

// clearPlaces removes all places of an application.
func (t *transaction) clearPlaces(ctx context.Context, application int64) error {
	for _, kind := range []pin.LimitKind{pin.LimitSends, pin.LimitChecks} {
		l := line{application, kind}
		window := t.windows[l]
		if window == nil {
			continue
		}
		for window.events.len() > 0 {
			t.changes = append(t.changes, change{line: l, place: window.pop(), what: freed})
		}
		for len(window.rows) > 0 {
			if err := t.dropRow(ctx, l, window); err != nil {
				return err
			}
		}
		t.changes = append(t.changes, change{line: l, what: cleared})
	}
	return nil
}
