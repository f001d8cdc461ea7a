package record

import (
	"net/http"
	"strings"
)

// shape is how the requests of an operation look. Members and parameters are named with the kind of their values.
type shape struct {
	method, path string
	members      map[string]kind
	query        map[string]kind
}

// kind says what a value is, and so what stands for it in a case.
type kind int

const (
	aNumber  kind = iota + 1 // a phone number
	anID                     // of an application or message
	aText                    // that a company wrote
	aFlag                    // true or false
	aCount                   // a number
	aPinType                 // one of the contract's words
	aPin                     // what a person typed
	aConfiguration
)

var (
	sends    = map[string]kind{"to": aNumber, "applicationId": anID, "messageId": anID, "from": aText, "ncNeeded": aFlag}
	calls    = map[string]kind{"to": aNumber, "applicationId": anID, "messageId": anID, "from": aText}
	settings = map[string]kind{"name": aText, "enabled": aFlag, "configuration": aConfiguration}
	template = map[string]kind{
		"pinType": aPinType, "pinPlaceholder": aText, "messageText": aText, "pinLength": aCount, "sender": aText,
	}
	configuration = map[string]kind{
		"pinAttempts": aCount, "allowMultiplePinVerifications": aFlag, "pinTimeToLive": aCount,
		"verificationAttempts": aCount, "verificationIntervalLength": aCount,
		"initiationAttempts": aCount, "initiationIntervalLength": aCount,
		"overallInitiationAttempts": aCount, "overallInitiationIntervalLength": aCount,
	}
	lookup  = map[string]kind{"ncNeeded": aFlag}
	filters = map[string]kind{"msisdn": aNumber, "verified": aFlag, "sent": aFlag}
)

var shapes = map[string]shape{
	"sendPinOverSms":     {http.MethodPost, "/2fa/1/pin", sends, lookup},
	"sendPinOverVoice":   {http.MethodPost, "/2fa/1/pin/voice", calls, nil},
	"resendPinOverSms":   {http.MethodPost, "/2fa/1/pin/{pin}/resend", nil, nil},
	"resendPinOverVoice": {http.MethodPost, "/2fa/1/pin/{pin}/resend/voice", nil, nil},
	"verifyPin":          {http.MethodPost, "/2fa/1/pin/{pin}/verify", map[string]kind{"pin": aPin}, nil},
	"getPinStatus":       {http.MethodGet, "/2fa/1/pin/{pin}/status", nil, nil},
	"createApplication":  {http.MethodPost, "/2fa/1/applications", settings, nil},
	"listApplications":   {http.MethodGet, "/2fa/1/applications", nil, nil},
	"getApplication":     {http.MethodGet, "/2fa/1/applications/{application}", nil, nil},
	"updateApplication":  {http.MethodPut, "/2fa/1/applications/{application}", settings, nil},
	"createMessage":      {http.MethodPost, "/2fa/1/applications/{application}/messages", template, nil},
	"listMessages":       {http.MethodGet, "/2fa/1/applications/{application}/messages", nil, nil},
	"getMessage":         {http.MethodGet, "/2fa/1/applications/{application}/messages/{message}", nil, nil},
	"updateMessage":      {http.MethodPut, "/2fa/1/applications/{application}/messages/{message}", template, nil},
	"listVerifications":  {http.MethodGet, "/2fa/1/applications/{application}/verifications", nil, filters},
	"createApiKey":       {http.MethodPost, "/2fa/1/api-key", nil, nil},
}

// ids reads what a path names, by the names in the shape. The path is unescaped: an id with a slash fits no shape.
func (s shape) ids(path string) (map[string]string, bool) {
	want, got := strings.Split(s.path, "/"), strings.Split(strings.TrimSuffix(path, "/"), "/")
	if len(want) != len(got) {
		return nil, false
	}
	ids := map[string]string{}
	for i, segment := range want {
		switch name, is := strings.CutPrefix(segment, "{"); {
		case is && got[i] != "":
			ids[strings.TrimSuffix(name, "}")] = got[i]
		case is || segment != got[i]:
			return nil, false
		}
	}
	return ids, true
}
