package postgres

import (
	"context"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
)

// change is what a call wants done. It may be played several times, each time on what is stored by then.
type change interface {
	// want says what the change is about.
	want(w *wants)
	// play decides by what is stored, and either does all of the change or gives why it is refused.
	play(b *books) error
}

// do carries out a change together with those that wait in q.
func (s *Store) do(ctx context.Context, doing string, q *queue[change], c change) error {
	if !s.alone {
		return s.fail(doing, q.do(ctx, c))
	}
	if err := ctx.Err(); err != nil {
		return s.fail(doing, err)
	}
	ctx, cancel := context.WithTimeout(ctx, s.patience)
	defer cancel()
	refusals, err := s.carryOutOnce(ctx, []change{c})
	if err == nil {
		err = refusals[0]
	}
	return s.fail(doing, err)
}

// carryOutAll carries out changes that no caller's end may stop any more.
func (s *Store) carryOutAll(tasks []*task[change]) {
	ctx, cancel := context.WithTimeout(context.Background(), s.patience)
	defer cancel()
	changes := make([]change, len(tasks))
	for i, one := range tasks {
		changes[i] = one.value
	}
	refusals, err := s.carryOutOnce(ctx, changes)
	switch {
	case err == nil:
		for i, one := range tasks {
			one.err = refusals[i]
		}
	case len(tasks) == 1 || isUnavailable(err):
		for _, one := range tasks {
			one.err = err
		}
	default: // one of them cannot be written, and has undone the others
		for _, one := range tasks {
			if refusals, one.err = s.carryOutOnce(ctx, []change{one.value}); one.err == nil {
				one.err = refusals[0]
			}
		}
	}
}

// carryOutOnce carries out changes in one transaction and gives what each of them was refused for.
func (s *Store) carryOutOnce(ctx context.Context, changes []change) (refusals []error, err error) {
	err = s.repeat(ctx, func() error {
		conn, err := s.pool.Acquire(ctx)
		if err != nil {
			return err
		}
		defer conn.Release()
		refusals, err = s.inOneTransaction(ctx, conn, changes)
		return err
	})
	return refusals, err
}

// inOneTransaction makes two round trips: one locks and reads, one writes and commits. There is one more between the two
// where what is read depends on what is locked.
func (s *Store) inOneTransaction(ctx context.Context, conn *pgxpool.Conn, changes []change) ([]error, error) {
	w := newWants()
	for _, c := range changes {
		c.want(w)
	}
	b := newBooks()
	if err := s.load(ctx, conn, b, w); err != nil {
		undo(ctx, conn)
		return nil, err
	}
	refusals := make([]error, len(changes))
	for i, c := range changes {
		refusals[i] = c.play(b)
	}
	saving := &pgx.Batch{}
	if err := b.save(saving); err != nil {
		undo(ctx, conn)
		return nil, err
	}
	var tag pgconn.CommandTag
	saving.Queue("COMMIT").Exec(func(done pgconn.CommandTag) error {
		tag = done
		return nil
	})
	err := send(ctx, conn, saving)
	if err == nil && tag.String() != "COMMIT" {
		err = pgx.ErrTxCommitRollback
	}
	if err = committed(conn.Conn(), err); err == nil {
		s.remember(b)
	}
	return refusals, err
}

// remember keeps in mind what was stored.
func (s *Store) remember(b *books) {
	for _, p := range b.begun {
		s.recent.keep(p.number, p.deliveries)
	}
	for _, p := range b.newPINs {
		kept := p.PIN
		s.kept.keep(p.number, &kept)
	}
	for _, p := range b.pins {
		if p.wiped {
			s.kept.take(p.number)
		}
	}
}

// load locks and reads what a batch is about.
func (s *Store) load(ctx context.Context, conn *pgxpool.Conn, b *books, w *wants) error {
	batch := &pgx.Batch{}
	applications, known := s.names.numbersOf(w.applications)
	if known = known && len(w.freed) == 0; known {
		b.lock(batch, w, applications)
	} else {
		b.lock(batch, w, nil)
		if err := send(ctx, conn, batch); err != nil {
			return err
		}
		s.names.learn(b.applications, nil)
		applications, batch = b.applications, &pgx.Batch{}
	}
	var messages []ownID
	b.messages, messages = s.names.messagesOf(w.messages, applications)
	read := b.look(batch, w, applications, messages)
	if batch.Len() > 0 {
		if err := send(ctx, conn, batch); err != nil {
			return err
		}
	}
	read()
	for id := range applications {
		if _, is := b.applications[id]; !is {
			s.names.forget(id)
			return errRenumbered
		}
	}
	if len(messages) > 0 {
		s.names.learnThere(w.messages, b.messages, applications)
	}
	pins := make([]*storedPIN, 0, len(b.pins))
	for _, p := range b.pins {
		p.ID = s.ids.ID(p.number, ofThePIN)
		pins = append(pins, &p.storedPIN)
	}
	return s.names.nameAll(pins, func(batch *pgx.Batch) error { return send(ctx, conn, batch) })
}

// send makes one round trip; what fails in it is undone.
func send(ctx context.Context, conn *pgxpool.Conn, batch *pgx.Batch) error {
	err := conn.SendBatch(ctx, batch).Close()
	if err != nil {
		undo(ctx, conn)
	}
	return err
}

// undo ends a transaction that failed. When that fails too, the pool gives up the connection, and the server undoes it.
func undo(ctx context.Context, conn *pgxpool.Conn) {
	if conn.Conn().PgConn().TxStatus() != 'I' && !conn.Conn().IsClosed() {
		_, _ = conn.Exec(ctx, "ROLLBACK")
	}
}
