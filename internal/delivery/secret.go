package delivery

import "log/slog"

// Secret is a password, key or token of a carrier. It prints as a placeholder, so that no log or error shows it by accident.
type Secret string

// String hides the secret.
func (Secret) String() string { return "[secret]" }

// GoString hides the secret from %#v.
func (Secret) GoString() string { return "[secret]" }

// LogValue hides the secret from structured logs.
func (Secret) LogValue() slog.Value { return slog.StringValue("[secret]") }

// MarshalText hides the secret where settings are written out.
func (Secret) MarshalText() ([]byte, error) { return []byte("[secret]"), nil }

// Reveal gives the secret itself.
func (s Secret) Reveal() string { return string(s) }
