package graph

import (
	"sync"
	"time"
)

// roundWidth is how many members are visited at the same time: a visit may take as
// long as a database, or a client, lets it wait.
const roundWidth = 16

// rounds visits each of its members once per interval. Between rounds it is nothing
// but a timer, and without members not even that.
type rounds[M comparable] struct {
	interval time.Duration
	visit    func(M)

	mu      sync.Mutex
	members map[M]struct{}
	ticking bool
}

func newRounds[M comparable](interval time.Duration, visit func(M)) *rounds[M] {
	return &rounds[M]{interval: interval, visit: visit, members: map[M]struct{}{}}
}

// enter has member visited from the next round on.
func (r *rounds[M]) enter(member M) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.members[member] = struct{}{}
	if !r.ticking {
		r.ticking = true
		time.AfterFunc(r.interval, r.round)
	}
}

// leave has member visited no more; a visit that is under way goes on.
func (r *rounds[M]) leave(member M) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.members, member)
}

// round visits all, and waits for the next round if there is to be one.
func (r *rounds[M]) round() {
	began := time.Now()
	places := make(chan struct{}, roundWidth)
	var visits sync.WaitGroup
	for _, member := range r.list() {
		places <- struct{}{}
		visits.Go(func() {
			defer func() { <-places }()
			r.visit(member)
		})
	}
	visits.Wait()
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.members) == 0 {
		r.ticking = false
		r.members = map[M]struct{}{} // one that has been large stays so
		return
	}
	time.AfterFunc(max(r.interval-time.Since(began), r.interval/2), r.round)
}

func (r *rounds[M]) list() []M {
	r.mu.Lock()
	defer r.mu.Unlock()
	all := make([]M, 0, len(r.members))
	for member := range r.members {
		all = append(all, member)
	}
	return all
}
