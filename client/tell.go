package client

import (
	"context"
	"errors"
	"net/http"
)

// begin tells the hooks of a call, and gives the context that it has from then on.
func (c *call) begin(ctx context.Context, method string) context.Context {
	info := c.info(method)
	for _, hook := range c.client.hooks {
		if hook.Call == nil {
			continue
		}
		own, over := hook.Call(ctx, info)
		if own != nil {
			ctx = own
		}
		if over != nil {
			c.over = append(c.over, over)
		}
	}
	return ctx
}

func (c *call) info(method string) CallInfo {
	host, port := hostAndPort(c.client.base)
	return CallInfo{Operation: c.op.id, Method: method, Path: c.op.path, Host: host, Port: port}
}

// finish tells the hooks that the call is over.
func (c *call) finish(end CallEnd) {
	end.Tries = c.tries
	for _, over := range c.over {
		over(end)
	}
}

// announce tells the hooks of a try, and gives its request as they want it.
func (c *call) announce(req *http.Request) (*http.Request, RequestInfo, []func(ResponseInfo)) {
	info := RequestInfo{CallInfo: c.info(req.Method), Try: c.tries}
	var ends []func(ResponseInfo)
	for _, hook := range c.client.hooks {
		if hook.Try == nil {
			continue
		}
		info.Header = redact(req.Header)
		added := http.Header{}
		own, end := hook.Try(req.Context(), info, added)
		if own != nil {
			req = req.WithContext(own)
		}
		if end != nil {
			ends = append(ends, end)
		}
		for name, values := range added {
			req.Header[http.CanonicalHeaderKey(name)] = values
		}
	}
	for _, hook := range c.client.hooks {
		info.Header = redact(req.Header)
		if hook.Request != nil {
			hook.Request(c.req.Context(), info)
		}
	}
	return req, info, ends
}

// report tells the hooks how a try ended.
func (c *call) report(info ResponseInfo, ends []func(ResponseInfo), resp *http.Response, err error) {
	if len(c.client.hooks) == 0 {
		return
	}
	info.Failure, info.Stopped = failureOf(resp, err), stopOf(resp, err)
	if refused, ok := errors.AsType[*APIError](err); ok {
		resp = refused.Response
	}
	if resp != nil {
		info.Status, info.RequestID = resp.StatusCode, resp.Header.Get("X-Request-Id")
	}
	tell := func(to func(ResponseInfo)) {
		if resp != nil {
			info.Header = redact(resp.Header)
		}
		to(info)
	}
	for _, end := range ends {
		tell(end)
	}
	for _, hook := range c.client.hooks {
		if hook.Response != nil {
			tell(func(info ResponseInfo) { hook.Response(c.req.Context(), info) })
		}
	}
}

// endOf says how a call ended that has no answer of success.
func endOf(err error) CallEnd {
	end := CallEnd{Failure: failureOf(nil, err), Stopped: stopOf(nil, err)}
	if end.Failure == "" { // the request could not be made
		end.Failure = FailureNotSent
	}
	if refused, ok := errors.AsType[*APIError](err); ok {
		end.Status = refused.Status
	}
	return end
}

// stopOf finds the end of a context, in an error or in an answer that broke off.
func stopOf(resp *http.Response, err error) error {
	if err == nil && resp != nil {
		if r, ok := resp.Body.(*readAlready); ok {
			err = r.err
		}
	}
	for _, stop := range []error{context.Canceled, context.DeadlineExceeded} {
		if errors.Is(err, stop) {
			return stop
		}
	}
	return nil
}

func failureOf(resp *http.Response, err error) string {
	if refused, ok := errors.AsType[*APIError](err); ok {
		if refused.Kind.Valid() {
			return string(refused.Kind)
		}
		return FailureUnknown
	}
	switch endingOf(resp, err) {
	case unconnected:
		return FailureNotSent
	case broken:
		if err == nil {
			return FailureBrokenAnswer
		}
		return FailureNoAnswer
	}
	return ""
}
