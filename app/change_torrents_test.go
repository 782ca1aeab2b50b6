package app_test

import (
	"context"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/clarion-app/download-manager/app"
	"github.com/clarion-app/download-manager/domain"
	"github.com/clarion-app/download-manager/ports"
)

// bulk is one of the changes of many.
type bulk func(h *house, actor domain.Actor, selection app.SelectTorrents, dryRun bool) ([]app.ChangedTorrent, error)

func bulks(t *testing.T, server uuid.UUID) map[string]bulk {
	t.Helper()
	return map[string]bulk{
		"update": func(h *house, actor domain.Actor, s app.SelectTorrents, dryRun bool) ([]app.ChangedTorrent, error) {
			return h.torrents.UpdateAll(t.Context(), actor, s, app.UpdateTorrents{ServerID: app.Some(server)}, dryRun)
		},
		"remove": func(h *house, actor domain.Actor, s app.SelectTorrents, dryRun bool) ([]app.ChangedTorrent, error) {
			return h.torrents.RemoveAll(t.Context(), actor, s, true, dryRun)
		},
		"mark incomplete": func(h *house, actor domain.Actor, s app.SelectTorrents, dryRun bool) ([]app.ChangedTorrent, error) {
			return h.torrents.MarkAllIncomplete(t.Context(), actor, s, dryRun)
		},
		"pause": func(h *house, actor domain.Actor, s app.SelectTorrents, dryRun bool) ([]app.ChangedTorrent, error) {
			return h.torrents.PauseAll(t.Context(), actor, s, dryRun)
		},
		"verify": func(h *house, actor domain.Actor, s app.SelectTorrents, dryRun bool) ([]app.ChangedTorrent, error) {
			return h.torrents.VerifyAll(t.Context(), actor, s, dryRun)
		},
		"wish": func(h *house, actor domain.Actor, s app.SelectTorrents, dryRun bool) ([]app.ChangedTorrent, error) {
			return h.torrents.UpdateAll(t.Context(), actor, s, app.UpdateTorrents{Wishes: domain.Wishes{Label: app.Some("films")}}, dryRun)
		},
	}
}

// eachBulk proves a fact of every change of many, in a house with two servers.
func eachBulk(t *testing.T, fact func(t *testing.T, h *house, from, to *domain.Server, change bulk)) {
	t.Helper()
	for name := range bulks(t, uuid.Nil) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHouse(t)
			from, to := h.server(t, "from"), h.server(t, "to")
			fact(t, h, from, to, bulks(t, to.ID)[name])
		})
	}
}

