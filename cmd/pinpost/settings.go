package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/alecthomas/kong"
	"github.com/goccy/go-yaml"
)

// settingsFile reads settings from YAML. A flag whose environment variable is set is left alone: kong would otherwise let
// the file win over the environment.
func settingsFile(r io.Reader) (kong.Resolver, error) {
	values := map[string]any{}
	if err := yaml.NewDecoder(r).Decode(&values); err != nil && !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("settings file: %w", err)
	}
	return &fileResolver{values}, nil
}

type fileResolver struct{ values map[string]any }

// Validate refuses names that are no setting of serve, so that a typing error is not taken for a default.
func (f *fileResolver) Validate(app *kong.Application) error {
	var known []string
	for _, command := range app.Children {
		if command.Name == "serve" {
			for _, flag := range command.Flags {
				known = append(known, flag.Name)
			}
		}
	}
	for name := range f.values {
		if !slices.Contains(known, name) {
			return fmt.Errorf("settings file: there is no setting %q; there are %s", name, strings.Join(known, ", "))
		}
	}
	return nil
}

// Resolve gives the file's value of a flag.
func (f *fileResolver) Resolve(_ *kong.Context, _ *kong.Path, flag *kong.Flag) (any, error) {
	for _, name := range flag.Envs {
		if _, set := os.LookupEnv(name); set {
			return nil, nil
		}
	}
	if value, ok := f.values[flag.Name]; ok {
		return fmt.Sprint(value), nil
	}
	return nil, nil
}
