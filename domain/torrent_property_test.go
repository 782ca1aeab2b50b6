package domain_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"pgregory.net/rapid"

	"github.com/clarion-app/download-manager/domain"
)

// anyReport draws what a client may say about a torrent, likely or not.
func anyReport(t *rapid.T, torrent *domain.Torrent, now time.Time) domain.Report {
	report := domain.Report{Settling: rapid.IntRange(0, 3).Draw(t, "settling") == 0, Transfers: map[domain.InfoHash]domain.Transfer{}}
	if rapid.IntRange(0, 3).Draw(t, "absent") == 0 {
		return report
	}
	transfer := domain.Transfer{
		InfoHash: torrent.InfoHash(), Phase: rapid.SampledFrom(phases).Draw(t, "phase"),
		MetadataKnown: rapid.IntRange(0, 4).Draw(t, "known") > 0,
		Name:          rapid.SampledFrom([]string{"", " ", "Sintel", "Big Buck Bunny", bunnyHex, "\x00", "caf\xe9"}).Draw(t, "name"),
		Ratio:         rapid.SampledFrom([]float64{-1, 0, 0.5, 3}).Draw(t, "ratio"),
		BytesWanted:   rapid.SampledFrom([]int64{0, 1, 100}).Draw(t, "wanted"),
		BytesLeft:     rapid.SampledFrom([]int64{0, 0, 1, 100}).Draw(t, "left"),
		LocalError:    rapid.SampledFrom([]string{"", "", "", "disk full", "permission denied", "\x00"}).Draw(t, "error"),
		Warning:       rapid.SampledFrom([]string{"", "tracker down"}).Draw(t, "warning"),
	}
	if rapid.Bool().Draw(t, "tells when") {
		transfer.FinishedAt = ptr(now.Add(time.Duration(rapid.IntRange(-600, 60).Draw(t, "finished")) * time.Second))
	}
	report.Transfers[torrent.InfoHash()] = transfer
	return report
}

func ptr[T any](value T) *T { return &value }

// projection is the OpenTorrent that a database would make of a torrent.
func projection(torrent *domain.Torrent) domain.OpenTorrent {
	open := domain.OpenTorrent{
		ID: torrent.ID, InfoHash: torrent.InfoHash(), Accepted: torrent.AcceptedAt != nil,
		Named:        torrent.Name != "" && torrent.Name != torrent.HashString,
		MissingSince: torrent.MissingSince,
	}
	if torrent.Problem != nil {
		open.ProblemCode, open.RetryAt = torrent.Problem.Code, torrent.Problem.RetryAt
	}
	open.Unapplied = torrent.Unapplied
	if torrent.CompletedAt != nil {
		open.Completed = &domain.CompletedTorrent{At: *torrent.CompletedAt, Seeding: torrent.Seeding, SeedingWish: torrent.SeedingWish}
	}
	return open
}

// whole is everything of a torrent as text; seen is what a viewer sees change:
// not how often a problem was tried again, and not when it was updated.
func whole(torrent *domain.Torrent) string {
	problem := problemOf(torrent)
	return fmt.Sprint(seen(torrent), "|", torrent.UpdatedAt, "|", say(torrent.AcceptedAt), "|", say(torrent.MissingSince),
		"|", problem.Since, "|", problem.Attempts, "|", say(problem.RetryAt), "|", torrent.Seeding)
}

func seen(torrent *domain.Torrent) string {
	return fmt.Sprint(
		torrent.Status(), "|", torrent.Name, "|", torrent.HashString, "|", torrent.MagnetURI, "|", torrent.ServerID, "|", torrent.LocalNode,
		"|", say(torrent.UserID), "|", say(torrent.CompletedAt), "|", say(torrent.DeletedAt), "|", problemOf(torrent).Code, "|", problemOf(torrent).Message,
		"|", torrent.Paused, torrent.Renamed, torrent.Label, torrent.Folder, torrent.Priority, torrent.Unwanted, torrent.Unapplied,
		"|", say(torrent.DownloadLimit), say(torrent.UploadLimit), say(torrent.OnComplete), say(torrent.SeedRatio), say(torrent.SeedTime),
	)
}

func problemOf(torrent *domain.Torrent) domain.Problem {
	if torrent.Problem == nil {
		return domain.Problem{}
	}
	return *torrent.Problem
}

func say[T any](value *T) string {
	if value == nil {
		return "nil"
	}
	return fmt.Sprint(*value)
}

