package qbittorrent

import (
	"errors"
	"fmt"
	"strings"

	"github.com/clarion-app/download-manager/domain"
	"github.com/clarion-app/download-manager/internal/jsonscan"
)

// torrent is what the daemon reports of one torrent, in its own terms.
type torrent struct {
	// id is what the daemon calls it: its infohash, or what that is cut to for
	// version 2. Of a torrent that has both the daemon goes by the second, we by
	// the first.
	id, v1                 string
	name, state            string
	size, left, totalSize  int64
	completedAt            int64
	downloadRate, uploaded int64
	uploadRate, eta        int64
	seeds, leechers        int64
	ratio                  float64
	metadata               bool
	warning                warning
	has                    has
	// listed is what only a list is asked for.
	listed *listed
}

// has are those of the values that the daemon has told.
type has uint8

const (
	hasState has = 1 << iota
	hasSize
	hasLeft
	hasTotalSize
	hasMetadata

	// hasAll is what completion cannot be told without.
	hasAll = hasState | hasSize | hasLeft
)

type listed struct {
	magnet, category, folder string
	addedAt                  int64
}

// readTorrents reads a list, the answer to torrents/info.
func readTorrents(body []byte, listing bool) ([]torrent, error) {
	torrents := make([]torrent, 0, len(body)/1000) // about what one takes
	s := jsonscan.New(body)
	err := s.Array(func() error {
		var t torrent
		if listing {
			t.listed = &listed{}
		}
		if err := t.read(s); err != nil {
			return err
		}
		torrents = append(torrents, t)
		return t.check()
	})
	if err == nil {
		err = s.End()
	}
	return torrents, err
}

// read takes over what an object says; what it does not speak of stays.
func (t *torrent) read(s *jsonscan.Scanner) error {
	return s.Object(func(key []byte) error {
		if err := t.take(s, key); err != nil {
			return fmt.Errorf("%w (%s)", errMalformed, shorten(string(key)))
		}
		return nil
	})
}

func (t *torrent) take(s *jsonscan.Scanner, key []byte) (err error) {
	switch string(key) {
	case "hash":
		err = takeText(s, &t.id)
	case "infohash_v1":
		if err = takeText(s, &t.v1); t.v1 == t.id {
			t.v1 = t.id // one text, not two
		}
	case "name":
		err = takeText(s, &t.name)
		t.name = clean(t.name)
	case "state":
		err = takeState(s, &t.state)
		t.has |= hasState
	case "size":
		err = takeNumber(s, &t.size)
		t.has |= hasSize
	case "amount_left":
		err = takeNumber(s, &t.left)
		t.has |= hasLeft
	case "total_size":
		err = takeNumber(s, &t.totalSize)
		t.has |= hasTotalSize
	case "has_metadata":
		t.metadata, err = s.Bool()
		t.has |= hasMetadata
	case "completion_on":
		err = takeNumber(s, &t.completedAt)
	case "dlspeed":
		err = takeNumber(s, &t.downloadRate)
	case "upspeed":
		err = takeNumber(s, &t.uploadRate)
	case "uploaded":
		err = takeNumber(s, &t.uploaded)
	case "eta":
		err = takeNumber(s, &t.eta)
	case "num_seeds":
		err = takeNumber(s, &t.seeds)
	case "num_leechs":
		err = takeNumber(s, &t.leechers)
	case "ratio":
		_, t.ratio, err = s.Number()
	case "has_tracker_error":
		err = t.warning.take(s, trackerError)
	case "has_tracker_warning":
		err = t.warning.take(s, trackerWarning)
	case "has_other_announce_error":
		err = t.warning.take(s, announceError)
	case "trackers":
		err = t.warning.takeTrackers(s)
	default:
		if t.listed != nil {
			return t.listed.take(s, key)
		}
		_, err = s.Skip()
	}
	return err
}

func (l *listed) take(s *jsonscan.Scanner, key []byte) (err error) {
	switch string(key) {
	case "magnet_uri":
		err = takeText(s, &l.magnet)
	case "category":
		err = takeText(s, &l.category)
	case "save_path":
		err = takeText(s, &l.folder)
	case "added_on":
		err = takeNumber(s, &l.addedAt)
	default:
		_, err = s.Skip()
	}
	return err
}

func takeText(s *jsonscan.Scanner, into *string) error {
	text, err := s.Text()
	if err == nil && string(text) != *into {
		*into = string(text)
	}
	return err
}

func takeNumber(s *jsonscan.Scanner, into *int64) (err error) {
	*into, _, err = s.Number()
	return err
}

// errIncomplete is a torrent that lacks what completion cannot be told without.
// Of a change it means that we do not know what has changed.
var errIncomplete = errors.New("a torrent without state, size or what is left of it")

// check refuses a report from which completion cannot be told.
func (t *torrent) check() error {
	switch {
	case t.id == "":
		return fmt.Errorf("%w (a torrent without hash)", errMalformed)
	case t.has&hasAll != hasAll:
		return errIncomplete
	case t.size < 0 || t.left < 0:
		return fmt.Errorf("%w (a torrent with sizes below zero)", errMalformed)
	}
	return nil
}

// infoHash is what we call it.
func (t *torrent) infoHash() (domain.InfoHash, error) {
	if t.v1 != "" {
		return domain.ParseInfoHash(t.v1)
	}
	return domain.ParseInfoHash(t.id)
}

// metadataKnown reports whether the sizes mean something. Before 5.1 a total of
// -1 says that they do not.
func (t *torrent) metadataKnown() bool {
	switch {
	case t.has&hasMetadata != 0:
		return t.metadata
	case t.has&hasTotalSize != 0:
		return t.totalSize >= 0
	}
	return t.size > 0
}

// clean is domain.CleanText, which most names need not go through.
func clean(name string) string {
	if !jsonscan.Plain(name) {
		return domain.CleanText(name)
	}
	return strings.TrimSpace(name)
}
