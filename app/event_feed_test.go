package app_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/clarion-app/download-manager/domain"
	"github.com/clarion-app/download-manager/internal/testkit/wait"
	"github.com/clarion-app/download-manager/ports"
)

// troubledLog is a log that can fail, and counts how often it is read.
type troubledLog struct {
	ports.EventLog
	reads   atomic.Int64
	trouble atomic.Pointer[error]
}

func (l *troubledLog) After(ctx context.Context, query ports.EventQuery) ([]domain.Event, error) {
	l.reads.Add(1)
	if err := l.trouble.Load(); err != nil {
		return nil, *err
	}
	return l.EventLog.After(ctx, query)
}

func (l *troubledLog) fail(err error) { l.trouble.Store(&err) }
func (l *troubledLog) mend()          { l.trouble.Store(nil) }

// trouble puts a troubledLog between the use cases and the store.
func (h *house) trouble() *troubledLog {
	log := &troubledLog{EventLog: h.store.EventLog()}
	h.events.EventLog = log
	return log
}

// rename makes n events, and returns the number of the last.
func (h *house) rename(t *testing.T, torrent *domain.Torrent, n int) {
	t.Helper()
	for range n {
		_, err := h.store.Torrents().Update(t.Context(), []uuid.UUID{torrent.ID}, nil, func(torrent *domain.Torrent) error {
			return torrent.Rename(uuid.NewString(), time.Now())
		})
		if err != nil {
			t.Error(err)
		}
	}
}

// follow reads events until one has the cursor last, and fails where one is told
// twice, left out or out of order. It returns how many there were.
func follow(events <-chan domain.Event, after, last domain.Cursor) error {
	for want := after + 1; want <= last; want++ { // the memory's cursors have no gaps
		select {
		case event, open := <-events:
			if !open || event.Cursor != want {
				return fmt.Errorf("got %d (open: %v), want %d", event.Cursor, open, want)
			}
		case <-time.After(20 * time.Second):
			return fmt.Errorf("no event %d within 20 s", want)
		}
	}
	return nil
}

func (h *house) newest(t *testing.T) domain.Cursor {
	t.Helper()
	newest, err := h.store.EventLog().Newest(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return newest
}

// everything follows all events.
func (h *house) everything(ctx context.Context, t *testing.T, after *domain.Cursor) <-chan domain.Event {
	t.Helper()
	events, err := h.events.Watch(ctx, admin, after, domain.EventFilter{})
	if err != nil {
		t.Error(err)
	}
	return events
}

func TestWatchersMissAndRepeatNothingWhileTheLogGrows(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	torrent := h.add(t, admin(), 1, h.server(t, "a"))
	const writers, changes, watchers, turns = 4, 400, 8, 12
	last := h.newest(t) + writers*changes
	var group sync.WaitGroup
	for range writers {
		group.Go(func() { h.rename(t, torrent, changes) })
	}
	for i := range watchers {
		group.Go(func() {
			var seen domain.Cursor
			for turn := range turns { // comes and goes, and goes on where it was
				ctx, cancel := context.WithCancel(t.Context())
				goal := min(seen+domain.Cursor(1+(i*turn)%150), last)
				if turn == turns-1 {
					goal = last
				}
				if err := follow(h.everything(ctx, t, &seen), seen, goal); err != nil {
					t.Errorf("watcher %d, turn %d: %v", i, turn, err)
				}
				seen = goal
				cancel()
			}
		})
	}
	group.Wait()
	wait.Until(t, 10*time.Second, "nobody reads any more", func() bool { return h.events.Watchers() == 0 })
}

func TestAWatcherFromNowOnHearsAllThatComes(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	torrent := h.add(t, admin(), 1, h.server(t, "a"))
	var writers, watchers sync.WaitGroup
	stop := make(chan struct{})
	for range 4 {
		writers.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
					h.rename(t, torrent, 10)
				}
			}
		})
	}
	for range 8 {
		watchers.Go(func() {
			events := h.everything(t.Context(), t, nil)
			first := next(t, events).Cursor
			if err := follow(events, first, first+50); err != nil {
				t.Error(err)
			}
		})
	}
	watchers.Wait()
	close(stop)
	writers.Wait()
}

func TestOneReadingServesAllWatchers(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.events.Poll = time.Hour
	log := h.trouble()
	torrent := h.add(t, admin(), 1, h.server(t, "a"))
	var all []<-chan domain.Event
	for range 500 {
		all = append(all, h.everything(t.Context(), t, nil))
	}
	wait.Until(t, 10*time.Second, "the reader waits", func() bool { return log.reads.Load() == 1 })
	h.rename(t, torrent, 1)
	for _, events := range all {
		next(t, events)
	}
	if n := log.reads.Load(); n > 3 {
		t.Errorf("%d readings of the log", n)
	}
	if n := h.events.Replaying(); n != 0 {
		t.Errorf("%d watchers are not live", n)
	}
}

