package client

import (
	"maps"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/pinpost/pinpost/api/spec"
)

// The list of operations is that of the contracts.
func TestOperationOf(t *testing.T) {
	t.Parallel()
	ours, err := spec.Load()
	if err != nil {
		t.Fatal(err)
	}
	sandboxes, err := spec.LoadSandbox()
	if err != nil {
		t.Fatal(err)
	}
	contract := spec.Operations(ours)
	maps.Copy(contract, spec.Operations(sandboxes))
	listed := 0
	for _, list := range operations {
		listed += len(list)
	}
	if listed != len(contract) {
		t.Errorf("%d operations, the contracts have %d", listed, len(contract))
	}
	for id, want := range contract {
		path := strings.NewReplacer("{", "%2F", "}", "..").Replace(want.Path)
		u, err := url.Parse(path + "?to=1")
		if err != nil {
			t.Fatal(err)
		}
		got := operationOf(want.Method, u)
		if got.id != id || got.path != want.Path {
			t.Errorf("%s %s: got %s %s, want %s %s", want.Method, path, got.id, got.path, id, want.Path)
		}
		if sends := strings.HasPrefix(id, "send") || strings.HasPrefix(id, "resend"); got.sent != sends {
			t.Errorf("%s: sends a message: %t, want %t", id, got.sent, sends)
		}
	}
	for _, path := range []string{"/", "/2fa/1", "/2fa/1/pin/x", "/2fa/2/pin", "/2fa/1/pin/", "/x"} {
		if got := operationOf(http.MethodPost, &url.URL{Path: path}); got.known() {
			t.Errorf("%s: got %s, want none", path, got.id)
		}
	}
}
