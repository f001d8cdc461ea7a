package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"time"
)

// walRetry is the pause before the log is turned on again after another process was in the way.
const walRetry = 20 * time.Millisecond

// creating keeps apart the calls of Open in this process: closing any descriptor of a file drops every POSIX lock that
// the process holds on it, so none may be closed once SQLite has the file open.
var creating sync.Mutex

// createFile makes the file before SQLite would, with mode 0600; SQLite gives its log and index the same mode.
func createFile(path string) error {
	creating.Lock()
	defer creating.Unlock()
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return nil
	}
	if err != nil {
		return err
	}
	return f.Close()
}

// connect makes a pool that keeps its connections.
func connect(dsn string, connections int) (*sql.DB, error) {
	db, err := sql.Open("sqlite", dsn)
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(connections)
	db.SetMaxIdleConns(connections)
	return db, nil
}

// writerDSN makes every transaction take the write lock as it begins: one that reads first and writes later could find
// that another process has written in between, and would have to start again.
func writerDSN(path string, patience time.Duration, options ...Option) string {
	params := commonParams(patience)
	params.Set("_txlock", "immediate")
	params.Set("_synchronous", "FULL")
	params.Add("_pragma", "secure_delete(FAST)")      // what is wiped is gone from its page too
	params.Add("_pragma", "cache_size(-65536)")       // 64 MiB: what is written at once has to fit, or it is written twice
	params.Add("_pragma", "wal_autocheckpoint(8192)") // 32 MiB: a page that many transactions change is copied back once
	params.Add("_pragma", "temp_store(MEMORY)")       // or what a write of several would undo is noted in a file
	for _, set := range options {
		set(params)
	}
	return dsn(path, params)
}

func readerDSN(path string, patience time.Duration) string {
	params := commonParams(patience)
	params.Set("_query_only", "1")
	return dsn(path, params)
}

func commonParams(patience time.Duration) url.Values {
	return url.Values{
		"_busy_timeout": {strconv.FormatInt(patience.Milliseconds(), 10)},
		"_foreign_keys": {"1"},
		"_dqs":          {"0"}, // a misspelt column is an error, not a text
		"_error_rc":     {"1"}, // an error carries no text of an earlier one
	}
}

func dsn(path string, params url.Values) string {
	file := url.URL{Scheme: "file", Path: filepath.ToSlash(path), RawQuery: params.Encode()}
	return file.String()
}

// useWAL turns on the write-ahead log, which the file remembers. SQLite does not wait its busy timeout when two
// processes turn it on at once, so we do.
func (s *Store) useWAL(ctx context.Context, patience time.Duration) error {
	end := time.Now().Add(patience)
	for {
		var mode string
		err := s.writer.QueryRowContext(ctx, "PRAGMA journal_mode = WAL").Scan(&mode)
		if err == nil && mode != "wal" {
			return fmt.Errorf("the file system allows no write-ahead log, only journal mode %s", mode)
		}
		if !isBusy(err) || time.Now().After(end) {
			return err
		}
		select {
		case <-time.After(walRetry):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}
