package graph

import (
	"context"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"time"

	"github.com/google/uuid"

	"github.com/clarion-app/download-manager/domain"
	"github.com/clarion-app/download-manager/graph/generated"
)

func (r *Resolver) torrentPage(ctx context.Context, first int, after *string, filter domain.TorrentFilter) (generated.TorrentConnection, error) {
	place, err := parsed(after, torrentPlace)
	if err := errors.Join(checkFirst(first), err); err != nil {
		return generated.TorrentConnection{}, err
	}
	rows, err := r.Torrents.Find(ctx, actorOf(ctx), filter, domain.TorrentPage{After: place, Limit: first + 1})
	if err != nil {
		return generated.TorrentConnection{}, err
	}
	page, more := cut(rows, first)
	edges := make([]*generated.TorrentEdge, len(page))
	for i, torrent := range page {
		edges[i] = &generated.TorrentEdge{Cursor: torrentCursor(torrent), Node: torrent}
	}
	cursor := func(i int) string { return edges[i].Cursor }
	return generated.TorrentConnection{
		Edges: edges, Nodes: page, PageInfo: newPageInfo(len(page), cursor, more, after != nil),
	}, nil
}

// torrentCursorSize is what a cursor holds: microseconds and an id.
const torrentCursorSize = 8 + len(uuid.Nil)

// torrentCursor writes where a torrent stands in the list. Clients must not read it.
func torrentCursor(torrent *domain.Torrent) string {
	place := torrent.Place()
	raw := binary.BigEndian.AppendUint64(make([]byte, 0, torrentCursorSize), uint64(place.CreatedAt.UnixMicro()))
	return base64.RawURLEncoding.EncodeToString(append(raw, place.ID[:]...))
}

// torrentPlace reads what torrentCursor wrote.
func torrentPlace(cursor string) (domain.TorrentPlace, error) {
	raw, err := base64.RawURLEncoding.Strict().DecodeString(cursor)
	if err != nil || len(raw) != torrentCursorSize {
		return domain.TorrentPlace{}, domain.Invalid("after", "must be a cursor that this API gave out")
	}
	return domain.TorrentPlace{
		CreatedAt: time.UnixMicro(int64(binary.BigEndian.Uint64(raw))).UTC(),
		ID:        uuid.UUID(raw[8:]),
	}, nil
}
