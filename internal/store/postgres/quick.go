package postgres

import (
	"cmp"
	"context"
	"errors"
	"maps"
	"slices"
	"sync"

	"github.com/pinpost/pinpost/internal/pin"
	"github.com/pinpost/pinpost/internal/store/deliverylog"
)

// How many PINs a replica remembers that it stored: those that wait for the outcome of a delivery, and those that wait to be verified
// or sent again.
const (
	mostRecent = 16_384
	mostKept   = 131_072
)

// recent remembers something of each of the PINs that this replica has stored last.
type recent[V any] struct {
	mu     sync.Mutex
	most   int
	stored map[int64]V
	order  []int64 // a ring: the next to be forgotten is at
	at     int
}

// keep remembers something of a PIN, and forgets the oldest for it.
func (r *recent[V]) keep(number int64, value V) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.stored == nil {
		r.stored, r.order = map[int64]V{}, make([]int64, r.most)
	}
	delete(r.stored, r.order[r.at])
	r.stored[number], r.order[r.at] = value, number
	r.at = (r.at + 1) % r.most
}

// get gives what is remembered of a PIN, and whether anything is.
func (r *recent[V]) get(number int64) (V, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	value, is := r.stored[number]
	return value, is
}

// take is get, once.
func (r *recent[V]) take(number int64) (V, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	value, is := r.stored[number]
	delete(r.stored, number)
	return value, is
}

// forget forgets those that is is true of.
func (r *recent[V]) forget(is func(V) bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	maps.DeleteFunc(r.stored, func(_ int64, value V) bool { return is(value) })
}

// forgetAll remembers nothing.
func (r *recent[V]) forgetAll() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.stored = nil
}

// quickFinish is the outcome of a delivery that a carrier took, of a PIN whose deliveries were so a moment ago.
type quickFinish struct {
	outcome pin.Outcome
	number  deliveryNumber
	was     []byte
}

// errChanged says that the deliveries of a PIN are others by now.
var errChanged = errors.New("the deliveries were changed meanwhile")

// finishStatement notes outcomes in one round trip, as nothing is read for it: only in PINs whose deliveries are what they were.
var finishStatement = `
	WITH done AS (
		UPDATE pins p SET open_since = u.open_since, deliveries = u.deliveries,
			sent_at = CASE WHEN p.sent_at = 0 THEN u.sent_at ELSE p.sent_at END
		FROM ` + rowsOf("number, was, deliveries, open_since, sent_at, hash, at, delivery",
	"bigint, bytea, bytea, bigint, bigint, bigint, bigint, bigint") + `
		WHERE p.number = u.number AND p.deliveries = u.was
		RETURNING p.number, u.hash, u.at, u.delivery),
	found AS (
		INSERT INTO remotes (hash, at, delivery, pin) SELECT hash, at, delivery, number FROM done WHERE hash <> 0
		ON CONFLICT DO NOTHING)
	SELECT number FROM done`

// finishAll notes outcomes. A PIN whose deliveries have changed gives errChanged.
func (s *Store) finishAll(tasks []*task[*quickFinish]) {
	ctx, cancel := context.WithTimeout(context.Background(), s.patience)
	defer cancel()
	slices.SortFunc(tasks, func(a, b *task[*quickFinish]) int { return cmp.Compare(a.value.number.pin, b.value.number.pin) })
	rows := make(columns, 8)
	last := int64(0)
	for _, one := range tasks {
		if one.err = errChanged; one.value.number.pin != last { // by the one before
			last = one.value.number.pin
			one.err = one.value.add(rows)
		}
	}
	done := map[int64]bool{}
	err := s.repeat(ctx, func() error {
		if rows.empty() {
			return nil
		}
		conn, err := s.pool.Acquire(ctx)
		if err != nil {
			return err
		}
		defer conn.Release()
		found, err := conn.Query(ctx, finishStatement, rows.args()...)
		if err == nil {
			var numbers []int64
			numbers, err = collect(found, readNumber)
			for _, n := range numbers {
				done[n] = true
			}
		}
		return committed(conn.Conn(), err)
	})
	if errors.Is(err, errUnknown) {
		err = errChanged // or not: whoever reads first will see
	}
	for _, one := range tasks {
		switch {
		case one.err != nil:
		case err != nil:
			one.err = err
		case !done[one.value.number.pin]:
			one.err = errChanged
		}
	}
}

// add adds what becomes of the PIN.
func (q *quickFinish) add(rows columns) error {
	log, err := deliverylog.Parse(q.was)
	if err != nil {
		return err
	}
	e := log.Find(q.number.own)
	if e == nil {
		return errChanged
	}
	e.Finish(q.outcome)
	now, err := log.Append(nil)
	if err != nil {
		return err
	}
	hash := int64(0)
	if e.RemoteID != "" && e.RemoteID != q.outcome.DeliveryID {
		hash = hashOfRemote(e.Carrier, e.RemoteID)
	}
	rows.add(q.number.pin, q.was, now, toMillis(log.OpenSince()), toMillis(q.outcome.At), hash, toMillis(e.At), e.Number)
	return nil
}

// finishQuickly notes an outcome if the deliveries of the PIN are as this replica remembers them, and tells whether it did, or
// will: who allows that does not wait for it. An answer to be kept, and a place to be given back, need more than that.
func (s *Store) finishQuickly(ctx context.Context, o pin.Outcome, number deliveryNumber) (bool, error) {
	if !o.Taken || o.Answer != nil || s.alone {
		return false, nil
	}
	was, is := s.recent.take(number.pin)
	if !is {
		return false, nil
	}
	q := &quickFinish{o, number, was}
	if o.Lost != nil && s.outbox.add(q) {
		return true, nil
	}
	err := s.finishing.do(ctx, q)
	if errors.Is(err, errChanged) {
		return false, nil
	}
	return true, err
}

// finishLater notes outcomes that nobody waits for, and tells those who want to hear of one that is lost.
func (s *Store) finishLater(outcomes []*quickFinish) {
	tasks := make([]*task[*quickFinish], len(outcomes))
	for i, q := range outcomes {
		tasks[i] = &task[*quickFinish]{value: q}
	}
	s.finishAll(tasks)
	var others []*task[change] // go the long way
	var theirs []*task[*quickFinish]
	for _, one := range tasks {
		if errors.Is(one.err, errChanged) {
			others = append(others, &task[change]{value: &finishDelivery{one.value.outcome, one.value.number}})
			theirs = append(theirs, one)
		}
	}
	if len(others) > 0 {
		s.carryOutAll(others)
	}
	for i, one := range others {
		theirs[i].err = one.err
	}
	for _, one := range tasks {
		if one.err != nil {
			one.value.outcome.Lost(s.fail("finish delivery", one.err))
		}
	}
}
