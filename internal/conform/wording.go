package conform

import (
	"errors"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"

	"github.com/pinpost/pinpost/internal/fault"
)

// What a value belongs to, as texts call it.
const (
	ofRequest = "request"
	ofAnswer  = "answer"
)

// WordSchemaErrors says in our own words what kin-openapi found wrong in a request, by member. The value at fault is never
// repeated.
func WordSchemaErrors(err error, faults fault.Members) { word(err, faults, ofRequest) }

func word(err error, faults fault.Members, of string) {
	wording{faults, map[string]bool{}, of}.add(err)
}

type wording struct {
	faults fault.Members
	named  map[string]bool // the objects whose undeclared members are named already
	of     string
}

func (w wording) add(err error) {
	var several openapi3.MultiError
	if errors.As(err, &several) {
		for _, one := range several {
			w.add(one)
		}
		return
	}
	schemaError, ok := errors.AsType[*openapi3.SchemaError](err)
	if !ok {
		w.faults.Addf("body", "does not fit the contract")
		return
	}
	path := schemaError.JSONPointer()
	switch schemaError.SchemaField {
	case "allOf":
		inner := fault.Members{}
		word(errors.Unwrap(schemaError.Origin), inner, w.of)
		for _, texts := range inner {
			w.faults[MemberName(path)] = append(w.faults[MemberName(path)], texts...)
		}
	case "properties":
		w.addUndeclared(path, schemaError)
	default:
		w.faults.Addf(MemberName(path), "%s", schemaText(schemaError))
	}
}

// mostNamed is how many undeclared members of one object an error names. A body has room for thousands.
const mostNamed = 10

// addUndeclared names the members that an object should not have. kin-openapi reports each of them apart, with the same
// object, so that all are named at the first report.
func (w wording) addUndeclared(path []string, e *openapi3.SchemaError) {
	object := MemberName(path)
	if w.named[object] {
		return
	}
	w.named[object] = true
	names := undeclared(e)
	for _, name := range names[:min(len(names), mostNamed)] {
		if meant := misspelt(e.Schema, name); meant != "" {
			w.faults.Addf(strings.Join(append(slices.Clone(path), name), "."), "is not a member of this %s; %s is", w.of, meant)
		} else if member := MemberName(append(slices.Clone(path), name)); w.faults[member] == nil {
			w.faults.Addf(member, "is not a member of this %s", w.of)
		}
	}
	if more := len(names) - mostNamed; more > 0 {
		w.faults.Addf(object, "has %d more that are not members of this %s", more, w.of)
	}
}
func undeclared(e *openapi3.SchemaError) []string {
	members, _ := e.Value.(map[string]any)
	var names []string
	for name := range members {
		if e.Schema.Properties[name] == nil {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// misspelt gives the member that a name means when it is right but for upper and lower case.
func misspelt(s *openapi3.Schema, name string) string {
	for declared := range s.Properties {
		if len(declared) == len(name) && strings.EqualFold(declared, name) { // letters of other scripts are longer
			return declared
		}
	}
	return ""
}

// plainName is what a name of a member may look like to be repeated in an error: a stranger could put a phone number
// there, or a PIN, whose letters are upper case.
var plainName = regexp.MustCompile(`^[A-Za-z_$][A-Za-z_$.-]*[0-9]{0,3}[A-Za-z_$.-]*$`)

// place is one in a list; so few digits are nobody's number.
var place = regexp.MustCompile(`^[0-9]{1,3}$`)

func repeatable(name string) bool {
	return len(name) <= 64 && plainName.MatchString(name) && strings.ToUpper(name) != name
}

// MemberName names the place of a member. Names that could be a phone number or a PIN are not repeated.
func MemberName(path []string) string {
	if len(path) == 0 {
		return "body"
	}
	var member strings.Builder
	for i, name := range path {
		switch {
		case place.MatchString(name):
			member.WriteString("[" + name + "]")
			continue
		case i > 0:
			member.WriteByte('.')
		}
		if !repeatable(name) {
			name = "(unnamed)"
		}
		member.WriteString(name)
	}
	return member.String()
}

// schemaText says what a value must be, from the schema it did not fit.
func schemaText(e *openapi3.SchemaError) string {
	s := e.Schema
	switch e.SchemaField {
	case "required":
		return "is required"
	case "nullable":
		return "must not be null"
	case "type":
		return "must be " + typeText(s)
	case "enum":
		return "must be one of " + enumText(s)
	case "minimum":
		return "must be at least " + number(s.Min)
	case "maximum":
		return "must be at most " + number(s.Max)
	case "minLength":
		if s.MinLength == 1 {
			return "must not be empty"
		}
		return "must have at least " + strconv.FormatUint(s.MinLength, 10) + " characters"
	case "maxLength":
		return "must have at most " + strconv.FormatUint(*s.MaxLength, 10) + " characters"
	case "maxItems":
		return "must have at most " + strconv.FormatUint(*s.MaxItems, 10) + " elements"
	case "pattern":
		if s.Title != "" {
			return "must be a " + s.Title
		}
		return "must match the pattern " + s.Pattern
	case "format":
		return "must fit " + s.Format
	}
	return "does not fit the contract"
}

func typeText(s *openapi3.Schema) string {
	switch {
	case s.Type.Is(openapi3.TypeInteger):
		return "a whole number"
	case s.Type.Is(openapi3.TypeString):
		return "a string"
	case s.Type.Is(openapi3.TypeBoolean):
		return "true or false"
	case s.Type.Is(openapi3.TypeArray):
		return "an array"
	}
	return "an object"
}

func enumText(s *openapi3.Schema) string {
	var names []string
	for _, value := range s.Enum {
		if name, ok := value.(string); ok {
			names = append(names, name)
		}
	}
	return strings.Join(names, ", ")
}

func number(bound *float64) string { return strconv.FormatFloat(*bound, 'f', -1, 64) }

// ParameterText says what is wrong with a parameter.
func ParameterText(err error) string {
	if schemaError, ok := errors.AsType[*openapi3.SchemaError](err); ok {
		return schemaText(schemaError)
	}
	if errors.Is(err, openapi3filter.ErrInvalidRequired) || errors.Is(err, openapi3filter.ErrInvalidEmptyValue) {
		return "must have a value"
	}
	return "is not of its type"
}
