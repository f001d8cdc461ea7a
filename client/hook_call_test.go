package client_test

import (
	"context"
	"errors"
	"net/http"
	"reflect"
	"testing"
	"time"

	"github.com/pinpost/pinpost/client"
)

// told gives what hooks are told of the end of calls.
func told(t *testing.T, w *watcher) []client.CallEnd {
	t.Helper()
	w.mu.Lock()
	defer w.mu.Unlock()
	return append([]client.CallEnd(nil), w.overs...)
}

func TestHook_end_of_call(t *testing.T) {
	t.Parallel()
	refusal := `{"requestError":{"serviceException":{"messageId":"UNAUTHORIZED","text":"no"}}}`
	busy := says(503, "", "Retry-After", "1")
	for name, tt := range map[string]struct {
		answer  http.HandlerFunc
		options []client.Option
		want    client.CallEnd
	}{
		"success":      {says(200, `[]`), nil, client.CallEnd{Tries: 1, Status: 200}},
		"second try":   {inTurn(abort, says(200, `[]`)), nil, client.CallEnd{Tries: 2, Status: 200}},
		"refused":      {says(401, refusal), nil, client.CallEnd{Tries: 1, Status: 401, Failure: "UNAUTHORIZED"}},
		"undocumented": {busy, nil, client.CallEnd{Tries: 3, Status: 503, Failure: client.FailureUnknown}},
		"unreadable":   {says(200, `<p>`), nil, client.CallEnd{Tries: 1, Status: 200, Failure: client.FailureUnreadable}},
		"torn":         {tear(200), nil, client.CallEnd{Tries: 3, Status: 200, Failure: client.FailureBrokenAnswer}},
		"cut":          {abort, nil, client.CallEnd{Tries: 3, Failure: client.FailureNoAnswer}},
		"late": {hang(0, ""), []client.Option{client.WithTimeout(20 * time.Millisecond)}, client.CallEnd{
			Tries: 1, Failure: client.FailureNoAnswer, Stopped: context.DeadlineExceeded,
		}},
		"late in the answer": {hang(200, "["), []client.Option{client.WithTryTimeout(50 * time.Millisecond), client.WithRetries(0)}, client.CallEnd{
			Tries: 1, Status: 200, Failure: client.FailureBrokenAnswer, Stopped: context.DeadlineExceeded,
		}},
		"kept back": {abort, []client.Option{client.WithRequestEditor(func(*http.Request) error { return errCaught })}, client.CallEnd{
			Failure: client.FailureNotSent,
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var w watcher
			f := newFake(t, tt.answer)
			_, err := newClient(t, f.URL, append(tt.options, client.WithHook(w.hook()))...).ListApplications(t.Context())
			got := told(t, &w)
			if len(got) != 1 || got[0] != tt.want || (err == nil) != (tt.want.Failure == "") {
				t.Errorf("told %+v, want %+v; error %v", got, tt.want, err)
			}
			if want := (client.CallInfo{
				Operation: "listApplications", Method: "GET", Path: "/2fa/1/applications", Host: "127.0.0.1", Port: w.calls[0].Port,
			}); len(w.calls) != 1 || w.calls[0] != want {
				t.Errorf("told of %+v, want %+v", w.calls, want)
			}
		})
	}
}

// A call of Do is over when its body is closed, once.
func TestHook_end_of_Do(t *testing.T) {
	t.Parallel()
	var w watcher
	c := newClient(t, newFake(t, says(200, "anything")).URL, client.WithHook(w.hook()))
	resp, err := do(t, c, http.MethodGet, "/other/"+phone, "")
	if err != nil {
		t.Fatal(err)
	}
	if got := told(t, &w); len(got) != 0 {
		t.Errorf("told %+v before the body was closed", got)
	}
	_ = resp.Body.Close()
	_ = resp.Body.Close()
	if got := told(t, &w); len(got) != 1 || got[0] != (client.CallEnd{Tries: 1, Status: 200}) {
		t.Errorf("told %+v", got)
	}
}

