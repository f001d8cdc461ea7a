package sandbox_test

import (
	"os"
	"testing"

	"github.com/pinpost/pinpost/internal/canary"
)

func TestMain(m *testing.M) { os.Exit(canary.Main(m)) }
