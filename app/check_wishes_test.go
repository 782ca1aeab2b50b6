package app_test

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/clarion-app/download-manager/adapters/memory"
	"github.com/clarion-app/download-manager/app"
	"github.com/clarion-app/download-manager/domain"
	"github.com/clarion-app/download-manager/ports"
)

// folders is a server that lets torrents be put somewhere.
func (h *house) folders(t *testing.T, address string) *domain.Server {
	t.Helper()
	s := h.server(t, address)
	s, err := h.servers.Update(t.Context(), admin(), s.ID, app.ServerSettings{Folders: app.Some([]string{"/srv/films/"})})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// wish makes a torrent wish something.
func (h *house) wish(t *testing.T, id uuid.UUID, wishes domain.Wishes) *domain.Torrent {
	t.Helper()
	torrent, err := h.torrents.Update(t.Context(), admin(), id, app.UpdateTorrent{Wishes: wishes})
	if err != nil {
		t.Fatal(err)
	}
	return torrent
}

// known makes a daemon know what is in a torrent: four files.
func known(daemon *memory.TorrentDaemon, n int) {
	daemon.Download(hash(n), "known", []byte("da"), 4)
	daemon.SetDetails(hash(n), make([]domain.TransferFile, 4), nil, nil)
}

// told is what a daemon was told, as text; limits as numbers.
func told(daemon *memory.TorrentDaemon, n int) string {
	s, held := daemon.Settings(hash(n))
	if !held {
		return "not held"
	}
	text := ""
	add := func(name string, set bool, value func() any) {
		if set {
			text += fmt.Sprintf("%s %v; ", name, value())
		}
	}
	add("name", s.Name != nil, func() any { return *s.Name })
	add("label", s.Label != nil, func() any { return *s.Label })
	add("folder", s.Folder != nil, func() any { return *s.Folder })
	add("priority", s.Priority != nil, func() any { return *s.Priority })
	add("down", s.DownloadLimit != nil, func() any { return *s.DownloadLimit })
	add("up", s.UploadLimit != nil, func() any { return *s.UploadLimit })
	add("unwanted", s.Unwanted != nil, func() any { return *s.Unwanted })
	return text
}

var everything = domain.Wishes{
	Label: domain.Some("films"), Folder: domain.Some("/srv/films/new/"), Priority: domain.Some(domain.PriorityHigh),
	DownloadLimit: domain.Some[int64](1000), UploadLimit: domain.Some[int64](2000), Unwanted: domain.Some([]int{2, 0, 2}),
}

const allTold = "label films; folder /srv/films/new; priority HIGH; down 1000; up 2000; unwanted [0 2]; "

func TestWishesOfTorrentsThatTheClientHas(t *testing.T) {
	t.Parallel()
	for name, one := range map[string]struct {
		wishes domain.Wishes
		told   string
		back   domain.Wishes
		then   string
	}{
		"a label": {
			domain.Wishes{Label: domain.Some("films")}, "label films; ", domain.Wishes{Label: domain.Some("")}, "label ; ",
		},
		"a folder": {
			domain.Wishes{Folder: domain.Some("/srv/films")}, "folder /srv/films; ", domain.Wishes{Folder: domain.Some("")}, "folder /srv/films; ",
		},
		"a priority": {
			domain.Wishes{Priority: domain.Some(domain.PriorityLow)},
			"priority LOW; ",
			domain.Wishes{Priority: domain.Some(domain.PriorityNormal)},
			"priority NORMAL; ",
		},
		"a limit on downloading": {
			domain.Wishes{DownloadLimit: domain.Some[int64](1)}, "down 1; ", domain.Wishes{DownloadLimit: domain.Some[int64](0)}, "down 0; ",
		},
		"a limit on uploading": {
			domain.Wishes{UploadLimit: domain.Some[int64](1)}, "up 1; ", domain.Wishes{UploadLimit: domain.Some[int64](0)}, "up 0; ",
		},
		"files left out": {
			domain.Wishes{Unwanted: domain.Some([]int{1})}, "unwanted [1]; ", domain.Wishes{Unwanted: domain.Some[[]int](nil)}, "unwanted []; ",
		},
		"everything": {everything, allTold, domain.Wishes{Label: domain.Some("")}, "label ;" + allTold[len("label films;"):]},
	} {
		t.Run(name+" is told by the next check, once", func(t *testing.T) {
			t.Parallel()
			h := newHouse(t)
			s := h.folders(t, "a")
			torrent, daemon := h.add(t, admin(), 1, s), h.clients.Daemon(s.ID)
			h.check(t)
			known(daemon, 1)
			h.nudged = nil
			if wished := h.wish(t, torrent.ID, one.wishes); wished.Unapplied == 0 || !slices.Contains(h.nudged, s.ID) {
				t.Fatalf("pending %v, nudged %v", wished.Unapplied.Names(), h.nudged)
			}
			if got := told(daemon, 1); got != "" {
				t.Fatalf("told at once: %s", got)
			}
			if got := h.check(t)[s.ID]; got.Told != 1 || got.Err != nil || told(daemon, 1) != one.told {
				t.Fatalf("%+v, told %s", got, told(daemon, 1))
			}
			if got := h.get(t, torrent.ID); got.Unapplied != 0 || got.Problem != nil {
				t.Fatalf("pending %v, %+v", got.Unapplied.Names(), got.Problem)
			}
			asked := daemon.Requests()
			h.check(t)
			if now := daemon.Requests(); now.Inside != asked.Inside || now.Control != asked.Control {
				t.Fatalf("told again: %+v, then %+v", asked, now)
			}
			h.wish(t, torrent.ID, one.back)
			h.check(t)
			if got := told(daemon, 1); got != one.then || h.get(t, torrent.ID).Unapplied != 0 {
				t.Fatalf("taken back: %s", got)
			}
		})
	}

	t.Run("pausing, resuming and verifying are one request each for all", func(t *testing.T) {
		t.Parallel()
		h := newHouse(t)
		s := h.server(t, "a")
		daemon := h.clients.Daemon(s.ID)
		for n := 1; n <= 1200; n++ {
			h.add(t, admin(), n, s)
		}
		h.check(t)
		all := app.SelectTorrents{All: true, AtMost: 10_000}
		phase := func(n int) domain.Phase {
			transfer, _ := daemon.Transfer(hash(n))
			return transfer.Phase
		}
		for _, one := range []struct {
			do   func(context.Context, domain.Actor, app.SelectTorrents, bool) ([]app.ChangedTorrent, error)
			want func(n int) bool
		}{
			{h.torrents.PauseAll, func(n int) bool { return phase(n) == domain.PhaseStopped }},
			{h.torrents.ResumeAll, func(n int) bool { return phase(n) == domain.PhaseMetadata }},
			{h.torrents.VerifyAll, func(n int) bool { return daemon.Verified(hash(n)) == 1 }},
		} {
			if changed, err := one.do(t.Context(), admin(), all, false); err != nil || len(changed) != 1200 || changed[1199].Err != nil {
				t.Fatal(len(changed), err)
			}
			asked := daemon.Requests()
			if got := h.check(t)[s.ID]; got.Told != 1200 || got.Err != nil {
				t.Fatalf("%+v", got)
			}
			if now := daemon.Requests(); now.Control != asked.Control+1 || now.Transfers != asked.Transfers+1 || !one.want(1) || !one.want(1200) {
				t.Fatalf("requests went from %+v to %+v", asked, now)
			}
			h.store.ResetCalls()
			h.check(t)
			if n := h.store.Calls()["TorrentRepository.Update"]; n != 0 {
				t.Fatalf("%d updates with nothing to tell", n)
			}
		}
	})

	t.Run("one alone is paused, resumed and verified, also again", func(t *testing.T) {
		t.Parallel()
		h := newHouse(t)
		s := h.server(t, "a")
		torrent, daemon := h.add(t, admin(), 1, s), h.clients.Daemon(s.ID)
		h.check(t)
		for range 2 {
			if paused, err := h.torrents.Pause(t.Context(), admin(), torrent.ID); err != nil || !paused.Paused {
				t.Fatal(paused, err)
			}
			h.check(t)
			if transfer, _ := daemon.Transfer(hash(1)); transfer.Phase != domain.PhaseStopped {
				t.Fatal(transfer.Phase)
			}
			// Somebody at the client lets it go on.
			daemon.SetTransfer(domain.Transfer{InfoHash: hash(1), Phase: domain.PhaseMetadata})
		}
		for n := range 2 {
			if _, err := h.torrents.Verify(t.Context(), admin(), torrent.ID); err != nil {
				t.Fatal(err)
			}
			h.check(t)
			if daemon.Verified(hash(1)) != n+1 {
				t.Fatal("not verified")
			}
		}
		if resumed, err := h.torrents.Resume(t.Context(), admin(), torrent.ID); err != nil || resumed.Paused {
			t.Fatal(resumed, err)
		}
	})

	t.Run("another name is told once the client knows what is in the torrent", func(t *testing.T) {
		t.Parallel()
		h := newHouse(t)
		s := h.server(t, "a")
		torrent, daemon := h.add(t, admin(), 1, s), h.clients.Daemon(s.ID)
		h.check(t)
		if _, err := h.torrents.Update(t.Context(), admin(), torrent.ID, app.UpdateTorrent{
			Name: app.Some(" mine "), Wishes: domain.Wishes{Unwanted: domain.Some([]int{1}), Label: domain.Some("l")},
		}); err != nil {
			t.Fatal(err)
		}
		h.check(t)
		if got := h.get(t, torrent.ID); told(daemon, 1) != "label l; " || got.Unapplied != domain.SettingName|domain.SettingUnwanted {
			t.Fatalf("told %s, pending %v", told(daemon, 1), got.Unapplied.Names())
		}
		known(daemon, 1)
		h.check(t)
		if got := h.get(t, torrent.ID); told(daemon, 1) != "name mine; label l; unwanted [1]; " || got.Unapplied != 0 || got.Name != "mine" {
			t.Fatalf("told %s, pending %v", told(daemon, 1), got.Unapplied.Names())
		}
	})

	t.Run("a completed torrent is told, too", func(t *testing.T) {
		t.Parallel()
		h := newHouse(t)
		s := h.server(t, "a")
		torrent, daemon := h.add(t, admin(), 1, s), h.clients.Daemon(s.ID)
		h.check(t)
		daemon.Finish(hash(1))
		h.check(t)
		h.wish(t, torrent.ID, domain.Wishes{Label: domain.Some("films"), Paused: domain.Some(true)})
		h.check(t)
		transfer, _ := daemon.Transfer(hash(1))
		got := h.get(t, torrent.ID)
		if told(daemon, 1) != "label films; " || transfer.Phase != domain.PhaseStopped || got.Unapplied != 0 || got.Status() != domain.StatusCompleted {
			t.Fatalf("told %s, %s, pending %v", told(daemon, 1), transfer.Phase, got.Unapplied.Names())
		}
		if n := len(h.completions(t)); n != 1 {
			t.Fatalf("%d completions", n)
		}
	})

	t.Run("a completed torrent that its client no longer holds is told nothing, and attended to no more", func(t *testing.T) {
		t.Parallel()
		h := newHouse(t)
		s := h.server(t, "a")
		torrent, daemon := h.add(t, admin(), 1, s), h.clients.Daemon(s.ID)
		h.check(t)
		daemon.Finish(hash(1))
		h.check(t)
		daemon.RemoveByHand(hash(1))
		h.wish(t, torrent.ID, domain.Wishes{Label: domain.Some("films")})
		h.check(t)
		if got := h.get(t, torrent.ID); got.Unapplied == 0 {
			t.Fatal("given up at once")
		}
		h.pass(time.Minute)
		h.check(t)
		if got := h.get(t, torrent.ID); got.Unapplied != 0 || got.Problem != nil || got.Attended() {
			t.Fatalf("%+v", got)
		}
	})
}

func TestWishesOfTorrentsThatWait(t *testing.T) {
	t.Parallel()

	t.Run("they go along when the torrent is handed over", func(t *testing.T) {
		t.Parallel()
		h := newHouse(t)
		s := h.folders(t, "a")
		limit, high := int64(1000), domain.PriorityHigh
		added, err := h.torrents.Add(t.Context(), admin(), app.AddTorrent{
			MagnetURI: magnet(1), Paused: true, Label: "films", Folder: "/srv/films/new", Priority: high, DownloadLimit: &limit, Unwanted: []int{3},
		})
		if err != nil || added.Label != "films" || len(added.TakeEvents()) != 0 {
			t.Fatal(added, err)
		}
		if n := len(h.logged(t)); n != 1 {
			t.Fatalf("%d events", n)
		}
		daemon := h.clients.Daemon(s.ID)
		h.check(t)
		transfer, _ := daemon.Transfer(hash(1))
		got := h.get(t, added.ID)
		if told(daemon, 1) != "label films; folder /srv/films/new; priority HIGH; down 1000; " || transfer.Phase != domain.PhaseStopped {
			t.Fatalf("told %s, %s", told(daemon, 1), transfer.Phase)
		}
		if requests := daemon.Requests(); got.Unapplied != domain.SettingUnwanted || requests.Inside+requests.Control != 0 {
			t.Fatalf("pending %v after %+v", got.Unapplied.Names(), requests)
		}
		known(daemon, 1)
		h.check(t)
		if got := h.get(t, added.ID); got.Unapplied != 0 {
			t.Fatalf("pending %v", got.Unapplied.Names())
		}
	})

	t.Run("a transfer that is there already is told of them", func(t *testing.T) {
		t.Parallel()
		h := newHouse(t)
		s := h.server(t, "a")
		m, err := domain.ParseMagnet(magnet(1))
		if err != nil {
			t.Fatal(err)
		}
		daemon := h.clients.Daemon(s.ID)
		daemon.AddByHand(m)
		added, err := h.torrents.Add(t.Context(), admin(), app.AddTorrent{MagnetURI: magnet(1), Paused: true, Label: "films"})
		if err != nil {
			t.Fatal(err)
		}
		h.check(t)
		h.check(t)
		transfer, _ := daemon.Transfer(hash(1))
		got := h.get(t, added.ID)
		if got.Unapplied != domain.SettingUnwanted || told(daemon, 1) != "label films; " || transfer.Phase != domain.PhaseStopped {
			t.Fatalf("pending %v, told %s, %s", got.Unapplied.Names(), told(daemon, 1), transfer.Phase)
		}
		known(daemon, 1)
		h.check(t)
		if got := h.get(t, added.ID); got.Unapplied != 0 || told(daemon, 1) != "label films; unwanted []; " {
			t.Fatalf("pending %v, told %s", got.Unapplied.Names(), told(daemon, 1))
		}
	})

	t.Run("of two torrents that are one transfer, the last wish holds", func(t *testing.T) {
		t.Parallel()
		h := newHouse(t)
		s := h.server(t, "a")
		first, second := h.add(t, admin(), 1, s), h.add(t, admin(), 1, s)
		h.check(t)
		daemon := h.clients.Daemon(s.ID)
		for _, order := range [][]*domain.Torrent{{first, second}, {second, first}} {
			h.pass(time.Second)
			h.wish(t, order[0].ID, domain.Wishes{Label: domain.Some("early"), Paused: domain.Some(true)})
			h.pass(time.Second)
			h.wish(t, order[1].ID, domain.Wishes{Label: domain.Some("late"), Paused: domain.Some(false)})
			h.check(t)
			transfer, _ := daemon.Transfer(hash(1))
			if told(daemon, 1) != "label late; " || transfer.Phase == domain.PhaseStopped {
				t.Fatalf("told %s, %s", told(daemon, 1), transfer.Phase)
			}
			for _, torrent := range order {
				if got := h.get(t, torrent.ID); got.Unapplied != 0 {
					t.Fatalf("pending %v", got.Unapplied.Names())
				}
				h.wish(t, torrent.ID, domain.Wishes{Label: domain.Some("between"), Paused: domain.Some(false)})
			}
			h.check(t)
		}
	})

	t.Run("all go along to another server, and to the same one again", func(t *testing.T) {
		t.Parallel()
		h := newHouse(t)
		from, to := h.folders(t, "a"), h.server(t, "b")
		torrent := h.add(t, admin(), 1, from)
		h.check(t)
		known(h.clients.Daemon(from.ID), 1)
		h.wish(t, torrent.ID, everything)
		h.check(t)
		moved, err := h.torrents.Update(t.Context(), admin(), torrent.ID, app.UpdateTorrent{ServerID: app.Some(to.ID)})
		if err != nil || moved.Folder != "" { // the other one allows none
			t.Fatal(moved, err)
		}
		h.check(t)
		daemon := h.clients.Daemon(to.ID)
		if got := told(daemon, 1); got != "label films; priority HIGH; down 1000; up 2000; " {
			t.Fatalf("told %s", got)
		}
		daemon.RemoveByHand(hash(1))
		if _, err := h.torrents.MarkIncomplete(t.Context(), admin(), torrent.ID); err != nil {
			t.Fatal(err)
		}
		h.check(t)
		known(daemon, 1)
		h.check(t)
		if got := told(daemon, 1); got != "label films; priority HIGH; down 1000; up 2000; unwanted [0 2]; " {
			t.Fatalf("told %s", got)
		}
	})
}

func TestACompletionIsToldUnderTheNameThatComesWithIt(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	torrent, now := h.add(t, admin(), 1, h.server(t, "a")), h.clock()
	if _, err := h.torrents.Update(t.Context(), admin(), torrent.ID, app.UpdateTorrent{Name: app.Some("mine"), CompletedAt: app.Some(&now)}); err != nil {
		t.Fatal(err)
	}
	if events := h.completions(t); len(events) != 1 || events[0].Name != "mine" {
		t.Fatalf("%+v", events)
	}
}

func TestWishesSurviveADeadServer(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	s := h.folders(t, "a")
	torrent, daemon := h.add(t, admin(), 1, s), h.clients.Daemon(s.ID)
	h.check(t)
	known(daemon, 1)
	daemon.Fail(domain.Unavailable(nil, "connection refused"))
	everything := everything
	everything.Paused, everything.Verify = domain.Some(true), true
	h.wish(t, torrent.ID, everything)
	for range 3 {
		if got := h.check(t)[s.ID]; got.Err == nil || got.Told != 0 {
			t.Fatalf("%+v", got)
		}
	}
	if got := h.get(t, torrent.ID); got.Problem != nil || got.Unapplied.Names() == nil {
		t.Fatalf("%+v", got.Problem)
	}
	daemon.Fail(nil)
	h.checks = h.newChecks("another process")
	h.check(t)
	transfer, _ := daemon.Transfer(hash(1))
	if got := h.get(t, torrent.ID); got.Unapplied != 0 || told(daemon, 1) != allTold || transfer.Phase != domain.PhaseStopped || daemon.Verified(hash(1)) != 1 {
		t.Fatalf("pending %v, told %s, %s", got.Unapplied.Names(), told(daemon, 1), transfer.Phase)
	}
}

func TestSettingsThatAreRefused(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	s := h.server(t, "a")
	bad, good, daemon := h.add(t, admin(), 1, s), h.add(t, admin(), 2, s), h.clients.Daemon(s.ID)
	h.check(t)
	daemon.Refuse(hash(1), domain.Invalid("label", "no such category"))
	label := domain.Wishes{Label: domain.Some("films")}
	h.wish(t, bad.ID, label)
	h.wish(t, good.ID, label)
	if got := h.check(t)[s.ID]; got.Told != 1 || got.Refused != 1 || got.Err != nil || told(daemon, 2) != "label films; " {
		t.Fatalf("%+v, told %s", got, told(daemon, 2))
	}
	problem := h.get(t, bad.ID).Problem
	if problem == nil || problem.Code != domain.ProblemSettingRefused || problem.Message != "no such category" || problem.RetryAt == nil {
		t.Fatalf("%+v", problem)
	}
	asked := daemon.Requests().Inside
	h.pass(10 * time.Second)
	h.check(t)
	if daemon.Requests().Inside != asked {
		t.Fatal("tried again before its time")
	}
	h.pass(time.Minute)
	h.check(t)
	if again := h.get(t, bad.ID).Problem; again == nil || again.Attempts != 2 || !again.Since.Equal(problem.Since) {
		t.Fatalf("%+v", again)
	}
	// Another wish is told at once.
	daemon.Refuse(hash(1), nil)
	h.wish(t, bad.ID, domain.Wishes{Label: domain.Some("other")})
	h.check(t)
	if got := h.get(t, bad.ID); got.Problem != nil || got.Unapplied != 0 || told(daemon, 1) != "label other; " {
		t.Fatalf("%+v, told %s", got.Problem, told(daemon, 1))
	}
}

func TestWhatATypeOfClientLacks(t *testing.T) {
	t.Parallel()
	all := map[domain.Capability]struct {
		wishes domain.Wishes
		field  string
	}{
		domain.CapabilityPause:         {domain.Wishes{Paused: domain.Some(true)}, "paused"},
		domain.CapabilityVerify:        {domain.Wishes{Verify: true}, "verify"},
		domain.CapabilityFolder:        {domain.Wishes{Folder: domain.Some("/srv/films")}, "folder"},
		domain.CapabilityPriority:      {domain.Wishes{Priority: domain.Some(domain.PriorityLow)}, "priority"},
		domain.CapabilitySpeedLimits:   {domain.Wishes{UploadLimit: domain.Some[int64](5)}, "uploadLimit"},
		domain.CapabilityFileSelection: {domain.Wishes{Unwanted: domain.Some([]int{0})}, "unwantedFiles"},
	}
	for capability, one := range all {
		t.Run("asking for it is refused: "+string(capability), func(t *testing.T) {
			t.Parallel()
			h := newHouse(t)
			h.clients.Lack(capability)
			s := h.folders(t, "a")
			torrent := h.add(t, admin(), 1, s)
			_, err := h.torrents.Update(t.Context(), admin(), torrent.ID, app.UpdateTorrent{Wishes: one.wishes})
			wantKind(t, err, domain.KindInvalid, one.field)
			if got := h.get(t, torrent.ID); got.Unapplied != 0 {
				t.Fatalf("pending %v", got.Unapplied.Names())
			}
		})
	}
	t.Run("names and labels are ours, and taking back is fine", func(t *testing.T) {
		t.Parallel()
		h := newHouse(t)
		h.clients.Lack(domain.AllCapabilities()...)
		s := h.server(t, "a")
		torrent := h.add(t, admin(), 1, s)
		h.check(t)
		got, err := h.torrents.Update(t.Context(), admin(), torrent.ID, app.UpdateTorrent{Name: app.Some("mine"), Wishes: domain.Wishes{
			Label: domain.Some("films"), Paused: domain.Some(false), Priority: domain.Some(domain.PriorityNormal), DownloadLimit: domain.Some[int64](0),
		}})
		if err != nil || got.Name != "mine" || got.Label != "films" || got.Unapplied != 0 {
			t.Fatal(got, err)
		}
	})
	t.Run("what a torrent brings along from a client that could is passed over", func(t *testing.T) {
		t.Parallel()
		h := newHouse(t)
		s := h.server(t, "a")
		torrent := h.add(t, admin(), 1, s)
		h.check(t)
		h.wish(t, torrent.ID, domain.Wishes{Paused: domain.Some(true), Label: domain.Some("films")})
		h.clients.Lack(domain.CapabilityPause)
		h.check(t)
		transfer, _ := h.clients.Daemon(s.ID).Transfer(hash(1))
		if got := h.get(t, torrent.ID); got.Unapplied != 0 || transfer.Phase == domain.PhaseStopped || told(h.clients.Daemon(s.ID), 1) != "label films; " {
			t.Fatalf("pending %v, %s", got.Unapplied.Names(), transfer.Phase)
		}
	})
	t.Run("a removed server's torrents keep what is ours, and wish nothing else", func(t *testing.T) {
		t.Parallel()
		h := newHouse(t)
		s := h.server(t, "a")
		torrent := h.complete(t, s, 1)
		if _, err := h.servers.Remove(t.Context(), admin(), s.ID, nil); err != nil {
			t.Fatal(err)
		}
		if got := h.wish(t, torrent.ID, domain.Wishes{Label: domain.Some("films")}); got.Label != "films" || got.Unapplied != 0 {
			t.Fatalf("%+v", got)
		}
		_, err := h.torrents.Pause(t.Context(), admin(), torrent.ID)
		wantKind(t, err, domain.KindConflict, "")
	})
	t.Run("a server whose client cannot pause stops nothing", func(t *testing.T) {
		t.Parallel()
		h := newHouse(t)
		h.clients.Lack(domain.CapabilityPause)
		s := h.server(t, "a")
		_, err := h.servers.Update(t.Context(), admin(), s.ID, app.ServerSettings{OnComplete: app.Some(domain.OnCompleteStop)})
		wantKind(t, err, domain.KindInvalid, "onComplete")
		torrent, stop := h.add(t, admin(), 1, s), domain.OnCompleteStop
		_, err = h.torrents.Update(t.Context(), admin(), torrent.ID, app.UpdateTorrent{Wishes: domain.Wishes{OnComplete: domain.Some(&stop)}})
		wantKind(t, err, domain.KindInvalid, "onComplete")
	})
}

// telling runs something while a client is being told.
type tellingClients struct {
	ports.TorrentClients
	before, after func()
}

func (c tellingClients) Open(s domain.Server) (ports.OpenClient, error) {
	client, err := c.TorrentClients.Open(s)
	client.TransferControl = tellingControl{client.TransferControl, c}
	return client, err
}

type tellingControl struct {
	ports.TransferControl
	clients tellingClients
}

func (c tellingControl) Configure(ctx context.Context, h domain.InfoHash, s domain.TransferSettings) error {
	c.clients.before()
	err := c.TransferControl.Configure(ctx, h, s)
	c.clients.after()
	return err
}

func (c tellingControl) Pause(ctx context.Context, hashes []domain.InfoHash) error {
	if len(hashes) > 0 {
		c.clients.before()
	}
	err := c.TransferControl.Pause(ctx, hashes)
	if len(hashes) > 0 {
		c.clients.after()
	}
	return err
}

func TestWishesThatComeWhileTheClientIsTold(t *testing.T) {
	t.Parallel()
	for name, one := range map[string]struct{ first, then domain.Wishes }{
		"another label":  {domain.Wishes{Label: domain.Some("first")}, domain.Wishes{Label: domain.Some("then")}},
		"the same again": {domain.Wishes{Label: domain.Some("then")}, domain.Wishes{Label: domain.Some("then")}},
		"pausing and resuming": {
			domain.Wishes{Paused: domain.Some(true), Label: domain.Some("then")}, domain.Wishes{Paused: domain.Some(false)},
		},
		"a limit, too": {domain.Wishes{Label: domain.Some("then")}, domain.Wishes{UploadLimit: domain.Some[int64](0), Paused: domain.Some(false)}},
	} {
		for _, when := range []string{"before", "after"} {
			t.Run(name+" "+when, func(t *testing.T) {
				t.Parallel()
				h := newHouse(t)
				s := h.server(t, "a")
				torrent, daemon, wished := h.add(t, admin(), 1, s), h.clients.Daemon(s.ID), false
				h.check(t)
				h.wish(t, torrent.ID, one.first)
				wish := func() {
					if !wished {
						wished = true
						h.wish(t, torrent.ID, one.then)
					}
				}
				clients := tellingClients{h.clients, func() {}, wish}
				if when == "before" {
					clients.before, clients.after = clients.after, clients.before
				}
				h.checks.Clients = clients
				h.check(t)
				h.checks.Clients = h.clients
				h.check(t)
				transfer, _ := daemon.Transfer(hash(1))
				if got := h.get(t, torrent.ID); got.Unapplied != 0 || told(daemon, 1)[:len("label then")] != "label then" || transfer.Phase == domain.PhaseStopped {
					t.Fatalf("pending %v, told %s, %s", got.Unapplied.Names(), told(daemon, 1), transfer.Phase)
				}
			})
		}
	}

	t.Run("another label while it is handed over", func(t *testing.T) {
		t.Parallel()
		h := newHouse(t)
		s := h.server(t, "a")
		torrent, err := h.torrents.Add(t.Context(), admin(), app.AddTorrent{MagnetURI: magnet(1), Label: "first", Paused: true})
		if err != nil {
			t.Fatal(err)
		}
		h.checks.Clients = interrupting{h.clients, func() {
			h.wish(t, torrent.ID, domain.Wishes{Label: domain.Some("then"), Paused: domain.Some(false)})
		}}
		h.check(t)
		daemon := h.clients.Daemon(s.ID)
		if got := h.get(t, torrent.ID); got.Unapplied != domain.SettingLabel|domain.SettingPaused || told(daemon, 1) != "label first; " {
			t.Fatalf("pending %v, told %s", got.Unapplied.Names(), told(daemon, 1))
		}
		h.checks.Clients = h.clients
		h.check(t)
		transfer, _ := daemon.Transfer(hash(1))
		if got := h.get(t, torrent.ID); got.Unapplied != 0 || told(daemon, 1) != "label then; " || transfer.Phase == domain.PhaseStopped {
			t.Fatalf("pending %v, told %s, %s", got.Unapplied.Names(), told(daemon, 1), transfer.Phase)
		}
	})

	t.Run("a torrent that is removed or moved meanwhile is left alone", func(t *testing.T) {
		t.Parallel()
		h := newHouse(t)
		s, other := h.server(t, "a"), h.server(t, "b")
		gone, moved := h.add(t, admin(), 1, s), h.add(t, admin(), 2, s)
		h.check(t)
		for _, torrent := range []*domain.Torrent{gone, moved} {
			h.wish(t, torrent.ID, domain.Wishes{Label: domain.Some("films")})
		}
		done := false
		h.checks.Clients = tellingClients{h.clients, func() {}, func() {
			if done {
				return
			}
			done = true
			if _, err := h.torrents.Remove(t.Context(), admin(), gone.ID, false); err != nil {
				t.Error(err)
			}
			if _, err := h.torrents.Update(t.Context(), admin(), moved.ID, app.UpdateTorrent{ServerID: app.Some(other.ID)}); err != nil {
				t.Error(err)
			}
		}}
		if _, err := h.checks.CheckAll(t.Context(), domain.System(), s.ID); err != nil {
			t.Fatal(err)
		}
		if got := h.get(t, moved.ID); got.Unapplied != domain.SettingLabel {
			t.Fatalf("pending %v", got.Unapplied.Names())
		}
		h.checks.Clients = h.clients
		h.check(t)
		if got := told(h.clients.Daemon(other.ID), 2); got != "label films; " {
			t.Fatalf("told %s", got)
		}
	})

	t.Run("a process that lost its lease writes nothing down, and the next one tells again", func(t *testing.T) {
		t.Parallel()
		h := newHouse(t)
		s := h.server(t, "a")
		torrent := h.add(t, admin(), 1, s)
		h.check(t)
		h.wish(t, torrent.ID, domain.Wishes{Label: domain.Some("films")})
		h.checks.Clients = tellingClients{h.clients, func() {}, func() {
			if _, err := h.servers.Update(t.Context(), admin(), s.ID, app.ServerSettings{OnComplete: app.Some(domain.OnCompleteKeep)}); err != nil {
				t.Error(err)
			}
		}}
		h.check(t)
		if got := h.get(t, torrent.ID); got.Unapplied == 0 {
			t.Fatal("it was written down")
		}
		h.checks.Clients = h.clients
		h.check(t)
		if got := h.get(t, torrent.ID); got.Unapplied != 0 {
			t.Fatalf("pending %v", got.Unapplied.Names())
		}
	})
}
