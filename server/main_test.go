package server_test

import (
	"os"
	"testing"

	"github.com/pinpost/pinpost/internal/canary"
)

func TestMain(m *testing.M) { os.Exit(withStore(func() int { return canary.Main(m) })) }
