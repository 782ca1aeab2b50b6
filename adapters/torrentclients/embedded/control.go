package embedded

import (
	"context"
	"errors"
	"io/fs"
	"slices"

	"github.com/clarion-app/download-manager/domain"
)

// Pause implements ports.TransferControl. It is on disk when this returns.
func (c *Client) Pause(ctx context.Context, hashes []domain.InfoHash) error {
	return c.control(ctx, hashes, (*engine).pause)
}

// Resume implements ports.TransferControl.
func (c *Client) Resume(ctx context.Context, hashes []domain.InfoHash) error {
	return c.control(ctx, hashes, (*engine).resume)
}

// Verify implements ports.TransferControl. What is missing or wrong is downloaded
// again, unless it is paused; a finished torrent whose files are gone has a local error.
func (c *Client) Verify(ctx context.Context, hashes []domain.InfoHash) error {
	return c.control(ctx, hashes, (*engine).verify)
}

// control does something with those of hashes that are here.
func (c *Client) control(ctx context.Context, hashes []domain.InfoHash, do func(*engine, *download) error) error {
	engine, err := c.use(ctx)
	if err != nil || len(hashes) == 0 {
		return err
	}
	if err := engine.ready(ctx); err != nil {
		return err
	}
	defer engine.unlockChanges()
	var errs []error
	for _, hash := range hashes {
		if err := contextError(ctx); err != nil {
			return errors.Join(append(errs, err)...)
		}
		if d := engine.find(hash); d != nil {
			if err := do(engine, d); err != nil {
				errs = append(errs, unavailable(engine.folder, err))
			}
		}
	}
	return errors.Join(errs...)
}

// Configure implements ports.TransferControl: files can be left out, and taken in
// again.
func (c *Client) Configure(ctx context.Context, hash domain.InfoHash, settings domain.TransferSettings) error {
	if err := lacking(settings); err != nil {
		return err
	}
	engine, err := c.use(ctx)
	if err != nil {
		return err
	}
	if err := engine.ready(ctx); err != nil {
		return err
	}
	defer engine.unlockChanges()
	d := engine.find(hash)
	switch {
	case d == nil:
		return errNotHeld(hash)
	case settings.Unwanted == nil:
		return nil
	}
	return engine.choose(d, *settings.Unwanted)
}

func errNotHeld(hash domain.InfoHash) error {
	return domain.NotFound("the embedded engine does not hold %s", hash)
}

// setPaused changes the record, on disk or not at all.
func (e *engine) setPaused(d *download, paused bool) error {
	return e.changeRecord(d, func(r *record) { r.Paused = paused })
}

// changeRecord changes the record of a download, on disk or not at all.
func (e *engine) changeRecord(d *download, change func(*record)) error {
	d.mu.Lock()
	before := d.record
	change(&d.record)
	d.mu.Unlock()
	err := e.saveRecord(d)
	if err != nil {
		d.mu.Lock()
		d.record = before
		d.mu.Unlock()
	}
	return err
}

func (e *engine) pause(d *download) error {
	if d.isPaused() {
		return nil
	}
	if err := e.setPaused(d, true); err != nil {
		return err
	}
	e.halt(d)
	return nil
}

func (d *download) isPaused() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.record.Paused
}

// halt takes a download out of the library, and keeps its content to tell of.
func (e *engine) halt(d *download) {
	d.mu.Lock()
	handle, content := d.handle, d.content
	d.mu.Unlock()
	down, up := transferred(handle)
	if handle != nil {
		handle.Drop()
	}
	d.mu.Lock()
	d.record.Downloaded += down
	d.record.Uploaded += up
	d.handle, d.rates, d.verifying = nil, rates{}, false
	d.mu.Unlock()
	if content == nil || d.trouble() != nil {
		return
	}
	var err error
	switch {
	case content.complete() && !content.isSealed():
		err = e.seal(d, content)
	case content.unsavedOrDirty():
		_, err = e.savePieces(d, content, true)
	}
	if err != nil {
		content.fail(err)
	}
}

func (e *engine) resume(d *download) error {
	if !d.isPaused() {
		return nil
	}
	if err := e.setPaused(d, false); err != nil {
		return err
	}
	e.restart(d)
	return nil
}

// verify forgets what is known of the data, so that the library looks at all of it.
// What is paused is given to the library for as long as that takes.
func (e *engine) verify(d *download) error {
	if !d.hasInfo() {
		return nil
	}
	e.stop(d)
	err := d.write(func() error {
		if err := e.state.root.Remove(d.hash.String() + piecesFile); !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		return nil
	})
	d.mu.Lock()
	d.verifying = err == nil
	d.mu.Unlock()
	e.start(d)
	return err
}

// choose leaves files out, and takes all others in.
func (e *engine) choose(d *download, unwanted []int) error {
	d.mu.Lock()
	layout, content := d.layout, d.content
	d.mu.Unlock()
	if layout == nil {
		return domain.Conflict("the files of %s are not known yet", d.hash)
	}
	for _, index := range unwanted {
		if index < 0 || index >= len(layout.files) {
			return domain.Invalid("unwantedFiles", "there is no file %d in this torrent", index)
		}
	}
	unwanted = slices.Clone(unwanted)
	slices.Sort(unwanted)
	unwanted = slices.Compact(unwanted)
	more := content != nil && content.choose(unwanted)
	err := e.changeRecord(d, func(r *record) {
		r.Unwanted = unwanted
		if more {
			r.FinishedAt = nil
		}
	})
	if err != nil {
		if content != nil {
			d.mu.Lock()
			before := d.record.Unwanted
			d.mu.Unlock()
			content.choose(before)
		}
		return unavailable(e.folder, err)
	}
	d.mu.Lock()
	handle := d.handle
	d.mu.Unlock()
	if handle != nil && content != nil && !d.isPaused() {
		content.request(handle)
	}
	e.wake()
	return nil
}
