package canary

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestFind(t *testing.T) {
	t.Parallel()
	got := Find("one 123456\ntwo\nthree 41790000000 x\n", []string{"123456", "41790000000"})
	want := "one 123456|three 41790000000 x"
	if strings.Join(got, "|") != want {
		t.Errorf("Find gives %q, want %q", got, want)
	}
	if got := Find("nothing here\n", []string{"123456"}); got != nil {
		t.Errorf("Find gives %q for a clean text, want none", got)
	}
}

type runs func() int

func (r runs) Run() int { return r() }

// TestMain_fails_on_a_leak is the proof that the check can fail.
func TestMain_fails_on_a_leak(t *testing.T) {
	folder := t.TempDir()
	t.Setenv("PINPOST_TRAIL", folder)
	t.Cleanup(func() { // or a second run of the test would find what the first one left
		trail.text.Reset()
		trail.watched = nil
	})
	clean := Main(runs(func() int { Watch("PIN87654321", "87654321", "ABC123"); return 0 }))
	leaky := Main(runs(func() int { _, _ = Log().Write([]byte("the PIN is PIN87654321\n")); return 0 }))
	if clean != 0 || leaky != 1 {
		t.Errorf("exit status %d for a clean run and %d for a leaky one, want 0 and 1", clean, leaky)
	}
	kept, err := filepath.Glob(filepath.Join(folder, "*.trail"))
	if err != nil || len(kept) != 2 {
		t.Fatalf("kept %d trails (%v), want 2", len(kept), err)
	}
	watched, _ := filepath.Glob(filepath.Join(folder, "*.watched"))
	if text, _ := os.ReadFile(watched[0]); string(text) != "PIN87654321\n" {
		t.Errorf("kept watched values %q, want the one", text)
	}
}
