package route

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"

	"github.com/pinpost/pinpost/internal/delivery"
)

// carrier is what Sender and Caller have in common.
type carrier interface {
	comparable
	named
	Health() delivery.Health
	Close(ctx context.Context) error
}

// distinct gives each carrier of a table once: it may have several ways.
func distinct[C carrier](t table[C]) []C {
	var all []C
	for _, w := range t.ways {
		if !slices.Contains(all, w.Carrier) {
			all = append(all, w.Carrier)
		}
	}
	return all
}

func healthOf[C carrier](all []C) delivery.Health {
	var joined delivery.Health
	var details []string
	for _, c := range all {
		h := c.Health()
		state := "down"
		if h.Up {
			state = "up"
		}
		// Up since the first carrier that is up came up, or down since the last one went down.
		if h.Up != joined.Up && h.Up || h.Up == joined.Up && (joined.Since.IsZero() || h.Since.Before(joined.Since) == h.Up) {
			joined.Since = h.Since
		}
		joined.Up = joined.Up || h.Up
		details = append(details, strings.TrimSuffix(c.Name()+" "+state+": "+h.Detail, ": "))
	}
	joined.Detail = strings.Join(details, "; ")
	return joined
}

// closeAll closes carriers at once, as each has the same time to end.
func closeAll[C carrier](ctx context.Context, all []C) error {
	errs := make([]error, len(all))
	var closing sync.WaitGroup
	for i, c := range all {
		closing.Go(func() { errs[i] = c.Close(ctx) })
	}
	closing.Wait()
	return errors.Join(errs...)
}
