package graph

import (
	"context"
	"errors"

	"github.com/clarion-app/download-manager/domain"
	"github.com/clarion-app/download-manager/graph/page"
)

// torrentList is what is asked of a list of torrents.
type torrentList struct {
	request page.Request
	filter  domain.TorrentFilter
	page    domain.TorrentPage
}

// newTorrentList reads arguments, and tells all that is wrong with them at once.
func newTorrentList(request page.Request, filter *domain.TorrentFilter, order *domain.TorrentOrder) (torrentList, error) {
	list := torrentList{request: request, filter: orZeroValue(filter)}
	list.page.Order = orZeroValue(order)
	list.page.FromEnd = request.FromEnd()
	list.page.Limit = request.Length() + 1 // to see whether there are more
	place := func(argument string) func(string) (domain.TorrentPlace, error) {
		return func(cursor string) (domain.TorrentPlace, error) {
			return page.TorrentPlace(argument, cursor, list.page.Order)
		}
	}
	var afterErr, beforeErr error
	list.page.After, afterErr = parsed(request.After, place("after"))
	list.page.Before, beforeErr = parsed(request.Before, place("before"))
	return list, errors.Join(request.Check(), afterErr, beforeErr)
}

// cut makes a page of what was found for the list.
func (l torrentList) cut(rows []*domain.Torrent, count func(context.Context) (int, error)) page.Torrents {
	connection := page.Cut(l.request, rows)
	connection.Cursor = page.TorrentCursor(l.page.Order)
	connection.Count = count
	return connection
}

func (r *Resolver) torrentPage(
	ctx context.Context, request page.Request, filter *domain.TorrentFilter, order *domain.TorrentOrder,
) (page.Torrents, error) {
	list, err := newTorrentList(request, filter, order)
	if err != nil {
		return page.Torrents{}, err
	}
	rows, err := r.Torrents.Find(ctx, actorOf(ctx), list.filter, list.page)
	return list.cut(rows, func(ctx context.Context) (int, error) {
		return r.Torrents.Count(ctx, actorOf(ctx), list.filter)
	}), err
}
