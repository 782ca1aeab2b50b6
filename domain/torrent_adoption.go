package domain

import (
	"time"

	"github.com/google/uuid"
)

// AdoptTorrent is the birth of a torrent that the client of server holds already,
// wanted by owner (nil: nobody in particular). What it has finished is complete from
// the beginning, which no event tells of unless tell is set; and what server does with
// the completed is not done to it. KindInvalid when nothing names the content.
func AdoptTorrent(held HeldTransfer, server Server, owner *uuid.UUID, tell bool, now time.Time) (*Torrent, error) {
	t, err := NewTorrent(held.Magnet, "", server, owner, now)
	if err != nil {
		return nil, err
	}
	if name := CleanName(held.Name); name != "" && (held.MetadataKnown || t.Name == "") {
		t.Name = name // the magnet's own may be older, and a placeholder is better than nothing
	}
	if t.Name == "" {
		t.Name = held.InfoHash.String()
	}
	t.Label = CleanName(held.Label)
	for i := range t.events {
		t.events[i].Name = t.Name
	}
	if err := t.ClaimHashString(held.InfoHash.String()); err != nil {
		return nil, err
	}
	now = t.UpdatedAt
	if at := held.AddedAt; at != nil && at.Before(now) {
		t.CreatedAt = Instant(*at)
	}
	t.AcceptedAt, t.Begun = &now, true
	t.Paused = held.Phase == PhaseStopped && held.LocalError == ""
	if !held.Finished() {
		return t, nil
	}
	at := completionTime(held.Transfer, t.CreatedAt, now)
	if tell {
		t.complete(at, now)
	} else {
		t.CompletedAt = &at
	}
	return t, nil
}
