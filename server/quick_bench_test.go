package server

import (
	"encoding/json"
	"maps"
	"net/http"
	"runtime"
	"slices"
	"testing"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/pinpost/pinpost/api"
	"github.com/pinpost/pinpost/internal/application"
)

// BenchmarkGate makes the same calls by turns on a bare Echo, on our server without a gate, with the gate that asks kin-openapi
// alone, and with the quick one. It reports the median of each, and what the gates add to our server in percent of a request
// without one. Only these parts carry over to another machine.
func BenchmarkGate(b *testing.B) {
	ways := []struct {
		name    string
		handler http.Handler
	}{{"bare", bareEcho(b)}, {"none", gated(b, withoutGate)}, {"slow", gated(b, withoutQuick)}, {"quick", gated(b, withQuick)}}
	for _, name := range slices.Sorted(maps.Keys(calls)) {
		b.Run(name, func(b *testing.B) {
			const each = 200
			d, took, median := discard{http.Header{}}, map[string][]float64{}, map[string]float64{}
			for b.Loop() {
				slices.Reverse(ways) // what one leaves for the garbage collector, the next one pays
				for _, way := range ways {
					began := time.Now()
					for range each {
						calls[name].through(way.handler, d)
					}
					took[way.name] = append(took[way.name], float64(time.Since(began).Nanoseconds())/each)
				}
			}
			for _, way := range ways {
				slices.Sort(took[way.name])
				median[way.name] = took[way.name][len(took[way.name])/2]
				b.ReportMetric(median[way.name], way.name+"-ns")
				bytes, count := allocated(func() { calls[name].through(way.handler, d) })
				b.ReportMetric(bytes, way.name+"-B")
				b.ReportMetric(count, way.name+"-allocs")
			}
			b.ReportMetric(100*(median["slow"]/median["none"]-1), "slow-%")
			b.ReportMetric(100*(median["quick"]/median["none"]-1), "quick-%")
			b.ReportMetric(0, "ns/op")
		})
	}
}

func allocated(do func()) (bytes, count float64) {
	const times = 1000
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	for range times {
		do()
	}
	runtime.ReadMemStats(&after)
	return float64(after.TotalAlloc-before.TotalAlloc) / times, float64(after.Mallocs-before.Mallocs) / times
}

// bareEcho answers the two calls as a hand-written handler does that checks the key and nothing else.
func bareEcho(b *testing.B) http.Handler {
	b.Helper()
	stored, err := oneApplication{}.Application(b.Context(), "account", "8F0792F86035A9F4290821F1EE6BC06A")
	if err != nil {
		b.Fatal(err)
	}
	e := echo.New()
	e.POST("/2fa/1/pin", keyed(func(c echo.Context) error {
		var in api.SendPinOverSmsRequest
		if err := json.NewDecoder(c.Request().Body).Decode(&in); err != nil {
			return err
		}
		c.Response().Header().Set("Idempotency-Replayed", "false")
		return c.JSON(http.StatusOK, api.SmsPinResponse{To: in.To, NcStatus: "NC_NOT_CONFIGURED", SmsStatus: "MESSAGE_SENT", PinID: "9C817C6F8AF3D48F9FE553282AFA2B67"})
	}))
	e.GET("/2fa/1/applications/:applicationId", keyed(func(c echo.Context) error {
		return c.JSON(http.StatusOK, toBareApplication(stored, c.Param("applicationId")))
	}))
	return e
}

func keyed(next echo.HandlerFunc) echo.HandlerFunc {
	known := map[string]bool{"App the-key": true}
	return func(c echo.Context) error {
		if !known[c.Request().Header.Get("Authorization")] {
			return echo.ErrUnauthorized
		}
		return next(c)
	}
}

func toBareApplication(a application.Application, id string) api.Application {
	a.ID = id
	return ToAPIApplication(a)
}
