package domain_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/clarion-app/download-manager/domain"
)

func TestTorrentByHand(t *testing.T) {
	t.Parallel()
	other := "magnet:?xt=urn:btih:" + sintelHex
	for fact, live := range map[string]func(t *testing.T, l *life){
		"a torrent marked incomplete completes again": func(t *testing.T, l *life) {
			l.accept()
			l.finish()
			l.TakeEvents()
			l.MarkIncomplete(l.now())
			l.is(t, domain.StatusQueued, "MARKED_INCOMPLETE")
			if l.HashString != "" || l.MissingSince != nil {
				t.Errorf("torrent %+v", l.Torrent)
			}
			l.accept()
			l.finish()
			l.is(t, domain.StatusCompleted, "CHANGED COMPLETED")
		},
		"marking a lost torrent incomplete clears its problem": func(t *testing.T, l *life) {
			l.accept()
			l.missing(false)
			l.missing(false)
			l.TakeEvents()
			l.MarkIncomplete(l.now())
			l.is(t, domain.StatusQueued, "PROBLEM_CLEARED MARKED_INCOMPLETE")
			l.MarkIncomplete(l.now())
			l.is(t, domain.StatusQueued, "MARKED_INCOMPLETE")
		},
		"a torrent completed by hand is complete, whatever it was": func(t *testing.T, l *life) {
			l.Refuse(l.server, l.InfoHash(), "no", l.now())
			l.TakeEvents()
			at := noon.Add(-time.Hour)
			if err := l.Complete(at, l.now()); err != nil {
				t.Fatal(err)
			}
			l.is(t, domain.StatusCompleted, "PROBLEM_CLEARED COMPLETED")
			if *l.CompletedAt != domain.Instant(at) {
				t.Errorf("completed at %v", l.CompletedAt)
			}
			if err := l.Complete(at, l.now()); err != nil {
				t.Fatal(err)
			}
			l.is(t, domain.StatusCompleted, "")
			if err := l.Complete(at.Add(time.Minute), l.now()); err != nil {
				t.Fatal(err)
			}
			l.is(t, domain.StatusCompleted, "CHANGED")
			l.accept()
			l.is(t, domain.StatusCompleted, "")
		},
		"a reopened torrent is handed over again": func(t *testing.T, l *life) {
			l.Reopen(l.now())
			l.is(t, domain.StatusQueued, "")
			l.accept()
			l.finish()
			l.TakeEvents()
			l.Reopen(l.now())
			l.is(t, domain.StatusQueued, "MARKED_INCOMPLETE")
			l.accept()
			l.finish()
			l.is(t, domain.StatusCompleted, "CHANGED COMPLETED")
		},
		"a new name is told once": func(t *testing.T, l *life) {
			for range 2 {
				if err := l.Rename(" new\x00 ", l.now()); err != nil {
					t.Error(err)
				}
			}
			l.is(t, domain.StatusQueued, "CHANGED")
			isInvalid(t, l.Rename(strings.Repeat("ü", 256), l.now()), "name")
			l.is(t, domain.StatusQueued, "")
			if l.Name != "new" {
				t.Errorf("name %q", l.Name)
			}
		},
		"a corrected infohash is told once": func(t *testing.T, l *life) {
			for range 2 {
				if err := l.CorrectHashString("x", l.now()); err != nil {
					t.Error(err)
				}
			}
			isInvalid(t, l.CorrectHashString(strings.Repeat("ü", 256), l.now()), "hashString")
			l.is(t, domain.StatusQueued, "CHANGED")
		},
		"a new user is told once": func(t *testing.T, l *life) {
			user := uuid.New()
			same := user
			l.AssignUser(nil, l.now())
			l.AssignUser(&user, l.now())
			l.AssignUser(&same, l.now())
			l.is(t, domain.StatusQueued, "CHANGED")
			l.AssignUser(nil, l.now())
			l.is(t, domain.StatusQueued, "CHANGED")
		},
		"a moved open torrent is queued anew, and its old server lets go": func(t *testing.T, l *life) {
			l.accept()
			l.TakeEvents()
			old, server := l.server, *newServer(t)
			server.LocalNode = "elsewhere"
			l.AssignServer(server, l.now())
			l.AssignServer(server, l.now())
			l.is(t, domain.StatusQueued, "CHANGED")
			if l.ServerID != server.ID || l.LocalNode != "elsewhere" || l.HashString != "" {
				t.Errorf("torrent %+v", l.Torrent)
			}
			if gone := l.lets(t, 1)[0]; gone.ServerID != old.ID || gone.InfoHash != l.InfoHash() || gone.DeleteData {
				t.Errorf("removal %+v", gone)
			}
		},
		"a moved completed torrent stays complete": func(t *testing.T, l *life) {
			l.accept()
			l.finish()
			l.TakeEvents()
			l.AssignServer(*newServer(t), l.now())
			l.is(t, domain.StatusCompleted, "CHANGED")
			l.lets(t, 1)
		},
		"other trackers for the same content change only the text": func(t *testing.T, l *life) {
			l.accept()
			l.TakeEvents()
			l.ReplaceMagnet(magnet(t, "magnet:?xt=urn:btih:"+bunnyBase32+"&tr=udp://other:1"), l.now())
			l.is(t, domain.StatusDownloading, "CHANGED")
			l.lets(t, 0)
			l.ReplaceMagnet(l.MagnetURI, l.now())
			l.is(t, domain.StatusDownloading, "")
		},
		"other content begins anew, and the client lets go of the old": func(t *testing.T, l *life) {
			l.accept()
			l.finish()
			l.TakeEvents()
			old := l.InfoHash()
			l.ReplaceMagnet(magnet(t, other), l.now())
			l.is(t, domain.StatusQueued, "CHANGED")
			if gone := l.lets(t, 1)[0]; gone.InfoHash != old || gone.DeleteData {
				t.Errorf("removal %+v", gone)
			}
		},
		"other content is not named after the old content's infohash": func(t *testing.T, l *life) {
			l.accept()
			l.ReplaceMagnet(magnet(t, other), l.now())
			l.accept()
			l.report(func(transfer *domain.Transfer) { transfer.Name = "Sintel" })
			if l.Name != "Sintel" {
				t.Errorf("name %q", l.Name)
			}
		},
		"a torrent without a name of its own has none after its infohash was corrected": func(t *testing.T, l *life) {
			l.accept()
			if err := l.CorrectHashString(sintelHex, l.now()); err != nil {
				t.Fatal(err)
			}
			l.report(func(*domain.Transfer) {})
			if l.Name != "Big Buck Bunny" {
				t.Errorf("name %q", l.Name)
			}
		},
		"a torrent without a name that is given an infohash has none still": func(t *testing.T, l *life) {
			if err := l.CorrectHashString("claimed", l.now()); err != nil || l.Name != "" {
				t.Errorf("name %q, error %v", l.Name, err)
			}
			l.accept()
			l.report(func(*domain.Transfer) {})
			if l.Name != "Big Buck Bunny" {
				t.Errorf("name %q", l.Name)
			}
		},
		"a removed torrent lets its client go of it, once": func(t *testing.T, l *life) {
			l.accept()
			l.TakeEvents()
			at := l.now()
			l.Remove(true, at)
			l.Remove(false, l.now())
			l.is(t, domain.StatusDownloading, "REMOVED")
			if gone := l.lets(t, 1)[0]; !gone.DeleteData || gone.CreatedAt != domain.Instant(at) {
				t.Errorf("removal %+v", gone)
			}
			if *l.DeletedAt != domain.Instant(at) || l.Open() {
				t.Errorf("removed at %v", l.DeletedAt)
			}
		},
	} {
		t.Run(fact, func(t *testing.T) {
			t.Parallel()
			live(t, begin(t))
		})
	}
}

func TestCompleteRefusesImpossibleDates(t *testing.T) {
	t.Parallel()
	for _, at := range []time.Time{{}, time.Date(1969, 12, 31, 23, 59, 59, 0, time.UTC), time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC)} {
		torrent := begin(t)
		torrent.TakeEvents()
		err := torrent.Complete(at, noon)
		if domain.KindOf(err) != domain.KindInvalid || torrent.CompletedAt != nil || len(torrent.TakeEvents()) != 0 {
			t.Errorf("%s: %v", at, err)
		}
	}
}

func TestTheClientsInfohashCannotBeOverwritten(t *testing.T) {
	t.Parallel()
	torrent := begin(t)
	torrent.Accept(domain.Server{ID: torrent.ServerID}, torrent.InfoHash(), torrent.InfoHash(), noon)
	if err := torrent.CorrectHashString("lies", noon); err != nil || torrent.HashString != torrent.InfoHash().String() {
		t.Errorf("hash %q, %v", torrent.HashString, err)
	}
}
