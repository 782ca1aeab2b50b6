package domain

import (
	"time"

	"github.com/google/uuid"
)

// Status is where a torrent is on its life line. It is computed, not stored.
type Status string

// The states of a torrent.
const (
	// StatusQueued: not yet taken by its server's client.
	StatusQueued Status = "QUEUED"
	// StatusDownloading: the client has it.
	StatusDownloading Status = "DOWNLOADING"
	// StatusCompleted: the client has said that all of it is there.
	StatusCompleted Status = "COMPLETED"
)

// Torrent is one user's wish that one server downloads one magnet. Its methods
// are the transitions of its life line; each records the events that tell of it.
type Torrent struct {
	ID        uuid.UUID
	LocalNode string
	ServerID  uuid.UUID
	// UserID is whose it is; nil if nobody's.
	UserID    *uuid.UUID
	MagnetURI Magnet
	// HashString is the infohash as the client reports it; "" until the client
	// has taken the torrent, unless its adder claimed one.
	HashString string
	// Name is "" until one is known.
	Name        string
	CompletedAt *time.Time
	CreatedAt   time.Time
	UpdatedAt   time.Time
	// DeletedAt is when it was removed; nil while it lives.
	DeletedAt *time.Time
	// AcceptedAt is when the client took it; nil while it waits.
	AcceptedAt *time.Time
	// Begun: the client of its server has taken its content at some time.
	Begun bool
	// MissingSince is since when the client's reports lack it; nil if they do not.
	MissingSince *time.Time
	// Problem is trouble that stands beside the status; nil if there is none.
	Problem *Problem

	// Paused: it is to be stopped.
	Paused bool
	// Renamed: its name was given by hand, and the client's own is to follow.
	Renamed bool
	// Label is what it is grouped by; "" for none.
	Label string
	// Folder is where its data goes in the client's file system; "" for wherever the
	// client puts it.
	Folder   string
	Priority Priority
	// DownloadLimit and UploadLimit are in bytes per second; nil for none of its own.
	DownloadLimit, UploadLimit *int64
	// Unwanted are the indexes of the files that are left out, in ascending order.
	Unwanted []int
	SeedingWish
	// Unapplied is what its client has not been told yet.
	Unapplied Settings
	// Seeding: it has completed, and its SeedingPolicy is still to be carried out.
	Seeding bool

	events   []Event
	removals []Removal
	key      *IdempotencyKey
	metainfo metainfoChange
}

// NewTorrent is the birth of a torrent on server, wanted by owner (nil: nobody
// in particular). The magnet's own name goes before the given one.
func NewTorrent(magnet Magnet, name string, server Server, owner *uuid.UUID, now time.Time) (*Torrent, error) {
	if magnet.IsZero() {
		return nil, Invalid("magnetURI", "is required")
	}
	now = Instant(now)
	t := &Torrent{
		ID: uuid.New(), LocalNode: server.LocalNode, ServerID: server.ID, UserID: owner,
		MagnetURI: magnet, CreatedAt: now, UpdatedAt: now, Priority: PriorityNormal,
	}
	if magnet.Name() != "" {
		name = magnet.Name()
	}
	if err := t.setName(name); err != nil {
		return nil, err
	}
	t.record(EventAdded, now)
	return t, nil
}

// ClaimHashString keeps an infohash that the adder of a new torrent, not saved
// yet, claims for it. It is shown and believed for nothing: the client's own
// report replaces it.
func (t *Torrent) ClaimHashString(hash string) error {
	if err := t.setHashString(hash); err != nil {
		return err
	}
	for i := range t.events {
		t.events[i].HashString = t.HashString // the birth is told with it
	}
	return nil
}

func (t *Torrent) setHashString(hash string) error {
	hash = CleanText(hash)
	if err := checkLength("hashString", hash); err != nil {
		return err
	}
	t.HashString = hash
	return nil
}

func (t *Torrent) setName(name string) error {
	name = CleanText(name)
	if err := checkLength("name", name); err != nil {
		return err
	}
	t.Name = name
	return nil
}

// InfoHash names the content that is wanted.
func (t *Torrent) InfoHash() InfoHash { return t.MagnetURI.InfoHash() }

// Status computes where t is on its life line.
func (t *Torrent) Status() Status {
	switch {
	case t.CompletedAt != nil:
		return StatusCompleted
	case t.AcceptedAt != nil:
		return StatusDownloading
	}
	return StatusQueued
}

// Removed reports whether t has ended. From then on no method changes it.
func (t *Torrent) Removed() bool { return t.DeletedAt != nil }

// Open reports whether t still has to be downloaded.
func (t *Torrent) Open() bool { return t.CompletedAt == nil && t.DeletedAt == nil }

// Attended reports whether a check has to look at t: it is open, or its client, which
// has all of it, is still to be told something or to reach a goal.
func (t *Torrent) Attended() bool {
	return t.Open() || t.DeletedAt == nil && t.AcceptedAt != nil && (t.Seeding || t.Unapplied != 0)
}

func (t *Torrent) complete(at, now time.Time) {
	t.CompletedAt = &at
	t.clearProblem(now)
	t.record(EventCompleted, now)
}

func (t *Torrent) requeue(now time.Time) {
	if t.unnamed() {
		t.Name = "" // not the infohash of what was before
	}
	t.HashString = ""
	t.letGo()
	t.clearProblem(now)
}

// letGo makes t one that its client is to be given anew, with all that is wished.
func (t *Torrent) letGo() {
	t.AcceptedAt, t.MissingSince, t.Seeding = nil, nil, false
	t.Unapplied = (t.Unapplied | t.wished()) &^ SettingVerify
}

// unnamed reports whether t has no name of its own yet.
func (t *Torrent) unnamed() bool { return t.Name == "" || t.Name == t.HashString }
