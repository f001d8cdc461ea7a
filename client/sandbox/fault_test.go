package sandbox_test

import (
	"errors"
	"testing"
	"time"

	"github.com/pinpost/pinpost/api"
	"github.com/pinpost/pinpost/client"
	"github.com/pinpost/pinpost/client/sandbox"
)

func TestPlanFault(t *testing.T) {
	t.Parallel()
	g := setup(t)
	isAPI := func(err error) bool { _, ok := errors.AsType[*client.APIError](err); return ok }
	status := func(want int) func(*api.SmsPinResponse, error, time.Duration) bool {
		return func(_ *api.SmsPinResponse, err error, _ time.Duration) bool {
			failed, ok := errors.AsType[*client.APIError](err)
			return ok && failed.Status == want
		}
	}
	for effect, fits := range map[sandbox.Effect]func(*api.SmsPinResponse, error, time.Duration) bool{
		sandbox.EffectTooManyRequests: status(429),
		sandbox.EffectGeneralError:    status(500),
		sandbox.EffectUnavailable:     status(503),
		sandbox.EffectReset: func(_ *api.SmsPinResponse, err error, _ time.Duration) bool {
			return err != nil && !isAPI(err)
		},
		sandbox.EffectCarrierRefusal: func(sent *api.SmsPinResponse, err error, _ time.Duration) bool {
			return err == nil && sent.SmsStatus == api.SmsStatusNotSent
		},
		sandbox.EffectDelay: func(sent *api.SmsPinResponse, err error, took time.Duration) bool {
			return err == nil && sent.SmsStatus == api.SmsStatusSent && took >= 200*time.Millisecond
		},
	} {
		plan := sandbox.FaultPlan{Effect: effect, Operation: sandbox.OperationSendPIN, To: "+" + anyone, Count: 1}
		if effect == sandbox.EffectDelay {
			plan.Delay = 200*time.Millisecond - 1
		}
		planned, err := g.box.PlanFault(t.Context(), plan)
		must(t, err)
		if planned.ID == "" || planned.Effect != effect || *planned.To != anyone || *planned.Count != 1 || planned.Struck != 0 {
			t.Errorf("%s: planned %+v", effect, planned)
		}
		g.send(t, another) // another number
		began := time.Now()
		sent, err := g.pins.SendPIN(t.Context(), api.SendPinOverSmsRequest{To: anyone, ApplicationID: shop, MessageID: plain})
		if !fits(sent, err, time.Since(began)) {
			t.Errorf("%s: answer %+v, error %v after %v", effect, sent, err, time.Since(began))
		}
		g.send(t, anyone) // struck once already
	}
}

func TestFaults(t *testing.T) {
	t.Parallel()
	g := setup(t)
	first, err := g.box.PlanFault(t.Context(), sandbox.FaultPlan{Effect: sandbox.EffectUnavailable, Share: 0.5, Seed: 7, KeyID: nobody})
	must(t, err)
	second, err := g.box.PlanFault(t.Context(), sandbox.FaultPlan{
		Effect: sandbox.EffectUnavailable, Share: 1, Operation: sandbox.OperationVerifyPIN,
	})
	must(t, err)
	if _, err := g.pins.VerifyPIN(t.Context(), nobody, "0"); !client.IsUnavailable(err) {
		t.Errorf("error %v, want the planned one", err)
	}
	planned, err := g.box.Faults(t.Context())
	must(t, err)
	if len(planned) != 2 || planned[0].ID != first.ID || *planned[0].Share != 0.5 || *planned[0].Seed != 7 ||
		*planned[0].KeyID != nobody || planned[1].ID != second.ID || planned[1].Struck != 1 {
		t.Errorf("planned %+v, want both, the second struck once", planned)
	}
	removed, err := g.box.RemoveFault(t.Context(), second.ID)
	if err != nil || removed.ID != second.ID || removed.Struck != 1 {
		t.Errorf("removed %+v, error %v; want the second", removed, err)
	}
	if _, err := g.box.RemoveFault(t.Context(), second.ID); !client.IsNotFound(err) {
		t.Errorf("error %v, want that it is gone", err)
	}
	rest, err := g.box.RemoveFaults(t.Context())
	if err != nil || len(rest) != 1 || rest[0].ID != first.ID {
		t.Errorf("removed %+v, error %v; want the first", rest, err)
	}
	if rest, err := g.box.Faults(t.Context()); err != nil || len(rest) != 0 {
		t.Errorf("%d faults left, error %v", len(rest), err)
	}
	for name, plan := range map[string]sandbox.FaultPlan{
		"nothing":         {},
		"no number":       {Effect: sandbox.EffectUnavailable},
		"two numbers":     {Effect: sandbox.EffectUnavailable, Count: 1, Share: 1},
		"too many":        {Effect: sandbox.EffectUnavailable, Count: 1 << 40},
		"no delay":        {Effect: sandbox.EffectDelay, Count: 1},
		"too long":        {Effect: sandbox.EffectDelay, Count: 1, Delay: 1000 * time.Hour},
		"nobody's number": {Effect: sandbox.EffectUnavailable, Count: 1, To: "0"},
		"no operation":    {Effect: sandbox.EffectUnavailable, Count: 1, Operation: "dance"},
	} {
		if _, err := g.box.PlanFault(t.Context(), plan); !client.IsInvalidArgument(err) {
			t.Errorf("%s: error %v, want that it is invalid", name, err)
		}
	}
}

func TestScenarios(t *testing.T) {
	t.Parallel()
	g := setup(t)
	table, err := g.box.Scenarios(t.Context())
	must(t, err)
	for _, s := range table {
		if s.Name == "slow" && s.Numbers.First == slow && s.LimitedNumbers.First != "" {
			return
		}
	}
	t.Errorf("no slow carrier at %s in %+v", slow, table)
}
