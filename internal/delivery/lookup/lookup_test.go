package lookup_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pinpost/pinpost/internal/delivery"
	"github.com/pinpost/pinpost/internal/delivery/lookup"
	"github.com/pinpost/pinpost/internal/phone"
)

const (
	number  = phone.Number("41793026727")
	invalid = phone.Number("41123456789") // Switzerland has given out no 12
)

// answering is an HLR service that gives the status that it is told, and counts.
func answering(t *testing.T, status *atomic.Value, asked *atomic.Int32) *lookup.HLRConfig {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		asked.Add(1)
		_, _ = w.Write([]byte(`{"status":"` + status.Load().(string) + `","network":"22801"}`))
	}))
	t.Cleanup(server.Close)
	return &lookup.HLRConfig{URL: server.URL + "/{{.Number}}", Status: "/status", Network: "/network"}
}

func TestChain_weighs_its_sources(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		to      phone.Number
		entry   string // of the number in the DNS; none when it is empty
		status  string // of the HLR service
		reach   delivery.Reach
		source  string
		network string
		asked   int32
	}{
		"nobody knows":                     {number, "", "absent", delivery.ReachUnknown, lookup.Name, "22801", 1},
		"an invalid number asks no more":   {invalid, "", "active", delivery.NotReachable, "offline", "", 0},
		"an unused number asks no more":    {number, unused, "active", delivery.NotReachable, "enum", "", 0},
		"an entry proves existence":        {number, ported, "absent", delivery.Reachable, "enum", "22801", 1},
		"the HLR knows more than an entry": {number, ported, "unknown_subscriber", delivery.NotReachable, "hlr", "22801", 1},
		"the HLR alone knows":              {number, "", "Active", delivery.Reachable, "hlr", "22801", 1},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var status atomic.Value
			status.Store(tt.status)
			var asked atomic.Int32
			zone := map[string][]string{}
			if tt.entry != "" {
				zone[name41] = []string{tt.entry}
			}
			now := time.Date(2026, 11, 21, 0, 0, 0, 0, time.UTC)
			c, err := lookup.New(lookup.Config{
				Offline: true, HLR: answering(t, &status, &asked), Timeout: 2 * time.Second,
				ENUM: &lookup.ENUMConfig{Suffix: "e164.test", Resolvers: []string{serve(t, zone)}, Timeout: 2 * time.Second},
			}, lookup.Deps{Now: func() time.Time { return now }, Log: silence()})
			if err != nil {
				t.Fatal(err)
			}
			want := delivery.NumberInfo{Reach: tt.reach, Source: tt.source, Network: tt.network, At: now}
			if got, err := c.Lookup(t.Context(), tt.to); err != nil || got != want || asked.Load() != tt.asked {
				t.Errorf("Lookup = %+v, %v after %d requests, want %+v after %d", got, err, asked.Load(), want, tt.asked)
			}
		})
	}
}

func TestChain_keeps_what_is_sure_for_ten_minutes(t *testing.T) {
	t.Parallel()
	var status atomic.Value
	var asked atomic.Int32
	now := time.Date(2026, 11, 21, 0, 0, 0, 0, time.UTC)
	c, err := lookup.New(lookup.Config{HLR: answering(t, &status, &asked), CacheSize: 1}, lookup.Deps{Now: func() time.Time { return now }, Log: silence()})
	if err != nil {
		t.Fatal(err)
	}
	steps := []struct {
		to     phone.Number
		status string
		after  time.Duration
		reach  delivery.Reach
		asked  int32
	}{
		{number, "absent", 0, delivery.ReachUnknown, 1},
		{number, "active", 0, delivery.Reachable, 2}, // what is not known is not kept
		{number, "invalid", 10*time.Minute - 1, delivery.Reachable, 2},
		{number, "invalid", 1, delivery.NotReachable, 3},
		{number, "active", time.Minute, delivery.NotReachable, 3},
		{"41793026728", "active", 0, delivery.Reachable, 4}, // there is room for one
		{number, "active", 0, delivery.Reachable, 5},
	}
	for i, step := range steps {
		status.Store(step.status)
		now = now.Add(step.after)
		got, err := c.Lookup(t.Context(), step.to)
		if err != nil || got.Reach != step.reach || asked.Load() != step.asked {
			t.Errorf("step %d: Lookup = %v, %v after %d requests, want %v after %d", i, got.Reach, err, asked.Load(), step.reach, step.asked)
		}
	}
}

func silence() *slog.Logger { return slog.New(slog.DiscardHandler) }

