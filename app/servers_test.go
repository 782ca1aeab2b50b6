package app_test

import (
	"fmt"
	"testing"

	"github.com/google/uuid"

	"github.com/clarion-app/download-manager/adapters/memory"
	"github.com/clarion-app/download-manager/app"
	"github.com/clarion-app/download-manager/domain"
)

func TestOnlyAdministratorsManageServers(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	s := h.server(t, "a")
	me := member(uuid.New())
	if list, err := h.servers.Find(t.Context(), me); err != nil || len(list) != 1 {
		t.Fatalf("a member may look: %v, %v", list, err)
	}
	settings := app.ServerSettings{Address: app.Some("b"), Type: app.Some(memory.TorrentClientType)}
	_, err := h.servers.Register(t.Context(), me, settings)
	wantKind(t, err, domain.KindForbidden, "")
	_, err = h.servers.Update(t.Context(), me, s.ID, settings)
	wantKind(t, err, domain.KindForbidden, "")
	_, err = h.servers.Remove(t.Context(), me, s.ID, nil)
	wantKind(t, err, domain.KindForbidden, "")
	_, err = h.servers.Test(t.Context(), me, s.ID)
	wantKind(t, err, domain.KindForbidden, "")
	_, err = h.servers.TestSettings(t.Context(), me, settings)
	wantKind(t, err, domain.KindForbidden, "")
}

func TestRegisterServer(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	_, err := h.servers.Register(t.Context(), admin(), app.ServerSettings{Address: app.Some("a"), Type: app.Some[domain.ClientType]("Nonsense")})
	wantKind(t, err, domain.KindInvalid, "type")
	_, err = h.servers.Register(t.Context(), admin(), app.ServerSettings{Address: app.Some(" "), Type: app.Some(memory.TorrentClientType)})
	wantKind(t, err, domain.KindInvalid, "address")

	s, err := h.servers.Register(t.Context(), admin(), app.ServerSettings{
		Address: app.Some("http://me:secret@host:9091/rpc"), Type: app.Some(memory.TorrentClientType),
	})
	if err != nil || s.Address != "http://host:9091/rpc" || s.Credentials.Password != "secret" {
		t.Fatalf("credentials stay in the address %q, %v", s.Address, err)
	}
}

func TestTheFirstServerIsMadeOnce(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	for range 2 {
		if err := h.servers.RegisterFirst(t.Context(), memory.TorrentClientType, "downloads"); err != nil {
			t.Fatal(err)
		}
	}
	list, err := h.servers.Find(t.Context(), admin())
	if err != nil || len(list) != 1 || list[0].ID.Version() != 4 {
		t.Fatalf("%v, %v", list, err)
	}
	t.Run("and not again once it was removed", func(t *testing.T) {
		if _, err := h.servers.Remove(t.Context(), admin(), list[0].ID, nil); err != nil {
			t.Fatal(err)
		}
		if err := h.servers.RegisterFirst(t.Context(), memory.TorrentClientType, "downloads"); err != nil {
			t.Fatal(err)
		}
		if list, err := h.servers.Find(t.Context(), admin()); err != nil || len(list) != 0 {
			t.Fatalf("%v, %v", list, err)
		}
	})
}

func TestRemoveServer(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	from, to := h.server(t, "a"), h.server(t, "b")
	torrent := h.add(t, admin(), 1, from)
	h.check(t)
	_, err := h.servers.Remove(t.Context(), admin(), from.ID, nil)
	wantKind(t, err, domain.KindConflict, "")
	_, err = h.servers.Remove(t.Context(), admin(), from.ID, &from.ID)
	wantKind(t, err, domain.KindInvalid, "moveTo")
	unknown := uuid.New()
	_, err = h.servers.Remove(t.Context(), admin(), from.ID, &unknown)
	wantKind(t, err, domain.KindInvalid, "moveTo")
	if _, err = h.servers.Remove(t.Context(), admin(), from.ID, &to.ID); err != nil {
		t.Fatal(err)
	}
	_, err = h.servers.Get(t.Context(), admin(), from.ID)
	wantKind(t, err, domain.KindNotFound, "")
	h.check(t)
	if got := h.get(t, torrent.ID); got.ServerID != to.ID || got.Status() != domain.StatusDownloading {
		t.Fatalf("%+v", got)
	}
}

func TestTestServerAsksTheClient(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	s := h.server(t, "a")
	h.clients.Daemon(s.ID).SetInfo(domain.ClientInfo{Version: "4.2"})
	if info, err := h.servers.Test(t.Context(), admin(), s.ID); err != nil || info.Version != "4.2" {
		t.Fatalf("%+v, %v", info, err)
	}
	h.clients.Daemon(s.ID).Fail(domain.Unavailable(nil, "connection refused"))
	_, err := h.servers.Test(t.Context(), admin(), s.ID)
	wantKind(t, err, domain.KindUnavailable, "")
}

func TestTestServerLeavesOtherNodesAlone(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	s := h.server(t, "a")
	h.servers.Node = "another"
	_, err := h.servers.Test(t.Context(), admin(), s.ID)
	wantKind(t, err, domain.KindUnavailable, "")
	if want := fmt.Sprintf("server %s is looked after by node %s", s.ID, node); domain.MessageOf(err) != want {
		t.Errorf("message %q", domain.MessageOf(err))
	}
	if n := h.clients.Daemon(s.ID).Requests().Probe; n != 0 {
		t.Errorf("it was asked %d times", n)
	}
}
