package embedded

import (
	"context"
	"errors"
	"time"

	"github.com/clarion-app/download-manager/domain"
)

// add takes a torrent, or what is new in it.
func (e *engine) add(ctx context.Context, handover domain.Handover) (domain.InfoHash, error) {
	magnet := handover.Magnet
	if !magnet.HasV1() {
		return domain.InfoHash{}, domain.Invalid("magnetURI", "names a torrent of version 2 only, which the embedded engine cannot download; hybrid torrents, with an xt=urn:btih: parameter, are fine")
	}
	if err := lacking(handover.Settings); err != nil {
		return domain.InfoHash{}, err
	}
	hash, found := magnet.InfoHash(), readLinks(magnet)
	var info []byte
	if handover.Metainfo != nil {
		var more links
		var err error
		if info, more, err = readMetainfo(handover.Metainfo, hash); err != nil {
			return domain.InfoHash{}, err
		}
		found.trackers, found.webSeeds = union(found.trackers, more.trackers), union(found.webSeeds, more.webSeeds)
	}
	if err := e.ready(ctx); err != nil {
		return domain.InfoHash{}, err
	}
	defer e.unlockChanges()
	if d := e.find(hash); d != nil {
		if err := e.addAgain(d, found); err != nil {
			return domain.InfoHash{}, err
		}
		if info != nil && !d.hasInfo() {
			e.takeInfo(d, info)
		}
		return hash, nil
	}
	d := newDownload(hash, record{AddedAt: domain.Instant(time.Now()), Paused: handover.Paused})
	d.record.merge(found)
	if unwanted := handover.Settings.Unwanted; unwanted != nil {
		d.record.Unwanted = *unwanted
	}
	if info != nil {
		if err := e.state.saveInfo(hash, info, d.record); err != nil {
			return domain.InfoHash{}, unavailable(e.folder, err)
		}
		d.info = info
	}
	if err := e.state.saveRecord(hash, d.record); err != nil {
		return domain.InfoHash{}, unavailable(e.folder, err)
	}
	e.put(d)
	e.start(d)
	return hash, nil
}

// addAgain merges a magnet into a download, and starts one anew that has stopped.
func (e *engine) addAgain(d *download, found links) error {
	d.mu.Lock()
	failure := d.troubleLocked()
	isNew := d.record.merge(found)
	if errors.Is(failure, errLost) {
		d.record.FinishedAt = nil
		isNew = true
	}
	d.mu.Unlock()
	if isNew {
		if err := e.saveRecord(d); err != nil {
			return unavailable(e.folder, err)
		}
		e.addLinks(d, found)
	}
	if failure != nil && !errors.Is(failure, errRefused) {
		e.restart(d)
	}
	return nil
}

// remove forgets downloads, and deletes their files if wished. Files go first:
// after a crash in between, removing again finds the rest.
func (e *engine) remove(ctx context.Context, hashes []domain.InfoHash, deleteData bool) error {
	if len(hashes) == 0 {
		return nil
	}
	if err := e.ready(ctx); err != nil {
		return err
	}
	defer e.unlockChanges()
	var errs []error
	for _, hash := range hashes {
		if err := contextError(ctx); err != nil {
			return errors.Join(append(errs, err)...)
		}
		if d := e.find(hash); d != nil {
			if err := e.drop(d, deleteData); err != nil {
				errs = append(errs, unavailable(e.folder, err))
			}
		}
	}
	return errors.Join(errs...)
}

func (e *engine) drop(d *download, deleteData bool) error {
	layout, folder := d.layout, d.record.Folder
	e.stop(d)
	d.setRemoved(true)
	if err := e.forget(d, layout, folder, deleteData); err != nil {
		d.setRemoved(false)
		e.start(d)
		return err
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	delete(e.downloads, d.hash)
	return nil
}

// setRemoved waits until nobody writes the state, and lets or does not let it be
// written again.
func (d *download) setRemoved(removed bool) {
	d.writing.Lock()
	defer d.writing.Unlock()
	d.removed = removed
}

func (e *engine) forget(d *download, layout *layout, folder string, deleteData bool) error {
	switch {
	case folder == "" || layout == nil: // nothing was ever written
	case !deleteData:
		if err := e.names.leave(folder, d.hash); err != nil {
			return err
		}
	default:
		if err := deleteFiles(e.root, layout, folder); err != nil {
			return err
		}
		if err := e.names.free(folder, d.hash); err != nil {
			return err
		}
	}
	return e.state.forget(d.hash)
}
