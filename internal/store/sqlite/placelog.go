package sqlite

import (
	"context"
	"encoding/binary"
	"errors"
	"slices"
)

const (
	placeLogQuery      = "SELECT seq, application, kind, newest, places FROM place_log ORDER BY seq"
	logPlacesStatement = "INSERT INTO place_log (seq, application, kind, newest, places) VALUES (?, ?, ?, ?, ?)"
	removeRowStatement = "DELETE FROM place_log WHERE seq = ?"
)

// placeLength is how many bytes a place has in the log.
const placeLength = 24

var errPlaces = errors.New("places are stored in a form that this program does not know")

// logged is a row of place_log.
type logged struct{ seq, newest int64 }

// entry is a row of place_log that a transaction is about to write.
type entry struct {
	line   line
	row    logged
	places []byte
}

// logPlaces writes down which places a transaction took and gave back: a row for each line, as one of many places costs hardly more than
// one of a single place.
func (t *transaction) logPlaces(ctx context.Context) error {
	t.entries = t.entries[:0]
	for _, c := range t.changes {
		switch c.what {
		case taken:
			t.entryOf(c.line).add(c.place)
		case freed:
			c.place.number = -c.place.number
			t.entryOf(c.line).add(c.place)
		case cleared:
			e := t.entryOf(c.line)
			e.places = e.places[:0]
		case over, dropped:
		}
	}
	for i := range t.entries {
		e := &t.entries[i]
		if len(e.places) == 0 {
			continue
		}
		t.lastRow++
		e.row.seq = t.lastRow
		_, err := t.ExecContext(ctx, logPlacesStatement, e.row.seq, e.line.application, e.line.kind, e.row.newest, e.places)
		if err != nil {
			return err
		}
	}
	return nil
}

func (b *books) entryOf(l line) *entry {
	for i := range b.entries {
		if b.entries[i].line == l {
			return &b.entries[i]
		}
	}
	n := len(b.entries)
	b.entries = slices.Grow(b.entries, 1)[:n+1]
	e := &b.entries[n]
	*e = entry{line: l, places: e.places[:0]}
	return e
}

func (e *entry) add(p place) {
	e.row.newest = max(e.row.newest, p.at)
	for _, part := range [...]int64{p.number, p.phone, p.at} {
		e.places = binary.BigEndian.AppendUint64(e.places, uint64(part))
	}
}

// keepLogged remembers the rows that a transaction wrote, now that they are on disk.
func (b *books) keepLogged() {
	for _, e := range b.entries {
		if len(e.places) > 0 {
			window := b.windows.of(e.line)
			window.rows = append(window.rows, e.row)
		}
	}
	b.entries = b.entries[:0]
}

// dropRow removes the oldest row of a line.
func (t *transaction) dropRow(ctx context.Context, l line, window *window) error {
	rows := window.rows
	if _, err := t.ExecContext(ctx, removeRowStatement, rows[0].seq); err != nil {
		return err
	}
	window.rows = rows[1:]
	t.changes = append(t.changes, change{line: l, rows: rows, what: dropped})
	return nil
}

// readPlaces makes windows of the log.
func (t *transaction) readPlaces(ctx context.Context) (windows, error) {
	rows, err := t.QueryContext(ctx, placeLogQuery)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	read := windows{}
	t.lastRow = 0
	for rows.Next() {
		var row logged
		var l line
		var places []byte
		if err := rows.Scan(&row.seq, &l.application, &l.kind, &row.newest, &places); err != nil {
			return nil, err
		}
		window := read.of(l)
		if !window.replay(places) {
			return nil, errPlaces
		}
		window.rows = append(window.rows, row)
		t.lastRow = row.seq
	}
	return read, rows.Err()
}

// replay does again what a row of the log says, or reports that it says nothing that can be.
func (w *window) replay(places []byte) bool {
	if len(places)%placeLength != 0 {
		return false
	}
	for ; len(places) > 0; places = places[placeLength:] {
		part := func(i int) int64 { return int64(binary.BigEndian.Uint64(places[8*i:])) }
		if p := (place{part(0), part(1), part(2)}); p.number >= 0 {
			w.add(p)
		} else {
			p.number = -p.number
			w.remove(p)
		}
	}
	return true
}
