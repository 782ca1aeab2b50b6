package app

import (
	"context"
	"log/slog"
	"slices"
	"sync"
	"time"

	"github.com/google/uuid"

	"github.com/clarion-app/download-manager/domain"
	"github.com/clarion-app/download-manager/ports"
)

// ServerFeed tells watchers of servers that were added or changed, and of those that
// became reachable, or are not for another reason than before. The servers are read
// only while somebody watches, once for all.
type ServerFeed struct {
	Servers ports.ServerRepository
	Signal  ports.EventSignal
	Log     *slog.Logger
	// Poll is how often the servers are read without a hint.
	Poll time.Duration

	mu sync.Mutex
	// watch is what the present watchers share; nil while there are none.
	watch *serverWatch
}

// serverWatch begins with the first watcher and ends with the last. What it holds is
// used under the mu of its ServerFeed.
type serverWatch struct {
	*ServerFeed
	stop context.CancelFunc
	// read is closed when the servers were read for the first time, or could not be.
	read     chan struct{}
	failed   error
	ended    chan struct{}
	watchers map[*serverWatcher]struct{}
	// known are the servers as they were read last.
	known map[uuid.UUID]*domain.Server
}

// serverWatcher is one who watches.
type serverWatcher struct {
	ids []uuid.UUID // nil for all
	// changed is what it was not told yet, by server: the latest wins.
	changed map[uuid.UUID]*domain.Server
	hint    chan struct{}
}

// mostServerIDs bounds the ids of one watcher.
const mostServerIDs = 500

// Watch tells of servers that change from now on; with ids, only of those. What
// changes again before it is told is told once, as it is then. The channel is closed
// when ctx ends. KindInvalid for too many ids.
func (f *ServerFeed) Watch(ctx context.Context, _ domain.Actor, ids []uuid.UUID) (<-chan domain.Server, error) {
	if ids != nil && (len(ids) == 0 || len(ids) > mostServerIDs) {
		return nil, domain.Invalid("ids", "must be from 1 to %d", mostServerIDs)
	}
	w := &serverWatcher{ids: ids, changed: map[uuid.UUID]*domain.Server{}, hint: make(chan struct{}, 1)}
	s := f.join(w) //nolint:contextcheck // what all watchers share ends with the last of them
	var err error
	select {
	case <-s.read: // what changes from here on is told
		err = s.failed
	case <-ctx.Done():
		err = ctx.Err()
	}
	if err != nil {
		s.leave(w)
		return nil, err
	}
	out := make(chan domain.Server)
	go func() {
		defer close(out)
		defer s.leave(w)
		s.tell(ctx, w, out)
	}()
	return out, nil
}

func (s *serverWatch) tell(ctx context.Context, w *serverWatcher, out chan<- domain.Server) {
	for {
		server := s.next(w)
		if server == nil {
			select {
			case <-w.hint:
				continue
			case <-ctx.Done():
				return
			}
		}
		select {
		case out <- *server:
		case <-ctx.Done():
			return
		}
	}
}

// next takes one of the servers that w is to be told of, nil when there is none.
func (s *serverWatch) next(w *serverWatcher) *domain.Server {
	s.mu.Lock()
	defer s.mu.Unlock()
	for id, server := range w.changed {
		delete(w.changed, id)
		return server
	}
	return nil
}

func (f *ServerFeed) join(w *serverWatcher) *serverWatch {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.watch == nil {
		ctx, stop := context.WithCancel(context.Background())
		s := &serverWatch{
			ServerFeed: f, stop: stop, read: make(chan struct{}), ended: make(chan struct{}),
			watchers: map[*serverWatcher]struct{}{}, known: map[uuid.UUID]*domain.Server{},
		}
		f.watch = s
		go s.follow(ctx)
	}
	f.watch.watchers[w] = struct{}{}
	return f.watch
}

// leave takes a watcher out. The last one waits for the end of the reading.
func (s *serverWatch) leave(w *serverWatcher) {
	s.mu.Lock()
	delete(s.watchers, w)
	last := len(s.watchers) == 0
	if last && s.watch == s {
		s.watch = nil
	}
	s.mu.Unlock()
	if last {
		s.stop()
		<-s.ended
	}
}

// follow reads the servers, at first to know them, and then to find what changes.
func (s *serverWatch) follow(ctx context.Context) {
	defer close(s.ended)
	hint, stop := s.Signal.Subscribe()
	defer stop()
	servers, err := s.Servers.Find(ctx, domain.ServerFilter{})
	for _, server := range servers {
		s.known[server.ID] = server
	}
	if s.failed = err; err != nil {
		s.mu.Lock()
		if s.watch == s {
			s.watch = nil // whoever comes next begins anew
		}
		s.mu.Unlock()
	}
	close(s.read)
	poll := time.NewTicker(s.Poll)
	defer poll.Stop()
	for err == nil {
		select {
		case <-hint:
		case <-poll.C:
		case <-ctx.Done():
			return
		}
		servers, failed := s.Servers.Find(ctx, domain.ServerFilter{})
		if failed != nil && ctx.Err() == nil {
			s.Log.WarnContext(ctx, "reading the servers for those who watch them", "error", failed)
		}
		s.compare(servers)
	}
}

// compare tells all watchers of the servers that have changed.
func (s *serverWatch) compare(servers []*domain.Server) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, server := range servers {
		before := s.known[server.ID]
		s.known[server.ID] = server
		if before != nil && before.UpdatedAt.Equal(server.UpdatedAt) && before.Health.LooksLike(server.Health) {
			continue
		}
		for w := range s.watchers {
			if w.ids == nil || slices.Contains(w.ids, server.ID) {
				w.changed[server.ID] = server
				select {
				case w.hint <- struct{}{}:
				default:
				}
			}
		}
	}
}
