package quick_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/pinpost/pinpost/api/spec"
	"github.com/pinpost/pinpost/internal/conform"
	"github.com/pinpost/pinpost/internal/quick"
)

// subject is one schema of a contract in one direction, its checker, and right bodies to begin with.
type subject struct {
	name    string
	schema  *openapi3.Schema
	as      quick.Direction
	checker *quick.Checker
	right   [][]byte
}

// slow is the present path. It is held to conform.Decode in both directions: answers are read by our clients with it.
func (s *subject) slow(body []byte) error {
	value, err := conform.Decode(body)
	if err != nil {
		return err
	}
	if s.as == quick.Request {
		return s.schema.VisitJSON(conform.LeaveOutNulls(value, s.schema), openapi3.MultiErrors(), openapi3.VisitAsRequest(),
			openapi3.DisableSchemaErrorDetails())
	}
	return s.schema.VisitJSON(value, openapi3.VisitAsResponse(), openapi3.DisableSchemaErrorDetails())
}

// subjects lists the schema of every body that the two contracts have, by name.
func subjects(t testing.TB) []*subject {
	t.Helper()
	var all []*subject
	for contract, load := range map[string]func() (*openapi3.T, error){"main": spec.Load, "sandbox": spec.LoadSandbox} {
		doc, err := load()
		if err != nil {
			t.Fatal(err)
		}
		found := map[string]*subject{}
		for id, op := range spec.Operations(doc) {
			if body := op.Spec.RequestBody; body != nil {
				add(t, found, contract+" request", body.Value.Content, quick.Request, cases(t, id, quick.Request))
			}
			for _, answer := range op.Spec.Responses.Map() {
				add(t, found, contract+" answer", answer.Value.Content, quick.Answer, cases(t, id, quick.Answer))
			}
		}
		all = slices.AppendSeq(all, maps.Values(found))
	}
	for _, s := range all {
		s.choose()
	}
	slices.SortFunc(all, func(a, b *subject) int { return bytes.Compare([]byte(a.name), []byte(b.name)) })
	return all
}

func add(t testing.TB, found map[string]*subject, name string, content openapi3.Content, as quick.Direction, more [][]byte) {
	t.Helper()
	media := content["application/json"]
	if media == nil {
		return
	}
	name += " " + filepath.Base(media.Schema.Ref)
	s := found[name]
	if s == nil {
		checker, err := quick.Compile(media.Schema, as)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		s = &subject{name: name, schema: media.Schema.Value, as: as, checker: checker}
		found[name] = s
	}
	for _, example := range media.Examples {
		body, err := json.Marshal(example.Value.Value)
		if err != nil {
			t.Fatal(err)
		}
		more = append(more, body)
	}
	s.right = append(s.right, more...)
}

// choose keeps the right ones of the bodies, each once, in one order.
func (s *subject) choose() {
	s.right = slices.DeleteFunc(s.right, func(body []byte) bool { return s.slow(body) != nil })
	slices.SortFunc(s.right, bytes.Compare)
	s.right = slices.CompactFunc(s.right, bytes.Equal)
}

// cases gives the bodies of api/testdata that an operation was asked or answered. Those of answers have stand-ins for ids.
func cases(t testing.TB, id string, as quick.Direction) [][]byte {
	t.Helper()
	files, err := filepath.Glob("../../api/testdata/" + id + "/*.json")
	if err != nil {
		t.Fatal(err)
	}
	var bodies [][]byte
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var c struct {
			Request, Response struct{ Body json.RawMessage }
		}
		if err := json.Unmarshal(text, &c); err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		body := c.Request.Body
		if as == quick.Answer {
			body = bytes.ReplaceAll(c.Response.Body, []byte(`"{{time}}"`), []byte("1700000000000"))
		}
		if len(body) > 0 {
			bodies = append(bodies, body)
		}
	}
	return bodies
}

// agrees fails when a checker accepts what the slow path refuses, and tells whether it accepted.
func (s *subject) agrees(body []byte) (accepted bool, err error) {
	if !s.checker.Accepts(body) {
		return false, nil
	}
	if err := s.slow(body); err != nil {
		return true, fmt.Errorf("%s: accepted, and refused by kin-openapi (%w): %q", s.name, err, body)
	}
	if !json.Valid(body) {
		return true, errors.New(s.name + ": accepted, and no JSON: " + string(body))
	}
	return true, nil
}
