package main

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"
)

// machine is what a reader has to know before believing a number.
type machine struct {
	CPU    string  `json:"cpu"`
	Cores  int     `json:"cores"`
	Memory string  `json:"memory"`
	Kernel string  `json:"kernel"`
	Go     string  `json:"go"`
	Load   string  `json:"load"`  // average of the last minute, before the first turn
	Fsync  float64 `json:"fsync"` // microseconds: the median of writing and syncing 4 kB in the folder that is measured
}

// String is a line for people.
func (m machine) String() string {
	return fmt.Sprintf("%d cores of %s, %s memory, Linux %s, %s, load %s before, fsync of 4 kB %.0f µs; the load generator on the same cores.\n",
		m.Cores, m.CPU, m.Memory, m.Kernel, m.Go, m.Load, m.Fsync)
}

func lookAtMachine(dir string) (machine, error) {
	m := machine{
		CPU: fact("/proc/cpuinfo", "model name"), Cores: runtime.NumCPU(), Memory: fact("/proc/meminfo", "MemTotal"),
		Kernel: fact("/proc/sys/kernel/osrelease", ""), Go: runtime.Version(), Load: fact("/proc/loadavg", ""),
	}
	m.Load, _, _ = strings.Cut(m.Load, " ")
	m.Kernel, _, _ = strings.Cut(m.Kernel, "-") // what follows names a build
	var kB float64
	if _, err := fmt.Sscanf(m.Memory, "%g kB", &kB); err == nil {
		m.Memory = fmt.Sprintf("%.0f GB", kB/(1<<20))
	}
	var err error
	m.Fsync, err = syncTime(filepath.Join(dir, "fsync"))
	return m, err
}

// fact gives what a file of /proc says of a name, or its first line.
func fact(path, name string) string {
	text, err := os.ReadFile(path)
	if err != nil {
		return "unknown"
	}
	for line := range strings.Lines(string(text)) {
		if name == "" {
			return strings.TrimSpace(line)
		}
		if key, value, found := strings.Cut(line, ":"); found && strings.TrimSpace(key) == name {
			return strings.TrimSpace(value)
		}
	}
	return "unknown"
}

func syncTime(path string) (float64, error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return 0, err
	}
	defer func() { _ = f.Close() }()
	var took []float64
	for range 100 {
		began := time.Now()
		if _, err := f.Write(make([]byte, 4096)); err != nil {
			return 0, err
		}
		if err := f.Sync(); err != nil {
			return 0, err
		}
		took = append(took, float64(time.Since(began).Microseconds()))
	}
	slices.Sort(took)
	return took[len(took)/2], nil
}
