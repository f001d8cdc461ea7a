package server

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"time"

	"github.com/labstack/echo/v4"

	wire "github.com/pinpost/pinpost/api/sandbox"
	"github.com/pinpost/pinpost/internal/account"
	"github.com/pinpost/pinpost/internal/fault"
	"github.com/pinpost/pinpost/internal/phone"
	"github.com/pinpost/pinpost/internal/sandbox"
	"github.com/pinpost/pinpost/server/internal/sandboxgen"
)

// ListScenarios shows the table of scenario numbers.
func (sandboxDesk) ListScenarios(context.Context, sandboxgen.ListScenariosRequestObject) (sandboxgen.ListScenariosResponseObject, error) {
	return sandboxgen.ListScenarios200JSONResponse{TheScenarioTableJSONResponse: sandboxgen.TheScenarioTableJSONResponse{
		Scenarios: list(sandbox.Scenarios(), toWireScenario),
	}}, nil
}

func toWireScenario(s sandbox.Scenario) wire.Scenario {
	block := func(limited bool) wire.NumberBlock {
		first, last := s.Block(limited)
		return wire.NumberBlock{First: first.Digits(), Last: last.Digits()}
	}
	nc, sms := s.SendAnswer()
	out := wire.Scenario{
		Name: s.Name, Description: s.Description, Numbers: block(false), LimitedNumbers: block(true),
		NcStatus: new(wire.NcStatus(nc)), SmsStatus: new(wire.SmsStatus(sms)),
		MessageStatus: new(wire.MessageStatus(s.State)), CallStatus: new(wire.CallStatus(s.Call)),
	}
	if s.Code != "" {
		out.Pin = new(s.Code)
	}
	return out
}

// ListFaults lists the planned faults of the world.
func (d sandboxDesk) ListFaults(ctx context.Context, _ sandboxgen.ListFaultsRequestObject) (sandboxgen.ListFaultsResponseObject, error) {
	return sandboxgen.ListFaults200JSONResponse{TheFaultListJSONResponse: faultList(d.Faults.List(accountOf(ctx)))}, nil
}

// DeleteFaults removes all faults of the world.
func (d sandboxDesk) DeleteFaults(ctx context.Context, _ sandboxgen.DeleteFaultsRequestObject) (sandboxgen.DeleteFaultsResponseObject, error) {
	return sandboxgen.DeleteFaults200JSONResponse{TheFaultListJSONResponse: faultList(d.Faults.Clear(accountOf(ctx)))}, nil
}

func faultList(faults []sandbox.Fault) sandboxgen.TheFaultListJSONResponse {
	return sandboxgen.TheFaultListJSONResponse{Faults: list(faults, toWireFault)}
}

// DeleteFault removes one fault.
func (d sandboxDesk) DeleteFault(ctx context.Context, req sandboxgen.DeleteFaultRequestObject) (sandboxgen.DeleteFaultResponseObject, error) {
	f, err := d.Faults.Remove(accountOf(ctx), req.ID)
	if err != nil {
		return nil, err
	}
	return sandboxgen.DeleteFault200JSONResponse{OneFaultJSONResponse: sandboxgen.OneFaultJSONResponse(toWireFault(f))}, nil
}

// CreateFault plans a fault.
func (d sandboxDesk) CreateFault(ctx context.Context, req sandboxgen.CreateFaultRequestObject) (sandboxgen.CreateFaultResponseObject, error) {
	in := req.Body
	keyID, err := d.keyOf(ctx, value(in.KeyID, ""))
	if err != nil {
		return nil, err
	}
	f := sandbox.Fault{
		Operation: string(value(in.Operation, "")), KeyID: keyID, Effect: sandbox.Effect(in.Effect),
		Delay: time.Duration(value(in.DelayMs, 0)) * time.Millisecond, Count: wide(in.Count), Share: in.Share,
		Seed: value(in.Seed, 0),
	}
	if in.To != nil {
		to, err := phone.Parse(*in.To)
		if err != nil {
			faults := fault.Members{}
			faults.Addf("to", "%s", err)
			return nil, faults.Err()
		}
		f.To = to
	}
	f, err = d.Faults.Plan(accountOf(ctx), f)
	if err != nil {
		return nil, err
	}
	return sandboxgen.CreateFault200JSONResponse{OneFaultJSONResponse: sandboxgen.OneFaultJSONResponse(toWireFault(f))}, nil
}

// keyOf gives the ID of a key that a caller names by its ID or by itself: the API tells nobody the ID of a key.
func (d sandboxDesk) keyOf(ctx context.Context, named string) (string, error) {
	if named == "" {
		return "", nil
	}
	caller, err := d.accounts.ByKey(ctx, named)
	switch {
	case errors.Is(err, account.ErrRefused):
		return named, nil
	case err != nil:
		return "", err
	case caller.AccountID != accountOf(ctx) && caller.AccountID != ownerOf(ctx):
		faults := fault.Members{}
		faults.Addf("keyId", "must be a key of the world or of its account")
		return "", faults.Err()
	}
	return caller.KeyID, nil
}

