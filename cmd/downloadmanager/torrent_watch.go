package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/clarion-app/download-manager/domain"
)

type torrentWatchCommand struct {
	apiSettings
	Torrents []string `arg:"" optional:"" name:"torrent" help:"Ids, or infohashes; all that are not complete, and until interrupted, unless given."`
}

// Run watches.
func (c *torrentWatchCommand) Run(s *session) error {
	a := c.api()
	ids, err := findTorrents(s, a, c.Torrents)
	if err != nil {
		return err
	}
	for _, id := range ids { // the subscription would wait for what is not there
		var got struct{ Torrent struct{ ID string } }
		if err := a.ask(s.ctx, `query($id: ID!) { torrent(id: $id) { id } }`, map[string]any{"id": id}, &got); err != nil {
			return err
		}
	}
	return watch(s, a, ids)
}

// watchedChange is a message's part about one torrent.
type watchedChange struct {
	TorrentID string         `json:"torrentId"`
	Torrent   *shownTorrent  `json:"torrent"`
	Progress  *shownProgress `json:"progress"`
}

// screen shows how torrents get on.
type screen interface {
	// show shows one as it is now, and gone one that was removed.
	show(t shownTorrent)
	gone(id string)
	// close leaves what is shown where it is.
	close()
}

// errAllDone ends a watch.
var errAllDone = errors.New("all is complete")

// Coming back after a connection was cut off, as when the product is restarted.
const (
	reconnectWait = time.Second
	reconnectMost = 30
)

// watch shows torrents until all of ids are complete or removed; with none, all that
// are not complete, until interrupted.
func watch(s *session, a *api, ids []string) error {
	var view screen = newLines(s.stdout)
	if isTerminal(s.stdout) {
		view = newBars(s.ctx, s.stdout)
	}
	defer view.close()
	w := &watcher{view: view, open: map[string]bool{}, until: len(ids) > 0}
	variables := map[string]any{}
	if len(ids) > 0 {
		variables["ids"] = ids
		for _, id := range ids {
			w.open[id] = true
		}
	}
	for attempt := 0; ; attempt++ {
		err := a.follow(s.ctx, `subscription($ids: [ID!]) { progress(ids: $ids, every: 1) {
			torrentId torrent { id name hashString status problem { message } }
			progress { phase fractionDone bytesWanted bytesLeft downloadRate uploadRate eta peers } } }`, variables, func(data json.RawMessage) error {
			attempt = 0
			return w.take(data)
		})
		switch refused, _ := errors.AsType[apiError](err); {
		case errors.Is(err, errAllDone), errors.Is(s.ctx.Err(), context.Canceled):
			return nil
		case refused != (apiError{}), attempt >= reconnectMost:
			return err
		}
		select {
		case <-time.After(reconnectWait):
		case <-s.ctx.Done():
			return nil
		}
	}
}

// watcher takes messages and knows what is left to wait for.
type watcher struct {
	view  screen
	open  map[string]bool
	until bool
}

func (w *watcher) take(data json.RawMessage) error {
	var message struct{ Progress []watchedChange }
	if err := json.Unmarshal(data, &message); err != nil {
		return err
	}
	for _, change := range message.Progress {
		switch t := change.Torrent; {
		case t == nil:
			w.view.gone(change.TorrentID)
			delete(w.open, change.TorrentID)
		case w.until || t.Status != domain.StatusCompleted || w.open[t.ID]:
			t.Progress = change.Progress
			w.view.show(*t)
			w.open[t.ID] = t.Status != domain.StatusCompleted
			if !w.open[t.ID] {
				delete(w.open, t.ID)
			}
		}
	}
	if w.until && len(w.open) == 0 {
		return errAllDone
	}
	return nil
}

// lines tells of changes in lines, for what is no terminal.
type lines struct {
	out   io.Writer
	shown map[string]string
}

func newLines(out io.Writer) *lines { return &lines{out: out, shown: map[string]string{}} }

func (l *lines) show(t shownTorrent) {
	if text := state(t); l.shown[t.ID] != text {
		l.shown[t.ID] = text
		fmt.Fprintf(l.out, "%s: %s\n", t.called(), text)
	}
}

func (l *lines) gone(id string) { fmt.Fprintf(l.out, "%s: removed\n", id) }

func (l *lines) close() {}

// state is how a torrent is doing, in a few words, with whole percents.
func state(t shownTorrent) string {
	switch p := t.Progress; {
	case t.Status == domain.StatusCompleted:
		return "completed"
	case t.Problem != nil:
		return domain.CleanText(t.Problem.Message)
	case p == nil:
		return "waiting"
	case p.Phase == domain.PhaseDownloading:
		return fmt.Sprintf("%d %%", int(p.FractionDone*100))
	default:
		return phaseWords[p.Phase]
	}
}

var phaseWords = map[domain.Phase]string{
	domain.PhaseMetadata: "fetching metadata", domain.PhaseQueued: "waiting in the client", domain.PhaseChecking: "checking",
	domain.PhaseDownloading: "downloading", domain.PhaseSeeding: "seeding", domain.PhaseMoving: "moving", domain.PhaseStopped: "stopped",
}
