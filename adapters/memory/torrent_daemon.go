package memory

import (
	"bytes"
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/clarion-app/download-manager/domain"
)

// TorrentDaemon is what a TorrentClient talks to, in place of a real program.
// Tests steer it; it outlives the closing of its clients.
type TorrentDaemon struct {
	mu        sync.Mutex
	transfers map[domain.InfoHash]domain.Transfer
	data      map[domain.InfoHash][]byte
	held      map[domain.InfoHash]*held // of each transfer
	refusals  map[domain.InfoHash]error
	failure   error
	settling  bool
	info      domain.ClientInfo
	requests  Requests
	open      chan struct{} // closed while the daemon answers

	swarms        map[domain.InfoHash]*swarm
	disk          map[place][]byte
	broken        string // what the disk's error is
	stopsFinished bool
}

// Requests counts what a daemon was asked, failures included.
type Requests struct{ Probe, Transfers, Add, Remove, Control, Inside, List int }

// NewTorrentDaemon returns a daemon that holds nothing and answers well.
func NewTorrentDaemon() *TorrentDaemon {
	open := make(chan struct{})
	close(open)
	return &TorrentDaemon{
		transfers: make(map[domain.InfoHash]domain.Transfer),
		data:      make(map[domain.InfoHash][]byte),
		held:      make(map[domain.InfoHash]*held),
		refusals:  make(map[domain.InfoHash]error),
		info:      domain.ClientInfo{Version: "memory"},
		open:      open,
		swarms:    make(map[domain.InfoHash]*swarm),
		disk:      make(map[place][]byte),
	}
}

// Client returns a new client of d.
func (d *TorrentDaemon) Client() *TorrentClient { return &TorrentClient{TorrentDaemon: d} }

// SetTransfer makes the daemon hold and report exactly this transfer.
func (d *TorrentDaemon) SetTransfer(transfer domain.Transfer) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.transfers[transfer.InfoHash] = transfer
	if d.held[transfer.InfoHash] == nil {
		d.held[transfer.InfoHash] = &held{}
	}
}

// Transfer returns what the daemon holds of a torrent.
func (d *TorrentDaemon) Transfer(hash domain.InfoHash) (transfer domain.Transfer, found bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	transfer, found = d.transfers[hash]
	return transfer, found
}

// Hashes lists what the daemon holds, in order.
func (d *TorrentDaemon) Hashes() []domain.InfoHash {
	d.mu.Lock()
	defer d.mu.Unlock()
	byText := func(a, b domain.InfoHash) int { return strings.Compare(a.String(), b.String()) }
	return slices.SortedFunc(maps.Keys(d.transfers), byText)
}

// Download makes a transfer that the daemon holds have content, the beginning
// of size bytes; with all of them it is finished.
func (d *TorrentDaemon) Download(hash domain.InfoHash, name string, content []byte, size int64) {
	d.change(hash, func(t *domain.Transfer) {
		d.data[hash] = bytes.Clone(content)
		t.Name, t.MetadataKnown, t.Phase = name, true, domain.PhaseDownloading
		t.BytesWanted, t.BytesLeft = size, size-int64(len(content))
		if t.BytesLeft == 0 {
			finish(t)
		}
	})
}

// Finish makes a transfer that the daemon holds finished and seeding.
func (d *TorrentDaemon) Finish(hash domain.InfoHash) { d.change(hash, finish) }

func finish(t *domain.Transfer) {
	t.MetadataKnown, t.Phase, t.FinishedAt = true, domain.PhaseSeeding, now()
	t.BytesWanted, t.BytesLeft, t.LocalError = max(t.BytesWanted, 1), 0, ""
}

// Stop stops a transfer, as somebody at the daemon would.
func (d *TorrentDaemon) Stop(hash domain.InfoHash) {
	d.change(hash, func(t *domain.Transfer) { t.Phase = domain.PhaseStopped })
}

// Break gives a transfer a local error, as a full disk does, and makes it look
// complete, as some daemons do. Finish or SetTransfer mends it.
func (d *TorrentDaemon) Break(hash domain.InfoHash, localError string) {
	d.change(hash, func(t *domain.Transfer) {
		t.MetadataKnown, t.Phase, t.LocalError = true, domain.PhaseStopped, localError
		t.BytesWanted, t.BytesLeft = max(t.BytesWanted, 1), 0
	})
}

// change alters a transfer that the daemon holds; any other stays absent.
func (d *TorrentDaemon) change(hash domain.InfoHash, change func(*domain.Transfer)) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if transfer, found := d.transfers[hash]; found {
		change(&transfer)
		d.transfers[hash] = transfer
	}
}

// AddByHand puts a magnet into the daemon past every client.
func (d *TorrentDaemon) AddByHand(magnet domain.Magnet) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.add(domain.Handover{Magnet: magnet})
}

// RemoveByHand takes a transfer out of the daemon past every client; its data
// stays.
func (d *TorrentDaemon) RemoveByHand(hash domain.InfoHash) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.forget(hash)
}

// forget is called under mu. The data stays.
func (d *TorrentDaemon) forget(hash domain.InfoHash) {
	delete(d.transfers, hash)
	delete(d.held, hash)
}

// Refuse makes Add of a torrent answer err; nil ends that.
func (d *TorrentDaemon) Refuse(hash domain.InfoHash, err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.refusals[hash] = err
}

// Fail makes every request answer err; nil ends that.
func (d *TorrentDaemon) Fail(err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.failure = err
}

// Block makes every request hang until Unblock, or until its context ends.
func (d *TorrentDaemon) Block() {
	d.mu.Lock()
	defer d.mu.Unlock()
	select {
	case <-d.open:
		d.open = make(chan struct{})
	default: // blocked already
	}
}

// Unblock lets requests through again, those that hang included.
func (d *TorrentDaemon) Unblock() {
	d.mu.Lock()
	defer d.mu.Unlock()
	select {
	case <-d.open:
	default:
		close(d.open)
	}
}

// SetSettling says whether the daemon has just started.
func (d *TorrentDaemon) SetSettling(settling bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.settling = settling
}

// SetInfo says what Probe answers.
func (d *TorrentDaemon) SetInfo(info domain.ClientInfo) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.info = info
}

// Requests returns how often the daemon was asked what; a request that still
// hangs is not counted yet.
func (d *TorrentDaemon) Requests() Requests {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.requests
}

// Data returns the bytes that the daemon has on disk for a torrent; nil if none.
func (d *TorrentDaemon) Data(hash domain.InfoHash) []byte {
	d.mu.Lock()
	defer d.mu.Unlock()
	return bytes.Clone(d.data[hash])
}

func (d *TorrentDaemon) gate() <-chan struct{} {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.open
}

// add is called under mu.
func (d *TorrentDaemon) add(handover domain.Handover) {
	magnet, hash := handover.Magnet, handover.InfoHash()
	if _, found := d.transfers[hash]; found {
		return
	}
	name := magnet.Name()
	if name == "" {
		name = hash.String()
	}
	t := domain.Transfer{InfoHash: hash, Name: name, Phase: domain.PhaseMetadata, Ratio: -1}
	if handover.Paused {
		t.Phase = domain.PhaseStopped
	}
	d.transfers[hash] = t
	d.held[hash] = &held{magnet: magnet, metainfo: handover.Metainfo, settings: handover.Settings, addedAt: now()}
}
