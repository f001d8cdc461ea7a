package client

import (
	"net/http"
	"net/url"
	"strings"
)

// operation is one of a contract.
type operation struct {
	id   string
	path string // its template
	sent bool   // it sends a message, which an idempotency key keeps from going out twice
}

// operations are those of the contract, and those of the sandbox's. Where two paths fit, the first counts.
var operations = map[string][]operation{
	http.MethodGet: {
		{id: "getPinStatus", path: "/2fa/1/pin/{pinId}/status"},
		{id: "listApplications", path: "/2fa/1/applications"},
		{id: "getApplication", path: "/2fa/1/applications/{applicationId}"},
		{id: "listMessages", path: "/2fa/1/applications/{applicationId}/messages"},
		{id: "getMessage", path: "/2fa/1/applications/{applicationId}/messages/{messageId}"},
		{id: "listVerifications", path: "/2fa/1/applications/{applicationId}/verifications"},
		{id: "listCapturedMessages", path: "/sandbox/inbox"},
		{id: "waitForCapturedMessage", path: "/sandbox/inbox/wait"},
		{id: "streamCapturedMessages", path: "/sandbox/inbox/events"},
		{id: "getCapturedMessage", path: "/sandbox/inbox/{id}"},
		{id: "getCapturedAudio", path: "/sandbox/inbox/{id}/audio"},
		{id: "listScenarios", path: "/sandbox/scenarios"},
		{id: "listFaults", path: "/sandbox/faults"},
		{id: "getClock", path: "/sandbox/clock"},
		{id: "listWorlds", path: "/sandbox/worlds"},
		{id: "dumpSeed", path: "/sandbox/seed"},
	},
	http.MethodPost: {
		{id: "sendPinOverSms", path: "/2fa/1/pin", sent: true},
		{id: "sendPinOverVoice", path: "/2fa/1/pin/voice", sent: true},
		{id: "resendPinOverSms", path: "/2fa/1/pin/{pinId}/resend", sent: true},
		{id: "resendPinOverVoice", path: "/2fa/1/pin/{pinId}/resend/voice", sent: true},
		{id: "verifyPin", path: "/2fa/1/pin/{pinId}/verify"},
		{id: "createApplication", path: "/2fa/1/applications"},
		{id: "createMessage", path: "/2fa/1/applications/{applicationId}/messages"},
		{id: "createApiKey", path: "/2fa/1/api-key"},
		{id: "createFault", path: "/sandbox/faults"},
		{id: "moveClock", path: "/sandbox/clock"},
		{id: "createWorld", path: "/sandbox/worlds"},
		{id: "resetWorld", path: "/sandbox/reset"},
		{id: "loadSeed", path: "/sandbox/seed"},
	},
	http.MethodPut: {
		{id: "updateApplication", path: "/2fa/1/applications/{applicationId}"},
		{id: "updateMessage", path: "/2fa/1/applications/{applicationId}/messages/{messageId}"},
	},
	http.MethodDelete: {
		{id: "drainCapturedMessages", path: "/sandbox/inbox"},
		{id: "deleteCapturedMessage", path: "/sandbox/inbox/{id}"},
		{id: "deleteFaults", path: "/sandbox/faults"},
		{id: "deleteFault", path: "/sandbox/faults/{id}"},
		{id: "deleteWorld", path: "/sandbox/worlds/{worldId}"},
	},
}

// operationOf gives the operation that a path of the server is, the zero value for one that no contract has.
func operationOf(method string, path *url.URL) operation {
	got := strings.Split(path.EscapedPath(), "/")
	for _, op := range operations[method] {
		if fits(got, strings.Split(op.path, "/")) {
			return op
		}
	}
	return operation{}
}

func fits(got, template []string) bool {
	if len(got) != len(template) {
		return false
	}
	for i, segment := range template {
		if got[i] != segment && !strings.HasPrefix(segment, "{") {
			return false
		}
	}
	return true
}

func (o operation) known() bool { return o.id != "" }
