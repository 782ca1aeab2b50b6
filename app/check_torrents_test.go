package app_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/clarion-app/download-manager/app"
	"github.com/clarion-app/download-manager/domain"
	"github.com/clarion-app/download-manager/ports"
)

func TestCheckMakesTheWishesTrue(t *testing.T) {
	t.Parallel()

	t.Run("a torrent is handed over, downloads and completes once", func(t *testing.T) {
		t.Parallel()
		h := newHouse(t)
		s := h.server(t, "a")
		torrent := h.add(t, admin(), 1, nil)
		if torrent.Status() != domain.StatusQueued || torrent.ServerID != s.ID {
			t.Fatalf("added as %s on %s", torrent.Status(), torrent.ServerID)
		}
		if got := h.check(t)[s.ID]; got.HandedOver != 1 || got.Err != nil {
			t.Fatalf("first check: %+v", got)
		}
		torrent = h.get(t, torrent.ID)
		if torrent.Status() != domain.StatusDownloading || torrent.HashString != hash(1).String() {
			t.Fatalf("after handing over: %s %q", torrent.Status(), torrent.HashString)
		}
		h.clients.Daemon(s.ID).Finish(hash(1))
		for range 3 {
			h.pass(time.Minute)
			h.check(t)
		}
		if torrent = h.get(t, torrent.ID); torrent.Status() != domain.StatusCompleted {
			t.Fatalf("after finishing: %s", torrent.Status())
		}
		if events := h.completions(t); len(events) != 1 || events[0].TorrentID != torrent.ID {
			t.Fatalf("completions: %+v", events)
		}
	})

	t.Run("a torrent marked incomplete completes again", func(t *testing.T) {
		t.Parallel()
		h := newHouse(t)
		s := h.server(t, "a")
		torrent := h.add(t, admin(), 1, s)
		h.check(t)
		h.clients.Daemon(s.ID).Finish(hash(1))
		h.check(t)
		marked, err := h.torrents.MarkIncomplete(t.Context(), admin(), torrent.ID)
		if err != nil || marked.CompletedAt != nil || marked.HashString != "" {
			t.Fatalf("marked: %+v, %v", marked, err)
		}
		h.check(t)
		h.check(t)
		if n := len(h.completions(t)); n != 2 {
			t.Fatalf("%d completions, want 2", n)
		}
	})

	t.Run("one infohash wanted twice on a server is one transfer and two rows", func(t *testing.T) {
		t.Parallel()
		h := newHouse(t)
		s := h.server(t, "a")
		mine, theirs := h.add(t, member(uuid.New()), 1, s), h.add(t, member(uuid.New()), 1, s)
		h.check(t)
		daemon := h.clients.Daemon(s.ID)
		if n := daemon.Requests().Add; n != 1 {
			t.Fatalf("%d adds, want 1", n)
		}
		if _, err := h.torrents.Remove(t.Context(), admin(), mine.ID, true); err != nil {
			t.Fatal(err)
		}
		h.check(t)
		if _, held := daemon.Transfer(hash(1)); !held {
			t.Fatal("the transfer went although another torrent needs it")
		}
		if _, err := h.torrents.Remove(t.Context(), admin(), theirs.ID, false); err != nil {
			t.Fatal(err)
		}
		h.check(t)
		if _, held := daemon.Transfer(hash(1)); held {
			t.Fatal("the transfer stayed although nobody needs it")
		}
	})

	t.Run("a refused torrent keeps its problem and is retried with back-off", func(t *testing.T) {
		t.Parallel()
		h := newHouse(t)
		s := h.server(t, "a")
		bad, good := h.add(t, admin(), 1, s), h.add(t, admin(), 2, s)
		daemon := h.clients.Daemon(s.ID)
		daemon.Refuse(hash(1), domain.Invalid("magnetURI", "unrecognized info"))
		if got := h.check(t)[s.ID]; got.Refused != 1 || got.HandedOver != 1 || got.Err != nil {
			t.Fatalf("check: %+v", got)
		}
		if h.get(t, good.ID).Status() != domain.StatusDownloading {
			t.Fatal("the refused torrent delayed the other")
		}
		p := h.get(t, bad.ID).Problem
		if p == nil || p.Code != domain.ProblemRefused || p.Message != "unrecognized info" || p.Attempts != 1 {
			t.Fatalf("problem: %+v", p)
		}
		asked := daemon.Requests().Add
		h.check(t)
		if daemon.Requests().Add != asked {
			t.Fatal("retried before its time")
		}
		first := p.RetryAt.Sub(h.clock())
		h.pass(first)
		h.check(t)
		if p = h.get(t, bad.ID).Problem; p.Attempts != 2 || p.RetryAt.Sub(h.clock()) != 2*first {
			t.Fatalf("second try: %+v", p)
		}
		daemon.Refuse(hash(1), nil)
		h.pass(2 * first)
		h.check(t)
		if got := h.get(t, bad.ID); got.Problem != nil || got.Status() != domain.StatusDownloading {
			t.Fatalf("after the client relented: %s, %+v", got.Status(), got.Problem)
		}
	})

	t.Run("a torrent removed from the client by hand is reported, not completed", func(t *testing.T) {
		t.Parallel()
		h := newHouse(t)
		s := h.server(t, "a")
		torrent := h.add(t, admin(), 1, s)
		h.check(t)
		h.clients.Daemon(s.ID).RemoveByHand(hash(1))
		h.check(t)
		if p := h.get(t, torrent.ID).Problem; p != nil {
			t.Fatalf("called missing at once: %+v", p)
		}
		h.pass(domain.MissingGrace)
		h.check(t)
		got := h.get(t, torrent.ID)
		if got.Problem == nil || got.Problem.Code != domain.ProblemMissing || got.CompletedAt != nil {
			t.Fatalf("after the grace: %+v", got)
		}
		m, _ := domain.ParseMagnet(magnet(1))
		h.clients.Daemon(s.ID).AddByHand(m)
		h.check(t)
		if p := h.get(t, torrent.ID).Problem; p != nil {
			t.Fatalf("problem stays after it is back: %+v", p)
		}
	})

	t.Run("absence from a client that has just started proves nothing", func(t *testing.T) {
		t.Parallel()
		h := newHouse(t)
		s := h.server(t, "a")
		torrent := h.add(t, admin(), 1, s)
		h.check(t)
		daemon := h.clients.Daemon(s.ID)
		daemon.RemoveByHand(hash(1))
		daemon.SetSettling(true)
		h.check(t)
		h.pass(time.Hour)
		h.check(t)
		if got := h.get(t, torrent.ID); got.MissingSince != nil || got.Problem != nil {
			t.Fatalf("judged while settling: %+v", got)
		}
	})

	t.Run("a disk error is a problem and no completion", func(t *testing.T) {
		t.Parallel()
		h := newHouse(t)
		s := h.server(t, "a")
		torrent := h.add(t, admin(), 1, s)
		h.check(t)
		h.clients.Daemon(s.ID).Break(hash(1), "no space left on device")
		h.check(t)
		got := h.get(t, torrent.ID)
		if got.Problem == nil || got.Problem.Code != domain.ProblemLocalError || got.CompletedAt != nil {
			t.Fatalf("%+v", got)
		}
		h.clients.Daemon(s.ID).Finish(hash(1))
		h.check(t)
		if got = h.get(t, torrent.ID); got.Problem != nil || got.CompletedAt == nil {
			t.Fatalf("after it was mended: %+v", got)
		}
	})

	t.Run("a server that removes on completion lets go and keeps the data", func(t *testing.T) {
		t.Parallel()
		h := newHouse(t)
		s := h.server(t, "a")
		_, err := h.servers.Update(t.Context(), admin(), s.ID, app.ServerSettings{OnComplete: app.Some(domain.OnCompleteRemove)})
		if err != nil {
			t.Fatal(err)
		}
		torrent := h.add(t, admin(), 1, s)
		h.check(t)
		daemon := h.clients.Daemon(s.ID)
		daemon.Download(hash(1), "x", []byte("data"), 4)
		h.check(t)
		if _, held := daemon.Transfer(hash(1)); held || daemon.Data(hash(1)) == nil {
			t.Fatal("the transfer must go and the data stay")
		}
		h.pass(time.Hour)
		h.check(t)
		if got := h.get(t, torrent.ID); got.Status() != domain.StatusCompleted || got.Problem != nil {
			t.Fatalf("%s %+v", got.Status(), got.Problem)
		}
	})

	t.Run("an open torrent that changes servers is handed to the new and taken from the old", func(t *testing.T) {
		t.Parallel()
		h := newHouse(t)
		from, to := h.server(t, "a"), h.server(t, "b")
		torrent := h.add(t, admin(), 1, from)
		h.check(t)
		_, err := h.torrents.Update(t.Context(), admin(), torrent.ID, app.UpdateTorrent{ServerID: app.Some(to.ID)})
		if err != nil {
			t.Fatal(err)
		}
		h.check(t)
		_, old := h.clients.Daemon(from.ID).Transfer(hash(1))
		_, moved := h.clients.Daemon(to.ID).Transfer(hash(1))
		if old || !moved || h.get(t, torrent.ID).Status() != domain.StatusDownloading {
			t.Fatalf("old holds: %v, new holds: %v", old, moved)
		}
	})

	t.Run("a removal waits for an unreachable client", func(t *testing.T) {
		t.Parallel()
		h := newHouse(t)
		s := h.server(t, "a")
		torrent := h.add(t, admin(), 1, s)
		h.check(t)
		daemon := h.clients.Daemon(s.ID)
		daemon.Fail(domain.Unavailable(nil, "connection refused"))
		if _, err := h.torrents.Remove(t.Context(), admin(), torrent.ID, false); err != nil {
			t.Fatal(err)
		}
		if got := h.check(t)[s.ID]; domain.KindOf(got.Err) != domain.KindUnavailable {
			t.Fatalf("check of a dead server: %v", got.Err)
		}
		daemon.Fail(nil)
		h.check(t)
		if _, held := daemon.Transfer(hash(1)); held {
			t.Fatal("the removal was forgotten")
		}
	})
}

