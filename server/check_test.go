package server_test

import (
	"encoding/json"
	"testing"

	"github.com/pinpost/pinpost/api"
)

// checkError wants the documented error object, and nothing else.
func checkError(t *testing.T, name string, status, wantStatus int, body []byte, wantKind string) api.ServiceException {
	t.Helper()
	var object api.ErrorObject
	if status != wantStatus {
		t.Errorf("%s: status %d, want %d; body %s", name, status, wantStatus, body)
	}
	if err := json.Unmarshal(body, &object); err != nil {
		t.Errorf("%s: body %q is not the error object: %v", name, body, err)
	}
	exception := object.RequestError.ServiceException
	if string(exception.MessageID) != wantKind || exception.Text == "" {
		t.Errorf("%s: error object %s, want %s with a text", name, body, wantKind)
	}
	return exception
}
