// Package sandbox holds the wire types of the sandbox's own API, generated from openapi.yaml beside it, and that document.
//
// Phone numbers are digits, instants and lengths of time int64 milliseconds, optional members pointers.
package sandbox

import _ "embed"

// OpenAPI is the text of the sandbox's contract, byte for byte.
//
//go:embed openapi.yaml
var OpenAPI []byte
