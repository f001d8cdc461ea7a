package client_test

import (
	"math"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/pinpost/pinpost/api"
	"github.com/pinpost/pinpost/client"
)

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

func TestOptionsOfTexts(t *testing.T) {
	t.Parallel()
	f := newFake(t, says(http.StatusOK, smsAnswer))
	c := newClient(t, f.URL)
	if _, err := c.SendPIN(t.Context(), api.SendPinOverSmsRequest{To: phone}, client.WaitFor(time.Second)); err != nil {
		t.Fatal(err)
	}
	if _, err := c.ResendPIN(t.Context(), pinID, nil, client.RespondAsync()); err != nil {
		t.Fatal(err)
	}
	for _, got := range f.requests() {
		if header := got.header.Values("Prefer"); header != nil {
			t.Errorf("%s: Prefer %q for a text", got.uri, header)
		}
	}
	if _, err := c.SendPIN(t.Context(), api.SendPinOverSmsRequest{To: phone}, client.WaitFor(-1)); err == nil {
		t.Error("a negative wait: no error")
	}
}

// sends are the methods that take options.
var sends = map[string]func(t *testing.T, c *client.Client, options ...client.CallOption) error{
	"SendPIN": func(t *testing.T, c *client.Client, options ...client.CallOption) error {
		_, err := c.SendPIN(t.Context(), api.SendPinOverSmsRequest{To: phone}, options...)
		return err
	},
	"SendPINByVoice": func(t *testing.T, c *client.Client, options ...client.CallOption) error {
		_, err := c.SendPINByVoice(t.Context(), api.SendPinOverVoiceRequest{To: phone}, options...)
		return err
	},
	"ResendPIN": func(t *testing.T, c *client.Client, options ...client.CallOption) error {
		_, err := c.ResendPIN(t.Context(), pinID, options...)
		return err
	},
	"ResendPINByVoice": func(t *testing.T, c *client.Client, options ...client.CallOption) error {
		_, err := c.ResendPINByVoice(t.Context(), pinID, options...)
		return err
	},
}

func TestReadHeader(t *testing.T) {
	t.Parallel()
	for name, send := range sends {
		for of, tt := range map[string]struct {
			answer http.HandlerFunc
			failed bool
		}{
			"a value":      {says(200, voiceAnswer, "X-Of", "it"), false},
			"a refusal":    {says(429, "", "X-Of", "it"), true},
			"a misfit":     {says(200, "<html>", "X-Of", "it"), true},
			"another form": {says(200, "{}", "X-Of", "it"), true},
		} {
			t.Run(name+"/"+of, func(t *testing.T) {
				t.Parallel()
				var one, two http.Header
				c := newClient(t, newFake(t, tt.answer).URL)
				err := send(t, c, client.ReadHeader(&one), client.ReadHeader(nil), client.ReadHeader(&two), client.RespondAsync())
				if (err != nil) != tt.failed {
					t.Errorf("error %v, want one: %t", err, tt.failed)
				}
				if one.Get("X-Of") != "it" || two.Get("X-Of") != "it" {
					t.Errorf("read %v and %v, want the header of the answer", one, two)
				}
			})
		}
		t.Run(name+"/none", func(t *testing.T) {
			t.Parallel()
			before := http.Header{"X-Of": {"before"}}
			if err := send(t, newClient(t, down), client.ReadHeader(&before)); err == nil || before.Get("X-Of") != "before" {
				t.Errorf("error %v, header %v; want an error, and the header as it was", err, before)
			}
		})
	}
}
