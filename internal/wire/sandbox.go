package wire

import (
	"context"
	"time"

	wiredoc "github.com/pinpost/pinpost/api/sandbox"
	"github.com/pinpost/pinpost/api/spec"
	"github.com/pinpost/pinpost/internal/delivery"
	"github.com/pinpost/pinpost/internal/delivery/inbox"
	"github.com/pinpost/pinpost/internal/phone"
	"github.com/pinpost/pinpost/internal/pin"
	"github.com/pinpost/pinpost/internal/sandbox"
	"github.com/pinpost/pinpost/internal/voice"
	"github.com/pinpost/pinpost/internal/voice/sound"
	"github.com/pinpost/pinpost/internal/voice/wav"
	"github.com/pinpost/pinpost/internal/world"
	"github.com/pinpost/pinpost/server"
)

// sandboxWorld is what a sandbox has beside the service: clocks and faults by world, and the table of scenario numbers.
type sandboxWorld struct {
	box     *inbox.Inbox
	carrier *sandbox.Carrier
	clocks  *sandbox.Clocks
	faults  *sandbox.Faults
	speaker *voice.Speaker
}

var _ pin.Sandbox = (*sandboxWorld)(nil)

func newSandboxWorld(ctx context.Context, store sandbox.ClockStore, outside Outside) (*sandboxWorld, error) {
	clocks, err := sandbox.NewClocks(ctx, outside.Now, store)
	if err != nil {
		return nil, err
	}
	speaker, err := voice.New(voice.Config{}, voice.Deps{Now: outside.Now, Log: outside.Log})
	return &sandboxWorld{clocks: clocks, faults: sandbox.NewFaults(outside.Rand), speaker: speaker}, err
}

// Now is the time of an account's world.
func (w *sandboxWorld) Now(accountID string) time.Time { return w.clocks.Now(accountID) }

// Special treats scenario numbers as the table says.
func (*sandboxWorld) Special(to phone.Number) pin.Special {
	s, limited, ok := sandbox.Find(to)
	if !ok {
		return pin.Special{}
	}
	return pin.Special{Exempt: !limited, Code: s.Code, Expired: s.Expired, Exhausted: s.Exhausted}
}

// capture makes the inbox the way to every phone, and the table the lookup unless a test brought one.
func (h *House) capture(w *sandboxWorld, outside Outside) error {
	box, err := inbox.NewByWorld(h.store, w.clocks.Now)
	if err != nil {
		return err
	}
	w.box = box
	carrier, err := sandbox.NewCarrier(capturer{box}, w.clocks.Now)
	if err != nil {
		return err
	}
	w.carrier = carrier
	h.router.SMS, h.router.Voice = carrier, carrier
	if h.router.Finder == nil {
		h.router.Finder, err = sandbox.NewLookup(outside.Now)
	}
	return err
}

// capturer lets the sandbox's carrier put messages into the inbox.
type capturer struct{ box *inbox.Inbox }

// Capture keeps a text.
func (c capturer) Capture(ctx context.Context, m delivery.SMS) (string, error) {
	e, err := c.box.Capture(ctx, m)
	return e.ID, err
}

// CaptureCall keeps a call.
func (c capturer) CaptureCall(ctx context.Context, call delivery.Call, status delivery.CallStatus) (string, error) {
	e, err := c.box.CaptureCall(ctx, call, status)
	return e.ID, err
}

// sandbox gives the sandbox's paths what they work with.
func (h *House) sandbox(w *sandboxWorld, outside Outside) (*server.Sandbox, error) {
	contract, err := contractOf(outside.SandboxContract, spec.LoadSandbox)
	if err != nil {
		return nil, err
	}
	h.worlds, err = world.New(world.Deps{
		Store: h.store, Keys: h.Accounts, Applications: h.Applications, Messages: h.Messages, Now: outside.Now, Rand: outside.Rand,
	})
	if err != nil {
		return nil, err
	}
	return &server.Sandbox{
		Inbox: w.box, Worlds: h.worlds, Faults: w.faults, Clocks: w.clocks, Contract: contract, Document: wiredoc.OpenAPI,
		Speak: w.speak,
	}, nil
}

// speak gives the very sound that a carrier of calls would get, as a WAV file.
func (w *sandboxWorld) speak(ctx context.Context, p delivery.Prompt) ([]byte, error) {
	samples, err := w.speaker.Render(ctx, p)
	if err != nil {
		return nil, err
	}
	return wav.Encode(wav.Sound{Rate: sound.Rate, Samples: samples}), nil
}
