package aria2

import (
	"context"
	"fmt"

	"github.com/clarion-app/download-manager/internal/jsonscan"
)

// most is how many downloads are asked for of each kind: more than any daemon holds.
const most = 1 << 20

// state is what the daemon calls a download's status.
type state uint8

const (
	stateActive state = iota + 1
	stateWaiting
	statePaused
	stateError
	stateComplete
	stateRemoved
)

var states = map[string]state{
	"active": stateActive, "waiting": stateWaiting, "paused": statePaused,
	"error": stateError, "complete": stateComplete, "removed": stateRemoved,
}

// stopped reports whether only a result is left, which the daemon forgets some day.
func (s state) stopped() bool { return s >= stateError }

// codeDuplicate is the error of what was added while it was there already.
const codeDuplicate = 12

// download is what the daemon reports of one of its downloads, in its own terms. A
// torrent can have several: the metadata of a magnet is fetched by one and the
// content by another that follows it, and each has a result when it has stopped.
type download struct {
	gid, following, hash, name, failure string
	state                               state
	code                                int64
	total, completed, uploaded          int64
	downloadRate, uploadRate, peers     int64
	// hasInfo: it is about the content, other than about the metadata of a magnet.
	hasInfo, followed, verifying bool
	// folder and trackers, the latter as they were written, are told if asked for.
	folder   string
	trackers []byte
}

// keys are what is asked about each download.
var keys = []string{
	"gid", "status", "infoHash", "totalLength", "completedLength", "uploadLength", "downloadSpeed", "uploadSpeed", "connections",
	"errorCode", "errorMessage", "followedBy", "following", "verifiedLength", "verifyIntegrityPending", "bittorrent",
}

// detailKeys are keys, and what is asked only where few or all are looked at.
var detailKeys = append(append([]string{}, keys...), "dir")

// look asks for all downloads in one request. Between the three lists, nothing that
// the daemon does can hide one.
func (c *Client) look(ctx context.Context, keys []string) (listing, error) {
	var all []download
	asked := c.now()
	replies := 0
	calls := []request{
		{"aria2.tellActive", []any{keys}},
		{"aria2.tellWaiting", []any{0, most, keys}},
		{"aria2.tellStopped", []any{0, most, keys}},
	}
	var no *refusal
	err := c.rpc.askAll(ctx, calls, maxList, func(s *jsonscan.Scanner, _ int) error {
		replies++
		return readDownloads(s, &all)
	}, func(_ int, refused *refusal) { no = refused })
	switch {
	case err != nil:
		return listing{}, unavailable(err)
	case no != nil:
		return listing{}, unavailable(no)
	case replies != len(calls):
		return listing{}, nonsense(errMalformed)
	}
	list := newListing(all)
	c.memory.saw(asked, list)
	return list, nil
}

// readDownloads reads a list and appends the torrents in it; other downloads are
// none of our business.
func readDownloads(s *jsonscan.Scanner, all *[]download) error {
	if *all == nil {
		*all = make([]download, 0, s.Len()/400) // about what one takes
	}
	return s.Array(func() error {
		var d download
		if err := d.read(s); err != nil {
			return err
		}
		if d.hash != "" {
			*all = append(*all, d)
		}
		return d.check()
	})
}

func (d *download) read(s *jsonscan.Scanner) error {
	return s.Object(func(key []byte) error {
		if err := d.readField(s, key); err != nil {
			return fmt.Errorf("%w (%s)", errMalformed, shorten(string(key)))
		}
		return nil
	})
}

func (d *download) readField(s *jsonscan.Scanner, key []byte) (err error) {
	switch string(key) {
	case "gid":
		d.gid, err = readText(s)
	case "infoHash":
		d.hash, err = readText(s)
	case "following":
		d.following, err = readText(s)
	case "errorMessage":
		d.failure, err = readText(s)
	case "dir":
		d.folder, err = readText(s)
	case "status":
		var text []byte
		text, err = s.Text()
		d.state = states[string(text)]
	case "totalLength":
		d.total, err = readCount(s)
	case "completedLength":
		d.completed, err = readCount(s)
	case "uploadLength":
		d.uploaded, err = readCount(s)
	case "downloadSpeed":
		d.downloadRate, err = readCount(s)
	case "uploadSpeed":
		d.uploadRate, err = readCount(s)
	case "connections":
		d.peers, err = readCount(s)
	case "errorCode":
		d.code, err = readCount(s)
	case "followedBy":
		d.followed = true
		_, err = s.Skip()
	case "verifiedLength":
		d.verifying = true
		_, err = s.Skip()
	case "verifyIntegrityPending":
		var pending bool
		pending, err = readFlag(s)
		d.verifying = d.verifying || pending
	case "bittorrent":
		err = d.readTorrent(s)
	default:
		_, err = s.Skip()
	}
	return err
}

// readTorrent reads what is said of the torrent itself.
func (d *download) readTorrent(s *jsonscan.Scanner) error {
	return s.Object(func(key []byte) (err error) {
		switch string(key) {
		case "info":
			d.hasInfo = true
			err = s.Object(func(key []byte) (err error) {
				if string(key) != "name" {
					return pass(s)
				}
				d.name, err = readText(s)
				return err
			})
		case "announceList":
			d.trackers, err = s.Skip()
		default:
			_, err = s.Skip()
		}
		return err
	})
}

// check refuses a report from which completion cannot be told.
func (d *download) check() error {
	switch {
	case d.gid == "":
		return fmt.Errorf("%w (a download without gid)", errMalformed)
	case d.state == 0:
		return fmt.Errorf("%w (a download of no known status)", errMalformed)
	case d.completed > d.total:
		return fmt.Errorf("%w (a download with more than all of it)", errMalformed)
	}
	return nil
}
