// Package conform judges single exchanges against the contract: was this a request that the contract has, and is that an
// answer to it? It knows no server, no router and no test, so that a runner of test cases and a proxy can both ask it.
package conform

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"

	"github.com/pinpost/pinpost/api/spec"
)

// What a violation can be in.
const (
	InRequest  = "request"
	InResponse = "response"
)

// Violation is one thing that an exchange has against the contract. Where is such as "status", "header Content-Type" or
// "body.smsStatus". The text never repeats a value: that might be a PIN, a key or a phone number.
type Violation struct {
	Operation string
	In        string // InRequest or InResponse
	Where     string
	Text      string
}

func (v Violation) String() string { return v.Where + " " + v.Text }

// Request is what was asked. The path of the URL begins where the contract's paths begin.
type Request struct {
	Method string
	URL    *url.URL
	Header http.Header
	Body   []byte
}

// Response is what was answered.
type Response struct {
	Status int
	Header http.Header
	Body   []byte
}

// Checker judges exchanges against one contract. It may be used by several goroutines.
type Checker struct {
	doc    *openapi3.T
	routes []*route
}

// Option changes how strictly a Checker judges.
type Option func(*settings)

type settings struct{ closed bool }

// Closed makes members of answers violations that the contract does not declare. Without it answers may have more members:
// the contract asks clients to ignore those.
func Closed(yes bool) Option { return func(s *settings) { s.closed = yes } }

// New gives a checker for a contract, which it copies.
func New(doc *openapi3.T, options ...Option) (*Checker, error) {
	var s settings
	for _, option := range options {
		option(&s)
	}
	text, err := json.Marshal(doc)
	if err != nil {
		return nil, fmt.Errorf("copy contract: %w", err)
	}
	own, err := openapi3.NewLoader().LoadFromData(text)
	if err != nil {
		return nil, fmt.Errorf("copy contract: %w", err)
	}
	if s.closed {
		spec.Close(own)
	}
	c := &Checker{doc: own}
	for _, op := range spec.Operations(own) {
		c.routes = append(c.routes, newRoute(op))
	}
	return c, nil
}

// Operation names the operation that a method and a path lead to. It is false where the contract has none.
func (c *Checker) Operation(method string, u *url.URL) (string, bool) {
	r, _ := c.find(method, u)
	if r == nil {
		return "", false
	}
	return r.ID, true
}

// Check judges a request and its answer: each alone, and that no request succeeds which the contract refuses. False says that
// the contract has no such operation.
func (c *Checker) Check(req Request, resp Response) ([]Violation, bool) {
	asked, known := c.CheckRequest(req)
	if !known {
		return nil, false
	}
	answered, _ := c.CheckResponse(req, resp)
	return slices.Concat(asked, answered, Taken(asked, resp)), true
}

// Taken says what an answer has against the contract when the request had something against it: it must not be a success.
func Taken(asked []Violation, resp Response) []Violation {
	if len(asked) == 0 || !succeeded(resp.Status) {
		return nil
	}
	f := findings{operation: asked[0].Operation, in: InResponse}
	f.add("status", "%d takes a request that the contract refuses", resp.Status)
	return f.list
}

// CheckRequest judges a request alone: parameters and body. Credentials are the server's to judge.
func (c *Checker) CheckRequest(req Request) ([]Violation, bool) {
	r, params := c.find(req.Method, req.URL)
	if r == nil {
		return nil, false
	}
	f := findings{operation: r.ID, in: InRequest}
	r.checkParameters(&f, req, &openapi3filter.RequestValidationInput{
		Request: &http.Request{Method: req.Method, URL: req.URL, Header: header(req.Header)}, PathParams: params,
		Route:   &routers.Route{Spec: c.doc, Path: r.Path, PathItem: r.Item, Method: r.Method, Operation: r.Spec},
		Options: &openapi3filter.Options{SkipSettingDefaults: true, SchemaValidationOptions: schemaOptions},
	})
	r.checkRequestBody(&f, req)
	return f.list, true
}

// CheckResponse judges an answer alone: status, headers and body.
func (c *Checker) CheckResponse(req Request, resp Response) ([]Violation, bool) {
	r, _ := c.find(req.Method, req.URL)
	if r == nil {
		return nil, false
	}
	f := findings{operation: r.ID, in: InResponse}
	declared := r.Spec.Responses.Status(resp.Status)
	if declared == nil {
		declared = r.Spec.Responses.Default()
	}
	if declared == nil || declared.Value == nil {
		f.add("status", "%d is not declared for this operation", resp.Status)
		return f.list, true
	}
	r.checkTaken(&f, c.doc, req, resp.Status)
	checkHeaders(&f, declared.Value.Headers, header(resp.Header))
	checkAnswerBody(&f, declared.Value.Content, header(resp.Header), resp.Body)
	return f.list, true
}

// schemaOptions keep values out of kin-openapi's errors.
var schemaOptions = []openapi3.SchemaValidationOption{openapi3.DisableSchemaErrorDetails()}

// findings collects violations.
type findings struct {
	operation, in string
	list          []Violation
}

func (f *findings) add(where, format string, args ...any) {
	f.list = append(f.list, Violation{f.operation, f.in, where, fmt.Sprintf(format, args...)})
}

func header(h http.Header) http.Header {
	if h == nil {
		return http.Header{}
	}
	return h
}
