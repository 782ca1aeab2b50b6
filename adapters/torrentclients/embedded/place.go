package embedded

import "errors"

// openContent settles where the data lies and looks at what is there.
func (e *engine) openContent(d *download) error {
	l, err := readInfo(d.info)
	if err != nil {
		return err
	}
	if d.record.Folder == "" {
		folder, err := e.names.claim(l, d.hash)
		if err != nil {
			return err
		}
		changed := d.record
		changed.Folder = folder
		if err := errors.Join(e.state.saveInfo(d.hash, d.info, changed), e.state.saveRecord(d.hash, changed)); err != nil {
			return err
		}
		d.mu.Lock()
		d.record.Folder = folder
		d.mu.Unlock()
	}
	saved, clean := e.state.loadPieces(d.hash, l.pieces())
	content, err := openContent(e.root, l, d.record.Folder, d.record.Unwanted, saved, clean)
	if err != nil {
		return err
	}
	if saved != nil && content.have.count() != saved.count() {
		// What is gone must not be believed in again once new files are as long.
		if err := d.write(func() error { return e.state.savePieces(d.hash, content.have, false) }); err != nil {
			return err
		}
		content.clean = false
	}
	content.changed = e.wake
	content.markDirty = func() {
		if saved != nil {
			// Without it the new data would be fetched again after a crash: no more.
			if err := d.write(func() error { return e.state.savePieces(d.hash, saved, false) }); err != nil {
				e.log.Warn("progress cannot be saved", "infohash", d.hash, "error", err)
			}
		}
	}
	if d.record.FinishedAt != nil {
		if err := content.lost(); err != nil {
			return err
		}
		content.sealed = content.left == 0 && content.checking == 0
	}
	d.mu.Lock()
	d.content, d.layout = content, l
	d.mu.Unlock()
	return nil
}

// gotInfo takes an info dictionary that peers gave; its hash is right.
func (e *engine) gotInfo(d *download, info []byte) {
	if e.lockChanges(e.running) != nil {
		return
	}
	defer e.unlockChanges()
	if e.find(d.hash) != d || d.info != nil {
		return
	}
	e.takeInfo(d, info)
}

// takeInfo goes on with an info dictionary whose hash is right; changing is held.
func (e *engine) takeInfo(d *download, info []byte) {
	if checkNesting(info) == nil {
		if err := e.state.saveInfo(d.hash, info, d.record); err != nil {
			e.tell(d, err) // it is fetched again after a restart
		}
	}
	d.mu.Lock()
	d.info = info
	d.mu.Unlock()
	if err := e.openContent(d); err != nil {
		e.stop(d)
		d.mu.Lock()
		d.failure = err
		d.mu.Unlock()
		e.tell(d, err)
		return
	}
	if d.handle == nil { // paused
		return
	}
	if err := d.handle.SetInfoBytes(info); err != nil {
		e.stop(d)
		d.mu.Lock()
		d.failure = err
		d.mu.Unlock()
		e.tell(d, err)
		return
	}
	d.content.request(d.handle)
}
