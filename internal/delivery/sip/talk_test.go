package sip

import (
	"strings"
	"testing"
	"time"

	siplib "github.com/emiago/sipgo/sip"

	"github.com/pinpost/pinpost/internal/delivery"
	"github.com/pinpost/pinpost/internal/delivery/sip/media"
	"github.com/pinpost/pinpost/internal/delivery/sip/siptest"
)

func TestDial_says_the_message_twice_and_hangs_up(t *testing.T) {
	t.Parallel()
	for _, network := range []string{"udp", "tcp"} {
		t.Run(network, func(t *testing.T) {
			t.Parallel()
			p := siptest.Start(t, network, siptest.Script{Final: 200})
			c := start(t, hasty(p.Trunk()))
			end := must(t, c, order())
			if end.Status != delivery.CallProcessed || end.Plays != 2 || end.Code != "SIP 200" || end.Carrier != "trunk" {
				t.Errorf("end = %+v, want PROCESSED, 2 plays, SIP 200", end)
			}
			if end.Answered.IsZero() || end.Ended.Before(end.Answered) {
				t.Errorf("answered at %v, ended at %v", end.Answered, end.Ended)
			}
			p.Wait(siplib.ACK, 1)
			p.Wait(siplib.BYE, 1)
			if got := loud(p.Heard()); got < 2*320-150 || got > 2*320+150 {
				t.Errorf("the phone heard %d samples that are not silent, want about %d", got, 2*320)
			}
		})
	}
}

func loud(pcm []int16) (count int) {
	for _, sample := range pcm {
		if sample > 500 || sample < -500 {
			count++
		}
	}
	return count
}

func TestDial_a_call_ends_at_its_limit(t *testing.T) {
	t.Parallel()
	p := siptest.Start(t, "udp", siptest.Script{Final: 200})
	c := startWith(t, hasty(p.Trunk()), Deps{Voice: tone(time.Minute)})
	o := order()
	o.Max = 300 * time.Millisecond
	if end := must(t, c, o); end.Status != delivery.CallProcessed || end.Plays != 0 {
		t.Errorf("end = %+v, want PROCESSED with no play", end)
	}
	p.Wait(siplib.BYE, 1)
}

func TestDial_the_callee_hangs_up(t *testing.T) {
	t.Parallel()
	for _, network := range []string{"udp", "tcp"} {
		t.Run(network, func(t *testing.T) {
			t.Parallel()
			p := siptest.Start(t, network, siptest.Script{Final: 200, ByeAfter: 5, Reinvite: true})
			c := startWith(t, hasty(p.Trunk()), Deps{Voice: tone(time.Minute)})
			if end := must(t, c, order()); end.Status != delivery.CallProcessed || end.Plays != 0 {
				t.Errorf("end = %+v, want PROCESSED with no play", end)
			}
			for p.WaitResponse() != 200 {
				time.Sleep(time.Millisecond) // the 488 to the other SDP comes first
			}
			if got := len(p.Requests(siplib.BYE)); got != 0 {
				t.Errorf("%d BYE of our own, want none", got)
			}
		})
	}
}

func TestDial_keys_repeat_the_message(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		keys, pressed string
		kind          uint8
		plays         int
	}{
		"the one key":          {"1", "1", 101, 3},
		"another key":          {"1", "2", 101, 2},
		"two keys in order":    {"1#", "1#", 101, 3},
		"two keys in disorder": {"1#", "#1", 101, 2},
		"no keys asked for":    {"", "1", 101, 2},
		"another payload type": {"1", "1", 96, 2},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			// Keys are pressed in the silence after the second time, so that none breaks off a message.
			p := siptest.Start(t, "udp", siptest.Script{Final: 200, Keys: test.pressed, EventType: test.kind, KeysAfter: 9})
			config := hasty(p.Trunk())
			config.KeyWait = 400 * time.Millisecond // ten packets are 200 ms
			c := startWith(t, config, Deps{Voice: tone(20 * time.Millisecond)})
			o := order()
			o.RepeatKeys = test.keys
			if end := must(t, c, o); end.Plays != test.plays {
				t.Errorf("%d plays, want %d", end.Plays, test.plays)
			}
		})
	}
}

