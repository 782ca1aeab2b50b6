package rtorrent_test

import (
	"fmt"
	"testing"

	"github.com/clarion-app/download-manager/domain"
)

// numbered returns the infohash of the i-th torrent of every fake.
func numbered(t testing.TB, i int) domain.InfoHash {
	t.Helper()
	hash, err := domain.ParseInfoHash(fmt.Sprintf("%040x", i+1))
	if err != nil {
		t.Fatal(err)
	}
	return hash
}
