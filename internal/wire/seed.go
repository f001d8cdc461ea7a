package wire

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"unicode/utf8"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/goccy/go-yaml"

	wiredoc "github.com/pinpost/pinpost/api/sandbox"
	"github.com/pinpost/pinpost/api/spec"
	"github.com/pinpost/pinpost/internal/conform"
	"github.com/pinpost/pinpost/internal/fault"
	"github.com/pinpost/pinpost/internal/world"
	"github.com/pinpost/pinpost/server"
)

// seedContract is what a seed is checked against: a constant that takes time to make.
var seedContract = sync.OnceValues(spec.LoadSandbox)

// ParseSeed reads a seed in the form that GET /sandbox/seed answers, as YAML or JSON. An error names everything that is
// wrong with it by its place.
func ParseSeed(text []byte) (world.Seed, error) {
	value, err := seedValue(text)
	if err != nil {
		return world.Seed{}, err
	}
	contract, err := seedContract()
	if err != nil {
		return world.Seed{}, err
	}
	err = contract.Components.Schemas["Seed"].Value.VisitJSON(value, openapi3.MultiErrors(), openapi3.DisableSchemaErrorDetails())
	if err != nil {
		faults := fault.Members{}
		conform.WordSchemaErrors(err, faults)
		return world.Seed{}, listed(faults)
	}
	encoded, err := json.Marshal(value)
	if err != nil {
		return world.Seed{}, err
	}
	var seed wiredoc.Seed
	err = json.Unmarshal(encoded, &seed)
	return server.FromWireSeed(seed), err
}

// LoadSeed keeps a seed in an account's own world. A sandbox alone takes one.
func (h *House) LoadSeed(ctx context.Context, accountID string, seed world.Seed) error {
	if h.worlds == nil {
		return errors.New("production takes no seed")
	}
	err := h.worlds.Load(ctx, accountID, seed)
	if f, ok := errors.AsType[*fault.Error](err); ok && len(f.Members) > 0 {
		return listed(f.Members)
	}
	return err
}

// mostListed is how many faults of a seed are listed; one mistake may be made a thousand times.
const mostListed = 20

// listed makes one error of what is wrong, a line for each place.
func listed(faults fault.Members) error {
	var lines []string
	for member, texts := range faults {
		lines = append(lines, member+" "+strings.Join(texts, ", "))
	}
	slices.Sort(lines)
	if more := len(lines) - mostListed; more > 0 {
		lines = append(lines[:mostListed:mostListed], fmt.Sprintf("and %d more", more))
	}
	return errors.New(strings.Join(lines, "\n"))
}

// seedValue decodes one document of YAML, which JSON is too, into what JSON has.
func seedValue(text []byte) (any, error) {
	if !utf8.Valid(text) {
		return nil, errors.New("is not UTF-8")
	}
	decoder := yaml.NewDecoder(bytes.NewReader(text))
	var document, another any
	switch err := decoder.Decode(&document); {
	case errors.Is(err, io.EOF), err == nil && document == nil:
		return nil, errors.New("is empty; without any application it reads: applications: []")
	case err != nil:
		return nil, err // shows the line
	}
	if err := decoder.Decode(&another); !errors.Is(err, io.EOF) {
		return nil, errors.New("has more than one document")
	}
	encoded, err := json.Marshal(document)
	if err != nil {
		return nil, fmt.Errorf("has something that JSON has not: %w", err)
	}
	var value any
	decodeJSON := json.NewDecoder(bytes.NewReader(encoded))
	decodeJSON.UseNumber()
	return value, decodeJSON.Decode(&value)
}
