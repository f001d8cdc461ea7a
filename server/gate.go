package server

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"github.com/labstack/echo/v4"

	"github.com/pinpost/pinpost/api/spec"
	"github.com/pinpost/pinpost/internal/conform"
	"github.com/pinpost/pinpost/internal/fault"
)

// gate checks one operation's requests and answers against the contract. It is made once, when routes are; Echo's own
// match brings a request to it, so nothing is routed twice.
type gate struct {
	operation  spec.Operation
	route      *routers.Route
	parameters []*openapi3.Parameter
	body       *openapi3.Schema // nil when the operation takes no body
	required   bool             // whether the body is
	most       int64            // bytes of a body
	closed     bool             // whether query parameters that the contract does not declare are refused
	quick      quickGate        // accepts most of what is right; everything else takes the way of this file
}

func newGate(doc *openapi3.T, op spec.Operation, made *checkers) *gate {
	g := &gate{
		operation: op, most: maxBody,
		route: &routers.Route{Spec: doc, Path: op.Path, PathItem: op.Item, Method: op.Method, Operation: op.Spec},
	}
	for _, refs := range []openapi3.Parameters{op.Item.Parameters, op.Spec.Parameters} {
		for _, ref := range refs {
			g.parameters = append(g.parameters, ref.Value)
		}
	}
	if ref := op.Spec.RequestBody; ref != nil {
		g.body = ref.Value.Content.Get(echo.MIMEApplicationJSON).Schema.Value
		g.required = ref.Value.Required
	}
	g.quick = made.gate(op, g.parameters)
	return g
}

// filterOptions keep kin-openapi from repeating values in its errors and from writing defaults into requests: the rules
// know their defaults, and must know what a caller left out.
var filterOptions = &openapi3filter.Options{
	IncludeResponseStatus:   true,
	SkipSettingDefaults:     true,
	SchemaValidationOptions: []openapi3.SchemaValidationOption{openapi3.DisableSchemaErrorDetails()},
}

// request checks parameters and body, and hands the desk a body that was read whole.
func (g *gate) request(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		faults := fault.Members{}
		if err := g.checkParameters(c, faults); err != nil {
			return err
		}
		if err := g.checkBody(c.Request(), faults); err != nil {
			return err
		}
		if err := faults.Err(); err != nil {
			return err
		}
		return next(c)
	}
}

var errQuery = fault.Invalidf("The query string is malformed")

// queryOf gives the parameters in the query, nil for none.
func queryOf(u *url.URL) (url.Values, error) {
	if u.RawQuery == "" {
		return nil, nil
	}
	query, err := url.ParseQuery(u.RawQuery)
	if err != nil {
		return nil, errQuery
	}
	return query, nil
}

// checked is the gate's look at requests, or, where there is to be none, only a body that is read whole and not too large.
func (s *Server) checked(g *gate) echo.MiddlewareFunc {
	if !s.deps.Unchecked {
		return g.request
	}
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			body, err := readBody(c.Request(), g.most)
			if err != nil {
				return err
			}
			replaceBody(c.Request(), body)
			return next(c)
		}
	}
}

func (g *gate) checkParameters(c echo.Context, faults fault.Members) error {
	query, err := queryOf(c.Request().URL)
	if err != nil {
		return err
	}
	g.tidyParameters(c, query)
	g.refuseUndeclared(query, faults)
	var input *openapi3filter.RequestValidationInput
	for i, parameter := range g.parameters {
		if text := strictText(parameter, query); text != "" {
			faults.Addf(parameter.Name, "%s", text)
			continue
		}
		if g.quick.parameter(c, query, i, parameter) {
			continue
		}
		if input == nil {
			input = g.input(c)
			input.QueryParams = query
		}
		if err := openapi3filter.ValidateParameter(c.Request().Context(), input, parameter); err != nil {
			faults.Addf(parameter.Name, "%s", conform.ParameterText(err))
		}
	}
	return nil
}

