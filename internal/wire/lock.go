//go:build darwin || dragonfly || freebsd || illumos || linux || netbsd || openbsd

package wire

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"syscall"
)

// lockFolder takes a data folder for one house, until it is closed or its process ends: two would each have clocks and
// faults of their own, and know nothing of messages that the other captures. Stores are opened beside it all the same.
func lockFolder(data string) (io.Closer, error) {
	f, err := os.OpenFile(filepath.Join(data, "pinpost.lock"), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("lock data folder: %w", err)
	}
	// Any other error is that of a file system without locks, which is no reason not to start.
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); errors.Is(err, syscall.EWOULDBLOCK) {
		return nil, errors.Join(fmt.Errorf("another pinpost serves from %s: stop it, or give this one another folder with --data", data),
			f.Close())
	}
	return f, nil
}