func TestDial_keys_repeat_it_so_often_and_no_more(t *testing.T) {
	t.Parallel()
	p := siptest.Start(t, "udp", siptest.Script{Final: 200, Keys: "1", KeysAfter: 9, KeysEvery: 9})
	config := hasty(p.Trunk())
	config.KeyWait, config.Max = 2*time.Second, 8*time.Second
	c := startWith(t, config, Deps{Voice: tone(20 * time.Millisecond)})
	o := order()
	o.RepeatKeys = "1"
	if end := must(t, c, o); end.Plays != 2+3 {
		t.Errorf("%d plays, want 2 and 3 more", end.Plays)
	}
}

func TestDial_who_keeps_pressing_keys_hears_the_message_in_the_end(t *testing.T) {
	t.Parallel()
	p := siptest.Start(t, "udp", siptest.Script{Final: 200, Keys: "1", KeysAfter: 4, KeysEvery: 4})
	config := hasty(p.Trunk())
	config.Repeats, config.Max = 1, 3*time.Second
	c := startWith(t, config, Deps{Voice: tone(200 * time.Millisecond)})
	o := order()
	o.RepeatKeys = "1"
	if end := must(t, c, o); end.Plays != 1 {
		t.Errorf("%d plays, want 1", end.Plays)
	}
}

func TestDial_a_key_in_the_middle_begins_again(t *testing.T) {
	t.Parallel()
	p := siptest.Start(t, "udp", siptest.Script{Final: 200, Keys: "1", KeysAfter: 3})
	config := hasty(p.Trunk())
	config.Repeats = 1
	c := startWith(t, config, Deps{Voice: tone(200 * time.Millisecond)})
	o := order()
	o.RepeatKeys = "1"
	end := must(t, c, o)
	if heard := loud(p.Heard()); end.Plays != 1 || heard < 1600+200 {
		t.Errorf("%d plays and %d samples, want 1 play and more than the %d of one", end.Plays, heard, 1600)
	}
}

func TestDial_machines(t *testing.T) {
	t.Parallel()
	voice, _ := tone(600*time.Millisecond).Render(t.Context(), delivery.Prompt{})
	short := voice[:800]
	tests := map[string]struct {
		machine string
		voice   []int16
		status  delivery.CallStatus
		plays   int
	}{
		"hang up on a machine": {MachineHangup, voice, delivery.CallAnsweredMachine, 0},
		"speak to a machine":   {MachineSpeak, voice, delivery.CallAnsweredMachine, 2},
		"speak to a human":     {MachineHangup, short, delivery.CallProcessed, 2},
		"speak into silence":   {MachineHangup, nil, delivery.CallProcessed, 2},
		"off":                  {MachineOff, voice, delivery.CallProcessed, 2},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, c := setup(t, siptest.Script{Final: 200, Voice: test.voice}, func(c *Config) {
				c.Machine = test.machine
				c.Thresholds = media.Thresholds{Speech: 400 * time.Millisecond, Pause: 200 * time.Millisecond, Silence: 300 * time.Millisecond, Wait: 5 * time.Second}
			})
			if end := must(t, c, order()); end.Status != test.status || end.Plays != test.plays {
				t.Errorf("end = %+v, want %s and %d plays", end, test.status, test.plays)
			}
		})
	}
}

func TestDial_speech_fails(t *testing.T) {
	t.Parallel()
	p := siptest.Start(t, "udp", siptest.Script{Final: 200})
	c := startWith(t, hasty(p.Trunk()), Deps{Voice: mute{}})
	end := must(t, c, order())
	if end.Status != delivery.CallError || end.Code != "speech" {
		t.Errorf("end = %+v, want ERROR", end)
	}
	if got := len(p.Requests(siplib.INVITE)); got != 0 {
		t.Errorf("the phone rang %d times, want never", got)
	}
}

