package memory

import (
	"bytes"
	"context"
	"strings"
	"sync"

	"github.com/clarion-app/download-manager/domain"
	"github.com/clarion-app/download-manager/ports"
)

// TorrentFetcher is a web of pages that tests make, in place of the real one. Use
// NewTorrentFetcher.
type TorrentFetcher struct {
	mu    sync.Mutex
	pages map[string]page
	asked int
}

// page is what is at an address: content, another address, or an error.
type page struct {
	content []byte
	to      string
	err     error
}

// mostRedirects is how often an address may lead on.
const mostRedirects = 5

var _ ports.TorrentFetcher = (*TorrentFetcher)(nil)

// NewTorrentFetcher returns an empty web.
func NewTorrentFetcher() *TorrentFetcher { return &TorrentFetcher{pages: map[string]page{}} }

// Serve puts content at an address.
func (f *TorrentFetcher) Serve(url string, content []byte) {
	f.set(url, page{content: bytes.Clone(content)})
}

// Redirect makes an address lead to another one, or to a magnet link.
func (f *TorrentFetcher) Redirect(url, to string) { f.set(url, page{to: to}) }

// Fail makes an address fail.
func (f *TorrentFetcher) Fail(url string, err error) { f.set(url, page{err: err}) }

func (f *TorrentFetcher) set(url string, p page) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.pages[url] = p
}

// Asked counts calls.
func (f *TorrentFetcher) Asked() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.asked
}

// Fetch implements ports.TorrentFetcher.
func (f *TorrentFetcher) Fetch(ctx context.Context, url string) (ports.FetchedTorrent, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.asked++
	for range 1 + mostRedirects {
		if err := ctx.Err(); err != nil {
			return ports.FetchedTorrent{}, err
		}
		if strings.HasPrefix(url, "magnet:") {
			return ports.FetchedTorrent{MagnetURI: url}, nil
		}
		if !strings.HasPrefix(url, "http://") && !strings.HasPrefix(url, "https://") {
			return ports.FetchedTorrent{}, domain.Invalid("url", "must be an address that begins with http:// or https://")
		}
		p, found := f.pages[url]
		switch {
		case !found:
			return ports.FetchedTorrent{}, domain.Invalid("url", "there is nothing at this address")
		case p.err != nil:
			return ports.FetchedTorrent{}, p.err
		case len(p.content) > domain.MaxMetainfoBytes:
			return ports.FetchedTorrent{}, domain.Invalid("url", "the file there is too large")
		case p.to == "":
			return ports.FetchedTorrent{Content: bytes.Clone(p.content)}, nil
		}
		url = p.to
	}
	return ports.FetchedTorrent{}, domain.Invalid("url", "leads on too often")
}
