package observe_test

import (
	"bytes"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pinpost/pinpost/internal/observe"
)

// writes keeps each write apart.
type writes struct {
	sync.Mutex
	all []string
	err error
}

func (w *writes) Write(p []byte) (int, error) {
	w.Lock()
	defer w.Unlock()
	w.all = append(w.all, string(p))
	return len(p), w.err
}

func (w *writes) count() int {
	w.Lock()
	defer w.Unlock()
	return len(w.all)
}

func TestBatch(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var to writes
		batch := observe.NewBatch(&to)
		log := observe.NewLogger(batch, slog.LevelInfo, true)
		ctx := observe.WithRequest(t.Context(), &observe.Request{ID: "REQ"})
		for i := range 3 {
			log.InfoContext(ctx, "line", slog.Int("i", i))
		}
		if to.count() != 0 {
			t.Errorf("%d writes at once, want none yet", to.count())
		}
		time.Sleep(20 * time.Millisecond)
		if to.count() != 1 || strings.Count(to.all[0], "\n") != 3 {
			t.Errorf("writes %q, want three lines in one", to.all)
		}
		log.InfoContext(ctx, "before")
		log.WarnContext(ctx, "now")
		if to.count() != 2 || strings.Count(to.all[1], "\n") != 2 {
			t.Errorf("writes %q, want a warning at once, and what was before it", to.all)
		}
		log.With(slog.Int("a", 1)).WithGroup("g").Info("now")
		if to.count() != 3 {
			t.Errorf("writes %q, want what is of no request at once", to.all)
		}
		log.InfoContext(ctx, "last")
		if err := batch.Flush(); err != nil || to.count() != 4 {
			t.Errorf("writes %q, %v, want what was flushed", to.all, err)
		}
		time.Sleep(time.Second)
		if to.count() != 4 {
			t.Errorf("writes %q, want none of nothing", to.all)
		}
		to.err = errors.New("full")
		log.InfoContext(ctx, "lost")
		if err := batch.Flush(); !errors.Is(err, to.err) {
			t.Errorf("Flush gives %v, want %v", err, to.err)
		}
	})
}

// TestBatch_crowd wants every line whole and once, and no more than so much in memory.
func TestBatch_crowd(t *testing.T) {
	t.Parallel()
	var to writes
	batch := observe.NewBatch(&to)
	var all sync.WaitGroup
	for who := range 8 {
		all.Go(func() {
			for i := range 1000 {
				if _, err := fmt.Fprintf(batch, "line %d of %d %s\n", i, who, bytes.Repeat([]byte("x"), 100)); err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
	if err := batch.Flush(); err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for _, text := range to.all {
		if len(text) > 65<<10 {
			t.Errorf("a write of %d bytes", len(text))
		}
		for line := range strings.Lines(text) {
			if !strings.HasPrefix(line, "line ") || !strings.HasSuffix(line, "x\n") || seen[line] {
				t.Fatalf("line %q is broken or there twice", line)
			}
			seen[line] = true
		}
	}
	if len(seen) != 8000 {
		t.Errorf("%d lines, want 8000", len(seen))
	}
}
