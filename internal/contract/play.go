package contract

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"
)

// play prepares one case, makes its requests and judges the answers. An error ends the run.
func (r *run) play(ctx context.Context, c *Case) (result Result, err error) {
	began := time.Now()
	result = Result{Operation: c.Operation, Name: c.Name, Title: c.Title, State: Passed}
	defer func() { result.Took = time.Since(began) }()
	if reason := r.unfit(c); reason != "" {
		result.State, result.Reasons = NotApplicable, []string{reason}
		return result, nil
	}
	w, err := r.stage.open(ctx, c)
	defer func() { r.stage.close(ctx, w) }()
	if err != nil {
		err = result.unprepared(err)
		return result, err
	}
	if err = r.before(ctx, w, c, &result); err != nil {
		err = result.unprepared(err)
		return result, err
	}
	r.blamed(w, &result)
	x, err := r.call(ctx, w, c.Request)
	if err != nil {
		err = result.unprepared(asPreparation(x, err))
		return result, err
	}
	r.judge(w, c, x, &result)
	r.blamed(w, &result)
	return result, ctx.Err()
}

// fail notes a failure. The curl line that is shown is that of the first request at fault; the case's own comes before
// preparations.
func (r *Result) fail(x *exchange, reasons ...string) {
	if len(reasons) == 0 {
		return
	}
	r.State = Failed
	r.Reasons = append(r.Reasons, reasons...)
	if r.Curl == "" && x != nil {
		r.Curl = x.curl
	}
}

// unprepared notes that a case could not be played as far as its own request. What means the end of the run is handed on.
func (r *Result) unprepared(err error) error {
	failure, ok := errors.AsType[preparation](err)
	if !ok || errors.Is(err, errDown) || errors.Is(err, context.Canceled) {
		return err
	}
	for _, reason := range failure.reasons {
		r.fail(failure.x, "cannot be prepared: "+about(failure.x)+reason)
	}
	return nil
}

// blamed holds answers to preparations against the case that they were made for.
func (r *run) blamed(w *world, result *Result) {
	for _, x := range w.found {
		for _, reason := range reasons(x.violations) {
			result.fail(x, "preparation: "+about(x)+reason)
		}
	}
	w.found = nil
}

// about says which request a reason is about. The path's ids are of no interest, and its query might be somebody's number.
func about(x *exchange) string {
	if x == nil {
		return ""
	}
	return x.req.Method + " " + x.req.URL.Path + ": "
}

func (r *run) call(ctx context.Context, w *world, call Call) (*exchange, error) {
	path, header, body, err := r.make(ctx, w, call)
	if err != nil {
		return nil, err
	}
	if call.sends() {
		r.sends++
	}
	return r.target.do(ctx, call.Method, path, header, body)
}

// before makes the requests that come first. Each must succeed.
func (r *run) before(ctx context.Context, w *world, c *Case, result *Result) error {
	w.last = ""
	for _, call := range c.Before {
		x, err := r.call(ctx, w, call)
		if err != nil {
			return asPreparation(x, err)
		}
		w.blame(x)
		if x.resp.Status != http.StatusOK {
			r.blamed(w, result)
			return preparation{x, []string{fmt.Sprintf("status must be 200, and is %d", x.resp.Status)}, nil}
		}
		var answer struct {
			PinID string `json:"pinId"`
		}
		if x.decode(&answer) == nil && answer.PinID != "" {
			w.last = answer.PinID
		}
	}
	return nil
}

// asPreparation makes a case's failure of a request that had no answer.
func asPreparation(x *exchange, err error) error {
	if _, ok := errors.AsType[preparation](err); ok {
		return err
	}
	return preparation{x, []string{err.Error()}, err}
}

// judge compares the answer with what the case wants, and with the contract.
func (r *run) judge(w *world, c *Case, x *exchange, result *Result) {
	found := reasons(x.violations)
	if x.resp.Status != c.Answer.Status {
		found = append(found, fmt.Sprintf("status must be %d, and is %d", c.Answer.Status, x.resp.Status))
	} else {
		m := matcher{w: w, open: r.open, anyText: r.anyText, relaxed: r.stage.relaxed(c)}
		if !r.addition {
			m.without = replayedHeader
		}
		m.answer(x.resp, c.Answer)
		found = append(found, slices.DeleteFunc(m.reasons, func(reason string) bool { return said(x, reason) })...)
	}
	if len(found) > 0 {
		result.Curl = x.curl
	}
	result.fail(x, found...)
}

// said tells whether the contract has something against the same place already: once is enough.
func said(x *exchange, reason string) bool {
	for _, v := range x.violations {
		if strings.HasPrefix(reason, v.Where+" ") || v.Where == "body" && strings.HasPrefix(reason, "body") {
			return true
		}
	}
	return false
}
