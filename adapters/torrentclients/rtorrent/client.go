// Package rtorrent speaks with rTorrent daemons, 0.9 to 0.16, by XML-RPC: over
// SCGI, as they offer it themselves, or through a web server in front of them.
// docs/decisions/0015-rtorrent-client.md tells why it is as it is.
package rtorrent

import (
	"context"
	"strconv"
	"strings"
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
	rpc        *rpc
	now        func() time.Time
	session    session
	selections selections
	lost       lost
}

// Close implements ports.TorrentClient; requests under way end with an error.
func (c *Client) Close() error {
	c.rpc.close()
	return nil
}

// Probe implements ports.TorrentClient.
func (c *Client) Probe(ctx context.Context) (domain.ClientInfo, error) {
	answers, err := c.rpc.calls(ctx, call{"system.client_version", nil}, call{"directory.default", nil})
	if err == nil {
		err = all(answers)
	}
	if err != nil {
		return domain.ClientInfo{}, err
	}
	version := shorten(answers[0].value.String())
	if version == "" {
		return domain.ClientInfo{}, nonsense(malformed("no version"))
	}
	info := domain.ClientInfo{Version: version, FreeSpace: c.freeSpace(ctx, string(answers[1].value.text))}
	if err := ctx.Err(); err != nil {
		return domain.ClientInfo{}, c.rpc.explain(ctx, ctx, err)
	}
	return info, nil
}

// freeSpace has the daemon ask df, as it has no command for that itself; nil where
// there is no telling.
func (c *Client) freeSpace(ctx context.Context, folder string) *int64 {
	if folder == "" {
		return nil
	}
	answer, err := c.rpc.call(ctx, command("execute.capture", "df", "-Pk", "--", folder))
	if err != nil {
		return nil
	}
	return readFreeSpace(string(answer.text))
}

// readFreeSpace finds the room in what POSIX has df -Pk print: a line of headings,
// and one of numbers, of which the fourth counts free kilobytes.
func readFreeSpace(text string) *int64 {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	if len(lines) != 2 {
		return nil
	}
	// From the right, since the first column may hold blanks; so may the last one,
	// which begins with a slash.
	numbers, _, _ := strings.Cut(lines[1], "% ")
	fields := strings.Fields(numbers)
	if len(fields) < 5 {
		return nil
	}
	kilobytes, err := strconv.ParseInt(fields[len(fields)-2], 10, 64)
	if err != nil || kilobytes < 0 || kilobytes > 1<<50 {
		return nil
	}
	space := kilobytes << 10
	return &space
}
