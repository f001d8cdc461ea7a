package observe

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"math/rand/v2"
	"strings"
	"testing"
	"time"
)

// FuzzMask wants every text that a pattern matches to reach the patterns.
func FuzzMask(f *testing.F) {
	const key = "003026bbc133714df1834b8638bb496e-8f4b3d9a-e931-478d-a994-28a725159ab9"
	for _, seed := range []string{
		"", "41790013377", "+41790013377,", "x41790013377", "41790013377_", "é41790013377é", "1234567", "123456", "123456789012345", "1234567890123456",
		key, "App " + key + ".", "f" + key, key[:31] + key[32:], strings.ToUpper(key), "9C817C6F8AF3D48F9FE553282AFA2B67", "12345-67890123", "A1234567 1234567",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if (harmless(text) || isIdentifier(text)) && (keyPattern.MatchString(text) || phonePattern.MatchString(text)) {
			t.Errorf("%q counts as harmless", text)
		}
	})
}

// TestMask_random is FuzzMask for texts of the characters that matter.
func TestMask_random(t *testing.T) {
	t.Parallel()
	slow := 0
	for range 20_000 {
		text := make([]byte, rand.IntN(90))
		for i := range text {
			text[i] = "0123456789012345678901234567890123456789abcdefABCDEFg_- \xc3"[rand.IntN(55)]
		}
		right := keyPattern.Match(text) || phonePattern.Match(text)
		if harmless(string(text)) && right {
			t.Fatalf("%q counts as harmless", text)
		}
		if right {
			slow++
		}
	}
	if slow == 0 {
		t.Error("none of the texts was one to mask")
	}
}

type secretive struct{ digits string }

func (s secretive) LogValue() slog.Value { return slog.StringValue("to " + s.digits) }

// TestLogger_as_ReplaceAttr writes what slog writes when the mask is its ReplaceAttr, byte for byte.
func TestLogger_as_ReplaceAttr(t *testing.T) {
	t.Parallel()
	options := &slog.HandlerOptions{ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
		if a.Value.Kind() == slog.KindGroup {
			return a
		}
		return mask(a)
	}}
	const number = "41790013377"
	attrs := []any{
		slog.String("s", "to "+number), slog.Int("i", 41790013377), slog.Duration("d", 12345678*time.Nanosecond), slog.Float64("f", 1.5),
		slog.Time("t", time.Date(2026, 1, 2, 3, 4, 5, 678901234, time.FixedZone("x", 3600))), slog.Bool("b", true), slog.Any("nil", nil),
		slog.Any("e", errors.New("at "+number)), slog.Any("v", secretive{number}), slog.Any("l", []string{"a", "b"}), slog.Any("level", slog.LevelWarn),
		slog.Group("g", slog.String("s", number), slog.Any("v", secretive{number}), slog.Group("gg", slog.Any("nil", nil))), slog.Group("empty"),
		slog.Group("", slog.String("inline", number)), slog.Group("gone", slog.Any("nil", nil)), slog.Attr{},
	}
	for name, handler := range map[string]func(io.Writer, *slog.HandlerOptions) slog.Handler{
		"JSON": func(w io.Writer, o *slog.HandlerOptions) slog.Handler { return slog.NewJSONHandler(w, o) },
		"text": func(w io.Writer, o *slog.HandlerOptions) slog.Handler { return slog.NewTextHandler(w, o) },
	} {
		var got, want bytes.Buffer
		for _, log := range []*slog.Logger{
			slog.New(fixedTime{NewLogger(&got, slog.LevelInfo, name == "JSON").Handler()}), slog.New(fixedTime{handler(&want, options)}),
		} {
			log.Info("sent to "+number, attrs...)
			log.With(attrs...).WithGroup("group").With(slog.Any("v", secretive{number})).Warn("grouped", attrs...)
			log.WithGroup("group").Debug("not written", attrs...)
		}
		if got.String() != want.String() || !strings.Contains(want.String(), "41*******77") {
			t.Errorf("%s: got\n%s\nwant\n%s", name, &got, &want)
		}
	}
}

// fixedTime gives each line one time.
type fixedTime struct{ slog.Handler }

func (h fixedTime) Handle(ctx context.Context, r slog.Record) error {
	r.Time = time.Date(2026, 1, 2, 3, 4, 5, 678900000, time.FixedZone("x", 3600))
	return h.Handler.Handle(ctx, r)
}

func (h fixedTime) WithAttrs(attrs []slog.Attr) slog.Handler {
	return fixedTime{h.Handler.WithAttrs(attrs)}
}
func (h fixedTime) WithGroup(name string) slog.Handler { return fixedTime{h.Handler.WithGroup(name)} }
