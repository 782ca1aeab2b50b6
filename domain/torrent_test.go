package domain_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/clarion-app/download-manager/domain"
)

func magnet(t testing.TB, text string) domain.Magnet {
	t.Helper()
	m, err := domain.ParseMagnet(text)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// life is a torrent and what it is told, minute by minute.
type life struct {
	*domain.Torrent
	server domain.Server
	minute int
}

// begin is the birth of a torrent; nothing is recorded yet but what follows.
func begin(t testing.TB) *life {
	t.Helper()
	server := newServer(t)
	torrent, err := domain.NewTorrent(magnet(t, "magnet:?xt=urn:btih:"+bunnyHex), "", *server, nil, noon)
	if err != nil {
		t.Fatal(err)
	}
	torrent.TakeEvents()
	return &life{Torrent: torrent, server: *server}
}

// now is a minute later each time.
func (l *life) now() time.Time {
	l.minute++
	return noon.Add(time.Duration(l.minute) * time.Minute)
}

func (l *life) accept() { l.Accept(l.server, l.InfoHash(), l.InfoHash(), l.now()) }

func (l *life) transfer() domain.Transfer {
	return domain.Transfer{
		InfoHash: l.InfoHash(), Name: "Big Buck Bunny", Phase: domain.PhaseDownloading,
		MetadataKnown: true, BytesWanted: 100, BytesLeft: 40,
	}
}

// report makes the client tell of the torrent, as change made the transfer.
func (l *life) report(change func(*domain.Transfer)) {
	transfer := l.transfer()
	change(&transfer)
	l.Observe(l.server, domain.Report{Transfers: map[domain.InfoHash]domain.Transfer{l.InfoHash(): transfer}}, l.now())
}

func (l *life) finish() { l.report(func(transfer *domain.Transfer) { transfer.BytesLeft = 0 }) }

func (l *life) missing(settling bool) {
	l.Observe(l.server, domain.Report{Settling: settling}, l.now())
}

// is proves where the torrent is and what it has recorded.
func (l *life) is(t *testing.T, status domain.Status, events string) {
	t.Helper()
	var kinds []domain.EventType
	for _, event := range l.TakeEvents() {
		kinds = append(kinds, event.Type)
	}
	if got := strings.Trim(fmt.Sprint(kinds), "[]"); l.Status() != status || got != events {
		t.Errorf("status %s with events %q; want %s with %q", l.Status(), got, status, events)
	}
}

// lets proves how many removals the torrent has recorded.
func (l *life) lets(t *testing.T, want int) []domain.Removal {
	t.Helper()
	removals := l.TakeRemovals()
	if len(removals) != want {
		t.Fatalf("%d removals, want %d", len(removals), want)
	}
	return removals
}

func TestNewTorrent(t *testing.T) {
	t.Parallel()
	t.Run("a new torrent is queued, whole and tells of its birth", func(t *testing.T) {
		t.Parallel()
		server, user := newServer(t), uuid.New()
		torrent, err := domain.NewTorrent(magnet(t, bunny), "another name", *server, &user, noon)
		if err != nil {
			t.Fatal(err)
		}
		now := domain.Instant(noon)
		if torrent.ID == uuid.Nil || torrent.LocalNode != "node" || torrent.ServerID != server.ID || *torrent.UserID != user ||
			torrent.MagnetURI.String() != bunny || torrent.Name != "Big Buck Bunny" || torrent.HashString != "" ||
			torrent.CreatedAt != now || torrent.UpdatedAt != now || torrent.Status() != domain.StatusQueued || !torrent.Open() {
			t.Errorf("torrent %+v", torrent)
		}
		events := torrent.TakeEvents()
		if len(events) != 1 || events[0].Type != domain.EventAdded || events[0].TorrentID != torrent.ID ||
			events[0].ServerID != server.ID || *events[0].UserID != user || events[0].Name != "Big Buck Bunny" || events[0].At != now {
			t.Errorf("events %+v", events)
		}
		if len(torrent.TakeEvents()) > 0 || len(torrent.TakeRemovals()) > 0 {
			t.Error("events are told twice, or something is to go")
		}
	})
	t.Run("a given name counts where the magnet has none", func(t *testing.T) {
		t.Parallel()
		torrent, err := domain.NewTorrent(magnet(t, "magnet:?xt=urn:btih:"+bunnyHex), " given\x00 ", *newServer(t), nil, noon)
		if err != nil || torrent.Name != "given" {
			t.Errorf("%v, error %v", torrent, err)
		}
	})
	t.Run("a torrent needs a magnet and a name that fits", func(t *testing.T) {
		t.Parallel()
		_, err := domain.NewTorrent(domain.Magnet{}, "", *newServer(t), nil, noon)
		isInvalid(t, err, "magnetURI")
		_, err = domain.NewTorrent(magnet(t, "magnet:?xt=urn:btih:"+bunnyHex), strings.Repeat("ü", 256), *newServer(t), nil, noon)
		isInvalid(t, err, "name")
	})
	t.Run("a torrent with a claimed infohash tells of its birth with it", func(t *testing.T) {
		t.Parallel()
		torrent, err := domain.NewTorrent(magnet(t, bunny), "", *newServer(t), nil, noon)
		if err == nil {
			err = torrent.ClaimHashString("claimed")
		}
		if events := torrent.TakeEvents(); err != nil || len(events) != 1 || events[0].HashString != "claimed" {
			t.Errorf("events %+v, error %v", events, err)
		}
	})
	t.Run("a claimed infohash is shown until the client tells its own", func(t *testing.T) {
		t.Parallel()
		l := begin(t)
		if err := l.ClaimHashString(" Claimed\x00 "); err != nil || l.HashString != "Claimed" {
			t.Errorf("%q, error %v", l.HashString, err)
		}
		isInvalid(t, l.ClaimHashString(strings.Repeat("ü", 256)), "hashString")
		l.accept()
		if l.HashString != bunnyHex {
			t.Errorf("%q", l.HashString)
		}
	})
}

func TestTorrentLifeLine(t *testing.T) {
	t.Parallel()
	for fact, live := range map[string]func(t *testing.T, l *life){
		"a torrent is accepted, downloads and completes": func(t *testing.T, l *life) {
			l.accept()
			l.is(t, domain.StatusDownloading, "CHANGED")
			if l.HashString != bunnyHex || l.Name != bunnyHex {
				t.Errorf("hash %q, name %q", l.HashString, l.Name)
			}
			l.report(func(*domain.Transfer) {})
			l.is(t, domain.StatusDownloading, "CHANGED")
			if l.Name != "Big Buck Bunny" {
				t.Errorf("name %q", l.Name)
			}
			l.finish()
			l.is(t, domain.StatusCompleted, "COMPLETED")
			if *l.CompletedAt != domain.Instant(noon.Add(3*time.Minute)) || l.Open() {
				t.Errorf("completed at %v", l.CompletedAt)
			}
			l.lets(t, 0)
		},
		"a completed torrent completes no second time": func(t *testing.T, l *life) {
			l.accept()
			l.finish()
			l.TakeEvents()
			at := *l.CompletedAt
			l.finish()
			l.missing(false)
			l.is(t, domain.StatusCompleted, "")
			if *l.CompletedAt != at {
				t.Error("its time changed")
			}
		},
		"a finished torrent leaves a server that removes, and its data stays": func(t *testing.T, l *life) {
			l.server.OnComplete = domain.OnCompleteRemove
			l.accept()
			l.finish()
			if gone := l.lets(t, 1)[0]; gone.ServerID != l.server.ID || gone.InfoHash != l.InfoHash() || gone.DeleteData || gone.ID == uuid.Nil {
				t.Errorf("removal %+v", gone)
			}
		},
		"a queued torrent is not completed by a report": func(t *testing.T, l *life) {
			l.finish()
			l.missing(false)
			l.is(t, domain.StatusQueued, "")
		},
		"a report of another server counts for nothing": func(t *testing.T, l *life) {
			l.accept()
			l.TakeEvents()
			mine := l.server
			l.server = *newServer(t)
			l.finish()
			l.missing(false)
			l.is(t, domain.StatusDownloading, "")
			if l.MissingSince != nil {
				t.Error("it is missing")
			}
			l.server = mine
			l.finish()
			l.is(t, domain.StatusCompleted, "CHANGED COMPLETED")
		},
		"the client's own finishing time counts where it can be": func(t *testing.T, _ *life) {
			created := domain.Instant(noon)
			observed := domain.Instant(noon.Add(2 * time.Minute))
			for told, want := range map[time.Time]time.Time{
				noon.Add(90 * time.Second):    domain.Instant(noon.Add(90 * time.Second)),
				created:                       created,
				noon.Add(-time.Hour):          observed,
				noon.Add(time.Hour):           observed,
				time.Unix(0, 0):               observed,
				noon.Add(time.Minute).Local(): domain.Instant(noon.Add(time.Minute)),
			} {
				l := begin(t)
				l.accept()
				l.report(func(transfer *domain.Transfer) { transfer.BytesLeft, transfer.FinishedAt = 0, &told })
				if *l.CompletedAt != want {
					t.Errorf("finished at %v, completed at %v", told, l.CompletedAt)
				}
			}
		},
		"a name of its own is not replaced by the client's": func(t *testing.T, l *life) {
			if err := l.Rename("mine", l.now()); err != nil {
				t.Fatal(err)
			}
			l.accept()
			l.report(func(*domain.Transfer) {})
			if l.Name != "mine" {
				t.Errorf("name %q", l.Name)
			}
		},
		"a client's name before the metadata is a placeholder": func(t *testing.T, l *life) {
			l.accept()
			l.report(func(transfer *domain.Transfer) { transfer.MetadataKnown = false })
			if l.Name != bunnyHex {
				t.Errorf("name %q", l.Name)
			}
		},
		"a refused torrent is tried again, ever later": func(t *testing.T, l *life) {
			now := domain.Instant(noon)
			for i, want := range []time.Duration{30, 60, 120, 240} {
				l.Refuse(l.server, l.InfoHash(), "no room", now)
				if l.Problem.Attempts != i+1 || *l.Problem.RetryAt != now.Add(want*time.Second) || l.Problem.Since != domain.Instant(noon) {
					t.Errorf("problem %+v", l.Problem)
				}
				now = *l.Problem.RetryAt
			}
			for range 100 {
				l.Refuse(l.server, l.InfoHash(), "no room", now)
			}
			if *l.Problem.RetryAt != now.Add(6*time.Hour) {
				t.Errorf("at last it is retried at %v", l.Problem.RetryAt)
			}
			l.is(t, domain.StatusQueued, "PROBLEM_RAISED")
			l.Refuse(l.server, l.InfoHash(), "other trouble", now)
			l.is(t, domain.StatusQueued, "PROBLEM_RAISED")
			l.accept()
			l.is(t, domain.StatusDownloading, "PROBLEM_CLEARED CHANGED")
		},
		"a refusal that came too late counts for nothing": func(t *testing.T, l *life) {
			hash, server := l.InfoHash(), l.server
			l.Refuse(*newServer(t), hash, "no", l.now())
			l.ReplaceMagnet(magnet(t, "magnet:?xt=urn:btih:"+sintelHex), l.now())
			l.TakeEvents()
			l.Refuse(server, hash, "no", l.now())
			l.is(t, domain.StatusQueued, "")
			l.accept()
			l.TakeEvents()
			l.Refuse(server, l.InfoHash(), "no", l.now())
			l.is(t, domain.StatusDownloading, "")
		},
		"a disk error is a problem, and what looks complete is not": func(t *testing.T, l *life) {
			l.accept()
			l.report(func(*domain.Transfer) {})
			l.TakeEvents()
			l.report(func(transfer *domain.Transfer) {
				transfer.BytesLeft, transfer.LocalError = 0, "no space left on device"
			})
			l.is(t, domain.StatusDownloading, "PROBLEM_RAISED")
			if l.Problem.Code != domain.ProblemLocalError || l.Problem.Message != "no space left on device" {
				t.Errorf("problem %+v", l.Problem)
			}
			since := l.Problem.Since
			l.report(func(transfer *domain.Transfer) { transfer.LocalError = "no space left on device" })
			l.is(t, domain.StatusDownloading, "")
			if l.Problem.Since != since {
				t.Error("it began anew")
			}
			l.finish()
			l.is(t, domain.StatusCompleted, "PROBLEM_CLEARED COMPLETED")
		},
		"a tracker's warning is no problem": func(t *testing.T, l *life) {
			l.accept()
			l.report(func(transfer *domain.Transfer) { transfer.Warning = "tracker down" })
			if l.Problem != nil {
				t.Errorf("problem %+v", l.Problem)
			}
		},
		"a missing torrent is a problem only after a while, and neither queued nor complete": func(t *testing.T, l *life) {
			l.accept()
			l.TakeEvents()
			at := l.now()
			l.Observe(l.server, domain.Report{}, at)
			l.Observe(l.server, domain.Report{}, at.Add(domain.MissingGrace-time.Microsecond))
			l.is(t, domain.StatusDownloading, "")
			l.Observe(l.server, domain.Report{}, at.Add(domain.MissingGrace))
			l.is(t, domain.StatusDownloading, "PROBLEM_RAISED")
			if l.Problem.Code != domain.ProblemMissing || *l.MissingSince != domain.Instant(at) {
				t.Errorf("problem %+v since %v", l.Problem, l.MissingSince)
			}
			updated := l.UpdatedAt
			l.missing(false)
			l.is(t, domain.StatusDownloading, "")
			if l.UpdatedAt != updated {
				t.Error("it is updated although nothing changed")
			}
			l.report(func(transfer *domain.Transfer) { transfer.MetadataKnown = false })
			l.is(t, domain.StatusDownloading, "PROBLEM_CLEARED")
			if l.MissingSince != nil {
				t.Error("it is still missing")
			}
		},
		"a client that is just starting misses nothing": func(t *testing.T, l *life) {
			l.accept()
			for range 10 {
				l.missing(true)
			}
			if l.MissingSince != nil || l.Problem != nil {
				t.Error("it is missing")
			}
		},
		"what was accepted for a torrent that has gone, moved or changed is let go again": func(t *testing.T, _ *life) {
			for name, change := range map[string]func(*life){
				"gone":    func(l *life) { l.Remove(false, l.now()) },
				"moved":   func(l *life) { l.AssignServer(*newServer(t), l.now()) },
				"changed": func(l *life) { l.ReplaceMagnet(magnet(t, "magnet:?xt=urn:btih:"+sintelHex), l.now()) },
			} {
				l := begin(t)
				hash := l.InfoHash()
				change(l)
				l.TakeRemovals()
				l.TakeEvents()
				l.Accept(l.server, hash, hash, l.now())
				l.is(t, domain.StatusQueued, "")
				if gone := l.lets(t, 1)[0]; gone.ServerID != l.server.ID || gone.InfoHash != hash || gone.DeleteData {
					t.Errorf("%s: removal %+v", name, gone)
				}
			}
		},
		"accepting twice is accepting once": func(t *testing.T, l *life) {
			l.accept()
			at := *l.AcceptedAt
			l.accept()
			l.is(t, domain.StatusDownloading, "CHANGED")
			if *l.AcceptedAt != at {
				t.Error("its time changed")
			}
		},
	} {
		t.Run(fact, func(t *testing.T) {
			t.Parallel()
			live(t, begin(t))
		})
	}
}
