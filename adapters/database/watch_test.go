package database_test

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/clarion-app/download-manager/adapters/database"
	"github.com/clarion-app/download-manager/adapters/events"
	"github.com/clarion-app/download-manager/app"
	"github.com/clarion-app/download-manager/domain"
)

// TestWatching holds the use case that follows the log against real transactions, which
// overlap and give up: whoever watches is told each event once and in order, also when
// they come, go and come back while others write.
func TestWatching(t *testing.T) {
	t.Parallel()
	const writers, changes, watchers = 4, 30, 6
	const kept = writers * changes * 2 / 3
	onBoth(t, func(t *testing.T, dsn string) {
		bell := events.NewBell()
		db := open(t, dsn, database.Options{OnAppend: bell.Ring})
		server := fill(t, db, writers, nil)
		torrents, err := db.Torrents().Find(t.Context(), domain.TorrentFilter{ServerID: &server.ID}, domain.TorrentPage{})
		if err != nil {
			t.Fatal(err)
		}
		begin, err := db.EventLog().Newest(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		feed := &app.Events{EventLog: db.EventLog(), Signal: bell, Log: slog.New(slog.DiscardHandler), Poll: time.Second}
		var group sync.WaitGroup
		for i := range writers {
			group.Go(func() {
				for n := range changes {
					_, err := db.Torrents().Update(t.Context(), []uuid.UUID{torrents[i].ID}, nil, func(torrent *domain.Torrent) error {
						_ = torrent.Rename(fmt.Sprint(n), time.Now())
						if n%3 == 2 {
							return context.Canceled // its cursors are given up
						}
						return nil
					})
					if (err != nil) != (n%3 == 2) {
						t.Error(err)
					}
				}
			})
		}
		told := make([][]domain.Cursor, watchers)
		for i := range watchers {
			group.Go(func() {
				last := begin
				for missing := kept; missing > 0 && !t.Failed(); missing = kept - len(told[i]) {
					last = watchSome(t, feed, last, min(i+1, missing), &told[i])
				}
			})
		}
		group.Wait()
		for i := range told {
			if fmt.Sprint(told[i]) != fmt.Sprint(told[0]) {
				t.Errorf("one was told %v, another %v", told[0], told[i])
			}
			for n := range told[i][1:] {
				if told[i][n] >= told[i][n+1] {
					t.Errorf("told %v", told[i])
				}
			}
		}
	})
}

// watchSome watches until some events have come, and returns the last one's cursor.
func watchSome(t *testing.T, feed *app.Events, after domain.Cursor, n int, told *[]domain.Cursor) domain.Cursor {
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	heard, err := feed.Watch(ctx, domain.System, &after, domain.EventFilter{Types: []domain.EventType{domain.EventChanged}})
	if err != nil {
		t.Error(err)
		return after
	}
	for ; n > 0; n-- {
		event, there := <-heard
		if !there {
			t.Errorf("the subscription ended behind %d", after)
			break
		}
		after = event.Cursor
		*told = append(*told, after)
	}
	return after
}
