package spec_test

import (
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/pinpost/pinpost/api/spec"
)

func load(t *testing.T) *openapi3.T {
	t.Helper()
	doc, err := spec.Load()
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

// calls are the sixteen operations of version 1.
var calls = map[string]string{
	"sendPinOverSms":     "POST /2fa/1/pin",
	"sendPinOverVoice":   "POST /2fa/1/pin/voice",
	"resendPinOverSms":   "POST /2fa/1/pin/{pinId}/resend",
	"resendPinOverVoice": "POST /2fa/1/pin/{pinId}/resend/voice",
	"verifyPin":          "POST /2fa/1/pin/{pinId}/verify",
	"getPinStatus":       "GET /2fa/1/pin/{pinId}/status",
	"createApplication":  "POST /2fa/1/applications",
	"listApplications":   "GET /2fa/1/applications",
	"getApplication":     "GET /2fa/1/applications/{applicationId}",
	"updateApplication":  "PUT /2fa/1/applications/{applicationId}",
	"createMessage":      "POST /2fa/1/applications/{applicationId}/messages",
	"listMessages":       "GET /2fa/1/applications/{applicationId}/messages",
	"getMessage":         "GET /2fa/1/applications/{applicationId}/messages/{messageId}",
	"updateMessage":      "PUT /2fa/1/applications/{applicationId}/messages/{messageId}",
	"listVerifications":  "GET /2fa/1/applications/{applicationId}/verifications",
	"createApiKey":       "POST /2fa/1/api-key",
}

func TestOperations(t *testing.T) {
	t.Parallel()
	operations := spec.Operations(load(t))
	for id, call := range calls {
		if op := operations[id]; op.Method+" "+op.Path != call {
			t.Errorf("%s is %s %s, want %s", id, op.Method, op.Path, call)
		}
	}
	if len(operations) != len(calls) {
		t.Errorf("the contract has %d operations, want %d", len(operations), len(calls))
	}
}

// TestComplete wants of every operation what a reader and a generator need.
func TestComplete(t *testing.T) {
	t.Parallel()
	for id, op := range spec.Operations(load(t)) {
		if op.Spec.Summary == "" || op.Spec.Description == "" || len(op.Spec.Tags) != 1 || op.Spec.ExternalDocs == nil {
			t.Errorf("%s lacks a summary, a description, its one tag or its source page", id)
		}
		for _, status := range []string{"200", "400", "401", "500", "503"} {
			if op.Spec.Responses.Value(status) == nil {
				t.Errorf("%s does not list status %s", id, status)
			}
		}
		if strings.Contains(op.Path, "{") && op.Spec.Responses.Value("404") == nil {
			t.Errorf("%s has an id in its path and does not list status 404", id)
		}
		if op.Spec.Responses.Default() != nil {
			t.Errorf("%s has a default response, which would hide statuses that are not listed", id)
		}
		checkBody(t, id, op.Spec.RequestBody)
		for status, response := range op.Spec.Responses.Map() {
			checkResponse(t, id+" "+status, status, response.Value)
		}
	}
}

func checkBody(t *testing.T, id string, body *openapi3.RequestBodyRef) {
	t.Helper()
	if body == nil {
		return
	}
	media := body.Value.Content.Get("application/json")
	if len(media.Examples) == 0 || media.Schema.Ref == "" {
		t.Errorf("the body of %s has no example or no named schema", id)
	}
	closed(t, id, media.Schema.Value)
}

// closed wants requests to refuse members that are not declared, nested ones too.
func closed(t *testing.T, name string, s *openapi3.Schema) {
	t.Helper()
	if len(s.AllOf) == 1 { // a named object that may be null as well
		s = s.AllOf[0].Value
	}
	if has := s.AdditionalProperties.Has; has == nil || *has {
		t.Errorf("the request object of %s is open", name)
	}
	for member, property := range s.Properties {
		if property.Value.Type.Is(openapi3.TypeObject) {
			closed(t, name+"."+member, property.Value)
		}
	}
}

// requiredHeaders are those that answers of a status must have.
var requiredHeaders = map[string]string{"401": "WWW-Authenticate", "429": "Retry-After", "503": "Retry-After"}

func checkResponse(t *testing.T, name, status string, r *openapi3.Response) {
	t.Helper()
	media := r.Content.Get("application/json")
	if media == nil || len(media.Examples) == 0 || media.Schema.Ref == "" {
		t.Errorf("%s has no JSON, no example or no named schema", name)
		return
	}
	if status != "200" && !strings.HasSuffix(media.Schema.Ref, "/ErrorObject") {
		t.Errorf("%s answers %s, want the error object", name, media.Schema.Ref)
	}
	if header := requiredHeaders[status]; header != "" {
		if h := r.Headers[header]; h == nil || !h.Value.Required {
			t.Errorf("%s does not require the header %s", name, header)
		}
	}
}

// TestSchemas wants answers open, every member described, and every enum value explained and named.
func TestSchemas(t *testing.T) {
	t.Parallel()
	doc := load(t)
	for name, ref := range doc.Components.Schemas {
		s := ref.Value
		if s.Description == "" {
			t.Errorf("schema %s has no description", name)
		}
		for _, value := range s.Enum {
			if !strings.Contains(s.Description, "`"+value.(string)+"`: ") {
				t.Errorf("%s does not explain its value %s", name, value)
			}
		}
		if names, _ := s.Extensions["x-enum-varnames"].([]any); len(names) != len(s.Enum) {
			t.Errorf("%s has %d values and %d names for them", name, len(s.Enum), len(names))
		}
		for member, property := range s.Properties {
			if property.Ref == "" && property.Value.Description == "" && len(property.Value.AllOf) == 0 {
				t.Errorf("%s.%s has no description", name, member)
			}
		}
		if strings.HasSuffix(name, "Response") && s.AdditionalProperties.Has != nil {
			t.Errorf("%s is closed; answers may gain members", name)
		}
	}
	for name, want := range map[string]int{
		"NcStatus": 4, "SmsStatus": 2, "CallStatus": 11, "PinError": 3, "PinType": 4, "MessageStatus": 14, "ErrorKind": 7,
	} {
		if got := len(doc.Components.Schemas[name].Value.Enum); got != want {
			t.Errorf("%s has %d values, want %d", name, got, want)
		}
	}
}

// TestCredentials wants key and Basic on every operation, and Basic alone for creating a key.
func TestCredentials(t *testing.T) {
	t.Parallel()
	doc := load(t)
	if len(doc.Security) != 2 {
		t.Errorf("the contract has %d ways to authenticate, want 2", len(doc.Security))
	}
	for id, op := range spec.Operations(doc) {
		own := op.Spec.Security
		if id == "createApiKey" {
			if own == nil || len(*own) != 1 || (*own)[0]["Basic"] == nil {
				t.Errorf("createApiKey takes %v, want Basic alone", own)
			}
		} else if own != nil {
			t.Errorf("%s takes other credentials than the rest: %v", id, *own)
		}
	}
}

func TestClose(t *testing.T) {
	t.Parallel()
	doc := load(t)
	answer := func() error {
		return doc.Components.Schemas["VerifyPinResponse"].Value.VisitJSON(map[string]any{
			"pinId": "A", "msisdn": "41793026727", "verified": true, "attemptsRemaining": 0.0, "colour": "red",
		})
	}
	if err := answer(); err != nil {
		t.Errorf("an open answer with one more member: %v, want none", err)
	}
	spec.Close(doc)
	if err := answer(); err == nil {
		t.Error("a closed answer with one more member passes")
	}
	errors := map[string]any{"to": []any{"must not be empty"}}
	if err := doc.Components.Schemas["ValidationErrors"].Value.VisitJSON(errors); err != nil {
		t.Errorf("a map stays a map when schemas are closed: %v", err)
	}
}
