package client_test

import (
	"context"
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"net/http"
	"net/url"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/pinpost/pinpost/api/spec"
	"github.com/pinpost/pinpost/client"
	"github.com/pinpost/pinpost/client/internal/gen"
)

var callOptions = reflect.TypeFor[[]client.CallOption]()

// TestZeroValues calls each method with zero values of everything but ids: what is sent has the members that the contract
// requires, and no others, no query, and no header that was not asked for.
func TestZeroValues(t *testing.T) {
	t.Parallel()
	doc, err := spec.Load()
	if err != nil {
		t.Fatal(err)
	}
	operationIDs := spec.Operations(doc)
	for _, op := range operations {
		t.Run(op.name, func(t *testing.T) {
			t.Parallel()
			f := newFake(t, says(http.StatusNotFound, ""))
			method := reflect.ValueOf(newClient(t, f.URL)).MethodByName(op.name)
			if in := method.Type(); in.IsVariadic() != (class(op) == "send") || (in.IsVariadic() && in.In(in.NumIn()-1) != callOptions) {
				t.Errorf("takes %s; only sends take options", in)
			}
			method.Call(zeroArguments(t.Context(), method.Type()))
			got := f.only(t)
			u, err := url.Parse(got.uri)
			if err != nil || u.RawQuery != "" {
				t.Errorf("sent %s, error %v; want no query", got.uri, err)
			}
			for name := range got.header {
				if !slices.Contains([]string{
					"Accept", "Accept-Encoding", "Authorization", "Content-Length", "Content-Type", "Idempotency-Key", "User-Agent",
				}, name) {
					t.Errorf("sent %s: %q", name, got.header.Values(name))
				}
			}
			want := required(t, operationIDs, op)
			if members := membersOf(t, got.body); !slices.Equal(members, want) {
				t.Errorf("sent members %v, want the required ones %v", members, want)
			}
		})
	}
}

func zeroArguments(ctx context.Context, method reflect.Type) []reflect.Value {
	var in []reflect.Value
	for i := range method.NumIn() {
		switch kind := method.In(i); {
		case kind == reflect.TypeFor[context.Context]():
			in = append(in, reflect.ValueOf(ctx))
		case kind.Kind() == reflect.String:
			in = append(in, reflect.ValueOf("x"))
		case kind != callOptions:
			in = append(in, reflect.Zero(kind))
		}
	}
	return in
}

// required lists the members that the contract requires of a request's body.
func required(t *testing.T, contract map[string]spec.Operation, op operation) []string {
	t.Helper()
	path, _, _ := strings.Cut(op.path, "?")
	for _, known := range contract {
		template := strings.NewReplacer("{pinId}", pinID, "{applicationId}", appID, "{messageId}", msgID).Replace(known.Path)
		if known.Method != op.method || template != path {
			continue
		}
		if known.Spec.RequestBody == nil || !known.Spec.RequestBody.Value.Required {
			return nil
		}
		return slices.Sorted(slices.Values(known.Spec.RequestBody.Value.Content.Get("application/json").Schema.Value.Required))
	}
	t.Fatalf("%s %s is not in the contract", op.method, op.path)
	return nil
}

func membersOf(t *testing.T, body string) []string {
	t.Helper()
	if body == "" {
		return nil
	}
	var members map[string]any
	if err := json.Unmarshal([]byte(body), &members); err != nil {
		t.Errorf("sent %q: %v", body, err)
	}
	return slices.Sorted(maps.Keys(members))
}

// TestZeroTypes looks at every type that a request can have, and at those within: what is not required is a pointer that
// is left out.
func TestZeroTypes(t *testing.T) {
	t.Parallel()
	doc, err := spec.Load()
	if err != nil {
		t.Fatal(err)
	}
	seen := map[reflect.Type]bool{}
	var look func(reflect.Type)
	look = func(kind reflect.Type) {
		for kind.Kind() == reflect.Pointer || kind.Kind() == reflect.Slice {
			kind = kind.Elem()
		}
		if kind.Kind() != reflect.Struct || seen[kind] || !strings.HasSuffix(kind.PkgPath(), "/api") {
			return
		}
		seen[kind] = true
		var must []string
		if schema := doc.Components.Schemas[kind.Name()]; schema != nil {
			must = schema.Value.Required
		}
		for field := range kind.Fields() {
			tag, omit, _ := strings.Cut(field.Tag.Get("json"), ",")
			optional := field.Type.Kind() == reflect.Pointer && omit == "omitempty"
			if field.Type.Kind() == reflect.Map || optional == slices.Contains(must, tag) {
				t.Errorf("%s.%s %s is optional: %t, required: %v", kind, field.Name, field.Type, optional, must)
			}
			look(field.Type)
		}
		if text, err := json.Marshal(reflect.Zero(kind).Interface()); err != nil || len(membersOf(t, string(text))) != len(must) {
			t.Errorf("the zero %s is %s, error %v; want only %v", kind, text, err, must)
		}
	}
	for method := range reflect.TypeFor[gen.ClientInterface]().Methods() {
		for i := range method.Type.NumIn() {
			look(method.Type.In(i))
		}
	}
	if len(seen) < 10 {
		t.Errorf("looked at %d types only: %v", len(seen), seen)
	}
}

// TestExamples wants a runnable example of every method.
func TestExamples(t *testing.T) {
	t.Parallel()
	examples := map[string]bool{}
	files, err := fs.Glob(os.DirFS("."), "example*_test.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range files {
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.ParseComments)
		if err != nil {
			t.Fatal(err)
		}
		for _, declared := range file.Decls {
			example, ok := declared.(*ast.FuncDecl)
			if ok && slices.ContainsFunc(file.Comments, func(c *ast.CommentGroup) bool {
				return c.Pos() > example.Body.Pos() && c.End() < example.Body.End() && strings.HasPrefix(c.Text(), "Output:")
			}) {
				examples[example.Name.Name] = true
			}
		}
	}
	for _, op := range operations {
		if !examples["ExampleClient_"+op.name] {
			t.Errorf("%s has no example that runs", op.name)
		}
	}
}
