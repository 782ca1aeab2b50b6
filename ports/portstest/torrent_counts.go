package portstest

import (
	"context"
	"reflect"
	"testing"

	"github.com/google/uuid"

	"github.com/clarion-app/download-manager/domain"
)

// TorrentCounts is the contract of ports.TorrentCounts.
func TorrentCounts(t *testing.T, open func(t *testing.T) Store) {
	t.Helper()
	facts{
		"every combination of filters is counted as it is found": func(t *testing.T, store Store) {
			people := populate(t, store)
			both := []uuid.UUID{people.servers[0].ID, people.servers[1].ID}
			for _, filter := range people.filters() {
				want := people.matching(filter)
				count, err := store.TorrentCounts.Count(t.Context(), filter)
				ok(t, err)
				if count != len(want) {
					t.Errorf("filter %s: counted %d, want %d", describe(filter), count, len(want))
				}
				onServers, err := store.TorrentCounts.CountOnServers(t.Context(), both, filter)
				ok(t, err)
				got, err := store.TorrentCounts.CountBy(t.Context(), filter)
				ok(t, err)
				counts := countPlainly(want)
				if !reflect.DeepEqual(got, counts) {
					t.Errorf("filter %s:\n got %+v\nwant %+v", describe(filter), got, counts)
				}
				for _, server := range counts.ByServer {
					if onServers[server.ServerID] != server.Count {
						t.Errorf("filter %s: counted %v on servers", describe(filter), onServers)
					}
				}
				if onServers[both[0]]+onServers[both[1]] != count {
					t.Errorf("filter %s: counted %v on servers, %d altogether", describe(filter), onServers, count)
				}
			}
		},
		"only the servers that are asked for are counted": func(t *testing.T, store Store) {
			people := populate(t, store)
			counts, err := store.TorrentCounts.CountOnServers(t.Context(), []uuid.UUID{people.servers[1].ID, uuid.New()}, domain.TorrentFilter{})
			ok(t, err)
			if counts[people.servers[0].ID] != 0 || counts[people.servers[1].ID] != 24 {
				t.Errorf("counted %v", counts)
			}
			counts, err = store.TorrentCounts.CountOnServers(t.Context(), nil, domain.TorrentFilter{})
			ok(t, err)
			if len(counts) > 0 {
				t.Errorf("no servers have %v", counts)
			}
		},
		"an ended context ends counting torrents": func(t *testing.T, store Store) {
			server := addServer(t, store)
			refuses(t, map[string]func(ctx context.Context) error{
				"Count": func(ctx context.Context) error {
					_, err := store.TorrentCounts.Count(ctx, domain.TorrentFilter{})
					return err
				},
				"CountOnServers": func(ctx context.Context) error {
					_, err := store.TorrentCounts.CountOnServers(ctx, []uuid.UUID{server.ID}, domain.TorrentFilter{})
					return err
				},
				"CountBy": func(ctx context.Context) error {
					_, err := store.TorrentCounts.CountBy(ctx, domain.TorrentFilter{})
					return err
				},
			})
		},
	}.prove(t, open)
}

func countPlainly(torrents []*domain.Torrent) domain.TorrentCounts {
	statuses, servers, users := map[domain.Status]int{}, map[uuid.UUID]int{}, map[uuid.UUID]int{}
	for _, torrent := range torrents {
		statuses[torrent.Status()]++
		servers[torrent.ServerID]++
		if torrent.UserID == nil {
			users[uuid.Nil]++
		} else {
			users[*torrent.UserID]++
		}
	}
	return domain.NewTorrentCounts(statuses, servers, users)
}
