package qbittorrent

import "github.com/clarion-app/download-manager/internal/jsonscan"

// warning is what the daemon says of the trackers, from 5.x on: as three answers
// among what has changed, and tracker by tracker of what is asked for by name.
type warning uint8

const (
	trackerError warning = 1 << iota
	trackerWarning
	announceError
)

// The daemon's states of a tracker.
const (
	trackerWorks       = 2
	trackerFails       = 4
	trackerTellsError  = 5
	trackerUnreachable = 6
)

func (w *warning) take(s *jsonscan.Scanner, bit warning) error {
	is, err := s.Bool()
	*w &^= bit
	if is {
		*w |= bit
	}
	return err
}

// takeTrackers reads the trackers of a torrent.
func (w *warning) takeTrackers(s *jsonscan.Scanner) error {
	*w = 0
	return s.Array(func() error {
		var state int64
		var message string
		err := s.Object(func(key []byte) (err error) {
			switch string(key) {
			case "status":
				err = takeNumber(s, &state)
			case "msg":
				err = takeText(s, &message)
			default:
				_, err = s.Skip()
			}
			return err
		})
		switch {
		case state == trackerTellsError:
			*w |= trackerError
		case state == trackerFails, state == trackerUnreachable:
			*w |= announceError
		case state == trackerWorks && message != "":
			*w |= trackerWarning
		}
		return err
	})
}

func (w warning) text() string {
	switch {
	case w&trackerError != 0:
		return "a tracker reports an error"
	case w&announceError != 0:
		return "a tracker cannot be reached"
	case w&trackerWarning != 0:
		return "a tracker warns of something"
	}
	return ""
}
