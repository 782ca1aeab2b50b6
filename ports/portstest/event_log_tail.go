package portstest

import (
	"fmt"
	"testing"

	"github.com/google/uuid"

	"github.com/clarion-app/download-manager/domain"
	"github.com/clarion-app/download-manager/ports"
)

func tailingEvents() facts {
	return facts{
		"a reader that follows many writers, some of whom give up, misses no event": func(t *testing.T, store Store) {
			const writers, changes = 8, 20
			server := addServer(t, store)
			torrents := make([]*domain.Torrent, writers)
			for i := range torrents {
				torrents[i] = addTorrent(t, store, server)
			}
			written, tailed := make(chan struct{}), make(chan []domain.Event, 1)
			failed := make(chan error, 1)
			go func() {
				var seen []domain.Event
				defer func() { tailed <- seen }()
				for last := false; ; {
					query := ports.EventQuery{Limit: 7}
					if len(seen) > 0 {
						query.After = seen[len(seen)-1].Cursor
					}
					events, err := store.EventLog.After(t.Context(), query)
					if err != nil {
						failed <- err
						return
					}
					seen = append(seen, events...)
					if last && len(events) == 0 {
						return
					}
					select {
					case <-written:
						last = true
					default:
					}
				}
			}()
			errs := together(writers, func(i int) error {
				for n := range changes {
					_, err := store.Torrents.Update(t.Context(), []uuid.UUID{torrents[i].ID}, nil, func(torrent *domain.Torrent) error {
						err := torrent.Rename(fmt.Sprint(i, "-", n), after(n))
						if n%4 == 3 {
							return errChange
						}
						return err
					})
					if (err != nil) != (n%4 == 3) {
						return fmt.Errorf("change %d: %w", n, err)
					}
				}
				return nil
			})
			close(written)
			seen := <-tailed
			for _, err := range errs {
				ok(t, err)
			}
			select {
			case err := <-failed:
				t.Fatal(err)
			default:
			}
			all := logged(t, store)
			if want := writers + writers*changes*3/4; len(all) != want {
				t.Errorf("logged %d events, want %d", len(all), want)
			}
			same(t, seen, all)
		},
	}
}
