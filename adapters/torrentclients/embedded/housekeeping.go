package embedded

import (
	"errors"
	"time"

	"github.com/clarion-app/download-manager/domain"
)

// wake makes the housekeeping look at once. It never blocks.
func (e *engine) wake() {
	select {
	case e.wakeup <- struct{}{}:
	default:
	}
}

// keepHouse does what has to be done now and then: finish, save, try again.
func (e *engine) keepHouse() {
	ticker := time.NewTicker(e.config.pace.tick)
	defer ticker.Stop()
	for {
		select {
		case <-e.running.Done():
			return
		case <-ticker.C:
		case <-e.wakeup:
		}
		now := time.Now()
		for _, d := range e.all() {
			e.look(d, now)
		}
		e.fetchMetadata(now)
		e.dropSilent(now)
		e.announce(now)
	}
}

// look does for one download what is due.
func (e *engine) look(d *download, now time.Time) {
	connected := e.peersOf(d)
	d.mu.Lock()
	defer d.mu.Unlock()
	failure := d.troubleLocked()
	switch {
	case failure != nil:
		e.retry(d, failure, now)
		return
	case d.handle == nil || d.saving:
		return
	case d.record.Paused && d.content != nil && d.content.verified():
		e.background(func() { e.haltVerified(d) })
		return
	}
	d.failedAt = time.Time{}
	switch {
	case d.content != nil && d.content.complete():
		if !d.content.isSealed() {
			e.begin(d, d.content, e.seal)
		}
		return
	case d.content != nil && d.content.worthSaving() && now.Sub(d.savedAt) >= e.config.pace.save:
		d.savedAt = now
		e.begin(d, d.content, e.save)
	}
	if len(d.record.Peers) > 0 && connected == 0 && now.After(d.redialAt) {
		d.redialWait = min(2*d.redialWait, longestRedial)
		d.redialAt = now.Add(d.redialWait)
		handle, peers := d.handle, d.record.Peers
		e.background(func() { e.dial(handle, peers) })
	}
}

// longestRedial bounds how long the peers that a magnet names wait to be dialled
// again.
const longestRedial = 5 * time.Minute

// begin runs one saving of a download in the background; d.mu is held.
func (e *engine) begin(d *download, content *content, work func(*download, *content) error) {
	d.saving = true
	e.background(func() {
		err := work(d, content)
		d.mu.Lock()
		d.saving = false
		d.mu.Unlock()
		if err != nil {
			content.fail(err)
		}
	})
}

// retry tries the disk again after a while. Data that was deleted is not
// fetched again, and a torrent that was refused stays so, until it is added
// anew. d.mu is held.
func (e *engine) retry(d *download, failure error, now time.Time) {
	switch {
	case d.failedAt.IsZero():
		d.failedAt = now
		e.tell(d, failure)
		return
	case now.Sub(d.failedAt) < e.config.pace.retry || errors.Is(failure, errLost) || errors.Is(failure, errRefused):
		return
	}
	d.failedAt = time.Time{}
	e.background(func() {
		if e.ready(e.running) != nil {
			return
		}
		defer e.unlockChanges()
		if e.find(d.hash) == d && d.trouble() != nil {
			e.restart(d)
		}
	})
}

func (c *content) complete() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.left == 0 && c.checking == 0
}

// verified reports whether nothing is left to verify.
func (c *content) verified() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.checking == 0
}

// haltVerified takes what is paused out of the library, which had it to verify.
func (e *engine) haltVerified(d *download) {
	if e.ready(e.running) != nil {
		return
	}
	defer e.unlockChanges()
	if e.find(d.hash) == d && d.isPaused() {
		e.halt(d)
	}
}

func (c *content) isSealed() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.sealed
}

func (c *content) worthSaving() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.unsaved
}

func (c *content) unsavedOrDirty() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.unsaved || !c.clean
}

// save puts progress on disk: first the data, then what is known of it.
func (e *engine) save(d *download, c *content) error {
	_, err := e.savePieces(d, c, false)
	return err
}

// savePieces returns whether all is there. final says that nothing is written
// any more.
func (e *engine) savePieces(d *download, c *content, final bool) (all bool, err error) {
	c.mu.Lock()
	have := append(bitfield(nil), c.have...)
	all = c.left == 0 && c.checking == 0
	clean := c.clean || all || final && c.checking == 0
	c.unsaved = false
	c.mu.Unlock()
	if err := c.flush(); err != nil {
		return false, err
	}
	err = d.write(func() error {
		d.mu.Lock()
		current := d.content == c
		d.mu.Unlock()
		if !current {
			return errRemoved // another look at the disk was taken since
		}
		return e.state.savePieces(d.hash, have, clean)
	})
	if err != nil {
		return false, err
	}
	if final || all {
		c.mu.Lock()
		c.clean = clean
		c.mu.Unlock()
	}
	return all, nil
}

// seal makes a complete torrent a finished one: all of it is on disk, and that
// it is will be known after a crash.
func (e *engine) seal(d *download, c *content) error {
	if err := c.finish(); err != nil {
		return err
	}
	all, err := e.savePieces(d, c, true)
	if err != nil || !all {
		return err
	}
	d.mu.Lock()
	if d.record.FinishedAt == nil {
		now := domain.Instant(time.Now())
		d.record.FinishedAt = &now
	}
	d.mu.Unlock()
	if err := e.saveRecord(d); err != nil {
		return err
	}
	c.mu.Lock()
	c.sealed = c.left == 0 && c.checking == 0
	c.mu.Unlock()
	return nil
}

// park saves a download when the engine closes. The library is closed already,
// and once the content is, too, nothing is written any more.
func (e *engine) park(d *download) error {
	down, up := transferred(d.handle)
	var errs []error
	if c := d.content; c != nil {
		c.close()
		if d.trouble() == nil && c.unsavedOrDirty() {
			_, err := e.savePieces(d, c, true)
			errs = append(errs, err)
		}
	}
	if down > 0 || up > 0 {
		errs = append(errs, e.saveRecord(d))
	}
	return errors.Join(errs...)
}

// moved is the record with the bytes of this run.
func (r record) moved(down, up int64) record {
	r.Downloaded += down
	r.Uploaded += up
	return r
}
