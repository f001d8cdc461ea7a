package contract

import (
	"context"
	"encoding/json"
	"errors"
	"testing"
)

func TestText_leaves_what_is_unknown(t *testing.T) {
	t.Parallel()
	w := newWorld()
	w.names["8F0792F86035A9F4290821F1EE6BC06A"], w.names["41793026727"] = "app 1", "33199000001"
	for text, want := range map[string]string{
		"/2fa/1/applications/8F0792F86035A9F4290821F1EE6BC06A": "/2fa/1/applications/app 1",
		"/2fa/1/applications/00000000000000000000000000000000": "/2fa/1/applications/00000000000000000000000000000000",
		"?msisdn=%2B41793026727":                               "?msisdn=%2B33199000001",
		"41 79 302 67 27":                                      "41 79 302 67 27",
		"/2fa/1/pin/{{pinId}}/status":                          "/2fa/1/pin/{{pinId}}/status",
	} {
		if got := w.text(text); got != want {
			t.Errorf("%s becomes %s, want %s", text, got, want)
		}
	}
	w.last = "P"
	if got := w.text("/2fa/1/pin/{{pinId}}/status"); got != "/2fa/1/pin/P/status" {
		t.Errorf("the last pinId becomes %s", got)
	}
}

// TestTyped wants right PINs to be right at the target, and wrong ones wrong, whatever PIN was really sent.
func TestTyped(t *testing.T) {
	t.Parallel()
	p := &PIN{PinID: "P", Pin: "A1B2C3"}
	for name, c := range map[string]struct{ typed, sent, want string }{
		"right":                     {`{"pin":"A1B2C3"}`, "XY12Z3", `{"pin":"XY12Z3"}`},
		"right in lower case":       {`{"pin":"a1b2c3"}`, "XY12Z3", `{"pin":"xy12z3"}`},
		"wrong":                     {`{"pin":"WRONG1"}`, "XY12Z3", `{"pin":"WRONG1"}`},
		"wrong, and sent by chance": {`{"pin":"WRONG1"}`, "WRONG1", `{"pin":"7RONG1"}`},
		"digits, sent by chance":    {`{"pin":"7000"}`, "7000", `{"pin":"8000"}`},
		"a number":                  {`{"pin":1598}`, "1598", `{"pin":1598}`},
		"empty":                     {`{"pin":""}`, "1598", `{"pin":""}`},
		"missing":                   {`{}`, "1598", `{}`},
	} {
		w := newWorld()
		w.names["P"] = "Q"
		w.codeOf = func(context.Context, *world, string) (string, error) { return c.sent, nil }
		got, err := (&run{}).typed(t.Context(), w, p, Call{Body: json.RawMessage(c.typed)}, c.typed)
		if err != nil || got != c.want {
			t.Errorf("%s: %s becomes %s (%v), want %s", name, c.typed, got, err, c.want)
		}
	}
	w := newWorld()
	w.names["P"] = "Q"
	away := errors.New("nobody reads it")
	w.codeOf = func(context.Context, *world, string) (string, error) { return "", away }
	if _, err := (&run{}).typed(t.Context(), w, p, Call{Body: json.RawMessage(`{"pin":"A1B2C3"}`)}, ""); !errors.Is(err, away) {
		t.Errorf("without a PIN typed gives %v", err)
	}
}

// TestStrange wants a case with a member that is not understood to be told, and not played as if it were not there.
func TestStrange(t *testing.T) {
	t.Parallel()
	r := &run{}
	if got := r.unfit(&Case{strange: true}); got == "" {
		t.Error("a case with an unknown member is played")
	}
	if got := r.unfit(&Case{Given: map[string]string{"weather": "fine"}}); got == "" {
		t.Error("a case that is given something unknown is played")
	}
	all, err := builtIn()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range all.cases {
		if c.strange {
			t.Errorf("%s has a member that this program does not know", c.ID())
		}
	}
}