func TestOneBadServerDelaysNobody(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	hanging, well := h.server(t, "hanging"), h.server(t, "well")
	h.add(t, admin(), 1, hanging)
	torrent := h.add(t, admin(), 2, well)
	h.clients.Daemon(hanging.ID).Block()
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() { h.checks.Run(ctx); close(done) }()
	h.checks.CheckDue(ctx)
	eventually(t, func() bool { return h.get(t, torrent.ID).Status() == domain.StatusDownloading })
	cancel()
	<-done
	s, err := h.servers.Get(t.Context(), admin(), hanging.ID)
	if err != nil || s.NextCheckAt.After(h.clock()) {
		t.Fatalf("a check that was cut off by stopping must be due at once: %+v, %v", s, err)
	}
}

func TestAServerThatIsDownIsRetriedWithBackOff(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	s := h.server(t, "a")
	h.clients.Daemon(s.ID).Fail(domain.Unavailable(nil, "connection refused"))
	var last time.Duration
	for attempt := range 6 {
		got := h.check(t)[s.ID].Server
		rest := got.NextCheckAt.Sub(h.clock())
		if rest < last || rest > 8*time.Second || got.Health.Problem.Attempts != attempt+1 {
			t.Fatalf("attempt %d rests %s after %s: %+v", attempt, rest, last, got.Health.Problem)
		}
		last = rest
	}
	h.clients.Daemon(s.ID).Fail(nil)
	if got := h.check(t)[s.ID].Server; !got.Health.Reachable() || got.Health.LastSeenAt == nil {
		t.Fatalf("health after its return: %+v", got.Health)
	}
}

