package domain_test

import (
	"math"
	"testing"

	"github.com/clarion-app/download-manager/domain"
)

func TestBytesForPeople(t *testing.T) {
	t.Parallel()
	for n, want := range map[int64]string{
		0: "0 B", 1023: "1023 B", 1 << 10: "1.0 KiB", 1536: "1.5 KiB", 10 << 20: "10.0 MiB", 3 << 40: "3.0 TiB", 1 << 50: "1.0 PiB",
		math.MaxInt64: "8.0 EiB",
	} {
		if got := domain.FormatBytes(n); got != want {
			t.Errorf("%d bytes are %q, want %q", n, got, want)
		}
	}
}
