// Package spec gives the parsed contract: to validators, to tests, and to pages that show it.
package spec

import (
	"context"
	"fmt"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/goccy/go-yaml"

	"github.com/pinpost/pinpost"
	"github.com/pinpost/pinpost/api/sandbox"
)

// Load parses openapi.yaml and checks it whole: schemas, examples, defaults and patterns.
func Load() (*openapi3.T, error) { return load(pinpost.OpenAPI, "openapi.yaml") }

// LoadSandbox does the same with the sandbox's own contract.
func LoadSandbox() (*openapi3.T, error) { return load(sandbox.OpenAPI, "api/sandbox/openapi.yaml") }

func load(text []byte, name string) (*openapi3.T, error) {
	doc, err := openapi3.NewLoader().LoadFromData(text)
	if err != nil {
		return nil, fmt.Errorf("parse %s: %w", name, err)
	}
	if err := doc.Validate(context.Background(), openapi3.EnableMultiError()); err != nil {
		return nil, fmt.Errorf("check %s: %w", name, err)
	}
	return doc, nil
}

// JSON gives the text of a contract as JSON, its members in the order they are written in.
func JSON(text []byte) ([]byte, error) {
	out, err := yaml.YAMLToJSON(text)
	if err != nil {
		return nil, fmt.Errorf("turn contract into JSON: %w", err)
	}
	return out, nil
}

// Close makes every object schema refuse members it does not declare. With a closed copy, a test sees an answer that says
// more than the contract. A schema that declares additional members keeps them.
func Close(doc *openapi3.T) {
	no := false
	for _, ref := range doc.Components.Schemas {
		s := ref.Value
		if s.Type.Is(openapi3.TypeObject) && s.AdditionalProperties.Schema == nil {
			s.AdditionalProperties.Has = &no
		}
	}
}

// Operation is one operation of the contract and where it stands.
type Operation struct {
	ID     string
	Method string
	Path   string // as in the contract: /2fa/1/pin/{pinId}/resend
	Spec   *openapi3.Operation
	Item   *openapi3.PathItem
}

// Operations lists every operation by its operationId.
func Operations(doc *openapi3.T) map[string]Operation {
	operations := map[string]Operation{}
	for path, item := range doc.Paths.Map() {
		for method, op := range item.Operations() {
			operations[op.OperationID] = Operation{op.OperationID, method, path, op, item}
		}
	}
	return operations
}
