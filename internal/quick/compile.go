package quick

import (
	"encoding/json"
	"fmt"
	"math"
	"reflect"
	"regexp"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
)

// node is a schema made ready for reading.
type node struct {
	kinds    kind
	nullable bool
	all      []*node // of allOf
	within   bool    // whether it asks anything of what is in an object or a list

	values     []string // of enum; nil when there is none
	pattern    *pattern
	minLength  int
	maxLength  int
	minimum    float64
	maximum    float64
	minItems   int
	maxItems   int
	items      *node
	members    []member
	required   uint64 // bit i is members[i]
	additional *node  // nil refuses members that are not declared
}

// member is a declared member of an object.
type member struct {
	name     string
	key      string // as it stands in most bodies
	value    *node
	leaveOut bool // null counts as left out
}

// kind is a set of the kinds of JSON values, beside null.
type kind uint8

const (
	aString kind = 1 << iota
	aBoolean
	anInteger
	aNumber // any number, whole ones too
	aList
	anObject
	anything = aString | aBoolean | aNumber | aList | anObject
)

var kinds = map[string]kind{
	openapi3.TypeString: aString, openapi3.TypeBoolean: aBoolean, openapi3.TypeInteger: anInteger,
	openapi3.TypeNumber: aNumber, openapi3.TypeArray: aList, openapi3.TypeObject: anObject,
}

// whatever is what may stand where a schema says nothing.
var whatever = func() *node {
	n := &node{kinds: anything, nullable: true, maxLength: math.MaxInt, maxItems: math.MaxInt, minimum: math.Inf(-1), maximum: math.Inf(1)}
	n.items, n.additional = n, n
	return n
}()

// known are the fields of kin-openapi's schema that the checker reads, or that say nothing about values. Any other that is set
// fails the compilation: a keyword of a later kin-openapi too.
var known = map[string]bool{
	"AllOf": true, "Type": true, "Format": true, "Enum": true, "Nullable": true, "ReadOnly": true, "WriteOnly": true,
	"Min": true, "Max": true, "MinLength": true, "MaxLength": true, "Pattern": true, "MinItems": true, "MaxItems": true, "Items": true,
	"Required": true, "Properties": true, "AdditionalProperties": true,
	"Extensions": true, "Origin": true, "Title": true, "Description": true, "Default": true, "Example": true, "ExternalDocs": true,
	"Deprecated": true,
}

// made is what was compiled already: schemas can contain themselves.
type made struct {
	schema   *openapi3.Schema
	leaveOut bool
}

type compiler struct {
	as   Direction
	made map[made]*node
}

// schema compiles one schema. leaveOut says that the null of an optional member counts as left out here: conform.LeaveOutNulls
// goes down through properties alone, not through lists, allOf or additionalProperties.
func (c *compiler) schema(ref *openapi3.SchemaRef, where string, leaveOut bool) (*node, error) {
	if ref == nil || ref.Value == nil {
		return nil, fmt.Errorf("%s: a reference that was not resolved", where)
	}
	s := ref.Value
	if n := c.made[made{s, leaveOut}]; n != nil {
		return n, nil
	}
	n := &node{nullable: s.Nullable}
	c.made[made{s, leaveOut}] = n
	if err := onlyKnown(s, where); err != nil {
		return nil, err
	}
	for _, part := range []func(*node, *openapi3.Schema, string, bool) error{
		c.kind, c.allOf, c.text, c.numbers, c.list, c.object,
	} {
		if err := part(n, s, where, leaveOut); err != nil {
			return nil, err
		}
	}
	n.within = n.items != whatever || n.minItems > 0 || n.maxItems != math.MaxInt || n.members != nil || n.additional != whatever
	return n, nil
}

func onlyKnown(s *openapi3.Schema, where string) error {
	fields := reflect.ValueOf(s).Elem()
	for i := range fields.NumField() {
		field := fields.Type().Field(i)
		if !known[field.Name] && !fields.Field(i).IsZero() {
			keyword, _, _ := strings.Cut(field.Tag.Get("json"), ",")
			return unknown(where, keyword)
		}
	}
	for keyword := range s.Extensions {
		if !strings.HasPrefix(keyword, "x-") {
			return unknown(where, keyword)
		}
	}
	return nil
}

func unknown(where, keyword string) error {
	return fmt.Errorf("%s: the quick check does not know the keyword %s", where, keyword)
}

func (c *compiler) kind(n *node, s *openapi3.Schema, where string, _ bool) error {
	if s.Type == nil {
		n.kinds = anything
		return nil
	}
	if len(*s.Type) != 1 || kinds[(*s.Type)[0]] == 0 {
		return unknown(where, "type with "+strings.Join(*s.Type, ", "))
	}
	n.kinds = kinds[(*s.Type)[0]]
	return nil
}

