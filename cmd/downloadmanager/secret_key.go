package main

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// secretKeyFile is where the key is kept in the data directory when no setting
// gives one.
const secretKeyFile = "secret.key"

// shortestSecretKey is in bytes: less is guessed.
const shortestSecretKey = 32

// secretKey is the key that the credentials of servers are encrypted with. The
// data directory must be there.
func (s *storageSettings) secretKey() ([32]byte, error) {
	text := s.SecretKey
	if text == "" {
		var err error
		if text, err = keptSecret(filepath.Join(s.DataDir, secretKeyFile)); err != nil {
			return [32]byte{}, fmt.Errorf("secret key: %w", err)
		}
	}
	if len(text) < shortestSecretKey {
		return [32]byte{}, fmt.Errorf("secret key: must be at least %d bytes long", shortestSecretKey)
	}
	return sha256.Sum256([]byte(text)), nil
}

// keptSecret reads the secret of a file, which is made if it is not there.
func keptSecret(path string) (string, error) {
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		if err := makeSecret(path); err != nil {
			return "", err
		}
	}
	content, err := os.ReadFile(path) //nolint:gosec // in the data directory
	return strings.TrimSpace(string(content)), err
}

// makeSecret makes a file with a random secret that only its owner can read. The
// file appears whole or not at all, and when two processes make it at once, both
// use the first one's.
func makeSecret(path string) error {
	raw := make([]byte, 32)
	_, _ = rand.Read(raw)                                                     // never fails: crypto/rand ends the program instead
	draft, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".*") // mode 0600
	if err != nil {
		return err
	}
	defer os.Remove(draft.Name())
	_, err = draft.WriteString(hex.EncodeToString(raw) + "\n")
	if err = errors.Join(err, draft.Sync(), draft.Close()); err != nil {
		return err
	}
	err = os.Link(draft.Name(), path) // unlike Rename, never replaces
	if err != nil && !errors.Is(err, fs.ErrExist) {
		return os.Rename(draft.Name(), path) // a file system without hard links
	}
	return nil
}
