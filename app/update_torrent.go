package app

import (
	"context"
	"errors"
	"time"

	"github.com/google/uuid"

	"github.com/clarion-app/download-manager/domain"
)

// UpdateTorrent says what of a torrent to change.
type UpdateTorrent struct {
	MagnetURI Optional[string]
	ServerID  Optional[uuid.UUID]
	// UserID gives the torrent to another user, or to nobody; only an
	// administrator may.
	UserID Optional[*uuid.UUID]
	// Name "" takes the name away.
	Name       Optional[string]
	HashString Optional[string]
	// CompletedAt completes the torrent by hand, or (nil) takes its completion
	// back.
	CompletedAt Optional[*time.Time]
	// Wishes are how it is to be treated; Name counts, not theirs.
	Wishes domain.Wishes
}

// wishes are all that its client may have to be told of.
func (input UpdateTorrent) wishes() domain.Wishes {
	wishes := input.Wishes
	wishes.Name = input.Name
	return wishes
}

// Update changes a torrent, all or nothing. An open torrent whose server changes
// is handed to the new one and taken from the old. KindInvalid names the fields
// at fault; KindNotFound as Get.
func (a *Torrents) Update(ctx context.Context, actor domain.Actor, id uuid.UUID, input UpdateTorrent) (*domain.Torrent, error) {
	present, err := a.Get(ctx, actor, id)
	if err != nil {
		return nil, err
	}
	var magnet domain.Magnet
	var magnetErr, serverErr, userErr error
	if input.MagnetURI.Set && input.MagnetURI.Value != present.MagnetURI.String() {
		magnet, magnetErr = domain.ParseMagnet(input.MagnetURI.Value)
	}
	var server *domain.Server
	if input.ServerID.Set && input.ServerID.Value != present.ServerID {
		server, serverErr = a.server(ctx, input.ServerID.Value)
	}
	if input.UserID.Set {
		userErr = mayGive(actor, input.UserID.Value)
	}
	wishing, wishingErr := a.wishing(ctx, input.wishes())
	if err := errors.Join(magnetErr, serverErr, userErr, input.wishes().Check(), wishingErr); err != nil {
		return nil, err
	}
	return a.change(ctx, actor, id, func(t *domain.Torrent) error {
		return input.apply(t, magnet, server, wishing, a.Now())
	})
}

func (a *Torrents) server(ctx context.Context, id uuid.UUID) (*domain.Server, error) {
	server, err := a.Servers.Get(ctx, id)
	if domain.KindOf(err) == domain.KindNotFound {
		return nil, errNoServer(id)
	}
	return server, err
}

func mayGive(actor domain.Actor, user *uuid.UUID) error {
	if actor.IsAdministrator() || actor.MayUse(user) {
		return nil
	}
	return domain.Forbidden("only an administrator may give a torrent to another user")
}

// apply makes the changes in the order in which they depend on one another:
// what requeues a torrent, and what it is called, go before what is said of its
// completion.
func (input UpdateTorrent) apply(t *domain.Torrent, magnet domain.Magnet, server *domain.Server, wishing wishing, now time.Time) error {
	if !magnet.IsZero() {
		t.ReplaceMagnet(magnet, now)
	}
	if server != nil {
		t.AssignServer(*server, now)
	}
	if input.UserID.Set {
		t.AssignUser(input.UserID.Value, now)
	}
	if err := wishing.wish(t, input.wishes(), now); err != nil {
		return err
	}
	if input.HashString.Set {
		if err := t.CorrectHashString(input.HashString.Value, now); err != nil {
			return err
		}
	}
	if input.CompletedAt.Set {
		if at := input.CompletedAt.Value; at != nil {
			return t.Complete(*at, now)
		}
		t.Reopen(now)
	}
	return nil
}
