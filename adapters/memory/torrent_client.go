package memory

import (
	"context"
	"errors"
	"sync/atomic"

	"github.com/clarion-app/download-manager/domain"
	"github.com/clarion-app/download-manager/ports"
)

var (
	_ ports.TorrentClient   = (*TorrentClient)(nil)
	_ ports.TransferControl = (*TorrentClient)(nil)
	_ ports.TransferDetails = (*TorrentClient)(nil)
	_ ports.TransferListing = (*TorrentClient)(nil)
)

// TorrentClient is a torrent client that downloads nothing: its transfers are
// what a test says they are. The methods of its daemon steer it.
type TorrentClient struct {
	*TorrentDaemon
	closed atomic.Bool
}

// NewTorrentClient returns a client of a daemon of its own.
func NewTorrentClient() *TorrentClient { return NewTorrentDaemon().Client() }

// Probe implements ports.TorrentClient.
func (c *TorrentClient) Probe(ctx context.Context) (domain.ClientInfo, error) {
	var info domain.ClientInfo
	err := c.serve(ctx, func() error {
		c.requests.Probe++
		info = c.info
		return c.failure
	})
	return info, err
}

// Transfers implements ports.TorrentClient.
func (c *TorrentClient) Transfers(ctx context.Context, hashes []domain.InfoHash) (domain.Report, error) {
	report := domain.Report{Transfers: make(map[domain.InfoHash]domain.Transfer, len(hashes))}
	err := c.serve(ctx, func() error {
		c.requests.Transfers++
		for _, hash := range hashes {
			if transfer, found := c.transfers[hash]; found {
				report.Transfers[hash] = transfer
			}
		}
		report.Settling = c.settling
		return c.failure
	})
	if err != nil {
		return domain.Report{}, err
	}
	return report, nil
}

// Add implements ports.TorrentClient: the magnet becomes a transfer without
// metadata.
func (c *TorrentClient) Add(ctx context.Context, handover domain.Handover) (domain.InfoHash, error) {
	hash := handover.InfoHash()
	err := c.serve(ctx, func() error {
		c.requests.Add++
		if c.failure != nil {
			return c.failure
		}
		if err := c.refusals[hash]; err != nil {
			return err
		}
		if unwanted := handover.Settings.Unwanted; unwanted != nil && len(*unwanted) > 0 && handover.Metainfo == nil {
			return errNoMetadata()
		}
		if err := checkFolder(handover.Settings); err != nil {
			return err
		}
		c.add(handover)
		return nil
	})
	if err != nil {
		return domain.InfoHash{}, err
	}
	return hash, nil
}

// Remove implements ports.TorrentClient.
func (c *TorrentClient) Remove(ctx context.Context, hashes []domain.InfoHash, deleteData bool) error {
	if c.closed.Load() {
		return errClosed()
	}
	if len(hashes) == 0 {
		return nil
	}
	return c.serve(ctx, func() error {
		c.requests.Remove++
		if c.failure != nil {
			return c.failure
		}
		for _, hash := range hashes {
			if _, found := c.transfers[hash]; found && deleteData { // it knows nothing of what it does not hold
				h := c.held[hash]
				delete(c.data, hash)
				for _, file := range h.files {
					delete(c.disk, place{h.folder(), file.Path})
				}
			}
			c.forget(hash)
		}
		return nil
	})
}

// Close implements ports.TorrentClient. The daemon lives on.
func (c *TorrentClient) Close() error {
	c.closed.Store(true)
	return nil
}

// serve runs one request once the daemon is not blocked.
func (c *TorrentClient) serve(ctx context.Context, request func() error) error {
	if c.closed.Load() {
		return errClosed()
	}
	select {
	case <-c.gate():
	case <-ctx.Done():
	}
	if err := ctx.Err(); errors.Is(err, context.DeadlineExceeded) {
		return domain.Unavailable(err, "the client does not answer in time")
	} else if err != nil {
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.progress()
	return request()
}

func errClosed() error { return domain.Unavailable(nil, "this client is closed") }
