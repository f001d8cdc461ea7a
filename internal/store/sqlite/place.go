package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"slices"
	"time"

	"github.com/pinpost/pinpost/internal/pin"
)

const (
	takeTurnStatement = "UPDATE places_turn SET n = n + 1 RETURNING n"
	intervalsQuery    = "SELECT max(initiation_interval, overall_initiation_interval), verification_interval" +
		" FROM applications WHERE seq = ?"
)

// books is what the writer knows of what is stored, so that it need not ask. It is read when the first transaction needs it, and
// again when another process has written.
type books struct {
	windows  windows // nil when they have to be read
	turn     int64   // of the last transaction that changed places
	listed   int64   // the highest number in pin_list
	unlisted unlisted
	lastRow  int64 // of place_log
	recent   recent

	// Of the transaction under way:
	took    bool // it has its turn
	mine    int64
	changes []change
	entries []entry // of place_log; their memory serves the next transaction too
}

// change is what a transaction did to the places of a line.
type change struct {
	line  line
	place place
	what  what
	row   logged // of dropped
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

// open takes a turn, so that what the books say is true until the end of the transaction. The turn stays taken when the write that
// took it changes nothing else.
func (t *transaction) open(ctx context.Context) error {
	if t.took {
		return nil
	}
	defer func(changed bool) { t.changed = changed }(t.changed)
	if err := t.QueryRowContext(ctx, takeTurnStatement).Scan(&t.mine); err != nil {
		return err
	}
	if t.windows == nil || t.mine != t.turn+1 {
		if err := t.readBooks(ctx); err != nil {
			return err
		}
	}
	t.took = true
	return nil
}

// readBooks reads what is stored, which takes about a second for a million places.
func (t *transaction) readBooks(ctx context.Context) error {
	t.windows = nil
	t.recent.forgetAll()
	if err := t.QueryRowContext(ctx, listedQuery).Scan(&t.listed); err != nil {
		return err
	}
	u := &t.unlisted
	if err := t.QueryRowContext(ctx, unlistedQuery).Scan(&u.pins, &u.open, &u.wipe, &u.expire); err != nil {
		return err
	}
	read, err := t.readPlaces(ctx)
	t.windows = read
	return err
}

// undo takes back what a transaction, or one write of it, changed in the books since the changes were so many.
func (b *books) undo(kept int) {
	for i := len(b.changes) - 1; i >= kept && b.windows != nil; i-- {
		c := b.changes[i]
		switch window := b.windows.of(c.line); c.what {
		case taken:
			window.remove(c.place)
		case freed, over:
			window.add(c.place)
		case dropped:
			window.rows = slices.Insert(window.rows, 0, c.row)
		case cleared:
		}
	}
	b.changes = b.changes[:kept]
	b.recent.forgetChanges()
}

// settle makes what a transaction changed the truth, once it is on disk.
func (b *books) settle() {
	if b.took {
		b.turn = b.mine
	}
	b.keepLogged()
	b.changes, b.took = b.changes[:0], false
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

// purgePlaces forgets at most most places that no limit of their application can still count, and removes the rows that have no
// others.
func (t *transaction) purgePlaces(ctx context.Context, now time.Time, most int) (n int, err error) {
	for l, window := range t.windows {
		var sends, checks int64
		err := t.QueryRowContext(ctx, intervalsQuery, l.application).Scan(&sends, &checks)
		if err != nil && !errors.Is(err, sql.ErrNoRows) { // nothing counts for an application that is gone
			return n, err
		}
		before := toMillis(now) - sends
		if l.kind == pin.LimitChecks {
			before = toMillis(now) - checks
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
			t.changes = append(t.changes, change{line: l, place: window.pop(), what: over})
		}
		for len(window.rows) > 0 {
			if err := t.dropRow(ctx, l, window); err != nil {
				return err
			}
		}
		t.changes = append(t.changes, change{line: l, what: cleared})
		delete(t.windows, l)
	}
	return nil
}
