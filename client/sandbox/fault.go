package sandbox

import (
	"context"
	"net/http"
	"time"

	wire "github.com/pinpost/pinpost/api/sandbox"
)

// FaultPlan is a fault to plan: what happens, to which calls, and to how many of them. Of the members that choose calls,
// an empty one means any. Exactly one of Count and Share is needed.
type FaultPlan struct {
	Effect    Effect
	Delay     time.Duration // for EffectDelay, which needs it: how long, up to a minute, in milliseconds, rounded up
	Operation Operation     // only calls of this operation
	To        string        // only calls about this phone number, digits with or without +
	KeyID     string        // only calls made with the API key that has this ID
	Count     int           // the next so many calls that fit
	Share     float64       // this share, up to 1, of the calls that fit, drawn with Seed
	Seed      int64         // the same seed strikes the same calls
}

// PlanFault makes calls of the 2FA PIN API fail in this world. Of several faults, the first that strikes a call counts. A
// fault ends with its Count, its world, a reset, or the server.
//
// What fails on purpose looks to the caller like any failure: EffectUnavailable is client.IsUnavailable, EffectReset an
// error that is no *client.APIError, EffectCarrierRefusal an answer with api.SmsStatusNotSent. A client tries some calls
// again and so may never show a fault of one call; one made with client.WithRetries(0) shows each.
//
// Errors: client.IsInvalidArgument for a plan that cannot be.
func (c *Client) PlanFault(ctx context.Context, plan FaultPlan) (*Fault, error) {
	in := wire.FaultInput{
		Effect: plan.Effect, Operation: given(plan.Operation), To: given(plan.To), KeyID: given(plan.KeyID),
		DelayMs: given(narrow(whole(plan.Delay, time.Millisecond))), Count: given(narrow(plan.Count)),
		Share: given(plan.Share), Seed: given(plan.Seed),
	}
	return ask(ctx, "plan fault", func(ctx context.Context) (*http.Response, error) {
		return c.calls.CreateFault(ctx, nil, in)
	}, completeFault)
}

// Faults lists the faults planned in this world, oldest first.
func (c *Client) Faults(ctx context.Context) ([]Fault, error) {
	return faults(ctx, "list faults", func(ctx context.Context) (*http.Response, error) {
		return c.calls.ListFaults(ctx, nil)
	})
}

// RemoveFault removes one fault and gives it; its Struck says how often it has struck.
//
// Errors: client.IsNotFound for an unknown ID. An empty id is an error too, and nothing is sent.
func (c *Client) RemoveFault(ctx context.Context, id string) (*Fault, error) {
	return askFor(ctx, "remove fault", "id", id, func(ctx context.Context) (*http.Response, error) {
		return c.calls.DeleteFault(ctx, id, nil)
	}, completeFault)
}

// RemoveFaults removes all faults of this world and gives them, oldest first.
func (c *Client) RemoveFaults(ctx context.Context) ([]Fault, error) {
	return faults(ctx, "remove faults", func(ctx context.Context) (*http.Response, error) {
		return c.calls.DeleteFaults(ctx, nil)
	})
}

// Scenarios gives the table of numbers whose outcome is chosen beforehand: for each outcome a hundred numbers that are
// exempt from limits, and a hundred with limits. They are reserved for fiction and belong to nobody.
func (c *Client) Scenarios(ctx context.Context) ([]Scenario, error) {
	table, err := ask(ctx, "list scenarios", func(ctx context.Context) (*http.Response, error) {
		return c.calls.ListScenarios(ctx, nil)
	}, func(t *wire.ScenarioTable) bool { return t.Scenarios != nil })
	if err != nil {
		return nil, err
	}
	return table.Scenarios, nil
}

func faults(ctx context.Context, doing string, send func(context.Context) (*http.Response, error)) ([]Fault, error) {
	list, err := ask(ctx, doing, send, func(l *wire.FaultList) bool { return l.Faults != nil })
	if err != nil {
		return nil, err
	}
	return list.Faults, nil
}

func completeFault(f *Fault) bool { return f.ID != "" }
