package page

import (
	"slices"
	"strings"
	"time"

	"github.com/pinpost/pinpost/internal/conform"
	"github.com/pinpost/pinpost/internal/proxy"
)

// As much is kept, however long a proxy runs and whatever passes.
const (
	keptExchanges  = 200
	keptGroups     = 500 // different violations
	keptViolations = 10  // of one exchange
	keptText       = 300 // bytes of a place or a text: names of members in them are the upstream's
)

// seen is what passed so far.
type seen struct {
	totals     totals
	operations []operation // in the order they are shown
	groups     []group     // in the order they were first seen
	exchanges  []exchange  // the last ones, the oldest first
	byID       map[string]int
	byKey      map[violation]int
}

func newSeen(operations []Operation) seen {
	s := seen{byID: map[string]int{}, byKey: map[violation]int{}}
	for i, op := range operations {
		s.operations = append(s.operations, operation{ID: op.ID, Method: op.Method, Path: op.Path})
		s.byID[op.ID] = i
	}
	return s
}

func (s *seen) add(x proxy.Exchange) {
	s.totals.Exchanges++
	if index, known := s.byID[x.Operation]; known {
		s.operations[index].Count++
		if len(x.Violations) > 0 {
			s.operations[index].Wrong++
		}
	} else {
		s.totals.Unknown++
	}
	line := exchange{
		Number: x.Number, Time: x.Began.UTC().Truncate(time.Millisecond), TookMillis: float64(x.Took.Microseconds()) / 1000, Operation: x.Operation,
		Method: x.Method, Path: x.Path, Status: x.Status, RequestID: clip(x.RequestID), Violations: []violation{},
	}
	for i, found := range x.Violations {
		v := newViolation(found)
		s.group(v, line)
		if i < keptViolations {
			line.Violations = append(line.Violations, v)
		} else {
			line.More++
		}
	}
	if s.exchanges = append(s.exchanges, line); len(s.exchanges) > keptExchanges {
		s.exchanges = s.exchanges[1:]
	}
}

func (s *seen) group(v violation, of exchange) {
	s.totals.Violations++
	at := sighting{of.Number, of.Time, of.RequestID}
	index, known := s.byKey[v]
	switch {
	case known:
	case len(s.groups) == keptGroups:
		s.totals.Ungrouped++
		return
	default:
		index = len(s.groups)
		s.byKey[v] = index
		s.groups = append(s.groups, group{ID: index + 1, violation: v, First: at})
		s.totals.Kinds++
	}
	g := &s.groups[index]
	g.Count++
	g.Last, g.changed = at, s.totals.Exchanges
}

func (s *seen) end(final proxy.Summary) {
	s.totals.Ended, s.totals.Others, s.totals.Left = true, final.Others, final.Left
}

// since copies what has come after as many exchanges.
func (s *seen) since(place int64) report {
	r := report{Totals: s.totals, Operations: slices.Clone(s.operations), Groups: []group{}}
	for _, g := range s.groups {
		if g.changed > place {
			r.Groups = append(r.Groups, g)
		}
	}
	fresh := min(s.totals.Exchanges-place, int64(len(s.exchanges)))
	r.Exchanges = append([]exchange{}, s.exchanges[int64(len(s.exchanges))-fresh:]...)
	return r
}

func newViolation(v conform.Violation) violation {
	return violation{clip(v.Operation), v.In, clip(v.Where), clip(v.Text)}
}

// clip keeps no more of a text than is shown, nor the longer text that it was part of.
func clip(text string) string {
	if len(text) <= keptText {
		return text
	}
	return strings.ToValidUTF8(text[:keptText], "") + " …"
}

// report is what the page shows, as JSON. As an event it has only those groups and exchanges that are new to the listener.
type report struct {
	About      *about      `json:"about,omitempty"`
	Totals     totals      `json:"totals"`
	Operations []operation `json:"operations"`
	Groups     []group     `json:"groups"`
	Exchanges  []exchange  `json:"exchanges"`
}

type about struct {
	Upstream string    `json:"upstream"`
	Proxy    string    `json:"proxy"`
	Schemas  string    `json:"schemas"` // closed or open
	Began    time.Time `json:"began"`
}

func newAbout(a About) about {
	plain := *a.Upstream
	plain.User, plain.RawQuery, plain.Fragment = nil, "", "" // such might hold a key
	schemas := "open"
	if a.Closed {
		schemas = "closed"
	}
	return about{plain.String(), a.Proxy, schemas, a.Began.UTC()}
}

type totals struct {
	Exchanges  int64 `json:"exchanges"`
	Unknown    int64 `json:"unknown"` // exchanges of no operation
	Violations int64 `json:"violations"`
	Kinds      int   `json:"kinds"`     // of violations, that are counted apart
	Ungrouped  int64 `json:"ungrouped"` // violations of further kinds
	Ended      bool  `json:"ended"`
	Others     int64 `json:"others"` // exchanges that are none of the contract's business; known at the end
	Left       int64 `json:"left"`   // exchanges whose client left before the end; known at the end
}

type operation struct {
	ID     string `json:"id"`
	Method string `json:"method"`
	Path   string `json:"path"`
	Count  int64  `json:"count"`
	Wrong  int64  `json:"wrong"` // exchanges with violations
}

type violation struct {
	Operation string `json:"operation"`
	In        string `json:"in"`
	Where     string `json:"where"`
	Text      string `json:"text"`
}

type group struct {
	ID int `json:"id"`
	violation
	Count   int64    `json:"count"`
	First   sighting `json:"first"`
	Last    sighting `json:"last"`
	changed int64    // how many exchanges there were when it was last seen
}

type sighting struct {
	Exchange  int64     `json:"exchange"`
	Time      time.Time `json:"time"`
	RequestID string    `json:"requestId,omitempty"`
}

type exchange struct {
	Number     int64       `json:"number"`
	Time       time.Time   `json:"time"`
	TookMillis float64     `json:"tookMillis"`
	Operation  string      `json:"operation"`
	Method     string      `json:"method"`
	Path       string      `json:"path"`
	Status     int         `json:"status"`
	RequestID  string      `json:"requestId,omitempty"`
	Violations []violation `json:"violations"`
	More       int         `json:"more"` // violations that are not listed
}