func TestNudgesOfARestingServerWaitForItsBackOff(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	s := h.server(t, "a")
	daemon := h.clients.Daemon(s.ID)
	daemon.Fail(domain.Unavailable(nil, "connection refused"))
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() { h.checks.Run(ctx); close(done) }()
	defer func() { cancel(); <-done }()
	h.checks.Nudge(s.ID)
	eventually(t, func() bool {
		got, err := h.servers.Get(ctx, admin(), s.ID)
		return err == nil && got.Health.Problem != nil
	})
	asked := daemon.Requests().Transfers
	other := h.server(t, "b") // its check shows that the nudge before it was looked at
	eventually(t, func() bool {
		h.checks.Nudge(s.ID)
		h.checks.Nudge(other.ID)
		return h.clients.Daemon(other.ID).Requests().Transfers > 0
	})
	if n := daemon.Requests().Transfers; n != asked {
		t.Fatalf("asked %d times more while resting", n-asked)
	}
}

// The figure of the issue: at most 2 queries and 1 request when nothing changed,
// and no write.
func TestACheckOfTenThousandUnchangedTorrentsReadsTwiceAndWritesNothing(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	s := h.server(t, "a")
	const count = 10_000
	torrents := make([]*domain.Torrent, count)
	for i := range torrents {
		m, err := domain.ParseMagnet(magnet(i + 1))
		if err != nil {
			t.Fatal(err)
		}
		if torrents[i], err = domain.NewTorrent(m, "", *s, nil, h.clock()); err != nil {
			t.Fatal(err)
		}
	}
	if err := h.store.Torrents().Add(t.Context(), torrents...); err != nil {
		t.Fatal(err)
	}
	if got := h.check(t)[s.ID]; got.HandedOver != count {
		t.Fatalf("handed over %d: %v", got.HandedOver, got.Err)
	}
	before, asked := h.store.Calls(), h.clients.Daemon(s.ID).Requests()
	h.checks.CheckDue(t.Context()) // not due: nothing may happen
	h.pass(30 * time.Second)
	if got := h.check(t)[s.ID]; got.Open != count || got.Err != nil {
		t.Fatalf("%+v", got)
	}
	var reads, others []string
	for call, n := range h.store.Calls() {
		for range n - before[call] {
			switch call {
			case "TorrentRepository.Open", "RemovalRepository.Pending":
				reads = append(reads, call)
			case "ServerLeases.Claim", "ServerLeases.Release", "ServerRepository.Find":
				// choosing the server and giving it back
			default:
				others = append(others, call)
			}
		}
	}
	if len(reads) != 2 || len(others) != 0 {
		t.Fatalf("reads %v, others %v", reads, others)
	}
	now := h.clients.Daemon(s.ID).Requests()
	if now.Transfers-asked.Transfers != 1 || now.Add != asked.Add || now.Remove != asked.Remove || now.Probe != asked.Probe {
		t.Fatalf("requests went from %+v to %+v", asked, now)
	}
}

