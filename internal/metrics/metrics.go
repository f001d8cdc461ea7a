// Package metrics counts what operators see of the service, for Prometheus.
package metrics

import (
	"net/http"
	"strconv"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// Metrics counts requests. Labels are operation ids and statuses; nothing of a request is in them.
type Metrics struct {
	registry   *prometheus.Registry
	requests   *prometheus.HistogramVec
	violations *prometheus.CounterVec

	mu    sync.RWMutex
	found map[series]prometheus.Observer // of requests: finding one by its labels costs more than counting
}

// series is what answers are counted by.
type series struct {
	operation string
	status    int
}

// New makes a set of its own, so that two servers in one process do not meet.
func New() *Metrics {
	m := &Metrics{
		registry: prometheus.NewRegistry(),
		requests: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name:    "pinpost_request_duration_seconds",
			Help:    "How long answers took, by operation and status.",
			Buckets: []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30, 60},
		}, []string{"operation", "status"}),
		violations: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "pinpost_response_violations_total",
			Help: "Answers that are not in the contract, by operation.",
		}, []string{"operation"}),
		found: map[series]prometheus.Observer{},
	}
	m.registry.MustRegister(m.requests, m.violations,
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m
}

// Request counts an answer and how long it took.
func (m *Metrics) Request(operation string, status int, took time.Duration) {
	m.observer(series{operation, status}).Observe(took.Seconds())
}

func (m *Metrics) observer(of series) prometheus.Observer {
	m.mu.RLock()
	o := m.found[of]
	m.mu.RUnlock()
	if o == nil {
		o = m.requests.WithLabelValues(of.operation, strconv.Itoa(of.status))
		m.mu.Lock()
		m.found[of] = o
		m.mu.Unlock()
	}
	return o
}

// Violation counts an answer that is not in the contract.
func (m *Metrics) Violation(operation string) { m.violations.WithLabelValues(operation).Inc() }

// Handler shows the counts in the format of Prometheus.
func (m *Metrics) Handler() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{})
}
