package app

import (
	"context"
	"fmt"

	"github.com/google/uuid"

	"github.com/clarion-app/download-manager/domain"
)

// MostMatched is how many torrents one call may change without naming them.
const MostMatched = 10_000

// SelectTorrents says which torrents a change of many is about: exactly one of IDs,
// Filter and All is set.
type SelectTorrents struct {
	// IDs: these; nil is not set. Naming one twice is naming it once.
	IDs []uuid.UUID
	// Filter: those that it leaves in the list, and it must narrow it.
	Filter *domain.TorrentFilter
	// All: all that the actor may use.
	All bool
	// AtMost is how many Filter or All may match, 1 to MostMatched: KindConflict for
	// more.
	AtMost int
}

// check returns an error of KindInvalid unless s says clearly what is meant.
func (s SelectTorrents) check() error {
	set := 0
	for _, is := range []bool{s.IDs != nil, s.Filter != nil, s.All} {
		if is {
			set++
		}
	}
	switch {
	case set != 1:
		return domain.Invalid("ids", "exactly one of ids, filter and all must be given")
	case len(s.IDs) > MostAtOnce:
		return domain.Invalid("ids", "must not be more than %d at once", MostAtOnce)
	case s.Filter != nil && s.Filter.IsZero():
		return domain.Invalid("filter", "must narrow something; all torrents are meant by all: true")
	case s.IDs == nil && (s.AtMost < 1 || s.AtMost > MostMatched):
		return domain.Invalid("atMost", "must be between 1 and %d", MostMatched)
	}
	return nil
}

// selected returns the ids that s means, each once, and a way to look again, when it
// is changed, whether a torrent is meant.
func (a *Torrents) selected(ctx context.Context, actor domain.Actor, s SelectTorrents) (ids []uuid.UUID, matches func(*domain.Torrent) bool, err error) {
	if err := s.check(); err != nil {
		return nil, nil, err
	}
	if s.IDs != nil {
		return once(s.IDs), nil, nil
	}
	var filter domain.TorrentFilter
	if s.Filter != nil {
		filter = *s.Filter
	}
	found, err := a.Find(ctx, actor, filter, domain.TorrentPage{Limit: s.AtMost + 1})
	if err != nil {
		return nil, nil, err
	}
	if len(found) > s.AtMost {
		return nil, nil, &domain.Error{
			Kind: domain.KindConflict, Field: "atMost",
			Message: fmt.Sprintf("more than %d torrents match; nothing was changed", s.AtMost),
		}
	}
	for _, t := range found {
		ids = append(ids, t.ID)
	}
	kinds, err := a.clientTypes(ctx, filter)
	return ids, func(t *domain.Torrent) bool { return filter.Matches(t, kinds[t.ServerID]) }, err
}

// clientTypes returns the types of servers, if a filter needs them.
func (a *Torrents) clientTypes(ctx context.Context, filter domain.TorrentFilter) (map[uuid.UUID]domain.ClientType, error) {
	kinds := map[uuid.UUID]domain.ClientType{}
	if filter.ClientType == "" {
		return kinds, nil
	}
	servers, err := a.Servers.Find(ctx, domain.ServerFilter{WithRemoved: true})
	for _, s := range servers {
		kinds[s.ID] = s.Type
	}
	return kinds, err
}

// once returns ids without those that come again.
func once(ids []uuid.UUID) []uuid.UUID {
	seen, list := make(map[uuid.UUID]bool, len(ids)), make([]uuid.UUID, 0, len(ids))
	for _, id := range ids {
		if !seen[id] {
			seen[id] = true
			list = append(list, id)
		}
	}
	return list
}

// changeSelected makes one transition of all that are selected.
func (a *Torrents) changeSelected(ctx context.Context, selection SelectTorrents, c *changes) ([]ChangedTorrent, error) {
	ids, matches, err := a.selected(ctx, c.actor, selection)
	if err != nil {
		return nil, err
	}
	c.matches = matches
	return a.changeAll(ctx, ids, c), nil
}
