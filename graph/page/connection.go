// Package page holds the lists of the API (Relay connections). They are made by hand,
// so that what is not selected is not made at all.
package page

import (
	"context"

	"github.com/clarion-app/download-manager/domain"
)

// Connection is one page of a list.
type Connection[T any] struct {
	// Nodes are the items of the page.
	Nodes []T
	// Cursor writes an item's place in the list.
	Cursor func(T) string
	// Count counts the whole list.
	Count func(context.Context) (int, error)
	// Before and Behind: something lies on that side of the page.
	Before, Behind bool
}

// Edge is an item and its place in the list.
type Edge[T any] struct {
	Node   T
	cursor func(T) string
}

// Info tells where a page lies in its list.
type Info struct {
	HasNextPage, HasPreviousPage bool
	// StartCursor and EndCursor are nil when the page is empty.
	StartCursor, EndCursor *string
}

type (
	// Torrents is a page of torrents.
	Torrents = Connection[*domain.Torrent]
	// TorrentEdge is a torrent and its place.
	TorrentEdge = Edge[*domain.Torrent]
	// Events is a page of the log, of completions alone or of all that happened.
	Events = Connection[*domain.Event]
	// EventEdge is one event of it.
	EventEdge = Edge[*domain.Event]
)

// Edges are the items of the page, each with its cursor.
func (c *Connection[T]) Edges() []Edge[T] {
	edges := make([]Edge[T], len(c.Nodes))
	for i, node := range c.Nodes {
		edges[i] = Edge[T]{Node: node, cursor: c.Cursor}
	}
	return edges
}

// PageInfo tells where the page lies.
func (c *Connection[T]) PageInfo() Info {
	info := Info{HasNextPage: c.Behind, HasPreviousPage: c.Before}
	if len(c.Nodes) > 0 {
		start, end := c.Cursor(c.Nodes[0]), c.Cursor(c.Nodes[len(c.Nodes)-1])
		info.StartCursor, info.EndCursor = &start, &end
	}
	return info
}

// TotalCount counts the whole list.
func (c *Connection[T]) TotalCount(ctx context.Context) (int, error) { return c.Count(ctx) }

// Cursor is the item's place in the list.
func (e *Edge[T]) Cursor() string { return e.cursor(e.Node) }
