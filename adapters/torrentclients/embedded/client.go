package embedded

import (
	"context"
	"errors"
	"runtime/debug"
	"sync"

	"github.com/clarion-app/download-manager/domain"
	"github.com/clarion-app/download-manager/ports"
)

var (
	_ ports.TorrentClient   = (*Client)(nil)
	_ ports.TransferControl = (*Client)(nil)
	_ ports.TransferDetails = (*Client)(nil)
	_ ports.TransferListing = (*Client)(nil)
)

// Client is the client of one server. Its engine starts when it is first used.
type Client struct {
	factory *Factory
	folder  string

	mu     sync.Mutex
	engine *engine
	closed bool
}

// Probe implements ports.TorrentClient: the folder is ours and can be written.
func (c *Client) Probe(ctx context.Context) (domain.ClientInfo, error) {
	engine, err := c.use(ctx)
	if err != nil {
		return domain.ClientInfo{}, err
	}
	return engine.probe()
}

// Transfers implements ports.TorrentClient. It is settling until all torrents
// of the state folder are loaded; a moment is given to that.
func (c *Client) Transfers(ctx context.Context, hashes []domain.InfoHash) (domain.Report, error) {
	engine, err := c.use(ctx)
	if err != nil {
		return domain.Report{}, err
	}
	return engine.report(ctx, hashes)
}

// Add implements ports.TorrentClient. When it returns, the torrent is on disk
// and will be there after a crash. Adding what is there adds its trackers, web
// seeds and peers; and when a disk error has stopped it, starts it again.
// KindInvalid for a torrent of version 2 only, and for a .torrent file that is refused.
func (c *Client) Add(ctx context.Context, handover domain.Handover) (domain.InfoHash, error) {
	engine, err := c.use(ctx)
	if err != nil {
		return domain.InfoHash{}, err
	}
	return engine.add(ctx, handover)
}

// Remove implements ports.TorrentClient. Of the data, exactly the torrent's own
// files are deleted, and the folders that are empty without them.
func (c *Client) Remove(ctx context.Context, hashes []domain.InfoHash, deleteData bool) error {
	engine, err := c.use(ctx)
	if err != nil {
		return err
	}
	return engine.remove(ctx, hashes, deleteData)
}

// Close implements ports.TorrentClient: it saves everything and frees the
// folder, unless another client of this process uses it.
func (c *Client) Close() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return nil
	}
	c.closed = true
	if c.engine == nil {
		return nil
	}
	return c.factory.release(c.folder)
}

func (c *Client) use(ctx context.Context) (*engine, error) {
	if err := contextError(ctx); err != nil {
		return nil, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return nil, errClosed()
	}
	if c.engine == nil {
		engine, err := c.factory.take(c.folder)
		if err != nil {
			return nil, err
		}
		c.engine = engine
	}
	return c.engine, nil
}

func errClosed() error { return domain.Unavailable(nil, "this client is closed") }

func contextError(ctx context.Context) error {
	err := ctx.Err()
	if errors.Is(err, context.DeadlineExceeded) {
		return domain.Unavailable(err, "the embedded engine is busy")
	}
	return err
}

const library = "github.com/anacrolix/torrent"

// version is for people: the engine and, where the build tells, its version.
var version = sync.OnceValue(func() string {
	name := "anacrolix/torrent"
	if build, ok := debug.ReadBuildInfo(); ok {
		for _, module := range build.Deps {
			if module.Path == library {
				return name + " " + module.Version
			}
		}
	}
	return name
})