func (c *compiler) allOf(n *node, s *openapi3.Schema, where string, leaveOut bool) error {
	if leaveOut && len(s.AllOf) > 0 && len(s.Properties) > 0 {
		// What properties leaves out is gone for allOf as well, which reads the same bytes again.
		return unknown(where, "allOf beside properties")
	}
	for i, ref := range s.AllOf {
		at := fmt.Sprintf("%s.allOf[%d]", where, i)
		if ref.Value == s || ref.Value != nil && len(ref.Value.AllOf) > 0 {
			return unknown(at, "allOf within allOf") // which may go round in a circle
		}
		sub, err := c.schema(ref, at, false)
		if err != nil {
			return err
		}
		n.all = append(n.all, sub)
	}
	return nil
}

func (c *compiler) text(n *node, s *openapi3.Schema, where string, _ bool) error {
	n.minLength, n.maxLength = bound(s.MinLength), bounded(s.MaxLength)
	for _, value := range s.Enum {
		text, ok := value.(string)
		if !ok {
			return unknown(where, "enum of other values than strings")
		}
		n.values = append(n.values, text)
		n.kinds &= aString
	}
	if s.Pattern == "" {
		return nil
	}
	if strings.Contains(s.Pattern, `\u`) { // kin-openapi rewrites these
		return unknown(where, "pattern with \\u")
	}
	expression, err := regexp.Compile(s.Pattern)
	if err != nil {
		return fmt.Errorf("%s: pattern: %w", where, err)
	}
	n.pattern = newPattern(expression)
	return nil
}

// int64s are the bounds of format int64 as float64, which numbers are compared as.
const int64s = 1 << 63

func (c *compiler) numbers(n *node, s *openapi3.Schema, where string, _ bool) error {
	n.minimum, n.maximum = math.Inf(-1), math.Inf(1)
	if s.Min != nil {
		n.minimum = *s.Min
	}
	if s.Max != nil {
		n.maximum = *s.Max
	}
	switch {
	case s.Format == "":
	case s.Format == "int32" && n.kinds == anInteger:
		n.minimum, n.maximum = max(n.minimum, math.MinInt32), min(n.maximum, math.MaxInt32)
	case s.Format == "int64" && n.kinds == anInteger:
		n.minimum, n.maximum = max(n.minimum, -int64s), min(n.maximum, int64s)
	case (s.Format == "double" || s.Format == "float") && n.kinds == aNumber && openapi3.SchemaNumberFormats[s.Format] == nil:
	default:
		return unknown(where, "format "+s.Format+" here")
	}
	return nil
}

func (c *compiler) list(n *node, s *openapi3.Schema, where string, _ bool) (err error) {
	n.minItems, n.maxItems, n.items = bound(s.MinItems), bounded(s.MaxItems), whatever
	if s.Items != nil {
		n.items, err = c.schema(s.Items, where+".items", false)
	}
	return err
}

// maxMembers is how many members fit into the bits of required.
const maxMembers = 64

func (c *compiler) object(n *node, s *openapi3.Schema, where string, leaveOut bool) error {
	if len(s.Properties) > maxMembers {
		return unknown(where, fmt.Sprintf("properties with more than %d members", maxMembers))
	}
	for name := range s.Properties {
		key, err := json.Marshal(name)
		if err != nil {
			return err
		}
		n.members = append(n.members, member{name: name, key: string(key) + ":"})
	}
	slices.SortFunc(n.members, func(a, b member) int { return strings.Compare(a.name, b.name) })
	for i := range n.members {
		m := &n.members[i]
		needed := slices.Contains(s.Required, m.name)
		value, err := c.schema(s.Properties[m.name], where+"."+m.name, leaveOut)
		if err != nil {
			return err
		}
		m.value, m.leaveOut = value, leaveOut && !needed
		if c.foreign(s.Properties[m.name].Value) {
			m.value, needed = &node{}, false // which nothing fits
		}
		if needed {
			n.required |= 1 << i
		}
	}
	for _, name := range s.Required {
		if s.Properties[name] == nil {
			return unknown(where, "required of a member that properties does not have")
		}
	}
	return c.additional(n, s, where)
}

// foreign tells that a member belongs into the other direction alone.
func (c *compiler) foreign(s *openapi3.Schema) bool {
	return c.as == Request && s.ReadOnly || c.as == Answer && s.WriteOnly
}

func (c *compiler) additional(n *node, s *openapi3.Schema, where string) (err error) {
	switch extra := s.AdditionalProperties; {
	case extra.Has != nil && !*extra.Has:
	case extra.Schema != nil:
		n.additional, err = c.schema(extra.Schema, where+".additionalProperties", false)
	default:
		n.additional = whatever
	}
	return err
}

func bound(n uint64) int { return int(min(n, math.MaxInt)) }

func bounded(n *uint64) int {
	if n == nil {
		return math.MaxInt
	}
	return bound(*n)
}
