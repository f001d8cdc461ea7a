package deliverylog_test

import (
	"reflect"
	"testing"
	"time"

	"github.com/pinpost/pinpost/internal/delivery"
	"github.com/pinpost/pinpost/internal/pin"
	"github.com/pinpost/pinpost/internal/store/deliverylog"
)

var noon = time.Date(2026, 3, 1, 12, 0, 0, 7_000_000, time.UTC)

func sent(number int64, at time.Time) deliverylog.Entry {
	return deliverylog.New(number, pin.Delivery{Channel: pin.ChannelSMS, State: delivery.StateNotSent, At: at})
}

// stored is a log after it was stored and read.
func stored(t testing.TB, l deliverylog.Log) deliverylog.Log {
	t.Helper()
	raw, err := l.Append(nil)
	if err != nil {
		t.Fatal(err)
	}
	got, err := deliverylog.Parse(raw)
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func TestLog_is_read_as_it_was_stored(t *testing.T) {
	t.Parallel()
	voice := deliverylog.New(1<<62, pin.Delivery{Channel: pin.ChannelVoice, State: delivery.StateWaiting, At: noon.Add(-time.Hour)})
	l := deliverylog.Log{sent(1, noon), voice, sent(-5, noon.Add(time.Millisecond))}
	l[0].Finish(pin.Outcome{State: delivery.StateAccepted, Carrier: "smsc", RemoteID: "größe\x00", At: noon.Add(time.Second)})
	l[1].Receive(delivery.Receipt{State: delivery.StateDelivered, At: noon.Add(-2 * time.Hour)})
	if got := stored(t, l); !reflect.DeepEqual(got, l) {
		t.Errorf("got %+v, want %+v", got, l)
	}
	if got := l.Find(1 << 62); got == nil || got.Channel != pin.ChannelVoice || l.Find(2) != nil {
		t.Errorf("Find = %+v and %+v, want the call and nothing", got, l.Find(2))
	}
}

func TestLog_has_a_place_for_every_state(t *testing.T) {
	t.Parallel()
	for _, state := range []delivery.State{
		delivery.StateAccepted, delivery.StateNotSent, delivery.StateNotDelivered, delivery.StateWaiting,
		delivery.StateDelivered, delivery.StateNetworkNotAllowed, delivery.StateNetworkNotAvailable,
		delivery.StateInvalidDestination, delivery.StateUnknown, delivery.StateInvalidSource, delivery.StateNoCredit,
		delivery.StateRejected, delivery.StateExpired, delivery.StateSystemError,
	} {
		e := sent(1, noon)
		e.Finish(pin.Outcome{State: state, At: noon})
		if got := stored(t, deliverylog.Log{e})[0].State; got != state {
			t.Errorf("got %s, want %s", got, state)
		}
	}
	for name, d := range map[string]pin.Delivery{
		"state": {Channel: pin.ChannelSMS, State: "NEW"}, "channel": {Channel: "PIGEON", State: delivery.StateNotSent},
	} {
		if _, err := (deliverylog.Log{deliverylog.New(1, d)}).Append(nil); err == nil {
			t.Errorf("an unknown %s is stored", name)
		}
	}
}

// TestParse_of_the_stored_form holds the form of released files: it must not change.
func TestParse_of_the_stored_form(t *testing.T) {
	t.Parallel()
	l := deliverylog.Log{sent(3, time.UnixMilli(1000).UTC())}
	l[0].Finish(pin.Outcome{State: delivery.StateDelivered, Carrier: "c", RemoteID: "r", At: time.UnixMilli(1001)})
	raw, err := l.Append(nil)
	want := "\x01\x06\x00\x00\x01c\x01r\xd0\x0f\x02\x01\x00\x04\x02"
	if err != nil || string(raw) != want {
		t.Errorf("got %q, error %v, want %q", raw, err, want)
	}
}

func TestPad(t *testing.T) {
	t.Parallel()
	l := deliverylog.Log{sent(1, noon), sent(2, noon)}
	raw, err := l.Append(nil)
	if err != nil {
		t.Fatal(err)
	}
	padded := deliverylog.Pad(raw)
	if got, err := deliverylog.Parse(padded); err != nil || !reflect.DeepEqual(got, l) || len(padded) != 64 {
		t.Errorf("got %+v of %d bytes, error %v, want %+v of 64", got, len(padded), err, l)
	}
	if again := deliverylog.Pad(padded); len(again) != 64 {
		t.Errorf("got %d bytes of what is padded, want 64", len(again))
	}
	if _, err := deliverylog.Parse(append(padded, 1)); err == nil {
		t.Error("something behind the padding is taken for nothing")
	}
	if _, err := (deliverylog.Log{sent(0, noon)}).Append(nil); err == nil {
		t.Error("a delivery without a number is stored")
	}
}

func TestOpen(t *testing.T) {
	t.Parallel()
	l := deliverylog.Log{sent(1, noon.Add(time.Minute)), sent(2, noon)}
	if got := l.OpenSince(); !got.Equal(noon) {
		t.Errorf("open since %v, want %v", got, noon)
	}
	l[1].Receive(delivery.Receipt{State: delivery.StateWaiting, At: noon})
	if got := l.OpenSince(); !got.Equal(noon.Add(time.Minute)) {
		t.Errorf("open since %v, want %v", got, noon.Add(time.Minute))
	}
	if n := l.GiveUp(noon.Add(time.Minute), noon.Add(time.Hour)); n != 0 {
		t.Errorf("%d are given up, want none yet", n)
	}
	if n := l.GiveUp(noon.Add(time.Hour), noon.Add(time.Hour)); n != 1 || l[0].State != delivery.StateUnknown || l[1].State != delivery.StateWaiting {
		t.Errorf("%d are given up: %+v, want the first alone", n, l)
	}
	if got := l.OpenSince(); !got.IsZero() {
		t.Errorf("open since %v, want nothing open", got)
	}
}

// FuzzParse reads anything: it is refused, or it is stored again and read the same.
func FuzzParse(f *testing.F) {
	raw, err := deliverylog.Log{sent(1, noon), sent(2, noon)}.Append(nil)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(raw)
	f.Add([]byte{})
	f.Add([]byte{1})
	f.Add([]byte{2, 0})
	f.Fuzz(func(t *testing.T, raw []byte) {
		l, err := deliverylog.Parse(raw)
		if err != nil {
			return
		}
		if again := stored(t, l); !reflect.DeepEqual(again, l) {
			t.Errorf("got %+v, then %+v", l, again)
		}
	})
}

func BenchmarkLog(b *testing.B) {
	l := deliverylog.Log{sent(1, noon)}
	l[0].Finish(pin.Outcome{State: delivery.StateAccepted, Carrier: "smsc", RemoteID: "0123456789", At: noon})
	raw, err := l.Append(nil)
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		l, err := deliverylog.Parse(raw)
		if err != nil {
			b.Fatal(err)
		}
		if raw, err = l.Append(raw[:0]); err != nil {
			b.Fatal(err)
		}
	}
}

func TestLog_keeps_every_try(t *testing.T) {
	t.Parallel()
	l := deliverylog.Log{sent(1, noon), sent(2, noon)}
	tries := []delivery.Attempt{
		{Carrier: "first", Class: delivery.LinkDown, Code: "refused", At: noon.Add(time.Second), Took: 250 * time.Millisecond},
		{Carrier: "second", Class: delivery.Taken, At: noon.Add(-time.Second), Took: 20 * time.Second},
	}
	l[0].Finish(pin.Outcome{State: delivery.StateWaiting, Carrier: "second", At: noon.Add(time.Minute), Attempts: tries})
	l[0].Finish(pin.Outcome{State: delivery.StateWaiting, Carrier: "second", At: noon.Add(time.Minute), Attempts: tries}) // told twice
	got := stored(t, l)
	if !reflect.DeepEqual(got, l) || !reflect.DeepEqual(got[0].Attempts, tries) || got[1].Attempts != nil {
		t.Errorf("got %+v, want %+v", got, l)
	}
	if d := got[0].Delivery("P", "D"); !reflect.DeepEqual(d.Attempts, tries) {
		t.Errorf("delivery has %+v, want %+v", d.Attempts, tries)
	}
}
