package qbittorrent

import (
	"cmp"
	"context"
	"encoding/json"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/clarion-app/download-manager/domain"
)

// inside asks for something of one torrent.
func (c *Client) inside(ctx context.Context, path, id string, into any) error {
	got, err := c.api.do(ctx, get(path, url.Values{"hash": {id}}))
	if _, gone := refused(err, http.StatusNotFound); gone {
		return domain.NotFound("qbittorrent does not hold this torrent")
	}
	if err != nil {
		return unavailable(err)
	}
	if err := json.Unmarshal(got.body, into); err != nil {
		return nonsense(errMalformed)
	}
	return nil
}

// Files implements ports.TransferDetails.
func (c *Client) Files(ctx context.Context, hash domain.InfoHash) ([]domain.TransferFile, error) {
	id, err := c.id(ctx, hash)
	if err != nil {
		return nil, err
	}
	return c.files(ctx, id)
}

// files lists the files of a torrent that the daemon calls id. Before 4.4 it does
// not number them.
func (c *Client) files(ctx context.Context, id string) ([]domain.TransferFile, error) {
	var answer []struct {
		Index    *int
		Name     string
		Size     int64
		Progress float64
		Priority int
	}
	if err := c.inside(ctx, "torrents/files", id, &answer); err != nil {
		return nil, err
	}
	files := make([]domain.TransferFile, len(answer))
	for i, file := range answer {
		files[i] = domain.TransferFile{
			Index: i, Path: domain.CleanText(file.Name), Size: max(0, file.Size), Wanted: file.Priority > 0,
		}
		if file.Index != nil {
			files[i].Index = *file.Index
		}
		files[i].BytesDone = bytesDone(files[i].Size, file.Progress)
	}
	slices.SortFunc(files, func(a, b domain.TransferFile) int { return cmp.Compare(a.Index, b.Index) })
	return files, nil
}

// bytesDone turns a fraction into bytes, which are all of them only where it is 1.
func bytesDone(size int64, progress float64) int64 {
	switch {
	case progress >= 1:
		return size
	case !(progress > 0):
		return 0
	}
	return min(int64(float64(size)*progress+0.5), max(0, size-1))
}

// Trackers implements ports.TransferDetails. DHT and the like, which the daemon
// lists among them, are none.
func (c *Client) Trackers(ctx context.Context, hash domain.InfoHash) ([]domain.Tracker, error) {
	id, err := c.id(ctx, hash)
	if err != nil {
		return nil, err
	}
	var answer []struct {
		URL     string
		Tier    json.RawMessage // a number, and "" in the place of none before 4.2
		Status  int
		Message string `json:"msg"`
		Seeds   int    `json:"num_seeds"`
		Leeches int    `json:"num_leeches"`
	}
	if err := c.inside(ctx, "torrents/trackers", id, &answer); err != nil {
		return nil, err
	}
	trackers := make([]domain.Tracker, 0, len(answer))
	for _, tracker := range answer {
		if strings.HasPrefix(tracker.URL, "** [") {
			continue
		}
		tier, _ := strconv.Atoi(string(tracker.Tier)) // 0 where there is none
		trackers = append(trackers, domain.Tracker{
			URL: domain.CleanText(tracker.URL), Tier: max(0, tier), Working: tracker.Status == trackerWorks,
			Message: shorten(tracker.Message), Seeders: count(tracker.Seeds), Leechers: count(tracker.Leeches),
		})
	}
	slices.SortStableFunc(trackers, func(a, b domain.Tracker) int { return cmp.Compare(a.Tier, b.Tier) })
	return trackers, nil
}

// count is nil for what a tracker has not told.
func count(n int) *int {
	if n < 0 {
		return nil
	}
	return &n
}

// Peers implements ports.TransferDetails.
func (c *Client) Peers(ctx context.Context, hash domain.InfoHash) ([]domain.Peer, error) {
	id, err := c.id(ctx, hash)
	if err != nil {
		return nil, err
	}
	var answer struct {
		Peers map[string]struct {
			IP       string
			Port     int
			Client   string
			Progress float64
			Down     int64 `json:"dl_speed"`
			Up       int64 `json:"up_speed"`
		}
	}
	// Without a rid the answer is everything, not what has changed.
	if err := c.inside(ctx, "sync/torrentPeers", id, &answer); err != nil {
		return nil, err
	}
	peers := make([]domain.Peer, 0, len(answer.Peers))
	for _, peer := range answer.Peers {
		peers = append(peers, domain.Peer{
			Address: net.JoinHostPort(domain.CleanText(peer.IP), strconv.Itoa(peer.Port)),
			Client:  domain.CleanName(peer.Client), FractionDone: min(max(0, peer.Progress), 1),
			DownloadRate: max(0, peer.Down), UploadRate: max(0, peer.Up),
		})
	}
	slices.SortFunc(peers, func(a, b domain.Peer) int { return cmp.Compare(a.Address, b.Address) })
	return peers, nil
}
