package embedded

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/anacrolix/torrent"
	"github.com/anacrolix/torrent/metainfo"

	"github.com/clarion-app/download-manager/domain"
)

// download is one torrent of an engine. Whoever starts, stops or changes it
// holds engine.changing; mu is for looking, and is never held while the library
// is called, which calls back under its own lock.
type download struct {
	hash domain.InfoHash
	id   metainfo.Hash

	mu      sync.Mutex
	record  record
	info    []byte // nil until known
	layout  *layout
	content *content         // nil until the layout has a place on disk
	handle  *torrent.Torrent // nil while the library does not have it
	failure error            // why content or handle is missing
	saving  bool             // the housekeeping is at it
	// verifying: the library has it to verify its data, though it may be paused.
	verifying bool
	rates     rates

	failedAt   time.Time // when failure was first seen
	savedAt    time.Time
	redialAt   time.Time
	redialWait time.Duration
	announceAt time.Time
	announcing bool

	// writing is held while anything of the state of this download is written.
	writing sync.Mutex
	removed bool // its state must not be written again

	fetching fetching // guarded by engine.peersMu, like
	peers    int      // the connected ones
}

func newDownload(hash domain.InfoHash, r record) *download {
	return &download{hash: hash, id: metainfo.NewHashFromHex(hash.String()), record: r}
}

// trouble is why the download does not go on, or nil.
func (d *download) trouble() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.troubleLocked()
}

func (d *download) troubleLocked() error {
	if d.failure != nil {
		return d.failure
	}
	if d.content != nil {
		d.content.mu.Lock()
		defer d.content.mu.Unlock()
		return d.content.failure
	}
	return nil
}

// start gives a download to the library, with what is known of it.
func (e *engine) start(d *download) {
	if d.info != nil && d.content == nil {
		if err := e.openContent(d); err != nil {
			e.tell(d, err)
			d.mu.Lock()
			d.failure = err
			d.mu.Unlock()
			return
		}
	}
	d.mu.Lock()
	paused, verifying := d.record.Paused, d.verifying && d.content != nil
	d.verifying = paused && verifying
	if paused && !verifying {
		d.handle, d.failure = nil, nil
		d.mu.Unlock()
		return
	}
	d.mu.Unlock()
	options := torrent.AddTorrentOpts{InfoHash: d.id}
	if d.content != nil {
		options.Storage = d.content
	} else {
		options.Storage = lateContent{d}
	}
	handle, _ := e.client.AddTorrentOpt(options)
	if d.content != nil {
		if err := handle.SetInfoBytes(d.info); err != nil {
			handle.Drop()
			e.tell(d, err)
			d.mu.Lock()
			d.failure = err
			d.mu.Unlock()
			return
		}
		if paused {
			handle.DisallowDataDownload()
			handle.DisallowDataUpload()
		} else {
			d.content.request(handle)
		}
	}
	handle.SetOnWriteChunkError(func(error) { handle.DisallowDataDownload() })
	d.mu.Lock()
	d.handle, d.failure = handle, nil
	d.redialAt, d.redialWait = time.Now(), e.config.pace.redial
	d.mu.Unlock()
	if paused {
		return
	}
	e.addLinks(d, links{trackers: d.record.Trackers, webSeeds: d.record.WebSeeds, peers: d.record.Peers})
}

// lateContent is the storage of a torrent whose info dictionary came later.
type lateContent struct{ *download }

func (l lateContent) OpenTorrent(ctx context.Context, info *metainfo.Info, hash metainfo.Hash) (opened storageTorrent, err error) {
	if l.download == nil {
		return opened, errors.New("this torrent is not ours")
	}
	l.mu.Lock()
	content := l.content
	l.mu.Unlock()
	if content == nil {
		return opened, errors.New("there is no place for this torrent yet")
	}
	return content.OpenTorrent(ctx, info, hash)
}

// stop takes a download out of the library and closes its files.
func (e *engine) stop(d *download) {
	d.mu.Lock()
	handle, content := d.handle, d.content
	d.mu.Unlock()
	down, up := transferred(handle)
	d.mu.Lock()
	d.record.Downloaded += down
	d.record.Uploaded += up
	d.handle, d.content, d.failure, d.rates = nil, nil, nil, rates{}
	d.mu.Unlock()
	if handle != nil {
		handle.Drop()
	}
	if content != nil {
		content.close()
	}
}

// restart looks at the disk anew.
func (e *engine) restart(d *download) {
	e.stop(d)
	e.start(d)
}

func (e *engine) addLinks(d *download, more links) {
	if d.handle == nil {
		return
	}
	if len(more.trackers) > 0 {
		d.handle.AddTrackers([][]string{more.trackers})
	}
	if len(more.webSeeds) > 0 {
		d.handle.AddWebSeeds(more.webSeeds)
	}
	e.dial(d.handle, more.peers)
}

func (e *engine) dial(handle *torrent.Torrent, addresses []string) {
	if len(addresses) == 0 {
		return
	}
	peers := make([]torrent.PeerInfo, len(addresses))
	for i, address := range addresses {
		peers[i] = torrent.PeerInfo{Addr: torrent.StringAddr(address), Source: torrent.PeerSourceDirect, Trusted: true}
	}
	handle.AddPeers(peers)
}

func (e *engine) tell(d *download, err error) {
	e.log.Warn("a torrent cannot go on", "infohash", d.hash, "folder", e.folder, "error", err)
}

// write runs one change of the state of a download, unless that is gone. During
// the change nobody else writes it.
func (d *download) write(change func() error) error {
	d.writing.Lock()
	defer d.writing.Unlock()
	if d.removed {
		return errRemoved
	}
	return change()
}

// saveRecord saves what is remembered, with the bytes of this run.
func (e *engine) saveRecord(d *download) error {
	d.mu.Lock()
	handle := d.handle
	d.mu.Unlock()
	down, up := transferred(handle)
	return d.write(func() error {
		d.mu.Lock()
		record := d.record.moved(down, up)
		d.mu.Unlock()
		return e.state.saveRecord(d.hash, record)
	})
}
