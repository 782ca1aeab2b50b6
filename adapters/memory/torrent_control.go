package memory

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/clarion-app/download-manager/domain"
)

// held is what a daemon keeps of a transfer beside its report.
type held struct {
	magnet   domain.Magnet
	metainfo []byte
	settings domain.TransferSettings
	verified int
	addedAt  *time.Time
	files    []domain.TransferFile
	trackers []domain.Tracker
	peers    []domain.Peer
}

// Pause implements ports.TransferControl.
func (c *TorrentClient) Pause(ctx context.Context, hashes []domain.InfoHash) error {
	return c.control(ctx, hashes, func(t *domain.Transfer, _ *held) { t.Phase = domain.PhaseStopped })
}

// Resume implements ports.TransferControl.
func (c *TorrentClient) Resume(ctx context.Context, hashes []domain.InfoHash) error {
	return c.control(ctx, hashes, func(t *domain.Transfer, _ *held) {
		switch {
		case t.Phase != domain.PhaseStopped:
		case !t.MetadataKnown:
			t.Phase = domain.PhaseMetadata
		case t.Finished():
			t.Phase = domain.PhaseSeeding
		default:
			t.Phase = domain.PhaseDownloading
		}
	})
}

// Verify implements ports.TransferControl: it is done at once, and counted.
func (c *TorrentClient) Verify(ctx context.Context, hashes []domain.InfoHash) error {
	return c.control(ctx, hashes, func(t *domain.Transfer, h *held) {
		h.verified++
		if s := c.swarms[t.InfoHash]; s != nil && h.files != nil {
			s.verify(c.TorrentDaemon, h)
		}
	})
}

// control changes those of hashes that the daemon holds.
func (c *TorrentClient) control(ctx context.Context, hashes []domain.InfoHash, change func(*domain.Transfer, *held)) error {
	if c.closed.Load() {
		return errClosed()
	}
	if len(hashes) == 0 {
		return nil
	}
	return c.serve(ctx, func() error {
		c.requests.Control++
		if c.failure != nil {
			return c.failure
		}
		for _, hash := range hashes {
			if t, found := c.transfers[hash]; found {
				change(&t, c.held[hash])
				c.transfers[hash] = t
			}
		}
		return nil
	})
}

// Configure implements ports.TransferControl.
func (c *TorrentClient) Configure(ctx context.Context, hash domain.InfoHash, settings domain.TransferSettings) error {
	return c.inside(ctx, hash, func(h *held) error {
		if err := c.refusals[hash]; err != nil {
			return err
		}
		if settings.Unwanted != nil {
			if err := h.choosable(*settings.Unwanted, c.transfers[hash].MetadataKnown); err != nil {
				return err
			}
		}
		if err := checkFolder(settings); err != nil {
			return err
		}
		if settings.Folder != nil {
			c.move(h, *settings.Folder)
		}
		h.configure(settings)
		return nil
	})
}

// choosable errs unless these files can be among those of a transfer. Where nobody has
// said which they are, any can.
func (h *held) choosable(files []int, known bool) error {
	if !known {
		return errNoMetadata()
	}
	for _, i := range files {
		if i < 0 || (h.files != nil && i >= len(h.files)) {
			return domain.Invalid("unwantedFiles", "must be indexes of the torrent's %d files, from 0", len(h.files))
		}
	}
	return nil
}

func checkFolder(settings domain.TransferSettings) error {
	if folder := settings.Folder; folder != nil && !strings.HasPrefix(*folder, "/") {
		return domain.Invalid("folder", "must be an absolute path")
	}
	return nil
}

func errNoMetadata() error {
	return domain.Conflict("the files can be chosen once the torrent's metadata is there")
}

func (h *held) configure(s domain.TransferSettings) {
	for _, p := range []struct{ from, to **string }{
		{&s.Name, &h.settings.Name}, {&s.Label, &h.settings.Label}, {&s.Folder, &h.settings.Folder},
	} {
		if *p.from != nil {
			*p.to = *p.from
		}
	}
	if s.Priority != nil {
		h.settings.Priority = s.Priority
	}
	if s.DownloadLimit != nil {
		h.settings.DownloadLimit = s.DownloadLimit
	}
	if s.UploadLimit != nil {
		h.settings.UploadLimit = s.UploadLimit
	}
	if s.Unwanted != nil {
		h.settings.Unwanted = s.Unwanted
		for i := range h.files {
			h.files[i].Wanted = !slices.Contains(*s.Unwanted, h.files[i].Index)
		}
	}
}

