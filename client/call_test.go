package client_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"math"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pinpost/pinpost/api"
	"github.com/pinpost/pinpost/client"
)

type idCall func(ctx context.Context, c *client.Client, id string) (any, error)

// idCalls call each method with a path id in each place that has one. Before and after are what stands around it.
var idCalls = []struct {
	name, before, after string
	call                idCall
}{
	{"ResendPIN", "/2fa/1/pin/", "/resend", func(ctx context.Context, c *client.Client, id string) (any, error) {
		return boxed(c.ResendPIN(ctx, id))
	}},
	{"ResendPINByVoice", "/2fa/1/pin/", "/resend/voice", func(ctx context.Context, c *client.Client, id string) (any, error) {
		return boxed(c.ResendPINByVoice(ctx, id))
	}},
	{"VerifyPIN", "/2fa/1/pin/", "/verify", func(ctx context.Context, c *client.Client, id string) (any, error) {
		return boxed(c.VerifyPIN(ctx, id, pin))
	}},
	{"PINStatus", "/2fa/1/pin/", "/status", func(ctx context.Context, c *client.Client, id string) (any, error) {
		return boxed(c.PINStatus(ctx, id))
	}},
	{"GetApplication", "/2fa/1/applications/", "", func(ctx context.Context, c *client.Client, id string) (any, error) {
		return boxed(c.GetApplication(ctx, id))
	}},
	{"UpdateApplication", "/2fa/1/applications/", "", func(ctx context.Context, c *client.Client, id string) (any, error) {
		return boxed(c.UpdateApplication(ctx, id, api.UpdateApplicationRequest{}))
	}},
	{"CreateMessage", "/2fa/1/applications/", "/messages", func(ctx context.Context, c *client.Client, id string) (any, error) {
		return boxed(c.CreateMessage(ctx, id, api.CreateMessageRequest{}))
	}},
	{"ListMessages", "/2fa/1/applications/", "/messages", func(ctx context.Context, c *client.Client, id string) (any, error) {
		return boxed(c.ListMessages(ctx, id))
	}},
	{"GetMessage of", "/2fa/1/applications/", "/messages/m", func(ctx context.Context, c *client.Client, id string) (any, error) {
		return boxed(c.GetMessage(ctx, id, "m"))
	}},
	{"GetMessage", "/2fa/1/applications/a/messages/", "", func(ctx context.Context, c *client.Client, id string) (any, error) {
		return boxed(c.GetMessage(ctx, "a", id))
	}},
	{"UpdateMessage of", "/2fa/1/applications/", "/messages/m", func(ctx context.Context, c *client.Client, id string) (any, error) {
		return boxed(c.UpdateMessage(ctx, id, "m", api.UpdateMessageRequest{}))
	}},
	{"UpdateMessage", "/2fa/1/applications/a/messages/", "", func(ctx context.Context, c *client.Client, id string) (any, error) {
		return boxed(c.UpdateMessage(ctx, "a", id, api.UpdateMessageRequest{}))
	}},
	{
		"ListVerifications", "/2fa/1/applications/", "/verifications",
		func(ctx context.Context, c *client.Client, id string) (any, error) {
			return boxed(c.ListVerifications(ctx, id, client.VerificationFilter{}))
		},
	},
}