func TestChangesOfMany(t *testing.T) {
	t.Parallel()

	t.Run("each has its result in order, once; what is not the actor's is not there", func(t *testing.T) {
		t.Parallel()
		eachBulk(t, func(t *testing.T, h *house, from, _ *domain.Server, change bulk) {
			me, them := member(uuid.New()), member(uuid.New())
			first, theirs, second := h.add(t, me, 1, from), h.add(t, them, 2, from), h.add(t, me, 3, from)
			unknown := uuid.New()
			before := len(h.logged(t))
			selection := app.SelectTorrents{IDs: []uuid.UUID{second.ID, unknown, theirs.ID, first.ID, second.ID}}
			for _, dryRun := range []bool{true, false} {
				h.nudged = nil
				results, err := change(h, me, selection, dryRun)
				if err != nil || len(results) != 4 {
					t.Fatal(results, err)
				}
				for i, id := range []uuid.UUID{second.ID, unknown, theirs.ID, first.ID} {
					if r := results[i]; r.ID != id || (r.Err == nil) != (i == 0 || i == 3) || (r.Torrent == nil) != (r.Err != nil) {
						t.Errorf("%d: %+v", i, r)
					}
				}
				wantKind(t, results[1].Err, domain.KindNotFound, "")
				wantKind(t, results[2].Err, domain.KindNotFound, "")
				if told := len(h.logged(t)) - before; dryRun && (told > 0 || len(h.nudged) > 0) || !dryRun && told != 2 {
					t.Errorf("dry run %v: %d events, nudged %v", dryRun, told, h.nudged)
				}
			}
			for i, id := range h.nudged {
				for _, other := range h.nudged[:i] {
					if id == other {
						t.Errorf("nudged %v", h.nudged)
					}
				}
			}
			if got := h.get(t, theirs.ID); got.ServerID != from.ID {
				t.Error("another's torrent was changed")
			}
		})
	})

	t.Run("a dry run tells what would be", func(t *testing.T) {
		t.Parallel()
		eachBulk(t, func(t *testing.T, h *house, from, _ *domain.Server, change bulk) {
			h.add(t, admin(), 1, from)
			h.pass(time.Minute)
			selection := app.SelectTorrents{All: true, AtMost: 1000}
			dry, err := change(h, admin(), selection, true)
			if err != nil {
				t.Fatal(err)
			}
			if stored := h.get(t, dry[0].ID); stored.UpdatedAt.Equal(dry[0].Torrent.UpdatedAt) {
				t.Error("it was done")
			}
			wet, err := change(h, admin(), selection, false)
			if err != nil {
				t.Fatal(err)
			}
			a, b := dry[0].Torrent, wet[0].Torrent
			if a.ServerID != b.ServerID || a.Removed() != b.Removed() || a.Status() != b.Status() || !a.UpdatedAt.Equal(b.UpdatedAt) {
				t.Errorf("it would be\n%+v and is\n%+v", a, b)
			}
		})
	})

	t.Run("by filter, or all: only the actor's, and at most as many as was said", func(t *testing.T) {
		t.Parallel()
		eachBulk(t, func(t *testing.T, h *house, from, to *domain.Server, change bulk) {
			me := member(uuid.New())
			for i := range 3 {
				h.add(t, me, i, from)
				h.add(t, admin(), 10+i, from)
				h.add(t, me, 20+i, to)
			}
			before := len(h.logged(t))
			onFrom := &domain.TorrentFilter{ServerID: &from.ID}
			for _, few := range []app.SelectTorrents{{Filter: onFrom, AtMost: 2}, {All: true, AtMost: 5}} {
				_, err := change(h, me, few, false)
				wantKind(t, err, domain.KindConflict, "atMost")
			}
			if len(h.logged(t)) != before {
				t.Fatal("something was done")
			}
			for want, selection := range map[int]app.SelectTorrents{3: {Filter: onFrom, AtMost: 3}, 6: {All: true, AtMost: 6}} {
				if results, err := change(h, me, selection, true); err != nil || len(results) != want {
					t.Errorf("%d results, want %d; %v", len(results), want, err)
				}
			}
			results, err := change(h, me, app.SelectTorrents{Filter: onFrom, AtMost: 10}, false)
			if err != nil || len(results) != 3 || len(h.logged(t)) != before+3 {
				t.Errorf("%+v, %v", results, err)
			}
			other := uuid.New()
			results, err = change(h, me, app.SelectTorrents{Filter: &domain.TorrentFilter{UserID: &other}, AtMost: 1}, false)
			if err != nil || len(results) != 0 {
				t.Errorf("%+v, %v", results, err)
			}
		})
	})

	t.Run("what no longer fits when its turn comes is left alone", func(t *testing.T) {
		t.Parallel()
		eachBulk(t, func(t *testing.T, h *house, from, _ *domain.Server, change bulk) {
			stays, goes := h.add(t, admin(), 1, from), h.add(t, admin(), 2, from)
			h.torrents.Repository = &meanwhile{h.torrents.Repository, func() {
				if _, err := h.torrents.Update(t.Context(), admin(), stays.ID, app.UpdateTorrent{Name: app.Some("kept")}); err != nil {
					t.Error(err)
				}
			}}
			fitting := &domain.TorrentFilter{ServerID: &from.ID, NameContains: "TORRENT"}
			results, err := change(h, admin(), app.SelectTorrents{Filter: fitting, AtMost: 10}, false)
			if err != nil || len(results) != 1 || results[0].ID != goes.ID || results[0].Err != nil {
				t.Fatalf("%+v, %v", results, err)
			}
			if got := h.get(t, stays.ID); got.ServerID != from.ID {
				t.Error("it was changed")
			}
		})
	})

	t.Run("what is meant must be said clearly", func(t *testing.T) {
		t.Parallel()
		eachBulk(t, func(t *testing.T, h *house, from, _ *domain.Server, change bulk) {
			h.add(t, admin(), 1, from)
			before := len(h.logged(t))
			some := &domain.TorrentFilter{ServerID: &from.ID}
			for field, selections := range map[string][]app.SelectTorrents{
				"ids": {
					{},
					{IDs: []uuid.UUID{}, All: true},
					{IDs: []uuid.UUID{uuid.New()}, Filter: some},
					{Filter: some, All: true},
					{IDs: make([]uuid.UUID, app.MostAtOnce+1)},
				},
				"filter": {{Filter: &domain.TorrentFilter{}, AtMost: 1}},
				"atMost": {{All: true}, {All: true, AtMost: -1}, {All: true, AtMost: app.MostMatched + 1}},
			} {
				for _, selection := range selections {
					_, err := change(h, admin(), selection, false)
					wantKind(t, err, domain.KindInvalid, field)
				}
			}
			results, err := change(h, admin(), app.SelectTorrents{IDs: []uuid.UUID{}}, false)
			if err != nil || len(results) != 0 || len(h.logged(t)) != before {
				t.Errorf("no ids are %+v, %v", results, err)
			}
		})
	})

	t.Run("a thousand are two transactions", func(t *testing.T) {
		t.Parallel()
		eachBulk(t, func(t *testing.T, h *house, from, to *domain.Server, change bulk) {
			var inputs []app.AddTorrent
			for i := range 1000 {
				inputs = append(inputs, app.AddTorrent{MagnetURI: magnet(i), ServerID: &from.ID})
			}
			if _, err := h.torrents.AddAll(t.Context(), admin(), inputs, false); err != nil {
				t.Fatal(err)
			}
			h.store.ResetCalls()
			h.nudged = nil
			results, err := change(h, admin(), app.SelectTorrents{All: true, AtMost: 1000}, false)
			if err != nil || len(results) != 1000 || results[999].Err != nil {
				t.Fatal(len(results), err)
			}
			calls := h.store.Calls()
			if calls["TorrentRepository.Update"] != 2 || calls["TorrentRepository.Find"] != 1 || len(calls) > 3 || len(h.nudged) > 2 {
				t.Errorf("called %v, nudged %v", calls, h.nudged)
			}
		})
	})
}

