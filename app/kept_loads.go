package app

import (
	"slices"
	"sync"
	"time"

	"github.com/google/uuid"

	"github.com/clarion-app/download-manager/domain"
)

// keepLoads is how long counted loads are good. Counting costs as much as there are
// open torrents, so that it must not be done for each one that is added.
const keepLoads = time.Second

// longestPromise bounds how long a promise is remembered: a client that has not been
// asked for its free space by then is not well, and has other troubles.
const longestPromise = 10 * time.Minute

// keptLoads is how much servers have to do, as counted lately, and with what this
// process has placed since: a burst spreads as if each were counted. It may be wrong
// by what others do meanwhile, for as long as keepLoads.
type keptLoads struct {
	mu        sync.Mutex
	loads     map[uuid.UUID]domain.ServerLoad
	countedAt time.Time
	// counts is how often was counted.
	counts int
	// alone: there was one server, whose load nobody needs to know.
	alone bool
	// promises are what this process has placed that no free space shows yet.
	promises []promise
	// recent and older are where contents were placed that others, who add the same at
	// the same moment, may not find stored yet.
	recent, older map[domain.InfoHash]promise
	recentSince   time.Time
}

// promise is that a server will have content.
type promise struct {
	serverID uuid.UUID
	hash     domain.InfoHash
	size     int64
	at       time.Time
}

func goodFor(at, now time.Time) bool {
	age := now.Sub(at)
	return age >= 0 && age < keepLoads
}

// good reports whether counts are kept that need not be made again, and which.
func (k *keptLoads) good(now func() time.Time) (good bool, counts int) {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.loads != nil && (k.alone || goodFor(k.countedAt, now())), k.counts
}

// suffice reports whether what is kept is enough to choose from servers.
func (k *keptLoads) suffice(servers []*domain.Server) bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	return (!k.alone || len(servers) <= 1) &&
		!slices.ContainsFunc(servers, func(s *domain.Server) bool { _, counted := k.loads[s.ID]; return !counted })
}

// count keeps new counts, and forgets promises that have been kept. It is called under
// mu.
func (k *keptLoads) count(candidates []domain.Candidate, policy domain.PlacementPolicy, now func() time.Time) {
	k.loads, k.counts = make(map[uuid.UUID]domain.ServerLoad, len(candidates)), k.counts+1
	k.alone = len(candidates) == 1 && policy != domain.PlacementMostFreeSpace
	if !k.alone {
		k.countedAt = now()
	}
	servers := make(map[uuid.UUID]*domain.Server, len(candidates))
	for _, c := range candidates {
		k.loads[c.ID], servers[c.ID] = c.ServerLoad, c.Server
	}
	k.promises = slices.DeleteFunc(k.promises, func(p promise) bool {
		server := servers[p.serverID]
		if server == nil || server.PromiseKept(p.at) {
			return true
		}
		k.add(p.serverID, 0, p.size)
		return false
	})
}

// placed counts content to its server from here on, so that others who add now see
// it; size is what it will need there. It is called under mu.
func (k *keptLoads) placed(server uuid.UUID, hash domain.InfoHash, size int64, now time.Time) {
	k.add(server, +1, size)
	p := promise{server, hash, size, now}
	if size > 0 {
		outlived := slices.IndexFunc(k.promises, func(p promise) bool { return now.Sub(p.at) < longestPromise })
		if outlived < 0 {
			outlived = len(k.promises)
		}
		k.promises = append(slices.Delete(k.promises, 0, outlived), p)
	}
	if !goodFor(k.recentSince, now) {
		k.older, k.recent, k.recentSince = k.recent, map[domain.InfoHash]promise{}, now
	}
	k.recent[hash] = p
}

// forget takes back that content was placed.
func (k *keptLoads) forget(server uuid.UUID, hash domain.InfoHash) {
	k.mu.Lock()
	defer k.mu.Unlock()
	size := int64(0)
	for i, p := range slices.Backward(k.promises) {
		if p.serverID == server && p.hash == hash {
			size = p.size
			k.promises = slices.Delete(k.promises, i, i+1)
			break
		}
	}
	k.add(server, -1, -size)
}

// moved counts an open torrent to another server.
func (k *keptLoads) moved(from, to uuid.UUID) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.add(from, -1, 0)
	k.add(to, +1, 0)
}

func (k *keptLoads) add(server uuid.UUID, n int, size int64) {
	load, counted := k.loads[server]
	if !counted {
		return
	}
	load.Open, load.Active = load.Open+n, load.Active+n
	load.Promise(size)
	k.loads[server] = load
}

// holder returns where content was placed a moment ago; false for nowhere. It is
// called under mu.
func (k *keptLoads) holder(hash domain.InfoHash, now time.Time) (uuid.UUID, bool) {
	for _, placed := range []map[domain.InfoHash]promise{k.recent, k.older} {
		if p, found := placed[hash]; found && goodFor(p.at, now) {
			return p.serverID, true
		}
	}
	return uuid.UUID{}, false
}
