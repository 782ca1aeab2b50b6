package domain_test

import (
	"testing"
	"time"

	"github.com/clarion-app/download-manager/domain"
)

func TestFailover(t *testing.T) {
	t.Parallel()
	t.Run("it is due when the server has been away for so long", func(t *testing.T) {
		t.Parallel()
		server := newServer(t)
		if server.TakesOver() || server.FailoverDue(time.Second, noon.Add(time.Hour)) {
			t.Error("a server that was never seen is neither away nor to be trusted")
		}
		server.Failed("gone", noon)
		server.Failed("gone", noon.Add(time.Minute))
		for patience, due := range map[time.Duration]bool{0: false, time.Second: true, time.Minute: true, 61 * time.Second: false} {
			if server.FailoverDue(patience, domain.Instant(noon).Add(time.Minute)) != due {
				t.Errorf("after %v: %v", patience, !due)
			}
		}
		server.Seen(noon.Add(time.Hour), noon.Add(time.Hour))
		if server.FailoverDue(time.Second, noon.Add(2*time.Hour)) || !server.TakesOver() {
			t.Error("a server that came back is not trusted")
		}
	})
	t.Run("what has begun never moves, whatever was said of it since", func(t *testing.T) {
		t.Parallel()
		other := *newServer(t)
		for fact, done := range map[string]func(l *life){
			"accepted":  func(*life) {},
			"put back":  func(l *life) { l.MarkIncomplete(l.now()) },
			"completed": func(l *life) { _ = l.Complete(l.now(), l.now()) },
			"reopened":  func(l *life) { _ = l.Complete(l.now(), l.now()); l.Reopen(l.now()) },
			"with more peers": func(l *life) {
				l.MarkIncomplete(l.now())
				l.ReplaceMagnet(magnet(t, l.MagnetURI.String()+"&tr=http://x"), l.now())
			},
			"removed, accepted": func(l *life) { l.Remove(false, l.now()) },
		} {
			l := begin(t)
			l.accept()
			done(l)
			if l.CanFailOver(l.server) || l.FailOver(l.server, other, l.now()) {
				t.Errorf("%s: it moved", fact)
			}
		}
	})
	t.Run("what waits moves once, and its old server is to let go of it", func(t *testing.T) {
		t.Parallel()
		l, other := begin(t), *newServer(t)
		l.Refuse(l.server, l.InfoHash(), "no", l.now())
		l.TakeEvents()
		if !l.FailOver(l.server, other, l.now()) || l.ServerID != other.ID || l.Problem != nil {
			t.Errorf("%+v", l.Torrent)
		}
		removals, events := l.TakeRemovals(), l.TakeEvents()
		if len(removals) != 1 || removals[0].ServerID != l.server.ID || removals[0].InfoHash != l.InfoHash() || removals[0].DeleteData {
			t.Errorf("removals %+v", removals)
		}
		if last := events[len(events)-1]; last.Type != domain.EventChanged || last.ServerID != other.ID {
			t.Errorf("events %+v", events)
		}
		if l.FailOver(l.server, other, l.now()) || l.FailOver(other, other, l.now()) {
			t.Error("it moved again")
		}
		l.Accept(other, l.InfoHash(), l.InfoHash(), l.now())
		l.AssignServer(l.server, l.now())
		if !l.CanFailOver(l.server) {
			t.Error("what was moved by hand has not begun there")
		}
	})
}
