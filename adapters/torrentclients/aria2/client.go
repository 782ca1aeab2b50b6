// Package aria2 speaks with aria2 daemons (1.36 and 1.37) by their JSON-RPC over
// HTTP. Why it is made the way it is: docs/decisions/0016-aria2-client.md.
package aria2

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
	memory memory
}

// Close implements ports.TorrentClient; requests under way end with an error.
func (c *Client) Close() error {
	c.rpc.close()
	return nil
}

// Probe implements ports.TorrentClient. The room on the daemon's disk is not told
// by any of its requests.
func (c *Client) Probe(ctx context.Context) (domain.ClientInfo, error) {
	var about struct {
		Version  string   `json:"version"`
		Features []string `json:"enabledFeatures"`
	}
	answer, err := c.rpc.call(ctx, request{method: "aria2.getVersion"})
	if err == nil {
		err = decode(answer, &about)
	}
	if err == nil && about.Version == "" {
		err = nonsense(errMalformed)
	}
	if err != nil {
		return domain.ClientInfo{}, unavailable(err)
	}
	for _, feature := range about.Features {
		if feature == "BitTorrent" {
			return domain.ClientInfo{Version: shorten(about.Version)}, nil
		}
	}
	return domain.ClientInfo{}, domain.Unavailable(nil, "this aria2 (%s) was built without BitTorrent", shorten(about.Version))
}
