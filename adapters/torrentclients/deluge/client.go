// Package deluge speaks with Deluge daemons of version 2, in their own RPC.
package deluge

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
	rpc *rpc
	now func() time.Time
}

// Close implements ports.TorrentClient; requests under way end with an error.
func (c *Client) Close() error {
	c.rpc.close()
	return nil
}

// Probe implements ports.TorrentClient.
func (c *Client) Probe(ctx context.Context) (domain.ClientInfo, error) {
	answers, err := c.rpc.call(ctx, call{method: "daemon.info"}, call{method: "core.get_free_space"})
	if err != nil {
		return domain.ClientInfo{}, unavailable(err)
	}
	var version []byte
	err = answers[0].read(func(r *reader) (err error) {
		version, err = r.text()
		return err
	})
	if err == nil && shorten(string(version)) == "" {
		err = nonsense(errMalformed)
	}
	if err != nil {
		return domain.ClientInfo{}, unavailable(err)
	}
	info := domain.ClientInfo{Version: shorten(string(version))}
	var space int64
	if err := answers[1].read(func(r *reader) (err error) {
		space, _, err = r.number()
		return err
	}); err == nil && space >= 0 {
		info.FreeSpace = &space
	}
	return info, nil
}