func TestChain_tells_of_a_source_in_trouble(t *testing.T) {
	t.Parallel()
	var status atomic.Value
	status.Store("active")
	var log bytes.Buffer
	now := time.Date(2026, 11, 21, 0, 0, 0, 0, time.UTC)
	c, err := lookup.New(lookup.Config{
		HLR:  answering(t, &status, new(atomic.Int32)),
		ENUM: &lookup.ENUMConfig{Suffix: "e164.test", Resolvers: []string{serve(t, map[string][]string{name41: {"SERVFAIL"}})}, Timeout: 2 * time.Second},
	}, lookup.Deps{Now: func() time.Time { return now }, Log: slog.New(slog.NewTextHandler(&log, nil))})
	if err != nil {
		t.Fatal(err)
	}
	for i, lines := range []int{1, 1, 2} {
		if got, err := c.Lookup(t.Context(), number); err != nil || got.Reach != delivery.Reachable || got.Source != "hlr" {
			t.Errorf("Lookup = %+v, %v, want what the other source says", got, err)
		}
		if got := strings.Count(log.String(), "SERVFAIL"); got != lines || strings.Contains(log.String(), number.Digits()) {
			t.Errorf("after lookup %d the log says %q, want %d lines with the fault and without the number", i, &log, lines)
		}
		now = now.Add(30 * time.Minute * time.Duration(i))
	}
}

// silent is a transport that never answers.
type silent struct{}

func (silent) RoundTrip(r *http.Request) (*http.Response, error) {
	<-r.Context().Done()
	return nil, r.Context().Err()
}

func TestChain_takes_two_seconds_at_most(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c, err := lookup.New(lookup.Config{
			Offline: true, HLR: &lookup.HLRConfig{URL: "https://hlr.example.com/{{.Number}}", Status: "/status"},
		}, lookup.Deps{Now: time.Now, Log: silence(), Transport: silent{}})
		if err != nil {
			t.Fatal(err)
		}
		start := time.Now()
		info, err := c.Lookup(t.Context(), number)
		if took := time.Since(start); took != 2*time.Second || info.Reach != delivery.ReachUnknown || !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("Lookup = %v, %v after %v, want unknown and a deadline after 2s", info.Reach, err, took)
		}
		if err != nil && strings.Contains(err.Error(), number.Digits()) {
			t.Errorf("the error shows the number: %v", err)
		}
	})
}

func TestNew_lists_every_fault(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		cfg   lookup.Config
		wants []string
	}{
		"nothing to ask": {lookup.Config{Timeout: time.Minute, CacheSize: -1}, []string{"one of offline, enum and hlr", "timeout", "cache_size", "a clock and a log"}},
		"ENUM": {
			lookup.Config{ENUM: &lookup.ENUMConfig{Suffix: "a..b", Timeout: -1, Networks: map[string]string{"98": "swisscom"}}},
			[]string{"suffix", "timeout", "resolvers", `"swisscom"`},
		},
		"resolvers": {lookup.Config{ENUM: &lookup.ENUMConfig{Resolvers: []string{"127.0.0.1:", ""}}}, []string{`resolver "127.0.0.1:"`, `resolver ":53"`}},
		"HLR": {
			lookup.Config{HLR: &lookup.HLRConfig{
				Network: "network", Statuses: map[string]string{"x": "maybe"}, HTTPStatuses: map[int]string{404: "no"}, MaxResponse: -1,
			}},
			[]string{"url must be set", "status must be set", "network must be a JSON pointer", "statuses: x", "http_statuses: 404", "max_response"},
		},
		"templates": {
			lookup.Config{HLR: &lookup.HLRConfig{URL: "https://a/{{.Number", Body: "{{nosuch .Number}}", Headers: map[string]string{"A": "{{"}, Status: "/s"}},
			[]string{"url", "nosuch", "header A"},
		},
		"a secret that is not there":  {lookup.Config{HLR: &lookup.HLRConfig{URL: `https://a/{{secret "key"}}`, Status: "/s"}}, []string{`no secret "key"`}},
		"a field that is not there":   {lookup.Config{HLR: &lookup.HLRConfig{URL: `https://a/{{.PIN}}`, Status: "/s"}}, []string{"PIN"}},
		"an address of another kind":  {lookup.Config{HLR: &lookup.HLRConfig{URL: `ftp://a/{{.Number}}`, Status: "/s"}}, []string{"https://"}},
		"an address without its host": {lookup.Config{HLR: &lookup.HLRConfig{URL: `/{{.Number}}`, Status: "/s"}}, []string{"https://"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := lookup.New(tt.cfg, lookup.Deps{})
			for _, want := range tt.wants {
				if err == nil || !strings.Contains(err.Error(), want) {
					t.Errorf("New = %v, want a word on %s", err, want)
				}
			}
		})
	}
}

func TestOffline(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		to    phone.Number
		reach delivery.Reach
		fails bool
	}{
		"a mobile phone":                {number, delivery.ReachUnknown, false},
		"a fixed line may read texts":   {"41443643532", delivery.ReachUnknown, false},
		"nobody can tell in America":    {"12025550123", delivery.ReachUnknown, false},
		"a range that nobody has":       {invalid, delivery.NotReachable, false},
		"an exchange that cannot be":    {"12021230123", delivery.NotReachable, false},
		"a mobile phone of Guernsey":    {"447911123456", delivery.ReachUnknown, false},
		"a country that does not exist": {"999123456", delivery.ReachUnknown, true},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := lookup.Offline{}.Lookup(t.Context(), tt.to)
			if got.Reach != tt.reach || got.Source != "offline" || (err != nil) != tt.fails {
				t.Errorf("Lookup = %+v, %v, want reach %v, failing %t", got, err, tt.reach, tt.fails)
			}
		})
	}
}
