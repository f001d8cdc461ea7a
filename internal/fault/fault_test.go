package fault_test

import (
	"errors"
	"fmt"
	"io"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/pinpost/pinpost/internal/fault"
)

func TestError(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		err  *fault.Error
		want string
	}{
		"a text alone is the text":         {&fault.Error{Text: "The PIN has expired"}, "The PIN has expired"},
		"a cause follows the text":         {&fault.Error{Text: "Try again", Err: io.ErrClosedPipe}, "Try again: " + io.ErrClosedPipe.Error()},
		"members stay out of the sentence": {&fault.Error{Text: "x", Members: map[string][]string{"to": {"y"}}}, "x"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := tt.err.Error(); got != tt.want {
				t.Errorf("Error() = %q, want %q", got, tt.want)
			}
		})
	}
}

func TestKindOf(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		err  error
		want fault.Kind
	}{
		"a failure nobody named is ours":   {io.EOF, fault.Internal},
		"an invalid request":               {fault.Invalidf("No %s", "way"), fault.Invalid},
		"an unknown id":                    {fault.NotFoundf("No %s", "way"), fault.NotFound},
		"a neighbour that does not answer": {fault.Unavailablef(io.EOF, "Later"), fault.Unavailable},
		"a wrapped failure keeps its kind": {fmt.Errorf("load: %w", fault.NotFoundf("None")), fault.NotFound},
		"the outer of two kinds counts": {
			&fault.Error{Kind: fault.TooMany, Text: "Slow down", Err: fault.Invalidf("inner")}, fault.TooMany,
		},
		"a joined failure is found": {errors.Join(io.EOF, fault.Invalidf("x")), fault.Invalid},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := fault.KindOf(tt.err); got != tt.want {
				t.Errorf("KindOf(%v) = %d, want %d", tt.err, got, tt.want)
			}
			for kind := fault.Internal; kind <= fault.Unavailable; kind++ {
				if got, want := fault.Is(tt.err, kind), kind == tt.want; got != want {
					t.Errorf("Is(%v, %d) = %t, want %t", tt.err, kind, got, want)
				}
			}
		})
	}
}

func TestIs_no_error_is_of_no_kind(t *testing.T) {
	t.Parallel()
	for kind := fault.Internal; kind <= fault.Unavailable; kind++ {
		if fault.Is(nil, kind) {
			t.Errorf("Is(nil, %d) = true, want false", kind)
		}
	}
}

func TestUnavailablef_asks_for_another_try_and_keeps_the_cause(t *testing.T) {
	t.Parallel()
	err := fault.Unavailablef(io.EOF, "The %s is busy", "store")
	f, ok := errors.AsType[*fault.Error](err)
	if !ok {
		t.Fatalf("got %T, want a *fault.Error", err)
	}
	if f.Text != "The store is busy" || f.RetryAfter != time.Second {
		t.Errorf("got text %q and retry after %v, want %q and %v", f.Text, f.RetryAfter, "The store is busy", time.Second)
	}
	if !errors.Is(err, io.EOF) {
		t.Errorf("got %v, want it to wrap the cause", err)
	}
}

func TestMembers(t *testing.T) {
	t.Parallel()
	type note struct{ member, text string }
	tests := map[string]struct {
		notes   []note
		want    string
		members map[string][]string
	}{
		"nothing noted is no failure": {},
		"one member stands with its reason": {
			[]note{{"to", "must be digits"}},
			"to: must be digits",
			map[string][]string{"to": {"must be digits"}},
		},
		"two reasons of one member show the first": {
			[]note{{"name", "is empty"}, {"name", "has a colon"}},
			"name: is empty",
			map[string][]string{"name": {"is empty", "has a colon"}},
		},
		"several members are named in order, with the first reason": {
			[]note{{"sender", "is long"}, {"messageText", "is empty"}, {"pinLength", "is 9"}},
			"Wrong members: messageText, pinLength, sender (messageText: is empty)",
			map[string][]string{"sender": {"is long"}, "messageText": {"is empty"}, "pinLength": {"is 9"}},
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			members := fault.Members{}
			for _, n := range tt.notes {
				members.Addf(n.member, "%s", n.text)
			}
			err := members.Err()
			if len(tt.notes) == 0 {
				if err != nil {
					t.Fatalf("Err() = %v, want nil", err)
				}
				return
			}
			f, ok := errors.AsType[*fault.Error](err)
			if !ok || f.Kind != fault.Invalid {
				t.Fatalf("Err() = %#v, want an Invalid *fault.Error", err)
			}
			if f.Text != tt.want || err.Error() != tt.want {
				t.Errorf("text = %q, want %q", f.Text, tt.want)
			}
			if !reflect.DeepEqual(f.Members, tt.members) {
				t.Errorf("members = %v, want %v", f.Members, tt.members)
			}
		})
	}
}

func TestMembers_Addf_formats(t *testing.T) {
	t.Parallel()
	members := fault.Members{}
	members.Addf("pinLength", "must be from %d to %d", 1, 8)
	if got, want := members.Err().Error(), "pinLength: must be from 1 to 8"; got != want {
		t.Errorf("text = %q, want %q", got, want)
	}
}

func TestMembers_names_twenty_at_most(t *testing.T) {
	t.Parallel()
	members := fault.Members{}
	for i := range 30 {
		members.Addf(fmt.Sprintf("list[%02d]", i), "is wrong")
	}
	f, ok := errors.AsType[*fault.Error](members.Err())
	if !ok || len(f.Members) != 20 || f.Members["list[19]"] == nil || f.Members["list[20]"] != nil {
		t.Fatalf("the error names %d members, want the first twenty", len(f.Members))
	}
	if len(members) != 30 || !strings.HasSuffix(f.Text, ", and 10 more") || strings.Contains(f.Text, "list[20]") {
		t.Errorf("the text is %q, of %d", f.Text, len(members))
	}
}
