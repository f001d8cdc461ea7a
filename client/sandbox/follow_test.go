package sandbox_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/pinpost/pinpost/client"
	"github.com/pinpost/pinpost/client/sandbox"
)

func TestFollow(t *testing.T) {
	t.Parallel()
	g := setup(t)
	g.send(t, anyone) // before anybody listens
	impatient := g.as(t, client.WithAPIKey(g.key), client.WithTimeout(100*time.Millisecond),
		client.WithHTTPClient(&http.Client{Timeout: 100 * time.Millisecond}))
	messages, err := sandbox.New(impatient).Follow(t.Context(), sandbox.FollowFilter{To: "+" + anyone})
	must(t, err)
	time.Sleep(200 * time.Millisecond) // no timeout of the client ends a stream
	first, cursor := g.send(t, anyone)
	g.send(t, another)
	second, _ := g.send(t, anyone)
	var got []string
	for m, err := range messages {
		must(t, err)
		if got = append(got, m.PinID); len(got) == 2 {
			break
		}
	}
	if want := []string{first, second}; !slices.Equal(got, want) {
		t.Errorf("followed PINs %v, want %v", got, want)
	}
	for _, err := range messages {
		if err == nil {
			t.Error("a second range gives a message, want an error")
		}
	}

	messages, err = g.box.Follow(t.Context(), sandbox.FollowFilter{PINID: second, After: cursor})
	must(t, err)
	for m, err := range messages {
		must(t, err)
		if m.PinID != second || m.To != anyone || m.Text != m.Pin+" is your PIN." {
			t.Errorf("got %+v, want the message behind the cursor", m)
		}
		break
	}
}

func TestFollow_ends(t *testing.T) {
	t.Parallel()
	g := setup(t)
	ctx, leave := context.WithCancel(t.Context())
	defer leave()
	messages, err := g.box.Follow(ctx, sandbox.FollowFilter{})
	must(t, err)
	g.send(t, anyone)
	var errs []error
	for m, err := range messages {
		if errs = append(errs, err); err == nil && m.To != anyone {
			t.Errorf("got %+v", m)
		}
		leave()
	}
	if len(errs) != 2 || errs[0] != nil || !errors.Is(errs[1], context.Canceled) {
		t.Errorf("errors %v, want a message and then the context's", errs)
	}

	messages, err = g.box.Follow(t.Context(), sandbox.FollowFilter{})
	must(t, err)
	g.house.Drain()
	for m, err := range messages {
		if _, ok := errors.AsType[*client.ResponseError](err); m != nil || !ok || !errors.Is(err, io.ErrUnexpectedEOF) {
			t.Errorf("message %v, error %v; want the end of the stream", m, err)
		}
	}
}

func TestFollow_refused(t *testing.T) {
	t.Parallel()
	g := setup(t)
	for name, f := range map[string]sandbox.FollowFilter{"no number": {To: "0"}, "no cursor": {After: "x"}} {
		if messages, err := g.box.Follow(t.Context(), f); messages != nil || !client.IsInvalidArgument(err) {
			t.Errorf("%s: error %v, want that it is invalid", name, err)
		}
	}
	stranger := sandbox.New(g.as(t, client.WithAPIKey("nobody's")))
	if _, err := stranger.Follow(t.Context(), sandbox.FollowFilter{}); !client.IsUnauthorized(err) {
		t.Errorf("error %v, want that nobody may", err)
	}
}

// one is an event that a sandbox could send.
const one = "id: 17\nevent: message\ndata: {\"id\":\"A\"}\n\n"

func TestFollow_streams(t *testing.T) {
	t.Parallel()
	const ends, form, noJSON = "unexpected EOF", "it is not of the documented form", "it is not JSON"
	for name, tt := range map[string]struct {
		kind, body string
		want       int    // messages
		says       string // by the error after them
	}{
		"an event":           {"text/event-stream", one, 1, ends},
		"two":                {"text/event-stream;charset=utf-8", one + one, 2, ends},
		"comments":           {"text/event-stream", ": still here\n\n:\n" + one + ": still here\n\n", 1, ends},
		"Windows":            {"text/event-stream", strings.ReplaceAll(one, "\n", "\r\n"), 1, ends},
		"several lines":      {"text/event-stream", "data:{\ndata: \"id\":\ndata:\"A\"}\n\n", 1, ends},
		"an unknown name":    {"text/event-stream", "event: other\ndata: {}\n\n" + one, 1, ends},
		"an unknown field":   {"text/event-stream", "retry: 1\nnonsense\n" + one, 1, ends},
		"no data":            {"text/event-stream", "event: message\nid: 1\n\n" + one, 1, ends},
		"an end in an event": {"text/event-stream", one + strings.TrimSuffix(one, "\n"), 1, ends},
		"nothing":            {"text/event-stream", "", 0, ends},
		"no JSON":            {"text/event-stream", one + "data: <html>\n\n" + one, 1, noJSON},
		"another form":       {"text/event-stream", one + "data: {\"status\":\"up\"}\n\n", 1, form},
		"null":               {"text/event-stream", "data: null\n\n", 0, form},
		"a long line":        {"text/event-stream", "data: " + strings.Repeat("x", 1<<20) + "\n\n", 0, "larger than 1 MiB"},
		"many lines":         {"text/event-stream", strings.Repeat("data: "+strings.Repeat("x", 1<<10)+"\n", 1<<10), 0, "larger than 1 MiB"},
		"HTML":               {"text/html", "<html>", -1, noJSON},
		"JSON":               {"application/json", `{"id":"A"}`, -1, form},
		"no kind":            {"", one, -1, noJSON},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var accept string
			box := fake(t, func(w http.ResponseWriter, r *http.Request) {
				accept = r.Header.Get("Accept")
				w.Header()["Content-Type"] = []string{tt.kind}
				_, _ = io.WriteString(w, tt.body)
			})
			messages, err := box.Follow(t.Context(), sandbox.FollowFilter{})
			got := -1
			if err == nil {
				got = 0
				for m, failed := range messages {
					if err = failed; err == nil && m.ID == "A" {
						got++
					}
				}
			}
			if _, ok := errors.AsType[*client.ResponseError](err); !ok || !strings.Contains(err.Error(), tt.says) {
				t.Errorf("error %v, want a ResponseError that says %q", err, tt.says)
			}
			if got != tt.want || accept != "text/event-stream" {
				t.Errorf("%d messages of a request for %s, want %d", got, accept, tt.want)
			}
		})
	}
}