// Files implements ports.TransferDetails.
func (c *TorrentClient) Files(ctx context.Context, hash domain.InfoHash) (files []domain.TransferFile, err error) {
	err = c.inside(ctx, hash, func(h *held) error { files = slices.Clone(h.files); return nil })
	return files, err
}

// Trackers implements ports.TransferDetails.
func (c *TorrentClient) Trackers(ctx context.Context, hash domain.InfoHash) (trackers []domain.Tracker, err error) {
	err = c.inside(ctx, hash, func(h *held) error {
		trackers = slices.Clone(h.trackers)
		if trackers == nil {
			for i, url := range h.magnet.Trackers() {
				trackers = append(trackers, domain.Tracker{URL: url, Tier: i, Message: "nobody is asked"})
			}
		}
		return nil
	})
	return trackers, err
}

// Peers implements ports.TransferDetails.
func (c *TorrentClient) Peers(ctx context.Context, hash domain.InfoHash) (peers []domain.Peer, err error) {
	err = c.inside(ctx, hash, func(h *held) error {
		peers = slices.Clone(h.peers)
		if s := c.swarms[hash]; peers == nil && s != nil && s.Offered > 0 {
			peers = []domain.Peer{{Address: "192.0.2.1:6881", FractionDone: float64(s.Offered) / float64(len(s.Data))}}
		}
		return nil
	})
	return peers, err
}

// inside looks into one transfer.
func (c *TorrentClient) inside(ctx context.Context, hash domain.InfoHash, look func(*held) error) error {
	return c.serve(ctx, func() error {
		c.requests.Inside++
		if c.failure != nil {
			return c.failure
		}
		if _, found := c.transfers[hash]; !found {
			return domain.NotFound("the client does not hold %s", hash)
		}
		return look(c.held[hash])
	})
}

// List implements ports.TransferListing.
func (c *TorrentClient) List(ctx context.Context) ([]domain.HeldTransfer, error) {
	var list []domain.HeldTransfer
	err := c.serve(ctx, func() error {
		c.requests.List++
		switch {
		case c.failure != nil:
			return c.failure
		case c.settling:
			return domain.Unavailable(nil, "the client has just started")
		}
		for hash, transfer := range c.transfers {
			h := c.held[hash]
			one := domain.HeldTransfer{Transfer: transfer, Magnet: h.magnet, AddedAt: h.addedAt}
			if h.settings.Label != nil {
				one.Label = *h.settings.Label
			}
			if h.settings.Folder != nil {
				one.Folder = *h.settings.Folder
			}
			list = append(list, one)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return list, nil
}

// SetDetails says what the daemon tells of the inside of a transfer that it holds.
func (d *TorrentDaemon) SetDetails(hash domain.InfoHash, files []domain.TransferFile, trackers []domain.Tracker, peers []domain.Peer) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if h := d.held[hash]; h != nil {
		h.files, h.trackers, h.peers = slices.Clone(files), slices.Clone(trackers), slices.Clone(peers)
	}
}

// Settings returns what a transfer was configured with, and whether it is held.
func (d *TorrentDaemon) Settings(hash domain.InfoHash) (settings domain.TransferSettings, found bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if _, found = d.transfers[hash]; found {
		settings = d.held[hash].settings
	}
	return settings, found
}

// Metainfo returns the .torrent file that a transfer was added with; nil if none.
func (d *TorrentDaemon) Metainfo(hash domain.InfoHash) []byte {
	d.mu.Lock()
	defer d.mu.Unlock()
	if h := d.held[hash]; h != nil {
		return slices.Clone(h.metainfo)
	}
	return nil
}

// Verified counts how often a transfer was verified.
func (d *TorrentDaemon) Verified(hash domain.InfoHash) int {
	d.mu.Lock()
	defer d.mu.Unlock()
	if h := d.held[hash]; h != nil {
		return h.verified
	}
	return 0
}
