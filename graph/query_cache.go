package graph

import (
	"context"
	"sync"

	"github.com/vektah/gqlparser/v2/ast"
)

// Bounds of the queryCache: a client's queries are few and short, and what is
// neither shall not fill the memory.
const (
	cachedQueries     = 500
	cachedQueryLength = 8 << 10
)

// queryCache keeps parsed and validated documents. When it is full it starts anew:
// to keep account of what was used last would cost each request more.
type queryCache struct {
	mu        sync.RWMutex
	documents map[string]*ast.QueryDocument
}

// Get implements graphql.Cache.
func (c *queryCache) Get(_ context.Context, query string) (*ast.QueryDocument, bool) {
	c.mu.RLock()
	defer c.mu.RUnlock()
	document, found := c.documents[query]
	return document, found
}

// Add implements graphql.Cache.
func (c *queryCache) Add(_ context.Context, query string, document *ast.QueryDocument) {
	if len(query) > cachedQueryLength {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.documents == nil || len(c.documents) >= cachedQueries {
		c.documents = map[string]*ast.QueryDocument{}
	}
	c.documents[query] = document
}
