package app_test

import (
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/clarion-app/download-manager/app"
	"github.com/clarion-app/download-manager/domain"
)

func TestAServerIsGivenNoMoreThanItsLimit(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	s := h.serverOf(t, "small", 2)
	var torrents []*domain.Torrent
	for n := range 6 {
		h.pass(time.Second)
		torrents = append(torrents, h.add(t, admin(), n, s))
	}
	daemon := h.clients.Daemon(s.ID)
	has := func(what string, want ...int) {
		t.Helper()
		var hashes []domain.InfoHash
		for _, n := range want {
			hashes = append(hashes, hash(n))
		}
		h.check(t)
		if got := daemon.Hashes(); !slices.Equal(got, hashes) {
			t.Fatalf("%s: the client has %v, want %v", what, got, want)
		}
		for n, torrent := range torrents {
			now := h.get(t, torrent.ID)
			if waits := !slices.Contains(want, n); waits != (now.Status() == domain.StatusQueued) || now.Problem != nil && waits && n != 2 {
				t.Fatalf("%s: torrent %d is %s, %+v", what, n, now.Status(), now.Problem)
			}
		}
	}
	has("the oldest first", 0, 1)
	has("the next check", 0, 1)
	daemon.Refuse(hash(2), domain.Invalid("", "no"))
	daemon.Finish(hash(0))
	has("what is done makes room, and what is refused takes none", 0, 1, 3)
	again := h.add(t, member(uuid.New()), 1, s)
	has("the same content needs no room", 0, 1, 3)
	if h.get(t, again.ID).Status() != domain.StatusDownloading {
		t.Fatal("the other one's torrent waits")
	}
	if _, err := h.servers.Update(t.Context(), admin(), s.ID, app.ServerSettings{MaxActive: app.Some(1)}); err != nil {
		t.Fatal(err)
	}
	has("a lower limit takes nothing away", 0, 1, 3)
	if _, err := h.servers.Update(t.Context(), admin(), s.ID, app.ServerSettings{MaxActive: app.Some(0)}); err != nil {
		t.Fatal(err)
	}
	has("no limit", 0, 1, 3, 4, 5)
}

// dead makes a server fail its checks from now on, until end.
func (h *house) dead(server *domain.Server) (end func()) {
	h.clients.Daemon(server.ID).Fail(domain.Unavailable(nil, "connection refused"))
	return func() { h.clients.Daemon(server.ID).Fail(nil) }
}

// wantOn fails unless a torrent is on a server.
func (h *house) wantOn(t *testing.T, torrent *domain.Torrent, server *domain.Server) {
	t.Helper()
	if h.get(t, torrent.ID).ServerID != server.ID {
		t.Errorf("torrent %s is not on %s", torrent.Name, server.Address)
	}
}

