package contract

import (
	"fmt"
	"io"
	"strings"
)

// TAP writes the Test Anything Protocol as cases go.
type TAP struct {
	To io.Writer

	number int
}

// Begin writes the plan.
func (t *TAP) Begin(total int, about string) error {
	_, err := fmt.Fprintf(t.To, "TAP version 13\n1..%d\n# %s\n", total, oneLine(about))
	return err
}

// Case writes one line, and what is wrong below it. A hash begins a directive, so none stands in a description.
func (t *TAP) Case(r Result) error {
	t.number++
	name := strings.ReplaceAll(oneLine(r.ID()+": "+r.Title), "#", "number ")
	var text strings.Builder
	switch r.State {
	case Passed:
		fmt.Fprintf(&text, "ok %d - %s\n", t.number, name)
	case NotApplicable:
		fmt.Fprintf(&text, "ok %d - %s # SKIP %s\n", t.number, name, oneLine(r.Reasons[0]))
	default:
		fmt.Fprintf(&text, "not ok %d - %s\n", t.number, name)
		for _, line := range append(r.Reasons, r.Curl) {
			if line != "" {
				fmt.Fprintf(&text, "# %s\n", oneLine(line))
			}
		}
	}
	_, err := io.WriteString(t.To, text.String())
	return err
}

// End says why not all cases were tried.
func (t *TAP) End(ended error) error {
	if ended == nil {
		return nil
	}
	_, err := fmt.Fprintf(t.To, "Bail out! %s\n", oneLine(ended.Error()))
	return err
}

func oneLine(text string) string { return strings.NewReplacer("\r", " ", "\n", " ").Replace(text) }
