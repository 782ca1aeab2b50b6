package app_test

import (
	"testing"
	"time"

	"github.com/clarion-app/download-manager/app"
	"github.com/clarion-app/download-manager/domain"
)

// seeds sets how much of a transfer was given to others.
func seeds(h *house, s *domain.Server, n int, ratio float64) {
	daemon := h.clients.Daemon(s.ID)
	transfer, _ := daemon.Transfer(hash(n))
	transfer.Ratio = ratio
	daemon.SetTransfer(transfer)
}

// fate is what has become of a transfer.
func fate(h *house, s *domain.Server, n int) string {
	transfer, held := h.clients.Daemon(s.ID).Transfer(hash(n))
	switch {
	case !held:
		return "gone"
	case transfer.Phase == domain.PhaseStopped:
		return "stopped"
	}
	return "seeding"
}

func (h *house) policy(t *testing.T, s *domain.Server, policy domain.OnComplete, ratio *float64, seedTime *time.Duration) {
	t.Helper()
	_, err := h.servers.Update(t.Context(), admin(), s.ID, app.ServerSettings{
		OnComplete: app.Some(policy), SeedRatio: app.Some(ratio), SeedTime: app.Some(seedTime),
	})
	if err != nil {
		t.Fatal(err)
	}
}

// complete makes a torrent of a server complete.
func (h *house) complete(t *testing.T, s *domain.Server, n int) *domain.Torrent {
	t.Helper()
	torrent := h.add(t, admin(), n, s)
	h.check(t)
	h.clients.Daemon(s.ID).Finish(hash(n))
	h.check(t)
	return h.get(t, torrent.ID)
}

func to[T any](value T) *T { return &value }