// world is a torrent in the hands of users, servers and chance.
type world struct {
	*domain.Torrent
	servers []domain.Server
	magnets []domain.Magnet
	now     time.Time
	done    int // completions since the last (re)queue
	before  *domain.Torrent
}

// on is the server that the torrent is on.
func (w *world) on() domain.Server {
	for _, server := range w.servers {
		if server.ID == w.ServerID {
			return server
		}
	}
	panic("nowhere")
}

// anyWishes draws what a user may wish.
func anyWishes(t *rapid.T) domain.Wishes {
	wishes := domain.Wishes{
		Paused: anyOf(t, "paused", true, false), Verify: rapid.IntRange(0, 5).Draw(t, "verify") == 0,
		Name: anyOf(t, "name", "", "mine", "a\x00b"), Label: anyOf(t, "label", "", "films", " blank"),
		Folder:        anyOf(t, "folder", "", "/srv/films", "/srv/../etc", "/elsewhere"),
		Priority:      anyOf(t, "priority", domain.PriorityLow, domain.PriorityNormal, domain.PriorityHigh, "URGENT"),
		DownloadLimit: anyOf[int64](t, "download limit", -1, 0, 1000), UploadLimit: anyOf[int64](t, "upload limit", 0, 2000),
		Unwanted:   anyOf(t, "unwanted", nil, []int{}, []int{3, 1, 3}, []int{-1}),
		OnComplete: anyOf(t, "on complete", nil, ptr(domain.OnCompleteKeep), ptr(domain.OnCompleteStop), ptr(domain.OnCompleteRemove)),
		SeedRatio:  anyOf(t, "ratio", nil, ptr(0.0), ptr(2.0), ptr(-1.0)), SeedTime: anyOf(t, "time", nil, ptr(time.Minute)),
	}
	return wishes
}

// anyOf draws one of some values, or mostly none.
func anyOf[T any](t *rapid.T, label string, values ...T) domain.Optional[T] {
	if rapid.IntRange(0, 3).Draw(t, label) > 0 {
		return domain.Optional[T]{}
	}
	return domain.Some(rapid.SampledFrom(values).Draw(t, label))
}

func anyAbilities(t *rapid.T) domain.Capabilities {
	if rapid.IntRange(0, 2).Draw(t, "able") > 0 {
		return domain.AllCapabilities()
	}
	return domain.AllCapabilities().Without(rapid.SampledFrom(domain.AllCapabilities()).Draw(t, "lacks"))
}

// step draws something that happens to the torrent, and lets it happen.
func (w *world) step(t *rapid.T) {
	server := rapid.SampledFrom(w.servers).Draw(t, "server")
	steps := map[string]func(){
		"accept": func() {
			hash := w.InfoHash()
			if rapid.IntRange(0, 4).Draw(t, "late") == 0 {
				hash = rapid.SampledFrom(w.magnets).Draw(t, "handed over").InfoHash()
			}
			given := *w.Torrent
			if w.before != nil && rapid.Bool().Draw(t, "given with another") {
				given = *w.before
			}
			w.Accept(server, hash, hash, w.now)
			w.HandedOver(server, &given, rapid.Bool().Draw(t, "fresh"), anyAbilities(t), w.now)
		},
		"refuse": func() {
			w.Refuse(server, w.InfoHash(), rapid.SampledFrom([]string{"no", "never"}).Draw(t, "message"), w.now)
		},
		"observe": func() { w.Observe(server, anyReport(t, w.Torrent, w.now), w.now) },
		"complete": func() {
			if err := w.Complete(w.now.Add(-time.Duration(rapid.IntRange(0, 2).Draw(t, "ago"))*time.Hour), w.now); err != nil {
				t.Fatal(err)
			}
		},
		"reopen":          func() { w.Reopen(w.now) },
		"mark incomplete": func() { w.MarkIncomplete(w.now) },
		"rename": func() {
			_ = w.Rename(rapid.SampledFrom([]string{"", "a", "b", bunnyHex}).Draw(t, "name"), w.now)
		},
		"correct hash": func() {
			_ = w.CorrectHashString(rapid.SampledFrom([]string{"", "claimed", "claimed, too"}).Draw(t, "hash"), w.now)
		},
		"assign user": func() {
			w.AssignUser(rapid.SampledFrom([]*uuid.UUID{nil, {1}, {2}}).Draw(t, "user"), w.now)
		},
		"assign server":  func() { w.AssignServer(server, w.now) },
		"replace magnet": func() { w.ReplaceMagnet(rapid.SampledFrom(w.magnets).Draw(t, "magnet"), w.now) },
		"wish": func() {
			// What is refused, for whatever reason, changes nothing.
			_ = w.Wish(anyWishes(t), w.on(), anyAbilities(t), w.now)
		},
		"told": func() {
			told := *w.Torrent
			if w.before != nil && rapid.Bool().Draw(t, "late") {
				told = *w.before
			}
			those := domain.Settings(rapid.Uint16().Draw(t, "told"))
			w.Told(server, &told, those, w.now)
		},
		"setting refused": func() {
			w.RefuseSettings(server, w.Torrent, domain.Settings(rapid.Uint16().Draw(t, "refused")), "no", w.now)
		},
		"remove": func() { w.Remove(rapid.Bool().Draw(t, "data"), w.now) },
	}
	// Reports are what happens most; removal, since it ends all, seldom.
	names := []string{
		"accept", "accept", "accept", "refuse", "observe", "observe", "observe", "observe", "observe", "observe", "complete", "reopen",
		"mark incomplete", "rename", "wish", "wish", "wish", "told", "told", "setting refused", "correct hash", "assign user", "assign server", "replace magnet",
	}
	name := rapid.SampledFrom(names).Draw(t, "step")
	if rapid.IntRange(0, 30).Draw(t, "end") == 30 {
		name = "remove"
	}
	steps[name]()
}

