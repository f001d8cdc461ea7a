package client_test

import (
	"io"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/pinpost/pinpost/client"
)

// abort ends the connection without an answer.
func abort(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }

// tear ends the connection in the middle of an answer.
func tear(status int) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "100")
		w.WriteHeader(status)
		_, _ = io.WriteString(w, `{"pinId":`)
	}
}

// advertises is says, of a server that knows idempotency keys.
func advertises(status int, body string, header ...string) http.HandlerFunc {
	return says(status, body, append(header, "Idempotency-Replayed", "false")...)
}

// inTurn answers each request in another way, the last of which goes on.
func inTurn(answers ...http.HandlerFunc) http.HandlerFunc {
	var seen atomic.Int32
	return func(w http.ResponseWriter, r *http.Request) {
		answers[min(int(seen.Add(1)), len(answers))-1](w, r)
	}
}

// class says what a failure means for an operation.
func class(op operation) string {
	if _, ok := sends[op.name]; ok {
		return "send"
	}
	return map[string]string{"GET": "read", "PUT": "put", "POST": "act"}[op.method]
}

// TestRetries is the whole table of what is tried again: each failure, after sends that were answered as before says.
func TestRetries(t *testing.T) {
	t.Parallel()
	type tries map[string]int
	always := tries{"read": 3, "put": 3, "act": 3, "send": 3}
	never := tries{"read": 1, "put": 1, "act": 1, "send": 1}
	safe := tries{"read": 3, "put": 3, "act": 1, "send": 1} // it may have been carried out
	keyed := tries{"read": 3, "put": 3, "act": 1, "send": 3}
	type before []http.HandlerFunc
	knows, silent := advertises(200, smsAnswer), says(200, smsAnswer)
	for name, tt := range map[string]struct {
		before before
		fails  http.HandlerFunc
		want   tries
	}{
		"429":                    {nil, says(429, ""), always},
		"503":                    {nil, says(503, ""), always},
		"503, wait":              {nil, says(503, "", "Retry-After", "30"), always},
		"429, wait long":         {before{knows}, says(429, "", "Retry-After", "31"), never},
		"503, wait long":         {before{knows}, says(503, "", "Retry-After", "86400"), never},
		"refused":                {before{knows}, says(400, ""), never},
		"conflict":               {before{knows}, says(409, ""), never},
		"failed":                 {before{knows}, says(500, ""), never},
		"bad gateway":            {before{knows}, says(502, ""), never},
		"gateway timeout":        {before{knows}, says(504, ""), never},
		"redirect":               {before{knows}, says(307, "", "Location", "/"), never},
		"not JSON":               {before{knows}, says(200, "<html>"), never},
		"torn refusal":           {before{knows}, tear(500), never},
		"cut at first":           {nil, abort, safe},
		"cut":                    {before{silent}, abort, safe},
		"cut, keys":              {before{knows}, abort, keyed},
		"cut, keys replayed":     {before{says(200, smsAnswer, "Idempotency-Replayed", "true")}, abort, keyed},
		"cut, keys of a refusal": {before{advertises(409, "")}, abort, keyed},
		"cut, odd word":          {before{says(200, smsAnswer, "Idempotency-Replayed", "maybe")}, abort, safe},
		"cut, keys before":       {before{knows, silent}, abort, safe},
		"cut, keys and refusal":  {before{knows, says(400, "")}, abort, keyed},
		"torn":                   {before{silent}, tear(200), safe},
		"torn, keys before":      {before{knows}, tear(200), safe}, // its header is without the word
		"hangs":                  {before{silent}, hang(0, ""), safe},
		"hangs, keys":            {before{knows}, hang(0, ""), keyed},
		"hangs in the answer":    {before{silent}, hang(200, "{"), safe},
	} {
		for _, op := range operations {
			hangs := strings.HasPrefix(name, "hangs")
			if hangs && !slices.Contains([]string{"SendPIN", "ResendPIN", "VerifyPIN", "GetMessage", "UpdateMessage"}, op.name) {
				continue // takes time
			}
			t.Run(name+"/"+op.name, func(t *testing.T) {
				t.Parallel()
				f := newFake(t, inTurn(append(tt.before, tt.fails)...))
				options := []client.Option{}
				if hangs {
					options = append(options, client.WithTryTimeout(100*time.Millisecond))
				}
				if class(op) == "read" { // net/http repeats those itself when a connection that was used before breaks
					options = append(options, client.WithHTTPClient(&http.Client{Transport: &http.Transport{DisableKeepAlives: true}}))
				}
				c := newClient(t, f.URL, options...)
				for range tt.before {
					_, _ = c.WithoutTimeout().ResendPIN(t.Context(), pinID)
				}
				if value, err := op.call(t.Context(), c); err == nil {
					t.Errorf("value %v, want an error", value)
				}
				if got := len(f.requests()) - len(tt.before); got != tt.want[class(op)] {
					t.Errorf("%d tries, want %d", got, tt.want[class(op)])
				}
			})
		}
	}
}

