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
