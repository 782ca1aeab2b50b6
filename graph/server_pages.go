package graph

import (
	"context"
	"sync"

	"github.com/99designs/gqlgen/graphql"
	"github.com/google/uuid"
	"github.com/vektah/gqlparser/v2/ast"

	"github.com/clarion-app/download-manager/domain"
	"github.com/clarion-app/download-manager/graph/page"
)

// serverPages has a loader for each field of the query that asks for pages of
// servers' lists: there, all servers are asked the same.
type serverPages struct {
	mu     sync.Mutex
	fields map[*ast.Field]*loader[uuid.UUID, *page.Torrents]
}

func (p *serverPages) loader(ctx context.Context, fetch fetchFunc[uuid.UUID, *page.Torrents]) *loader[uuid.UUID, *page.Torrents] {
	p.mu.Lock()
	defer p.mu.Unlock()
	field := graphql.GetFieldContext(ctx).Field.Field
	if p.fields[field] == nil {
		if p.fields == nil {
			p.fields = map[*ast.Field]*loader[uuid.UUID, *page.Torrents]{}
		}
		p.fields[field] = newLoader(fetch)
	}
	return p.fields[field]
}

// serverPages returns a page of each server's list.
func (r *Resolver) serverPages(
	ctx context.Context, servers []*domain.Server, request page.Request, filter *domain.TorrentFilter, order *domain.TorrentOrder,
) ([]page.Torrents, error) {
	list, err := newTorrentList(request, filter, order)
	if err != nil {
		return nil, err
	}
	pages, err := loadersOf(ctx).pages.loader(ctx, r.fetchServerPages(list)).
		load(ctx, each(servers, func(s *domain.Server) uuid.UUID { return s.ID }))
	if err != nil {
		return nil, err
	}
	return each(pages, func(p *page.Torrents) page.Torrents { return *p }), nil
}

// fetchServerPages reads pages in one query, and counts their lists in another when
// the first is to be counted. What the torrents of all pages lead to is asked for
// together, too.
func (r *Resolver) fetchServerPages(list torrentList) fetchFunc[uuid.UUID, *page.Torrents] {
	return func(ctx context.Context, ids []uuid.UUID) (map[uuid.UUID]*page.Torrents, error) {
		found, err := r.Torrents.FindOnServers(ctx, actorOf(ctx), ids, list.filter, list.page)
		if err != nil {
			return nil, err
		}
		counts := &batch[uuid.UUID, int]{keys: ids}
		pages := make(map[uuid.UUID]*page.Torrents, len(ids))
		var all []*domain.Torrent
		for _, id := range ids {
			cut := list.cut(found[id], func(ctx context.Context) (int, error) {
				counts.once.Do(func() {
					counts.found, counts.err = r.Torrents.CountOnServers(ctx, actorOf(ctx), counts.keys, list.filter)
				})
				return counts.found[id], counts.err
			})
			pages[id] = &cut
			all = append(all, cut.Nodes...)
		}
		loaders := loadersOf(ctx)
		loaders.servers.expect(each(all, serverID))
		loaders.users.expect(each(all, userID))
		loaders.progress.expect(all)
		return pages, nil
	}
}
