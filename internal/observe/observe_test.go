package observe_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/pinpost/pinpost/internal/observe"
)

// TestLogger_masks is the second net: what callers should not have logged is masked wherever it stands.
func TestLogger_masks(t *testing.T) {
	t.Parallel()
	const number, key = "41790013377", "003026bbc133714df1834b8638bb496e-8f4b3d9a-e931-478d-a994-28a725159ab9"
	for _, asJSON := range []bool{true, false} {
		var out bytes.Buffer
		log := observe.NewLogger(&out, slog.LevelDebug, asJSON)
		log.Info("sent to "+number,
			slog.String("to", number), slog.String("key", "App "+key), slog.Any("error", fmt.Errorf("at +%s: %w", number, errors.New(key))))
		log.With(slog.String("with", number)).WithGroup("group").Info("grouped", slog.String("to", number))
		if strings.Contains(out.String(), number) || strings.Contains(out.String(), key) {
			t.Errorf("the log shows the number or the key: %s", out.String())
		}
		for _, want := range []string{"41*******77", "[key]", "sent to"} {
			if !strings.Contains(out.String(), want) {
				t.Errorf("the log lacks %q: %s", want, out.String())
			}
		}
	}
}

func TestLogger_leaves_the_rest(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	log := observe.NewLogger(&out, slog.LevelInfo, true)
	ctx := observe.WithRequest(context.Background(), &observe.Request{ID: "REQ", Operation: "verifyPin"})
	log.DebugContext(ctx, "not important")
	log.InfoContext(ctx, "answered", slog.Int64("bytes", 123456789), slog.Duration("took", 12345678*time.Nanosecond),
		slog.String("pin_id", "9C817C6F8AF3D48F9FE553282AFA2B67"))
	var line map[string]any
	if err := json.Unmarshal(out.Bytes(), &line); err != nil {
		t.Fatalf("the log is not one line of JSON: %q", out.String())
	}
	for name, want := range map[string]any{
		"msg": "answered", "request_id": "REQ", "operation": "verifyPin", "bytes": 123456789.0,
		"pin_id": "9C817C6F8AF3D48F9FE553282AFA2B67",
	} {
		if line[name] != want {
			t.Errorf("%s is %v, want %v", name, line[name], want)
		}
	}
}
