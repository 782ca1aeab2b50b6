package memory

import (
	"slices"

	"github.com/clarion-app/download-manager/domain"
)

// listed is a live torrent at its place in the lists.
type listed struct {
	torrent *domain.Torrent
	place   domain.TorrentPlace
}

// page is a page of the list that filter leaves.
func (s *Store) page(filter domain.TorrentFilter, page domain.TorrentPage) []*domain.Torrent {
	var list []listed
	for torrent := range s.matching(filter) {
		place := torrent.Place()
		if (page.After == nil || page.Order.Compare(*page.After, place) < 0) &&
			(page.Before == nil || page.Order.Compare(place, *page.Before) < 0) {
			list = append(list, listed{torrent, place})
		}
	}
	slices.SortFunc(list, func(a, b listed) int { return page.Order.Compare(a.place, b.place) })
	if surplus := len(list) - page.Limit; page.Limit > 0 && surplus > 0 {
		if page.FromEnd {
			list = list[surplus:]
		} else {
			list = list[:page.Limit]
		}
	}
	found := make([]*domain.Torrent, 0, len(list))
	for _, l := range list {
		found = append(found, copyTorrent(l.torrent))
	}
	return found
}

// matching goes through the live torrents that filter leaves, in no order.
func (s *Store) matching(filter domain.TorrentFilter) func(yield func(*domain.Torrent) bool) {
	return func(yield func(*domain.Torrent) bool) {
		for _, torrent := range s.torrents {
			if torrent.DeletedAt == nil && filter.Matches(torrent, s.clientType(torrent)) && !yield(torrent) {
				return
			}
		}
	}
}

// clientType is the type of a torrent's server, be it removed.
func (s *Store) clientType(torrent *domain.Torrent) domain.ClientType {
	return s.servers[torrent.ServerID].server.Type
}
