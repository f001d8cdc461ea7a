package conform

import (
	"maps"
	"mime"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/pinpost/pinpost/internal/fault"
)

func checkHeaders(f *findings, declared openapi3.Headers, got http.Header) {
	for _, name := range slices.Sorted(maps.Keys(declared)) {
		ref := declared[name]
		where := "header " + name
		values := got.Values(name)
		switch {
		case len(values) == 0 && ref.Value.Required:
			f.add(where, "is required")
		case len(values) == 0 || ref.Value.Schema == nil:
		default:
			checkHeader(f, where, strings.Join(values, ", "), ref.Value.Schema.Value)
		}
	}
}

// checkHeader checks one header's value, which a number or boolean is read from where the schema wants one.
func checkHeader(f *findings, where, text string, schema *openapi3.Schema) {
	var value any = text
	if schema.Type.Is(openapi3.TypeInteger) || schema.Type.Is(openapi3.TypeNumber) {
		if n, err := strconv.ParseFloat(text, 64); err == nil {
			value = n
		}
	} else if schema.Type.Is(openapi3.TypeBoolean) && (text == "true" || text == "false") {
		value = text == "true"
	}
	err := schema.VisitJSON(value, append([]openapi3.SchemaValidationOption{openapi3.MultiErrors()}, schemaOptions...)...)
	if err == nil {
		return
	}
	faults := fault.Members{}
	word(err, faults, ofAnswer)
	for _, member := range sorted(faults) {
		for _, text := range faults[member] {
			f.add(where, "%s", text)
		}
	}
}

func checkAnswerBody(f *findings, declared openapi3.Content, got http.Header, body []byte) {
	if len(declared) == 0 {
		return
	}
	media := mediaType(f, declared, got)
	if media == nil { // what it is instead is often JSON without the word, and worth judging
		media = declared.Get("application/json")
	}
	if media == nil || media.Schema == nil {
		return
	}
	if len(body) == 0 {
		f.add("body", "is missing")
		return
	}
	value, err := Decode(body)
	if err != nil {
		f.add("body", "%s", err)
		return
	}
	f.visit(media.Schema.Value, value, ofAnswer, openapi3.VisitAsResponse())
}

// mediaType gives what is declared for the media type of a body; nil when that is none of the declared ones.
func mediaType(f *findings, declared openapi3.Content, got http.Header) *openapi3.MediaType {
	const where = "header Content-Type"
	wanted := strings.Join(slices.Sorted(maps.Keys(declared)), " or ")
	values := got.Values("Content-Type")
	if len(values) != 1 {
		f.add(where, "must be given once, as %s", wanted)
		return nil
	}
	name, params, err := mime.ParseMediaType(values[0])
	if err != nil || declared[name] == nil {
		f.add(where, "must be %s", wanted)
		return nil
	}
	if charset, given := params["charset"]; given && !strings.EqualFold(charset, "utf-8") {
		f.add(where, "must not have a charset but UTF-8")
	}
	return declared[name]
}

// checkTaken holds success against an answer whose request had no credentials, where the operation wants them.
func (r *route) checkTaken(f *findings, doc *openapi3.T, req Request, status int) {
	if !succeeded(status) || header(req.Header).Get("Authorization") != "" {
		return
	}
	wanted := doc.Security
	if r.Spec.Security != nil {
		wanted = *r.Spec.Security
	}
	if len(wanted) > 0 {
		f.add("status", "%d is for requests with credentials, and this one had none", status)
	}
}

func succeeded(status int) bool { return status >= 200 && status < 300 }

// inBody names a member's place: "body", "body.smsStatus", "body[0].status".
func inBody(member string) string {
	switch {
	case member == "body":
		return member
	case strings.HasPrefix(member, "["):
		return "body" + member
	}
	return "body." + member
}

func sorted(faults fault.Members) []string { return slices.Sorted(maps.Keys(faults)) }
