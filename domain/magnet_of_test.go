package domain_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/clarion-app/download-manager/domain"
)

func TestMagnetOf(t *testing.T) {
	t.Parallel()
	hash, err := domain.ParseInfoHash("0123456789abcdef0123456789abcdef01234567")
	if err != nil {
		t.Fatal(err)
	}
	long := "http://" + strings.Repeat("x", domain.MaxMagnetLength)
	got := domain.MagnetOf(hash, " a & b ", []string{"http://one/announce?k=1&l=2", long, "udp://two:80"})
	if got.InfoHash() != hash || got.Name() != "a & b" || !slices.Equal(got.Trackers(), []string{"http://one/announce?k=1&l=2", "udp://two:80"}) {
		t.Errorf("got %s", got)
	}
	if bare := domain.MagnetOf(hash, "", nil); bare.String() != "magnet:?xt=urn:btih:"+hash.String() {
		t.Errorf("got %s", bare)
	}
}
