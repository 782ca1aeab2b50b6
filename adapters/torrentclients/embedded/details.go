package embedded

import (
	"context"
	"path"

	"github.com/anacrolix/torrent"

	"github.com/clarion-app/download-manager/domain"
)

// Files implements ports.TransferDetails.
func (c *Client) Files(ctx context.Context, hash domain.InfoHash) ([]domain.TransferFile, error) {
	d, err := c.held(ctx, hash)
	if err != nil {
		return nil, err
	}
	d.mu.Lock()
	layout, content, unwanted := d.layout, d.content, d.record.Unwanted
	d.mu.Unlock()
	if layout == nil {
		return nil, nil
	}
	done := make([]int64, len(layout.files))
	if content != nil {
		done = content.done()
	}
	left := make(map[int]bool, len(unwanted))
	for _, index := range unwanted {
		left[index] = true
	}
	files := make([]domain.TransferFile, 0, len(layout.files))
	for i, file := range layout.files {
		if !file.padding {
			files = append(files, domain.TransferFile{
				Index: i, Path: path.Join(append([]string{layout.name}, file.parts...)...), Size: file.length, BytesDone: done[i], Wanted: !left[i],
			})
		}
	}
	return files, nil
}

// done is how much of each file is there.
func (c *content) done() []int64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	done := make([]int64, len(c.layout.files))
	for piece := range c.layout.pieces() {
		if c.have.has(piece) {
			for part := range c.layout.pieceSpans(piece) {
				done[part.file] += part.size
			}
		}
	}
	return done
}

// Trackers implements ports.TransferDetails. The library does not tell how they
// answer.
func (c *Client) Trackers(ctx context.Context, hash domain.InfoHash) ([]domain.Tracker, error) {
	d, err := c.held(ctx, hash)
	if err != nil {
		return nil, err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	trackers := make([]domain.Tracker, len(d.record.Trackers))
	for i, tracker := range d.record.Trackers {
		trackers[i] = domain.Tracker{URL: tracker}
	}
	return trackers, nil
}

// Peers implements ports.TransferDetails.
func (c *Client) Peers(ctx context.Context, hash domain.InfoHash) ([]domain.Peer, error) {
	d, err := c.held(ctx, hash)
	if err != nil {
		return nil, err
	}
	d.mu.Lock()
	handle, pieces := d.handle, 0
	if d.layout != nil {
		pieces = d.layout.pieces()
	}
	d.mu.Unlock()
	if handle == nil {
		return nil, nil
	}
	var peers []domain.Peer
	for _, conn := range handle.PeerConns() {
		peers = append(peers, peerOf(conn, pieces))
	}
	return peers, nil
}

func peerOf(conn *torrent.PeerConn, pieces int) domain.Peer {
	stats := conn.Stats()
	peer := domain.Peer{DownloadRate: int64(stats.DownloadRate), UploadRate: int64(stats.LastWriteUploadRate)}
	if conn.RemoteAddr != nil {
		peer.Address = conn.RemoteAddr.String()
	}
	if name, ok := conn.PeerClientName.Load().(string); ok {
		peer.Client = domain.CleanName(name)
	}
	if pieces > 0 {
		peer.FractionDone = min(float64(stats.RemotePieceCount)/float64(pieces), 1)
	}
	return peer
}

// held returns a download, once all are loaded.
func (c *Client) held(ctx context.Context, hash domain.InfoHash) (*download, error) {
	engine, err := c.use(ctx)
	if err != nil {
		return nil, err
	}
	if err := engine.waitLoaded(ctx); err != nil {
		return nil, err
	}
	if d := engine.find(hash); d != nil {
		return d, nil
	}
	return nil, errNotHeld(hash)
}

// List implements ports.TransferListing.
func (c *Client) List(ctx context.Context) ([]domain.HeldTransfer, error) {
	engine, err := c.use(ctx)
	if err != nil {
		return nil, err
	}
	if err := engine.waitLoaded(ctx); err != nil {
		return nil, err
	}
	all := engine.all()
	hashes := make([]domain.InfoHash, len(all))
	for i, d := range all {
		hashes[i] = d.hash
	}
	report, err := engine.report(ctx, hashes)
	if err != nil {
		return nil, err
	}
	list := make([]domain.HeldTransfer, 0, len(all))
	for _, d := range all {
		transfer, here := report.Transfers[d.hash]
		if !here {
			continue // removed meanwhile
		}
		d.mu.Lock()
		addedAt := d.record.AddedAt
		d.mu.Unlock()
		list = append(list, domain.HeldTransfer{Transfer: transfer, Magnet: d.magnet(), AddedAt: &addedAt})
	}
	return list, nil
}

// magnet is what would find the same content again.
func (d *download) magnet() domain.Magnet {
	d.mu.Lock()
	defer d.mu.Unlock()
	return domain.MagnetOf(d.hash, d.record.Name, d.record.Trackers)
}