// A further try that succeeds is the answer, and each is the same request.
func TestRetries_succeed(t *testing.T) {
	t.Parallel()
	for _, op := range operations {
		t.Run(op.name, func(t *testing.T) {
			t.Parallel()
			f := newFake(t, inTurn(says(503, ""), says(429, ""), says(200, op.answer)))
			if _, err := op.call(t.Context(), newClient(t, f.URL)); err != nil {
				t.Error(err)
			}
			all := f.requests()
			if len(all) != 3 {
				t.Fatalf("%d requests arrived, want 3", len(all))
			}
			for _, got := range all {
				checkRequest(t, got, op, "App "+key)
				if got.header.Get("Idempotency-Key") != all[0].header.Get("Idempotency-Key") {
					t.Error("a try has another idempotency key")
				}
			}
		})
	}
}

func TestWithRetries(t *testing.T) {
	t.Parallel()
	for retries, want := range map[int]int{0: 1, 1: 2, 5: 6} {
		f := newFake(t, says(http.StatusServiceUnavailable, ""))
		_, err := newClient(t, f.URL, client.WithRetries(retries)).ResendPIN(t.Context(), pinID)
		if got := len(f.requests()); got != want || !client.IsUnavailable(err) {
			t.Errorf("%d retries: %d requests, error %v", retries, got, err)
		}
	}
}

// Do repeats only a request of which the body can be had again.
func TestDo_retries(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		method string
		body   io.Reader
		fails  http.HandlerFunc
		want   int
	}{
		"read":               {http.MethodGet, nil, abort, 3},
		"put":                {http.MethodPut, strings.NewReader("body"), abort, 3},
		"put without a copy": {http.MethodPut, io.MultiReader(strings.NewReader("body")), abort, 1},
		"later":              {http.MethodPost, strings.NewReader("body"), says(503, ""), 3},
		"later, no copy":     {http.MethodPost, io.MultiReader(strings.NewReader("body")), says(503, ""), 1},
		"act":                {http.MethodPost, strings.NewReader("body"), abort, 1},
		"delete":             {http.MethodDelete, nil, abort, 1},
		"torn stream":        {http.MethodGet, nil, tear(200), 1},
	} {
		for of, patient := range map[string]bool{"": false, "/without timeout": true} {
			t.Run(name+of, func(t *testing.T) {
				t.Parallel()
				f := newFake(t, tt.fails)
				c := newClient(t, f.URL)
				if patient {
					c = c.WithoutTimeout()
				}
				body := tt.body
				if seeker, ok := body.(*strings.Reader); ok {
					body = strings.NewReader("body"[:seeker.Size()])
				} else if body != nil {
					body = io.MultiReader(strings.NewReader("body"))
				}
				req, err := http.NewRequestWithContext(t.Context(), tt.method, "/x", body)
				if err != nil {
					t.Fatal(err)
				}
				if resp, err := c.Do(req); err == nil {
					_, err = client.Decode[any](resp, nil)
					_ = resp.Body.Close()
					if err == nil {
						t.Error("no error")
					}
				}
				all := f.requests()
				if len(all) != tt.want {
					t.Errorf("%d requests arrived, want %d", len(all), tt.want)
				}
				for _, got := range all {
					if want := map[bool]string{true: "body"}[tt.body != nil]; got.body != want {
						t.Errorf("body %q, want %q", got.body, want)
					}
				}
			})
		}
	}
}
