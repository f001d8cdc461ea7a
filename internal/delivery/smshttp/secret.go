package smshttp

import "github.com/pinpost/pinpost/internal/delivery"

// Secret is a password, key or token of a gateway; it hides itself when printed.
type Secret = delivery.Secret