func TestPathIDs(t *testing.T) {
	t.Parallel()
	for _, tt := range idCalls {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			f := newFake(t, says(http.StatusNotFound, ""))
			c := newClient(t, f.URL+"/some/prefix")
			odd := []string{"a/b", "../x", "...", "%2F", "%2e%2e", "a b", "a+b", "?x=1", "#x", ";x", "ä", ":", "\n", `\`, "a:b@c"}
			for i, id := range odd {
				if _, err := tt.call(t.Context(), c, id); !client.IsNotFound(err) {
					t.Fatalf("id %q: error %v, want the server's", id, err)
				}
				uri := f.requests()[i].uri
				segment, ok := strings.CutPrefix(uri, "/some/prefix"+tt.before)
				segment, ok2 := strings.CutSuffix(segment, tt.after)
				got, err := url.PathUnescape(segment)
				if !ok || !ok2 || err != nil || strings.ContainsAny(segment, "/?#") || got != id {
					t.Errorf("id %q arrived in %s", id, uri)
				}
			}
			for _, id := range []string{"", ".", ".."} {
				value, err := tt.call(t.Context(), c, id)
				if err == nil {
					t.Errorf("id %q gave %v", id, value)
				}
			}
			if got := len(f.requests()); got != len(odd) {
				t.Errorf("%d requests arrived, want %d: refused ids reached the server", got, len(odd))
			}
		})
	}
}

func TestCallOptions(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		options []client.CallOption
		want    string
	}{
		"none":           {nil, ""},
		"nil":            {[]client.CallOption{nil}, ""},
		"async":          {[]client.CallOption{client.RespondAsync()}, "respond-async"},
		"seconds":        {[]client.CallOption{client.WaitFor(45 * time.Second)}, "wait=45"},
		"zero":           {[]client.CallOption{client.WaitFor(0)}, "wait=0"},
		"rounded up":     {[]client.CallOption{client.WaitFor(1500 * time.Millisecond)}, "wait=2"},
		"a little":       {[]client.CallOption{client.WaitFor(1)}, "wait=1"},
		"very long":      {[]client.CallOption{client.WaitFor(math.MaxInt64)}, "wait=9223372037"},
		"the last wins":  {[]client.CallOption{client.WaitFor(time.Second), client.RespondAsync()}, "respond-async"},
		"the last wins2": {[]client.CallOption{client.WaitFor(-1), client.WaitFor(time.Minute)}, "wait=60"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newFake(t, says(http.StatusOK, voiceAnswer))
			c := newClient(t, f.URL)
			if _, err := c.SendPINByVoice(t.Context(), api.SendPinOverVoiceRequest{To: phone}, tt.options...); err != nil {
				t.Fatal(err)
			}
			if _, err := c.ResendPINByVoice(t.Context(), pinID, tt.options...); err != nil {
				t.Fatal(err)
			}
			for _, got := range f.requests() {
				if header := strings.Join(got.header.Values("Prefer"), "|"); header != tt.want {
					t.Errorf("%s: Prefer %q, want %q", got.uri, header, tt.want)
				}
			}
		})
	}
}

func TestNegativeWait(t *testing.T) {
	t.Parallel()
	f := newFake(t, says(http.StatusOK, voiceAnswer))
	c := newClient(t, f.URL)
	if _, err := c.SendPINByVoice(t.Context(), api.SendPinOverVoiceRequest{}, client.WaitFor(-1)); err == nil {
		t.Error("send: no error")
	}
	if _, err := c.ResendPINByVoice(t.Context(), pinID, client.WaitFor(-1)); err == nil {
		t.Error("resend: no error")
	}
	if got := len(f.requests()); got != 0 {
		t.Errorf("%d requests were sent", got)
	}
}

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
	if _, err := newClient(t, f.URL).ResendPIN(ctx, pinID); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v, want context.Canceled", err)
	}
	if got := len(f.requests()); got != 0 {
		t.Errorf("%d requests were sent", got)
	}
}

func TestServerDown(t *testing.T) {
	t.Parallel()
	_, err := newClient(t, down).ResendPIN(t.Context(), pinID)
	failed, ok := errors.AsType[*net.OpError](err)
	if !ok || failed.Op != "dial" {
		t.Errorf("error %v, want a net.OpError of dial", err)
	}
	if !strings.HasPrefix(err.Error(), "resend PIN: no answer from 127.0.0.1:1: dial") {
		t.Errorf("text %q", err)
	}
}

func TestBound(t *testing.T) {
	t.Parallel()
	const bound = 16 << 20
	f := newFake(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/2fa/1/api-key" { // as large as can be
			_, _ = w.Write([]byte(`"` + strings.Repeat("k", bound-2) + `"`))
			return
		}
		if strings.HasSuffix(r.URL.Path, "/status") {
			w.WriteHeader(http.StatusInternalServerError)
		}
		block := bytes.Repeat([]byte(" "), 1<<20)
		for { // without end
			if _, err := w.Write(block); err != nil {
				return
			}
		}
	})
	c := newClient(t, f.URL)
	if got, err := c.CreateAPIKey(t.Context()); err != nil || len(got) != bound-2 {
		t.Errorf("16 MiB: got %d bytes, error %v", len(got), err)
	}
	_, err := c.ResendPIN(t.Context(), pinID)
	e, ok := errors.AsType[*client.ResponseError](err)
	if !ok || err.Error() != "resend PIN: 200: answer unreadable: it is larger than 16 MiB" {
		t.Fatalf("error %v, want a ResponseError", err)
	}
	if n, err := io.Copy(io.Discard, e.Response.Body); n != bound || err != nil {
		t.Errorf("kept %d bytes, error %v, want %d", n, err, bound)
	}
	_, err = c.PINStatus(t.Context(), pinID)
	if got := apiError(t, err); got.Status != 500 || got.Text != "Internal Server Error, without an error object" {
		t.Errorf("got %+v", got)
	}
}

// closing notes whether a body was closed.
type closing struct {
	io.ReadCloser
	open *atomic.Int32
}

func (c closing) Close() error {
	c.open.Add(-1)
	return c.ReadCloser.Close()
}

func TestBodiesAreClosed(t *testing.T) {
	t.Parallel()
	for _, op := range operations {
		for name, answer := range map[string]http.HandlerFunc{
			"success": says(200, op.answer), "garbage": says(200, "<"), "error": says(500, "<"),
			"redirect": says(302, "<", "Location", "/"),
			"broken": func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Content-Length", "100")
				_, _ = io.WriteString(w, "{")
			},
		} {
			t.Run(op.name+"/"+name, func(t *testing.T) {
				t.Parallel()
				var open atomic.Int32
				counted := tripper(func(req *http.Request) (*http.Response, error) {
					resp, err := http.DefaultTransport.RoundTrip(req)
					if err == nil {
						open.Add(1)
						resp.Body = closing{resp.Body, &open}
					}
					return resp, err
				})
				f := newFake(t, answer)
				_, err := op.call(t.Context(), newClient(t, f.URL, client.WithHTTPClient(&http.Client{Transport: counted})))
				if (err == nil) != (name == "success") {
					t.Errorf("error %v", err)
				}
				if n := open.Load(); n != 0 {
					t.Errorf("%d bodies left open", n)
				}
			})
		}
	}
}

func TestRedirects(t *testing.T) {
	t.Parallel()
	for _, status := range []int{301, 302, 303, 307, 308} {
		elsewhere := newFake(t, says(http.StatusOK, `{}`))
		f := newFake(t, func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, elsewhere.URL+r.URL.String(), status)
		})
		_, err := newClient(t, f.URL).VerifyPIN(t.Context(), pinID, pin)
		got := apiError(t, err)
		want := "redirected to " + elsewhere.URL + ", which is not followed; correct the base URL"
		if got.Text != want || got.Status != status {
			t.Errorf("got %d %q, want %d %q", got.Status, got.Text, status, want)
		}
		if n := len(elsewhere.requests()); n != 0 {
			t.Errorf("%d: followed", status)
		}
	}
}

// Who allows redirects gets what net/http does: the key stays with the first host.
func TestRedirectsAllowed(t *testing.T) {
	t.Parallel()
	elsewhere := newFake(t, says(http.StatusOK, applicationAnswer))
	f := newFake(t, func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, elsewhere.URL+r.URL.String(), http.StatusTemporaryRedirect)
	})
	allowing := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return nil }}
	c := newClient(t, strings.Replace(f.URL, "127.0.0.1", "localhost", 1), client.WithHTTPClient(allowing))
	if _, err := c.GetApplication(t.Context(), appID); err != nil {
		t.Fatal(err)
	}
	if f.only(t).header.Get("Authorization") == "" {
		t.Error("the first host got no Authorization")
	}
	if got := elsewhere.only(t).header.Values("Authorization"); got != nil {
		t.Errorf("the other host got Authorization %v", got)
	}
}

func TestHTTPClientIsNotChanged(t *testing.T) {
	t.Parallel()
	given := &http.Client{}
	newClient(t, "localhost", client.WithHTTPClient(given))
	if given.CheckRedirect != nil || given.Transport != nil || given.Timeout != 0 {
		t.Errorf("changed to %+v", given)
	}
}

func TestManyGoroutines(t *testing.T) {
	t.Parallel()
	f := newFake(t, says(http.StatusOK, smsAnswer))
	c := newClient(t, f.URL)
	var callers sync.WaitGroup
	for range 20 {
		callers.Go(func() {
			if _, err := c.ResendPIN(t.Context(), pinID); err != nil {
				t.Error(err)
			}
		})
	}
	callers.Wait()
	if got := len(f.requests()); got != 20 {
		t.Errorf("%d requests arrived, want 20", got)
	}
}
