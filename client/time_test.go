package client_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pinpost/pinpost/client"
)

// hang answers nothing, or the beginning of something, and waits for the client to give up.
func hang(status int, beginning string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if beginning != "" {
			w.WriteHeader(status)
			_, _ = io.WriteString(w, beginning)
			_ = http.NewResponseController(w).Flush()
		}
		<-r.Context().Done()
	}
}

// stalled is a network on which the answer stops at some place, until the request's context ends. Without a body no
// answer comes at all.
func stalled(status int, body string) *http.Client {
	return &http.Client{Transport: tripper(func(req *http.Request) (*http.Response, error) {
		if body == "" {
			<-req.Context().Done()
			return nil, req.Context().Err()
		}
		rest := readerFunc(func([]byte) (int, error) {
			<-req.Context().Done()
			return 0, req.Context().Err()
		})
		return &http.Response{
			StatusCode: status, Header: http.Header{}, Body: io.NopCloser(io.MultiReader(strings.NewReader(body), rest)),
		}, nil
	})}
}

type readerFunc func([]byte) (int, error)

func (f readerFunc) Read(p []byte) (int, error) { return f(p) }

func TestTime(t *testing.T) {
	t.Parallel()
	type caller func(context.Context) (context.Context, context.CancelFunc)
	patient := func(ctx context.Context) (context.Context, context.CancelFunc) { return ctx, func() {} }
	within := func(d time.Duration) caller {
		return func(ctx context.Context) (context.Context, context.CancelFunc) { return context.WithTimeout(ctx, d) }
	}
	leaving := func(ctx context.Context) (context.Context, context.CancelFunc) {
		ctx, cancel := context.WithCancel(ctx)
		time.AfterFunc(time.Second, cancel)
		return ctx, cancel
	}
	for name, tt := range map[string]struct {
		options []client.Option
		own     time.Duration // Timeout of the HTTP client
		caller  caller
		want    error
		after   time.Duration
	}{
		"default":          {nil, 0, patient, context.DeadlineExceeded, 80 * time.Second},
		"WithTimeout":      {[]client.Option{client.WithTimeout(time.Minute)}, 0, patient, context.DeadlineExceeded, time.Minute},
		"no timeout":       {[]client.Option{client.WithTimeout(0)}, 0, within(time.Hour), context.DeadlineExceeded, time.Hour},
		"context":          {nil, 0, within(time.Second), context.DeadlineExceeded, time.Second},
		"own HTTP client":  {nil, time.Second, patient, context.DeadlineExceeded, time.Second},
		"caller leaves":    {nil, 0, leaving, context.Canceled, time.Second},
		"caller leaves HC": {nil, time.Minute, leaving, context.Canceled, time.Second},
	} {
		for place, network := range map[string]*http.Client{
			"no answer": stalled(0, ""), "in the answer": stalled(200, `{"pin`), "in an error": stalled(500, `{"re`),
		} {
			t.Run(name+"/"+place, func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					network.Timeout = tt.own
					c := newClient(t, "pin.example.com", append(tt.options, client.WithHTTPClient(network))...)
					ctx, cancel := tt.caller(t.Context())
					defer cancel()
					began := time.Now()
					_, err := c.ResendPIN(ctx, pinID)
					if took := time.Since(began); took != tt.after {
						t.Errorf("took %v, want %v", took, tt.after)
					}
					if !errors.Is(err, tt.want) {
						t.Errorf("error %v, want %v in it", err, tt.want)
					}
					_, isAPI := errors.AsType[*client.APIError](err)
					_, isResponse := errors.AsType[*client.ResponseError](err)
					if isAPI != (place == "in an error") || isResponse != (place == "in the answer") {
						t.Errorf("error %v is %T", err, errors.Unwrap(err))
					}
				})
			})
		}
	}
}

// The same over a real connection, which the server sees end.
func TestTimeoutOnTheWire(t *testing.T) {
	t.Parallel()
	left := make(chan struct{})
	f := newFake(t, func(_ http.ResponseWriter, r *http.Request) {
		<-r.Context().Done()
		close(left)
	})
	_, err := newClient(t, f.URL, client.WithTimeout(50*time.Millisecond)).ResendPIN(t.Context(), pinID)
	if !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("error %v, want context.DeadlineExceeded", err)
	}
	<-left
}

func TestAlreadyCancelled(t *testing.T) {
	t.Parallel()
	f := newFake(t, says(http.StatusOK, smsAnswer))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := newClient(t, f.URL).ResendPIN(ctx, pinID)
	if failed, ok := errors.AsType[*client.SendError](err); !ok || failed.Sent || !errors.Is(err, context.Canceled) {
		t.Errorf("error %v, want context.Canceled, and that nothing was sent", err)
	}
	if got := len(f.requests()); got != 0 {
		t.Errorf("%d requests were sent", got)
	}
}
