package domain

import (
	"errors"
	"time"

	"github.com/google/uuid"
)

// ClarionServer is a row of torrent_servers in the database of a Clarion host, as it
// stands there.
type ClarionServer struct {
	ID, LocalNode, Address, Type string
	CreatedAt, UpdatedAt         time.Time
}

// Server makes the server that the row describes, of the same id and times. KindInvalid
// names what is wrong with the row.
func (c ClarionServer) Server(now time.Time) (*Server, error) {
	id, idErr := parseRowID("id", c.ID)
	s, err := NewServer(c.LocalNode, c.Address, ClientType(c.Type), now)
	if err := errors.Join(idErr, err); err != nil {
		return nil, err
	}
	s.ID = id
	s.CreatedAt, s.UpdatedAt = rowTimes(c.CreatedAt, c.UpdatedAt, s.CreatedAt)
	return s, nil
}

// ClarionTorrent is a row of torrents in the database of a Clarion host, as it stands
// there; what is null is "".
type ClarionTorrent struct {
	ID, LocalNode, ServerID, UserID, MagnetURI, HashString, Name string
	// CompletedAt is nil while it has not completed.
	CompletedAt          *time.Time
	CreatedAt, UpdatedAt time.Time
}

// Torrent makes the torrent that the row describes, on server, of the same id and
// times. What has completed has done so without an event; what has a hash_string has
// been taken by its client. KindInvalid names what is wrong with the row.
func (c ClarionTorrent) Torrent(server Server, now time.Time) (*Torrent, error) {
	id, idErr := parseRowID("id", c.ID)
	owner, ownerErr := c.owner()
	magnet, magnetErr := ParseMagnet(c.MagnetURI)
	if err := errors.Join(idErr, ownerErr, magnetErr); err != nil {
		return nil, err
	}
	t, err := NewTorrent(magnet, "", server, owner, now)
	if err != nil {
		return nil, err
	}
	t.ID = id
	if name := CleanName(c.Name); name != "" {
		t.Name = name
	}
	created, updated := rowTimes(c.CreatedAt, c.UpdatedAt, t.CreatedAt)
	t.CreatedAt, t.UpdatedAt = created, updated
	for i := range t.events {
		t.events[i].TorrentID, t.events[i].Name = t.ID, t.Name
	}
	if err := t.ClaimHashString(c.HashString); err != nil {
		return nil, err
	}
	if c.CompletedAt != nil {
		at := Instant(*c.CompletedAt)
		t.CompletedAt = &at
	}
	if t.HashString != "" || t.CompletedAt != nil {
		t.AcceptedAt, t.Begun = &created, true
	}
	return t, nil
}

func (c ClarionTorrent) owner() (*uuid.UUID, error) {
	if c.UserID == "" {
		return nil, nil //nolint:nilnil // nobody in particular is no error
	}
	id, err := parseRowID("user_id", c.UserID)
	return &id, err
}

func parseRowID(column, text string) (uuid.UUID, error) {
	id, err := uuid.Parse(text)
	if err != nil || id == uuid.Nil {
		return uuid.Nil, Invalid(column, "must be a UUID, and is %q", CleanName(text))
	}
	return id, nil
}

// rowTimes are the times of a row, or now where they are null.
func rowTimes(created, updated, now time.Time) (time.Time, time.Time) {
	if created.IsZero() {
		created = now
	}
	if updated.IsZero() {
		updated = created
	}
	return Instant(created), Instant(updated)
}