func TestDial_sound_goes_to_nobody_else(t *testing.T) {
	t.Parallel()
	foreign := func(own string) string { return strings.ReplaceAll(own, "c=IN IP4 127.0.0.1", "c=IN IP4 127.0.0.9") }
	tests := map[string]struct {
		sdp      func(string) string
		networks []string
		taken    bool
	}{
		"the trunk's own address": {nil, nil, true},
		"a foreign address":       {foreign, nil, false},
		"an address that we know": {foreign, []string{"127.0.0.8/30"}, true},
		"a name":                  {func(own string) string { return strings.ReplaceAll(own, "127.0.0.1", "localhost") }, nil, false},
		"no sound at all":         {func(own string) string { return strings.ReplaceAll(own, "m=audio", "m=image") }, nil, false},
		"no codec of ours":        {func(own string) string { return strings.ReplaceAll(own, " 8 0 101", " 18 101") }, nil, false},
		"port 0": {func(string) string {
			return "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 0 RTP/AVP 8\r\n"
		}, nil, false},
		"nothing":                      {func(string) string { return "" }, nil, false},
		"no SDP but something else":    {func(string) string { return "hello" }, nil, false},
		"more than anybody would send": {func(own string) string { return own + strings.Repeat("a=x\r\n", maxSDP/5) }, nil, false},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			// Over TCP, so that an answer may be longer than a datagram of the stack.
			p := siptest.Start(t, "tcp", siptest.Script{Final: 200, SDP: test.sdp})
			config := hasty(p.Trunk())
			config.MediaNetworks = test.networks
			end, err := ring(t, start(t, config), order())
			if test.taken {
				if err != nil || end.Status != delivery.CallProcessed {
					t.Errorf("end = %+v, %v, want PROCESSED", end, err)
				}
				return
			}
			if end.Status != delivery.CallRouteNotAvailable || classOf(t, err) != delivery.Rejected {
				t.Errorf("end = %+v, %v, want ERROR_ROUTE_NOT_AVAILABLE", end, err)
			}
			p.Wait(siplib.ACK, 1)
			p.Wait(siplib.BYE, 1)
		})
	}
}

func TestDial_takes_the_SDP_of_a_183(t *testing.T) {
	t.Parallel()
	p, c := setup(t, siptest.Script{Provisional: []int{183}, EarlySDP: true, Final: 200, Ring: 50 * time.Millisecond}, nil)
	if end := must(t, c, order()); end.Status != delivery.CallProcessed || loud(p.Heard()) == 0 {
		t.Errorf("end = %+v, want PROCESSED", end)
	}
}

func TestDial_talks_in_the_law_that_the_phone_likes_best(t *testing.T) {
	t.Parallel()
	for law, formats := range map[media.Law]string{media.ULaw: " 0 8 101", media.ALaw: " 18 8 0 101"} {
		p, c := setup(t, siptest.Script{Final: 200, SDP: func(own string) string { return strings.Replace(own, " 8 0 101", formats, 1) }}, nil)
		must(t, c, order())
		if got := p.Law(); got != law {
			t.Errorf("it talks %s, want %s", got.Name(), law.Name())
		}
	}
}

func TestDial_symmetric_RTP(t *testing.T) {
	t.Parallel()
	// The phone names port 9, and is heard from its own.
	p, c := setup(t, siptest.Script{Final: 200, Voice: make([]int16, 1600), SDP: func(own string) string {
		head, tail, _ := strings.Cut(own, "m=audio ")
		_, tail, _ = strings.Cut(tail, " ")
		return head + "m=audio 9 " + tail
	}}, func(c *Config) { c.SymmetricRTP, c.Lead = true, 200*time.Millisecond })
	must(t, c, order())
	if loud(p.Heard()) == 0 {
		t.Error("the phone heard nothing")
	}
}
