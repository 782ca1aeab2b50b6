package app_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/clarion-app/download-manager/domain"
	"github.com/clarion-app/download-manager/ports"
)

func TestATorrentThatItsClientCannotBearHoldsUpNoOther(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	s := h.server(t, "a")
	for n := 1; n <= 5; n++ {
		h.add(t, admin(), n, s)
		h.pass(time.Second)
	}
	h.clients.Daemon(s.ID).Refuse(hash(3), domain.Unavailable(nil, "transmission answered 500"))
	got := h.check(t)[s.ID]
	if got.HandedOver != 4 || got.Refused != 1 || got.Err != nil || !got.Server.Health.Reachable() {
		t.Fatalf("%+v", got)
	}
	list, err := h.torrents.Find(t.Context(), admin(), domain.TorrentFilter{}, domain.TorrentPage{})
	if err != nil {
		t.Fatal(err)
	}
	for _, torrent := range list {
		if bad := torrent.InfoHash() == hash(3); bad != (torrent.Problem != nil) {
			t.Fatalf("%s has the problem %+v", torrent.Name, torrent.Problem)
		}
	}
}

// stubborn cannot remove some of its torrents.
type stubborn struct {
	ports.TorrentClients
	keeps []domain.InfoHash
}

func (c stubborn) Open(s domain.Server) (ports.OpenClient, error) {
	client, err := c.TorrentClients.Open(s)
	client.TorrentClient = stubbornClient{client.TorrentClient, c.keeps}
	return client, err
}

type stubbornClient struct {
	ports.TorrentClient
	keeps []domain.InfoHash
}

func (c stubbornClient) Remove(ctx context.Context, hashes []domain.InfoHash, deleteData bool) error {
	for _, h := range hashes {
		if slices.Contains(c.keeps, h) {
			return domain.Unavailable(nil, "permission denied")
		}
	}
	return c.TorrentClient.Remove(ctx, hashes, deleteData)
}

func TestARemovalThatCannotBeDoneHoldsUpNothing(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	s := h.server(t, "a")
	var ids []uuid.UUID
	for n := 1; n <= 3; n++ {
		ids = append(ids, h.add(t, admin(), n, s).ID)
	}
	h.check(t)
	for _, id := range ids {
		if _, err := h.torrents.Remove(t.Context(), admin(), id, true); err != nil {
			t.Fatal(err)
		}
	}
	fresh := h.add(t, admin(), 4, s)
	h.checks.Clients = stubborn{h.clients, []domain.InfoHash{hash(2)}}
	got := h.check(t)[s.ID]
	if got.Removed != 2 || got.Stuck != 1 || got.HandedOver != 1 || got.Err != nil {
		t.Fatalf("%+v", got)
	}
	if h.get(t, fresh.ID).Status() != domain.StatusDownloading {
		t.Fatal("the new torrent was not handed over")
	}
	h.checks.Clients = h.clients
	if got := h.check(t)[s.ID]; got.Removed != 1 || got.Stuck != 0 {
		t.Fatalf("the stuck removal was not tried again: %+v", got)
	}
}

func TestALongHandOverLetsCompletionsThrough(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	s := h.server(t, "a")
	done := h.add(t, admin(), 1, s)
	h.check(t)
	for n := 2; n <= 500; n++ {
		h.add(t, admin(), n, s)
	}
	// A slow daemon: each add takes a second, and the first torrent finishes meanwhile.
	h.checks.Clients = interrupting{h.clients, func() {
		h.pass(time.Second)
		h.clients.Daemon(s.ID).Finish(hash(1))
	}}
	first := h.check(t)[s.ID]
	if !first.More || first.HandedOver == 499 || first.Server.NextCheckAt.After(h.clock()) {
		t.Fatalf("the first check handed over %d, more: %v", first.HandedOver, first.More)
	}
	h.check(t)
	if h.get(t, done.ID).Status() != domain.StatusCompleted {
		t.Fatal("the completion waits for the hand-over")
	}
	handedOver := first.HandedOver
	for range 50 {
		handedOver += h.check(t)[s.ID].HandedOver
	}
	if open, err := h.store.Torrents().Open(t.Context(), s.ID); err != nil || slices.ContainsFunc(open, func(o domain.OpenTorrent) bool { return !o.Accepted }) {
		t.Fatalf("%d handed over, and some still wait; %v", handedOver, err)
	}
}

// failing is a store that cannot be read.
type failing struct{ ports.TorrentRepository }

func (failing) Open(context.Context, uuid.UUID) ([]domain.OpenTorrent, error) {
	return nil, domain.Unavailable(nil, "the database is away")
}

func TestTroubleWithTheStoreIsNotTheServers(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	s := h.server(t, "a")
	h.checks.Torrents = failing{h.store.Torrents()}
	got := h.check(t)[s.ID]
	if got.Err == nil || !got.Server.Health.Reachable() {
		t.Fatalf("%+v", got)
	}
}

func TestDataThatWasNeverOursStays(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	s := h.server(t, "a")
	m, err := domain.ParseMagnet(magnet(1))
	if err != nil {
		t.Fatal(err)
	}
	daemon := h.clients.Daemon(s.ID)
	daemon.AddByHand(m)
	daemon.Download(hash(1), "theirs", []byte("data"), 4)
	torrent := h.add(t, member(uuid.New()), 1, s)
	if _, err := h.torrents.Remove(t.Context(), admin(), torrent.ID, true); err != nil {
		t.Fatal(err)
	}
	h.check(t)
	if daemon.Data(hash(1)) == nil {
		t.Fatal("data was deleted that we never handed over")
	}
}

func TestTheConfiguredAdministratorIsNoMemberOfThatName(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	ctx := t.Context()
	if _, err := h.users.Add(ctx, domain.System(), "Admin", domain.RoleMember, ""); err != nil {
		t.Fatal(err)
	}
	const secret = "the-secret-of-the-configuration"
	if err := h.users.EnsureAdministrator(ctx, secret); err != nil {
		t.Fatal(err)
	}
	if actor, err := h.users.Authenticate(ctx, secret); err != nil || !actor.IsAdministrator() || actor.Name == "Admin" {
		t.Fatalf("%+v, %v", actor, err)
	}
}
