package lookup_test

import (
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/pinpost/pinpost/internal/delivery"
	"github.com/pinpost/pinpost/internal/delivery/lookup"
)

const key = "k3y-canary"

func TestHLR_request(t *testing.T) {
	t.Parallel()
	seen := make(chan string, 1)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		seen <- strings.Join([]string{r.Method, r.RequestURI, r.Header.Get("Authorization"), r.Header.Get("Content-Type"), string(body)}, " | ")
		_, _ = io.WriteString(w, `{"results":[{"status":"ACTIVE","net":{"mcc":"228","mnc":"01"}}]}`)
	}))
	t.Cleanup(server.Close)
	h, err := lookup.NewHLR(lookup.HLRConfig{
		URL: server.URL + "/v1/{{.Number}}?of={{url .Plus}}", Body: `{"msisdn":{{json .Plus}}}`,
		Headers: map[string]string{"Authorization": `Bearer {{secret "key"}}`}, Secrets: map[string]delivery.Secret{"key": key},
		Status: "/results/0/status", MCC: "/results/0/net/mcc", MNC: "/results/0/net/mnc",
	}, nil)
	if err != nil {
		t.Fatal(err)
	}
	got, err := h.Lookup(t.Context(), number)
	want := delivery.NumberInfo{Reach: delivery.Reachable, Source: "hlr", Network: "22801"}
	if err != nil || got != want {
		t.Errorf("Lookup = %+v, %v, want %+v", got, err, want)
	}
	line := `POST | /v1/41793026727?of=%2B41793026727 | Bearer ` + key + ` | application/json | {"msisdn":"+41793026727"}`
	if got := <-seen; got != line {
		t.Errorf("the service got %s, want %s", got, line)
	}
}

func TestHLR_answers(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		code    int
		body    string
		reach   delivery.Reach
		network string
		fault   string
	}{
		"reachable":                  {200, `{"s":"active","n":"228-01"}`, delivery.Reachable, "22801", ""},
		"a number for a status":      {200, `{"s":7,"n":310410}`, delivery.NotReachable, "310410", ""},
		"the phone is off":           {200, `{"s":"Absent"}`, delivery.ReachUnknown, "", ""},
		"a status nobody named":      {200, `{"s":"roaming"}`, delivery.ReachUnknown, "", ""},
		"a network that is a name":   {201, `{"s":"active","n":"Swisscom"}`, delivery.Reachable, "", ""},
		"a truth value for a status": {200, `{"s":true}`, delivery.Reachable, "", ""},
		"an HTTP status with a word": {404, `no such number`, delivery.NotReachable, "", ""},
		"an HTTP status without":     {503, `{"s":"active"}`, delivery.ReachUnknown, "", "HTTP status 503"},
		"no status":                  {200, `{"state":"active"}`, delivery.ReachUnknown, "", "no status at /s"},
		"a status that is a list":    {200, `{"s":[]}`, delivery.ReachUnknown, "", "no status at /s"},
		"no JSON":                    {200, `<html>41793026727`, delivery.ReachUnknown, "", "not JSON"},
		"too much":                   {200, `{"s":"active","x":"` + strings.Repeat("x", 2000) + `"}`, delivery.ReachUnknown, "", "max_response"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				w.WriteHeader(tt.code)
				_, _ = io.WriteString(w, tt.body)
			}))
			t.Cleanup(server.Close)
			h, err := lookup.NewHLR(lookup.HLRConfig{
				URL: server.URL + "/{{.Number}}", Status: "/s", Network: "/n", MaxResponse: 1000,
				Statuses:     map[string]string{"Active": "reachable", "7": "not_reachable", "absent": "unknown", "true": "reachable"},
				HTTPStatuses: map[int]string{404: "not_reachable"},
			}, nil)
			if err != nil {
				t.Fatal(err)
			}
			got, err := h.Lookup(t.Context(), number)
			want := delivery.NumberInfo{Reach: tt.reach, Source: "hlr", Network: tt.network}
			if got != want || (err != nil) != (tt.fault != "") || err != nil && !strings.Contains(err.Error(), tt.fault) {
				t.Errorf("Lookup = %+v, %v, want %+v and fault %q", got, err, want, tt.fault)
			}
			if err != nil && strings.Contains(err.Error(), number.Digits()) {
				t.Errorf("the error shows the number: %v", err)
			}
		})
	}
}

func TestHLR_redirects(t *testing.T) {
	t.Parallel()
	other := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		t.Error("another host is asked, with the number")
	}))
	t.Cleanup(other.Close)
	mux := http.NewServeMux()
	mux.Handle("/here/", http.RedirectHandler("/there", http.StatusFound))
	mux.Handle("/away/", http.RedirectHandler(other.URL+"/41793026727?key="+key, http.StatusFound))
	mux.Handle("/round/", http.RedirectHandler("/round/", http.StatusFound))
	mux.HandleFunc("/there", func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, `{"status":"active"}`) })
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	for path, want := range map[string]delivery.Reach{"here": delivery.Reachable, "away": delivery.ReachUnknown, "round": delivery.ReachUnknown} {
		h, err := lookup.NewHLR(lookup.HLRConfig{URL: server.URL + "/" + path + "/{{.Number}}", Status: "/status"}, nil)
		if err != nil {
			t.Fatal(err)
		}
		got, err := h.Lookup(t.Context(), number)
		if got.Reach != want || (err == nil) != (want == delivery.Reachable) {
			t.Errorf("/%s: Lookup = %v, %v, want %v", path, got.Reach, err, want)
		}
		if err != nil && (strings.Contains(err.Error(), number.Digits()) || strings.Contains(err.Error(), key)) {
			t.Errorf("/%s: the error shows the number or the key: %v", path, err)
		}
	}
}

func TestSecret_stays_hidden_when_printed(t *testing.T) {
	t.Parallel()
	cfg := lookup.HLRConfig{Secrets: map[string]delivery.Secret{"key": key}}
	var log strings.Builder
	slog.New(slog.NewTextHandler(&log, nil)).Info("x", "cfg", cfg, "secret", cfg.Secrets["key"])
	document, err := json.Marshal(cfg)
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{fmt.Sprint(cfg), fmt.Sprintf("%v %+v %#v %s", cfg, cfg, cfg, cfg.Secrets["key"]), log.String(), string(document)} {
		if strings.Contains(text, key) {
			t.Errorf("the secret is in %s", text)
		}
	}
}