func TestSeedingPolicies(t *testing.T) {
	t.Parallel()
	for name, one := range map[string]struct {
		policy   domain.OnComplete
		ratio    *float64
		seedTime *time.Duration
		// fates: at once, at ratio 1.9 after a minute, at ratio 2, after an hour.
		fates [4]string
	}{
		"KEEP":                     {domain.OnCompleteKeep, nil, nil, [4]string{"seeding", "seeding", "seeding", "seeding"}},
		"KEEP, whatever the goals": {domain.OnCompleteKeep, to(2.0), to(time.Minute), [4]string{"seeding", "seeding", "seeding", "seeding"}},
		"STOP at once":             {domain.OnCompleteStop, nil, nil, [4]string{"stopped", "stopped", "stopped", "stopped"}},
		"STOP at a ratio":          {domain.OnCompleteStop, to(2.0), nil, [4]string{"seeding", "seeding", "stopped", "stopped"}},
		"STOP after a time":        {domain.OnCompleteStop, nil, to(time.Hour), [4]string{"seeding", "seeding", "seeding", "stopped"}},
		"STOP at the first goal":   {domain.OnCompleteStop, to(2.0), to(time.Hour), [4]string{"seeding", "seeding", "stopped", "stopped"}},
		"STOP at the other goal":   {domain.OnCompleteStop, to(9.0), to(time.Minute), [4]string{"seeding", "stopped", "stopped", "stopped"}},
		"STOP at ratio 0":          {domain.OnCompleteStop, to(0.0), to(time.Hour), [4]string{"stopped", "stopped", "stopped", "stopped"}},
		"REMOVE at once":           {domain.OnCompleteRemove, nil, nil, [4]string{"gone", "gone", "gone", "gone"}},
		"REMOVE at a ratio":        {domain.OnCompleteRemove, to(2.0), nil, [4]string{"seeding", "seeding", "gone", "gone"}},
		"REMOVE after a time":      {domain.OnCompleteRemove, nil, to(time.Hour), [4]string{"seeding", "seeding", "seeding", "gone"}},
	} {
		prove := func(t *testing.T, h *house, s *domain.Server, torrent *domain.Torrent) {
			t.Helper()
			for i, step := range []func(){
				func() {},
				func() { h.pass(time.Minute); seeds(h, s, 1, 1.9) },
				func() { seeds(h, s, 1, 2) },
				func() { h.pass(time.Hour) },
			} {
				if _, held := h.clients.Daemon(s.ID).Transfer(hash(1)); held {
					step()
				}
				if got := h.check(t)[s.ID]; got.Err != nil {
					t.Fatal(got.Err)
				}
				if got := fate(h, s, 1); got != one.fates[i] {
					t.Fatalf("step %d: %s, want %s", i, got, one.fates[i])
				}
			}
			got := h.get(t, torrent.ID)
			if got.Status() != domain.StatusCompleted || got.Attended() != (one.policy == domain.OnCompleteKeep && got.Seeding) || got.Problem != nil {
				t.Fatalf("%+v", got)
			}
			if n := len(h.completions(t)); n != 1 {
				t.Fatalf("%d completions", n)
			}
		}
		t.Run(name+" of the server", func(t *testing.T) {
			t.Parallel()
			h := newHouse(t)
			s := h.server(t, "a")
			h.policy(t, s, one.policy, one.ratio, one.seedTime)
			prove(t, h, s, h.complete(t, s, 1))
		})
		t.Run(name+" of the torrent", func(t *testing.T) {
			t.Parallel()
			h := newHouse(t)
			s := h.server(t, "a")
			torrent, err := h.torrents.Add(t.Context(), admin(), app.AddTorrent{
				MagnetURI: magnet(1), OnComplete: &one.policy, SeedRatio: one.ratio, SeedTime: one.seedTime,
			})
			if err != nil {
				t.Fatal(err)
			}
			h.check(t)
			h.clients.Daemon(s.ID).Finish(hash(1))
			h.check(t)
			prove(t, h, s, torrent)
		})
		t.Run(name+" of a torrent that has completed", func(t *testing.T) {
			t.Parallel()
			h := newHouse(t)
			s := h.server(t, "a")
			torrent := h.complete(t, s, 1)
			h.wish(t, torrent.ID, domain.Wishes{
				OnComplete: domain.Some(&one.policy), SeedRatio: domain.Some(one.ratio), SeedTime: domain.Some(one.seedTime),
			})
			prove(t, h, s, torrent)
		})
	}

	t.Run("another policy of the server counts for those that seed for a goal", func(t *testing.T) {
		t.Parallel()
		for policy, want := range map[domain.OnComplete]string{domain.OnCompleteStop: "stopped", domain.OnCompleteRemove: "gone", domain.OnCompleteKeep: "seeding"} {
			h := newHouse(t)
			s := h.server(t, "a")
			kept := h.complete(t, s, 1) // under KEEP, and so for ever
			h.policy(t, s, domain.OnCompleteStop, to(9.0), nil)
			h.complete(t, s, 2)
			h.policy(t, s, policy, to(1.0), nil)
			seeds(h, s, 1, 5)
			seeds(h, s, 2, 5)
			h.check(t)
			h.check(t)
			if fate(h, s, 1) != "seeding" || fate(h, s, 2) != want {
				t.Errorf("%s: %s and %s", policy, fate(h, s, 1), fate(h, s, 2))
			}
			if open, err := h.store.Torrents().Open(t.Context(), s.ID); err != nil || len(open) > 0 {
				t.Errorf("attended to: %+v, %v", open, err)
			}
			_ = kept
		}
	})

	t.Run("a torrent that was stopped and is resumed goes on for ever", func(t *testing.T) {
		t.Parallel()
		h := newHouse(t)
		s := h.server(t, "a")
		h.policy(t, s, domain.OnCompleteStop, nil, nil)
		torrent := h.complete(t, s, 1)
		if !torrent.Paused || fate(h, s, 1) != "stopped" {
			t.Fatalf("%+v, %s", torrent, fate(h, s, 1))
		}
		if _, err := h.torrents.Resume(t.Context(), admin(), torrent.ID); err != nil {
			t.Fatal(err)
		}
		for range 3 {
			h.pass(time.Hour)
			h.check(t)
		}
		if got := fate(h, s, 1); got != "seeding" {
			t.Fatal(got)
		}
	})

	t.Run("a torrent that was stopped downloads again when it is marked incomplete", func(t *testing.T) {
		t.Parallel()
		h := newHouse(t)
		s := h.server(t, "a")
		h.policy(t, s, domain.OnCompleteStop, to(1.0), nil)
		torrent := h.complete(t, s, 1)
		seeds(h, s, 1, 1)
		h.check(t)
		if got, err := h.torrents.MarkIncomplete(t.Context(), admin(), torrent.ID); err != nil || got.Paused {
			t.Fatal(got, err)
		}
		seeds(h, s, 1, 0)
		h.check(t)
		h.check(t)
		if got := fate(h, s, 1); got != "seeding" {
			t.Fatal(got)
		}
		if n := len(h.completions(t)); n != 2 {
			t.Fatalf("%d completions", n)
		}
	})

	t.Run("what is removed at its goal stays for a torrent that still needs it", func(t *testing.T) {
		t.Parallel()
		h := newHouse(t)
		s := h.server(t, "a")
		h.policy(t, s, domain.OnCompleteRemove, to(1.0), nil)
		h.complete(t, s, 1)
		other := h.add(t, admin(), 1, s)
		h.wish(t, other.ID, domain.Wishes{SeedRatio: domain.Some(to(2.0))})
		h.check(t)
		h.check(t)
		seeds(h, s, 1, 1)
		h.check(t)
		if got := fate(h, s, 1); got != "seeding" {
			t.Fatal(got)
		}
		seeds(h, s, 1, 2)
		h.check(t)
		if got := fate(h, s, 1); got != "gone" {
			t.Fatal(got)
		}
	})

	t.Run("a client that has just started, or that dies, ends no seeding", func(t *testing.T) {
		t.Parallel()
		h := newHouse(t)
		s := h.server(t, "a")
		h.policy(t, s, domain.OnCompleteStop, to(1.0), nil)
		torrent, daemon := h.complete(t, s, 1), h.clients.Daemon(s.ID)
		transfer, _ := daemon.Transfer(hash(1))
		daemon.RemoveByHand(hash(1))
		daemon.SetSettling(true)
		for range 3 {
			h.pass(time.Minute)
			h.check(t)
		}
		daemon.SetSettling(false)
		daemon.Fail(domain.Unavailable(nil, "connection refused"))
		h.pass(time.Minute)
		h.check(t)
		daemon.Fail(nil)
		h.check(t) // it is missing for a moment
		transfer.Ratio = 1
		daemon.SetTransfer(transfer)
		h.pass(time.Minute)
		h.check(t)
		if got := h.get(t, torrent.ID); fate(h, s, 1) != "stopped" || got.Attended() || got.MissingSince != nil {
			t.Fatalf("%s, %+v", fate(h, s, 1), got)
		}
	})

	t.Run("what is completed by hand is left alone", func(t *testing.T) {
		t.Parallel()
		h := newHouse(t)
		s := h.server(t, "a")
		h.policy(t, s, domain.OnCompleteRemove, nil, nil)
		torrent := h.add(t, admin(), 1, s)
		h.check(t)
		now := h.clock()
		if _, err := h.torrents.Update(t.Context(), admin(), torrent.ID, app.UpdateTorrent{CompletedAt: app.Some(&now)}); err != nil {
			t.Fatal(err)
		}
		h.check(t)
		if got := fate(h, s, 1); got == "gone" {
			t.Fatal(got)
		}
	})
}

