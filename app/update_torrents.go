package app

import (
	"context"
	"errors"
	"time"

	"github.com/google/uuid"

	"github.com/clarion-app/download-manager/domain"
)

// UpdateTorrents says what of many torrents to change: what makes sense for many of
// UpdateTorrent.
type UpdateTorrents struct {
	ServerID    Optional[uuid.UUID]
	UserID      Optional[*uuid.UUID]
	CompletedAt Optional[*time.Time]
	// Wishes are how they are to be treated.
	Wishes domain.Wishes
}

// UpdateAll is Update for many. It returns what came of each. What is wrong with the
// change itself is the one error, and nothing is changed; KindNotFound is the result
// of a torrent that the actor may not see. A dry run finds the same and changes
// nothing.
func (a *Torrents) UpdateAll(ctx context.Context, actor domain.Actor, selection SelectTorrents, input UpdateTorrents, dryRun bool) ([]ChangedTorrent, error) {
	var server *domain.Server
	var serverErr, userErr, completedErr error
	if input.ServerID.Set {
		server, serverErr = a.server(ctx, input.ServerID.Value)
	}
	if input.UserID.Set {
		userErr = mayGive(actor, input.UserID.Value)
	}
	if at := input.CompletedAt.Value; at != nil {
		completedErr = domain.CheckCompletedAt(*at)
	}
	wishing, wishingErr := a.wishing(ctx, input.Wishes)
	if err := errors.Join(selection.check(), serverErr, userErr, completedErr, input.Wishes.Check(), wishingErr); err != nil {
		return nil, err
	}
	change := UpdateTorrent{UserID: input.UserID, CompletedAt: input.CompletedAt, Wishes: input.Wishes}
	return a.changeSelected(ctx, selection, &changes{actor: actor, dryRun: dryRun, transition: func(t *domain.Torrent) error {
		return change.apply(t, domain.Magnet{}, server, wishing, a.Now())
	}})
}
