package memory

import (
	"bytes"
	"slices"
	"time"

	"github.com/clarion-app/download-manager/domain"
)

// pieceSize is what a daemon gets of a content at a time.
const pieceSize = 64 << 10

// Content is what a daemon can download of a torrent, once it holds it: at every
// request it gets what is offered and wanted, unless the transfer is stopped.
type Content struct {
	Name string
	// Files are its files with their sizes; their contents lie in Data one after another.
	Files []domain.TransferFile
	Data  []byte
	// Offered is how many bytes of it, from the start, somebody has to give.
	Offered int
}

// swarm is a content as a daemon has got it so far.
type swarm struct {
	Content
	have []bool // by piece
}

// Share says what a torrent's content is. A daemon that is told again gets what is
// offered newly; what it has, it keeps.
func (d *TorrentDaemon) Share(hash domain.InfoHash, content Content) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if known := d.swarms[hash]; known != nil {
		known.Content = content
		return
	}
	d.swarms[hash] = &swarm{Content: content, have: make([]bool, (len(content.Data)+pieceSize-1)/pieceSize)}
}

// File returns what a daemon has of a file of a torrent below a folder, "" for the
// one that it uses by itself; nil when there is nothing.
func (d *TorrentDaemon) File(folder, path string) []byte {
	d.mu.Lock()
	defer d.mu.Unlock()
	return bytes.Clone(d.disk[place{folder, path}])
}

// Damage alters the first byte of a file.
func (d *TorrentDaemon) Damage(folder, path string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.disk[place{folder, path}][0]++
}

// BreakDisk makes whatever is downloaded from now on a local error.
func (d *TorrentDaemon) BreakDisk(localError string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.broken = localError
}

// StopAtRatio makes the daemon stop what is finished.
func (d *TorrentDaemon) StopAtRatio() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.stopsFinished = true
}

// place is where a file is.
type place struct{ folder, path string }

// progress lets all transfers go on whose content is shared. It is called under mu.
func (d *TorrentDaemon) progress() {
	for hash, s := range d.swarms {
		if t, found := d.transfers[hash]; found && t.LocalError == "" {
			d.advance(&t, d.held[hash], s)
			d.transfers[hash] = t
		}
	}
}

func (d *TorrentDaemon) advance(t *domain.Transfer, h *held, s *swarm) {
	running := t.Phase != domain.PhaseStopped
	if !t.MetadataKnown && h.metainfo == nil && (!running || s.Offered == 0) {
		return
	}
	if running && d.broken != "" {
		t.MetadataKnown, t.Phase, t.LocalError, t.BytesWanted = true, domain.PhaseStopped, d.broken, int64(len(s.Data))
		return
	}
	if h.files == nil {
		h.files = slices.Clone(s.Files)
		for i := range h.files {
			h.files[i].Wanted = h.settings.Unwanted == nil || !slices.Contains(*h.settings.Unwanted, i)
		}
		s.verify(d, h)
	}
	before := t.Finished()
	t.Name, t.MetadataKnown, t.BytesWanted, t.BytesLeft = s.Name, true, 0, 0
	start := 0
	for i := range h.files {
		file := &h.files[i]
		if running && file.Wanted {
			s.fetch(d, h, file, start)
		}
		file.BytesDone = s.done(file, start)
		if file.Wanted {
			t.BytesWanted += file.Size
			t.BytesLeft += file.Size - file.BytesDone
		}
		start += int(file.Size)
	}
	switch {
	case !running:
	case t.BytesLeft > 0:
		t.Phase, t.FinishedAt = domain.PhaseDownloading, nil
	case !before:
		finish(t)
		if d.stopsFinished {
			t.Phase = domain.PhaseStopped
		}
	}
}

// fetch writes what is offered of a file, which starts there in the content.
func (s *swarm) fetch(d *TorrentDaemon, h *held, file *domain.TransferFile, start int) {
	at := place{h.folder(), file.Path}
	for piece := start / pieceSize; piece*pieceSize < start+int(file.Size); piece++ {
		end := min((piece+1)*pieceSize, len(s.Data))
		if s.have[piece] || end > s.Offered {
			continue
		}
		s.have[piece] = true
		if d.disk[at] == nil {
			d.disk[at] = make([]byte, file.Size)
		}
		from, to := max(piece*pieceSize, start), min(end, start+int(file.Size))
		copy(d.disk[at][from-start:], s.Data[from:to])
	}
}

// done is how much of a file is there.
func (s *swarm) done(file *domain.TransferFile, start int) (bytes int64) {
	for piece, have := range s.have {
		if have {
			from, to := max(piece*pieceSize, start), min((piece+1)*pieceSize, start+int(file.Size))
			bytes += int64(max(0, to-from))
		}
	}
	return bytes
}

// verify looks which pieces of a content are on the disk. Files begin with a piece of
// their own.
func (s *swarm) verify(d *TorrentDaemon, h *held) {
	clear(s.have)
	start := 0
	for _, file := range h.files {
		stored := d.disk[place{h.folder(), file.Path}]
		for from := 0; from < len(stored); from += pieceSize {
			to := min(from+pieceSize, len(stored))
			s.have[(start+from)/pieceSize] = bytes.Equal(stored[from:to], s.Data[start+from:start+to])
		}
		start += int(file.Size)
	}
}

// move takes the files of a transfer to another folder.
func (d *TorrentDaemon) move(h *held, folder string) {
	for _, file := range h.files {
		from, to := place{h.folder(), file.Path}, place{folder, file.Path}
		if stored, found := d.disk[from]; found && from != to {
			d.disk[to] = stored
			delete(d.disk, from)
		}
	}
}

// folder is where the files of a transfer are.
func (h *held) folder() string {
	if h.settings.Folder == nil {
		return ""
	}
	return *h.settings.Folder
}

// now is the time to write down.
func now() *time.Time {
	at := domain.Instant(time.Now())
	return &at
}
