package domain

import (
	"unicode/utf8"

	"github.com/google/uuid"
)

// IdempotencyKey makes adding a torrent repeatable: who adds under a key that they
// have used before gets the torrent of that time, whatever has become of it. It
// belongs to who added the torrent, not to whose the torrent is now, and it holds
// what was asked for then.
type IdempotencyKey struct {
	// UserID is whose key it is; uuid.Nil is nobody's.
	UserID uuid.UUID
	Text   string
	// TorrentID is the torrent that was added under it.
	TorrentID uuid.UUID
	// ServerID is the server that was asked for or, if none was, that the torrent was
	// put on.
	ServerID uuid.UUID
	// MagnetHash is the SHA-256 of what the torrent was to be made of, 64 hex digits: of
	// the text of a magnet or of an address, or of a file.
	MagnetHash string
}

// KeyedTorrent is a torrent, removed or not, and a key that it was added under.
type KeyedTorrent struct {
	IdempotencyKey

	Torrent *Torrent
}

// CheckIdempotencyKey returns an error of KindInvalid for a text that cannot be a
// key. It is not mended: two keys that differ must not become one.
func CheckIdempotencyKey(text string) error {
	if text == "" || CleanText(text) != text || utf8.RuneCountInString(text) > MaxNameLength {
		return Invalid("idempotencyKey", "must be 1 to %d characters, without control characters and without blanks at its ends", MaxNameLength)
	}
	return nil
}

// ClaimKey lets a new torrent, not saved yet, be had again under a key of its user's,
// by whoever gives the source that it was made of. Errors are of KindInvalid.
func (t *Torrent) ClaimKey(text string, source TorrentSource) error {
	if err := CheckIdempotencyKey(text); err != nil {
		return err
	}
	t.key = &IdempotencyKey{Text: text, TorrentID: t.ID, ServerID: t.ServerID, MagnetHash: source.hash()}
	if t.UserID != nil {
		t.key.UserID = *t.UserID
	}
	return nil
}

// Key returns the key that t has claimed and that is not saved yet; nil if none is.
func (t *Torrent) Key() *IdempotencyKey { return t.key }

// TakeKey returns Key and forgets it. A repository calls it when it saves.
func (t *Torrent) TakeKey() *IdempotencyKey {
	key := t.key
	t.key = nil
	return key
}

// Repeats returns an error of KindConflict that names the field, unless the source and
// the server are what was asked for when k was first used; no server is any.
func (k IdempotencyKey) Repeats(source TorrentSource, serverID *uuid.UUID) error {
	switch {
	case source.hash() != k.MagnetHash:
		field, noun := source.field()
		return &Error{Kind: KindConflict, Field: field, Message: "this idempotency key was used with another " + noun}
	case serverID != nil && *serverID != k.ServerID:
		return &Error{Kind: KindConflict, Field: "serverId", Message: "this idempotency key was used with another server"}
	}
	return nil
}

// KeyTaken is the error for a torrent whose key has been used for another.
func KeyTaken() *Error {
	return &Error{Kind: KindConflict, Field: "idempotencyKey", Message: "this idempotency key was used for another torrent"}
}