func TestASlowWatcherGoesBackToTheLog(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	log := h.trouble()
	torrent := h.add(t, admin(), 1, h.server(t, "a"))
	slow, quick := h.everything(t.Context(), t, nil), h.everything(t.Context(), t, nil)
	begin := h.newest(t)
	h.rename(t, torrent, 5000) // more than anybody keeps in memory
	last := h.newest(t)
	if err := follow(quick, begin, last); err != nil {
		t.Fatal("the quick one:", err)
	}
	read := log.reads.Load()
	if err := follow(slow, begin, last); err != nil {
		t.Fatal("the slow one:", err)
	}
	if log.reads.Load() == read {
		t.Error("it did not go back to the log")
	}
	wait.Until(t, 10*time.Second, "all are live again", func() bool { return h.events.Replaying() == 0 })
	h.rename(t, torrent, 1)
	if err := follow(slow, last, last+1); err != nil {
		t.Fatal(err)
	}
}

func TestAStoreThatFailsLosesNoEvent(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	log := h.trouble()
	torrent := h.add(t, admin(), 1, h.server(t, "a"))
	begin := h.newest(t)
	events := h.everything(t.Context(), t, nil)
	log.fail(errors.New("disk I/O error"))
	if _, err := h.events.Watch(t.Context(), admin, new(domain.Cursor), domain.EventFilter{}); err == nil {
		t.Error("a replay from a log that cannot be read has begun")
	}
	h.rename(t, torrent, 50)
	before := log.reads.Load()
	wait.Until(t, 10*time.Second, "the log was tried again", func() bool { return log.reads.Load() > before+1 })
	log.mend()
	if err := follow(events, begin, begin+50); err != nil {
		t.Fatal(err)
	}
}

func TestAFeedThatFellBehindWhatIsKeptEndsItsWatchers(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	log := h.trouble()
	torrent := h.add(t, admin(), 1, h.server(t, "a"))
	begin := h.newest(t)
	events := h.everything(t.Context(), t, nil)
	log.fail(errors.New("disk I/O error"))
	h.rename(t, torrent, 50)
	if _, err := h.events.Prune(t.Context(), time.Now().Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	log.mend()
	if event, open := <-events; open {
		t.Fatalf("told of %+v", event)
	}
	_, err := h.events.Watch(t.Context(), admin, &begin, domain.EventFilter{})
	wantKind(t, err, domain.KindCursorExpired, "after")
	oldest := domain.Errors(err)[0].Oldest
	if err := follow(h.everything(t.Context(), t, &oldest), oldest, h.newest(t)); err != nil {
		t.Fatal(err)
	}
}

func TestEachEventIsJudgedByWhoIsListeningThen(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	me, other := member(uuid.New()), member(uuid.New())
	var now atomic.Pointer[domain.Actor]
	now.Store(&me)
	s := h.server(t, "a")
	mine, theirs := h.add(t, me, 1, s), h.add(t, other, 2, s)
	events, err := h.events.Watch(t.Context(), func() domain.Actor { return *now.Load() }, nil, domain.EventFilter{})
	if err != nil {
		t.Fatal(err)
	}
	wantID := func(id uuid.UUID) {
		t.Helper()
		if event := next(t, events); event.TorrentID != id {
			t.Fatalf("told of %+v", event)
		}
	}
	h.rename(t, theirs, 1)
	h.rename(t, mine, 1)
	wantID(mine.ID)
	boss := me
	boss.Role = domain.RoleAdministrator
	now.Store(&boss)
	h.rename(t, theirs, 1)
	wantID(theirs.ID)
	now.Store(&me)
	// Given away, it is the other's from that event on.
	_, err = h.store.Torrents().Update(t.Context(), []uuid.UUID{mine.ID}, nil, func(torrent *domain.Torrent) error {
		torrent.AssignUser(&other.UserID, time.Now())
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	h.rename(t, mine, 1)
	last := h.add(t, me, 3, s)
	wantID(last.ID)
	// A credential that has ended is found out by the next event at the latest.
	gone := me
	past := time.Now().Add(-time.Second)
	gone.ExpiresAt = &past
	now.Store(&gone)
	h.rename(t, last, 1)
	if event, open := <-events; open {
		t.Fatalf("told of %+v", event)
	}
}
