package aria2

import (
	"fmt"
	"strings"
	"testing"

	"github.com/clarion-app/download-manager/internal/jsonscan"
)

// BenchmarkDecode reads a list of 5,000 torrents, without a daemon.
func BenchmarkDecode(b *testing.B) {
	rows := make([]string, 5000)
	for i := range rows {
		rows[i] = strings.Replace(row(fmt.Sprintf("%016x", i), "active", 50, 100, theName), aHash, fmt.Sprintf("%040x", i), 1)
	}
	body := []byte(`{"id":"1","jsonrpc":"2.0","result":[[[` + strings.Join(rows, ",") + `]],[[]],[[]]]}`)
	b.SetBytes(int64(len(body)))
	for b.Loop() {
		var all []download
		if _, err := readAnswer(body, func(s *jsonscan.Scanner) error {
			return readReplies(s, func(int) error { return readDownloads(s, &all) }, func(int, *refusal) {})
		}); err != nil {
			b.Fatal(err)
		}
		if list := newListing(all); len(list.held) != len(rows) {
			b.Fatal(len(list.held))
		}
	}
}
