package main

import (
	"context"
	"fmt"

	"github.com/pinpost/pinpost/internal/account"
)

type keyCommand struct {
	Create keyCreate `cmd:"" help:"Create a key; prints it this once."`
	List   keyList   `cmd:"" help:"List an account's keys."`
	Revoke keyRevoke `cmd:"" help:"Revoke a key: it stops working at once."`
}

type keyCreate struct {
	storeFlags `embed:""`
	Account    string `arg:"" help:"User name of the account."`
	Name       string `help:"What to call the key."`
}

// Run creates the key.
func (c *keyCreate) Run(s *streams) error {
	return c.withAccounts(func(ctx context.Context, accounts *account.Service) error {
		a, err := accounts.Find(ctx, c.Account)
		if err != nil {
			return err
		}
		if !a.RevokedAt.IsZero() {
			return fmt.Errorf("account %s is revoked, its keys would not work", a.Name)
		}
		k, plain, err := accounts.CreateKey(ctx, a.ID, c.Name)
		if err != nil {
			return err
		}
		_, err = fmt.Fprintf(s.out, "id   %s\nkey  %s   (shown this once)\n", k.ID, plain)
		return err
	})
}

type keyList struct {
	storeFlags `embed:""`
	Account    string `arg:"" help:"User name of the account."`
}

// Run lists keys.
func (c *keyList) Run(s *streams) error {
	return c.withAccounts(func(ctx context.Context, accounts *account.Service) error {
		a, err := accounts.Find(ctx, c.Account)
		if err != nil {
			return err
		}
		keys, err := accounts.Keys(ctx, a.ID)
		if err != nil {
			return err
		}
		table := newTable(s.out, "ID", "NAME", "CREATED", "REVOKED")
		for _, k := range keys {
			table.row(k.ID, k.Name, day(k.CreatedAt), day(k.RevokedAt))
		}
		return table.Flush()
	})
}

type keyRevoke struct {
	storeFlags `embed:""`
	ID         string `arg:"" name:"id" help:"ID of the key, as list prints it."`
}

// Run revokes the key.
func (c *keyRevoke) Run(s *streams) error {
	return c.withAccounts(func(ctx context.Context, accounts *account.Service) error {
		if err := accounts.RevokeKey(ctx, c.ID); err != nil {
			return err
		}
		_, err := fmt.Fprintln(s.out, "revoked", c.ID)
		return err
	})
}
