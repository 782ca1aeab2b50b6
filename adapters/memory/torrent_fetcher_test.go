package memory_test

import (
	"fmt"
	"testing"

	"github.com/clarion-app/download-manager/adapters/memory"
	"github.com/clarion-app/download-manager/ports/portstest"
)

func TestTorrentFetcher(t *testing.T) {
	t.Parallel()
	portstest.TorrentFetcher(t, func(*testing.T) portstest.TorrentFetcherHarness {
		web, pages := memory.NewTorrentFetcher(), 0
		next := func() string {
			pages++
			return fmt.Sprintf("https://web.example/%d", pages)
		}
		return portstest.TorrentFetcherHarness{
			Fetcher: web, Nowhere: "http://web.example/nowhere",
			Serve: func(content []byte) string {
				url := next()
				web.Serve(url, content)
				return url
			},
			Redirect: func(to string) string {
				url := next()
				web.Redirect(url, to)
				return url
			},
		}
	})
}
