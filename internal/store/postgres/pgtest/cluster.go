//go:build postgres

package pgtest

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"runtime"
	"strconv"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"
)

// Cluster is a PostgreSQL of the tests' own, with a socket in a temporary folder.
type Cluster struct {
	folder  string
	bin     string
	as      *syscall.Credential // nil: as whoever runs the test
	process *os.Process
	ended   chan struct{}
	last    atomic.Int64 // database
}

// Shared is the one of all tests of a package. A test that stops it does not run in parallel to others.
var Shared Cluster

// Template is a database with our tables and nothing in them.
const Template = "template_pinpost"

// Run starts the cluster, has the tables made in a database that all others are copies of, and runs the tests.
func Run(migrate func(url string) error, tests func() int) int {
	code, err := run(migrate, tests)
	if err != nil {
		fmt.Fprintln(os.Stderr, "postgres:", err)
		return 1
	}
	return code
}

func run(migrate func(url string) error, tests func() int) (code int, err error) {
	if err := Shared.make(); err != nil {
		return 1, err
	}
	defer func() { err = errors.Join(err, Shared.Stop(syscall.SIGQUIT), os.RemoveAll(Shared.folder)) }()
	if err := Shared.Start(); err != nil {
		return 1, err
	}
	if err := Shared.Admin("CREATE DATABASE " + Template); err != nil {
		return 1, err
	}
	if err := migrate(Shared.URL(Template)); err != nil {
		return 1, err
	}
	return tests(), nil
}

// make initializes the cluster. PostgreSQL refuses to work as root, who lends it another user.
func (c *Cluster) make() (err error) {
	if c.bin, err = programs(); err != nil {
		return err
	}
	if c.folder, err = os.MkdirTemp("", "pinpost-pg"); err != nil {
		return err
	}
	if os.Geteuid() == 0 {
		if c.as, err = somebody(); err != nil {
			return err
		}
		if err := os.Chown(c.folder, int(c.as.Uid), int(c.as.Gid)); err != nil {
			return err
		}
	}
	out, err := c.command("initdb", "-D", c.data(), "-U", "tester", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync").CombinedOutput()
	if err != nil {
		return fmt.Errorf("initdb: %w: %s", err, out)
	}
	return nil
}

// programs finds the folder of PostgreSQL's programs: Debian keeps them off the path.
func programs() (string, error) {
	found, err := filepath.Glob("/usr/lib/postgresql/*/bin/initdb")
	if err == nil && len(found) > 0 {
		return filepath.Dir(found[len(found)-1]), nil
	}
	path, err := exec.LookPath("initdb")
	if err != nil {
		return "", errors.New("these tests need the programs of PostgreSQL, such as Debian's package postgresql")
	}
	return filepath.Dir(path), nil
}

func somebody() (*syscall.Credential, error) {
	for _, name := range []string{"postgres", "nobody"} {
		if u, err := user.Lookup(name); err == nil {
			uid, _ := strconv.ParseUint(u.Uid, 10, 32)
			gid, _ := strconv.ParseUint(u.Gid, 10, 32)
			return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}, nil
		}
	}
	return nil, errors.New("there is no user postgres or nobody to run PostgreSQL as")
}

func (c *Cluster) data() string { return filepath.Join(c.folder, "data") }

func (c *Cluster) command(program string, args ...string) *exec.Cmd {
	cmd := exec.Command(filepath.Join(c.bin, program), args...) //nolint:gosec,noctx // programs of PostgreSQL
	cmd.Dir = c.folder
	// It does not outlive the test, however that ends.
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: c.as, Pdeathsig: syscall.SIGQUIT}
	return cmd
}

// Start starts the server and waits until it answers.
func (c *Cluster) Start() error {
	cmd := c.command("postgres", "-D", c.data(), "-k", c.folder, "-c", "listen_addresses=", "-c", "max_connections=150",
		"-c", "log_min_messages=fatal", "-c", "deadlock_timeout=200ms")
	c.ended = make(chan struct{})
	started := make(chan error)
	go func() {
		runtime.LockOSThread() // the thread that starts a child is the parent that its death signal means
		err := cmd.Start()
		started <- err
		if err == nil {
			_ = cmd.Wait() // a crash is no orderly end
			close(c.ended)
		}
	}()
	if err := <-started; err != nil {
		return err
	}
	c.process = cmd.Process
	for end := time.Now().Add(time.Minute); ; time.Sleep(20 * time.Millisecond) {
		err := c.Admin("SELECT 1")
		if err == nil || time.Now().After(end) {
			return err
		}
	}
}

// Stop ends the server: SIGQUIT as a crash does, SIGINT in order.
func (c *Cluster) Stop(signal syscall.Signal) error {
	if c.process == nil {
		return nil
	}
	if err := c.process.Signal(signal); err != nil {
		return err
	}
	<-c.ended
	c.process = nil
	return nil
}

// URL is the address of a database.
func (c *Cluster) URL(database string) string {
	return (&url.URL{
		Scheme: "postgres", Path: "/" + database, RawQuery: url.Values{"host": {c.folder}, "user": {"tester"}}.Encode(),
	}).String()
}

// Admin carries out statements beside any store.
func (c *Cluster) Admin(statements ...string) error {
	return c.AdminIn("postgres", statements...)
}

// AdminIn carries out statements in a database.
func (c *Cluster) AdminIn(database string, statements ...string) error {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	conn, err := pgx.Connect(ctx, c.URL(database))
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close(ctx) }()
	for _, statement := range statements {
		if _, err := conn.Exec(ctx, statement); err != nil {
			return err
		}
	}
	return nil
}
