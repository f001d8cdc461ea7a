package server

import (
	"maps"
	"math"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strconv"
	"testing"

	"github.com/labstack/echo/v4"

	"github.com/pinpost/pinpost/api"
	"github.com/pinpost/pinpost/server/internal/gen"
)

// TestAnswer_as_generated writes what the generated answers write, whatever is in them.
func TestAnswer_as_generated(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"plain /", "", `"quoted" \`, "<b>&", "é\u2028", "\x00\n", "\x7f", "\xff"} {
		asGenerated(t, api.Application{ApplicationID: text}, api.SmsPinResponse{PinID: text}, api.VerifyPinResponse{PinID: text})
		var application api.Application
		var sent api.SmsPinResponse
		var verified api.VerifyPinResponse
		n := int64(0)
		for _, each := range []any{&application, &sent, &verified} {
			fill(reflect.ValueOf(each).Elem(), text, &n)
		}
		asGenerated(t, application, sent, verified)
	}
}

// fill gives each member a value of its own.
func fill(v reflect.Value, text string, n *int64) {
	*n++
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			fill(v.Field(i), text, n)
		}
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fill(v.Elem(), text, n)
	case reflect.String:
		v.SetString(text + strconv.FormatInt(*n, 10))
	case reflect.Bool:
		v.SetBool(*n%2 == 0)
	default:
		v.SetInt(math.MinInt32 + *n)
	}
}

func asGenerated(t *testing.T, application api.Application, sent api.SmsPinResponse, verified api.VerifyPinResponse) {
	t.Helper()
	generated := gen.SentOverSmsJSONResponse{Body: sent, Headers: gen.SentOverSmsResponseHeaders{IdempotencyReplayed: true}}
	for name, write := range map[string][2]func(w http.ResponseWriter) error{
		"getApplication": {
			applicationAnswer(application).VisitGetApplicationResponse,
			gen.GetApplication200JSONResponse{OneApplicationJSONResponse: gen.OneApplicationJSONResponse(application)}.VisitGetApplicationResponse,
		},
		"sendPinOverSms": {
			smsAnswer{sent, true}.VisitSendPinOverSmsResponse,
			gen.SendPinOverSms200JSONResponse{SentOverSmsJSONResponse: generated}.VisitSendPinOverSmsResponse,
		},
		"resendPinOverSms": {
			smsAnswer{sent, true}.VisitResendPinOverSmsResponse,
			gen.ResendPinOverSms200JSONResponse{SentOverSmsJSONResponse: generated}.VisitResendPinOverSmsResponse,
		},
		"verifyPin": {
			verifyAnswer(verified).VisitVerifyPinResponse,
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
