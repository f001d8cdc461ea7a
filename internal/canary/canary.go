// Package canary is for tests: it gathers the logs and error answers of a whole test run and looks in them for PINs,
// keys and phone numbers that must not be there.
//
// A package whose tests run the service calls Main from its TestMain, gives Log to its loggers, copies error answers to
// Log, and names with Watch what must never show up. With PINPOST_TRAIL set to a folder, what was gathered and what was
// watched is kept there too, so that the run of all packages can be searched for the canaries of all.
package canary

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"sync"
)

var trail struct {
	sync.Mutex
	text    bytes.Buffer
	watched map[string]bool
}

// Watch names values that must not appear in any log or error answer. Those that a long log holds by chance are passed
// over: fewer than eight characters, digits or hex digits alone that are fewer than ten.
func Watch(values ...string) {
	trail.Lock()
	defer trail.Unlock()
	if trail.watched == nil {
		trail.watched = map[string]bool{}
	}
	for _, value := range values {
		if !byChance(value) {
			trail.watched[value] = true
		}
	}
}

func byChance(value string) bool {
	of := func(characters string) bool { return strings.Trim(value, characters) == "" }
	const digits = "0123456789"
	return len(value) < 8 || (len(value) < 10 && of(digits+"ABCDEFabcdef"))
}

// Log gathers what is written to it.
func Log() io.Writer { return writer{} }

type writer struct{}

func (writer) Write(p []byte) (int, error) {
	trail.Lock()
	defer trail.Unlock()
	return trail.text.Write(p)
}

// Runner is *testing.M.
type Runner interface{ Run() int }

// Main runs the tests and then looks for what was watched; finding it fails the run.
func Main(m Runner) int {
	status := m.Run()
	trail.Lock()
	defer trail.Unlock()
	watched := make([]string, 0, len(trail.watched))
	for value := range trail.watched {
		watched = append(watched, value)
	}
	slices.Sort(watched)
	found := Find(trail.text.String(), watched)
	for _, line := range found {
		_, _ = fmt.Fprintln(os.Stderr, "canary found in a log or an error answer:", line)
	}
	if err := keep(watched); err != nil {
		_, _ = fmt.Fprintln(os.Stderr, "canary:", err)
		return max(status, 1)
	}
	if len(found) > 0 {
		return max(status, 1)
	}
	return status
}

// Find gives the lines of text that hold one of the values.
func Find(text string, values []string) []string {
	var found []string
	for line := range strings.Lines(text) {
		for _, value := range values {
			if strings.Contains(line, value) {
				found = append(found, strings.TrimSpace(line))
				break
			}
		}
	}
	return found
}

// keep writes the trail to the folder that PINPOST_TRAIL names.
func keep(watched []string) error {
	folder := os.Getenv("PINPOST_TRAIL")
	if folder == "" {
		return nil
	}
	write := func(pattern string, text []byte) error {
		file, err := os.CreateTemp(folder, pattern)
		if err != nil {
			return err
		}
		if _, err := file.Write(text); err != nil {
			return err
		}
		return file.Close()
	}
	if err := write("*.trail", trail.text.Bytes()); err != nil {
		return err
	}
	return write("*.watched", []byte(strings.Join(watched, "\n")+"\n"))
}
