package app

import (
	"github.com/google/uuid"

	"github.com/clarion-app/download-manager/domain"
)

// progressWatcher is one who watches. All of it that changes is used under the mu of
// the ProgressFeed.
type progressWatcher struct {
	ProgressQuery
	actor func() domain.Actor
	// hint gets a value when there may be something to tell.
	hint chan struct{}
	// ids are the query's; nil where it has none.
	ids map[uuid.UUID]struct{}
	// shelf is what a watcher without ids needs to be held.
	shelf progressShelf
	// servers are those that a watcher with ids looks at.
	servers map[uuid.UUID]struct{}
	// awaits are the requests, by server, whose answers the first message waits for.
	awaits map[uuid.UUID]uint64
	// born is where the notes stood when it came, and seen is what it was told of.
	born, seen uint64
	// lost: it cannot be told all that it has missed.
	lost bool
}

func newProgressWatcher(actor func() domain.Actor, query ProgressQuery) *progressWatcher {
	w := &progressWatcher{
		ProgressQuery: query, actor: actor, hint: make(chan struct{}, 1),
		servers: map[uuid.UUID]struct{}{}, awaits: map[uuid.UUID]uint64{},
	}
	if query.IDs != nil {
		w.ids = make(map[uuid.UUID]struct{}, len(query.IDs))
		for _, id := range query.IDs {
			w.ids[id] = struct{}{}
		}
		w.IDs = nil
		return w
	}
	if query.Filter == nil {
		w.Filter = &domain.TorrentFilter{}
	}
	w.shelf = shelfFor(actor(), *w.Filter)
	return w
}

// watches reports whether w looks at torrents of a server.
func (w *progressWatcher) watches(serverID uuid.UUID) bool {
	if w.ids != nil {
		_, found := w.servers[serverID]
		return found
	}
	return w.Filter.ServerID == nil || *w.Filter.ServerID == serverID
}

// fits reports whether actor, who watches, is to be told of t, on a server of a kind.
func (w *progressWatcher) fits(t *domain.Torrent, kind domain.ClientType, actor domain.Actor) bool {
	if !actor.MayUse(t.UserID) {
		return false
	}
	if w.ids != nil {
		_, found := w.ids[t.ID]
		return found
	}
	return w.Filter.Matches(t, kind)
}

// nudge hints without waiting: a hint that is still unread says as much as two.
func (w *progressWatcher) nudge() {
	select {
	case w.hint <- struct{}{}:
	default:
	}
}

// progressShelf is a part of all torrents that is held as a whole, for all watchers
// who look at some of it. The zero value is all torrents.
type progressShelf struct {
	user   uuid.UUID // only this user's
	server uuid.UUID // only this server's
	open   bool      // only those that still have to be downloaded
}

// shelfFor returns the smallest shelf that holds what a watcher may be told of: a
// long history that has completed need not be held for those who follow downloads.
func shelfFor(actor domain.Actor, filter domain.TorrentFilter) progressShelf {
	switch {
	case !actor.IsAdministrator():
		return progressShelf{user: actor.UserID}
	case filter.UserID != nil:
		return progressShelf{user: *filter.UserID}
	}
	shelf := progressShelf{open: filter.Status == domain.StatusDownloading || filter.Status == domain.StatusQueued}
	if filter.ServerID != nil {
		shelf.server = *filter.ServerID
	}
	return shelf
}

// filters are the queries that find what is on the shelf.
func (s progressShelf) filters() []domain.TorrentFilter {
	var filter domain.TorrentFilter
	if s.user != uuid.Nil {
		filter.UserID = &s.user
	}
	if s.server != uuid.Nil {
		filter.ServerID = &s.server
	}
	if !s.open {
		return []domain.TorrentFilter{filter}
	}
	queued := filter
	queued.Status, filter.Status = domain.StatusQueued, domain.StatusDownloading
	return []domain.TorrentFilter{queued, filter}
}

// shelvesOf are all shelves that t is on.
func shelvesOf(t *domain.Torrent) []progressShelf {
	shelves := []progressShelf{{}, {server: t.ServerID}}
	if t.UserID != nil {
		shelves = append(shelves, progressShelf{user: *t.UserID})
	}
	if t.Open() {
		shelves = append(shelves, progressShelf{open: true}, progressShelf{server: t.ServerID, open: true})
	}
	return shelves
}
