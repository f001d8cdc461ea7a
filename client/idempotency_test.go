package client_test

import (
	"errors"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/pinpost/pinpost/client"
)

func TestIdempotencyKey(t *testing.T) {
	t.Parallel()
	for name, send := range sends {
		for given, own := range map[string]string{"random": "", "own": "order 7, first", "longest": strings.Repeat("k", 255)} {
			t.Run(name+"/"+given, func(t *testing.T) {
				t.Parallel()
				f := newFake(t, inTurn(advertises(503, ""), abort, advertises(200, voiceAnswer)))
				c := newClient(t, f.URL)
				var options []client.CallOption
				if own != "" {
					options = append(options, client.WithIdempotencyKey("other"), client.WithIdempotencyKey(own))
				}
				for range 2 {
					if err := send(t, c, options...); err != nil {
						t.Error(err)
					}
				}
				var keys []string
				for _, got := range f.requests() {
					keys = append(keys, strings.Join(got.header.Values("Idempotency-Key"), "|"))
				}
				if len(keys) != 4 || keys[0] != keys[1] || keys[0] != keys[2] {
					t.Fatalf("keys %q, want one of three tries, then one", keys)
				}
				if own == "" && (keys[3] == keys[0] || !randomKey.MatchString(keys[0])) {
					t.Errorf("keys %q, want random ones", keys)
				}
				if own != "" && (keys[3] != own || keys[0] != own) {
					t.Errorf("keys %q, want %q", keys, own)
				}
			})
		}
	}
}

func TestWithIdempotencyKey_refused(t *testing.T) {
	t.Parallel()
	f := newFake(t, says(http.StatusOK, smsAnswer))
	c := newClient(t, f.URL)
	for _, own := range []string{"", " k", "k ", "k\n", "ké", "\x00", strings.Repeat("k", 256)} {
		for name, send := range sends {
			err := send(t, c, client.WithIdempotencyKey(own), client.RespondAsync())
			if err == nil || !strings.Contains(err.Error(), "idempotency key must be 1 to 255 printable ASCII characters") {
				t.Errorf("%s with key %q: error %v", name, own, err)
			}
		}
	}
	if err := sends["ResendPIN"](t, c, client.WithIdempotencyKey(""), client.WaitFor(-1)); !regexp.MustCompile("(?s)negative.*idempotency").MatchString(err.Error()) {
		t.Errorf("error %v, want both faults", err)
	}
	if got := len(f.requests()); got != 0 {
		t.Errorf("%d requests were sent", got)
	}
}

// A key of the caller's own proves nothing about the server.
func TestWithIdempotencyKey_is_no_proof(t *testing.T) {
	t.Parallel()
	for name, send := range sends {
		f := newFake(t, abort)
		if err := send(t, newClient(t, f.URL), client.WithIdempotencyKey("k")); err == nil {
			t.Errorf("%s: no error", name)
		}
		f.only(t)
	}
}

func TestNoRandomness(t *testing.T) {
	t.Parallel()
	f := newFake(t, says(http.StatusOK, smsAnswer))
	c := newClient(t, f.URL, client.Drawing(iotest.ErrReader(errCaught)))
	for name, send := range sends {
		if err := send(t, c); !errors.Is(err, errCaught) {
			t.Errorf("%s: error %v, want the source's", name, err)
		}
	}
	if got := len(f.requests()); got != 0 {
		t.Errorf("%d requests were sent", got)
	}
	if err := sends["SendPIN"](t, c, client.WithIdempotencyKey("k")); err != nil {
		t.Errorf("own key: error %v", err)
	}
}

// Operations that send no message have no key.
func TestNoIdempotencyKey(t *testing.T) {
	t.Parallel()
	f := newFake(t, says(http.StatusNotFound, ""))
	c := newClient(t, f.URL)
	for _, op := range operations {
		if class(op) != "send" {
			_, _ = op.call(t.Context(), c)
		}
	}
	for _, got := range f.requests() {
		if values := got.header.Values("Idempotency-Key"); values != nil {
			t.Errorf("%s: Idempotency-Key %q", got.uri, values)
		}
	}
}
