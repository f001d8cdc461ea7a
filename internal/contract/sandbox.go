package contract

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// stage prepares what cases start from.
type stage interface {
	// unfit says why a case cannot be prepared; empty when it can.
	unfit(c *Case) string
	// open prepares a case. Cases that change nothing may share what was prepared.
	open(ctx context.Context, c *Case) (*world, error)
	// close removes what was prepared for one case.
	close(ctx context.Context, w *world)
	// end removes what is left.
	end(ctx context.Context)
	// relaxed says which values of the answer are outside the target's hands.
	relaxed(c *Case) func(where, wanted string) bool
}

// sandboxStage prepares cases in private worlds of a Pinpost sandbox: everything of the fixture can be had there.
type sandboxStage struct {
	run    *run
	table  []scenario
	second *world            // the fixture's second account, which nothing of a case should reach
	shared map[string]*world // of calm cases, by what is given
	keep   bool              // worlds stay open
}

// scenario is a row of the sandbox's table of numbers.
type scenario struct {
	NCStatus       string `json:"ncStatus"`
	LimitedNumbers struct {
		First string `json:"first"`
	} `json:"limitedNumbers"`
}

func newSandboxStage(ctx context.Context, r *run) (*sandboxStage, error) {
	s := &sandboxStage{run: r, shared: map[string]*world{}, keep: r.options.KeepWorlds}
	var table struct {
		Scenarios []scenario `json:"scenarios"`
	}
	err := r.target.own(ctx, nil, http.MethodGet, "/sandbox/scenarios", nil, &table)
	s.table = table.Scenarios
	return s, err
}

func (s *sandboxStage) relaxed(*Case) func(string, string) bool { return nil }

func (s *sandboxStage) unfit(c *Case) string {
	if s.run.usesBasic(c) && s.run.target.basic == "" {
		return needsUser
	}
	return ""
}

func (s *sandboxStage) open(ctx context.Context, c *Case) (*world, error) {
	if s.second == nil {
		w, err := s.build(ctx, 1, nil)
		if err != nil {
			return w, err
		}
		s.second = w
	}
	given := c.Given["lookup"]
	if w := s.shared[given]; w != nil && c.calm() {
		return w, nil
	}
	var (
		w   *world
		err error
	)
	if c.calm() {
		w, err = s.build(ctx, 0, &Case{Given: c.Given})
	} else {
		w, err = s.build(ctx, 0, c)
	}
	if err == nil && c.calm() {
		s.shared[given] = w
	}
	return w, err
}

// build opens a world and puts the things of one of the fixture's accounts into it, for a case; nil is none in particular.
func (s *sandboxStage) build(ctx context.Context, account int, c *Case) (*world, error) {
	w := newWorld()
	w.codeOf = s.code
	if err := s.enter(ctx, w); err != nil {
		return w, err
	}
	if c == nil {
		c = &Case{}
	}
	if err := s.call(w, c); err != nil {
		return w, err
	}
	pins := s.run.fixture.pinsOf(account)
	if !needsPINs(c) {
		pins = nil
	}
	if err := s.seed(ctx, w, account, len(pins) > 0); err != nil {
		return w, err
	}
	if err := s.learn(ctx, w, account); err != nil {
		return w, err
	}
	if err := s.send(ctx, w, pins); err != nil {
		return w, err
	}
	if s.second != nil {
		w.other = s.second.id
		for _, p := range s.run.fixture.pinsOf(1) {
			w.names[p.PinID] = s.second.names[p.PinID]
			w.codes[p.PinID] = s.second.codes[p.PinID]
		}
	}
	if account > 0 {
		for _, p := range pins {
			code, err := s.code(ctx, w, w.names[p.PinID])
			if err != nil {
				return w, err
			}
			w.codes[p.PinID] = code
		}
	}
	return w, nil
}

func (s *sandboxStage) enter(ctx context.Context, w *world) error {
	var opened struct {
		WorldID string `json:"worldId"`
	}
	err := s.run.target.own(ctx, nil, http.MethodPost, "/sandbox/worlds", map[string]string{"name": "pinpost contract"}, &opened)
	w.id = opened.WorldID
	return err
}

// needsPINs tells whether a case is about PINs. One without a request stands for several.
func needsPINs(c *Case) bool {
	return c.Request.Path == "" || slices.ContainsFunc(c.calls(), func(call Call) bool {
		return strings.Contains(call.Path, "/pin") || strings.Contains(call.Path, "/verifications")
	})
}

// call gives each phone number of the fixture and of the case one of the scenario with the same lookup. Those with limits
// are taken, as the fixture's numbers have.
func (s *sandboxStage) call(w *world, c *Case) error {
	numbers := s.run.fixture.numbers(c)
	for number := range s.run.fixture.Lookup {
		numbers = append(numbers, number)
	}
	for _, p := range s.run.fixture.PINs {
		numbers = append(numbers, p.To)
	}
	slices.Sort(numbers)
	for i, number := range slices.Compact(numbers) {
		status := s.run.fixture.Lookup[number]
		switch {
		case c.Given["lookup"] == "none":
			status = "NC_NOT_CONFIGURED"
		case status == "":
			status = "NC_DESTINATION_UNKNOWN"
		}
		row := slices.IndexFunc(s.table, func(row scenario) bool { return row.NCStatus == status })
		if row < 0 {
			return fmt.Errorf("the sandbox has no scenario with %s", status)
		}
		first, err := strconv.ParseInt(s.table[row].LimitedNumbers.First, 10, 64)
		if err != nil {
			return fmt.Errorf("numbers of the sandbox: %w", err)
		}
		w.names[number] = strconv.FormatInt(first+int64(i), 10)
	}
	return nil
}

// code reads a PIN from the inbox.
func (s *sandboxStage) code(ctx context.Context, w *world, pinID string) (string, error) {
	var captured struct {
		Pin string `json:"pin"`
	}
	err := s.run.target.own(ctx, w, http.MethodGet,
		"/sandbox/inbox/wait?timeout=10&pinId="+url.QueryEscape(pinID), nil, &captured)
	return captured.Pin, err
}

func (s *sandboxStage) close(ctx context.Context, w *world) {
	if s.keep || w == nil || w.id == "" || s.second == w {
		return
	}
	for _, shared := range s.shared {
		if shared == w {
			return
		}
	}
	s.remove(ctx, w)
}

func (s *sandboxStage) end(ctx context.Context) {
	if s.keep {
		return
	}
	for _, w := range s.shared {
		s.remove(ctx, w)
	}
	if s.second != nil {
		s.remove(ctx, s.second)
	}
}

// remove closes a world, also after an interrupt. That it could not is of no interest to who tests a contract.
func (s *sandboxStage) remove(ctx context.Context, w *world) {
	_ = s.run.target.own(context.WithoutCancel(ctx), nil, http.MethodDelete, "/sandbox/worlds/"+url.PathEscape(w.id), nil, nil)
}
