package sip

import (
	"context"
	"errors"
	"net"
	"sync"
	"time"

	siplib "github.com/emiago/sipgo/sip"

	"github.com/pinpost/pinpost/internal/delivery"
	"github.com/pinpost/pinpost/internal/delivery/sip/media"
)

// talk is the call from its answer on: it says the message and hangs up.
func (k *call) talk(life context.Context, response *siplib.Response, conn *net.UDPConn) ending {
	answered := k.carrier.deps.Now()
	d := k.accept(response)
	k.report()
	defer func() {
		if !errors.Is(context.Cause(life), errTheyHung) {
			d.goodbye()
		}
	}()
	peer, err := k.peer(response)
	if err != nil {
		return ending{outcome: refused, code: "SDP", err: errors.Join(errMedia, err), answered: answered}
	}
	s := &k.carrier.settings
	t := &talk{
		settings: s, message: k.message, begun: time.Now(),
		keys: media.NewSequence(k.order.RepeatKeys), detector: media.NewDetector(s.Thresholds),
	}
	if t.stream, err = media.NewStream(conn, peer, k.carrier.deps.Rand, t.hear); err != nil {
		return ending{outcome: ours, code: "RTP", err: err, answered: answered}
	}
	ctx, cancel := context.WithTimeout(life, limit(k.order.Max, s.Max)-time.Since(k.started))
	defer cancel()
	t.hold(ctx)
	return ending{outcome: outcome{status: t.status()}, code: "SIP 200", answered: answered, plays: t.plays}
}

// peer is where the sound goes: by the answer's own SDP, or the one that came before it.
func (k *call) peer(response *siplib.Response) (media.Peer, error) {
	s := &k.carrier.settings
	body := response.Body()
	if len(body) == 0 {
		body = k.early
	}
	at, law, err := s.answered(body)
	if err != nil {
		return media.Peer{}, err
	}
	if !s.trusts(at.Addr(), k.there.Addr()) {
		return media.Peer{}, errors.New("the SDP names an address that is neither the trunk's nor in media_networks")
	}
	return media.Peer{
		Addr: at, Law: law, EventType: uint8(s.KeyType), Latch: s.SymmetricRTP, Allowed: k.trusted,
	}, nil
}

// talk is what is said and heard.
type talk struct {
	settings *settings
	stream   *media.Stream
	message  []int16
	keys     *media.Sequence
	begun    time.Time
	plays    int
	replays  int
	machine  bool

	mu       sync.Mutex
	detector *media.Detector
}

func (t *talk) status() delivery.CallStatus {
	if t.machine {
		return delivery.CallAnsweredMachine
	}
	return delivery.CallProcessed
}

// hold talks until all is said, or ctx ends.
func (t *talk) hold(ctx context.Context) {
	ctx, cancel := context.WithCancel(ctx)
	var sounding sync.WaitGroup
	defer sounding.Wait()
	defer cancel()
	sounding.Go(func() { t.stream.Run(ctx) })
	if t.settings.Machine != MachineOff {
		t.machine = t.listen(ctx) == media.Machine
	}
	if t.machine && t.settings.Machine == MachineHangup {
		return
	}
	for left := t.settings.Repeats; left > 0 && ctx.Err() == nil; {
		left--
		if t.say(ctx) || t.pause(ctx, left == 0) {
			t.replays++
			left = 1
		}
	}
}

// say says the message once, unless its keys are pressed before the end.
func (t *talk) say(ctx context.Context) (again bool) {
	lead := make([]int16, t.settings.Lead*media.Rate/time.Second)
	said := t.stream.Say(append(lead, t.message...))
	for {
		select {
		case <-said:
			t.plays++
			return false
		case key := <-t.stream.Keys():
			if t.pressed(key) {
				return true
			}
		case <-ctx.Done():
			return false
		}
	}
}

// pause is the silence after the message; after the last time it is long enough to press a key.
func (t *talk) pause(ctx context.Context, last bool) (again bool) {
	length := t.settings.Pause
	if last && t.keys.Waits() && t.replays < t.settings.KeyLimit {
		length = t.settings.KeyWait
	}
	timer := time.NewTimer(length)
	defer timer.Stop()
	for {
		select {
		case <-timer.C:
			return false
		case key := <-t.stream.Keys():
			if t.pressed(key) {
				return true
			}
		case <-ctx.Done():
			return false
		}
	}
}

func (t *talk) pressed(key byte) bool {
	return t.keys.Press(key, time.Now()) && t.replays < t.settings.KeyLimit
}

// listen waits until it is clear enough who picked up.
func (t *talk) listen(ctx context.Context) media.Verdict {
	ticker := time.NewTicker(20 * time.Millisecond)
	defer ticker.Stop()
	for {
		select {
		case <-ticker.C:
			t.mu.Lock()
			verdict := t.detector.Verdict(time.Since(t.begun))
			t.mu.Unlock()
			if verdict != media.Undecided {
				return verdict
			}
		case <-ctx.Done():
			return media.Unsure
		}
	}
}

func (t *talk) hear(pcm []int16) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.detector.Hear(time.Since(t.begun), pcm)
}