func TestFailover(t *testing.T) {
	t.Parallel()

	t.Run("what waits for a dead server goes to others, and what has begun stays", func(t *testing.T) {
		t.Parallel()
		h := newHouse(t)
		h.checks.Failover = 30 * time.Second
		a, b, c := h.serverOf(t, "a", 0), h.serverOf(t, "b", 0), h.serverOf(t, "c", 0)
		begun, putBack := h.add(t, admin(), 1, a), h.add(t, admin(), 2, a)
		h.check(t)
		if _, err := h.torrents.MarkIncomplete(t.Context(), admin(), putBack.ID); err != nil {
			t.Fatal(err)
		}
		end := h.dead(a)
		var waiting []*domain.Torrent
		for n := range 4 {
			h.pass(time.Second)
			waiting = append(waiting, h.add(t, member(uuid.New()), 10+n, a))
		}
		// The answer to this hand-over was lost.
		h.clients.Daemon(a.ID).AddByHand(waiting[0].MagnetURI)
		for range 6 {
			h.check(t)
			for _, torrent := range waiting {
				h.wantOn(t, torrent, a)
			}
			h.pass(5 * time.Second)
		}
		h.nudged = nil
		logged := len(h.logged(t))
		if got := h.check(t)[a.ID]; got.FailedOver != 4 || got.Err == nil {
			t.Fatalf("%+v", got)
		}
		h.wantOpen(t, map[*domain.Server]int{a: 2, b: 2, c: 2})
		events := h.logged(t)[logged:]
		for i, torrent := range waiting {
			if events[i].Type != domain.EventChanged || events[i].ServerID == a.ID || h.get(t, torrent.ID).UserID == nil {
				t.Errorf("event %+v", events[i])
			}
		}
		h.check(t)
		for _, torrent := range waiting {
			if h.get(t, torrent.ID).Status() != domain.StatusDownloading {
				t.Errorf("%s still waits", torrent.Name)
			}
		}
		h.wantOn(t, begun, a)
		h.wantOn(t, putBack, a)

		end()
		h.check(t)
		if got := h.clients.Daemon(a.ID).Hashes(); !slices.Equal(got, []domain.InfoHash{hash(1), hash(2)}) {
			t.Errorf("the server that came back has %v", got)
		}
		if got := h.check(t)[a.ID]; got.Removed != 0 || got.FailedOver != 0 {
			t.Errorf("and it does not rest: %+v", got)
		}
	})

	t.Run("it is off unless asked for", func(t *testing.T) {
		t.Parallel()
		h := newHouse(t)
		a := h.serverOf(t, "a", 0)
		h.serverOf(t, "b", 0)
		h.check(t)
		h.dead(a)
		torrent := h.add(t, admin(), 1, a)
		for range 5 {
			h.check(t)
			h.pass(24 * time.Hour)
		}
		h.wantOn(t, torrent, a)
	})

	t.Run("it keeps to what servers are for, and to those that are well", func(t *testing.T) {
		t.Parallel()
		h := newHouse(t)
		h.checks.Failover = time.Minute
		a, b := h.serverOf(t, "a", 0), h.serverOf(t, "b", 0)
		h.check(t)
		h.dead(a)
		h.dead(b)
		torrent := h.add(t, admin(), 1, a)
		stays := func(why string) {
			t.Helper()
			for range 3 {
				h.check(t)
				h.pass(time.Minute)
			}
			if t.Log(why); h.get(t, torrent.ID).ServerID != a.ID {
				t.Errorf("it moved: %s", why)
			}
		}
		stays("the other server is not well, either")
		c := h.serverOf(t, "c", 0, "tv")
		stays("the other server is for others, while two are for this")
		for _, server := range []*domain.Server{a, b} {
			if _, err := h.servers.Update(t.Context(), admin(), server.ID, app.ServerSettings{Labels: app.Some([]string{"films"})}); err != nil {
				t.Fatal(err)
			}
		}
		for range 3 { // a server that was changed begins anew
			h.check(t)
			h.pass(time.Minute)
		}
		h.wantOn(t, torrent, c)
	})

	t.Run("it joins what is there already", func(t *testing.T) {
		t.Parallel()
		h := newHouse(t)
		h.checks.Failover = time.Minute
		a, _, c := h.serverOf(t, "a", 0), h.serverOf(t, "b", 0), h.serverOf(t, "c", 0)
		for n := range 3 {
			h.add(t, member(uuid.New()), n, c)
		}
		h.check(t)
		h.dead(a)
		one, two := h.add(t, admin(), 2, a), h.add(t, admin(), 7, a)
		three := h.add(t, member(uuid.New()), 7, a)
		for range 2 {
			h.check(t)
			h.pass(time.Minute)
		}
		h.wantOn(t, one, c)
		if at := h.get(t, two.ID).ServerID; at == a.ID || at != h.get(t, three.ID).ServerID {
			t.Error("the same content went to two servers, or to none")
		}
	})

	t.Run("what its client has taken for another stays with that", func(t *testing.T) {
		t.Parallel()
		h := newHouse(t)
		h.checks.Failover = time.Minute
		a, b := h.serverOf(t, "a", 0), h.serverOf(t, "b", 0)
		const loading, complete, putBack = 1, 2, 3
		h.add(t, admin(), loading, a)
		h.add(t, admin(), complete, a)
		begun := h.add(t, admin(), putBack, a)
		h.check(t)
		h.clients.Daemon(a.ID).Finish(hash(complete))
		h.check(t)
		end := h.dead(a)
		if _, err := h.torrents.MarkIncomplete(t.Context(), admin(), begun.ID); err != nil {
			t.Fatal(err)
		}
		var joined []*domain.Torrent
		for _, n := range []int{loading, complete, putBack} {
			joined = append(joined, h.goes(t, app.AddTorrent{MagnetURI: magnet(n)}, a))
		}
		other := h.add(t, admin(), 9, a)
		for range 3 {
			h.check(t)
			h.pass(time.Minute)
		}
		for _, torrent := range joined {
			h.wantOn(t, torrent, a)
		}
		h.wantOn(t, other, b)
		if got := h.clients.Daemon(b.ID).Hashes(); !slices.Equal(got, []domain.InfoHash{hash(9)}) {
			t.Errorf("the other client has %v", got)
		}
		end()
		h.check(t)
		for _, torrent := range joined {
			if h.get(t, torrent.ID).Status() == domain.StatusQueued {
				t.Errorf("%s still waits", torrent.Name)
			}
		}
	})

	t.Run("it goes only where it is treated as it wishes", func(t *testing.T) {
		t.Parallel()
		h := newHouse(t)
		h.checks.Failover = time.Minute
		a, b, c := h.serverOf(t, "a", 0), h.serverOf(t, "b", 0), h.serverOf(t, "c", 0)
		for server, folders := range map[*domain.Server][]string{a: {"/films", "/books"}, b: {"/other"}, c: {"/films"}} {
			if _, err := h.servers.Update(t.Context(), admin(), server.ID, app.ServerSettings{Folders: app.Some(folders)}); err != nil {
				t.Fatal(err)
			}
		}
		h.check(t)
		h.dead(a)
		film := h.goes(t, app.AddTorrent{MagnetURI: magnet(1), ServerID: &a.ID, Folder: "/films/x"}, a)
		book := h.goes(t, app.AddTorrent{MagnetURI: magnet(2), ServerID: &a.ID, Folder: "/books"}, a)
		plain := h.goes(t, app.AddTorrent{MagnetURI: magnet(3), ServerID: &a.ID}, a)
		for range 3 {
			h.check(t)
			h.pass(time.Minute)
		}
		h.wantOn(t, film, c)
		h.wantOn(t, book, a)
		h.wantOn(t, plain, b)
		if film, book = h.get(t, film.ID), h.get(t, book.ID); film.Folder != "/films/x" || book.Folder != "/books" {
			t.Errorf("they are in %q and %q", film.Folder, book.Folder)
		}
	})

	t.Run("many are moved in bounded batches", func(t *testing.T) {
		t.Parallel()
		h := newHouse(t)
		h.checks.Failover = time.Minute
		a, b := h.serverOf(t, "a", 0), h.serverOf(t, "b", 0)
		h.check(t)
		h.dead(a)
		var inputs []app.AddTorrent
		for n := range 950 {
			inputs = append(inputs, app.AddTorrent{MagnetURI: magnet(n), ServerID: &a.ID})
		}
		if _, err := h.torrents.AddAll(t.Context(), admin(), inputs, false); err != nil {
			t.Fatal(err)
		}
		h.check(t)
		h.pass(time.Minute)
		h.store.ResetCalls()
		if got := h.check(t)[a.ID]; got.FailedOver != 950 {
			t.Fatalf("%+v", got)
		}
		calls := h.store.Calls()
		if calls["TorrentRepository.Update"] > 10+10 || calls["ServerLoads.Candidates"] != 1 || calls["ServerLoads.Holders"] != 10 || calls["ServerLoads.Begun"] != 10 {
			t.Errorf("calls %v", calls)
		}
		h.check(t)
		h.wantOpen(t, map[*domain.Server]int{a: 0, b: 950})
	})
}
