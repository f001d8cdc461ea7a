package metrics_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/pinpost/pinpost/internal/metrics"
)

func TestMetrics(t *testing.T) {
	t.Parallel()
	m := metrics.New()
	m.Request("verifyPin", 200, 3*time.Millisecond)
	m.Request("verifyPin", 200, 4*time.Millisecond)
	m.Request("", 404, time.Millisecond)
	m.Violation("verifyPin")
	recorder := httptest.NewRecorder()
	m.Handler().ServeHTTP(recorder, httptest.NewRequest(http.MethodGet, "/metrics", nil))
	for _, want := range []string{
		`pinpost_request_duration_seconds_count{operation="verifyPin",status="200"} 2`,
		`pinpost_request_duration_seconds_count{operation="",status="404"} 1`,
		`pinpost_response_violations_total{operation="verifyPin"} 1`,
	} {
		if !strings.Contains(recorder.Body.String(), want) {
			t.Errorf("/metrics lacks %s", want)
		}
	}
}
