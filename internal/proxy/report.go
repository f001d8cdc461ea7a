package proxy

import (
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"time"

	"github.com/pinpost/pinpost/internal/conform"
)

// Exchange is one that passed and was judged. Nothing in it is a PIN, a key or a phone number but for what Content gives.
type Exchange struct {
	Number     int64 // 1 is the first
	Began      time.Time
	Took       time.Duration
	Operation  string // empty where the contract has none
	Method     string
	Path       string // as in the contract, such as /2fa/1/pin/{pinId}/resend
	Status     int    // 0 when no answer came
	RequestID  string
	Violations []conform.Violation

	req  conform.Request
	resp conform.Response
}

// Content gives what passed, secrets and all.
func (x Exchange) Content() (conform.Request, conform.Response) { return x.req, x.resp }

// Reporter hears of exchanges, one after another, in the order they ended.
type Reporter interface {
	Exchange(Exchange) error
	// End is called once, after the last exchange.
	End(Summary) error
}

// Summary is what passed in all.
type Summary struct {
	Took       time.Duration
	Exchanges  int64            // that were judged
	Others     int64            // of paths that are none of the contract's business
	Left       int64            // whose client left before the end
	Violations int64            // in all
	Operations map[string]int64 // how many exchanges each operation had
	Groups     []*Group         // the same violation counted, in the order they were first seen
	More       int64            // violations that are in no group, as there were too many different ones

	byKey map[groupKey]*Group
}

// Group is one violation, and how often it was seen.
type Group struct {
	conform.Violation
	Count int64
	First int64 // number of the exchange
}

type groupKey struct{ operation, in, where, text string }

// maxGroups is how many different violations are counted apart.
const maxGroups = 500

func (s *Summary) add(x Exchange) {
	if s.Operations == nil {
		s.Operations, s.byKey = map[string]int64{}, map[groupKey]*Group{}
	}
	s.Exchanges++
	if x.Operation != "" {
		s.Operations[x.Operation]++
	}
	for _, v := range x.Violations {
		s.Violations++
		key := groupKey{v.Operation, v.In, v.Where, v.Text}
		switch group := s.byKey[key]; {
		case group != nil:
			group.Count++
		case len(s.Groups) == maxGroups:
			s.More++
		default:
			s.byKey[key] = &Group{Violation: v, Count: 1, First: x.Number}
			s.Groups = append(s.Groups, s.byKey[key])
		}
	}
}

// Log reports violations as log lines.
type Log struct{ To *slog.Logger }

// Exchange logs what it has against the contract.
func (l Log) Exchange(x Exchange) error {
	for _, v := range x.Violations {
		l.To.Warn("violation", slog.String("operation", x.Operation), slog.String("in", v.In), slog.String("where", v.Where),
			slog.String("text", v.Text), slog.String("method", x.Method), slog.String("path", x.Path), slog.Int("status", x.Status),
			slog.Int64("exchange", x.Number), slog.String("request_id", x.RequestID))
	}
	return nil
}

// End logs nothing: the command prints the summary.
func (Log) End(Summary) error { return nil }

// Line is a violation as JSON lines and the page have it.
type Line struct {
	Type      string    `json:"type"` // violation
	Time      time.Time `json:"time"`
	Exchange  int64     `json:"exchange"`
	Operation string    `json:"operation,omitempty"`
	Method    string    `json:"method"`
	Path      string    `json:"path,omitempty"`
	Status    int       `json:"status,omitempty"`
	RequestID string    `json:"requestId,omitempty"`
	In        string    `json:"in"`
	Where     string    `json:"where"`
	Text      string    `json:"text"`
}

func lines(x Exchange) []Line {
	found := make([]Line, len(x.Violations))
	for i, v := range x.Violations {
		found[i] = Line{
			"violation", x.Began.UTC(), x.Number, x.Operation, x.Method, x.Path, x.Status, x.RequestID, v.In, v.Where, v.Text,
		}
	}
	return found
}

// Total is the last of the JSON lines.
type Total struct {
	Type       string           `json:"type"` // summary
	Exchanges  int64            `json:"exchanges"`
	Others     int64            `json:"others"`
	Left       int64            `json:"left"`
	Violations int64            `json:"violations"`
	Operations map[string]int64 `json:"operations"`
}

func total(s Summary) Total {
	operations := s.Operations
	if operations == nil {
		operations = map[string]int64{}
	}
	return Total{"summary", s.Exchanges, s.Others, s.Left, s.Violations, operations}
}

// Lines reports each violation as a line of JSON when it is found, and the summary as the last one.
type Lines struct{ To io.Writer }

// Exchange writes a line for each violation.
func (l Lines) Exchange(x Exchange) error {
	for _, line := range lines(x) {
		if err := json.NewEncoder(l.To).Encode(line); err != nil {
			return err
		}
	}
	return nil
}

// End writes the summary.
func (l Lines) End(s Summary) error { return json.NewEncoder(l.To).Encode(total(s)) }

// Print writes the summary for a person.
func (s Summary) Print(to io.Writer) error {
	var err error
	line := func(format string, args ...any) {
		if err == nil {
			_, err = fmt.Fprintf(to, format+"\n", args...)
		}
	}
	for _, g := range s.Groups {
		name := g.Operation
		if name == "" {
			name = "no operation"
		}
		line("%s: %s %s (%d times, first in exchange %d)", name, g.In, g.Violation, g.Count, g.First)
	}
	if s.More > 0 {
		line("and %d violations more, of other kinds", s.More)
	}
	line("%d exchanges of %d operations judged, %d violations; %d of other paths passed, %d clients left before the end",
		s.Exchanges, len(s.Operations), s.Violations, s.Others, s.Left)
	return err
}
