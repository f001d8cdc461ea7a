package sandbox_test

import (
	"context"
	"errors"
	"math"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pinpost/pinpost/api"
	"github.com/pinpost/pinpost/client"
	"github.com/pinpost/pinpost/client/sandbox"
)

func TestWait_comes_first(t *testing.T) {
	t.Parallel()
	g := setup(t)
	pinID, cursor := g.send(t, anyone)
	g.send(t, anyone)
	_, err := g.pins.ResendPINByVoice(t.Context(), pinID)
	must(t, err)
	for name, tt := range map[string]struct {
		filter  sandbox.WaitFilter
		channel sandbox.Channel
	}{
		"the newest of a PIN":   {sandbox.WaitFilter{PINID: pinID}, sandbox.ChannelVoice},
		"the newest text of it": {sandbox.WaitFilter{PINID: pinID, Channel: sandbox.ChannelSMS}, sandbox.ChannelSMS},
		"of a number":           {sandbox.WaitFilter{To: "+" + anyone}, sandbox.ChannelVoice},
		"of an application":     {sandbox.WaitFilter{ApplicationID: shop}, sandbox.ChannelVoice},
		"the next of a PIN":     {sandbox.WaitFilter{PINID: pinID, After: cursor}, sandbox.ChannelSMS},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m, err := g.box.Wait(t.Context(), tt.filter, 0)
			must(t, err)
			if m.PinID != pinID || m.Channel != tt.channel {
				t.Errorf("got a %s of PIN %s, want a %s of PIN %s", m.Channel, m.PinID, tt.channel, pinID)
			}
		})
	}
}

func TestWait_comes_later(t *testing.T) {
	t.Parallel()
	g := setup(t)
	_, cursor := g.send(t, another)
	type answer struct {
		m   *sandbox.Message
		err error
	}
	// Timeouts that are far too short for any wait.
	impatient := g.as(t, client.WithAPIKey(g.key), client.WithTimeout(100*time.Millisecond),
		client.WithHTTPClient(&http.Client{Timeout: 100 * time.Millisecond}))
	answers := make(chan answer, 1)
	go func() {
		m, err := sandbox.New(impatient).Wait(t.Context(), sandbox.WaitFilter{To: anyone, After: cursor}, time.Minute)
		answers <- answer{m, err}
	}()
	select {
	case got := <-answers:
		t.Fatalf("wait ended with %v, error %v; nothing was sent yet", got.m, got.err)
	case <-time.After(300 * time.Millisecond):
	}
	pinID, _ := g.send(t, anyone)
	got := <-answers
	must(t, got.err)
	if got.m.PinID != pinID {
		t.Errorf("got the message of PIN %s, want %s", got.m.PinID, pinID)
	}
}

// TestWait_very_message wants each of many sends to find its own message by its cursor.
func TestWait_very_message(t *testing.T) {
	t.Parallel()
	g := setup(t)
	pinID, _ := g.send(t, anyone)
	for range 3 {
		var header http.Header
		_, err := g.pins.ResendPIN(t.Context(), pinID, client.ReadHeader(&header))
		must(t, err)
		again, err := g.pins.ResendPIN(t.Context(), pinID)
		must(t, err)
		m, err := g.box.Wait(t.Context(), sandbox.WaitFilter{PINID: again.PinID, After: sandbox.Cursor(header)}, time.Second)
		must(t, err)
		page, err := g.box.List(t.Context(), sandbox.ListFilter{PINID: pinID, Limit: 2})
		must(t, err)
		if m.ID != page.Messages[1].ID {
			t.Error("got another message than the one of the send")
		}
	}
	var header http.Header
	_, err := g.pins.SendPINByVoice(t.Context(), api.SendPinOverVoiceRequest{To: another, ApplicationID: shop, MessageID: plain},
		client.ReadHeader(&header))
	must(t, err)
	m, err := g.box.Wait(t.Context(), sandbox.WaitFilter{After: sandbox.Cursor(header)}, 0)
	if err != nil || m.To != another || m.Spoken == nil {
		t.Errorf("got %+v, error %v; want the call", m, err)
	}
}

func TestWait_times_out(t *testing.T) {
	t.Parallel()
	g := setup(t)
	began := time.Now()
	m, err := g.box.Wait(t.Context(), sandbox.WaitFilter{To: anyone}, 300*time.Millisecond)
	if took := time.Since(began); m != nil || !sandbox.IsTimeout(err) || took < time.Second {
		t.Errorf("message %v, error %v after %v; want a timeout after a second", m, err, took)
	}
	if failed, ok := errors.AsType[*client.APIError](err); !ok || failed.Status != http.StatusRequestTimeout {
		t.Errorf("error %v, want an APIError with status 408", err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if _, err := g.box.Wait(ctx, sandbox.WaitFilter{To: anyone}, 0); !errors.Is(err, context.DeadlineExceeded) || sandbox.IsTimeout(err) {
		t.Errorf("error %v, want that of the context", err)
	}
	if sandbox.IsTimeout(nil) || sandbox.IsTimeout(context.DeadlineExceeded) {
		t.Error("other errors are taken for a timeout")
	}
}

func TestWait_refused(t *testing.T) {
	t.Parallel()
	g := setup(t)
	mine := sandbox.WaitFilter{To: anyone}
	for name, tt := range map[string]struct {
		filter  sandbox.WaitFilter
		timeout time.Duration
	}{
		"for anybody's": {sandbox.WaitFilter{Channel: sandbox.ChannelSMS}, 0}, "no number": {sandbox.WaitFilter{To: "0"}, 0},
		"no cursor": {sandbox.WaitFilter{After: "x"}, 0}, "too long": {mine, 61 * time.Second},
		"for ever": {mine, math.MaxInt64}, "negative": {mine, -time.Second}, "a little negative": {mine, -1},
	} {
		if _, err := g.box.Wait(t.Context(), tt.filter, tt.timeout); !client.IsInvalidArgument(err) {
			t.Errorf("%s: error %v, want that it is invalid", name, err)
		}
	}
}

// A server that never answers is not waited for much longer than it was asked to wait.
func TestWait_has_an_end(t *testing.T) {
	t.Parallel()
	for asked, want := range map[time.Duration]time.Duration{
		0: 50 * time.Second, time.Minute: 80 * time.Second, time.Second: 21 * time.Second,
	} {
		synctest.Test(t, func(t *testing.T) {
			silent := tripper(func(req *http.Request) (*http.Response, error) {
				<-req.Context().Done()
				return nil, req.Context().Err()
			})
			c, err := client.New("pin.example.com", client.WithAPIKey("k"), client.WithHTTPClient(&http.Client{Transport: silent}))
			must(t, err)
			began := time.Now()
			_, err = sandbox.New(c).Wait(t.Context(), sandbox.WaitFilter{To: anyone}, asked)
			if took := time.Since(began); took != want || !errors.Is(err, context.DeadlineExceeded) || sandbox.IsTimeout(err) {
				t.Errorf("asked to wait %v: error %v after %v, want it after %v", asked, err, took, want)
			}
		})
	}
}
