package smshttp_test

import (
	"encoding/pem"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/pinpost/pinpost/internal/delivery"
	"github.com/pinpost/pinpost/internal/delivery/smshttp/smshttptest"
)

func TestSend_TLS(t *testing.T) {
	t.Parallel()
	server := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(http.StatusAccepted)
	}))
	server.Config.ErrorLog = nil
	t.Cleanup(server.Close)
	ca := filepath.Join(t.TempDir(), "ca.pem")
	block := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw})
	if err := os.WriteFile(ca, block, 0o600); err != nil {
		t.Fatal(err)
	}
	wrongName := strings.Replace(server.URL, "127.0.0.1", "localhost", 1)
	tests := map[string]struct {
		o    options
		code string
	}{
		"unknown authority": {options{address: server.URL}, "TLS"},
		"wrong name":        {options{address: wrongName, ca: ca}, "TLS"},
		"no TLS there":      {options{address: "https" + strings.TrimPrefix(kannelURL(t), "http")}, "TLS"},
		"private address":   {options{address: server.URL, ca: ca, strict: true}, "address not allowed"},
		"right":             {options{address: server.URL, ca: ca}, ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tt.o.noReceipts = true
			_, err := setup(t, kinds[0], tt.o).Send(t.Context(), text("00"))
			refused, _ := errors.AsType[*delivery.Error](err)
			switch {
			case tt.code == "" && err != nil:
				t.Errorf("got %v, want taken", err)
			case tt.code != "" && (refused == nil || refused.Class != delivery.LinkDown || refused.Code != tt.code):
				t.Errorf("got %v, want link down for %s", err, tt.code)
			}
		})
	}
}

func kannelURL(t *testing.T) string {
	g := smshttptest.Kannel(user, password)
	t.Cleanup(g.Close)
	return g.URL
}

func TestSend_answers_that_no_gateway_should_give(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		answer http.HandlerFunc
		class  delivery.Class
	}{
		"redirect": {func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "/elsewhere", http.StatusFound)
		}, delivery.LinkDown},
		"too long": {func(w http.ResponseWriter, _ *http.Request) {
			_, _ = io.WriteString(w, `{"sid": "SM1", "pad": "`+strings.Repeat("x", 300<<10)+`"}`)
		}, delivery.Ambiguous},
		"breaks off": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "100")
			_, _ = io.WriteString(w, `{"sid": "SM1"}`)
			panic(http.ErrAbortHandler)
		}, delivery.Ambiguous},
		"no id":         {func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, `{}`) }, delivery.Ambiguous},
		"list":          {func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, `[]`) }, delivery.Ambiguous},
		"teapot":        {func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusTeapot) }, delivery.Rejected},
		"not found":     {func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNotFound) }, delivery.LinkDown},
		"empty timeout": {func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusGatewayTimeout) }, delivery.Ambiguous},
		"odd failure":   {func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(599) }, delivery.Temporary},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			asked := make(chan string, 100)
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				asked <- r.URL.Path
				tt.answer(w, r)
			}))
			t.Cleanup(server.Close)
			for _, k := range kinds[1:3] {
				w := setup(t, k, options{address: server.URL, noReceipts: true})
				if _, err := w.Send(t.Context(), text("00")); delivery.ClassOf(err) != tt.class || err == nil {
					t.Errorf("%s: got %v, want class %d", k.name, err, tt.class)
				}
			}
			if got := len(asked); got != 2 {
				t.Errorf("the server was asked %d times, want 2", got)
			}
		})
	}
}
