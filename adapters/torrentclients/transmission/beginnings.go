package transmission

import (
	"sync"

	"github.com/clarion-app/download-manager/domain"
)

// mostBeginnings bounds what is remembered of handovers that broke off.
const mostBeginnings = 1000

// beginnings are transfers that the daemon has taken but that have not been set up
// to the end. To the daemon they are there already, to us they are still new.
type beginnings struct {
	mu  sync.Mutex
	all map[domain.InfoHash]struct{}
}

func (b *beginnings) put(hash domain.InfoHash) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.all == nil || len(b.all) >= mostBeginnings {
		b.all = make(map[domain.InfoHash]struct{})
	}
	b.all[hash] = struct{}{}
}

func (b *beginnings) drop(hash domain.InfoHash) {
	b.mu.Lock()
	defer b.mu.Unlock()
	delete(b.all, hash)
}

func (b *beginnings) has(hash domain.InfoHash) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	_, found := b.all[hash]
	return found
}
