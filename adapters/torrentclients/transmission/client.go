// Package transmission speaks with Transmission daemons, 3.00 to 4.1, in
// whichever dialect of their RPC they know.
package transmission

import (
	"context"
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
	rpc    *rpc
	now    func() time.Time
	memory sessionMemory
	// begun are handed over but not set up to the end, halted are stopped to be started.
	begun, halted beginnings
	// turn is held while what stands below it is used.
	turn    chan struct{}
	picture picture
	// deaf is the session of a daemon that does not know what has changed.
	deaf string
}

// Close implements ports.TorrentClient; requests under way end with an error.
func (c *Client) Close() error {
	c.rpc.close()
	return nil
}

// Probe implements ports.TorrentClient.
func (c *Client) Probe(ctx context.Context) (domain.ClientInfo, error) {
	var session struct {
		Version     string `json:"version"`
		LegacyDir   string `json:"download-dir"`
		DownloadDir string `json:"download_dir"`
	}
	answer, _, err := c.rpc.insist(ctx, func(at handshake) (string, map[string]any) {
		return at.dialect.sessionGet, map[string]any{}
	})
	if err == nil {
		err = decode(answer, &session)
	}
	if err == nil && session.Version == "" {
		err = nonsense(errMalformed)
	}
	if err != nil {
		return domain.ClientInfo{}, unavailable(err)
	}
	info := domain.ClientInfo{Version: shorten(session.Version)}
	info.FreeSpace = c.freeSpace(ctx, session.LegacyDir+session.DownloadDir)
	if err := ctx.Err(); err != nil {
		return domain.ClientInfo{}, c.rpc.explain(ctx, ctx, err)
	}
	return info, nil
}

// freeSpace is nil where the daemon does not tell.
func (c *Client) freeSpace(ctx context.Context, folder string) *int64 {
	var space struct {
		Legacy *int64 `json:"size-bytes"`
		Size   *int64 `json:"size_bytes"`
	}
	answer, _, err := c.rpc.call(ctx, func(at handshake) (string, map[string]any) {
		return at.dialect.freeSpace, map[string]any{"path": folder}
	})
	if err != nil || decode(answer, &space) != nil {
		return nil
	}
	if space.Size == nil {
		space.Size = space.Legacy
	}
	if space.Size == nil || *space.Size < 0 {
		return nil
	}
	return space.Size
}
