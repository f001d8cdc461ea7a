package postgres

import (
	"cmp"
	"context"
	"slices"

	"github.com/jackc/pgx/v5"
)

// The tasks of the agenda.
const (
	taskGiveUp int64 = iota // deliveries that are open, when they are old enough
	taskWipe                // sealed PINs, when they expire
	taskRemove              // PINs, when their grace after that is over
)

const (
	mostInARow  = 100  // PINs that a row of the agenda has at most
	farthestDue = 1000 // milliseconds that these are apart at most
	rowsAtOnce  = 8    // that a purge takes in one transaction
)

// insertAgenda puts slices of $5 into rows.
var insertAgenda = "INSERT INTO agenda (task, at, pins) SELECT task, at, ($5::bigint[])[u.first:u.last] FROM " +
	rowsOf("task, at, first, last", "bigint, bigint, bigint, bigint")

const (
	takeAgendaStatement = `
	DELETE FROM agenda WHERE (task, at, seq) IN (
		SELECT task, at, seq FROM agenda WHERE task = $1 AND at < $2 ORDER BY at, seq LIMIT $3 FOR UPDATE SKIP LOCKED)
	RETURNING pins`
)

// dueAt is a PIN that is to be looked at.
type dueAt struct{ at, number int64 }

// sortDue puts the oldest first.
func sortDue(due []dueAt) {
	slices.SortFunc(due, func(a, b dueAt) int { return cmp.Or(cmp.Compare(a.at, b.at), cmp.Compare(a.number, b.number)) })
}

// numbers are those of the PINs.
func numbersDue(due []dueAt) []int64 {
	all := make([]int64, len(due))
	for i, one := range due {
		all[i] = one.number
	}
	return all
}

// queueAgenda adds to a round trip what puts PINs on the agenda, by task.
func queueAgenda(batch *pgx.Batch, all map[int64][]dueAt) {
	rows := make(columns, 4)
	var pins []int64
	for task, due := range all {
		sortDue(due)
		for len(due) > 0 {
			n := 1
			for n < len(due) && n < mostInARow && due[n].at-due[0].at <= farthestDue {
				n++
			}
			rows.add(task, due[0].at, int64(len(pins)+1), int64(len(pins)+n))
			pins = append(pins, numbersDue(due[:n])...)
			due = due[n:]
		}
	}
	if len(pins) > 0 {
		batch.Queue(insertAgenda, append(rows.args(), pins)...)
	}
}

// looked is what became of PINs that were looked at.
type looked struct {
	touched int
	full    bool              // no more may be touched
	later   map[int64][]dueAt // by task: those that are to be looked at again
}

func (l *looked) again(task, at, number int64) {
	if l.later == nil {
		l.later = map[int64][]dueAt{}
	}
	l.later[task] = append(l.later[task], dueAt{at, number})
}

// workOff looks at PINs that were due before a time, the oldest first, until there are no more or most are touched, and gives
// how many were. What look passes over, as it needs nothing or is gone, counts as none: it is left in short transactions, each
// with rows of the agenda that no other replica has.
func (s *Store) workOff(
	ctx context.Context, doing string, task, before int64, most int,
	look func(ctx context.Context, tx pgx.Tx, pins []int64, most int) (looked, error),
) (int, error) {
	total := 0
	for total < most {
		var found looked
		done := false
		err := s.write(ctx, doing, func(ctx context.Context, tx pgx.Tx) error {
			rows, err := query(ctx, tx, readPINs, takeAgendaStatement, task, before, rowsAtOnce)
			if done = len(rows) == 0; done || err != nil {
				return err
			}
			if found, err = look(ctx, tx, slices.Concat(rows...), most-total); err != nil {
				return err
			}
			batch := &pgx.Batch{}
			queueAgenda(batch, found.later)
			return tx.SendBatch(ctx, batch).Close()
		})
		if err != nil {
			return total, err
		}
		total += found.touched
		if done || found.full {
			break
		}
	}
	return total, nil
}

func readPINs(r row) (numbers []int64, err error) {
	err = r.Scan(&numbers)
	return numbers, err
}
