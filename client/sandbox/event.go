package sandbox

import (
	"bufio"
	"errors"
	"io"
	"strings"
)

// maxEvent bounds an event, and each line of it.
const maxEvent = 1 << 20

var errEventTooLarge = errors.New("an event is larger than 1 MiB")

// events reads server-sent events (https://html.spec.whatwg.org/multipage/server-sent-events.html).
type events struct{ lines *bufio.Scanner }

func newEvents(from io.Reader) *events {
	lines := bufio.NewScanner(from)
	lines.Buffer(nil, maxEvent)
	return &events{lines}
}

// next gives the data of the next event named message, which is also the name of one without a name. Comments, events
// without data and other fields are passed over. A stream that ends is an error.
func (e *events) next() (string, error) {
	var name string
	var data []string
	size := 0
	for e.lines.Scan() {
		line := e.lines.Text()
		if line == "" {
			if data != nil && (name == "" || name == "message") {
				return strings.Join(data, "\n"), nil
			}
			name, data, size = "", nil, 0
			continue
		}
		field, value, _ := strings.Cut(line, ":")
		value = strings.TrimPrefix(value, " ")
		switch field {
		case "event":
			name = value
		case "data":
			data = append(data, value)
			if size += len(value) + 1; size > maxEvent {
				return "", errEventTooLarge
			}
		}
	}
	switch err := e.lines.Err(); {
	case err == nil:
		return "", io.ErrUnexpectedEOF
	case errors.Is(err, bufio.ErrTooLong):
		return "", errEventTooLarge
	default:
		return "", err
	}
}
