package main

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"time"

	"github.com/pinpost/pinpost/internal/config"
)

// onPostgres is a PostgreSQL server of a rival's own, on a socket, as its initdb sets it up: it waits for the disk.
var onPostgres = backend{start: startPostgres, use: usePostgres, missing: func() error {
	_, err := postgresPrograms()
	return err
}}

// owner is who runs PostgreSQL, which refuses to work as root.
type owner struct{ uid, gid int }

func startPostgres(ctx context.Context, dir string) (running, error) {
	bin, err := postgresPrograms()
	if err != nil {
		return running{}, err
	}
	as, err := postgresOwner()
	if err != nil {
		return running{}, err
	}
	// A socket's path is short, and that of the data need not be.
	socket, err := os.MkdirTemp("", "pinpost-bench")
	if err != nil {
		return running{}, err
	}
	folder := filepath.Join(dir, "postgres")
	err = os.Mkdir(folder, 0o700)
	fresh := err == nil
	if errors.Is(err, fs.ErrExist) {
		err = nil // growth comes back to what it filled
	}
	if as != nil && err == nil {
		err = errors.Join(os.Chown(folder, as.uid, as.gid), os.Chown(socket, as.uid, as.gid))
	}
	if err != nil {
		return running{}, err
	}
	data := filepath.Join(folder, "data")
	command := func(program string, args ...string) *exec.Cmd {
		//nolint:gosec // the programs are PostgreSQL's
		cmd := exec.CommandContext(context.WithoutCancel(ctx), filepath.Join(bin, program), args...)
		cmd.Dir = folder
		lend(cmd, as)
		return cmd
	}
	if fresh {
		out, err := command("initdb", "-D", data, "-U", "bench", "-A", "trust", "-E", "UTF8", "--locale=C").CombinedOutput()
		if err != nil {
			return running{}, fmt.Errorf("initdb: %w: %s", err, out)
		}
		if err := makeKey(dir); err != nil {
			return running{}, err
		}
	}
	cmd := command("postgres", "-D", data, "-k", socket, "-c", "listen_addresses=", "-c", "log_min_messages=fatal")
	ended, err := launch(cmd)
	if err != nil {
		return running{}, err
	}
	address := url.URL{Scheme: "postgres", Path: "/postgres", RawQuery: url.Values{"host": {socket}, "user": {"bench"}}.Encode()}
	r := running{address: address.String(), cpu: func() int64 { return family(cmd.Process.Pid) }}
	r.stop = func() error {
		defer func() { _ = os.RemoveAll(socket) }()
		if err := cmd.Process.Signal(os.Interrupt); err != nil {
			return err
		}
		return <-ended
	}
	for end := time.Now().Add(patience); ; time.Sleep(50 * time.Millisecond) {
		out, err := command("pg_isready", "-h", socket).CombinedOutput()
		if err == nil {
			return r, nil
		}
		if time.Now().After(end) {
			return running{}, errors.Join(fmt.Errorf("pg_isready: %w: %s", err, out), r.stop())
		}
	}
}

// makeKey makes the key that PINs are sealed under, which replicas share and no service makes for itself.
func makeKey(dir string) error {
	key := make([]byte, 32)
	if _, err := rand.Reader.Read(key); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, "pin.key"), []byte(hex.EncodeToString(key)+"\n"), 0o600)
}

// usePostgres finds the key beside the data folder.
func usePostgres(settings *config.Settings, address string) {
	settings.Store, settings.PINKeyFile = address, filepath.Join(filepath.Dir(settings.Data), "pin.key")
}

// postgresPrograms finds the folder of PostgreSQL's programs: Debian keeps them off the path.
func postgresPrograms() (string, error) {
	found, err := filepath.Glob("/usr/lib/postgresql/*/bin/initdb")
	if err == nil && len(found) > 0 {
		return filepath.Dir(found[len(found)-1]), nil
	}
	path, err := exec.LookPath("initdb")
	if err != nil {
		return "", errors.New("the programs of PostgreSQL are missing: Debian has them in the package postgresql")
	}
	return filepath.Dir(path), nil
}

func postgresOwner() (*owner, error) {
	if os.Geteuid() != 0 {
		return nil, nil
	}
	for _, name := range []string{"postgres", "nobody"} {
		if u, err := user.Lookup(name); err == nil {
			uid, err := strconv.Atoi(u.Uid)
			gid, err2 := strconv.Atoi(u.Gid)
			return &owner{uid, gid}, errors.Join(err, err2)
		}
	}
	return nil, errors.New("there is no user postgres or nobody to run PostgreSQL as")
}
