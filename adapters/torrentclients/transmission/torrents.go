package transmission

import (
	"fmt"

	"github.com/clarion-app/download-manager/internal/jsonscan"
)

// torrentList is an answer to torrent-get.
type torrentList struct {
	torrents []torrent
	// removed are the numbers of torrents that went away lately; told tells
	// whether the daemon spoke of that at all, as it does only where it has
	// understood that it was asked for changes.
	removed []int64
	told    bool
}

// torrent is what the daemon reports of one torrent, in its own terms.
type torrent struct {
	hash, name, errorText         string
	id, status, failure           int64
	size, left, doneDate          int64
	downloadRate, uploadRate      int64
	eta, peers, uploaded, added   int64
	magnet, folder, label         string
	metadata, ratio               float64
	hasSize, hasLeft, hasMetadata bool
}

// readTorrents reads the arguments of an answer, as a table (a row of names,
// then rows of values) or as objects: some stand-ins of the daemon know only
// those. Columns that the daemon does not know may be missing.
func readTorrents(arguments []byte, d *dialect) (torrentList, error) {
	var list torrentList
	s := jsonscan.New(arguments)
	found := false
	err := s.Object(func(key []byte) (err error) {
		switch string(key) {
		case "torrents":
			found = true
			list.torrents, err = readRows(s, d)
		case "removed":
			list.told = true
			err = s.Array(func() error {
				id, _, err := s.Number()
				list.removed = append(list.removed, id)
				return err
			})
		default:
			_, err = s.Skip()
		}
		return err
	})
	if err == nil {
		err = s.End()
	}
	if err == nil && !found {
		err = errMalformed
	}
	return list, err
}

func readRows(s *jsonscan.Scanner, d *dialect) ([]torrent, error) {
	torrents := make([]torrent, 0, s.Len()/100) // about what a row takes
	var columns []field
	header := true
	err := s.Array(func() (err error) {
		var t torrent
		switch {
		case s.Peek() == '{':
			header = false
			err = t.readObject(s, d)
		case header:
			header = false
			columns, err = readHeader(s, d)
			return err
		default:
			err = t.readRow(s, columns)
		}
		if err != nil {
			return err
		}
		if err := t.check(); err != nil {
			return err
		}
		torrents = append(torrents, t)
		return nil
	})
	return torrents, err
}

func readHeader(s *jsonscan.Scanner, d *dialect) (columns []field, err error) {
	err = s.Array(func() error {
		name, err := s.Text()
		if err != nil {
			return err
		}
		column, known := d.column(string(name))
		if !known {
			column = fieldCount
		}
		columns = append(columns, column)
		return nil
	})
	return columns, err
}

// readRow is array written out: it is where the time goes.
func (t *torrent) readRow(s *jsonscan.Scanner, columns []field) error {
	if !s.Accept('[') {
		return errMalformed
	}
	for i, column := range columns {
		if i > 0 && !s.Accept(',') {
			return errMalformed
		}
		if err := t.read(s, column); err != nil {
			return err
		}
	}
	if !s.Accept(']') {
		return errMalformed
	}
	return nil
}

func (t *torrent) readObject(s *jsonscan.Scanner, d *dialect) error {
	return s.Object(func(key []byte) error {
		column, known := d.column(string(key))
		if !known {
			column = fieldCount
		}
		return t.read(s, column)
	})
}

func (t *torrent) read(s *jsonscan.Scanner, column field) (err error) {
	var text []byte
	switch column {
	case fieldHash:
		text, err = s.Text()
		t.hash = string(text)
	case fieldName:
		text, err = s.Text()
		t.name = string(text)
	case fieldErrorString:
		text, err = s.Text()
		t.errorText = string(text)
	case fieldID:
		t.id, _, err = s.Number()
	case fieldStatus:
		t.status, _, err = s.Number()
	case fieldError:
		t.failure, _, err = s.Number()
	case fieldMetadata:
		_, t.metadata, err = s.Number()
		t.hasMetadata = true
	case fieldSize:
		t.size, _, err = s.Number()
		t.hasSize = true
	case fieldLeft:
		t.left, _, err = s.Number()
		t.hasLeft = true
	case fieldDoneDate:
		t.doneDate, _, err = s.Number()
	case fieldDownloadRate:
		t.downloadRate, _, err = s.Number()
	case fieldUploadRate:
		t.uploadRate, _, err = s.Number()
	case fieldETA:
		t.eta, _, err = s.Number()
	case fieldPeers:
		t.peers, _, err = s.Number()
	case fieldRatio:
		_, t.ratio, err = s.Number()
	case fieldUploaded:
		t.uploaded, _, err = s.Number()
	case fieldMagnet:
		text, err = s.Text()
		t.magnet = string(text)
	case fieldAdded:
		t.added, _, err = s.Number()
	case fieldFolder:
		text, err = s.Text()
		t.folder = string(text)
	case fieldLabels:
		t.label, err = readLabel(s)
	default:
		_, err = s.Skip()
	}
	if err != nil && column < fieldCount {
		return fmt.Errorf("%w (%s)", errMalformed, legacy.fields[column])
	}
	return err
}

// readLabel returns the first of a list of labels.
func readLabel(s *jsonscan.Scanner) (label string, err error) {
	if s.Peek() != '[' { // a daemon that knows no labels says 0
		_, err = s.Skip()
		return "", err
	}
	first := true
	err = s.Array(func() error {
		text, err := s.Text()
		if first {
			label, first = string(text), false
		}
		return err
	})
	return label, err
}

// check refuses a report from which completion cannot be told.
func (t *torrent) check() error {
	switch {
	case t.hash == "":
		return fmt.Errorf("%w (a torrent without hash)", errMalformed)
	case !t.hasSize || !t.hasLeft || t.size < 0 || t.left < 0:
		return fmt.Errorf("%w (a torrent without sizes)", errMalformed)
	}
	return nil
}
