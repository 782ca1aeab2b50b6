package transmission

import (
	"sync"

	"github.com/clarion-app/download-manager/domain"
)

// mostBeginnings bounds what is remembered of what broke off.
const mostBeginnings = 1000

// beginnings are transfers with which something has begun that takes several requests,
// and that is to be brought to its end when it is asked for again.
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
