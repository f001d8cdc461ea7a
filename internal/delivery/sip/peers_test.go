//go:build peers

package sip

import (
	"context"
	"math"
	"os"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	siplib "github.com/emiago/sipgo/sip"

	"github.com/pinpost/pinpost/internal/delivery"
	"github.com/pinpost/pinpost/internal/delivery/foreign"
	"github.com/pinpost/pinpost/internal/delivery/sip/media"
	"github.com/pinpost/pinpost/internal/delivery/sip/siptest"
)

// TestMain runs the tests alone in a network.
func TestMain(m *testing.M) { os.Exit(foreign.Alone(m)) }

// patient is a carrier that gives foreign phones the time they take.
func patient(t *testing.T, config Config, voice Voice) *Carrier {
	t.Helper()
	config.Max, config.Ring = 20*time.Second, 10*time.Second
	return startWith(t, config, Deps{Voice: voice})
}

func TestPeers_sipp_refuses(t *testing.T) {
	t.Parallel()
	tests := map[int]struct {
		status    delivery.CallStatus
		elsewhere bool
	}{
		486: {delivery.CallUserBusy, false},
		603: {delivery.CallUserBusy, false},
		404: {delivery.CallNetworkNotAvailable, false},
		480: {delivery.CallNoAnswer, false},
		503: {delivery.CallRouteNotAvailable, true},
		403: {delivery.CallRouteNotAvailable, true},
		402: {delivery.CallNotEnoughCredits, true},
	}
	for code, test := range tests {
		t.Run(strconv.Itoa(code), func(t *testing.T) {
			t.Parallel()
			trunk, p := foreign.SIPp(t, "udp", "refuse", "CODE", strconv.Itoa(code))
			p.Listening(trunk)
			end, err := ring(t, patient(t, quiet(trunk), tone(time.Second)), order())
			if test.elsewhere {
				classOf(t, err)
				end.Status = delivery.CallStatusOf(err)
			} else if err != nil {
				t.Fatal(err)
			}
			if end.Status != test.status {
				t.Errorf("status = %s, want %s", end.Status, test.status)
			}
			p.Content()
		})
	}
}

// quiet are settings without a ping, which sipp would take for its call.
func quiet(trunk string) Config {
	config := hasty(trunk)
	config.Ping = -1
	return config
}

func TestPeers_sipp_rings_and_nobody_answers(t *testing.T) {
	t.Parallel()
	trunk, p := foreign.SIPp(t, "udp", "noanswer")
	p.Listening(trunk)
	o := order()
	o.Ring = time.Second
	if end := must(t, startWith(t, quiet(trunk), Deps{Voice: tone(time.Second)}), o); end.Status != delivery.CallNoAnswer {
		t.Errorf("end = %+v, want ERROR_NO_ANSWER", end)
	}
	p.Content()
}

func TestPeers_sipp_answers(t *testing.T) {
	t.Parallel()
	for _, transport := range []string{"udp", "tcp"} {
		t.Run(transport, func(t *testing.T) {
			t.Parallel()
			trunk, p := foreign.SIPp(t, transport, "answer")
			p.Listening(trunk)
			if end := must(t, patient(t, quiet(trunk), tone(300*time.Millisecond)), order()); end.Status != delivery.CallProcessed || end.Plays != 2 {
				t.Errorf("end = %+v, want PROCESSED and 2 plays", end)
			}
			p.Content()
		})
	}
}

func TestPeers_sipp_hangs_up(t *testing.T) {
	t.Parallel()
	trunk, p := foreign.SIPp(t, "udp", "hangup")
	p.Listening(trunk)
	if end := must(t, patient(t, quiet(trunk), tone(time.Minute)), order()); end.Status != delivery.CallProcessed || end.Plays != 0 {
		t.Errorf("end = %+v, want PROCESSED with no play", end)
	}
	p.Content()
}

func TestPeers_sipp_presses_a_key(t *testing.T) {
	t.Parallel()
	trunk, p := foreign.SIPp(t, "udp", "keys")
	p.Listening(trunk)
	config := quiet(trunk)
	config.KeyType, config.KeyWait, config.Repeats = 96, 4*time.Second, 1
	o := order()
	o.RepeatKeys = "1"
	if end := must(t, patient(t, config, tone(100*time.Millisecond)), o); end.Plays != 2 {
		t.Errorf("end = %+v, want 2 plays", end)
	}
	p.Content()
}

func TestPeers_sipp_asks_for_a_password(t *testing.T) {
	t.Parallel()
	for password, class := range map[Secret]delivery.Class{"secret": -1, "wrong": delivery.Rejected} {
		t.Run(password.Reveal(), func(t *testing.T) {
			t.Parallel()
			trunk, p := foreign.SIPp(t, "udp", "digest")
			p.Listening(trunk)
			config := quiet(trunk)
			config.Password = password
			end, err := ring(t, patient(t, config, tone(100*time.Millisecond)), order())
			if class < 0 {
				if err != nil || end.Status != delivery.CallProcessed {
					t.Errorf("end = %+v, %v, want PROCESSED", end, err)
				}
			} else if got := classOf(t, err); got != class {
				t.Errorf("Dial = %v, want class %d", err, class)
			}
			p.Content()
		})
	}
}

