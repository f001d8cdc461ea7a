package client

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"testing"
	"testing/iotest"
	"testing/synctest"
	"time"
)

func TestBackoff(t *testing.T) {
	t.Parallel()
	const ms = time.Millisecond
	for tries, longest := range map[int]time.Duration{
		1: 500 * ms, 2: 1000 * ms, 3: 2000 * ms, 4: 4000 * ms, 5: 5000 * ms, 6: 5000 * ms, 1000: 5000 * ms,
	} {
		for _, tt := range []struct {
			random io.Reader
			want   time.Duration
		}{
			{bytes.NewReader([]byte{0, 0, 0, 0}), longest},
			{bytes.NewReader([]byte{0x80, 0, 0, 0}), longest - longest/8},
			{bytes.NewReader([]byte{255, 255, 255, 255}), longest - longest/4},
			{iotest.ErrReader(io.ErrClosedPipe), longest},
		} {
			if got := backoff(tries, tt.random); got < tt.want || got > tt.want+2 {
				t.Errorf("after %d tries: %v, want %v", tries, got, tt.want)
			}
		}
	}
}

// network answers each try in turn, without a connection.
type network []func() (*http.Response, error)

func (n *network) RoundTrip(*http.Request) (*http.Response, error) {
	next := (*n)[0]
	*n = (*n)[1:]
	return next()
}

func refuses(status int, retryAfter string) func() (*http.Response, error) {
	return func() (*http.Response, error) {
		return &http.Response{StatusCode: status, Header: http.Header{"Retry-After": {retryAfter}}, Body: http.NoBody}, nil
	}
}

func breaks() (*http.Response, error) { return nil, io.ErrUnexpectedEOF }

// How long a call takes, by a clock that does not make the test wait.
func TestDelays(t *testing.T) {
	t.Parallel()
	in := func(d time.Duration) string { return time.Unix(946684800, 0).Add(d).UTC().Format(http.TimeFormat) } // as synctest begins
	for name, tt := range map[string]struct {
		tries   network
		bound   time.Duration // of the caller
		options []Option
		took    time.Duration
		is      error
	}{
		"doubles":             {network{breaks, breaks, breaks}, 0, nil, 1500 * time.Millisecond, io.ErrUnexpectedEOF},
		"five":                {network{breaks, breaks, breaks, breaks, breaks, breaks}, 0, []Option{WithRetries(5)}, 12500 * time.Millisecond, io.ErrUnexpectedEOF},
		"asked":               {network{refuses(429, "3"), refuses(503, "30"), refuses(503, "1")}, 0, nil, 33 * time.Second, nil},
		"asked by a date":     {network{refuses(503, in(20*time.Second)), refuses(400, "")}, 0, nil, 20 * time.Second, nil},
		"asked of the past":   {network{refuses(503, in(-time.Hour)), refuses(400, "")}, 0, nil, 500 * time.Millisecond, nil},
		"asked for nothing":   {network{refuses(503, "soon"), refuses(503, "0"), refuses(400, "")}, 0, nil, 1500 * time.Millisecond, nil},
		"asked for long":      {network{refuses(429, "31")}, 0, nil, 0, nil},
		"asked for a day":     {network{refuses(429, in(24*time.Hour))}, 0, nil, 0, nil},
		"too long for it":     {network{refuses(503, "5")}, 5 * time.Second, nil, 0, nil},
		"just in time":        {network{refuses(503, "5"), refuses(400, "")}, 5*time.Second + 1, nil, 5 * time.Second, nil},
		"too long for all":    {network{refuses(503, "5")}, 0, []Option{WithTimeout(4 * time.Second)}, 0, nil},
		"long, but no bound":  {network{refuses(503, "25"), refuses(503, "25"), refuses(503, "25")}, 0, []Option{WithTimeout(0)}, 50 * time.Second, nil},
		"second does not fit": {network{breaks, breaks}, 0, []Option{WithTimeout(time.Second)}, 500 * time.Millisecond, io.ErrUnexpectedEOF},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				zeros := readerFunc(func(p []byte) (int, error) { clear(p); return len(p), nil })
				c, err := New("localhost", append(tt.options, WithAPIKey("k"), Drawing(zeros),
					WithHTTPClient(&http.Client{Transport: &tt.tries}))...)
				if err != nil {
					t.Fatal(err)
				}
				ctx, cancel := bounded(t.Context(), tt.bound)
				defer cancel()
				began := time.Now()
				_, err = c.ListApplications(ctx)
				if took := time.Since(began); took != tt.took {
					t.Errorf("took %v, want %v", took, tt.took)
				}
				if _, ok := errors.AsType[*APIError](err); ok != (tt.is == nil) || (tt.is != nil && !errors.Is(err, tt.is)) {
					t.Errorf("error %v, want that of the last try", err)
				}
				if len(tt.tries) > 0 {
					t.Errorf("%d tries are missing", len(tt.tries))
				}
			})
		})
	}
}

