package smshttp

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"os"
	"time"

	"github.com/pinpost/pinpost/internal/delivery"
)

const (
	// maxAnswer bounds what is read of an answer.
	maxAnswer = 200 << 10
	userAgent = "pinpost"
	// idleTimeout is shorter than what servers commonly keep an unused connection for, so that few are lost as we write.
	idleTimeout = 30 * time.Second
)

// client makes requests to one gateway.
type client struct {
	http    *http.Client
	timeout time.Duration
	now     func() time.Time
}

// newClient makes a client. Plain says that the gateway's address is an http:// one.
func newClient(s Settings, plain bool, now func() time.Time) (*client, error) {
	roots, err := rootsOf(s.CAFile)
	if err != nil {
		return nil, err
	}
	dialer := &net.Dialer{
		Timeout: s.ConnectTimeout, KeepAlive: 15 * time.Second,
		Control: guard{allowPrivate: s.AllowPrivate, plain: plain}.control,
	}
	transport := &http.Transport{
		Proxy:                  nil, // what the environment says is for other programs
		DialContext:            dialer.DialContext,
		TLSClientConfig:        &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: roots},
		TLSHandshakeTimeout:    s.ConnectTimeout,
		ResponseHeaderTimeout:  s.Timeout,
		IdleConnTimeout:        idleTimeout,
		MaxIdleConns:           s.Connections,
		MaxIdleConnsPerHost:    s.Connections,
		MaxConnsPerHost:        s.Connections,
		MaxResponseHeaderBytes: 64 << 10,
		// HTTP/2 stays off: whether a request was written is told for HTTP/1.1.
		ForceAttemptHTTP2: false,
	}
	noRedirect := func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &client{
		http:    &http.Client{Transport: transport, CheckRedirect: noRedirect},
		timeout: s.Timeout, now: now,
	}, nil
}

func rootsOf(file string) (*x509.CertPool, error) {
	if file == "" {
		return nil, nil // the system's
	}
	pem, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM(pem) {
		return nil, errNoCertificate
	}
	return roots, nil
}

// exchange makes the request that build builds and reads the answer. An error is a *delivery.Error: LinkDown when nothing
// was asked, Ambiguous when the gateway may have acted on the request.
func (c *client) exchange(ctx context.Context, build func(context.Context) (*http.Request, error)) (Answer, error) {
	ctx, cancel := context.WithTimeout(ctx, c.timeout)
	defer cancel()
	for again := false; ; again = true {
		req, err := build(ctx)
		if err != nil {
			return Answer{}, &delivery.Error{Class: delivery.Rejected, Code: "request", Err: err}
		}
		p := &progress{}
		resp, err := c.http.Do(prepare(req, p)) //nolint:bodyclose // read closes it
		if err == nil {
			return read(resp), nil
		}
		if !again && p.stale() && ctx.Err() == nil {
			continue // the gateway closed an idle connection just now, and saw nothing of the request
		}
		return Answer{}, p.fault(err)
	}
}

// prepare keeps net/http from repeating a request by itself: it does so for a GET whose connection is lost after it was
// written, and a phone would get the text twice.
func prepare(req *http.Request, p *progress) *http.Request {
	if req.Method == http.MethodGet && (req.Body == nil || req.Body == http.NoBody) {
		req.Body = io.NopCloser(http.NoBody) // a body that net/http does not know to be empty cannot be sent again
	}
	req.GetBody = nil
	req.Header.Set("User-Agent", userAgent)
	return req.WithContext(httptrace.WithClientTrace(req.Context(), p.trace()))
}

// read reads an answer up to maxAnswer. A body that breaks off leaves its status, which may say enough.
func read(resp *http.Response) Answer {
	defer func() { _ = resp.Body.Close() }() // reading is over, and told what went wrong
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer+1))
	a := Answer{Status: resp.StatusCode, Header: resp.Header, Body: body, Cut: err != nil}
	if len(body) > maxAnswer {
		a.Body, a.Cut = body[:maxAnswer], true
	}
	return a
}

func (c *client) close() { c.http.CloseIdleConnections() }

var (
	errNoAnswer      = errors.New("the request was written, and no answer came")
	errNoCertificate = errors.New("it holds no PEM certificate")
)
