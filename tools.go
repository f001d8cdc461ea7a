//go:build tools

// This file names the programs that go generate runs, so that go.mod pins them; generation calls them by "go tool".
package pinpost

import _ "github.com/oapi-codegen/oapi-codegen/v2/cmd/oapi-codegen"
