// Package quick accepts right bodies at little cost. A Checker is compiled from one of kin-openapi's loaded schemas and reads
// the raw bytes of a body once. It may only accept: what it does not accept may still be right, and is for kin-openapi to
// decide and to word. Wherever being exact would cost more than it brings (an escape in a member's name, an integer
// written 1e1) it leaves the body to kin-openapi.
package quick

import "github.com/getkin/kin-openapi/openapi3"

// Direction says which way a body goes: what is read-only, write-only or null means other things in requests than in answers.
type Direction int

// The ways that a body can go.
const (
	Request Direction = iota // optional members that are null count as left out
	Answer
)

// Checker accepts bodies that fit one schema. Several goroutines may use it at once.
type Checker struct{ root *node }

// Compile makes a checker of a schema. It fails with an error that names the keyword it does not know, and where that stands.
func Compile(schema *openapi3.SchemaRef, as Direction) (*Checker, error) {
	c := compiler{as: as, made: map[made]*node{}}
	root, err := c.schema(schema, "schema", as == Request)
	if err != nil {
		return nil, err
	}
	return &Checker{root}, nil
}

// Accepts tells that a body is one JSON value, decodable as strictly as conform.Decode does it, that fits the schema. False
// says nothing: the slow path decides. The value null is never accepted, because it is like no body at all.
func (c *Checker) Accepts(body []byte) bool {
	r := reader{body: body}
	r.space()
	if r.next() == 'n' || !r.value(c.root) {
		return false
	}
	r.space()
	return r.at == len(body)
}

// AcceptsText tells that the value of a header or of a parameter, as it stands there without quotes, fits a schema of strings,
// booleans or integers. False says nothing, as with Accepts.
func (c *Checker) AcceptsText(text string) bool {
	n := c.root
	switch {
	case len(n.all) > 0 || text == "":
		return false
	case n.kinds == aString:
		return n.plain(text)
	case n.kinds == aBoolean:
		return text == "true" || text == "false"
	case n.kinds == anInteger:
		r := reader{body: []byte(text)}
		return text[0] != '-' && r.number(n) && r.at == len(text)
	}
	return false
}

// Scalar tells that the schema is of strings, booleans or integers alone, so that AcceptsText has something to say.
func (c *Checker) Scalar() bool {
	return c.root.kinds == aString || c.root.kinds == aBoolean || c.root.kinds == anInteger
}
