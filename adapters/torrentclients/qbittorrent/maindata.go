package qbittorrent

import (
	"errors"

	"github.com/clarion-app/download-manager/internal/jsonscan"
)

// errNotTold is a list of changes of which we cannot tell what it is about: it
// takes asking for everything.
var errNotTold = errors.New("the daemon tells of changes to what it has not told of")

// maindata is an answer to sync/maindata, whose torrents have been taken over.
type maindata struct {
	rid     int64
	full    bool
	removed []string
	// freeSpace is -1 where it is not told.
	freeSpace int64
}

// readMaindata reads an answer in two goes: first what it is, then its torrents,
// each of which find returns the present state of.
func readMaindata(body []byte, find func(id string, full bool) *torrent) (maindata, error) {
	data := maindata{freeSpace: -1}
	var torrents []byte
	s := jsonscan.New(body)
	err := s.Object(func(key []byte) (err error) {
		switch string(key) {
		case "rid":
			err = takeNumber(s, &data.rid)
		case "full_update":
			data.full, err = s.Bool()
		case "torrents":
			torrents, err = s.Skip()
		case "torrents_removed":
			err = s.Array(func() error {
				id, err := s.Text()
				data.removed = append(data.removed, string(id))
				return err
			})
		case "server_state":
			err = data.takeServerState(s)
		default:
			_, err = s.Skip()
		}
		return err
	})
	if err == nil {
		err = s.End()
	}
	if err == nil && data.rid <= 0 {
		err = errMalformed
	}
	if err != nil || len(torrents) == 0 {
		return data, err
	}
	s = jsonscan.New(torrents)
	return data, s.Object(func(key []byte) error {
		t := find(string(key), data.full)
		if err := t.read(s); err != nil {
			return err
		}
		if t.id != string(key) {
			return errMalformed
		}
		return t.check()
	})
}

func (data *maindata) takeServerState(s *jsonscan.Scanner) error {
	return s.Object(func(key []byte) (err error) {
		if string(key) == "free_space_on_disk" {
			return takeNumber(s, &data.freeSpace)
		}
		_, err = s.Skip()
		return err
	})
}
