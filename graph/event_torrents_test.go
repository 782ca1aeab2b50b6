package graph_test

import (
	"context"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/clarion-app/download-manager/domain"
	"github.com/clarion-app/download-manager/graph"
	"github.com/clarion-app/download-manager/internal/testkit/wait"
)

// Many are told of an event at the same moment, and each wants its torrent.
func TestTheTorrentOfAnEventIsAskedForOnceForAll(t *testing.T) {
	t.Parallel()
	const subscribers = 100
	var gathering graph.Gathering
	var questions atomic.Int32
	asking, goOn := make(chan struct{}, subscribers), make(chan struct{})
	find := func(_ context.Context, ids []uuid.UUID) (map[uuid.UUID]*domain.Torrent, error) {
		questions.Add(1)
		asking <- struct{}{}
		<-goOn
		found := map[uuid.UUID]*domain.Torrent{}
		for _, id := range ids {
			found[id] = &domain.Torrent{ID: id}
		}
		return found, nil
	}
	var loading sync.WaitGroup
	load := func() {
		id := uuid.New()
		loading.Go(func() {
			if got, err := gathering.Load(t.Context(), id, find); err != nil || got.ID != id {
				t.Errorf("got %+v, %v", got, err)
			}
		})
	}
	load()
	<-asking // and while this question is under way, all others gather
	for range subscribers - 1 {
		load()
	}
	wait.Until(t, time.Minute, "all to gather", func() bool { return gathering.Gathered() == subscribers-1 })
	close(goOn)
	loading.Wait()
	if n := questions.Load(); n != 2 {
		t.Errorf("%d questions for %d subscribers", n, subscribers)
	}
}

func TestTheTorrentOfAnEventIsShownToThoseWhoMaySeeItNow(t *testing.T) {
	t.Parallel()
	d := openDoor(t)
	d.addServer(t)
	mine := d.addTorrent(t, alice, 1)
	d.complete(t, mine)
	d.ask(t, admin, `mutation($id: ID!, $user: ID!) { updateTorrent(input: {id: $id, userId: $user}) { torrent { id } } }`,
		vars{"id": mine.ID, "user": d.actor(bob).UserID})
	for token, visible := range map[string]bool{alice: false, admin: true} {
		got := into[completed](t, d.stream(t, token, watch, vars{"after": "0"}).next(t)).TorrentCompleted
		if (got.Torrent != nil) != visible || got.TorrentID != mine.ID.String() {
			t.Errorf("%s got %+v", token, got)
		}
	}
}
