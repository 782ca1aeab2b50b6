package rtorrent

import (
	"context"
	"strings"

	"github.com/clarion-app/download-manager/domain"
)

const (
	// smallRequest is what every daemon takes, whatever its settings: its limit is
	// 512 KiB by default. Base64 adds a third to a .torrent file.
	smallRequest = 480 << 10
	// The most that a request may have, whatever the settings: of 0.9, and of later
	// ones. What is larger finds its connection reset.
	largest09 = 2 << 20
	largest   = 16 << 20
)

// is09 reports whether a version is one of 0.9.
func is09(version value) bool { return strings.HasPrefix(version.String(), "0.9.") }

// makeRoom sees to it that the daemon takes a .torrent file of this size, which
// may mean to raise its limit until it restarts.
func (c *Client) makeRoom(ctx context.Context, metainfo []byte) error {
	need := int64(len(metainfo))*4/3 + 16<<10
	if need <= smallRequest {
		return nil
	}
	answers, err := c.rpc.calls(ctx, call{"network.xmlrpc.size_limit", nil}, call{"system.client_version", nil})
	if err == nil {
		err = all(answers)
	}
	if err != nil {
		return err
	}
	most := int64(largest)
	if is09(answers[1].value) {
		most = largest09
	}
	if need > most {
		return domain.Invalid("file", "is larger than this rtorrent takes over its RPC: %d KB is the most", (most-16<<10)*3/4>>10)
	}
	if limit, ok := answers[0].value.integer(); ok && limit < need {
		_, err = c.rpc.call(ctx, command("network.xmlrpc.size_limit.set", most))
	}
	return unavailable(err)
}