type readerFunc func([]byte) (int, error)

func (f readerFunc) Read(p []byte) (int, error) { return f(p) }

// A caller who leaves between two tries learns of both, the failure and that nobody waits any more.
func TestLeavingBetweenTries(t *testing.T) {
	t.Parallel()
	torn := func() (*http.Response, error) {
		return &http.Response{StatusCode: http.StatusOK, Header: http.Header{}, Body: io.NopCloser(iotest.ErrReader(io.ErrUnexpectedEOF))}, nil
	}
	for name, tt := range map[string]struct {
		first func() (*http.Response, error)
		want  string
	}{
		"refused": {refuses(503, "20"), "list applications: 503: Service Unavailable, without an error object; wait to try again: context canceled"},
		"broken":  {breaks, "list applications: no answer from localhost: unexpected EOF; wait to try again: context canceled"},
		"torn":    {torn, "list applications: no answer from localhost: wait to try again: context canceled"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				c, err := New("localhost", WithAPIKey("k"), WithHTTPClient(&http.Client{Transport: &network{tt.first}}))
				if err != nil {
					t.Fatal(err)
				}
				ctx, cancel := context.WithCancel(t.Context())
				time.AfterFunc(100*time.Millisecond, cancel)
				began := time.Now()
				_, err = c.ListApplications(ctx)
				if !errors.Is(err, context.Canceled) || err.Error() != tt.want || time.Since(began) != 100*time.Millisecond {
					t.Errorf("error %v after %v, want %s", err, time.Since(began), tt.want)
				}
				if _, ok := errors.AsType[*APIError](err); ok != (name == "refused") {
					t.Errorf("error %v has lost the refusal, or made one", err)
				}
			})
		})
	}
}

// A slow try is given up, and the next one answers.
func TestWithTryTimeout(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		slow := func(req *http.Request) (*http.Response, error) {
			<-req.Context().Done()
			return nil, req.Context().Err()
		}
		tries := 0
		c, err := New("localhost", WithAPIKey("k"), WithTryTimeout(3*time.Second),
			WithHTTPClient(&http.Client{Transport: roundTripper(func(req *http.Request) (*http.Response, error) {
				if tries++; tries < 3 {
					return slow(req)
				}
				return &http.Response{StatusCode: http.StatusOK, Header: http.Header{}, Body: io.NopCloser(bytes.NewReader([]byte("[]")))}, nil
			})}))
		if err != nil {
			t.Fatal(err)
		}
		began := time.Now()
		if _, err := c.ListApplications(t.Context()); err != nil || tries != 3 {
			t.Errorf("%d tries, error %v", tries, err)
		}
		if took := time.Since(began); took < 7*time.Second || took > 8*time.Second {
			t.Errorf("took %v, want two tries of 3 s and the time between", took)
		}
		tries = 0
		if _, err := c.VerifyPIN(t.Context(), "p", "1"); !errors.Is(err, context.DeadlineExceeded) || tries != 1 {
			t.Errorf("%d tries, error %v; want one, as the attempt may have counted", tries, err)
		}
	})
}

type roundTripper func(*http.Request) (*http.Response, error)

func (r roundTripper) RoundTrip(req *http.Request) (*http.Response, error) { return r(req) }