func TestTwoProcessesNeverCheckAServerTogether(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	s := h.server(t, "a")
	h.clients.Daemon(s.ID).Block()
	first, second := h.checks, h.newChecks("two")
	ctx, cancel := context.WithCancel(t.Context())
	first.CheckDue(ctx)
	results, err := second.CheckAll(t.Context(), domain.System())
	if err != nil || len(results) != 1 || !results[0].Skipped {
		t.Fatalf("%+v, %v", results, err)
	}
	t.Run("and when one dies, the other goes on after its lease", func(t *testing.T) {
		h.pass(time.Minute)
		h.clients.Daemon(s.ID).Unblock()
		results, err := second.CheckAll(t.Context(), domain.System())
		if err != nil || results[0].Skipped || results[0].Err != nil {
			t.Fatalf("%+v, %v", results, err)
		}
	})
	cancel()
	first.Run(ctx)
}

func TestATorrentRemovedDuringItsHandOverLeavesTheClientAgain(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	s := h.server(t, "a")
	torrent := h.add(t, admin(), 1, s)
	daemon := h.clients.Daemon(s.ID)
	h.checks.Clients = interrupting{h.clients, func() {
		if _, err := h.torrents.Remove(t.Context(), admin(), torrent.ID, false); err != nil {
			t.Error(err)
		}
	}}
	h.check(t)
	h.checks.Clients = h.clients
	h.check(t)
	if _, held := daemon.Transfer(hash(1)); held {
		t.Fatal("an orphan stays in the client")
	}
}

// interrupting runs something right after a magnet has been handed over.
type interrupting struct {
	ports.TorrentClients
	after func()
}

func (i interrupting) Open(s domain.Server) (ports.OpenClient, error) {
	c, err := i.TorrentClients.Open(s)
	c.TorrentClient = interruptingClient{c.TorrentClient, i.after}
	return c, err
}

type interruptingClient struct {
	ports.TorrentClient
	after func()
}

func (c interruptingClient) Add(ctx context.Context, m domain.Handover) (domain.InfoHash, error) {
	h, err := c.TorrentClient.Add(ctx, m)
	c.after()
	return h, err
}

func TestAClientThatGoesAwayWhileHandingOverLosesNothing(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	s := h.server(t, "a")
	for i := range 250 {
		h.add(t, admin(), i+1, s)
	}
	daemon, added := h.clients.Daemon(s.ID), 0
	h.checks.Clients = interrupting{h.clients, func() {
		if added++; added == 130 {
			daemon.Fail(domain.Unavailable(nil, "connection reset"))
		}
	}}
	if got := h.check(t)[s.ID]; got.HandedOver != 130 || got.Err == nil {
		t.Fatalf("%+v", got)
	}
	daemon.Fail(nil)
	h.checks.Clients = h.clients
	if got := h.check(t)[s.ID]; got.HandedOver != 120 || got.Err != nil {
		t.Fatalf("%+v", got)
	}
	if n := daemon.Requests().Add; n != 250+1 {
		t.Fatalf("%d adds for 250 torrents and one failure", n)
	}
}

// eventually waits for a condition.
func eventually(t *testing.T, condition func() bool) {
	t.Helper()
	deadline, tick := time.After(20*time.Second), time.NewTicker(2*time.Millisecond)
	defer tick.Stop()
	for !condition() {
		select {
		case <-deadline:
			t.Fatal(fmt.Errorf("still not so after 20 s"))
		case <-tick.C:
		}
	}
}
