package portstest

import (
	"bytes"
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/clarion-app/download-manager/domain"
	"github.com/clarion-app/download-manager/ports"
)

// TorrentFetcherHarness is a fetcher and a web that it can reach.
type TorrentFetcherHarness struct {
	Fetcher ports.TorrentFetcher
	// Serve puts content at a new address, which it returns; Redirect makes a new one
	// that leads to another.
	Serve    func(content []byte) (url string)
	Redirect func(to string) (url string)
	// Nowhere is an address of this web at which there is nothing.
	Nowhere string
}

// TorrentFetcher is the contract of ports.TorrentFetcher.
func TorrentFetcher(t *testing.T, open func(t *testing.T) TorrentFetcherHarness) {
	t.Helper()
	for fact, prove := range map[string]func(t *testing.T, h TorrentFetcherHarness){
		"what is at an address is given, whatever it is": func(t *testing.T, h TorrentFetcherHarness) {
			for _, content := range [][]byte{[]byte("d4:infodee"), {0, 0xff, '\r', '\n'}, {}, bytes.Repeat([]byte{0xfe}, domain.MaxMetainfoBytes)} {
				got, err := h.Fetcher.Fetch(t.Context(), h.Serve(content))
				ok(t, err)
				if !bytes.Equal(got.Content, content) || got.MagnetURI != "" {
					t.Errorf("got %d bytes and %q; want %d bytes", len(got.Content), got.MagnetURI, len(content))
				}
			}
		},
		"it is followed where it leads": func(t *testing.T, h TorrentFetcherHarness) {
			url := h.Serve([]byte("content"))
			for range 5 {
				url = h.Redirect(url)
				got, err := h.Fetcher.Fetch(t.Context(), url)
				ok(t, err)
				if string(got.Content) != "content" {
					t.Errorf("got %q", got.Content)
				}
			}
			_, err := h.Fetcher.Fetch(t.Context(), h.Redirect(url))
			fails(t, err, domain.KindInvalid, "url")
		},
		"a magnet link is an end": func(t *testing.T, h TorrentFetcherHarness) {
			const magnet = "magnet:?xt=urn:btih:08ada5a7a6183aae1e09d831df6748d566095a10&dn=Sintel+film&tr=udp%3A%2F%2Fa%3A1"
			for _, url := range []string{magnet, h.Redirect(magnet), h.Redirect(h.Redirect(magnet))} {
				got, err := h.Fetcher.Fetch(t.Context(), url)
				ok(t, err)
				if got.MagnetURI != magnet || got.Content != nil {
					t.Errorf("got %q and %d bytes", got.MagnetURI, len(got.Content))
				}
			}
		},
		"what is too large is refused": func(t *testing.T, h TorrentFetcherHarness) {
			_, err := h.Fetcher.Fetch(t.Context(), h.Serve(make([]byte, domain.MaxMetainfoBytes+1)))
			fails(t, err, domain.KindInvalid, "url")
		},
		"what is no address of the web is refused": func(t *testing.T, h TorrentFetcherHarness) {
			for _, url := range []string{
				"", "x", "/etc/passwd", "file:///etc/passwd", "ftp://example.org/x", "javascript:alert(1)", "unix:///run/x",
				"gopher://127.0.0.1:9480/", "data:,x",
			} {
				_, err := h.Fetcher.Fetch(t.Context(), url)
				fails(t, err, domain.KindInvalid, "url")
			}
			_, err := h.Fetcher.Fetch(t.Context(), h.Redirect("file:///etc/passwd"))
			fails(t, err, domain.KindInvalid, "url")
		},
		"an address with nothing there is refused": func(t *testing.T, h TorrentFetcherHarness) {
			_, err := h.Fetcher.Fetch(t.Context(), h.Nowhere)
			fails(t, err, domain.KindInvalid, "url")
		},
		"an ended context ends fetching": func(t *testing.T, h TorrentFetcherHarness) {
			url := h.Serve([]byte("x"))
			refuses(t, map[string]func(ctx context.Context) error{
				"Fetch": func(ctx context.Context) error { _, err := h.Fetcher.Fetch(ctx, url); return err },
			})
		},
		"many may fetch at once": func(t *testing.T, h TorrentFetcherHarness) {
			urls := make([]string, 30)
			for i := range urls {
				urls[i] = h.Serve([]byte(strings.Repeat(fmt.Sprint(i), 100)))
			}
			for i, err := range together(len(urls), func(i int) error {
				got, err := h.Fetcher.Fetch(t.Context(), urls[i])
				if err == nil && string(got.Content) != strings.Repeat(fmt.Sprint(i), 100) {
					err = fmt.Errorf("got %q", got.Content)
				}
				return err
			}) {
				if err != nil {
					t.Errorf("%d: %v", i, err)
				}
			}
		},
	} {
		t.Run(fact, func(t *testing.T) {
			t.Parallel()
			prove(t, open(t))
		})
	}
}
