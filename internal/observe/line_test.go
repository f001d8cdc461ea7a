package observe

import (
	"bytes"
	"errors"
	"log/slog"
	"math"
	"strings"
	"testing"
	"time"
)

// TestLine_as_Logger wants of Line, byte for byte, what a Logger writes.
func TestLine_as_Logger(t *testing.T) {
	t.Parallel()
	const number, id = "41790013377", "9C817C6F8AF3D48F9FE553282AFA2B67"
	times := []time.Time{
		{}, time.Unix(0, 0), time.Unix(0, -1), time.Date(2026, 1, 2, 3, 4, 5, 678900000, time.FixedZone("x", 3600)), time.Now(),
		time.Date(9999, 12, 31, 23, 59, 59, 999999999, time.UTC), time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC),
	}
	lines := [][]slog.Attr{
		nil, {slog.Int("i", 41790013377), slog.Duration("d", 12345678*time.Nanosecond), slog.Bool("b", true)},
		{slog.Int64("i", math.MinInt64), slog.Duration("d", -1), slog.Bool("b", false), slog.String("s", ""), slog.Int("5", 5), slog.Int("6", 6)},
		{slog.Uint64("u", math.MaxUint64)}, {slog.Float64("f", 1.5)}, {slog.Any("e", errors.New("at "+number))}, {slog.Any("nil", nil)},
		{slog.Time("t", times[3])}, {slog.Any("v", secretive{number})}, {slog.Group("g", slog.String("s", number))}, {{}}, {slog.String("", "")},
	}
	texts := []string{
		"plain", "", id, strings.ToLower(id), "to " + number, number, "in\tto", `"quoted" \ and /`, "<b>&amp;</b>", "del \x7f", "nul \x00", "Grüße",
		"\u2028", "\xff", "003026bbc133714df1834b8638bb496e-8f4b3d9a-e931-478d-a994-28a725159ab9", "1234567", "123456", "1234567890123456",
	}
	for _, text := range texts {
		lines = append(lines, []slog.Attr{slog.String("s", text)}, []slog.Attr{slog.Int(text, -1)})
	}
	requests := []*Request{nil, {}, {ID: id}, {ID: `"`, Operation: "verifyPin"}, {ID: id, Operation: "é"}}
	for _, asJSON := range []bool{true, false} {
		var got, want bytes.Buffer
		gets, wants := NewLogger(&got, slog.LevelInfo, asJSON), NewLogger(&want, slog.LevelInfo, asJSON)
		line := func(at time.Time, level slog.Level, of *Request, text string, attrs []slog.Attr) {
			ctx := t.Context()
			if of != nil {
				ctx = WithRequest(ctx, of)
			}
			got.Reset()
			Line(ctx, gets, at, level, text, attrs...)
			want.Reset()
			if wants.Enabled(ctx, level) {
				r := slog.NewRecord(at, level, text, 0)
				r.AddAttrs(attrs...)
				_ = wants.Handler().Handle(ctx, r)
			}
			if got.String() != want.String() {
				t.Errorf("got\n%s\nwant\n%s", &got, &want)
			}
		}
		for _, at := range times {
			line(at, slog.LevelInfo, nil, "text", nil)
		}
		for _, text := range texts {
			line(times[3], slog.LevelWarn, nil, text, nil)
		}
		for _, attrs := range lines {
			for _, of := range requests {
				line(times[3], slog.LevelInfo+1, of, "answered", attrs)
			}
		}
		line(times[3], slog.LevelDebug, nil, "not written", nil)
		line(times[3], slog.LevelError, nil, "error", nil)
		gets, wants = gets.With(slog.String("with", id)).WithGroup("group"), wants.With(slog.String("with", id)).WithGroup("group")
		line(times[3], slog.LevelInfo, requests[2], "grouped", lines[1])
	}
}
