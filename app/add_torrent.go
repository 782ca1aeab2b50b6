package app

import (
	"context"
	"errors"
	"time"

	"github.com/google/uuid"

	"github.com/clarion-app/download-manager/domain"
)

// AddTorrent says what to download: one of MagnetURI, File and URL.
type AddTorrent struct {
	MagnetURI string
	// File is the content of a .torrent file; nil for none.
	File []byte
	// URL is where a .torrent file or a magnet link is to be had, over HTTP.
	URL string
	// ServerID is the server to use; nil for one of this node, by the Placement.
	ServerID *uuid.UUID
	// IfHeldElsewhere says what to do when another server of this node has the content
	// already, whoever wants it there: "" joins it unless a server is named.
	IfHeldElsewhere domain.IfHeldElsewhere
	// Name is used when the magnet or the file brings none.
	Name string
	// HashString is an infohash that the adder claims; it is shown until the
	// client reports the real one.
	HashString string
	// IdempotencyKey makes it safe to ask again: nil for none. The same key of the
	// same user is the same torrent, for ever.
	IdempotencyKey *string
	// Paused, and what follows, is how it is to be treated from the beginning, as
	// domain.Wishes has it; nil and "" wish nothing.
	Paused                     bool
	Label, Folder              string
	Priority                   domain.Priority
	DownloadLimit, UploadLimit *int64
	Unwanted                   []int
	OnComplete                 *domain.OnComplete
	SeedRatio                  *float64
	SeedTime                   *time.Duration

	// made is what it is made of, once that was found out.
	made source
}

func (input AddTorrent) wishes() domain.Wishes {
	return domain.Wishes{
		Paused: wanted(input.Paused), Label: wanted(input.Label), Folder: wanted(input.Folder), Priority: wanted(input.Priority),
		DownloadLimit: given(input.DownloadLimit), UploadLimit: given(input.UploadLimit),
		Unwanted:   Optional[[]int]{Set: len(input.Unwanted) > 0, Value: input.Unwanted},
		OnComplete: wanted(input.OnComplete), SeedRatio: wanted(input.SeedRatio), SeedTime: wanted(input.SeedTime),
	}
}

// Add stores a torrent and answers at once; the check that it triggers hands it
// over. Under a key that the actor has used before it stores nothing and returns
// the torrent of that time as it is now, or as it was last if it has been removed;
// KindConflict names what was asked for differently then. KindInvalid names each
// field at fault. A URL is asked before anything is stored, which may take as long as
// the fetcher allows; KindUnavailable, field "url", when it does not answer.
func (a *Torrents) Add(ctx context.Context, actor domain.Actor, input AddTorrent) (*domain.Torrent, error) {
	added := a.addAll(ctx, actor, []AddTorrent{input}, false)[0]
	return added.Torrent, added.Err
}

// build makes the torrent that is asked for, on a server that is picked for it.
func (a *Torrents) build(actor domain.Actor, input AddTorrent, picker *serverPicker) (torrent *domain.Torrent, err error) {
	magnet, magnetErr := input.content()
	if err := errors.Join(magnetErr, picker.check(input), input.wishes().Check()); err != nil {
		return nil, err
	}
	now := a.Now()
	server, err := picker.pick(input, magnet, now)
	if err != nil {
		return nil, err
	}
	defer func() {
		if err != nil { // it was counted too early
			a.loads.forget(server.ID, magnet.InfoHash())
		}
	}()
	torrent, err = domain.NewTorrent(magnet, input.Name, *server, actor.Owner(), now)
	if err != nil {
		return nil, err
	}
	if wishes := input.wishes(); !wishes.IsZero() {
		if err := torrent.BeginWith(wishes, *server, a.Capabilities(server.Type)); err != nil {
			return nil, err
		}
	}
	if err := torrent.ClaimHashString(input.HashString); err != nil {
		return nil, err
	}
	if metainfo := input.made.metainfo; !metainfo.IsZero() {
		if err := torrent.CarryMetainfo(metainfo); err != nil {
			return nil, err
		}
	}
	if key := input.IdempotencyKey; key != nil {
		if err := torrent.ClaimKey(*key, input.source()); err != nil {
			return nil, err
		}
		if input.ServerID != nil {
			torrent.Key().ServerID = *input.ServerID
		}
	}
	return torrent, nil
}

// content names what is to be downloaded. It was found out before.
func (input AddTorrent) content() (domain.Magnet, error) { return input.made.magnet, input.made.err }

// known returns which of the torrents that are had under keys is the input's, or why
// it cannot be had; used is false when the input has no key, or a new one.
func (input AddTorrent) known(actor domain.Actor, keyed map[string]domain.KeyedTorrent) (known *domain.Torrent, used bool, err error) {
	if input.IdempotencyKey == nil {
		return nil, false, nil
	}
	first, used := keyed[*input.IdempotencyKey]
	if !used {
		return nil, false, nil
	}
	if err := first.Repeats(input.source(), input.ServerID); err != nil {
		return nil, true, err
	}
	if !actor.MayUse(first.Torrent.UserID) { // it was given to somebody else
		return nil, true, domain.KeyTaken()
	}
	return first.Torrent, true, nil
}
