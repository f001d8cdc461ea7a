package sandbox_test

import (
	"slices"
	"testing"
	"time"

	"github.com/pinpost/pinpost/client"
	"github.com/pinpost/pinpost/client/sandbox"
)

func TestList(t *testing.T) {
	t.Parallel()
	g := setup(t)
	first, _ := g.send(t, anyone)
	second, cursor := g.send(t, another)
	_, err := g.pins.ResendPINByVoice(t.Context(), second)
	must(t, err)
	clock, err := g.box.Clock(t.Context())
	must(t, err)
	for name, tt := range map[string]struct {
		filter sandbox.ListFilter
		want   []string // ids of PINs
	}{
		"everything":     {sandbox.ListFilter{}, []string{second, second, first}},
		"a number":       {sandbox.ListFilter{To: "+" + another}, []string{second, second}},
		"a PIN":          {sandbox.ListFilter{PINID: first}, []string{first}},
		"an application": {sandbox.ListFilter{ApplicationID: shop}, []string{second, second, first}},
		"another one":    {sandbox.ListFilter{ApplicationID: nobody}, []string{}},
		"calls":          {sandbox.ListFilter{Channel: sandbox.ChannelVoice}, []string{second}},
		"texts":          {sandbox.ListFilter{Channel: sandbox.ChannelSMS}, []string{second, first}},
		"lately":         {sandbox.ListFilter{Since: clock.Now.Add(-time.Minute)}, []string{second, second, first}},
		"later":          {sandbox.ListFilter{Since: clock.Now.Add(time.Minute)}, []string{}},
		"behind":         {sandbox.ListFilter{After: cursor}, []string{second, second}},
		"pages of two":   {sandbox.ListFilter{Limit: 2}, []string{second, second}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			page, err := g.box.List(t.Context(), tt.filter)
			must(t, err)
			got := []string{}
			for _, m := range page.Messages {
				got = append(got, m.PinID)
			}
			if !slices.Equal(got, tt.want) {
				t.Errorf("messages of PINs %v, want %v", got, tt.want)
			}
		})
	}
	t.Run("in front", func(t *testing.T) {
		t.Parallel()
		page, err := g.box.List(t.Context(), sandbox.ListFilter{Limit: 2})
		must(t, err)
		if page.Next == nil {
			t.Fatal("no next page, want one")
		}
		page, err = g.box.List(t.Context(), sandbox.ListFilter{Limit: 2, Before: *page.Next})
		must(t, err)
		if len(page.Messages) != 1 || page.Messages[0].PinID != first || page.Next != nil {
			t.Errorf("the last page is %+v, want the first message", page)
		}
	})
	for name, f := range map[string]sandbox.ListFilter{
		"no number": {To: "0"}, "no cursor": {After: "x"}, "no place": {Before: "x"}, "too long a page": {Limit: 1 << 40},
		"a negative page": {Limit: -1 << 40}, "no channel": {Channel: "PIGEON"},
	} {
		if _, err := g.box.List(t.Context(), f); !client.IsInvalidArgument(err) {
			t.Errorf("%s: error %v, want that it is invalid", name, err)
		}
	}
}

func TestMessages(t *testing.T) {
	t.Parallel()
	g := setup(t)
	var sent []string
	for range 5 {
		id, _ := g.send(t, anyone)
		sent = slices.Insert(sent, 0, id)
	}
	g.send(t, another)
	for _, size := range []int{0, 1, 2, 5, 6} {
		var got []string
		sequence := g.box.Messages(t.Context(), sandbox.ListFilter{To: anyone, Limit: size})
		for range 2 { // as often as one likes
			got = nil
			for m, err := range sequence {
				must(t, err)
				got = append(got, m.PinID)
			}
		}
		if !slices.Equal(got, sent) {
			t.Errorf("pages of %d: PINs %v, want %v", size, got, sent)
		}
	}
	for m, err := range g.box.Messages(t.Context(), sandbox.ListFilter{Limit: 1}) {
		must(t, err)
		if m.To != another {
			t.Errorf("the newest is %s's, want %s's", m.To, another)
		}
		break
	}
	times := 0
	for m, err := range g.box.Messages(t.Context(), sandbox.ListFilter{To: "0"}) {
		if times++; m != nil || !client.IsInvalidArgument(err) {
			t.Errorf("message %v, error %v; want an error alone", m, err)
		}
	}
	if times != 1 {
		t.Errorf("%d pairs, want one with the error", times)
	}
}

func TestMessage(t *testing.T) {
	t.Parallel()
	g := setup(t)
	pinID, _ := g.send(t, anyone)
	listed, err := g.box.List(t.Context(), sandbox.ListFilter{})
	must(t, err)
	id := listed.Messages[0].ID
	m, err := g.box.Message(t.Context(), id)
	must(t, err)
	if m.ID != id || m.PinID != pinID || m.To != anyone || m.Channel != sandbox.ChannelSMS || m.Text != m.Pin+" is your PIN." {
		t.Errorf("got %+v", m)
	}
	if removed, err := g.box.Delete(t.Context(), id); err != nil || removed.ID != id {
		t.Errorf("delete gives %+v, error %v; want the message", removed, err)
	}
	if _, err := g.box.Message(t.Context(), id); !client.IsNotFound(err) {
		t.Errorf("error %v, want that it is gone", err)
	}
	if _, err := g.box.Delete(t.Context(), id); !client.IsNotFound(err) {
		t.Errorf("error %v, want that it is gone", err)
	}
}

func TestDrain(t *testing.T) {
	t.Parallel()
	g := setup(t)
	g.send(t, anyone)
	g.send(t, another)
	_, cursor := g.send(t, anyone)
	counts := []struct {
		filter sandbox.DrainFilter
		want   int
	}{
		{sandbox.DrainFilter{To: another, Channel: sandbox.ChannelVoice}, 0},
		{sandbox.DrainFilter{PINID: nobody}, 0},
		{sandbox.DrainFilter{ApplicationID: nobody}, 0},
		{sandbox.DrainFilter{Since: time.Now().Add(time.Hour)}, 0},
		{sandbox.DrainFilter{After: cursor}, 1},
		{sandbox.DrainFilter{To: another}, 1},
		{sandbox.DrainFilter{}, 1},
		{sandbox.DrainFilter{}, 0},
	}
	for _, tt := range counts {
		removed, err := g.box.Drain(t.Context(), tt.filter)
		if err != nil || len(removed) != tt.want {
			t.Errorf("%+v: drained %d, error %v; want %d", tt.filter, len(removed), err, tt.want)
		}
	}
	if removed, err := g.box.Drain(t.Context(), sandbox.DrainFilter{To: "0"}); removed != nil || !client.IsInvalidArgument(err) {
		t.Errorf("drained %v, error %v; want that it is invalid", removed, err)
	}
}
