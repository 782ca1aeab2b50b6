package embedded

import (
	"slices"
	"strings"

	"github.com/clarion-app/download-manager/domain"
)

// load starts all torrents of the state.
func (e *engine) load(hashes []domain.InfoHash) {
	if e.lockChanges(e.running) != nil {
		return
	}
	defer e.unlockChanges()
	e.sweep(hashes)
	found := make([]*download, len(hashes))
	// All names first: a torrent that lost its own must not take another's.
	for i, hash := range hashes {
		found[i] = e.recall(hash)
		if folder := found[i].record.Folder; folder != "" {
			e.names.hold(folder, hash)
		}
	}
	for _, d := range found {
		if e.running.Err() != nil {
			return
		}
		e.put(d)
		e.start(d)
	}
	close(e.loaded)
}

// sweep removes what a crash has left of torrents that were being removed.
func (e *engine) sweep(hashes []domain.InfoHash) {
	for _, ending := range []string{infoFile, piecesFile} {
		found, err := e.state.list(ending)
		if err != nil {
			e.log.Warn("the state of the embedded engine cannot be swept", "folder", e.folder, "error", err)
			return
		}
		for _, hash := range found {
			if _, known := slices.BinarySearchFunc(hashes, hash, compareHashes); !known {
				_ = e.state.root.Remove(hash.String() + ending)
			}
		}
	}
}

func compareHashes(a, b domain.InfoHash) int { return strings.Compare(a.String(), b.String()) }

// recall reads what is remembered of a torrent, as far as it can be read.
func (e *engine) recall(hash domain.InfoHash) *download {
	r, broken := e.state.loadRecord(hash)
	info, file := e.state.loadInfo(hash)
	if broken {
		e.log.Warn("the record of a torrent is broken; it goes on with what else is known", "infohash", hash, "folder", e.folder)
		found := links{webSeeds: file.WebSeeds}
		for _, tier := range file.Announce {
			found.trackers = append(found.trackers, tier...)
		}
		r.merge(found)
		if safeFolder(file.Folder) {
			r.Folder = file.Folder
		}
	}
	d := newDownload(hash, r)
	d.info = info
	return d
}
