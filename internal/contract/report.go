package contract

import (
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"
)

// Reporters tells several reporters, in order.
type Reporters []Reporter

// Begin tells all.
func (rs Reporters) Begin(total int, about string) error {
	return rs.each(func(r Reporter) error { return r.Begin(total, about) })
}

// Case tells all.
func (rs Reporters) Case(result Result) error {
	return rs.each(func(r Reporter) error { return r.Case(result) })
}

// End tells all.
func (rs Reporters) End(err error) error {
	return rs.each(func(r Reporter) error { return r.End(err) })
}

func (rs Reporters) each(tell func(Reporter) error) error {
	var all []error
	for _, r := range rs {
		all = append(all, tell(r))
	}
	return errors.Join(all...)
}

// Text reports for people: failures as they come, and a summary.
type Text struct {
	To io.Writer

	counts map[State]int
	why    map[string][]string // cases that are not applicable, by reason
	took   time.Duration
}

// Begin says what is tested.
func (t *Text) Begin(total int, about string) error {
	t.counts, t.why = map[State]int{}, map[string][]string{}
	_, err := fmt.Fprintf(t.To, "%d cases against %s\n", total, about)
	return err
}

// Case prints a failure: operation, case and reasons in one line, and the request in the next.
func (t *Text) Case(r Result) error {
	t.counts[r.State]++
	t.took += r.Took
	switch r.State {
	case NotApplicable:
		t.why[r.Reasons[0]] = append(t.why[r.Reasons[0]], r.ID())
	case Failed:
		_, err := fmt.Fprintf(t.To, "FAIL %s (%s): %s\n", r.ID(), r.Title, strings.Join(r.Reasons, "; "))
		if err == nil && r.Curl != "" {
			_, err = fmt.Fprintf(t.To, "     %s\n", r.Curl)
		}
		return err
	}
	return nil
}

// End prints the summary.
func (t *Text) End(ended error) error {
	var summary strings.Builder
	for _, reason := range slices.Sorted(maps.Keys(t.why)) {
		fmt.Fprintf(&summary, "not applicable, as %s: %s\n", reason, strings.Join(t.why[reason], ", "))
	}
	fmt.Fprintf(&summary, "%d passed, %d failed, %d not applicable, in %s\n",
		t.counts[Passed], t.counts[Failed], t.counts[NotApplicable], t.took.Round(time.Millisecond))
	if ended != nil {
		fmt.Fprintln(&summary, "The run ended before all cases were tried.")
	}
	_, err := io.WriteString(t.To, summary.String())
	return err
}

// Progress tells how far a run is: on one line that is written over, or in a line every five seconds.
type Progress struct {
	To       io.Writer
	Terminal bool
	Now      func() time.Time

	total, done, failed int
	last                time.Time
}

// every is how often progress is told where it stays to be read.
const every = 5 * time.Second

// Begin notes how many cases there are.
func (p *Progress) Begin(total int, _ string) error {
	p.total, p.last = total, p.Now()
	return nil
}

// Case counts.
func (p *Progress) Case(r Result) error {
	p.done++
	if r.State == Failed {
		p.failed++
	}
	line := fmt.Sprintf("%d of %d cases, %d failed", p.done, p.total, p.failed)
	switch {
	case p.Terminal:
		_, err := fmt.Fprintf(p.To, "\r\x1b[K%s", line)
		return err
	case p.Now().Sub(p.last) >= every:
		p.last = p.Now()
		_, err := fmt.Fprintln(p.To, line)
		return err
	}
	return nil
}

// End clears the line.
func (p *Progress) End(error) error {
	if !p.Terminal {
		return nil
	}
	_, err := io.WriteString(p.To, "\r\x1b[K")
	return err
}
