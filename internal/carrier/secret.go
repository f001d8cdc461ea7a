package carrier

import (
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/goccy/go-yaml"

	"github.com/pinpost/pinpost/internal/delivery"
)

// reference says where a secret is. A secret that stood in the file itself would be in every copy of it.
type reference struct {
	Env  string `yaml:"env"`
	File string `yaml:"file"`
}

var errSecret = errors.New("a secret must be {env: NAME}, an environment variable, or {file: PATH}, a file that holds it alone")

// resolve reads a secret. Its errors never show what stands in the place of one.
func resolve(secret *delivery.Secret, text []byte) error {
	var from reference
	if err := yaml.UnmarshalWithOptions(text, &from, yaml.Strict()); err != nil || (from.Env == "") == (from.File == "") {
		return errSecret
	}
	if from.Env != "" {
		value, set := os.LookupEnv(from.Env)
		if !set || value == "" {
			return fmt.Errorf("the environment variable %s, which should hold a secret, is not set", from.Env)
		}
		*secret = delivery.Secret(value)
		return nil
	}
	value, err := os.ReadFile(from.File) //nolint:gosec // the operator names it
	if err != nil {
		return fmt.Errorf("read a secret: %w", err)
	}
	if *secret = delivery.Secret(strings.TrimRight(string(value), "\r\n")); *secret == "" {
		return fmt.Errorf("the file %s, which should hold a secret, is empty", from.File)
	}
	return nil
}
