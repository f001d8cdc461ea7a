package proxy_test

import (
	"bytes"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"sync"
	"testing"
	"time"

	"github.com/pinpost/pinpost/internal/proxy"
)

// BenchmarkProxy sends batches of the same requests by turns through a plain reverse proxy of Go's library and through ours, which
// judges each of them, and reports the throughput of ours as a part of the plain one's. What the upstream does costs nothing, so
// that the proxies are all that is measured.
func BenchmarkProxy(b *testing.B) {
	const answer = `{"to":"41793026727","ncStatus":"NC_NOT_CONFIGURED","smsStatus":"MESSAGE_SENT","pinId":"9C817C6F8AF3D48F9FE553282AFA2B67"}`
	upstream := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		w.Header()["Content-Type"] = []string{"application/json"}
		w.Header()["Idempotency-Replayed"] = []string{"false"}
		_, _ = io.WriteString(w, answer)
	}))
	b.Cleanup(upstream.Close)
	target, err := url.Parse(upstream.URL)
	must(b, err)

	transport := &http.Transport{MaxIdleConnsPerHost: 256, DisableCompression: true}
	b.Cleanup(transport.CloseIdleConnections)
	plain := httptest.NewServer(&httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) { r.SetURL(target) }, Transport: transport,
	})
	b.Cleanup(plain.Close)

	p, err := proxy.New(document(b), proxy.Options{Upstream: target, Closed: true, Log: slog.New(slog.DiscardHandler)})
	must(b, err)
	ours := httptest.NewServer(p)

	const batch, clients = 400, 8
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: clients}}
	b.Cleanup(client.CloseIdleConnections)
	play := func(address string) time.Duration {
		began := time.Now()
		var all sync.WaitGroup
		for range clients {
			all.Go(func() {
				for range batch / clients {
					call(b, client, address)
				}
			})
		}
		all.Wait()
		return time.Since(began)
	}
	play(plain.URL)
	play(ours.URL)
	b.ReportAllocs()
	var tookPlain, tookOurs time.Duration
	batches := int64(1)
	for b.Loop() {
		tookPlain += play(plain.URL)
		tookOurs += play(ours.URL)
		batches++
	}
	ours.Close()
	began := time.Now()
	summary, err := p.Close()
	must(b, err)
	tookOurs += time.Since(began) // what was still waiting to be judged counts
	if summary.Exchanges != batches*batch || summary.Violations > 0 {
		b.Fatalf("%d exchanges were judged, with %d violations; want %d with none", summary.Exchanges, summary.Violations, batches*batch)
	}
	b.ReportMetric(float64(tookPlain)/float64(tookOurs), "of-plain")
	b.ReportMetric(float64(batches*batch)/tookOurs.Seconds(), "exchanges/s")
}

func call(b *testing.B, client *http.Client, address string) {
	const body = `{"to":"41793026727","applicationId":"8F0792F86035A9F4290821F1EE6BC06A","messageId":"F66D67327326FCCB027BEAA916B94542"}`
	req, err := http.NewRequestWithContext(b.Context(), http.MethodPost, address+"/2fa/1/pin", bytes.NewReader([]byte(body)))
	if err != nil {
		b.Error(err)
		return
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Authorization", "App key")
	resp, err := client.Do(req)
	if err != nil {
		b.Error(err)
		return
	}
	defer func() { _ = resp.Body.Close() }()
	if _, err := io.Copy(io.Discard, resp.Body); err != nil || resp.StatusCode != http.StatusOK {
		b.Errorf("answers %d, %v", resp.StatusCode, err)
	}
}
