package domain

import (
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
)

// TorrentFilter narrows a list of torrents; a zero field does not.
type TorrentFilter struct {
	// IDs: only these; nil for all. Those that do not exist are passed over.
	IDs []uuid.UUID
	// UserID: only this user's.
	UserID *uuid.UUID
	// ServerID: only this server's.
	ServerID *uuid.UUID
	// ClientType: only those on servers of this type; "" any.
	ClientType ClientType
	// Status: only those in this state; "" any.
	Status Status
	// HasProblem: only those with (true) or without (false) a problem.
	HasProblem *bool
	// Label: only those with this label; "" those without any.
	Label *string
	// Paused: only those that are (true) or are not (false) wished to be paused.
	Paused *bool
	// NameContains: only those with this text in their name, whatever its case (as
	// Fold has it); "" any.
	NameContains string
	// InfoHash: only those whose magnet names this content; the zero InfoHash any.
	InfoHash InfoHash
	// Created and Completed: only those that were added, or completed, in this time.
	Created, Completed TimeRange
}

// IsZero reports whether f leaves every torrent in the list.
func (f TorrentFilter) IsZero() bool { return reflect.ValueOf(f).IsZero() }

// TimeRange is a stretch of time, without its end; nil is unbounded.
type TimeRange struct{ From, Before *time.Time }

// IsZero reports whether r holds all time, and even what has no time at all.
func (r TimeRange) IsZero() bool { return r.From == nil && r.Before == nil }

// Contains reports whether at lies in r; nil, which is never, lies only in the
// zero TimeRange.
func (r TimeRange) Contains(at *time.Time) bool {
	if r.IsZero() || at == nil {
		return r.IsZero()
	}
	return (r.From == nil || !at.Before(*r.From)) && (r.Before == nil || at.Before(*r.Before))
}

// Matches reports whether f leaves t, on a server of the given type, in the list.
func (f TorrentFilter) Matches(t *Torrent, kind ClientType) bool {
	return (f.IDs == nil || slices.Contains(f.IDs, t.ID)) &&
		(f.UserID == nil || t.UserID != nil && *t.UserID == *f.UserID) &&
		(f.ServerID == nil || t.ServerID == *f.ServerID) &&
		(f.ClientType == "" || f.ClientType == kind) &&
		(f.Status == "" || f.Status == t.Status()) &&
		(f.HasProblem == nil || *f.HasProblem == (t.Problem != nil)) &&
		(f.Label == nil || *f.Label == t.Label) &&
		(f.Paused == nil || *f.Paused == t.Paused) &&
		(f.NameContains == "" || strings.Contains(Fold(t.Name), Fold(f.NameContains))) &&
		(f.InfoHash.IsZero() || f.InfoHash == t.InfoHash()) &&
		f.Created.Contains(&t.CreatedAt) && f.Completed.Contains(t.CompletedAt)
}

// TorrentOrderBy names what a list of torrents is ordered by. Torrents that are
// equal in that are ordered by CreatedAt, and then by id, in the same direction.
type TorrentOrderBy string

// What torrents can be ordered by.
const (
	// OrderByCreated: the moment of their adding; "" means it, too.
	OrderByCreated TorrentOrderBy = "CREATED"
	// OrderByCompleted: the moment of their completion; those that have not
	// completed count as later than all that have.
	OrderByCompleted TorrentOrderBy = "COMPLETED"
	// OrderByName: the name as Fold has it, by code points; no name comes first.
	OrderByName TorrentOrderBy = "NAME"
	// OrderByStatus: along the life line, queued first.
	OrderByStatus TorrentOrderBy = "STATUS"
)

// TorrentOrder is the order of a list; the zero value is newest first.
type TorrentOrder struct {
	By        TorrentOrderBy
	Ascending bool
}

// TorrentPage asks for part of a list.
type TorrentPage struct {
	Order TorrentOrder
	// After continues behind this place, and Before ends in front of it; nil is
	// where the list begins, or ends.
	After, Before *TorrentPlace
	// Limit is the most torrents to return; 0 is no limit.
	Limit int
	// FromEnd: of those between After and Before, the last ones instead of the
	// first. They come in the order of the list all the same.
	FromEnd bool
}

// TorrentPlace is a torrent's place in a list of any order: all that lists are
// ordered by.
type TorrentPlace struct {
	CreatedAt time.Time
	ID        uuid.UUID
	// CompletedAt is nil for a torrent that has not completed.
	CompletedAt *time.Time
	// NameFolded is the name as Fold has it.
	NameFolded string
	Status     Status
}

// Place returns where t stands in the lists.
func (t *Torrent) Place() TorrentPlace {
	place := t.unnamedPlace()
	place.NameFolded = Fold(t.Name)
	return place
}

// unnamedPlace is where t stands in the lists that names do not order.
func (t *Torrent) unnamedPlace() TorrentPlace {
	return TorrentPlace{CreatedAt: t.CreatedAt, ID: t.ID, CompletedAt: t.CompletedAt, Status: t.Status()}
}
