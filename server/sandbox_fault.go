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
	out := wire.Scenario{Name: s.Name, Description: s.Description, Numbers: block(false), LimitedNumbers: block(true)}
	if s.NC != "" {
		out.NcStatus = new(wire.NcStatus(s.NC))
	}
	if s.SMSRefused {
		out.SmsStatus = new(wire.SmsStatusNotSent)
	}
	if s.State != "" {
		out.MessageStatus = new(wire.MessageStatus(s.State))
	}
	if s.Call != "" {
		out.CallStatus = new(wire.CallStatus(s.Call))
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
	f := sandbox.Fault{
		Operation: string(value(in.Operation, "")), KeyID: value(in.KeyID, ""), Effect: sandbox.Effect(in.Effect),
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
	f, err := d.Faults.Plan(accountOf(ctx), f)
	if err != nil {
		return nil, err
	}
	return sandboxgen.CreateFault200JSONResponse{OneFaultJSONResponse: sandboxgen.OneFaultJSONResponse(toWireFault(f))}, nil
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

// struckKey marks an answer that a fault made; it need not be one that the operation declares.
const struckKey = "struck"

// strike makes a call fail that a planned fault fits.
func (s *Server) strike(operation string) echo.MiddlewareFunc {
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			if s.deps.Sandbox == nil {
				return next(c)
			}
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
			c.Set(struckKey, true)
			return suffer(c, f, next)
		}
	}
}

// suffer does to a call what a fault says.
func suffer(c echo.Context, f sandbox.Fault, next echo.HandlerFunc) error {
	ctx := c.Request().Context()
	switch f.Effect {
	case sandbox.EffectDelay:
		select {
		case <-time.After(f.Delay):
			return next(c)
		case <-ctx.Done():
			return ctx.Err()
		}
	case sandbox.EffectTooManyRequests:
		return &fault.Error{Kind: fault.TooMany, Text: "A planned fault of the sandbox answers this", RetryAfter: time.Second}
	case sandbox.EffectUnavailable:
		return fault.Unavailablef(nil, "A planned fault of the sandbox answers this")
	case sandbox.EffectReset:
		return reset(c)
	case sandbox.EffectCarrierRefusal:
		c.SetRequest(c.Request().WithContext(sandbox.WithRefusal(ctx)))
		return next(c)
	}
	return errors.New("a planned fault of the sandbox")
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
