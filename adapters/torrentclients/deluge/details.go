package deluge

import (
	"context"
	"math"
	"slices"

	"github.com/clarion-app/download-manager/domain"
)

// inside asks for some keys of one transfer and has each value read.
func (c *Client) inside(ctx context.Context, hash domain.InfoHash, keys []string, value func(r *reader, key string) error) error {
	told := 0
	err := c.rpc.one(ctx, call{method: "core.get_torrent_status", arguments: []any{hash.String(), keys}}, func(r *reader) error {
		return r.dict(func(key []byte) error {
			told++
			return value(r, string(key))
		})
	})
	switch {
	case refused(err, "KeyError") || (err == nil && told == 0):
		return notHeld(hash)
	case err == nil && told != len(keys):
		return nonsense(errMalformed)
	}
	return unavailable(err)
}

// Files implements ports.TransferDetails. The paths are those of the metainfo, even
// where files were renamed. How much of a file is there comes rounded to about seven
// digits.
func (c *Client) Files(ctx context.Context, hash domain.InfoHash) ([]domain.TransferFile, error) {
	var files []domain.TransferFile
	var progress []float64
	var priorities []int
	keys := []string{"orig_files", "file_progress", "file_priorities"}
	err := c.inside(ctx, hash, keys, func(r *reader, key string) (err error) {
		switch key {
		case "orig_files":
			files, err = readFiles(r)
		case "file_progress":
			err = r.list(func() error {
				_, fraction, err := r.number()
				progress = append(progress, fraction)
				return err
			})
		case "file_priorities":
			priorities, err = readPriorities(r)
		default:
			err = r.skip()
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	for i := range files {
		f := &files[i]
		f.Wanted = i >= len(priorities) || priorities[i] != fileUnwanted
		if i < len(progress) {
			f.BytesDone = min(max(int64(math.Round(progress[i]*float64(f.Size))), 0), f.Size)
		}
	}
	return files, nil
}

func readFiles(r *reader) (files []domain.TransferFile, err error) {
	err = r.list(func() error {
		f := domain.TransferFile{Index: len(files)}
		err := r.dict(func(key []byte) (err error) {
			switch string(key) {
			case "path":
				f.Path, err = r.string()
			case "size":
				f.Size, _, err = r.number()
				f.Size = max(0, f.Size)
			default:
				err = r.skip()
			}
			return err
		})
		f.Path = domain.CleanText(f.Path)
		files = append(files, f)
		return err
	})
	return files, err
}

// Trackers implements ports.TransferDetails. The daemon keeps one message for all
// trackers of a torrent, that of the last announce, and does not say which it was: so
// trouble is told of all of them, and numbers of the one that works.
func (c *Client) Trackers(ctx context.Context, hash domain.InfoHash) ([]domain.Tracker, error) {
	var listed []tracker
	var t torrent
	var current string
	var seeders, leechers int64
	keys := []string{"trackers", "tracker", "tracker_status", "total_seeds", "total_peers"}
	err := c.inside(ctx, hash, keys, func(r *reader, key string) (err error) {
		switch key {
		case "trackers":
			listed, err = readTrackers(r)
		case "tracker":
			current, err = r.string()
		case "total_seeds":
			seeders, _, err = r.number()
		case "total_peers":
			leechers, _, err = r.number()
		default:
			err = t.read(r, []byte(key))
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	trackers := make([]domain.Tracker, len(listed))
	for i, one := range listed {
		trackers[i] = domain.Tracker{
			URL: domain.CleanText(one.url), Tier: int(min(max(one.tier, 0), math.MaxInt32)), Message: t.warning(),
		}
		if (one.url == current || len(listed) == 1) && t.trackerStatus == "Announce OK" {
			trackers[i].Working = true
			trackers[i].Seeders, trackers[i].Leechers = count(seeders), count(leechers)
		}
	}
	slices.SortStableFunc(trackers, func(a, b domain.Tracker) int { return a.Tier - b.Tier })
	return trackers, nil
}

// count is nil where the tracker has not told.
func count(n int64) *int {
	if n < 0 || n > math.MaxInt32 {
		return nil
	}
	number := int(n)
	return &number
}

// Peers implements ports.TransferDetails.
func (c *Client) Peers(ctx context.Context, hash domain.InfoHash) ([]domain.Peer, error) {
	var peers []domain.Peer
	err := c.inside(ctx, hash, []string{"peers"}, func(r *reader, _ string) error {
		return r.list(func() error {
			var p domain.Peer
			err := r.dict(func(key []byte) error { return readPeer(r, key, &p) })
			peers = append(peers, p)
			return err
		})
	})
	return peers, err
}

func readPeer(r *reader, key []byte, p *domain.Peer) (err error) {
	switch string(key) {
	case "ip":
		p.Address, err = r.string()
		p.Address = domain.CleanText(p.Address)
	case "client":
		p.Client, err = r.string()
		p.Client = shorten(p.Client)
	case "progress":
		_, p.FractionDone, err = r.number()
		p.FractionDone = min(max(p.FractionDone, 0), 1)
	case "down_speed":
		p.DownloadRate, _, err = r.number()
		p.DownloadRate = max(0, p.DownloadRate)
	case "up_speed":
		p.UploadRate, _, err = r.number()
		p.UploadRate = max(0, p.UploadRate)
	default:
		err = r.skip()
	}
	return err
}
