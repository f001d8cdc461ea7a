package smshttp

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"sync/atomic"
	"syscall"

	"github.com/pinpost/pinpost/internal/delivery"
)

// progress is how far a request came. It decides whether a lost answer may stand for a text that went out.
type progress struct {
	dialled atomic.Bool // a connection was being made for it
	reused  atomic.Bool // the connection carried requests before
	begun   atomic.Bool // the first octets may be out
	broken  atomic.Bool // writing failed before the last octet
	written atomic.Bool // the last octet is out
}

func (p *progress) trace() *httptrace.ClientTrace {
	return &httptrace.ClientTrace{
		DNSStart:     func(httptrace.DNSStartInfo) { p.dialled.Store(true) },
		ConnectStart: func(string, string) { p.dialled.Store(true) },
		GotConn:      func(info httptrace.GotConnInfo) { p.reused.Store(info.Reused) },
		WroteHeaders: func() { p.begun.Store(true) },
		WroteRequest: func(info httptrace.WroteRequestInfo) {
			p.written.Store(info.Err == nil)
			p.broken.Store(info.Err != nil)
		},
	}
}

// unseen tells that the gateway cannot have the whole request, and so did not act on it.
func (p *progress) unseen() bool { return !p.begun.Load() || p.broken.Load() }

// stale tells that the request failed because it was given to a connection that was closed already.
func (p *progress) stale() bool { return p.reused.Load() && p.unseen() }

// fault says what a failed request means. The text of err is told only when it is from before the request: later ones
// may repeat what the gateway sent, and a url.Error holds the whole address with password, number and text.
func (p *progress) fault(err error) error {
	if wrapped, ok := errors.AsType[*url.Error](err); ok {
		err = wrapped.Err
	}
	cancelled, late := errors.Is(err, context.Canceled), isTimeout(err)
	switch {
	case !p.unseen() && cancelled:
		return &delivery.Error{Class: delivery.Ambiguous, Code: "cancelled", Err: context.Canceled}
	case !p.unseen() && late:
		return &delivery.Error{Class: delivery.Ambiguous, Code: "no answer in time", Err: errNoAnswer}
	case !p.unseen():
		return &delivery.Error{Class: delivery.Ambiguous, Code: "connection lost", Err: errNoAnswer}
	case cancelled:
		return &delivery.Error{Class: delivery.Temporary, Code: "cancelled", Err: context.Canceled}
	case late && !p.dialled.Load() && !p.reused.Load():
		// It waited for one of our connections the whole time; the gateway is slow, not gone.
		return &delivery.Error{Class: delivery.Throttled, Code: "all connections busy", Err: context.DeadlineExceeded}
	}
	return &delivery.Error{Class: delivery.LinkDown, Code: linkCode(err, late), Err: err}
}

// linkCode names what kept us from a connection.
func linkCode(err error, late bool) string {
	if _, ok := errors.AsType[*net.DNSError](err); ok {
		return "name not found"
	}
	_, untrusted := errors.AsType[*tls.CertificateVerificationError](err)
	_, unknownCA := errors.AsType[x509.UnknownAuthorityError](err)
	_, noTLS := errors.AsType[tls.RecordHeaderError](err)
	_, alert := errors.AsType[tls.AlertError](err)
	switch {
	case errors.Is(err, errPrivate), errors.Is(err, errOpen):
		return "address not allowed"
	case errors.Is(err, syscall.ECONNREFUSED):
		return "connection refused"
	case untrusted, unknownCA, noTLS, alert, errors.Is(err, http.ErrSchemeMismatch):
		return "TLS"
	case late:
		return "no connection in time"
	}
	return "no connection"
}

func isTimeout(err error) bool {
	if errors.Is(err, context.DeadlineExceeded) {
		return true
	}
	timeout, ok := errors.AsType[net.Error](err)
	return ok && timeout.Timeout()
}
