package app_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/clarion-app/download-manager/adapters/memory"
	"github.com/clarion-app/download-manager/app"
	"github.com/clarion-app/download-manager/domain"
	"github.com/clarion-app/download-manager/ports"
)

const gib = 1 << 30

// serverOf adds a server with labels and a limit, younger than those before.
func (h *house) serverOf(t *testing.T, address string, most int, labels ...string) *domain.Server {
	t.Helper()
	h.pass(time.Millisecond)
	s, err := h.servers.Register(t.Context(), admin(), app.ServerSettings{
		Address: app.Some(address), Type: app.Some(memory.TorrentClientType), Labels: app.Some(labels), MaxActive: app.Some(most),
	})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// goes adds a torrent and ends the test unless it is on the server.
func (h *house) goes(t *testing.T, input app.AddTorrent, want *domain.Server) *domain.Torrent {
	t.Helper()
	torrent, err := h.torrents.Add(t.Context(), member(uuid.New()), input)
	if err != nil {
		t.Fatal(err)
	}
	if torrent.ServerID != want.ID {
		t.Fatalf("it did not go to %s", want.Address)
	}
	return torrent
}

func TestPlacementByFreeSpace(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.torrents.Placement = domain.Placement{Policy: domain.PlacementMostFreeSpace, Margin: 10 * gib}
	silent, small, large := h.serverOf(t, "silent", 0), h.serverOf(t, "small", 0), h.serverOf(t, "large", 0)
	room := func(server *domain.Server, free int64) {
		h.clients.Daemon(server.ID).SetInfo(domain.ClientInfo{Version: "1", FreeSpace: &free})
	}
	room(small, 40*gib)
	room(large, 60*gib)
	h.check(t)
	sized := func(n int, size int64) app.AddTorrent {
		return app.AddTorrent{MagnetURI: fmt.Sprintf("%s&xl=%d", magnet(n), size)}
	}
	// What was promised a moment ago counts before any client tells of it.
	h.goes(t, sized(1, 30*gib), large)
	h.goes(t, sized(2, 5*gib), small)
	h.pass(time.Second) // and when the loads are counted anew
	h.goes(t, sized(3, 25*gib), small)
	h.goes(t, sized(4, 20*gib), large)
	h.goes(t, sized(5, gib), silent)
	silentRemoved, err := h.servers.Remove(t.Context(), admin(), silent.ID, &small.ID)
	if err != nil || silentRemoved == nil {
		t.Fatal(err)
	}
	_, err = h.torrents.Add(t.Context(), admin(), sized(6, gib))
	wantKind(t, err, domain.KindConflict, "serverId")
	if text := err.Error(); !strings.Contains(text, "small") || !strings.Contains(text, "10.0 GiB must stay free") {
		t.Errorf("it says only %q", text)
	}
	// What is named goes there all the same.
	input := sized(6, gib)
	input.ServerID = &small.ID
	h.goes(t, input, small)

	// The clients report what they still need, and their free space as it is then.
	h.pass(time.Minute)
	h.check(t)
	h.clients.Daemon(large.ID).Download(hash(1), "one", nil, 30*gib)
	h.clients.Daemon(large.ID).Download(hash(4), "four", nil, 5*gib)
	h.pass(time.Minute)
	room(large, 50*gib)
	room(small, 10*gib)
	h.check(t)
	server, err := h.servers.Get(t.Context(), admin(), large.ID)
	if err != nil || server.Health.Probed == nil || *server.Health.Probed.FreeSpace != 50*gib || server.Health.Probed.Outstanding != 35*gib {
		t.Fatalf("%+v, %v", server.Health.Probed, err)
	}
	h.goes(t, sized(7, 5*gib), large)
	_, err = h.torrents.Add(t.Context(), admin(), sized(8, gib))
	if err == nil {
		t.Error("the margin was used up")
	}
}

// mute are clients that say nothing about themselves.
type mute struct{ ports.TorrentClients }

func (c mute) Open(s domain.Server) (ports.OpenClient, error) {
	client, err := c.TorrentClients.Open(s)
	client.TorrentClient = muteClient{client.TorrentClient}
	return client, err
}

type muteClient struct{ ports.TorrentClient }

func (muteClient) Probe(context.Context) (domain.ClientInfo, error) {
	return domain.ClientInfo{}, domain.Unavailable(nil, "no such method")
}

func TestClientsAreAskedAboutThemselvesBetweenChecks(t *testing.T) {
	t.Parallel()
	t.Run("once a minute, by who checks them", func(t *testing.T) {
		t.Parallel()
		h := newHouse(t)
		s := h.server(t, "a")
		asked := func() int { return h.clients.Daemon(s.ID).Requests().Probe }
		for i := range 13 { // 130 seconds
			if h.check(t); asked() != 1+i/6 {
				t.Fatalf("asked %d times after %d checks", asked(), i+1)
			}
			h.pass(10 * time.Second)
		}
	})
	t.Run("and it is no harm when they do not answer", func(t *testing.T) {
		t.Parallel()
		h := newHouse(t)
		s := h.server(t, "a")
		torrent := h.add(t, admin(), 1, s)
		h.checks.Clients = mute{h.clients}
		got := h.check(t)[s.ID]
		if got.Err != nil || !got.Server.Health.Reachable() || h.get(t, torrent.ID).Status() != domain.StatusDownloading {
			t.Fatalf("%+v", got)
		}
		if probed := got.Server.Health.Probed; probed == nil || probed.FreeSpace != nil {
			t.Fatalf("%+v", probed)
		}
	})
	t.Run("not while the next check is waited for", func(t *testing.T) {
		t.Parallel()
		h := newHouse(t)
		s := h.server(t, "a")
		h.checks.Nudge(s.ID)
		if h.check(t); h.clients.Daemon(s.ID).Requests().Probe != 0 {
			t.Fatal("the client was asked")
		}
	})
}

func TestPlacementByLabelsAndLimits(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	plain, tv, small := h.serverOf(t, "plain", 0), h.serverOf(t, "tv", 0, "tv"), h.serverOf(t, "small", 2)
	wish := func(n int, label string) app.AddTorrent { return app.AddTorrent{MagnetURI: magnet(n), Label: label} }
	for n := range 3 {
		h.goes(t, wish(n, "TV"), tv)
	}
	for n := range 4 { // in turns, by how busy they are
		h.goes(t, wish(10+n, []string{"", "films"}[n%2]), []*domain.Server{plain, small}[n%2])
	}
	for n := range 4 { // the small one is full
		h.goes(t, wish(20+n, ""), plain)
	}
	if _, err := h.servers.Update(t.Context(), admin(), plain.ID, app.ServerSettings{MaxActive: app.Some(1)}); err != nil {
		t.Fatal(err)
	}
	h.goes(t, wish(30, ""), small) // both are; it waits the shortest there
	_, err := h.servers.Update(t.Context(), admin(), plain.ID, app.ServerSettings{MaxActive: app.Some(-1), Labels: app.Some([]string{"x"})})
	wantKind(t, err, domain.KindInvalid, "maxActive")
	_, err = h.servers.Update(t.Context(), admin(), plain.ID, app.ServerSettings{Labels: app.Some([]string{""})})
	wantKind(t, err, domain.KindInvalid, "labels")
	_, err = h.servers.Update(t.Context(), member(uuid.New()), plain.ID, app.ServerSettings{MaxActive: app.Some(1)})
	wantKind(t, err, domain.KindForbidden, "")
}

func TestPlacementWhereWishesAreGranted(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.serverOf(t, "none", 0)
	films, other := h.serverOf(t, "films", 0), h.serverOf(t, "other", 0)
	for server, folder := range map[*domain.Server]string{films: "/films", other: "/other"} {
		if _, err := h.servers.Update(t.Context(), admin(), server.ID, app.ServerSettings{Folders: app.Some([]string{folder})}); err != nil {
			t.Fatal(err)
		}
	}
	h.goes(t, app.AddTorrent{MagnetURI: magnet(1), Folder: "/other/x"}, other)
	h.goes(t, app.AddTorrent{MagnetURI: magnet(1), Folder: "/films/x"}, films) // it cannot be where that is
	_, err := h.torrents.Add(t.Context(), admin(), app.AddTorrent{MagnetURI: magnet(2), Folder: "/elsewhere"})
	wantKind(t, err, domain.KindInvalid, "folder")
	h.clients.Lack(domain.CapabilitySpeedLimits)
	limit := int64(1)
	_, err = h.torrents.Add(t.Context(), admin(), app.AddTorrent{MagnetURI: magnet(2), DownloadLimit: &limit})
	wantKind(t, err, domain.KindInvalid, "downloadLimit")
}

func TestWhatAServerHasAlready(t *testing.T) {
	t.Parallel()

	t.Run("is not downloaded a second time, whoever wants it", func(t *testing.T) {
		t.Parallel()
		h := newHouse(t)
		a, b := h.serverOf(t, "a", 0), h.serverOf(t, "b", 0)
		for n := range 5 {
			h.goes(t, app.AddTorrent{MagnetURI: magnet(n), ServerID: &b.ID}, b)
		}
		h.pass(time.Second)
		h.goes(t, app.AddTorrent{MagnetURI: magnet(3)}, b)
		h.goes(t, app.AddTorrent{MagnetURI: magnet(3), IfHeldElsewhere: domain.HeldAdd}, a)
		h.goes(t, app.AddTorrent{MagnetURI: magnet(4), ServerID: &a.ID, IfHeldElsewhere: domain.HeldJoin}, b)
		h.goes(t, app.AddTorrent{MagnetURI: magnet(4), ServerID: &a.ID}, a)
	})

	t.Run("can be refused, and whose it is stays untold", func(t *testing.T) {
		t.Parallel()
		h := newHouse(t)
		a, b := h.serverOf(t, "a", 0), h.serverOf(t, "b", 0)
		theirs := h.goes(t, app.AddTorrent{MagnetURI: magnet(1), ServerID: &b.ID}, b)
		for _, server := range []*uuid.UUID{nil, &a.ID} {
			_, err := h.torrents.Add(t.Context(), member(uuid.New()), app.AddTorrent{
				MagnetURI: magnet(1), ServerID: server, IfHeldElsewhere: domain.HeldRefuse,
			})
			wantKind(t, err, domain.KindConflict, "ifHeldElsewhere")
			for _, secret := range []string{theirs.ID.String(), theirs.UserID.String(), b.ID.String()} {
				if strings.Contains(err.Error(), secret) {
					t.Errorf("%q tells", err)
				}
			}
		}
		h.goes(t, app.AddTorrent{MagnetURI: magnet(1), ServerID: &b.ID, IfHeldElsewhere: domain.HeldRefuse}, b)
		h.goes(t, app.AddTorrent{MagnetURI: magnet(2), IfHeldElsewhere: domain.HeldRefuse}, a)
	})

	t.Run("counts as long as it is there", func(t *testing.T) {
		t.Parallel()
		h := newHouse(t)
		a, b := h.serverOf(t, "a", 0), h.serverOf(t, "b", 0)
		seeding := h.goes(t, app.AddTorrent{MagnetURI: magnet(1), ServerID: &b.ID}, b)
		h.goes(t, app.AddTorrent{MagnetURI: magnet(2), ServerID: &b.ID}, b)
		h.check(t)
		h.clients.Daemon(b.ID).Finish(hash(1))
		h.check(t)
		h.pass(time.Second)
		joined := h.goes(t, app.AddTorrent{MagnetURI: magnet(1)}, b)
		h.check(t)
		h.check(t)
		if h.get(t, joined.ID).Status() != domain.StatusCompleted {
			t.Error("what was there is not complete at once")
		}
		for _, torrent := range []*domain.Torrent{seeding, joined} {
			if _, err := h.torrents.Remove(t.Context(), admin(), torrent.ID, false); err != nil {
				t.Fatal(err)
			}
		}
		h.pass(time.Second)
		h.goes(t, app.AddTorrent{MagnetURI: magnet(1)}, a)
	})

	t.Run("is found by one query for many, also among themselves", func(t *testing.T) {
		t.Parallel()
		for _, dryRun := range []bool{true, false} {
			h := newHouse(t)
			h.serverOf(t, "a", 0)
			b := h.serverOf(t, "b", 0)
			h.goes(t, app.AddTorrent{MagnetURI: magnet(0), ServerID: &b.ID}, b)
			h.pass(time.Second)
			var inputs []app.AddTorrent
			for n := range 200 {
				inputs = append(inputs, app.AddTorrent{MagnetURI: magnet(n % 50)})
			}
			inputs = append(inputs, app.AddTorrent{MagnetURI: magnet(7), IfHeldElsewhere: domain.HeldRefuse})
			h.store.ResetCalls()
			results, err := h.torrents.AddAll(t.Context(), admin(), inputs, dryRun)
			if err != nil {
				t.Fatal(err)
			}
			wantKind(t, results[200].Err, domain.KindConflict, "ifHeldElsewhere")
			for n := range 200 {
				if results[n].Err != nil || results[n].Torrent.ServerID != results[n%50].Torrent.ServerID {
					t.Fatalf("torrent %d: %+v", n, results[n])
				}
			}
			on := 0
			for _, r := range results[:50] {
				if r.Torrent.ServerID == b.ID {
					on++
				}
			}
			if results[0].Torrent.ServerID != b.ID || on < 20 || on > 30 {
				t.Errorf("what was there is not joined, or what was not is: %d", on)
			}
			calls := h.store.Calls()
			if calls["ServerLoads.Holders"] != 1 || calls["ServerLoads.Candidates"] != 1 || calls["ServerRepository.Find"] != 0 {
				t.Errorf("calls %v", calls)
			}
		}
	})

	t.Run("is not looked for where it does not matter", func(t *testing.T) {
		t.Parallel()
		h := newHouse(t)
		a := h.server(t, "a")
		h.store.ResetCalls()
		h.add(t, admin(), 1, a)
		if calls := h.store.Calls(); calls["ServerLoads.Holders"]+calls["ServerLoads.Candidates"] != 0 || calls["ServerRepository.Find"] != 1 {
			t.Errorf("calls %v", calls)
		}
	})

	t.Run("is found by those who race", func(t *testing.T) {
		t.Parallel()
		h := newHouse(t)
		for n := range 4 {
			h.serverOf(t, fmt.Sprint(n), 0)
		}
		on := make([]uuid.UUID, 32)
		var wait sync.WaitGroup
		for i := range on {
			wait.Go(func() { on[i] = h.add(t, member(uuid.New()), 1, nil).ServerID })
		}
		wait.Wait()
		for _, id := range on {
			if id != on[0] {
				t.Fatal("it is on two servers")
			}
		}
	})

	t.Run("leaves an idempotency key good for what was asked", func(t *testing.T) {
		t.Parallel()
		h := newHouse(t)
		a, b := h.serverOf(t, "a", 0), h.serverOf(t, "b", 0)
		h.goes(t, app.AddTorrent{MagnetURI: magnet(1), ServerID: &b.ID}, b)
		input := keyed(1, "k")
		input.ServerID, input.IfHeldElsewhere = &a.ID, domain.HeldJoin
		for range 2 {
			got, err := h.torrents.Add(t.Context(), admin(), input)
			if err != nil || got.ServerID != b.ID {
				t.Fatalf("%+v, %v", got, err)
			}
		}
		input.ServerID = &b.ID
		_, err := h.torrents.Add(t.Context(), admin(), input)
		wantKind(t, err, domain.KindConflict, "serverId")
	})
}
