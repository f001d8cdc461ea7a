package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
)

// usage is what this process has taken: microseconds of processor time, and the most bytes of memory.
func usage() (cpu, memory int64, err error) {
	var used syscall.Rusage
	err = syscall.Getrusage(syscall.RUSAGE_SELF, &used)
	return (used.Utime.Nano() + used.Stime.Nano()) / 1000, used.Maxrss << 10, err
}

// lend has a command run as somebody else; nil leaves it to who we are.
func lend(cmd *exec.Cmd, to *owner) {
	if to != nil {
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uint32(to.uid), Gid: uint32(to.gid)}}
	}
}

// launch starts a command that ends, as by a crash, when this process does, and gives what ends with it.
func launch(cmd *exec.Cmd) (ended chan error, err error) {
	if cmd.SysProcAttr == nil {
		cmd.SysProcAttr = &syscall.SysProcAttr{}
	}
	cmd.SysProcAttr.Pdeathsig = syscall.SIGQUIT
	started, ended := make(chan error), make(chan error, 1)
	go func() {
		runtime.LockOSThread() // the thread that starts a child is the parent that its death signal means
		err := cmd.Start()
		started <- err
		if err == nil {
			ended <- cmd.Wait()
		}
	}()
	return ended, <-started
}

// tick is the unit of times in /proc.
const tick = 10_000 // microseconds

// family gives the processor time of a process and of all that it started, in microseconds.
func family(pid int) int64 {
	var sum int64
	all, _ := filepath.Glob("/proc/[0-9]*/stat")
	for _, path := range all {
		text, err := os.ReadFile(path)
		if err != nil {
			continue // it has ended
		}
		// After the name, which ends with the last bracket: state, parent, and from the 12th on four times.
		fields := strings.Fields(string(text[strings.LastIndexByte(string(text), ')')+1:]))
		own := filepath.Base(filepath.Dir(path)) == strconv.Itoa(pid)
		if len(fields) < 15 || !own && fields[1] != strconv.Itoa(pid) {
			continue
		}
		for _, time := range fields[11:15] {
			ticks, _ := strconv.ParseInt(time, 10, 64)
			sum += ticks * tick
		}
	}
	return sum
}
