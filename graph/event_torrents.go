package graph

import (
	"context"
	"fmt"
	"maps"
	"runtime/debug"
	"slices"
	"sync"
	"time"

	"github.com/google/uuid"

	"github.com/clarion-app/download-manager/domain"
)

// gathering loads the torrents of events for all who are told of them at about the
// same time: one question, and not one for each subscriber. What is asked while one is
// under way waits for the next, so that nobody gets an answer from before they asked.
// The zero gathering is ready for use.
type gathering struct {
	mu   sync.Mutex
	busy bool
	// next gathers what is to be asked; nil for nothing.
	next *question
}

// question is one question to the store, for all who wait for it.
type question struct {
	ids map[uuid.UUID]struct{}
	// answered is closed when the answer is there, which nobody changes then.
	answered chan struct{}
	found    map[uuid.UUID]*domain.Torrent
	err      error
}

const (
	// mostGathered is how many torrents are asked for at a time.
	mostGathered = 500
	// gatheringPatience is how long the store may take.
	gatheringPatience = 10 * time.Second
)

type findTorrents func(ctx context.Context, ids []uuid.UUID) (map[uuid.UUID]*domain.Torrent, error)

// load returns a torrent; nil where there is none.
func (g *gathering) load(ctx context.Context, id uuid.UUID, find findTorrents) (*domain.Torrent, error) {
	g.mu.Lock()
	if g.next == nil {
		g.next = &question{ids: map[uuid.UUID]struct{}{}, answered: make(chan struct{})}
	}
	q := g.next
	q.ids[id] = struct{}{}
	if !g.busy {
		g.busy = true
		go g.ask(context.WithoutCancel(ctx), find) // for all, whether or not the first of them stays
	}
	g.mu.Unlock()
	select {
	case <-q.answered:
		return q.found[id], q.err
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// ask asks until nothing has gathered.
func (g *gathering) ask(ctx context.Context, find findTorrents) {
	for {
		g.mu.Lock()
		q := g.next
		g.next, g.busy = nil, q != nil
		g.mu.Unlock()
		if q == nil {
			return
		}
		q.ask(ctx, find)
	}
}

func (q *question) ask(ctx context.Context, find findTorrents) {
	ctx, cancel := context.WithTimeout(ctx, gatheringPatience)
	defer cancel()
	defer close(q.answered)
	defer func() {
		if cause := recover(); cause != nil { // nobody else would: it is no request's own goroutine
			q.err = fmt.Errorf("finding the torrents of events: panic: %v\n%s", cause, debug.Stack())
		}
	}()
	q.found = map[uuid.UUID]*domain.Torrent{}
	for ids := range slices.Chunk(slices.Collect(maps.Keys(q.ids)), mostGathered) {
		found, err := find(ctx, ids)
		if err != nil {
			q.err = err
			return
		}
		maps.Copy(q.found, found)
	}
}

// torrentsOf returns the torrent of each event as it is now; nil for one that is gone,
// or that the viewer may not see.
func (r *Resolver) torrentsOf(ctx context.Context, events []*domain.Event) ([]*domain.Torrent, error) {
	if len(events) != 1 {
		return loadersOf(ctx).torrents.load(ctx, torrentIDs(events))
	}
	torrent, err := r.gathering.load(ctx, events[0].TorrentID, r.anyTorrents)
	if torrent != nil && !actorOf(ctx).MayUse(torrent.UserID) {
		torrent = nil
	}
	return []*domain.Torrent{torrent}, err
}

// anyTorrents finds torrents whoever asks: who may see them is another matter.
func (r *Resolver) anyTorrents(ctx context.Context, ids []uuid.UUID) (map[uuid.UUID]*domain.Torrent, error) {
	torrents, err := r.Torrents.Find(ctx, domain.System(), domain.TorrentFilter{IDs: ids}, domain.TorrentPage{})
	return index(torrents, func(t *domain.Torrent) uuid.UUID { return t.ID }), err
}
