package sqlite

import (
	"slices"
	"sort"
	"time"

	"github.com/pinpost/pinpost/internal/pin"
)

// place is one event that limits count.
type place struct {
	number int64 // of its delivery, or its own
	phone  int64
	at     int64 // Unix milliseconds
}

// line names the events that are counted together.
type line struct {
	application int64
	kind        pin.LimitKind
}

// windows are all places that are stored, as the writer needs them: by application and kind, and in each of them by number.
// They cost about 70 bytes a place. Only the writer uses them.
type windows map[line]*window

// window is the places of an application and a kind in the order of their times.
type window struct {
	rows   []logged // of place_log that have its places, the oldest first
	events queue
	newest map[int64]int64 // by phone, the position of its newest event
}

// event is a place, and the position of the one before it of the same phone, or one that is not there any more.
type event struct {
	place
	earlier int64
}

func (w windows) of(l line) *window {
	found := w[l]
	if found == nil {
		found = &window{newest: map[int64]int64{}}
		w[l] = found
	}
	return found
}

// add keeps a place. It is hardly ever older than the newest: those that are newer are taken off and put back.
func (w *window) add(p place) {
	var newer []place
	for w.events.len() > 0 && w.events.at(w.events.end-1).at > p.at {
		newer = append(newer, w.pop())
	}
	w.push(p)
	w.pushBack(newer)
}

// remove forgets a place, and says whether it was there. It is among the newest: what a carrier did not take is given back at
// once, or when a call has ended.
func (w *window) remove(p place) bool {
	position, found := w.find(p)
	if !found {
		return false
	}
	var newer []place
	for w.events.end-1 > position {
		newer = append(newer, w.pop())
	}
	w.pop()
	w.pushBack(newer)
	return true
}

func (w *window) find(p place) (position int64, found bool) {
	first := w.events.begin
	first += int64(sort.Search(int(w.events.len()), func(i int) bool { return w.events.at(first+int64(i)).at >= p.at }))
	for ; first < w.events.end && w.events.at(first).at == p.at; first++ {
		if w.events.at(first).number == p.number {
			return first, true
		}
	}
	return 0, false
}

func (w *window) push(p place) {
	earlier, found := w.newest[p.phone]
	if !found {
		earlier = -1
	}
	w.newest[p.phone] = w.events.push(event{p, earlier})
}

func (w *window) pushBack(newer []place) {
	for i := len(newer) - 1; i >= 0; i-- {
		w.push(newer[i])
	}
}

// pop takes the newest event off.
func (w *window) pop() place {
	e := w.events.pop()
	if e.earlier < w.events.begin {
		delete(w.newest, e.phone)
	} else {
		w.newest[e.phone] = e.earlier
	}
	return e.place
}

// unshift puts back what shift took off, while all that came after it is there.
func (w *window) unshift(p place) {
	if w.events.begin == 0 { // this is another window since: that one was empty
		w.add(p)
		return
	}
	w.events.unshift(event{p, -1})
	position, newer := w.newest[p.phone]
	if !newer {
		w.newest[p.phone] = w.events.begin
		return
	}
	for w.events.at(position).earlier > w.events.begin {
		position = w.events.at(position).earlier
	}
	w.events.at(position).earlier = w.events.begin
}

// shift takes the oldest event off if it came at before or earlier.
func (w *window) shift(before int64) (p place, found bool) {
	if w.events.len() == 0 || w.events.at(w.events.begin).at > before {
		return place{}, false
	}
	position := w.events.begin
	e := w.events.shift()
	if w.newest[e.phone] == position {
		delete(w.newest, e.phone)
	}
	return e.place, true
}

// refusal gives a *pin.LimitError when the limit is full at now: when its window has a Max-th newest event. That event is the
// next one to leave.
func (w *window) refusal(l pin.Limit, phone int64, now time.Time) error {
	if l.Max < 1 {
		return &pin.LimitError{Limit: l, FreeAt: now.Add(l.Interval)}
	}
	if int64(l.Max) > w.events.len() {
		return nil
	}
	position := w.events.end - int64(l.Max)
	if l.To != "" {
		position = w.nth(phone, l.Max)
	}
	if position < w.events.begin {
		return nil
	}
	at := w.events.at(position).at
	if at <= toMillis(now)-l.Interval.Milliseconds() {
		return nil
	}
	return &pin.LimitError{Limit: l, FreeAt: fromMillis(at).Add(l.Interval)}
}

// nth gives the position of the n-th newest event of a phone, or -1.
func (w *window) nth(phone int64, n int) int64 {
	position, found := w.newest[phone]
	if !found {
		return -1
	}
	for ; n > 1 && position >= w.events.begin; n-- {
		position = w.events.at(position).earlier
	}
	return position
}

// blockSize is how many events a block of a queue has.
const blockSize = 128

// queue is events at the positions from begin to end, end excluded. Positions stay as they are when the queue gets shorter at
// its beginning.
type queue struct {
	blocks     [][]event
	begin, end int64
}

func (q *queue) len() int64 { return q.end - q.begin }

// at gives the event at a position of the queue.
func (q *queue) at(position int64) *event {
	position -= q.begin / blockSize * blockSize
	return &q.blocks[position/blockSize][position%blockSize]
}

func (q *queue) push(e event) (position int64) {
	if q.end/blockSize-q.begin/blockSize == int64(len(q.blocks)) {
		q.blocks = append(q.blocks, make([]event, blockSize))
	}
	q.end++
	*q.at(q.end - 1) = e
	return q.end - 1
}

func (q *queue) pop() event {
	q.end--
	return *q.at(q.end)
}

func (q *queue) unshift(e event) {
	if q.begin%blockSize == 0 {
		q.blocks = slices.Insert(q.blocks, 0, make([]event, blockSize))
	}
	q.begin--
	*q.at(q.begin) = e
}

func (q *queue) shift() event {
	e := *q.at(q.begin)
	q.begin++
	if q.begin%blockSize == 0 {
		q.blocks[0] = nil
		q.blocks = q.blocks[1:]
	}
	return e
}
