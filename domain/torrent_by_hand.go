package domain

import (
	"time"

	"github.com/google/uuid"
)

// What people tell a torrent: the transitions that come of their wishes.

// The years that a completion may be dated to.
const firstYear, lastYear = 1970, 9999

// CheckCompletedAt returns an error of KindInvalid for a time that no download can
// have completed at, or no database can keep.
func CheckCompletedAt(at time.Time) error {
	if year := Instant(at).Year(); year < firstYear || year > lastYear {
		return Invalid("completedAt", "must be between the years %d and %d", firstYear, lastYear)
	}
	return nil
}

// Complete sets by hand when t completed. Completing what is complete only
// corrects the time. Errors are those of CheckCompletedAt.
func (t *Torrent) Complete(at, now time.Time) error {
	if err := CheckCompletedAt(at); err != nil {
		return err
	}
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
	return nil
}

// Reopen takes back the completion by hand: t is handed over again, in case its
// client let go of it, and completes again.
func (t *Torrent) Reopen(now time.Time) {
	if t.Removed() || t.CompletedAt == nil {
		return
	}
	now = Instant(now)
	t.startOver()
	t.letGo()
	t.clearProblem(now)
	t.record(EventMarkedIncomplete, now)
}

// MarkIncomplete puts t back to the start of its life line: it is handed over
// again, and completes again. Repeating it is harmless.
func (t *Torrent) MarkIncomplete(now time.Time) {
	if t.Removed() {
		return
	}
	now = Instant(now)
	t.startOver()
	t.requeue(now)
	t.record(EventMarkedIncomplete, now)
}

// startOver takes a completion back. What was paused when it had completed, by its
// SeedingPolicy or by hand, is to be downloaded again, so it goes on.
func (t *Torrent) startOver() {
	if t.CompletedAt != nil && t.Paused {
		t.Paused = false
		t.Unapplied |= SettingPaused
	}
	t.CompletedAt = nil
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
		t.Renamed = t.Name != ""
		t.record(EventChanged, Instant(now))
	}
	return nil
}

// CorrectHashString changes the infohash that is shown, as ClaimHashString does
// for a new torrent. Once the client has reported one, that one counts, and the
// correction is passed over.
func (t *Torrent) CorrectHashString(hash string, now time.Time) error {
	if t.Removed() || t.AcceptedAt != nil {
		return nil
	}
	before, placeholder := t.HashString, t.Name != "" && t.unnamed()
	if err := t.setHashString(hash); err != nil {
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
	t.ServerID, t.LocalNode, t.Begun = server.ID, server.LocalNode, false
	if !server.AllowsFolder(t.Folder) {
		t.Folder = "" // another file system
	}
	// That client knows nothing of what the old one was told.
	t.Unapplied, t.Seeding, t.MissingSince = 0, false, nil
	if t.CompletedAt == nil {
		t.requeue(now)
	} else {
		t.clearProblem(now)
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
		t.startOver()
		t.Unwanted = nil // which were files of something else
		t.Unapplied, t.Begun = 0, false
		t.requeue(now)
		t.dropMetainfo()
	}
	t.MagnetURI = magnet
	t.record(EventChanged, now)
}

// Remove ends t. Its client is to let go of it, with the data if deleteData and if
// the client has taken it: what a client may hold that was never ours, keeps its
// data.
func (t *Torrent) Remove(deleteData bool, now time.Time) {
	if t.Removed() {
		return
	}
	now = Instant(now)
	t.DeletedAt = &now
	t.removals = append(t.removals, newRemoval(t.ServerID, t.InfoHash(), deleteData && t.AcceptedAt != nil, now))
	t.dropMetainfo()
	t.record(EventRemoved, now)
}
