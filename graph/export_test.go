package graph

import (
	"context"
	"net/http"

	"github.com/google/uuid"

	"github.com/clarion-app/download-manager/domain"
)

// NewPlainHandler is NewHandler with every list written by the executor.
func NewPlainHandler(config Config) http.Handler {
	h := NewHandler(config).(*handler)
	*h.lists = listWriter{}
	return h
}

// WrittenFields are the fields that the tables of lists know, by type.
func WrittenFields() map[string][]string {
	known := map[string][]string{}
	add := func(typeName string, fields []string) { known[typeName] = fields }
	w := newListWriter(&Resolver{})
	add(w.torrents.Knows())
	add(w.edges.Knows())
	add(serverFields(&Resolver{}).Knows())
	add(healthFields().Knows())
	add(problemFields().Knows())
	add(userFields().Knows())
	add(progressFields().Knows())
	return known
}

// Gathering loads the torrents of events.
type Gathering = gathering

// Load is load.
func (g *gathering) Load(ctx context.Context, id uuid.UUID, find func(context.Context, []uuid.UUID) (map[uuid.UUID]*domain.Torrent, error)) (*domain.Torrent, error) {
	return g.load(ctx, id, find)
}

// Gathered is how many torrents wait for the next question.
func (g *gathering) Gathered() int {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.next == nil {
		return 0
	}
	return len(g.next.ids)
}
