package domain

import (
	"bytes"
	"cmp"
	"slices"
	"strings"
	"time"
)

// Statuses are the states of a torrent along its life line.
func Statuses() []Status { return []Status{StatusQueued, StatusDownloading, StatusCompleted} }

// Rank is s's place among Statuses; -1 for what is none.
func (s Status) Rank() int { return slices.Index(Statuses(), s) }

// Compare tells whether a stands before b in a list of this order (negative), or
// behind it (positive); 0 only for a place itself.
func (o TorrentOrder) Compare(a, b TorrentPlace) int {
	order := 0
	switch o.By {
	case OrderByCompleted:
		order = compareCompletions(a.CompletedAt, b.CompletedAt)
	case OrderByName:
		order = strings.Compare(a.NameFolded, b.NameFolded)
	case OrderByStatus:
		order = cmp.Compare(a.Status.Rank(), b.Status.Rank())
	case OrderByCreated, "":
	}
	order = cmp.Or(order, a.CreatedAt.Compare(b.CreatedAt), bytes.Compare(a.ID[:], b.ID[:]))
	if o.Ascending {
		return order
	}
	return -order
}

// compareCompletions takes what has not completed for later than all that has.
func compareCompletions(a, b *time.Time) int {
	switch {
	case a == nil && b == nil:
		return 0
	case a == nil:
		return 1
	case b == nil:
		return -1
	}
	return a.Compare(*b)
}

// Sort puts torrents into this order.
func (o TorrentOrder) Sort(torrents []*Torrent) {
	if o.By != OrderByName {
		slices.SortFunc(torrents, func(a, b *Torrent) int { return o.Compare(a.unnamedPlace(), b.unnamedPlace()) })
		return
	}
	places := make(map[*Torrent]TorrentPlace, len(torrents)) // folding is dear
	for _, t := range torrents {
		places[t] = t.Place()
	}
	slices.SortFunc(torrents, func(a, b *Torrent) int { return o.Compare(places[a], places[b]) })
}
