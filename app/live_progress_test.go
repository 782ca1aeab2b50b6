package app_test

import (
	"context"
	"log/slog"
	"testing"
	"time"

	"github.com/clarion-app/download-manager/app"
	"github.com/clarion-app/download-manager/domain"
)

func TestProgressAsksEachServerOnceAndBearsWithTheDead(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	well, hanging := h.server(t, "well"), h.server(t, "hanging")
	torrents := []*domain.Torrent{h.add(t, admin(), 1, well), h.add(t, admin(), 2, well), h.add(t, admin(), 3, hanging)}
	h.check(t)
	queued := h.add(t, admin(), 4, well) // not handed over: nobody is asked for it
	for i, torrent := range torrents {
		torrents[i] = h.get(t, torrent.ID)
	}
	h.clients.Daemon(well.ID).Download(hash(1), "one", []byte("12"), 8)
	h.clients.Daemon(hanging.ID).Block()
	defer h.clients.Daemon(hanging.ID).Unblock()
	asked := h.clients.Daemon(well.ID).Requests().Transfers
	progress := &app.Progress{
		Servers: h.store.Servers(), Clients: h.clients, Log: slog.New(slog.DiscardHandler), Patience: 50 * time.Millisecond,
	}
	found, err := progress.Find(context.Background(), append(torrents, queued))
	if err != nil || len(found) != 2 {
		t.Fatalf("%+v, %v", found, err)
	}
	if got := found[torrents[0].ID].FractionDone(); got != 0.25 {
		t.Fatalf("fraction done %v", got)
	}
	if n := h.clients.Daemon(well.ID).Requests().Transfers - asked; n != 1 {
		t.Fatalf("%d requests to the server that is well", n)
	}
}

func TestProgressIsAskedOfThisNodeOnly(t *testing.T) {
	t.Parallel()
	l := newLookers(t)
	l.progress.Node = "another"
	if n := l.look(t.Context(), t, 0, 1); n != 0 {
		t.Errorf("%d found", n)
	}
	l.wantRequests(t, 0)
}
