package inbox_test

import (
	"context"
	"io"
	"slices"
	"sync"

	"github.com/pinpost/pinpost/internal/delivery/inbox"
)

// errAbsent is what the fake gives for an id nobody has.
var errAbsent = io.ErrUnexpectedEOF

// entries is a Store in memory that can be told to fail.
type entries struct {
	mu      sync.Mutex
	kept    []inbox.Entry // oldest first
	last    int64         // the highest cursor, counted from 1
	err     error
	max     int
	reads   int
	keeping func() // runs while an entry is being kept
	reading func() // runs when somebody is about to read
}

func (s *entries) PutEntry(_ context.Context, e inbox.Entry) (int64, error) {
	if s.keeping != nil {
		s.keeping()
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.err != nil {
		return 0, s.err
	}
	s.last++
	e.Cursor = s.last + 1
	s.kept = append(s.kept, e)
	return e.Cursor, nil
}

func (s *entries) Entries(ctx context.Context, f inbox.Filter, max int) ([]inbox.Entry, error) {
	fit, err := s.fitting(ctx, f)
	slices.Reverse(fit)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.max = max
	return fit[:min(len(fit), max)], err
}

func (s *entries) OldestEntry(ctx context.Context, f inbox.Filter) (inbox.Entry, bool, error) {
	fit, err := s.fitting(ctx, f)
	if err != nil || len(fit) == 0 {
		return inbox.Entry{}, false, err
	}
	return fit[0], true, nil
}

// fitting are the entries that fit, oldest first.
func (s *entries) fitting(ctx context.Context, f inbox.Filter) ([]inbox.Entry, error) {
	s.mu.Lock()
	s.reads++
	fit := []inbox.Entry{}
	for _, e := range s.kept {
		if f.Fits(e) {
			fit = append(fit, e)
		}
	}
	err, reading := s.err, s.reading
	s.mu.Unlock()
	if reading != nil {
		reading() // what it puts comes after what was read
	}
	if ctx.Err() != nil {
		return nil, errFull // as a store fails whose call was cut short
	}
	return fit, err
}

func (s *entries) Entry(ctx context.Context, accountID, id string) (inbox.Entry, error) {
	fit, err := s.fitting(ctx, inbox.Filter{AccountID: accountID})
	for _, e := range slices.Backward(fit) {
		if e.ID == id {
			return e, err
		}
	}
	return inbox.Entry{}, errAbsent
}

func (s *entries) DeleteEntries(_ context.Context, f inbox.Filter, max int) ([]inbox.Entry, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var gone []inbox.Entry
	for i, e := range slices.Backward(s.kept) {
		if s.err == nil && len(gone) < max && f.Fits(e) {
			gone = append(gone, e)
			s.kept = slices.Delete(s.kept, i, i+1)
		}
	}
	return gone, s.err
}

func (s *entries) LastCursor(context.Context) (int64, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.last + 1, s.err
}

func (s *entries) TrimEntries(_ context.Context, accountID string, keep int) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	own := 0
	for _, e := range s.kept {
		if e.AccountID == accountID {
			own++
		}
	}
	n := min(max(0, own-keep), 500)
	left := n
	s.kept = slices.DeleteFunc(s.kept, func(e inbox.Entry) bool {
		if e.AccountID != accountID || left == 0 {
			return false
		}
		left--
		return true
	})
	return n, s.err
}

// read is how often somebody has read.
func (s *entries) read() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.reads
}

// empty forgets all entries, though not their cursors.
func (s *entries) empty() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.kept = nil
}

// count is how many entries are kept.
func (s *entries) count() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.kept)
}
