package server

import (
	"maps"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/labstack/echo/v4"

	"github.com/pinpost/pinpost/api"
	"github.com/pinpost/pinpost/server/internal/gen"
)

// TestAnswer_as_generated writes what the generated answers write.
func TestAnswer_as_generated(t *testing.T) {
	t.Parallel()
	application := api.Application{ApplicationID: "A", Name: "<b>é\u2028", Enabled: true, Configuration: api.Configuration{PinTimeToLive: 1}}
	sent := api.SmsPinResponse{To: "41793026727", PinID: "P", NcStatus: api.NcStatusNotConfigured, SmsStatus: api.SmsStatusSent}
	verified := api.VerifyPinResponse{PinID: "P", Msisdn: "41793026727", PinError: new(api.PinError("WRONG_PIN"))}
	generated := gen.SentOverSmsJSONResponse{Body: sent, Headers: gen.SentOverSmsResponseHeaders{IdempotencyReplayed: true}}
	for name, write := range map[string][2]func(w http.ResponseWriter) error{
		"getApplication": {
			(&answer[api.Application]{body: application}).VisitGetApplicationResponse,
			gen.GetApplication200JSONResponse{OneApplicationJSONResponse: gen.OneApplicationJSONResponse(application)}.VisitGetApplicationResponse,
		},
		"sendPinOverSms": {
			(&answer[api.SmsPinResponse]{body: sent, replayed: new(true)}).VisitSendPinOverSmsResponse,
			gen.SendPinOverSms200JSONResponse{SentOverSmsJSONResponse: generated}.VisitSendPinOverSmsResponse,
		},
		"resendPinOverSms": {
			(&answer[api.SmsPinResponse]{body: sent, replayed: new(true)}).VisitResendPinOverSmsResponse,
			gen.ResendPinOverSms200JSONResponse{SentOverSmsJSONResponse: generated}.VisitResendPinOverSmsResponse,
		},
		"verifyPin": {
			(&answer[api.VerifyPinResponse]{body: verified}).VisitVerifyPinResponse,
			gen.VerifyPin200JSONResponse(verified).VisitVerifyPinResponse,
		},
	} {
		var written [2]*httptest.ResponseRecorder
		for i := range written {
			written[i] = httptest.NewRecorder()
			if err := write[i](echo.NewResponse(written[i], echo.New())); err != nil {
				t.Fatal(err)
			}
		}
		got, want := written[0], written[1]
		if got.Code != want.Code || got.Body.String() != want.Body.String() || !maps.EqualFunc(got.Header(), want.Header(), equalValues) {
			t.Errorf("%s writes %d %v %s, want %d %v %s", name, got.Code, got.Header(), got.Body, want.Code, want.Header(), want.Body)
		}
	}
}

func equalValues(a, b []string) bool { return len(a) == 1 && len(b) == 1 && a[0] == b[0] }
