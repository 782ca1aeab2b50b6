package app

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/google/uuid"

	"github.com/clarion-app/download-manager/domain"
	"github.com/clarion-app/download-manager/ports"
)

// ProgressFeed tells watchers how torrents are doing, as that changes. Clients are
// asked only while somebody watches: each server once per interval, the shortest
// that any of its watchers wants, however many there are. What the watchers look at
// is held once for all of them, read from the store when the first one comes and
// then kept up to date by the event log.
type ProgressFeed struct {
	// Progress is where the clients are asked, so that those who look and those who
	// watch share requests.
	Progress *Progress
	Torrents ports.TorrentRepository
	EventLog ports.EventLog
	Signal   ports.EventSignal
	Log      *slog.Logger
	// Poll is how often the log is read without a hint: the safety net.
	Poll time.Duration
	// Most is how many torrents are held at most, for all watchers together; 0 is
	// for 200,000.
	Most int

	mu sync.Mutex
	// watch is what the present watchers share; nil while there are none.
	watch *progressWatch
}

// ProgressQuery says what somebody wants to watch.
type ProgressQuery struct {
	// IDs: only these torrents; nil for all that fit the Filter.
	IDs []uuid.UUID
	// Filter: only those that fit; nil for all. It goes without IDs.
	Filter *domain.TorrentFilter
	// Every is how often the watcher is told of changes at most.
	Every time.Duration
}

// ProgressChange is a torrent of which something has changed, or its progress.
type ProgressChange struct {
	TorrentID uuid.UUID
	// Torrent is how it is now; nil when it was removed, or is not the watcher's to
	// see any more. One that fits the query no longer is told a last time.
	Torrent *domain.Torrent
	// Progress is what the client reports; nil when it does not hold the torrent or
	// does not answer, or is another node's.
	Progress *domain.Transfer
}

const (
	// mostProgressIDs bounds the ids of one watcher.
	mostProgressIDs = 500
	// mostWatched is the default of ProgressFeed.Most.
	mostWatched = 200_000
	// progressBatch is the most changes in one message.
	progressBatch = 500
)

// The bounds of ProgressQuery.Every.
const (
	shortestEvery = time.Second
	longestEvery  = time.Minute
)

func (q ProgressQuery) check() error {
	switch {
	case q.Every < shortestEvery || q.Every > longestEvery:
		return domain.Invalid("every", "must be from 1 to 60 seconds")
	case q.IDs != nil && q.Filter != nil:
		return domain.Invalid("filter", "cannot be combined with ids; give one of them")
	case q.IDs != nil && (len(q.IDs) == 0 || len(q.IDs) > mostProgressIDs):
		return domain.Invalid("ids", "must be from 1 to %d", mostProgressIDs)
	}
	return nil
}

// Watch tells how the torrents of a query are doing: at first all of them that the
// actor may see, and then, each time, those of which something has changed since.
// Messages are of at most 500 changes and come at most Every so often; what changes
// while a message is not read yet is merged, the latest wins. Who acts is asked
// before each message. The channel is closed when ctx ends, and when the watcher is
// so slow that it can no longer be told all that has left its view. KindInvalid for
// a query out of bounds, or that would make us hold too many torrents.
func (f *ProgressFeed) Watch(ctx context.Context, actor func() domain.Actor, query ProgressQuery) (<-chan []*ProgressChange, error) {
	if err := query.check(); err != nil {
		return nil, err
	}
	w := newProgressWatcher(actor, query)
	p := f.join(w)
	if err := p.open(ctx, w); err != nil {
		p.leave(w)
		return nil, err
	}
	out := make(chan []*ProgressChange)
	go func() {
		defer close(out)
		defer p.leave(w)
		p.tell(ctx, w, out)
	}()
	return out, nil
}

// tell sends a watcher what changes, at its own pace.
func (p *progressWatch) tell(ctx context.Context, w *progressWatcher, out chan<- []*ProgressChange) {
	pace := time.NewTimer(0)
	defer pace.Stop()
	<-pace.C
	for {
		changes, good := p.changes(w, w.actor())
		if !good {
			return
		}
		if len(changes) == 0 {
			select {
			case <-w.hint:
				continue
			case <-ctx.Done():
				return
			}
		}
		select {
		case out <- changes:
		case <-ctx.Done():
			return
		}
		if len(changes) == progressBatch { // there may be more
			continue
		}
		pace.Reset(w.Every)
		select {
		case <-pace.C:
		case <-ctx.Done():
			return
		}
	}
}
