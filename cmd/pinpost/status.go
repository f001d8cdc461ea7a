package main

import (
	"context"
	"fmt"
	"io"
	"time"

	"github.com/pinpost/pinpost/internal/fault"
	"github.com/pinpost/pinpost/internal/pin"
	"github.com/pinpost/pinpost/internal/wire"
)

// statusCommand reads the store, and not the API: what carriers said is for those who run the service.
type statusCommand struct {
	storeFlags `embed:""`
	PIN        string `arg:"" name:"pin-id" help:"pinId of the answer to a send."`
}

// Run prints what is known of the PIN but its code and its number.
func (c *statusCommand) Run(s *streams) error {
	return c.withStore(func(ctx context.Context, store wire.Store) error {
		p, err := findPIN(ctx, store, c.PIN)
		if err != nil {
			return err
		}
		sent, err := store.Deliveries(ctx, p.AccountID, p.ID)
		if err != nil {
			return err
		}
		printPIN(s.out, p, time.Now())
		for _, d := range sent {
			printDelivery(s.out, d)
		}
		return nil
	})
}

// findPIN looks in every account: whoever runs the service has an id from somebody's log.
func findPIN(ctx context.Context, store wire.Store, id string) (pin.PIN, error) {
	accounts, err := store.Accounts(ctx)
	if err != nil {
		return pin.PIN{}, err
	}
	for _, a := range accounts {
		p, err := store.PIN(ctx, a.ID, id)
		if !fault.Is(err, fault.NotFound) {
			return p, err
		}
	}
	return pin.PIN{}, fault.NotFoundf("no account has a PIN with this id; it may have been cleaned away")
}

func printPIN(to io.Writer, p pin.PIN, now time.Time) {
	life := "living"
	if !now.Before(p.ExpiresAt) {
		life = "expired"
	}
	t := newTable(to, "PIN", p.ID)
	t.row("to", p.To.String())
	t.row("account", p.AccountID)
	t.row("application", p.ApplicationID)
	t.row("message", p.MessageID)
	t.row("created", moment(p.CreatedAt))
	t.row("expires", moment(p.ExpiresAt)+" ("+life+")")
	t.row("attempts", fmt.Sprint(p.Attempts))
	t.row("verified", moment(p.VerifiedAt))
	_ = t.Flush()
}

func printDelivery(to io.Writer, d pin.Delivery) {
	_, _ = fmt.Fprintf(to, "\n%s %s\n", d.Channel, d.ID)
	t := newTable(to, "  TIME", "CARRIER", "OUTCOME", "CODE", "TOOK")
	for _, a := range d.Attempts {
		t.row("  "+moment(a.At), a.Carrier, a.Class.String(), orDash(a.Code), a.Took.String())
	}
	for _, c := range d.History {
		t.row("  "+moment(c.At), "-", string(c.State), "-", "-")
	}
	_ = t.Flush()
	if d.RemoteID != "" {
		_, _ = fmt.Fprintf(to, "  %s calls it %s\n", d.Carrier, d.RemoteID)
	}
}

func moment(t time.Time) string {
	if t.IsZero() {
		return "-"
	}
	return t.UTC().Format("2006-01-02T15:04:05.000Z")
}

func orDash(text string) string {
	if text == "" {
		return "-"
	}
	return text
}
