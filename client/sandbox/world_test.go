package sandbox_test

import (
	"strings"
	"testing"
	"time"

	"github.com/pinpost/pinpost/api"
	"github.com/pinpost/pinpost/client"
	"github.com/pinpost/pinpost/client/sandbox"
	"github.com/pinpost/pinpost/internal/canary"
)

func TestClock(t *testing.T) {
	t.Parallel()
	g := setup(t)
	pinID, _ := g.send(t, anyone)
	m, err := g.box.Wait(t.Context(), sandbox.WaitFilter{PINID: pinID}, 0)
	must(t, err)
	before, err := g.box.Clock(t.Context())
	must(t, err)
	if off := time.Since(before.Now); before.Ahead != 0 || off < -time.Minute || off > time.Minute {
		t.Errorf("the clock is %+v, want real time", before)
	}
	moved, err := g.box.MoveClock(t.Context(), 15*time.Minute-1) // rounded up
	must(t, err)
	if moved.Ahead != 15*time.Minute || moved.Now.Sub(before.Now) < 15*time.Minute {
		t.Errorf("moved from %+v to %+v, want a quarter of an hour", before, moved)
	}
	answer, err := g.pins.VerifyPIN(t.Context(), pinID, m.Pin)
	if err != nil || client.OutcomeOf(answer) != client.OutcomeExpired {
		t.Errorf("verified %+v, error %v; want that the PIN expired", answer, err)
	}
	for _, d := range []time.Duration{0, -time.Hour, 11 * 365 * 24 * time.Hour} {
		if _, err := g.box.MoveClock(t.Context(), d); !client.IsInvalidArgument(err) {
			t.Errorf("move by %v: error %v, want that it is invalid", d, err)
		}
	}
	if now, err := g.box.Clock(t.Context()); err != nil || now.Ahead != 15*time.Minute {
		t.Errorf("the clock is %+v, error %v; want it as before", now, err)
	}
}

func TestWorlds(t *testing.T) {
	t.Parallel()
	g := setup(t)
	if worlds, err := g.box.Worlds(t.Context()); err != nil || len(worlds) != 0 {
		t.Errorf("%d worlds, error %v; want none", len(worlds), err)
	}
	opened, err := g.box.OpenWorld(t.Context(), "checkout")
	must(t, err)
	canary.Watch(opened.Key)
	nameless, err := g.box.OpenWorld(t.Context(), "")
	must(t, err)
	worlds, err := g.box.Worlds(t.Context())
	must(t, err)
	if len(worlds) != 2 || worlds[0].WorldID != opened.WorldID || worlds[0].Name != "checkout" || worlds[1].WorldID != nameless.WorldID {
		t.Errorf("worlds %+v, want the two", worlds)
	}
	inside := g.as(t, client.WithAPIKey(opened.Key))
	named := g.as(t, client.WithAPIKey(g.key), sandbox.InWorld(opened.WorldID))
	if _, err := inside.GetApplication(t.Context(), shop); !client.IsNotFound(err) {
		t.Errorf("error %v, want that the account's application is not seen", err)
	}
	application, message := "5A0B0000000000000000000000000003", "5A0B0000000000000000000000000004"
	own := seed()
	own.Applications[0].ApplicationID, own.Applications[0].Messages[0].MessageID = application, message
	_, err = sandbox.New(named).LoadSeed(t.Context(), own)
	must(t, err)
	sent, err := inside.SendPIN(t.Context(), api.SendPinOverSmsRequest{To: anyone, ApplicationID: application, MessageID: message})
	must(t, err)
	for name, box := range map[string]*sandbox.Client{"its key": sandbox.New(inside), "its ID": sandbox.New(named)} {
		if m, err := box.Wait(t.Context(), sandbox.WaitFilter{PINID: sent.PinID}, 0); err != nil || m.To != anyone {
			t.Errorf("by %s: message %+v, error %v", name, m, err)
		}
	}
	if page, err := g.box.List(t.Context(), sandbox.ListFilter{}); err != nil || len(page.Messages) != 0 {
		t.Errorf("the account sees %+v, error %v; want nothing", page, err)
	}
	closed, err := g.box.CloseWorld(t.Context(), opened.WorldID)
	if err != nil || closed.WorldID != opened.WorldID || closed.Name != "checkout" {
		t.Errorf("closed %+v, error %v", closed, err)
	}
	if _, err := inside.ListApplications(t.Context()); !client.IsUnauthorized(err) {
		t.Errorf("error %v, want that the key works no more", err)
	}
	if _, err := sandbox.New(named).Clock(t.Context()); !client.IsNotFound(err) {
		t.Errorf("error %v, want that the world is gone", err)
	}
	if _, err := g.box.CloseWorld(t.Context(), opened.WorldID); !client.IsNotFound(err) {
		t.Errorf("error %v, want that the world is gone", err)
	}
	if _, err := g.box.OpenWorld(t.Context(), strings.Repeat("x", 65)); !client.IsInvalidArgument(err) {
		t.Errorf("error %v, want that the name is too long", err)
	}
	if _, err := g.as(t, client.WithAPIKey(g.key), sandbox.InWorld("")).ListApplications(t.Context()); err == nil ||
		!strings.Contains(err.Error(), "worldID is empty") {
		t.Errorf("error %v, want that the ID is empty", err)
	}
}

