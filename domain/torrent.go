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
	// MissingSince is since when the client's reports lack it; nil if they do not.
	MissingSince *time.Time
	// Problem is trouble that stands beside the status; nil if there is none.
	Problem *Problem

	events   []Event
	removals []Removal
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
		MagnetURI: magnet, CreatedAt: now, UpdatedAt: now,
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

func (t *Torrent) complete(at, now time.Time) {
	t.CompletedAt = &at
	t.clearProblem(now)
	t.record(EventCompleted, now)
}

// Complete sets by hand when t completed. Completing what is complete only
// corrects the time.
func (t *Torrent) Complete(at, now time.Time) {
	at, now = Instant(at), Instant(now)
	switch {
	case t.Removed():
	case t.CompletedAt == nil:
		t.MissingSince = nil
		t.complete(at, now)
	case !t.CompletedAt.Equal(at):
		t.CompletedAt = &at
		t.record(EventChanged, now)
	}
}

// Reopen takes back the completion by hand: t is handed over again, in case its
// client let go of it, and completes again.
func (t *Torrent) Reopen(now time.Time) {
	if t.Removed() || t.CompletedAt == nil {
		return
	}
	t.CompletedAt, t.AcceptedAt, t.MissingSince = nil, nil, nil
	t.record(EventMarkedIncomplete, Instant(now))
}

// MarkIncomplete puts t back to the start of its life line: it is handed over
// again, and completes again. Repeating it is harmless.
func (t *Torrent) MarkIncomplete(now time.Time) {
	if t.Removed() {
		return
	}
	now = Instant(now)
	t.CompletedAt = nil
	t.requeue(now)
	t.record(EventMarkedIncomplete, now)
}

func (t *Torrent) requeue(now time.Time) {
	if t.unnamed() {
		t.Name = "" // not the infohash of what was before
	}
	t.AcceptedAt, t.MissingSince, t.HashString = nil, nil, ""
	t.clearProblem(now)
}

// Rename changes the name; "" means none.
func (t *Torrent) Rename(name string, now time.Time) error {
	if t.Removed() {
		return nil
	}
	before := t.Name
	if err := t.setName(name); err != nil {
		return err
	}
	if t.Name != before {
		t.record(EventChanged, Instant(now))
	}
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

// unnamed reports whether t has no name of its own yet.
func (t *Torrent) unnamed() bool { return t.Name == "" || t.Name == t.HashString }

// ClaimHashString keeps an infohash that its adder claims for a new torrent. It
// is shown and believed for nothing: the client's own report replaces it.
func (t *Torrent) ClaimHashString(hash string) error {
	hash = CleanText(hash)
	if err := checkLength("hashString", hash); err != nil {
		return err
	}
	t.HashString = hash
	return nil
}

// CorrectHashString is ClaimHashString for a torrent that lives already.
func (t *Torrent) CorrectHashString(hash string, now time.Time) error {
	if t.Removed() {
		return nil
	}
	before, placeholder := t.HashString, t.Name != "" && t.unnamed()
	if err := t.ClaimHashString(hash); err != nil {
		return err
	}
	if t.HashString != before {
		if placeholder {
			t.Name = t.HashString
		}
		t.record(EventChanged, Instant(now))
	}
	return nil
}

// AssignUser changes whose t is; nil makes it nobody's.
func (t *Torrent) AssignUser(user *uuid.UUID, now time.Time) {
	if t.Removed() || (t.UserID == nil) == (user == nil) && (user == nil || *t.UserID == *user) {
		return
	}
	t.UserID = user
	t.record(EventChanged, Instant(now))
}

// AssignServer moves t: an open torrent is handed to server, and the old one is
// to let go of it, its data kept.
func (t *Torrent) AssignServer(server Server, now time.Time) {
	if t.Removed() || t.ServerID == server.ID {
		return
	}
	now = Instant(now)
	t.removals = append(t.removals, newRemoval(t.ServerID, t.InfoHash(), false, now))
	t.ServerID, t.LocalNode = server.ID, server.LocalNode
	if t.CompletedAt == nil {
		t.requeue(now)
	}
	t.record(EventChanged, now)
}

// ReplaceMagnet changes what is wanted. The same content under other trackers
// only changes the text; other content starts anew.
func (t *Torrent) ReplaceMagnet(magnet Magnet, now time.Time) {
	if t.Removed() || magnet.String() == t.MagnetURI.String() {
		return
	}
	now = Instant(now)
	if magnet.InfoHash() != t.InfoHash() {
		t.removals = append(t.removals, newRemoval(t.ServerID, t.InfoHash(), false, now))
		t.CompletedAt = nil
		t.requeue(now)
	}
	t.MagnetURI = magnet
	t.record(EventChanged, now)
}

// Remove ends t. Its client is to let go of it, with the data if deleteData.
func (t *Torrent) Remove(deleteData bool, now time.Time) {
	if t.Removed() {
		return
	}
	now = Instant(now)
	t.DeletedAt = &now
	t.removals = append(t.removals, newRemoval(t.ServerID, t.InfoHash(), deleteData, now))
	t.record(EventRemoved, now)
}

func newRemoval(server uuid.UUID, hash InfoHash, deleteData bool, now time.Time) Removal {
	return Removal{ID: uuid.New(), ServerID: server, InfoHash: hash, DeleteData: deleteData, CreatedAt: now}
}
