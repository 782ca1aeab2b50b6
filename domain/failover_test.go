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
	t.Run("it goes only to a server that can do what it wishes", func(t *testing.T) {
		t.Parallel()
		stop, limit := domain.OnCompleteStop, int64(9)
		for name, test := range map[string]struct {
			wish  func(*domain.Torrent)
			needs domain.Capability // "" is nothing
		}{
			"nothing": {func(*domain.Torrent) {}, ""},
			"a name":  {func(t *domain.Torrent) { t.Name, t.Renamed, t.Label = "x", true, "films" }, ""},
			"to be removed": {func(t *domain.Torrent) {
				t.OnComplete = new(domain.OnComplete)
				*t.OnComplete = domain.OnCompleteRemove
			}, ""},
			"a folder":       {func(t *domain.Torrent) { t.Folder = "/films/x" }, domain.CapabilityFolder},
			"a pause":        {func(t *domain.Torrent) { t.Paused = true }, domain.CapabilityPause},
			"a priority":     {func(t *domain.Torrent) { t.Priority = domain.PriorityLow }, domain.CapabilityPriority},
			"a limit":        {func(t *domain.Torrent) { t.DownloadLimit = &limit }, domain.CapabilitySpeedLimits},
			"another limit":  {func(t *domain.Torrent) { t.UploadLimit = &limit }, domain.CapabilitySpeedLimits},
			"some files":     {func(t *domain.Torrent) { t.Unwanted = []int{0, 2} }, domain.CapabilityFileSelection},
			"to be stopped":  {func(t *domain.Torrent) { t.OnComplete = &stop }, domain.CapabilityPause},
			"no folder here": {func(t *domain.Torrent) { t.Folder = "/elsewhere" }, "never"},
		} {
			l := begin(t)
			test.wish(l.Torrent)
			server := l.server
			server.Folders = []string{"/films"}
			all := func(domain.ClientType) domain.Capabilities { return domain.AllCapabilities() }
			if got := l.SuitedTo(server, all); got != (test.needs != "never") {
				t.Errorf("%s: %v where all can be done", name, got)
			}
			less := func(domain.ClientType) domain.Capabilities { return domain.AllCapabilities().Without(test.needs) }
			if got := l.SuitedTo(server, less); got != (test.needs == "") {
				t.Errorf("%s: %v without %s", name, got, test.needs)
			}
			if none := func(domain.ClientType) domain.Capabilities { return nil }; test.needs == "" && !l.SuitedTo(server, none) {
				t.Errorf("%s needs nothing", name)
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