func TestSeed(t *testing.T) {
	t.Parallel()
	g := setup(t)
	dumped, err := g.box.DumpSeed(t.Context())
	must(t, err)
	if len(dumped.Applications) != 1 || dumped.Applications[0].ApplicationID != shop || dumped.Applications[0].Messages[0].MessageID != plain {
		t.Errorf("dumped %+v, want the seed", dumped)
	}
	changed := seed()
	changed.Applications[0].Name = "Renamed"
	loaded, err := g.box.LoadSeed(t.Context(), changed)
	must(t, err)
	if len(loaded.Applications) != 1 || loaded.Applications[0].Name != "Renamed" {
		t.Errorf("loaded %+v, want the application renamed", loaded)
	}
	changed.Applications[0].Name = ""
	if _, err := g.box.LoadSeed(t.Context(), changed); !client.IsInvalidArgument(err) {
		t.Errorf("error %v, want that there is no name", err)
	}
	if _, err := g.box.Reset(t.Context(), &changed); !client.IsInvalidArgument(err) {
		t.Errorf("error %v, want that there is no name", err)
	}
}

func TestClear(t *testing.T) {
	t.Parallel()
	g := setup(t)
	g.send(t, anyone)
	before, err := g.box.DumpSeed(t.Context())
	must(t, err)
	left, err := g.box.Clear(t.Context())
	if err != nil || len(left.Applications) != len(before.Applications) {
		t.Errorf("left %+v, error %v; want the applications", left, err)
	}
	page, err := g.box.List(t.Context(), sandbox.ListFilter{})
	must(t, err)
	if len(page.Messages) != 0 {
		t.Errorf("left %d messages, want none", len(page.Messages))
	}
	g.send(t, anyone)
}

func TestReset(t *testing.T) {
	t.Parallel()
	g := setup(t)
	g.send(t, anyone)
	_, err := g.box.MoveClock(t.Context(), time.Hour)
	must(t, err)
	_, err = g.box.PlanFault(t.Context(), sandbox.FaultPlan{Effect: sandbox.EffectUnavailable, Share: 1, KeyID: nobody})
	must(t, err)
	left, err := g.box.Reset(t.Context(), nil)
	if err != nil || len(left.Applications) != 0 {
		t.Errorf("left %+v, error %v; want nothing", left, err)
	}
	page, err := g.box.List(t.Context(), sandbox.ListFilter{})
	must(t, err)
	faults, err := g.box.Faults(t.Context())
	must(t, err)
	clock, err := g.box.Clock(t.Context())
	must(t, err)
	if len(page.Messages) != 0 || len(faults) != 0 || clock.Ahead != 0 {
		t.Errorf("left %d messages, %d faults, and the clock %v ahead", len(page.Messages), len(faults), clock.Ahead)
	}
	loaded, err := g.box.Reset(t.Context(), new(seed()))
	if err != nil || len(loaded.Applications) != 1 {
		t.Errorf("loaded %+v, error %v; want the seed", loaded, err)
	}
	g.send(t, anyone)
}