// meanwhile is storage in which something happens right after the first list is found.
type meanwhile struct {
	ports.TorrentRepository
	after func()
}

func (m *meanwhile) Find(ctx context.Context, filter domain.TorrentFilter, page domain.TorrentPage) ([]*domain.Torrent, error) {
	found, err := m.TorrentRepository.Find(ctx, filter, page)
	if after := m.after; after != nil {
		m.after = nil
		after()
	}
	return found, err
}

func TestUpdateTorrents(t *testing.T) {
	t.Parallel()

	t.Run("what is wrong with the change itself changes nothing", func(t *testing.T) {
		t.Parallel()
		h := newHouse(t)
		h.server(t, "a")
		me, them := member(uuid.New()), uuid.New()
		h.add(t, me, 1, nil)
		before := len(h.logged(t))
		late := time.Date(10_000, 1, 1, 0, 0, 0, 0, time.UTC)
		_, err := h.torrents.UpdateAll(t.Context(), me, app.SelectTorrents{}, app.UpdateTorrents{
			ServerID: app.Some(uuid.New()), UserID: app.Some(&them), CompletedAt: app.Some(&late),
		}, false)
		wantKind(t, err, domain.KindInvalid, "ids")
		wantKind(t, err, domain.KindInvalid, "serverId")
		wantKind(t, err, domain.KindForbidden, "")
		wantKind(t, err, domain.KindInvalid, "completedAt")
		if len(h.logged(t)) != before {
			t.Error("something was changed")
		}
	})

	t.Run("completes, reopens and gives away", func(t *testing.T) {
		t.Parallel()
		h := newHouse(t)
		h.server(t, "a")
		one, two := h.add(t, admin(), 1, nil), h.add(t, admin(), 2, nil)
		ids, at, user := app.SelectTorrents{IDs: []uuid.UUID{one.ID, two.ID}}, h.clock(), uuid.New()
		for range 2 { // repeating it is harmless
			results, err := h.torrents.UpdateAll(t.Context(), admin(), ids, app.UpdateTorrents{CompletedAt: app.Some(&at), UserID: app.Some(&user)}, false)
			if err != nil || !results[1].Torrent.CompletedAt.Equal(at) || *results[1].Torrent.UserID != user {
				t.Fatalf("%+v, %v", results, err)
			}
		}
		if n := len(h.completions(t)); n != 2 {
			t.Errorf("%d completions", n)
		}
		results, err := h.torrents.UpdateAll(t.Context(), admin(), ids, app.UpdateTorrents{CompletedAt: app.Some[*time.Time](nil), UserID: app.Some[*uuid.UUID](nil)}, false)
		if err != nil || results[0].Torrent.CompletedAt != nil || results[0].Torrent.UserID != nil {
			t.Fatalf("%+v, %v", results, err)
		}
	})

	t.Run("moving counts for those who add next", func(t *testing.T) {
		t.Parallel()
		h := newHouse(t)
		a, b := h.server(t, "a"), h.server(t, "b")
		for i := range 4 {
			h.add(t, admin(), i, a)
		}
		h.add(t, admin(), 5, nil) // counts
		if _, err := h.torrents.UpdateAll(t.Context(), admin(), app.SelectTorrents{All: true, AtMost: 1000}, app.UpdateTorrents{ServerID: app.Some(b.ID)}, false); err != nil {
			t.Fatal(err)
		}
		if got := h.add(t, admin(), 6, nil); got.ServerID != a.ID {
			t.Error("it went to the busy server")
		}
	})
}

