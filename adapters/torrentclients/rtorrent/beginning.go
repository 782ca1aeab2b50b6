package rtorrent

import (
	"path"
	"strconv"
	"strings"
	"unicode"

	"github.com/clarion-app/download-manager/domain"
)

// addedTime is the custom value in which ruTorrent keeps when a torrent was added.
const addedTime = "addtime"

// priorities are the daemon's numbers; 0 is off.
var priorities = map[domain.Priority]int64{domain.PriorityLow: 1, domain.PriorityNormal: 2, domain.PriorityHigh: 3}

// beginning is what a torrent is to begin with: commands that the daemon runs when
// it has loaded it, and the calls that make its throttle.
type beginning struct {
	throttle []call
	commands []string
}

// beginning writes settings as commands. Whatever is in them came of a user, and
// $ in a command is the daemon's: so texts are encoded, or begin with a slash.
func (c *Client) beginning(hash domain.InfoHash, s domain.TransferSettings) (beginning, error) {
	b := beginning{commands: []string{"d.custom.set=" + addedTime + "," + strconv.FormatInt(c.now().Unix(), 10)}}
	if err := check(s); err != nil {
		return b, err
	}
	if s.Label != nil {
		b.commands = append(b.commands, "d.custom1.set="+encodeLabel(*s.Label))
	}
	if s.Folder != nil {
		b.commands = append(b.commands, "d.directory.set="+quote(path.Clean(*s.Folder)))
	}
	if s.Priority != nil {
		b.commands = append(b.commands, "d.priority.set="+strconv.FormatInt(priorities[*s.Priority], 10))
	}
	if l := (limits{}).with(s); l != (limits{}) {
		name := l.name(hash)
		b.throttle = l.define(name)
		b.commands = append(b.commands, "d.throttle_name.set="+name)
	}
	return b, nil
}

// check refuses settings that the daemon cannot take.
func check(s domain.TransferSettings) error {
	switch {
	case s.Name != nil:
		return domain.Lacks(Type, domain.CapabilityRename)
	case s.Priority != nil && priorities[*s.Priority] == 0:
		return domain.Invalid("priority", "must be LOW, NORMAL or HIGH")
	case s.Folder != nil && !path.IsAbs(*s.Folder):
		return domain.Invalid("folder", "must be an absolute path")
	case s.Folder != nil && strings.ContainsFunc(*s.Folder, unicode.IsControl):
		return domain.Invalid("folder", "must not contain control characters")
	}
	return nil
}
