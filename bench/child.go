package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// child is a rival's process.
type child struct {
	rival
	ready
	dir     string // for what it and the harness write
	next    int    // count of the first phone number that no turn has used
	in      io.Closer
	ended   chan error
	backing running
}

// patience is how long a child may take to start, and to end.
const patience = 60 * time.Second

// start runs this very program as the rival, with the data in dir.
func start(ctx context.Context, r rival, dir string) (c *child, err error) {
	c = &child{rival: r, dir: dir, ended: make(chan error, 1), backing: nothing}
	if err := makeDir(dir); err != nil {
		return nil, err
	}
	args := []string{"serve", "-what", r.serve}
	if r.store != "" {
		b, err := storeNamed(r.store)
		if err != nil {
			return nil, err
		}
		if c.backing, err = b.start(ctx, dir); err != nil {
			return nil, fmt.Errorf("start %s: %w", r.store, err)
		}
		args = append(args, "-store", r.store, "-address", c.backing.address, "-data", filepath.Join(dir, "data"), "-unchecked="+strconv.FormatBool(r.unchecked))
	}
	if err := c.run(ctx, args); err != nil {
		return nil, errors.Join(fmt.Errorf("start %s: %w; see %s", r.name, err, c.logPath()), c.backing.stop())
	}
	return c, nil
}

// makeDir makes a folder that a store's own user can pass through. What is in it is for its owner alone.
func makeDir(dir string) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	return os.Chmod(dir, 0o711) //nolint:gosec // see above
}

func (c *child) logPath() string { return filepath.Join(c.dir, "log") }

func (c *child) run(ctx context.Context, args []string) error {
	self, err := os.Executable()
	if err != nil {
		return err
	}
	// A log of a line for each request is part of what the service does.
	log, err := os.OpenFile(c.logPath(), os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return err
	}
	defer func() { _ = log.Close() }()
	// Not the context of a signal: a child ends when its input does, after what it has to finish.
	//nolint:gosec // the program is this one
	cmd := exec.CommandContext(context.WithoutCancel(ctx), self, args...)
	cmd.Stderr = log
	out, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	in, err := cmd.StdinPipe()
	if err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return err
	}
	c.in = in
	line := make(chan error, 1)
	go func() {
		text, err := bufio.NewReader(out).ReadBytes('\n')
		if err == nil {
			err = json.Unmarshal(text, &c.ready)
		}
		line <- err
		c.ended <- cmd.Wait()
	}()
	select {
	case err = <-line:
	case <-time.After(patience):
		err = errors.New("it says nothing")
	case <-ctx.Done():
		err = ctx.Err()
	}
	if err != nil {
		_ = cmd.Process.Kill()
	}
	return err
}

// close ends the child and its store.
func (c *child) close() error {
	err := c.in.Close()
	select {
	case ended := <-c.ended:
		err = errors.Join(err, ended)
	case <-time.After(patience):
		err = errors.Join(err, errors.New("it does not end"))
	}
	if err != nil {
		err = fmt.Errorf("stop %s: %w; see %s", c.name, err, c.logPath())
	}
	return errors.Join(err, c.backing.stop())
}

// call makes a request of the service or its control, and gives the answer's body.
func (c *child) call(ctx context.Context, method, url, body string) ([]byte, error) {
	r, err := http.NewRequestWithContext(ctx, method, "http://"+url, strings.NewReader(body))
	if err != nil {
		return nil, err
	}
	r.Header.Set("Authorization", "App "+c.Session.Key)
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		return nil, err
	}
	defer func() { _ = answer.Body.Close() }()
	text, err := io.ReadAll(answer.Body)
	if err == nil && answer.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s: %s %s answers %d %.200s", c.name, method, url, answer.StatusCode, text)
	}
	return text, err
}

func (c *child) stats(ctx context.Context) (s stats, err error) {
	text, err := c.call(ctx, http.MethodGet, c.Control+"/stats", "")
	if err == nil {
		err = json.Unmarshal(text, &s)
	}
	if c.backing.cpu != nil {
		s.CPU += c.backing.cpu()
	}
	return s, err
}

// settle waits until nothing is under way that the load generator left, and gives the counts to begin with.
func (c *child) settle(ctx context.Context) (s stats, err error) {
	for {
		before := s.Taken
		if s, err = c.stats(ctx); err != nil || c.store == "" || s.Taken == before {
			return s, err
		}
		select {
		case <-time.After(200 * time.Millisecond):
		case <-ctx.Done():
			return s, ctx.Err()
		}
	}
}

// prepare makes PINs that nobody has touched and writes them where the load generator reads them.
func (c *child) prepare(ctx context.Context, count int, again bool) (path string, err error) {
	url := fmt.Sprintf("%s/prepare?count=%d&first=%d", c.Control, count, c.next)
	if again {
		url += "&again=1"
	}
	c.next += count
	text, err := c.call(ctx, http.MethodPost, url, "")
	if err != nil {
		return "", fmt.Errorf("prepare PINs: %w", err)
	}
	path = filepath.Join(c.dir, "pins")
	if again {
		path += "-again"
	}
	return path, os.WriteFile(path, text, 0o600)
}
