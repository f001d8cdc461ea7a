package config

import (
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

const keyBytes = 32

// PINKeys reads the keys that PINs are sealed under, the newest first. When no file was named, the one in the data folder
// is made on first use, readable by its owner alone.
func (s Settings) PINKeys(rand io.Reader) ([][]byte, error) {
	path := s.KeyFile()
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) && s.PINKeyFile == "" {
		if text, err = makeKeyFile(path, rand); errors.Is(err, fs.ErrExist) {
			text, err = os.ReadFile(path) // another process was faster
		}
	}
	if err != nil {
		return nil, fmt.Errorf("read PIN keys: %w", err)
	}
	var keys [][]byte
	for line := range strings.Lines(string(text)) {
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		key, err := hex.DecodeString(line)
		if err != nil || len(key) != keyBytes {
			return nil, fmt.Errorf("read PIN keys: %s: each line must have %d hex digits", path, 2*keyBytes)
		}
		keys = append(keys, key)
	}
	if len(keys) == 0 {
		return nil, fmt.Errorf("read PIN keys: %s has none", path)
	}
	return keys, nil
}

// makeKeyFile writes a new key under another name first, so that the file is there whole or not at all.
func makeKeyFile(path string, rand io.Reader) ([]byte, error) {
	key := make([]byte, keyBytes)
	if _, err := io.ReadFull(rand, key); err != nil {
		return nil, err
	}
	text := []byte(hex.EncodeToString(key) + "\n")
	file, err := os.CreateTemp(filepath.Dir(path), "pin.key.*") // CreateTemp files have mode 0600
	if err != nil {
		return nil, err
	}
	defer func() { _ = os.Remove(file.Name()) }()
	_, err = file.Write(text)
	err = errors.Join(err, file.Sync(), file.Close())
	if err != nil {
		return nil, err
	}
	if err := os.Link(file.Name(), path); err != nil { // unlike a rename, a link never replaces another process's key
		return nil, err
	}
	return text, syncFolder(filepath.Dir(path))
}

// syncFolder makes a new name in a folder outlive a power loss.
func syncFolder(path string) error {
	folder, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(folder.Sync(), folder.Close())
}
