package server

import (
	"context"
	"time"

	"github.com/pinpost/pinpost/api"
	wire "github.com/pinpost/pinpost/api/sandbox"
	"github.com/pinpost/pinpost/internal/application"
	"github.com/pinpost/pinpost/internal/fault"
	"github.com/pinpost/pinpost/internal/message"
	"github.com/pinpost/pinpost/internal/world"
	"github.com/pinpost/pinpost/server/internal/sandboxgen"
)

// GetClock tells the time of the world.
func (d sandboxDesk) GetClock(ctx context.Context, _ sandboxgen.GetClockRequestObject) (sandboxgen.GetClockResponseObject, error) {
	return sandboxgen.GetClock200JSONResponse{TheClockJSONResponse: d.clock(ctx)}, nil
}

// MoveClock moves the time of the world forward.
func (d sandboxDesk) MoveClock(ctx context.Context, req sandboxgen.MoveClockRequestObject) (sandboxgen.MoveClockResponseObject, error) {
	if _, err := d.Clocks.Advance(ctx, accountOf(ctx), time.Duration(req.Body.AdvanceMs)*time.Millisecond); err != nil {
		return nil, err
	}
	return sandboxgen.MoveClock200JSONResponse{TheClockJSONResponse: d.clock(ctx)}, nil
}

func (d sandboxDesk) clock(ctx context.Context) sandboxgen.TheClockJSONResponse {
	id := accountOf(ctx)
	return sandboxgen.TheClockJSONResponse{Now: millis(d.Clocks.Now(id)), AheadMs: d.Clocks.Ahead(id).Milliseconds()}
}

// CreateWorld opens a private world.
func (d sandboxDesk) CreateWorld(ctx context.Context, req sandboxgen.CreateWorldRequestObject) (sandboxgen.CreateWorldResponseObject, error) {
	name := ""
	if req.Body != nil {
		name = value(req.Body.Name, "")
	}
	w, key, err := d.Worlds.Open(ctx, ownerOf(ctx), name)
	if err != nil {
		return nil, err
	}
	return sandboxgen.CreateWorld200JSONResponse{OneNewWorldJSONResponse: sandboxgen.OneNewWorldJSONResponse{
		WorldID: w.ID, Name: w.Name, Key: key,
	}}, nil
}

// ListWorlds lists the worlds of the account.
func (d sandboxDesk) ListWorlds(ctx context.Context, _ sandboxgen.ListWorldsRequestObject) (sandboxgen.ListWorldsResponseObject, error) {
	worlds, err := d.Worlds.List(ctx, ownerOf(ctx))
	if err != nil {
		return nil, err
	}
	return sandboxgen.ListWorlds200JSONResponse{TheWorldListJSONResponse: sandboxgen.TheWorldListJSONResponse{
		Worlds: list(worlds, toWireWorld),
	}}, nil
}

func toWireWorld(w world.World) wire.World { return wire.World{WorldID: w.ID, Name: w.Name} }

// DeleteWorld closes a world and those below it.
func (d sandboxDesk) DeleteWorld(ctx context.Context, req sandboxgen.DeleteWorldRequestObject) (sandboxgen.DeleteWorldResponseObject, error) {
	w, closed, err := d.Worlds.Close(ctx, ownerOf(ctx), req.WorldID)
	if err != nil {
		return nil, err
	}
	for _, id := range closed {
		d.guests.close(id)
		d.Faults.Clear(id)
		d.Clocks.Forget(id)
	}
	return sandboxgen.DeleteWorld200JSONResponse{OneWorldJSONResponse: sandboxgen.OneWorldJSONResponse(toWireWorld(w))}, nil
}

// ResetWorld empties the world, and loads a seed into it or keeps its applications when it is told to.
func (d sandboxDesk) ResetWorld(ctx context.Context, req sandboxgen.ResetWorldRequestObject) (sandboxgen.ResetWorldResponseObject, error) {
	var in wire.ResetInput
	if req.Body != nil {
		in = *req.Body
	}
	id := accountOf(ctx)
	reset := func() error { return d.Worlds.Clear(ctx, id) }
	switch keep := value(in.KeepApplications, false); {
	case keep && in.Seed != nil:
		faults := fault.Members{}
		faults.Addf("keepApplications", "must not be true with a seed, which replaces applications")
		return nil, faults.Err()
	case !keep:
		reset = func() error { return d.Worlds.Reset(ctx, id, FromWireSeed(value(in.Seed, wire.Seed{}))) }
	}
	if err := d.Clocks.Reset(id, reset); err != nil {
		return nil, err
	}
	d.Faults.Clear(id)
	loaded, err := d.seed(ctx)
	return sandboxgen.ResetWorld200JSONResponse{TheSeedJSONResponse: loaded}, err
}

