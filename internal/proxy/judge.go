package proxy

import (
	"errors"
	"fmt"
	"log/slog"
	"slices"

	"github.com/pinpost/pinpost/internal/conform"
	"github.com/pinpost/pinpost/internal/observe"
)

// judge judges exchanges in the order they ended, until the queue is closed.
func (p *Proxy) judge() {
	for x := range p.queue {
		if x.failure == clientLeft {
			p.left.Add(1)
			continue
		}
		judged := p.verdict(x)
		p.summary.add(judged)
		for _, reporter := range p.options.Reporters {
			p.report(reporter.Exchange(judged))
		}
	}
}

// report keeps what reporters fail with. A disk that is full would say so at every exchange: the first time is enough.
func (p *Proxy) report(err error) {
	if err != nil && p.failures == nil {
		p.options.Log.Error("a report cannot be written", slog.Any("error", err))
		p.failures = fmt.Errorf("write a report: %w", err)
	}
}

// verdict says what an exchange has against the contract.
func (p *Proxy) verdict(x *exchange) Exchange {
	id, known := p.checker.Operation(x.req.Method, x.req.URL)
	judged := Exchange{
		Number: x.number, Began: x.began, Took: x.took, Operation: id, Method: x.req.Method, Path: p.paths[id],
		Status: x.resp.Status, RequestID: observe.Mask(x.resp.Header.Get("X-Request-Id")), req: x.req, resp: x.resp,
	}
	if !known {
		judged.Method = plainMethod(x.req.Method)
		judged.Violations = []conform.Violation{{In: conform.InRequest, Where: "path", Text: "has no operation in the contract with this method"}}
		return judged
	}
	note := func(in, where, format string, args ...any) {
		judged.Violations = append(judged.Violations, conform.Violation{Operation: id, In: in, Where: where, Text: fmt.Sprintf(format, args...)})
	}
	asked, err := x.asked.whole(x.req.Header.Get("Content-Encoding"), maxRequest)
	judged.req.Body = asked
	var requested []conform.Violation
	switch {
	case errors.Is(err, errBroken): // the answer was there before the end of the request, and the client had no more to say
	case err != nil:
		note(conform.InRequest, "body", "%s", err)
	case x.asked.ended():
		requested, _ = p.checker.CheckRequest(judged.req)
	}
	judged.Violations = append(judged.Violations, requested...)
	if x.failure == noAnswer {
		note(conform.InResponse, "status", "is missing: the upstream does not answer")
		return judged
	}
	if judged.resp.Body, err = x.answered.whole(x.resp.Header.Get("Content-Encoding"), maxAnswer); err != nil {
		note(conform.InResponse, "body", "%s", err)
	}
	answered, _ := p.checker.CheckResponse(judged.req, judged.resp)
	if err != nil { // what there is of the body is no whole one
		answered = slices.DeleteFunc(answered, func(v conform.Violation) bool { return v.Where == "body" })
	}
	judged.Violations = append(judged.Violations, answered...)
	if errors.Is(err, errBroken) {
		return judged
	}
	judged.Violations = append(judged.Violations, conform.Taken(requested, judged.resp)...)
	return judged
}

// methods that may be repeated; others are a stranger's words.
var methods = []string{"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT"}

func plainMethod(method string) string {
	if slices.Contains(methods, method) {
		return method
	}
	return "?"
}