// Contexts go from hook to hook and to the network; headers go to the server.
func TestHook_contexts(t *testing.T) {
	t.Parallel()
	type mark struct{ name string }
	var order []string
	hook := func(name string) client.Hook {
		return client.Hook{
			Call: func(ctx context.Context, _ client.CallInfo) (context.Context, func(client.CallEnd)) {
				return context.WithValue(ctx, mark{name}, "call"), func(client.CallEnd) { order = append(order, name+" over") }
			},
			Try: func(ctx context.Context, info client.RequestInfo, header http.Header) (context.Context, func(client.ResponseInfo)) {
				if len(header) != 0 || info.Header.Get("Authorization") != client.Redacted {
					t.Errorf("%s got header %v of a request with %v", name, header, info.Header)
				}
				header["x-"+name] = []string{ctx.Value(mark{name}).(string)}
				return context.WithValue(ctx, mark{"try " + name}, "try"), func(client.ResponseInfo) { order = append(order, name+" end") }
			},
			Request: func(ctx context.Context, info client.RequestInfo) {
				if ctx.Value(mark{name}) != "call" || info.Header.Get("X-A") != client.Redacted {
					t.Errorf("%s: value %v, header %v", name, ctx.Value(mark{name}), info.Header)
				}
			},
			Response: func(ctx context.Context, _ client.ResponseInfo) {
				if ctx.Value(mark{name}) != "call" || ctx.Err() != nil {
					t.Errorf("%s: value %v, %v", name, ctx.Value(mark{name}), ctx.Err())
				}
			},
		}
	}
	f := newFake(t, says(200, `[]`))
	var values []any
	watch := tripper(func(req *http.Request) (*http.Response, error) {
		for _, name := range []string{"a", "b", "try a", "try b"} {
			values = append(values, req.Context().Value(mark{name}))
		}
		return http.DefaultTransport.RoundTrip(req)
	})
	nothing := client.Hook{
		Call: func(context.Context, client.CallInfo) (context.Context, func(client.CallEnd)) { return nil, nil },
		Try: func(context.Context, client.RequestInfo, http.Header) (context.Context, func(client.ResponseInfo)) {
			return nil, nil
		},
	}
	c := newClient(t, f.URL, client.WithHook(hook("a")), client.WithHook(nothing), client.WithHook(hook("b")),
		client.WithHTTPClient(&http.Client{Transport: watch}))
	if _, err := c.ListApplications(t.Context()); err != nil {
		t.Fatal(err)
	}
	if want := []any{"call", "call", "try", "try"}; !reflect.DeepEqual(values, want) {
		t.Errorf("the network got values %v, want %v", values, want)
	}
	if got := f.only(t).header; got.Get("X-A") != "call" || got.Get("X-B") != "call" {
		t.Errorf("header %v", got)
	}
	if want := []string{"a end", "b end", "a over", "b over"}; !reflect.DeepEqual(order, want) {
		t.Errorf("ends %v, want %v", order, want)
	}
}

func TestHook_canceled(t *testing.T) {
	t.Parallel()
	var w watcher
	ctx, cancel := context.WithCancel(t.Context())
	c := newClient(t, newFake(t, func(http.ResponseWriter, *http.Request) { cancel(); <-t.Context().Done() }).URL, client.WithHook(w.hook()))
	_, err := c.ListApplications(ctx)
	if !errors.Is(err, context.Canceled) || len(w.ends) != 1 || !errors.Is(w.ends[0].Stopped, context.Canceled) {
		t.Errorf("error %v, told %+v", err, w.ends)
	}
	if got := told(t, &w); len(got) != 1 || got[0].Stopped != context.Canceled || got[0].Failure != client.FailureNoAnswer {
		t.Errorf("told %+v", got)
	}
}

func TestHook_port(t *testing.T) {
	t.Parallel()
	for base, want := range map[string]client.CallInfo{
		"https://pin.example.com":      {Host: "pin.example.com", Port: 443},
		"http://pin.example.com/a":     {Host: "pin.example.com", Port: 80},
		"https://pin.example.com:8443": {Host: "pin.example.com", Port: 8443},
		"http://[::1]:8080":            {Host: "::1", Port: 8080},
	} {
		var w watcher
		caught := tripper(func(*http.Request) (*http.Response, error) { return nil, errCaught })
		c := newClient(t, base, client.WithHook(w.hook()), client.WithHTTPClient(&http.Client{Transport: caught}))
		if _, err := do(t, c, "PURGE", "/other", ""); !errors.Is(err, errCaught) {
			t.Errorf("error %v", err)
		}
		want.Method = "PURGE"
		if w.calls[0] != want {
			t.Errorf("%s: told %+v, want %+v", base, w.calls[0], want)
		}
	}
}
