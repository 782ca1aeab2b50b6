package main

import (
	"context"
	"io"
	"sync"

	"github.com/vbauerster/mpb/v8"
	"github.com/vbauerster/mpb/v8/decor"

	"github.com/clarion-app/download-manager/domain"
)

// bars shows a progress bar for each torrent, on a terminal.
type bars struct {
	all  *mpb.Progress
	stop context.CancelFunc
	of   map[string]*bar
}

// bar is the bar of one torrent, and what stands beside it.
type bar struct {
	*mpb.Bar
	mu      sync.Mutex
	torrent shownTorrent
}

// barSteps is what a bar counts to: a size may not be known yet, or change.
const barSteps = 10_000

// nameWidth is how many columns a name may take.
const nameWidth = 40

func newBars(ctx context.Context, out io.Writer) *bars {
	ctx, stop := context.WithCancel(ctx)
	return &bars{
		all: mpb.NewWithContext(ctx, mpb.WithOutput(out), mpb.WithWidth(64)), stop: stop, of: map[string]*bar{},
	}
}

func (b *bars) show(t shownTorrent) {
	one := b.of[t.ID]
	if one == nil {
		one = &bar{torrent: t}
		beside := func(text func(shownTorrent) string) decor.Decorator {
			return decor.Any(func(decor.Statistics) string { return text(one.now()) }, decor.WCSyncSpaceR)
		}
		one.Bar = b.all.AddBar(barSteps,
			mpb.PrependDecorators(beside(func(t shownTorrent) string { return clipped(t.called()) })),
			mpb.AppendDecorators(beside(shownPercent), beside(doing), beside(speed)))
		b.of[t.ID] = one
	}
	one.mu.Lock()
	one.torrent = t
	one.mu.Unlock()
	switch {
	case t.Status == domain.StatusCompleted:
		one.SetCurrent(barSteps)
	case t.Progress != nil: // a bar that is full is done, and this is not
		one.SetCurrent(min(int64(t.Progress.FractionDone*barSteps), barSteps-1))
	}
}

func (b *bar) now() shownTorrent {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.torrent
}

func (b *bars) gone(id string) {
	if one := b.of[id]; one != nil {
		one.Abort(true)
		delete(b.of, id)
	}
}

func (b *bars) close() {
	for _, one := range b.of {
		if !one.Completed() {
			one.Abort(false)
		}
	}
	b.all.Wait()
	b.stop()
}

func shownPercent(t shownTorrent) string {
	switch {
	case t.Status == domain.StatusCompleted:
		return "100 %"
	case t.Progress == nil:
		return "-"
	}
	return percent(t.Progress.FractionDone)
}

// doing is state without the percents, which stand beside it.
func doing(t shownTorrent) string {
	if p := t.Progress; t.Status != domain.StatusCompleted && t.Problem == nil && p != nil {
		return phaseWords[p.Phase]
	}
	return state(t)
}

func speed(t shownTorrent) string {
	p := t.Progress
	if p == nil || p.Phase != domain.PhaseDownloading {
		return ""
	}
	return rateOf(p.DownloadRate) + "  ETA " + etaOf(p.ETA)
}

// clipped cuts a name to the room that it has.
func clipped(name string) string {
	letters := []rune(name)
	if len(letters) <= nameWidth {
		return name
	}
	return string(letters[:nameWidth-1]) + "…"
}
