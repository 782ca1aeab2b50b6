// Package memory keeps everything in maps, for as long as the process lives. It
// is a real adapter, held to the same suites as the database, and what unit
// tests use in place of mocks.
package memory

import (
	"context"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/google/uuid"

	"github.com/clarion-app/download-manager/domain"
)

// Store is one storage; each port of it is a method. Set its fields before use.
//
// A change that is given to an Update runs while the Store is locked: like in a
// transaction, it must not call the Store itself.
type Store struct {
	// Now is the clock that leases run out by.
	Now func() time.Time
	// OnAppend is called after events were appended, or the health of a server has
	// changed; nil for nothing.
	OnAppend func()

	mu       sync.Mutex
	calls    map[string]int
	torrents map[uuid.UUID]*domain.Torrent
	keys     map[userKey]domain.IdempotencyKey
	files    map[uuid.UUID][]byte // .torrent files
	servers  map[uuid.UUID]*serverRecord
	removals []domain.Removal
	users    map[uuid.UUID]*domain.User
	tokens   map[uuid.UUID]*domain.Token

	consumers map[consumerKey]*domain.Consumer

	events  []domain.Event
	newest  domain.Cursor
	pruned  domain.Cursor // the last event that was forgotten
	signals signals
	// altered: something besides the events has changed that followers wait for.
	altered bool
}

// New returns an empty Store.
func New() *Store {
	return &Store{
		Now:      time.Now,
		calls:    map[string]int{},
		torrents: map[uuid.UUID]*domain.Torrent{},
		keys:     map[userKey]domain.IdempotencyKey{},
		files:    map[uuid.UUID][]byte{},
		servers:  map[uuid.UUID]*serverRecord{},
		users:    map[uuid.UUID]*domain.User{},
		tokens:   map[uuid.UUID]*domain.Token{},

		consumers: map[consumerKey]*domain.Consumer{},
	}
}

// Calls counts how often each method of each port was called, by names like
// "TorrentRepository.Open".
func (s *Store) Calls() map[string]int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return maps.Clone(s.calls)
}

// ResetCalls begins counting anew.
func (s *Store) ResetCalls() {
	s.mu.Lock()
	defer s.mu.Unlock()
	clear(s.calls)
}

// do counts a call and works on it alone. Afterwards it tells of new events,
// when nothing is locked any more.
func (s *Store) do(ctx context.Context, call string, work func() error) error {
	grown, err := s.locked(ctx, call, work)
	if grown {
		s.signals.ring()
		if s.OnAppend != nil {
			s.OnAppend()
		}
	}
	return err
}

func (s *Store) locked(ctx context.Context, call string, work func() error) (grown bool, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.calls[call]++
	if err := ctx.Err(); err != nil {
		return false, err
	}
	before := s.newest
	s.altered = false
	err = work()
	return s.newest > before || s.altered, err
}

// save keeps torrents as they are and what they have recorded.
func (s *Store) save(torrents []*domain.Torrent) {
	for _, torrent := range torrents {
		for _, event := range torrent.TakeEvents() {
			s.newest++
			event.Cursor = s.newest
			s.events = append(s.events, copyEvent(event))
		}
		s.removals = append(s.removals, torrent.TakeRemovals()...)
		if key := torrent.TakeKey(); key != nil {
			s.keys[userKey{key.UserID, key.Text}] = *key
		}
		switch content, changed := torrent.TakeMetainfo(); {
		case content != nil:
			s.files[torrent.ID] = slices.Clone(content)
		case changed:
			delete(s.files, torrent.ID)
		}
		s.torrents[torrent.ID] = copyTorrent(torrent)
	}
}
