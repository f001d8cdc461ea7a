package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/pinpost/pinpost/internal/account"
	"github.com/pinpost/pinpost/internal/config"
	"github.com/pinpost/pinpost/internal/wire"
)

// storeFlags name the store that a command works on; the service may be running on it at the same time.
type storeFlags struct {
	Data  string `help:"Folder of the database." default:"pinpost-data" env:"PINPOST_DATA" type:"path"`
	Store string `help:"PostgreSQL database, in place of the folder." env:"PINPOST_STORE"`
}

// withAccounts opens the store for one command. A folder without a database is refused: most likely it is the wrong one.
func (f storeFlags) withAccounts(do func(context.Context, *account.Service) error) error {
	if err := f.refuseMissing(); err != nil {
		return err
	}
	return f.withNewAccounts(do)
}

// withStore opens a store that is there for one command.
func (f storeFlags) withStore(do func(context.Context, wire.Store) error) error {
	if err := f.refuseMissing(); err != nil {
		return err
	}
	return f.open(do)
}

func (f storeFlags) open(do func(context.Context, wire.Store) error) error {
	ctx := context.Background()
	store, err := wire.OpenStore(ctx, f.settings())
	if err != nil {
		return err
	}
	defer func() { _ = store.Close() }()
	return do(ctx, store)
}

func (f storeFlags) refuseMissing() error {
	switch _, err := os.Stat(f.settings().Database()); {
	case f.Store != "":
	case errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("there is no database in %s: name the folder of the service with --data", f.Data)
	case err != nil:
		return fmt.Errorf("look for the database: %w", err)
	}
	return nil
}

// withNewAccounts is withAccounts for a command that may be the first: it makes folder and database if need be.
func (f storeFlags) withNewAccounts(do func(context.Context, *account.Service) error) error {
	return f.open(func(ctx context.Context, store wire.Store) error {
		accounts, err := wire.NewAccounts(store, wire.Outside{Now: time.Now, Rand: rand.Reader})
		if err != nil {
			return err
		}
		return do(ctx, accounts)
	})
}

func (f storeFlags) settings() config.Settings {
	settings := config.Default()
	settings.Data, settings.Store = f.Data, f.Store
	return settings
}

type accountCommand struct {
	Create accountCreate `cmd:"" help:"Create an account; prints its password when none is given."`
	List   accountList   `cmd:"" help:"List accounts."`
	Revoke accountRevoke `cmd:"" help:"Revoke an account: its password and keys stop working at once."`
}

type accountCreate struct {
	storeFlags    `embed:""`
	Name          string `arg:"" help:"User name for Basic authentication."`
	PasswordStdin bool   `help:"Read the password from standard input."`
}

// Run creates the account.
func (c *accountCreate) Run(s *streams) error {
	password := rand.Text()
	if c.PasswordStdin {
		text, err := io.ReadAll(io.LimitReader(s.in, 4096))
		if err != nil {
			return fmt.Errorf("read password: %w", err)
		}
		password = strings.TrimRight(string(text), "\r\n")
	}
	return c.withNewAccounts(func(ctx context.Context, accounts *account.Service) error {
		a, err := accounts.Create(ctx, c.Name, password)
		if err != nil {
			return err
		}
		_, err = fmt.Fprintf(s.out, "account   %s\nuser      %s\n", a.ID, a.Name)
		if err == nil && !c.PasswordStdin {
			_, err = fmt.Fprintf(s.out, "password  %s   (shown this once)\n", password)
		}
		return err
	})
}

type accountList struct {
	storeFlags `embed:""`
}

// Run lists accounts.
func (c *accountList) Run(s *streams) error {
	return c.withAccounts(func(ctx context.Context, accounts *account.Service) error {
		all, err := accounts.List(ctx)
		if err != nil {
			return err
		}
		table := newTable(s.out, "ACCOUNT", "USER", "CREATED", "REVOKED")
		for _, a := range all {
			table.row(a.ID, a.Name, day(a.CreatedAt), day(a.RevokedAt))
		}
		return table.Flush()
	})
}

type accountRevoke struct {
	storeFlags `embed:""`
	Name       string `arg:"" help:"User name of the account."`
}

// Run revokes the account.
func (c *accountRevoke) Run(s *streams) error {
	return c.withAccounts(func(ctx context.Context, accounts *account.Service) error {
		if err := accounts.Revoke(ctx, c.Name); err != nil {
			return err
		}
		_, err := fmt.Fprintln(s.out, "revoked", c.Name)
		return err
	})
}

type table struct{ *tabwriter.Writer }

func newTable(to io.Writer, columns ...string) table {
	t := table{tabwriter.NewWriter(to, 0, 0, 2, ' ', 0)}
	t.row(columns...)
	return t
}

func (t table) row(cells ...string) { _, _ = fmt.Fprintln(t, strings.Join(cells, "\t")) }

func day(t time.Time) string {
	if t.IsZero() {
		return "-"
	}
	return t.UTC().Format(time.RFC3339)
}
