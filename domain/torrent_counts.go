package domain

import (
	"bytes"
	"cmp"
	"slices"

	"github.com/google/uuid"
)

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

// NewTorrentCounts brings counts into order. The zero user stands for nobody; whoever
// has no torrents is left out.
func NewTorrentCounts(statuses map[Status]int, servers, users map[uuid.UUID]int) TorrentCounts {
	var counts TorrentCounts
	for _, status := range Statuses() {
		counts.Total += statuses[status]
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
	for id, count := range counts {
		if count > 0 {
			ids = append(ids, id)
		}
	}
	slices.SortFunc(ids, func(a, b uuid.UUID) int {
		return cmp.Or(cmp.Compare(counts[b], counts[a]), bytes.Compare(a[:], b[:]))
	})
	return ids
}
