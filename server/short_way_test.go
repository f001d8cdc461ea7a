//go:build !race

package server_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/pinpost/pinpost/internal/wire"
)

// TestShort_as_generated makes odd requests twice: as they are, and with a query, which leads them through the generated code.
func TestShort_as_generated(t *testing.T) {
	t.Parallel()
	house, key, _, _ := carried(t, func(s wire.Store) wire.Store { return s })
	answered := func(method, target, body string) string {
		r := httptest.NewRequestWithContext(t.Context(), method, target, strings.NewReader(body))
		r.Header.Set("Authorization", "App "+key)
		r.Header.Set("Content-Type", "application/json")
		if body == "" {
			r.Body, r.ContentLength = http.NoBody, 0
		}
		recorder := httptest.NewRecorder()
		house.Handler().ServeHTTP(recorder, r)
		return recorder.Result().Status + " " + recorder.Body.String()
	}
	ids := []string{"a,b", ",", "a;b=c", "%2C", "a%20b", "a%252Cb", "%C3%A9", "*", ".", "a+b", "%00", "%FF", "%22", strings.Repeat("a", 300)}
	requests := [][3]string{
		{http.MethodPost, "/2fa/1/pin", `{"to":"41","applicationId":"A","messageId":"M"}`},
		{http.MethodPost, "/2fa/1/pin", `{"to":"41793026727","applicationId":"<A>","messageId":"M","from":"\u0041","ncNeeded":null}`},
		{http.MethodPost, "/2fa/1/pin", `{"to":"41793026727","applicationId":"A","messageId":"M","APPLICATIONID":"B"}`},
		{http.MethodPost, "/2fa/1/pin", `{"to":41793026727,"applicationId":true,"messageId":"M"}`},
		{http.MethodPost, "/2fa/1/pin", `{"to":"41793026727","applicationId":"A","messageId":"M","from":"a sender that is far too long"}`},
	}
	for _, id := range ids {
		requests = append(requests, [3]string{http.MethodGet, "/2fa/1/applications/" + id, ""})
		for _, body := range []string{`{"pin":"1"}`, `{"pin":""}`, `{"PIN":"1"}`, `{"pin":"\u0031"}`, `{}`} {
			requests = append(requests, [3]string{http.MethodPost, "/2fa/1/pin/" + id + "/verify", body})
		}
		for _, body := range []string{``, `{}`, `null`, `{"a":1e999}`, `[]`} {
			requests = append(requests, [3]string{http.MethodPost, "/2fa/1/pin/" + id + "/resend", body})
		}
	}
	for _, each := range requests {
		short, long := answered(each[0], each[1], each[2]), answered(each[0], each[1]+"?long=1", each[2])
		if short != long {
			t.Errorf("%s: the short way answers %s, the other %s", each, short, long)
		}
	}
}
