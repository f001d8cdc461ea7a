// Package record keeps exchanges with a service as cases in the form of api/testdata, with everything replaced that is
// somebody's own: credentials, PINs, phone numbers, ids.
//
// A case must be true when it is replayed against a service that holds what fixture.json says, and nothing else. What
// cannot be true there is left out, and counted with the reason.
package record

import (
	"fmt"
	"os"
	"sync"

	"github.com/pinpost/pinpost/internal/conform"
)

// How much one recording holds. Exchanges stay in memory until the end, as a later one may say what an earlier one needs.
const (
	mostExchanges = 10_000
	mostBytes     = 32 << 20
)

// Recorder gathers exchanges. It may be used by several goroutines.
type Recorder struct {
	mu      sync.Mutex
	folder  string
	seen    []*exchange
	bytes   int
	leftOut map[string]int
	closed  bool
}

// Summary says what became of a recording.
type Summary struct {
	Cases   int
	LeftOut map[string]int // how many exchanges are no cases, by reason
}

// New makes a recorder that writes into a folder, which it makes; the folder must be empty or not exist.
func New(folder string) (*Recorder, error) {
	if err := os.MkdirAll(folder, 0o750); err != nil {
		return nil, fmt.Errorf("make the folder of the recording: %w", err)
	}
	files, err := os.ReadDir(folder)
	if err != nil {
		return nil, fmt.Errorf("read the folder of the recording: %w", err)
	}
	if len(files) > 0 {
		return nil, fmt.Errorf("the folder of the recording must be empty: %s", folder)
	}
	// Written now, so that a folder that takes no files is known before hours of traffic are lost.
	text, err := document(newBook().fixture())
	if err != nil {
		return nil, err
	}
	if err := writeText(folder, fixtureFile, text); err != nil {
		return nil, err
	}
	return &Recorder{folder: folder, leftOut: map[string]int{}}, nil
}

// Exchange takes one exchange of an operation of the contract that had no violation. Exchanges come in the order they
// ended. They are kept in memory as they are; nothing is written before Close.
func (r *Recorder) Exchange(operation string, req conform.Request, resp conform.Response) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.closed {
		return errClosed
	}
	size := len(req.Body) + len(resp.Body)
	if len(r.seen) >= mostExchanges || r.bytes+size > mostBytes {
		r.leftOut[full]++
		return nil
	}
	r.bytes += size
	r.seen = append(r.seen, read(operation, req, resp))
	return nil
}

// Close writes the cases and fixture.json, and says what was written and what was left out, by reason.
func (r *Recorder) Close() (Summary, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.closed {
		return Summary{}, errClosed
	}
	r.closed = true
	files, summary, err := r.compose()
	if err != nil {
		return summary, err
	}
	for _, f := range files {
		if err := writeText(r.folder, f.name, f.text); err != nil {
			return summary, err
		}
	}
	return summary, nil
}

// file is one that is to be written.
type file struct {
	name string
	text []byte
}

// compose makes the files of the recording.
func (r *Recorder) compose() ([]file, Summary, error) {
	b := newBook()
	for _, x := range r.seen {
		b.meet(x)
	}
	for _, x := range r.seen {
		b.learn(x)
	}
	summary := Summary{LeftOut: r.leftOut}
	var files []file
	there := map[string]bool{}
	for _, x := range r.seen {
		c, reason := b.caseOf(x)
		if reason != "" {
			summary.LeftOut[reason]++
			continue
		}
		text, err := document(c)
		if err != nil {
			return nil, summary, err
		}
		if b.betrays(text, x) {
			summary.LeftOut[secret]++
			continue
		}
		if there[x.operation+string(text)] {
			summary.LeftOut[same]++
			continue
		}
		there[x.operation+string(text)] = true
		summary.Cases++
		files = append(files, file{fmt.Sprintf("%s/recorded_%03d.json", x.operation, summary.Cases), text})
	}
	r.seen = nil
	text, err := document(b.fixture())
	if err == nil && b.betrays(text, nil) {
		err = errBetrays
	}
	return append(files, file{fixtureFile, text}), summary, err
}
