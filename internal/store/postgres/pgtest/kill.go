//go:build postgres

package pgtest

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// Kill ends the server and every process of it with SIGKILL, so that none of them does anything in order any more. Start
// starts it again.
func (c *Cluster) Kill() error {
	if c.process == nil {
		return nil
	}
	// One that stands still starts no more processes while we look for those that it has.
	if err := c.process.Signal(syscall.SIGSTOP); err != nil {
		return err
	}
	children, err := childrenOf(c.process.Pid)
	errs := []error{err, c.process.Kill()}
	for _, pid := range children {
		if err := syscall.Kill(pid, syscall.SIGKILL); !errors.Is(err, syscall.ESRCH) {
			errs = append(errs, err)
		}
	}
	<-c.ended
	c.process = nil
	for _, pid := range children {
		errs = append(errs, waitGone(pid))
	}
	return errors.Join(errs...)
}

// childrenOf finds the processes that another one has started.
func childrenOf(parent int) (pids []int, err error) {
	paths, err := filepath.Glob("/proc/[0-9]*/stat")
	for _, path := range paths {
		pid, _ := strconv.Atoi(filepath.Base(filepath.Dir(path)))
		if _, of, is := processOf(pid); is && of == parent {
			pids = append(pids, pid)
		}
	}
	return pids, err
}

// waitGone waits until a process has ended: a server does not start while one of the last is there.
func waitGone(pid int) error {
	for end := time.Now().Add(10 * time.Second); ; time.Sleep(time.Millisecond) {
		if state, _, is := processOf(pid); !is || state == "Z" || state == "X" {
			return nil
		}
		if time.Now().After(end) {
			return fmt.Errorf("process %d is still there", pid)
		}
	}
}

// processOf reads the state and the parent of a process, if there is one. Its name, in brackets, may have anything in it.
func processOf(pid int) (state string, parent int, is bool) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return "", 0, false
	}
	fields := strings.Fields(string(text[strings.LastIndexByte(string(text), ')')+1:]))
	if len(fields) < 2 {
		return "", 0, false
	}
	parent, err = strconv.Atoi(fields[1])
	return fields[0], parent, err == nil
}