// check proves that what has happened is no contradiction.
func (w *world) check(t *rapid.T, before domain.Torrent, was, wasSeen string) {
	events, removals := w.TakeEvents(), w.TakeRemovals()
	if before.DeletedAt != nil {
		if whole(w.Torrent) != was || len(events) > 0 {
			t.Fatalf("a removed torrent changed\nfrom %s\n  to %s\nevents %v", was, whole(w.Torrent), events)
		}
		return
	}
	if seen(w.Torrent) != wasSeen && len(events) == 0 {
		t.Fatalf("no event tells of the change\nfrom %s\n  to %s", wasSeen, seen(w.Torrent))
	}
	if w.UpdatedAt.Before(before.UpdatedAt) || len(events) > 0 && w.UpdatedAt != domain.Instant(w.now) {
		t.Fatalf("updated at %v, before at %v", w.UpdatedAt, before.UpdatedAt)
	}
	switch status := w.Status(); {
	case status == domain.StatusCompleted && (w.Problem != nil && w.Problem.Code != domain.ProblemSettingRefused || w.Open()):
		t.Fatalf("a completed torrent is in trouble: %s", whole(w.Torrent))
	case w.Problem != nil && w.Problem.Code == domain.ProblemSettingRefused &&
		(w.AcceptedAt == nil || w.Unapplied == 0 || w.Problem.RetryAt == nil):
		t.Fatalf("nothing was refused: %s", whole(w.Torrent))
	case w.Seeding && (status != domain.StatusCompleted || w.AcceptedAt == nil):
		t.Fatalf("it seeds what it has not: %s", whole(w.Torrent))
	case status == domain.StatusCompleted && w.MissingSince != nil && !w.Attended() && !w.Removed():
		t.Fatalf("a completed torrent is missed for ever: %s", whole(w.Torrent))
	case status == domain.StatusQueued && (w.AcceptedAt != nil || w.MissingSince != nil):
		t.Fatalf("a queued torrent is with its client: %s", whole(w.Torrent))
	case status == domain.StatusQueued && w.Problem != nil && (w.Problem.Code != domain.ProblemRefused || w.Problem.RetryAt == nil):
		t.Fatalf("a queued torrent can only be refused, and is retried: %s", whole(w.Torrent))
	case status == domain.StatusDownloading && w.Problem != nil && w.Problem.Code == domain.ProblemRefused:
		t.Fatalf("an accepted torrent is refused: %s", whole(w.Torrent))
	}
	if w.Problem != nil && (w.Problem.Code == domain.ProblemMissing) && w.MissingSince == nil {
		t.Fatalf("a torrent that is there is called missing: %s", whole(w.Torrent))
	}
	if strings.HasPrefix(w.Name, "claimed") && w.Name != w.HashString {
		t.Fatalf("a placeholder has become a name: %s", whole(w.Torrent))
	}
	for _, removal := range removals {
		if removal.ID == uuid.Nil || removal.ServerID == uuid.Nil || removal.InfoHash.IsZero() {
			t.Fatalf("removal %+v", removal)
		}
	}
	w.count(t, &before, events)
}