// refuseUndeclared names parameters that a closed operation does not have: a filter that is misspelt would let everything
// be removed.
func (g *gate) refuseUndeclared(query url.Values, faults fault.Members) {
	if !g.closed {
		return
	}
	for name := range query {
		if !slices.ContainsFunc(g.parameters, func(p *openapi3.Parameter) bool {
			return p.In == openapi3.ParameterInQuery && p.Name == name
		}) {
			faults.Addf(conform.MemberName([]string{name}), "is not a parameter of this operation")
		}
	}
}

// tidyParameters makes one of what may be sent in two ways: a header in several lines, and a plus that a caller left
// unencoded before a phone number, where it reads as a space.
func (g *gate) tidyParameters(c echo.Context, query url.Values) {
	for _, parameter := range g.parameters {
		switch parameter.In {
		case openapi3.ParameterInHeader:
			if lines := c.Request().Header.Values(parameter.Name); len(lines) > 1 {
				c.Request().Header.Set(parameter.Name, strings.Join(lines, ", "))
			}
		case openapi3.ParameterInQuery:
			values := query[parameter.Name]
			if len(values) == 1 && strings.HasPrefix(values[0], " ") && parameter.Schema.Value.Type.Is(openapi3.TypeString) {
				c.QueryParams().Set(parameter.Name, "+"+values[0][1:])
				query.Set(parameter.Name, "+"+values[0][1:])
			}
		}
	}
}

// strictText refuses what kin-openapi and the generated binder read differently: a parameter given twice or without a
// value, and 1 or TRUE for a boolean.
func strictText(parameter *openapi3.Parameter, query url.Values) string {
	values, given := query[parameter.Name]
	if parameter.In != openapi3.ParameterInQuery || !given {
		return ""
	}
	switch {
	case len(values) > 1:
		return "must be given once"
	case values[0] == "":
		return "must have a value"
	case parameter.Schema.Value.Type.Is(openapi3.TypeBoolean) && values[0] != "true" && values[0] != "false":
		return "must be true or false"
	}
	return ""
}

func (g *gate) checkBody(r *http.Request, faults fault.Members) error {
	if g.body == nil {
		return refuseBody(r)
	}
	body, err := readBody(r, g.most)
	if err != nil {
		return err
	}
	if len(body) == 0 {
		if g.required {
			return fault.Invalidf("A body is required")
		}
		replaceBody(r, nil)
		return nil
	}
	if !plainJSON(r.Header) {
		if err := checkMediaType(r.Header); err != nil {
			return err
		}
	}
	if g.quick.body != nil && g.quick.body.Accepts(body) {
		replaceBody(r, body)
		return nil
	}
	value, err := conform.Decode(body)
	if err != nil {
		return fault.Invalidf("The body %s", err)
	}
	if value == nil && !g.required {
		replaceBody(r, nil) // null says nothing, like no body at all
		return nil
	}
	err = g.body.VisitJSON(conform.LeaveOutNulls(value, g.body), openapi3.MultiErrors(), openapi3.VisitAsRequest(),
		openapi3.DisableSchemaErrorDetails())
	if err != nil {
		worded := fault.Members{} // another one, so that faults, in which nothing is as a rule, need not be on the heap
		conform.WordSchemaErrors(err, worded)
		for member, texts := range worded {
			faults[member] = append(faults[member], texts...)
		}
		return nil
	}
	replaceBody(r, body)
	return nil
}

func (g *gate) input(c echo.Context) *openapi3filter.RequestValidationInput {
	params := make(map[string]string, len(c.ParamNames()))
	for _, name := range c.ParamNames() {
		// Echo hands out the segment as it was sent when the path has escapes in it.
		value := c.Param(name)
		if plain, err := url.PathUnescape(value); err == nil && c.Request().URL.RawPath != "" {
			value = plain
		}
		params[name] = value
	}
	return &openapi3filter.RequestValidationInput{
		Request: c.Request(), PathParams: params, Route: g.route, Options: filterOptions,
	}
}
