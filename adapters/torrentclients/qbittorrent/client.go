// Package qbittorrent speaks with qBittorrent daemons, 4.x and 5.x, by their Web
// API (docs/decisions/0013-qbittorrent-client.md).
package qbittorrent

import (
	"context"
	"errors"
	"strings"
	"sync/atomic"
	"time"

	"github.com/clarion-app/download-manager/domain"
	"github.com/clarion-app/download-manager/ports"
)

var (
	_ ports.TorrentClient   = (*Client)(nil)
	_ ports.TransferControl = (*Client)(nil)
	_ ports.TransferDetails = (*Client)(nil)
	_ ports.TransferListing = (*Client)(nil)
)

// Client is the client of one daemon.
type Client struct {
	api *api
	now func() time.Time
	// others are what the daemon calls torrents that it does not call by the
	// infohash that we go by, as of the last picture.
	others atomic.Pointer[map[domain.InfoHash]string]
	// byName is how many torrents cost the daemon less when asked for by name.
	byName atomic.Int64
	// pauses is whether the daemon says "pause" for "stop", as 4.x does.
	pauses atomic.Bool

	// begun counts the refreshes of the picture that have begun.
	begun atomic.Int64
	// turn is held while what stands below it is used.
	turn    chan struct{}
	picture picture
	// upTo is the last refresh that the picture shows.
	upTo int64
}

// Close implements ports.TorrentClient; requests under way end with an error.
func (c *Client) Close() error {
	c.api.close()
	return nil
}

// Probe implements ports.TorrentClient.
func (c *Client) Probe(ctx context.Context) (domain.ClientInfo, error) {
	question := get("app/version", nil)
	question.insist = true
	got, err := c.api.do(ctx, question)
	if err != nil {
		return domain.ClientInfo{}, unavailable(err)
	}
	version := shorten(string(got.body))
	if digits := strings.TrimPrefix(version, "v"); len(version) > 40 || digits == "" || digits[0] < '0' || digits[0] > '9' {
		return domain.ClientInfo{}, nonsense(errors.New("it tells no version"))
	}
	info := domain.ClientInfo{Version: version}
	info.FreeSpace = c.freeSpace(ctx)
	if err := ctx.Err(); err != nil {
		return domain.ClientInfo{}, c.api.explain(ctx, ctx, err)
	}
	return info, nil
}

// freshSpace is how long a figure is good: the daemon looks no more often itself.
const freshSpace = 30 * time.Second

// freeSpace is nil where the daemon does not tell. In the first answer of a
// session 4.x says 0, since it has only begun to find out.
func (c *Client) freeSpace(ctx context.Context) *int64 {
	want := look{age: freshSpace, insist: true}
	for wait := 20 * time.Millisecond; ; wait *= 2 {
		space := int64(-1)
		err := c.withPicture(ctx, want, func(p *picture) { space = p.freeSpace })
		switch {
		case err != nil || space < 0:
			return nil
		case space > 0 || wait > 100*time.Millisecond:
			return &space
		}
		want.age = 0
		if !pause(ctx, wait) {
			return nil
		}
	}
}

// pause lets some time pass; false when the context ends first.
func pause(ctx context.Context, wait time.Duration) bool {
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}
