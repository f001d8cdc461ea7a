package smshttp_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"

	"github.com/pinpost/pinpost/internal/delivery/smshttp"
	"github.com/pinpost/pinpost/internal/delivery/smshttp/infobip"
	"github.com/pinpost/pinpost/internal/delivery/smshttp/kannel"
	"github.com/pinpost/pinpost/internal/delivery/smshttp/templated"
	"github.com/pinpost/pinpost/internal/delivery/smshttp/twilio"
)

// TestExamples reads the settings of testdata as the operator's file is read: no member may be unknown, and none wrong.
func TestExamples(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("testdata/*.yaml")
	if err != nil || len(files) != 6 {
		t.Fatalf("got %v, %v, want 6 examples", files, err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		kind, _, _ := strings.Cut(strings.TrimSuffix(filepath.Base(file), ".yaml"), "_")
		if err := validate(kind, text); err != nil {
			t.Errorf("%s: %v", file, err)
		}
	}
}

func validate(kind string, text []byte) error {
	// Whoever reads the file resolves {env: …}; any long word will do here.
	resolve := yaml.CustomUnmarshaler(func(s *smshttp.Secret, _ []byte) error {
		*s = token
		return nil
	})
	decoder := yaml.NewDecoder(bytes.NewReader(text), yaml.Strict(), resolve)
	var cfg interface{ Validate() error }
	switch kind {
	case "kannel":
		cfg = &kannel.Config{}
	case "infobip":
		cfg = &infobip.Config{}
	case "twilio":
		cfg = &twilio.Config{}
	default:
		cfg = &templated.Config{}
	}
	if err := decoder.Decode(cfg); err != nil {
		return err
	}
	written, err := yaml.Marshal(cfg)
	if err != nil {
		return err
	}
	if !bytes.Contains(written, []byte("[secret]")) || bytes.Contains(written, []byte(token)) {
		return errors.New("written out, it shows a secret, or none at all")
	}
	return cfg.Validate()
}
