package deluge

import (
	"fmt"
)

// statusKeys are what is asked about each torrent of a report.
var statusKeys = []string{
	"name", "state", "message", "tracker_status", "num_pieces", "total_wanted", "total_remaining", "is_finished", "completed_time",
	"download_payload_rate", "upload_payload_rate", "eta", "num_peers", "num_seeds", "ratio", "total_uploaded",
}

// torrent is what the daemon reports of one torrent, in its own terms.
type torrent struct {
	name, state, message, trackerStatus string
	pieces, wanted, remaining           int64
	finished                            bool
	completedTime                       int64
	downloadRate, uploadRate, uploaded  int64
	eta, peers, seeds                   int64
	ratio                               float64
	hasPieces, hasWanted, hasRemaining  bool
	hasState, hasFinished               bool

	// For lists only.
	addedTime     float64
	label, folder string
	trackers      []tracker
}

// tracker is one of a torrent's trackers.
type tracker struct {
	url  string
	tier int64
}

// readTorrents reads an answer to get_torrents_status: a dictionary by infohash.
func readTorrents(r *reader, each func(hash []byte, t *torrent)) error {
	var t torrent
	return r.dict(func(hash []byte) error {
		t = torrent{}
		if err := t.readFrom(r); err != nil {
			return err
		}
		if err := t.check(); err != nil {
			return err
		}
		each(hash, &t)
		return nil
	})
}

func (t *torrent) readFrom(r *reader) error {
	return r.dict(func(key []byte) error {
		if err := t.read(r, key); err != nil {
			return fmt.Errorf("%w (%s)", err, shorten(string(key)))
		}
		return nil
	})
}

func (t *torrent) read(r *reader, key []byte) (err error) {
	switch string(key) {
	case "name":
		t.name, err = r.string()
	case "state":
		t.state, err = r.string()
		t.hasState = true
	case "message":
		t.message, err = r.string()
	case "tracker_status":
		t.trackerStatus, err = r.string()
	case "num_pieces":
		t.pieces, _, err = r.number()
		t.hasPieces = true
	case "total_wanted":
		t.wanted, _, err = r.number()
		t.hasWanted = true
	case "total_remaining":
		t.remaining, _, err = r.number()
		t.hasRemaining = true
	case "is_finished":
		var finished int64
		finished, _, err = r.number()
		t.finished, t.hasFinished = finished != 0, true
	case "completed_time":
		t.completedTime, _, err = r.number()
	case "download_payload_rate":
		t.downloadRate, _, err = r.number()
	case "upload_payload_rate":
		t.uploadRate, _, err = r.number()
	case "total_uploaded":
		t.uploaded, _, err = r.number()
	case "eta":
		t.eta, _, err = r.number()
	case "num_peers":
		t.peers, _, err = r.number()
	case "num_seeds":
		t.seeds, _, err = r.number()
	case "ratio":
		_, t.ratio, err = r.number()
	default:
		err = t.readMore(r, key)
	}
	return err
}

// readMore reads what only lists ask for.
func (t *torrent) readMore(r *reader, key []byte) (err error) {
	switch string(key) {
	case "time_added":
		_, t.addedTime, err = r.number()
	case "label":
		t.label, err = r.string()
	case "download_location":
		t.folder, err = r.string()
	case "trackers":
		t.trackers, err = readTrackers(r)
	default:
		err = r.skip()
	}
	return err
}

func readTrackers(r *reader) (trackers []tracker, err error) {
	err = r.list(func() error {
		var one tracker
		err := r.dict(func(key []byte) (err error) {
			switch string(key) {
			case "url":
				one.url, err = r.string()
			case "tier":
				one.tier, _, err = r.number()
			default:
				err = r.skip()
			}
			return err
		})
		trackers = append(trackers, one)
		return err
	})
	return trackers, err
}

// check refuses a report from which completion cannot be told.
func (t *torrent) check() error {
	switch {
	case !t.hasState || !t.hasFinished || !t.hasPieces:
		return fmt.Errorf("%w (a torrent without state)", errMalformed)
	case !t.hasWanted || !t.hasRemaining || t.wanted < 0 || t.remaining < 0 || t.remaining > t.wanted:
		return fmt.Errorf("%w (a torrent without sizes)", errMalformed)
	}
	return nil
}