// Seeding costs no more than downloading: two reads and one request, and no write until
// a goal is reached.
func TestACheckOfSeedingTorrentsWritesNothing(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	s := h.server(t, "a")
	h.policy(t, s, domain.OnCompleteRemove, to(2.0), nil)
	for n := 1; n <= 1000; n++ {
		h.add(t, admin(), n, s)
	}
	h.check(t)
	for n := 1; n <= 1000; n++ {
		h.clients.Daemon(s.ID).Finish(hash(n))
	}
	if got := h.check(t)[s.ID]; got.Completed != 1000 {
		t.Fatalf("%+v", got)
	}
	h.store.ResetCalls()
	asked := h.clients.Daemon(s.ID).Requests()
	h.pass(30 * time.Second)
	if got := h.check(t)[s.ID]; got.Err != nil || got.Open != 0 {
		t.Fatalf("%+v", got)
	}
	calls, now := h.store.Calls(), h.clients.Daemon(s.ID).Requests()
	asked.Transfers++
	if calls["TorrentRepository.Open"] != 1 || calls["RemovalRepository.Pending"] != 1 || calls["TorrentRepository.Update"] != 0 ||
		calls["TorrentRepository.Find"] != 0 || now != asked {
		t.Fatalf("called %v, requests %+v", calls, now)
	}
}
