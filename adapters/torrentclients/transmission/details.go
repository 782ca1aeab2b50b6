package transmission

import (
	"context"
	"net"
	"strconv"

	"github.com/clarion-app/download-manager/domain"
)

// Files implements ports.TransferDetails.
func (c *Client) Files(ctx context.Context, hash domain.InfoHash) ([]domain.TransferFile, error) {
	torrent, err := c.inside(ctx, hash, "files", "fileStats")
	if err != nil {
		return nil, err
	}
	files, err := torrent.list("files")
	if err != nil {
		return nil, err
	}
	stats, err := torrent.list("fileStats")
	if err != nil {
		return nil, err
	}
	all := make([]domain.TransferFile, len(files))
	for i := range files {
		file := domain.TransferFile{Index: i, Wanted: true}
		if err := files[i].read(targets{"name": &file.Path, "length": &file.Size, "bytesCompleted": &file.BytesDone}); err != nil {
			return nil, err
		}
		file.Path = domain.CleanText(file.Path)
		if i < len(stats) {
			if err := stats[i].read(targets{"wanted": &file.Wanted}); err != nil {
				return nil, err
			}
		}
		all[i] = file
	}
	return all, nil
}

// Trackers implements ports.TransferDetails.
func (c *Client) Trackers(ctx context.Context, hash domain.InfoHash) ([]domain.Tracker, error) {
	torrent, err := c.inside(ctx, hash, "trackerStats")
	if err != nil {
		return nil, err
	}
	stats, err := torrent.list("trackerStats")
	if err != nil {
		return nil, err
	}
	all := make([]domain.Tracker, len(stats))
	for i := range stats {
		tracker, said := &all[i], ""
		seeders, leechers := -1, -1
		if err := stats[i].read(targets{
			"announce": &tracker.URL, "tier": &tracker.Tier, "lastAnnounceSucceeded": &tracker.Working,
			"lastAnnounceResult": &said, "seederCount": &seeders, "leecherCount": &leechers,
		}); err != nil {
			return nil, err
		}
		tracker.URL = domain.CleanText(tracker.URL)
		if !tracker.Working {
			tracker.Message = shorten(said)
		}
		tracker.Seeders, tracker.Leechers = count(seeders), count(leechers)
	}
	return all, nil
}

// count is nil where the daemon does not know.
func count(n int) *int {
	if n < 0 {
		return nil
	}
	return &n
}

// Peers implements ports.TransferDetails.
func (c *Client) Peers(ctx context.Context, hash domain.InfoHash) ([]domain.Peer, error) {
	torrent, err := c.inside(ctx, hash, "peers")
	if err != nil {
		return nil, err
	}
	peers, err := torrent.list("peers")
	if err != nil {
		return nil, err
	}
	all := make([]domain.Peer, len(peers))
	for i := range peers {
		peer, host, port := &all[i], "", 0
		if err := peers[i].read(targets{
			"address": &host, "port": &port, "clientName": &peer.Client,
			"progress": &peer.FractionDone, "rateToClient": &peer.DownloadRate, "rateToPeer": &peer.UploadRate,
		}); err != nil {
			return nil, err
		}
		peer.Address, peer.Client = net.JoinHostPort(host, strconv.Itoa(port)), shorten(peer.Client)
	}
	return all, nil
}