// count proves that a completion is told at most once for each (re)queue.
func (w *world) count(t *rapid.T, before *domain.Torrent, events []domain.Event) {
	for _, event := range events {
		if event.TorrentID != w.ID || event.At != domain.Instant(w.now) || (event.CompletedAt != nil) != (event.Type == domain.EventCompleted) ||
			event.Problem != "" && event.Type != domain.EventProblemRaised {
			t.Fatalf("event %+v", event)
		}
		if event.Type == domain.EventCompleted {
			w.done++
		}
	}
	if w.done > 1 {
		t.Fatalf("completed %d times", w.done)
	}
	completed := slices.ContainsFunc(events, func(event domain.Event) bool { return event.Type == domain.EventCompleted })
	if (before.CompletedAt == nil && w.CompletedAt != nil) != completed {
		t.Fatalf("was completed %t, is completed %t, told %t", before.CompletedAt != nil, w.CompletedAt != nil, completed)
	}
	if w.CompletedAt == nil {
		w.done = 0 // queued again, by whatever
	}
}

func TestTorrentProperties(t *testing.T) {
	t.Parallel()
	node, away := newServer(t), newServer(t)
	away.LocalNode, away.OnComplete = "away", domain.OnCompleteRemove
	node.OnComplete, node.SeedRatio = domain.OnCompleteStop, ptr(1.0)
	away.SeedTime, away.Folders = ptr(time.Minute), []string{"/srv"}
	servers := []domain.Server{*node, *node, *node, *away}
	magnets := []domain.Magnet{
		magnet(t, "magnet:?xt=urn:btih:"+bunnyHex), magnet(t, bunny), magnet(t, "magnet:?xt=urn:btih:"+sintelHex),
		magnet(t, "magnet:?xt=urn:btmh:1220"+v2Hex),
	}
	start := func(t *rapid.T) *world {
		torrent, err := domain.NewTorrent(rapid.SampledFrom(magnets).Draw(t, "magnet"), "", *node, nil, noon)
		if err != nil {
			t.Fatal(err)
		}
		torrent.TakeEvents()
		return &world{Torrent: torrent, servers: servers, magnets: magnets, now: noon}
	}
	t.Run("whatever happens, a torrent never contradicts itself", rapid.MakeCheck(func(t *rapid.T) {
		w := start(t)
		for range rapid.IntRange(1, 40).Draw(t, "steps") {
			w.now = w.now.Add(time.Duration(rapid.IntRange(0, 40).Draw(t, "seconds")) * time.Second)
			before, was, wasSeen := *w.Torrent, whole(w.Torrent), seen(w.Torrent)
			w.step(t)
			w.before = &before
			w.check(t, before, was, wasSeen)
		}
	}))
	t.Run("where an open torrent has nothing to do, observing does nothing", rapid.MakeCheck(func(t *rapid.T) {
		w := start(t)
		for range rapid.IntRange(1, 40).Draw(t, "steps") {
			w.now = w.now.Add(time.Duration(rapid.IntRange(0, 40).Draw(t, "seconds")) * time.Second)
			server := w.servers[0]
			if w.ServerID == away.ID {
				server = *away
			}
			report := anyReport(t, w.Torrent, w.now)
			if w.Attended() && !projection(w.Torrent).Changes(server, report, w.now) {
				was := whole(w.Torrent)
				w.Observe(server, report, w.now)
				if events, removals := w.TakeEvents(), w.TakeRemovals(); whole(w.Torrent) != was || len(events)+len(removals) > 0 {
					t.Fatalf("observing %+v changed\nfrom %s\n  to %s\nevents %v", report, was, whole(w.Torrent), events)
				}
			}
			w.step(t)
			w.TakeEvents()
			w.TakeRemovals()
		}
	}))
}

func TestOpenTorrentDueForHandOver(t *testing.T) {
	t.Parallel()
	before, after := noon.Add(-time.Second), noon.Add(time.Second)
	for fact, one := range map[string]struct {
		open domain.OpenTorrent
		due  bool
	}{
		"a new torrent is due":                     {domain.OpenTorrent{}, true},
		"an accepted torrent is not":               {domain.OpenTorrent{Accepted: true}, false},
		"a refused torrent is not due before time": {domain.OpenTorrent{RetryAt: &after}, false},
		"a refused torrent is due in time":         {domain.OpenTorrent{RetryAt: &noon}, true},
		"a refused torrent is due after time":      {domain.OpenTorrent{RetryAt: &before}, true},
	} {
		t.Run(fact, func(t *testing.T) {
			t.Parallel()
			if one.open.DueForHandOver(noon) != one.due {
				t.Error("it is the other way round")
			}
		})
	}
}
