package main

import (
	"context"
	"fmt"

	"github.com/pinpost/pinpost/internal/config"
)

// backend is a store of the service, as the harness needs it.
type backend struct {
	// start makes what a store needs outside the service's process. dir is a folder of the rival's own, on the disk that is
	// measured; a second start on it finds what the first one left.
	start func(ctx context.Context, dir string) (running, error)
	// use points settings at the store.
	use func(settings *config.Settings, address string)
	// missing says what this machine lacks for it.
	missing func() error
}

// running is a backend that was started.
type running struct {
	address string
	cpu     func() int64 // microseconds of processor time so far
	stop    func() error
}

// stores by the name that rivals and serve's -store give them.
var stores = map[string]backend{"sqlite": inProcess, "postgres": onPostgres}

// inProcess is a store that is a file of the service's.
var inProcess = backend{
	start:   func(context.Context, string) (running, error) { return nothing, nil },
	use:     func(*config.Settings, string) {},
	missing: func() error { return nil },
}

var nothing = running{cpu: func() int64 { return 0 }, stop: func() error { return nil }}

func storeNamed(name string) (backend, error) {
	b, known := stores[name]
	if !known {
		return b, fmt.Errorf("there is no store %q", name)
	}
	return b, nil
}
