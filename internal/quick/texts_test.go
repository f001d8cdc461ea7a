package quick_test

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"

	"github.com/pinpost/pinpost/api/spec"
	"github.com/pinpost/pinpost/internal/quick"
)

// scalar is the schema of a parameter or of a header of a contract.
type scalar struct {
	name    string
	input   *openapi3filter.RequestValidationInput
	value   *openapi3.Parameter
	checker *quick.Checker
}

func scalars(t testing.TB) []scalar {
	t.Helper()
	var all []scalar
	for _, load := range []func() (*openapi3.T, error){spec.Load, spec.LoadSandbox} {
		doc, err := load()
		if err != nil {
			t.Fatal(err)
		}
		named := map[string]*openapi3.SchemaRef{}
		for name, p := range doc.Components.Parameters {
			named["parameter "+name] = p.Value.Schema
		}
		for name, h := range doc.Components.Headers {
			named["header "+name] = h.Value.Schema
		}
		for name, schema := range named {
			checker, err := quick.Compile(schema, quick.Request)
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			all = append(all, scalar{
				name:    name,
				input:   &openapi3filter.RequestValidationInput{Request: &http.Request{Header: http.Header{}}, Route: &routers.Route{Spec: doc}},
				value:   &openapi3.Parameter{Name: "X", In: openapi3.ParameterInHeader, Schema: schema, Required: true},
				checker: checker,
			})
		}
	}
	slices.SortStableFunc(all, func(a, b scalar) int { return strings.Compare(a.name, b.name) })
	return all
}

// agrees fails when a checker accepts a text that kin-openapi refuses as the value of a header.
func (s *scalar) agrees(t *testing.T, text string) (accepted bool) {
	t.Helper()
	if !s.checker.AcceptsText(text) {
		return false
	}
	s.input.Request.Header["X"] = []string{text}
	if err := openapi3filter.ValidateParameter(t.Context(), s.input, s.value); err != nil {
		t.Errorf("%s: accepted, and refused by kin-openapi (%v): %q", s.name, err, text)
	}
	return true
}

// TestTextsAgainstKinOpenAPI puts texts together of pieces, for every parameter and header.
func TestTextsAgainstKinOpenAPI(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(1, 2))
	parts := append(strings.Fields("true false TRUE t 1 0 9 12 -1 +1 01 1.0 1e1 2147483647 2147483648 99999999999999999999 a A SMS VOICE x-y _ wait=1 9C817C6F8AF3D48F"), pieces...)
	for _, s := range scalars(t) {
		accepted := 0
		for range setting(t, "PINPOST_QUICK_BODIES", defaultBodies) / 4 {
			var text strings.Builder
			for range random.IntN(4) {
				text.WriteString(strings.Repeat(one(&mutator{random: random}, parts), 1+random.IntN(3)*random.IntN(3)))
			}
			if s.agrees(t, text.String()) {
				accepted++
			}
		}
		if accepted == 0 && s.checker.Scalar() && !strings.Contains(fmt.Sprint(s.value.Schema.Value.Pattern), "*") {
			t.Errorf("%s: nothing is accepted", s.name)
		}
	}
}

// FuzzQuickTexts lets Go's fuzzing look for the value of a header or parameter that is accepted, and refused by kin-openapi.
func FuzzQuickTexts(f *testing.F) {
	all := scalars(f)
	for i := range all {
		for _, text := range []string{"true", "17", "9C817C6F8AF3D48F9FE553282AFA2B67", "41793026727", "+1", "\xff", ""} {
			f.Add(byte(i), text)
		}
	}
	f.Fuzz(func(t *testing.T, which byte, text string) { all[int(which)%len(all)].agrees(t, text) })
}
