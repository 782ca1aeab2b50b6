package embedded

import (
	"cmp"
	"context"
	"time"

	"github.com/clarion-app/download-manager/domain"
)

// loadingPatience is how long a report waits for the torrents to be loaded.
const loadingPatience = time.Second

// report tells of those of hashes that are here.
func (e *engine) report(ctx context.Context, hashes []domain.InfoHash) (domain.Report, error) {
	report := domain.Report{Transfers: make(map[domain.InfoHash]domain.Transfer, len(hashes))}
	patience := time.NewTimer(loadingPatience)
	defer patience.Stop()
	select {
	case <-e.loaded: // seen before looking, so that absence means something
	case <-patience.C:
		report.Settling = true
	case <-ctx.Done():
		return domain.Report{}, contextError(ctx)
	case <-e.running.Done():
		return domain.Report{}, errClosed()
	}
	now := time.Now()
	for _, hash := range hashes {
		if d := e.find(hash); d != nil {
			report.Transfers[hash] = e.transfer(d, now)
		}
	}
	return report, nil
}

// transfer tells of one download.
func (e *engine) transfer(d *download, now time.Time) domain.Transfer {
	d.mu.Lock()
	content, handle := d.content, d.handle
	d.mu.Unlock()
	if content != nil && content.isSealed() {
		if err := content.lost(); err != nil {
			content.fail(err)
		}
	}
	var down, up int64
	if content != nil { // before there is one, nothing moves
		down, up = transferred(handle)
	}
	t := domain.Transfer{InfoHash: d.hash, Peers: e.peersOf(d)}

	d.mu.Lock()
	defer d.mu.Unlock()
	d.rates.look(now, down, up)
	t.Name = cmp.Or(d.record.Name, d.hash.String())
	if d.layout != nil {
		t.MetadataKnown = true
		t.Name = cmp.Or(domain.CleanName(d.layout.name), t.Name)
		t.BytesWanted, t.BytesLeft = d.layout.wanted, d.layout.wanted
	}
	t.FinishedAt = d.record.FinishedAt
	moved := d.record.moved(down, up)
	t.UploadedBytes = moved.Uploaded
	there := t.BytesWanted // as far as it is known
	failure := d.troubleLocked()
	switch {
	case failure != nil:
		t.Phase, t.LocalError = domain.PhaseStopped, domain.CleanText(failure.Error())
	case content != nil:
		content.mu.Lock()
		t.Phase, t.BytesWanted, t.BytesLeft = content.phase(), content.wantedBytes, content.left
		if there = t.BytesWanted; t.Phase != domain.PhaseChecking {
			there -= t.BytesLeft
		}
		if d.record.Paused && (t.Phase != domain.PhaseChecking || handle == nil && content.left > 0) {
			t.Phase = domain.PhaseStopped
		}
		content.mu.Unlock()
		t.DownloadRate, t.UploadRate = d.rates.downRate, d.rates.upRate
	case d.record.Paused:
		t.Phase = domain.PhaseStopped
	case d.info != nil:
		t.Phase = domain.PhaseChecking // about to start
	default:
		t.Phase = domain.PhaseMetadata
	}
	t.Ratio = ratio(moved, there)
	if t.Phase == domain.PhaseDownloading && t.DownloadRate > 0 {
		eta := time.Duration(float64(t.BytesLeft) / float64(t.DownloadRate) * float64(time.Second))
		t.ETA = &eta
	}
	return t
}

// phase tells what happens to the data; mu is held. What is all there but not
// yet safe on disk is still being checked.
func (c *content) phase() domain.Phase {
	switch {
	case c.checking > 0 || c.left == 0 && !c.sealed:
		return domain.PhaseChecking
	case c.left == 0:
		return domain.PhaseSeeding
	}
	return domain.PhaseDownloading
}

// ratio is how much was given to others of what was downloaded, or of what is there
// where that is more: data that was there before counts, too. What is there of data
// that cannot be looked at, or not yet, is taken to be all: else a goal might seem to
// be reached.
func ratio(r record, there int64) float64 {
	of := max(r.Downloaded, there)
	if of <= 0 {
		return 0
	}
	return float64(r.Uploaded) / float64(of)
}
