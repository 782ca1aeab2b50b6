package app_test

import (
	"context"
	"testing"

	"github.com/google/uuid"

	"github.com/clarion-app/download-manager/app"
	"github.com/clarion-app/download-manager/domain"
	"github.com/clarion-app/download-manager/ports"
)

// keeping are clients of a type that cannot delete data.
type keeping struct{ ports.TorrentClients }

func (c keeping) Open(s domain.Server) (ports.OpenClient, error) {
	client, err := c.TorrentClients.Open(s)
	client.TorrentClient = keepingClient{client.TorrentClient}
	return client, err
}

type keepingClient struct{ ports.TorrentClient }

func (c keepingClient) Remove(ctx context.Context, hashes []domain.InfoHash, deleteData bool) error {
	if deleteData {
		return domain.Lacks("memory", domain.CapabilityDeleteData)
	}
	return c.TorrentClient.Remove(ctx, hashes, false)
}

func TestARemovalWithDataThatCannotBeDeletedIsOneWithout(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	s := h.server(t, "a")
	with, without := h.add(t, admin(), 1, s), h.add(t, admin(), 2, s)
	h.check(t)
	for id, deleteData := range map[uuid.UUID]bool{with.ID: true, without.ID: false} {
		if _, err := h.torrents.Remove(t.Context(), admin(), id, deleteData); err != nil {
			t.Fatal(err)
		}
	}
	h.clients.Lack(domain.CapabilityDeleteData)
	h.checks.Clients = keeping{h.clients}
	if got := h.check(t)[s.ID]; got.Removed != 2 || got.Stuck != 0 || got.Err != nil {
		t.Fatalf("%+v", got)
	}
	for _, n := range []int{1, 2} {
		if _, held := h.clients.Daemon(s.ID).Transfer(hash(n)); held {
			t.Fatal("the client still holds it")
		}
	}
}

func TestDataThatCannotBeDeletedIsToldWhereItIsAsked(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	s := h.server(t, "a")
	first, second := h.add(t, admin(), 1, s), h.add(t, admin(), 2, s)
	h.clients.Lack(domain.CapabilityDeleteData)
	_, err := h.torrents.Remove(t.Context(), admin(), first.ID, true)
	if all := domain.Errors(err); len(all) != 1 || all[0].Kind != domain.KindInvalid || all[0].Field != "deleteData" {
		t.Fatalf("error %v", err)
	}
	if h.get(t, first.ID).Removed() {
		t.Fatal("what was refused is removed")
	}
	many, err := h.torrents.RemoveAll(t.Context(), admin(), app.SelectTorrents{IDs: []uuid.UUID{first.ID, second.ID}}, true, false)
	if err != nil || len(many) != 2 || domain.KindOf(many[0].Err) != domain.KindInvalid || domain.KindOf(many[1].Err) != domain.KindInvalid {
		t.Fatalf("%+v, error %v", many, err)
	}
	for _, deleteData := range []bool{false, true} { // what is removed already stays as it is
		if _, err := h.torrents.Remove(t.Context(), admin(), first.ID, deleteData); err != nil {
			t.Fatal(err)
		}
	}
}

func TestDataOfWhatTheClientHasLetGoOf(t *testing.T) {
	t.Parallel()
	with := func(deleteData bool) func(*testing.T, *house, uuid.UUID) error {
		return func(t *testing.T, h *house, id uuid.UUID) error {
			t.Helper()
			_, err := h.torrents.Remove(t.Context(), admin(), id, deleteData)
			return err
		}
	}
	t.Run("is not said to be deleted", func(t *testing.T) {
		t.Parallel()
		h := newHouse(t)
		s := h.server(t, "a")
		h.policy(t, s, domain.OnCompleteRemove, nil, nil)
		torrent, daemon := h.add(t, admin(), 1, s), h.clients.Daemon(s.ID)
		h.check(t)
		daemon.Download(hash(1), "all", []byte("data"), 4)
		h.check(t)
		if _, held := daemon.Transfer(hash(1)); held {
			t.Fatal("it is still held")
		}
		wantKind(t, with(true)(t, h, torrent.ID), domain.KindConflict, "deleteData")
		if h.get(t, torrent.ID).Removed() || daemon.Data(hash(1)) == nil {
			t.Fatal("something was removed")
		}
		if err := daemon.Client().Remove(t.Context(), []domain.InfoHash{hash(1)}, true); err != nil || daemon.Data(hash(1)) == nil {
			t.Fatal("a client deletes what it does not hold", err)
		}
		for _, deleteData := range []bool{false, true} { // what is removed already stays as it is
			if err := with(deleteData)(t, h, torrent.ID); err != nil {
				t.Fatal(err)
			}
		}
	})
	t.Run("is deleted where the torrent was only put back", func(t *testing.T) {
		t.Parallel()
		h := newHouse(t)
		s := h.server(t, "a")
		torrent, daemon := h.add(t, admin(), 1, s), h.clients.Daemon(s.ID)
		h.check(t)
		daemon.Download(hash(1), "all", []byte("da"), 4)
		if _, err := h.torrents.MarkIncomplete(t.Context(), admin(), torrent.ID); err != nil {
			t.Fatal(err)
		}
		if err := with(true)(t, h, torrent.ID); err != nil {
			t.Fatal(err)
		}
		h.check(t)
		if _, held := daemon.Transfer(hash(1)); held || daemon.Data(hash(1)) != nil {
			t.Fatal("the data is still there")
		}
	})
	t.Run("stays where it is when a completed torrent is moved", func(t *testing.T) {
		t.Parallel()
		h := newHouse(t)
		s, other := h.server(t, "a"), h.server(t, "b")
		torrent := h.complete(t, s, 1)
		if _, err := h.torrents.Update(t.Context(), admin(), torrent.ID, app.UpdateTorrent{ServerID: app.Some(other.ID)}); err != nil {
			t.Fatal(err)
		}
		wantKind(t, with(true)(t, h, torrent.ID), domain.KindConflict, "deleteData")
	})
}
