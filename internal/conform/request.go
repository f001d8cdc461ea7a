package conform

import (
	"net/url"
	"slices"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"

	"github.com/pinpost/pinpost/internal/fault"
)

func (r *route) checkParameters(f *findings, req Request, input *openapi3filter.RequestValidationInput) {
	query, err := url.ParseQuery(req.URL.RawQuery)
	if err != nil {
		f.add("query", "is malformed")
		return
	}
	input.QueryParams = query
	for _, parameter := range r.parameters {
		where := parameter.In + " " + parameter.Name
		if parameter.In == openapi3.ParameterInQuery && len(query[parameter.Name]) > 1 {
			f.add(where, "must be given once")
			continue
		}
		if err := openapi3filter.ValidateParameter(input.Request.Context(), input, parameter); err != nil {
			f.add(where, "%s", ParameterText(err))
		}
	}
}

func (r *route) checkRequestBody(f *findings, req Request) {
	if r.Spec.RequestBody == nil {
		if len(req.Body) > 0 {
			f.add("body", "is not taken by this operation")
		}
		return
	}
	declared := r.Spec.RequestBody.Value
	if len(req.Body) == 0 {
		if declared.Required {
			f.add("body", "is required")
		}
		return
	}
	media := mediaType(f, declared.Content, header(req.Header))
	if media == nil || media.Schema == nil {
		return
	}
	value, err := Decode(req.Body)
	if err != nil {
		f.add("body", "%s", err)
		return
	}
	if value == nil && !declared.Required {
		return // null says nothing, like no body at all
	}
	schema := media.Schema.Value
	f.visit(schema, LeaveOutNulls(value, schema), ofRequest, openapi3.VisitAsRequest())
}

// visit checks a value against a schema and adds what is wrong by member.
func (f *findings) visit(schema *openapi3.Schema, value any, of string, as openapi3.SchemaValidationOption) {
	err := schema.VisitJSON(value, append([]openapi3.SchemaValidationOption{openapi3.MultiErrors(), as}, schemaOptions...)...)
	if err == nil {
		return
	}
	faults := fault.Members{}
	word(err, faults, of)
	for _, member := range sorted(faults) {
		for _, text := range slices.Compact(slices.Sorted(slices.Values(faults[member]))) {
			f.add(inBody(member), "%s", text)
		}
	}
}

// LeaveOutNulls drops optional members that are null: in a request the contract says that is the same as leaving them out.
func LeaveOutNulls(value any, schema *openapi3.Schema) any {
	members, ok := value.(map[string]any)
	if !ok {
		return value
	}
	kept := make(map[string]any, len(members))
	for name, member := range members {
		property := schema.Properties[name]
		switch {
		case property == nil:
		case member == nil && !slices.Contains(schema.Required, name):
			continue
		default:
			member = LeaveOutNulls(member, property.Value)
		}
		kept[name] = member
	}
	return kept
}