func toWireFault(f sandbox.Fault) wire.Fault {
	out := wire.Fault{ID: f.ID, Effect: wire.Effect(f.Effect), Struck: int32(f.Struck), Share: f.Share}
	if f.Operation != "" {
		out.Operation = new(wire.Operation(f.Operation))
	}
	if f.To != "" {
		out.To = new(f.To.Digits())
	}
	if f.KeyID != "" {
		out.KeyID = new(f.KeyID)
	}
	if f.Delay > 0 {
		out.DelayMs = new(int32(f.Delay.Milliseconds()))
	}
	if f.Count != nil {
		out.Count = new(int32(*f.Count))
	}
	if f.Share != nil {
		out.Seed = new(f.Seed)
	}
	return out
}

// errReset ends a request whose connection was broken on purpose.
var errReset = errors.New("connection is reset by a planned fault")

// strike makes a call fail that a planned fault fits.
func (s *Server) strike(operation string) echo.MiddlewareFunc {
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		if s.deps.Sandbox == nil {
			return next
		}
		return func(c echo.Context) error {
			ctx := c.Request().Context()
			id := accountOf(ctx)
			call := sandbox.Call{Operation: operation, KeyID: keyOf(ctx)}
			if s.deps.Sandbox.Faults.NeedsNumber(id) {
				call.To = s.numberOf(c)
			}
			f, struck := s.deps.Sandbox.Faults.Strike(id, call)
			if !struck {
				return next(c)
			}
			return s.suffer(c, f, next)
		}
	}
}

// suffer does to a call what a fault says.
func (s *Server) suffer(c echo.Context, f sandbox.Fault, next echo.HandlerFunc) error {
	ctx := c.Request().Context()
	switch f.Effect {
	case sandbox.EffectDelay:
		return delay(c, f.Delay, s.drained, next)
	case sandbox.EffectCarrierRefusal:
		c.SetRequest(c.Request().WithContext(sandbox.WithRefusal(ctx)))
		return next(c)
	}
	visitOf(ctx).struck = true
	switch f.Effect {
	case sandbox.EffectTooManyRequests:
		return &fault.Error{Kind: fault.TooMany, Text: "A planned fault of the sandbox answers this", RetryAfter: time.Second}
	case sandbox.EffectUnavailable:
		return fault.Unavailablef(nil, "A planned fault of the sandbox answers this")
	case sandbox.EffectReset:
		return reset(c)
	}
	return errors.New("a planned fault of the sandbox")
}

// delay carries a call out later, unless the server begins to stop meanwhile. The time that a request may take begins only
// then: a delay may be longer than it.
func delay(c echo.Context, d time.Duration, draining <-chan struct{}, next echo.HandlerFunc) error {
	ctx := c.Request().Context()
	deadline, bounded := ctx.Deadline()
	left := time.Until(deadline)
	timer := time.NewTimer(d)
	defer timer.Stop()
	// The connection has to last as much longer; where it cannot be told to, it lasts for ever.
	_ = http.NewResponseController(c.Response().Writer).SetWriteDeadline(time.Now().Add(d + writeTime))
	kept, cancel := context.WithCancelCause(context.WithoutCancel(ctx))
	defer cancel(nil)
	stop := context.AfterFunc(ctx, func() {
		if errors.Is(ctx.Err(), context.Canceled) { // the caller has left
			cancel(ctx.Err())
		}
	})
	defer stop()
	select {
	case <-timer.C:
	case <-draining:
		visitOf(ctx).struck = true
		return errStopping
	case <-kept.Done():
		return hasLeft(kept)
	}
	if bounded {
		var end context.CancelFunc
		kept, end = context.WithTimeout(kept, left)
		defer end()
	}
	c.SetRequest(c.Request().WithContext(kept))
	return next(c)
}

// reset breaks the connection without an answer.
func reset(c echo.Context) error {
	conn, _, err := http.NewResponseController(c.Response().Writer).Hijack()
	if err != nil {
		return err
	}
	if lingering, ok := conn.(interface{ SetLinger(seconds int) error }); ok {
		_ = lingering.SetLinger(0) // the caller sees a reset, not an end
	}
	_ = conn.Close()
	c.Response().Status = 0 // what the log and the metrics say of it
	return errReset
}

// numberOf finds the phone number that a call is about: of its body, or of its PIN.
func (s *Server) numberOf(c echo.Context) phone.Number {
	if id := c.Param("pinId"); id != "" {
		to, err := s.deps.PINs.Phone(c.Request().Context(), accountOf(c.Request().Context()), id)
		if err != nil {
			return ""
		}
		return to
	}
	if c.Request().Body == nil {
		return ""
	}
	body, err := io.ReadAll(c.Request().Body)
	if err != nil {
		return ""
	}
	c.Request().Body = io.NopCloser(bytes.NewReader(body))
	var sent struct {
		To string `json:"to"`
	}
	if json.Unmarshal(body, &sent) != nil {
		return ""
	}
	to, _ := phone.Parse(sent.To)
	return to
}