// chirp is a sound that is like itself at one place only.
type chirp struct{}

func (chirp) Render(context.Context, delivery.Prompt) ([]int16, error) {
	pcm := make([]int16, 2*media.Rate)
	for i := range pcm {
		at := float64(i) / media.Rate
		pcm[i] = int16(9000 * math.Sin(2*math.Pi*(300+500*at)*at))
	}
	return pcm, nil
}

// likeness is the best correlation of a piece of want with what was heard, 1 being the same.
func likeness(heard, want []int16) (best float64) {
	piece := want[media.Rate/2 : media.Rate]
	for at := 0; at+len(piece) <= len(heard); at++ {
		var product, a, b float64
		for i := 0; i < len(piece); i += 3 {
			x, y := float64(heard[at+i]), float64(piece[i])
			product, a, b = product+x*y, a+x*x, b+y*y
		}
		if a > 0 {
			best = max(best, product/math.Sqrt(a*b))
		}
	}
	return best
}

func TestPeers_baresip_hears_the_message(t *testing.T) {
	t.Parallel()
	for _, codec := range []string{"PCMA", "PCMU"} {
		t.Run(codec, func(t *testing.T) {
			t.Parallel()
			port, recordings := foreign.Baresip(t, "385911234567", codec, nil)
			end := must(t, patient(t, hasty("127.0.0.1:"+port), chirp{}), order())
			if end.Status != delivery.CallProcessed || end.Plays != 2 {
				t.Errorf("end = %+v, want PROCESSED and 2 plays", end)
			}
			hears(t, recordings)
		})
	}
}

func hears(t *testing.T, recordings string) {
	t.Helper()
	want, _ := chirp{}.Render(t.Context(), delivery.Prompt{})
	if got := likeness(foreign.Recording(t, recordings), want); got < 0.95 {
		t.Errorf("the recording is like the message by %.2f, want 0.95 or more", got)
	}
}

func TestPeers_baresip_plays_a_greeting(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		voice  tone
		status delivery.CallStatus
	}{"of a human": {tone(600 * time.Millisecond), delivery.CallProcessed}, "of a machine": {tone(4 * time.Second), delivery.CallAnsweredMachine}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			greeting, _ := test.voice.Render(t.Context(), delivery.Prompt{})
			port, _ := foreign.Baresip(t, "385911234567", "PCMA", greeting)
			config := hasty("127.0.0.1:" + port)
			config.Machine = MachineHangup
			if end := must(t, patient(t, config, tone(time.Second)), order()); end.Status != test.status {
				t.Errorf("end = %+v, want %s", end, test.status)
			}
		})
	}
}

func TestPeers_kamailio_before_baresip(t *testing.T) {
	t.Parallel()
	port, recordings := foreign.Baresip(t, "385911234567", "PCMA", nil)
	config := hasty(foreign.Kamailio(t, port, "secret"))
	config.Password = "secret"
	c := patient(t, config, chirp{})
	end := must(t, c, order())
	if end.Status != delivery.CallProcessed || end.Plays != 2 {
		t.Errorf("end = %+v, want PROCESSED and 2 plays", end)
	}
	hears(t, recordings)
	for deadline := time.Now().Add(5 * time.Second); !c.Health().Up; time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("health = %+v, want up", c.Health())
		}
	}
}

func TestPeers_kamailio_refuses_a_wrong_password(t *testing.T) {
	t.Parallel()
	config := hasty(foreign.Kamailio(t, foreign.FreePort(t), "secret"))
	config.Password = "wrong"
	_, err := patient(t, config, tone(time.Second)).Dial(t.Context(), order())
	if got := classOf(t, err); got != delivery.Unauthorised {
		t.Errorf("Dial = %v, want Unauthorised", err)
	}
}

// TestPeers_200_calls_at_once is the promise that packets keep their time under load. It needs no foreign peer, but a
// machine that has nothing else to do.
func TestPeers_200_calls_at_once(t *testing.T) {
	const calls = 200
	p := siptest.Start(t, "udp", siptest.Script{Final: 200})
	config := hasty(p.Trunk())
	config.MaxCalls, config.Repeats, config.NoResponse = calls, 1, 10*time.Second
	c := startWith(t, config, Deps{Voice: tone(4 * time.Second)})
	var all sync.WaitGroup
	for range calls {
		all.Go(func() {
			if end := must(t, c, order()); end.Status != delivery.CallProcessed || end.Plays != 1 {
				t.Errorf("end = %+v, want PROCESSED and 1 play", end)
			}
		})
	}
	all.Wait()
	p.Wait(siplib.BYE, calls)
	spaces := p.Spaces()
	slices.Sort(spaces)
	at := func(share float64) time.Duration { return spaces[int(share*float64(len(spaces)-1))] }
	t.Logf("%d packets of %d calls: spacing median %v, 5 to 95 of 100 %v to %v, longest %v", len(spaces), calls, at(0.5), at(0.05), at(0.95), at(1))
	if median := at(0.5); median < 15*time.Millisecond || median > 25*time.Millisecond {
		t.Errorf("median spacing %v, want 20 ms and no more than 5 beside it", median)
	}
	if len(spaces) < calls*190 {
		t.Errorf("%d packets, want at least %d", len(spaces), calls*190)
	}
}
