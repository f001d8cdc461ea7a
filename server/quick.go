package server

import (
	"log/slog"
	"net/http"
	"net/url"
	"path"
	"strconv"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/labstack/echo/v4"

	"github.com/pinpost/pinpost/api/spec"
	"github.com/pinpost/pinpost/internal/quick"
)

// quickGate accepts what is right of one operation before kin-openapi is asked. It refuses nothing: what it does not accept,
// kin-openapi decides about. Its zero value accepts nothing.
type quickGate struct {
	body       *quick.Checker       // nil takes the slow way, here and below
	parameters []*quick.Checker     // as the gate's
	answers    map[int]*quickAnswer // by status
}

// quickAnswer is what an answer with one status must have.
type quickAnswer struct {
	headers []quickHeader
	body    *quick.Checker
}

type quickHeader struct {
	name     string
	required bool
	value    *quick.Checker
}

// checkers compiles the schemas of a contract, each once.
type checkers struct {
	log  *slog.Logger
	made map[compiled]*quick.Checker
}

type compiled struct {
	schema *openapi3.Schema
	as     quick.Direction
}

func newCheckers(log *slog.Logger) *checkers {
	return &checkers{log, map[compiled]*quick.Checker{}}
}

// of gives the checker of a schema, nil when there is a keyword in it that the quick check does not know. The log says so.
func (c *checkers) of(ref *openapi3.SchemaRef, as quick.Direction, operation string) *quick.Checker {
	if ref == nil {
		return nil
	}
	key := compiled{ref.Value, as}
	if checker, done := c.made[key]; done {
		return checker
	}
	checker, err := quick.Compile(ref, as)
	if err != nil {
		c.log.Warn("a schema is checked the slow way", slog.String("operation", operation),
			slog.String("schema", path.Base(ref.Ref)), slog.Any("reason", err))
	}
	c.made[key] = checker
	return checker
}

// scalar gives the checker of a parameter's or header's schema, when it is a plain value in the usual form.
func (c *checkers) scalar(p *openapi3.Parameter, operation string) *quick.Checker {
	if p.Content != nil || p.Style != "" || p.AllowEmptyValue {
		return nil
	}
	if checker := c.of(p.Schema, quick.Request, operation); checker != nil && checker.Scalar() {
		return checker
	}
	return nil
}

// gate makes the quick part of an operation's gate.
func (c *checkers) gate(op spec.Operation, parameters []*openapi3.Parameter) quickGate {
	g := quickGate{answers: map[int]*quickAnswer{}}
	for _, parameter := range parameters {
		g.parameters = append(g.parameters, c.scalar(parameter, op.ID))
	}
	if ref := op.Spec.RequestBody; ref != nil {
		g.body = c.of(ref.Value.Content.Get(echo.MIMEApplicationJSON).Schema, quick.Request, op.ID)
	}
	for code, ref := range op.Spec.Responses.Map() {
		if status, err := strconv.Atoi(code); err == nil { // neither default nor 4XX
			if answer := c.answer(ref.Value, op.ID); answer != nil {
				g.answers[status] = answer
			}
		}
	}
	return g
}

func (c *checkers) answer(declared *openapi3.Response, operation string) *quickAnswer {
	media := declared.Content[echo.MIMEApplicationJSON]
	if media == nil {
		return nil // such as the stream of events
	}
	a := &quickAnswer{body: c.of(media.Schema, quick.Answer, operation)}
	for name, ref := range declared.Headers {
		a.headers = append(a.headers, quickHeader{
			http.CanonicalHeaderKey(name), ref.Value.Required, c.scalar(&ref.Value.Parameter, operation),
		})
	}
	if a.body == nil {
		return nil
	}
	return a
}

// parameter accepts a parameter that is right, or is not there and need not be.
func (g *quickGate) parameter(c echo.Context, query url.Values, i int, p *openapi3.Parameter) bool {
	if i >= len(g.parameters) || g.parameters[i] == nil {
		return false
	}
	checker := g.parameters[i]
	var values []string
	var given bool
	switch p.In {
	case openapi3.ParameterInPath:
		return c.Request().URL.RawPath == "" && checker.AcceptsText(c.Param(p.Name))
	case openapi3.ParameterInQuery:
		values, given = query[p.Name]
	case openapi3.ParameterInHeader:
		values, given = c.Request().Header[http.CanonicalHeaderKey(p.Name)]
	default:
		return false
	}
	return !given && !p.Required || len(values) == 1 && checker.AcceptsText(values[0])
}

// answer accepts an answer that is right: its status, its headers and its body.
func (g *quickGate) answer(status int, header http.Header, body []byte) bool {
	declared := g.answers[status]
	if declared == nil || !plainJSON(header) {
		return false
	}
	for i := range declared.headers {
		h := &declared.headers[i]
		values, given := header[h.name]
		right := !given && !h.required || len(values) == 1 && h.value != nil && h.value.AcceptsText(values[0])
		if !right {
			return false
		}
	}
	return declared.body.Accepts(body)
}

// plainJSON tells that a body is called JSON in the usual word for it; there are others that are as right.
func plainJSON(header http.Header) bool {
	values := header[echo.HeaderContentType]
	return len(values) == 1 && values[0] == echo.MIMEApplicationJSON
}