func TestMarkTorrentsIncompleteOnARemovedServer(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	gone, stays := h.server(t, "gone"), h.server(t, "stays")
	lost, kept := h.add(t, admin(), 1, gone), h.add(t, admin(), 2, stays)
	at := h.clock()
	if _, err := h.torrents.UpdateAll(t.Context(), admin(), app.SelectTorrents{All: true, AtMost: 1000}, app.UpdateTorrents{CompletedAt: app.Some(&at)}, false); err != nil {
		t.Fatal(err)
	}
	if _, err := h.servers.Remove(t.Context(), admin(), gone.ID, nil); err != nil {
		t.Fatal(err)
	}
	for _, dryRun := range []bool{true, false} {
		results, err := h.torrents.MarkAllIncomplete(t.Context(), admin(), app.SelectTorrents{IDs: []uuid.UUID{lost.ID, kept.ID}}, dryRun)
		if err != nil || results[1].Err != nil || results[1].Torrent.Status() != domain.StatusQueued {
			t.Fatalf("%+v, %v", results, err)
		}
		wantKind(t, results[0].Err, domain.KindInvalid, "serverId")
	}
	if h.get(t, lost.ID).CompletedAt == nil || h.get(t, kept.ID).CompletedAt != nil {
		t.Error("the wrong one was changed")
	}
	_, err := h.torrents.MarkIncomplete(t.Context(), admin(), lost.ID)
	wantKind(t, err, domain.KindInvalid, "serverId")
}

func TestRemovingAgain(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.server(t, "a")
	me := member(uuid.New())
	torrent := h.add(t, me, 1, nil)
	first, err := h.torrents.Remove(t.Context(), me, torrent.ID, false)
	if err != nil {
		t.Fatal(err)
	}
	h.pass(time.Minute)
	before := len(h.logged(t))
	again, err := h.torrents.Remove(t.Context(), me, torrent.ID, true)
	if err != nil || again.ID != first.ID || !again.DeletedAt.Equal(*first.DeletedAt) || !again.UpdatedAt.Equal(first.UpdatedAt) {
		t.Errorf("%+v, %v", again, err)
	}
	many, err := h.torrents.RemoveAll(t.Context(), me, app.SelectTorrents{IDs: []uuid.UUID{torrent.ID}}, true, false)
	if err != nil || many[0].Err != nil || !many[0].Torrent.DeletedAt.Equal(*first.DeletedAt) {
		t.Errorf("%+v, %v", many, err)
	}
	if n := len(h.logged(t)); n != before {
		t.Errorf("%d events more", n-before)
	}
	for _, other := range []domain.Actor{member(uuid.New())} {
		_, err = h.torrents.Remove(t.Context(), other, torrent.ID, false)
		wantKind(t, err, domain.KindNotFound, "")
	}
	_, err = h.torrents.MarkIncomplete(t.Context(), me, torrent.ID)
	wantKind(t, err, domain.KindNotFound, "")
}
