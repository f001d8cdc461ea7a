// Package pinpost holds the contract of the 2FA PIN API, and says how code is made of it.
//
// Programs that call the API want package client; see cmd/pinpost for the service.
package pinpost

import "embed"

//go:generate go run ./internal/sandbox/tablegen docs/sandbox.md api/sandbox/openapi.yaml
//go:generate go -C api tool oapi-codegen -config types.cfg.yaml ../openapi.yaml
//go:generate go -C client/internal/gen tool oapi-codegen -config client.cfg.yaml ../../../openapi.yaml
//go:generate go -C server/internal/gen tool oapi-codegen -config server.cfg.yaml ../../../openapi.yaml
//go:generate go -C api/sandbox tool oapi-codegen -config types.cfg.yaml openapi.yaml
//go:generate go -C client/sandbox/internal/gen tool oapi-codegen -config client.cfg.yaml ../../../../api/sandbox/openapi.yaml
//go:generate go -C server/internal/sandboxgen tool oapi-codegen -config server.cfg.yaml ../../../api/sandbox/openapi.yaml

// OpenAPI is the text of openapi.yaml, byte for byte.
//
//go:embed openapi.yaml
var OpenAPI []byte

// Testdata holds api/testdata: documented requests and the answers to them. Its README says how they are replayed.
//
//go:embed api/testdata
var Testdata embed.FS
