package domain

import (
	"bytes"
	"cmp"
	"slices"

	"github.com/google/uuid"
)

// TorrentGroup is how many torrents are alike in what counts are told by.
type TorrentGroup struct {
	Status   Status
	ServerID uuid.UUID
	// UserID is nil for nobody's.
	UserID *uuid.UUID
	Count  int
}

// TorrentCounts is how many torrents a list holds, altogether and by this and that.
type TorrentCounts struct {
	Total int
	// ByStatus has every status, along the life line.
	ByStatus []StatusCount
	// ByServer and ByUser have whoever has any torrent, those with most first.
	ByServer []ServerCount
	ByUser   []UserCount
}

// StatusCount is how many torrents are in a state.
type StatusCount struct {
	Status Status
	Count  int
}

// ServerCount is how many torrents are on a server.
type ServerCount struct {
	ServerID uuid.UUID
	Count    int
}

// UserCount is how many torrents are a user's, or nobody's.
type UserCount struct {
	UserID *uuid.UUID
	Count  int
}

// CountTorrents sums groups up.
func CountTorrents(groups []TorrentGroup) TorrentCounts {
	var counts TorrentCounts
	statuses, servers, users := map[Status]int{}, map[uuid.UUID]int{}, map[uuid.UUID]int{}
	for _, group := range groups {
		counts.Total += group.Count
		statuses[group.Status] += group.Count
		servers[group.ServerID] += group.Count
		if group.UserID == nil {
			users[uuid.Nil] += group.Count
		} else {
			users[*group.UserID] += group.Count
		}
	}
	for _, status := range Statuses() {
		counts.ByStatus = append(counts.ByStatus, StatusCount{status, statuses[status]})
	}
	for _, id := range mostFirst(servers) {
		counts.ByServer = append(counts.ByServer, ServerCount{id, servers[id]})
	}
	for _, id := range mostFirst(users) {
		count := UserCount{Count: users[id]}
		if id != uuid.Nil {
			count.UserID = &id
		}
		counts.ByUser = append(counts.ByUser, count)
	}
	return counts
}

func mostFirst(counts map[uuid.UUID]int) []uuid.UUID {
	ids := make([]uuid.UUID, 0, len(counts))
	for id := range counts {
		ids = append(ids, id)
	}
	slices.SortFunc(ids, func(a, b uuid.UUID) int {
		return cmp.Or(cmp.Compare(counts[b], counts[a]), bytes.Compare(a[:], b[:]))
	})
	return ids
}
