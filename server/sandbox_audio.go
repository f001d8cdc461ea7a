package server

import (
	"bytes"
	"context"
	"strings"

	"github.com/pinpost/pinpost/internal/delivery"
	"github.com/pinpost/pinpost/internal/delivery/inbox"
	"github.com/pinpost/pinpost/internal/fault"
	"github.com/pinpost/pinpost/server/internal/sandboxgen"
)

// GetCapturedAudio gives the sound of a captured call.
func (d sandboxDesk) GetCapturedAudio(ctx context.Context, req sandboxgen.GetCapturedAudioRequestObject) (sandboxgen.GetCapturedAudioResponseObject, error) {
	entry, err := d.Inbox.Get(ctx, accountOf(ctx), req.ID)
	if err != nil {
		return nil, err
	}
	if entry.Channel != inbox.ChannelVoice {
		return nil, fault.NotFoundf("Captured message with given ID is a text, which has no sound")
	}
	prompt, err := d.promptOf(ctx, entry)
	if err != nil {
		return nil, err
	}
	wav, err := d.Speak(ctx, prompt)
	if err != nil {
		return nil, fault.Unavailablef(err, "The call cannot be spoken")
	}
	return sandboxgen.GetCapturedAudio200AudioWavResponse{
		AudioAudioWavResponse: sandboxgen.AudioAudioWavResponse{Body: bytes.NewReader(wav), ContentLength: int64(len(wav))},
	}, nil
}

// promptOf is what a captured call says. The phrases are those around the PIN; a phrase that happens to have the PIN in it has
// it spelled out, which is how a person would read it. A message that is gone leaves English.
func (d sandboxDesk) promptOf(ctx context.Context, e inbox.Entry) (delivery.Prompt, error) {
	prompt := delivery.Prompt{Phrases: strings.Split(e.Text.Reveal(), e.PIN.Reveal()), PIN: e.PIN}
	m, err := d.messages.Get(ctx, e.AccountID, e.ApplicationID, e.MessageID)
	if err != nil && !fault.Is(err, fault.NotFound) {
		return prompt, err
	}
	prompt.Language, prompt.Rate = m.Speech.Language, m.Speech.Rate
	return prompt, nil
}
