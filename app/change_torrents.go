package app

import (
	"context"
	"maps"
	"slices"

	"github.com/google/uuid"

	"github.com/clarion-app/download-manager/domain"
)

// ChangedTorrent is what came of one of many torrents that were to be changed.
type ChangedTorrent struct {
	ID uuid.UUID
	// Torrent is as it is now, or would be after a dry run; nil with an Err.
	Torrent *domain.Torrent
	Err     error
}

// changes is one transition of many torrents.
type changes struct {
	actor      domain.Actor
	transition func(*domain.Torrent) error
	// matches looks again, in the transaction, whether a torrent is meant; nil when it
	// was named.
	matches func(*domain.Torrent) bool
	// removedToo: the transition may be repeated on torrents that are removed.
	removedToo bool
	// dryRun: everything is done but saved.
	dryRun bool

	// outcomes has those that were found; one that no longer matches is nil.
	outcomes map[uuid.UUID]*outcome
	// opened are the servers that torrents were newly put on or reopened on, and that
	// must be live for that; gone are those that are known not to be.
	opened, gone map[uuid.UUID]bool
}

type outcome struct {
	torrent *domain.Torrent
	err     error
	// before is the server that it was on.
	before uuid.UUID
}

// changeAll changes those of ids that the actor may use, each by itself: what fails
// for one does not hinder the others. It nudges each server that is concerned once,
// and returns a result for each id, in their order; ids must not repeat.
func (a *Torrents) changeAll(ctx context.Context, ids []uuid.UUID, c *changes) []ChangedTorrent {
	c.outcomes, c.gone = make(map[uuid.UUID]*outcome, len(ids)), map[uuid.UUID]bool{}
	for batch := range batches(ids, changeBatch) {
		if err := a.changeTogether(ctx, batch, c); err != nil {
			for _, id := range batch {
				c.outcomes[id] = &outcome{err: err}
			}
		}
	}
	if !c.dryRun {
		a.nudgeChanged(c)
	}
	results := make([]ChangedTorrent, 0, len(ids))
	for _, id := range ids {
		switch o, found := c.outcomes[id]; {
		case !found:
			results = append(results, ChangedTorrent{ID: id, Err: errNoTorrent(id)})
		case o != nil:
			results = append(results, ChangedTorrent{ID: id, Torrent: o.torrent, Err: o.err})
		}
	}
	return results
}

// changeTogether is one transaction, and another one whenever it turns out that a server
// which a torrent would be opened on is gone.
func (a *Torrents) changeTogether(ctx context.Context, ids []uuid.UUID, c *changes) error {
	for {
		for _, id := range ids {
			delete(c.outcomes, id)
		}
		c.opened = map[uuid.UUID]bool{}
		changed, err := a.Repository.Update(ctx, ids, nil, c.change)
		if err == nil && c.dryRun || err != nil && domain.KindOf(err) == domain.KindInvalid {
			if more, err := a.findGone(ctx, c); err != nil {
				return err
			} else if more {
				continue
			}
		}
		if err == nil && !c.dryRun {
			for _, t := range changed { // as saved
				if o := c.outcomes[t.ID]; o != nil && o.err == nil {
					o.torrent = t
				}
			}
		}
		return err
	}
}

// change is what the repository calls for each torrent.
func (c *changes) change(t *domain.Torrent) error {
	if !c.actor.MayUse(t.UserID) || t.Removed() && !c.removedToo {
		return nil // as if it were not there
	}
	if c.matches != nil && (t.Removed() || !c.matches(t)) {
		c.outcomes[t.ID] = nil
		return nil
	}
	changed, o := *t, &outcome{before: t.ServerID}
	c.outcomes[t.ID] = o
	if o.err = c.try(t, &changed); o.err == nil {
		o.torrent = &changed
		if !c.dryRun {
			*t = changed
		}
	}
	return nil
}

// try makes the transition of a copy, so that one that fails half way leaves no trace.
func (c *changes) try(t, changed *domain.Torrent) error {
	if err := c.transition(changed); err != nil {
		return err
	}
	if changed.Open() && (!t.Open() || changed.ServerID != t.ServerID) {
		if c.gone[changed.ServerID] {
			return errNoServer(changed.ServerID)
		}
		c.opened[changed.ServerID] = true
	}
	return nil
}

// findGone adds to c.gone those of c.opened that are, and reports whether there were
// any.
func (a *Torrents) findGone(ctx context.Context, c *changes) (bool, error) {
	if len(c.opened) == 0 {
		return false, nil
	}
	live, err := a.Servers.Find(ctx, domain.ServerFilter{IDs: slices.Collect(maps.Keys(c.opened))})
	for _, s := range live {
		delete(c.opened, s.ID)
	}
	maps.Copy(c.gone, c.opened)
	return len(c.opened) > 0, err
}

// nudgeChanged nudges the servers that changed torrents were on and are on.
func (a *Torrents) nudgeChanged(c *changes) {
	servers := map[uuid.UUID]bool{}
	for _, o := range c.outcomes {
		if o == nil || o.err != nil {
			continue
		}
		servers[o.before], servers[o.torrent.ServerID] = true, true
		if o.torrent.ServerID != o.before && o.torrent.Open() {
			a.loads.moved(o.before, o.torrent.ServerID)
		}
	}
	for id := range servers {
		a.Nudge(id)
	}
}
