package storetest

import (
	"errors"
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/pinpost/pinpost/internal/fault"
	"github.com/pinpost/pinpost/internal/pin"
)

func ok(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatalf("got error %v, want none", err)
	}
}

// must takes what a call gives and ends the test when that is an error: must(store.PIN(…))(t).
func must[T any](value T, err error) func(*testing.T) T {
	return func(t *testing.T) T {
		t.Helper()
		ok(t, err)
		return value
	}
}

func equal[T any](t *testing.T, what string, got, want T) {
	t.Helper()
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%s:\n got %+v\nwant %+v", what, got, want)
	}
}

// ids are what key gives of each element, to compare a list by.
func ids[T any](list []T, key func(T) string) []string {
	all := make([]string, 0, len(list))
	for _, one := range list {
		all = append(all, key(one))
	}
	return all
}

func order(t *testing.T, what string, got, want []string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("%s:\n got %q\nwant %q", what, got, want)
	}
}

func wantKind(t *testing.T, err error, want fault.Kind) {
	t.Helper()
	if err == nil || fault.KindOf(err) != want {
		t.Errorf("got error %v of kind %d, want one of kind %d", err, fault.KindOf(err), want)
	}
}

// wantMissing asks for fault.NotFound in the words that a caller reads.
func wantMissing(t *testing.T, err error, text string) {
	t.Helper()
	wantKind(t, err, fault.NotFound)
	if f, is := errors.AsType[*fault.Error](err); is && f.Text != text {
		t.Errorf("got text %q, want %q", f.Text, text)
	}
}

// wantFull asks for the limit that is full, and for when it has a place again.
func wantFull(t *testing.T, err error, limit pin.Limit, freeAt time.Time) {
	t.Helper()
	full, is := errors.AsType[*pin.LimitError](err)
	if !is {
		t.Errorf("got error %v, want limit %s to be full", err, limit.Name)
		return
	}
	equal(t, "full limit", full.Limit, limit)
	if !full.FreeAt.Equal(freeAt) {
		t.Errorf("limit %s is free: got %v, want %v", limit.Name, full.FreeAt, freeAt)
	}
}

// wantState asks for a refusal by the state of the PIN.
func wantState(t *testing.T, err error, want pin.State) {
	t.Helper()
	refusal, is := errors.AsType[*pin.StateError](err)
	if !is {
		t.Errorf("got error %v, want one for state %d", err, want)
		return
	}
	equal(t, "state", refusal.State, want)
}

const (
	noAccount     = "Account with given name cannot be found"
	noKey         = "Key with given ID cannot be found"
	noApplication = "Application with given ID cannot be found"
	noMessage     = "Message with given ID cannot be found"
	noPIN         = "PIN with given ID cannot be found"
	noEntry       = "Captured message with given ID cannot be found"
	noWorld       = "World with given ID cannot be found"
)