// DumpSeed gives the applications and messages of the world.
func (d sandboxDesk) DumpSeed(ctx context.Context, _ sandboxgen.DumpSeedRequestObject) (sandboxgen.DumpSeedResponseObject, error) {
	seed, err := d.seed(ctx)
	return sandboxgen.DumpSeed200JSONResponse{TheSeedJSONResponse: seed}, err
}

// LoadSeed adds applications and messages to the world.
func (d sandboxDesk) LoadSeed(ctx context.Context, req sandboxgen.LoadSeedRequestObject) (sandboxgen.LoadSeedResponseObject, error) {
	if err := d.Worlds.Load(ctx, accountOf(ctx), FromWireSeed(*req.Body)); err != nil {
		return nil, err
	}
	seed, err := d.seed(ctx)
	return sandboxgen.LoadSeed200JSONResponse{TheSeedJSONResponse: seed}, err
}

func (d sandboxDesk) seed(ctx context.Context) (sandboxgen.TheSeedJSONResponse, error) {
	contents, err := d.Worlds.Dump(ctx, accountOf(ctx))
	return sandboxgen.TheSeedJSONResponse{Applications: list(contents, toWireSeedApplication)}, err
}

// FromWireSeed is what a seed says, for the rules.
func FromWireSeed(s wire.Seed) world.Seed {
	var seed world.Seed
	for _, a := range s.Applications {
		in := application.Input{Name: &a.Name, Enabled: a.Enabled}
		if a.Configuration != nil {
			configuration := api.ConfigurationInput(*a.Configuration)
			in.Configuration = FromAPIConfigurationInput(&configuration)
		}
		sa := world.SeedApplication{ID: a.ApplicationID, Input: in}
		for _, m := range a.Messages {
			sa.Messages = append(sa.Messages, world.SeedMessage{ID: m.MessageID, Input: message.Input{
				Text: &m.MessageText, Placeholder: &m.PinPlaceholder, PINType: new(message.PINType(m.PinType)),
				PINLength: wide(&m.PinLength), Sender: &m.Sender,
				Language: (*string)(m.Language), SpeechRate: m.SpeechRate, RepeatDTMF: m.RepeatDTMF,
			}})
		}
		seed.Applications = append(seed.Applications, sa)
	}
	return seed
}

func toWireSeedApplication(c world.Content) wire.SeedApplication {
	a := ToAPIApplication(c.Application)
	cfg := a.Configuration
	return wire.SeedApplication{
		ApplicationID: a.ApplicationID, Name: a.Name, Enabled: &a.Enabled,
		Configuration: &wire.ConfigurationInput{
			PinAttempts: &cfg.PinAttempts, AllowMultiplePinVerifications: &cfg.AllowMultiplePinVerifications,
			PinTimeToLive: &cfg.PinTimeToLive, VerificationAttempts: &cfg.VerificationAttempts,
			VerificationIntervalLength: &cfg.VerificationIntervalLength, InitiationAttempts: &cfg.InitiationAttempts,
			InitiationIntervalLength: &cfg.InitiationIntervalLength, OverallInitiationAttempts: &cfg.OverallInitiationAttempts,
			OverallInitiationIntervalLength: &cfg.OverallInitiationIntervalLength,
		},
		Messages: list(c.Messages, func(m message.Message) wire.SeedMessage {
			return wire.SeedMessage{
				MessageID: m.ID, PinType: wire.PinType(m.PINType), PinLength: int32(m.PINLength),
				PinPlaceholder: m.Placeholder, MessageText: m.Text, Sender: m.Sender,
				Language: said(wire.Language(m.Speech.Language)), SpeechRate: said(m.Speech.Rate), RepeatDTMF: said(m.Speech.RepeatDTMF),
			}
		}),
	}
}
