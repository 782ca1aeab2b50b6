package rtorrent

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"github.com/clarion-app/download-manager/domain"
)

const (
	// ourThrottles begin the names of the throttles that are ours.
	ourThrottles = "dm-"
	// globalRate is what a global limit is set to where there is none, in bytes per
	// second: the daemon minds named throttles only beside a global one. globalRate09 is
	// the most that 0.9 takes, a figure that ruTorrent uses, too.
	globalRate   int64 = 1 << 30
	globalRate09 int64 = 327625 << 10
	// highestLimit is what a throttle can be told, in KiB per second.
	highestLimit = globalRate09 >> 10
)

// limits are those of one torrent in KiB per second, as the daemon counts; 0 is
// none. A throttle of the daemon is forgotten when it restarts, the name that a
// torrent has of it is not: so the limits are in the name, and are made true
// again.
type limits struct{ down, up int64 }

// name is that of the throttle, "" for none. It is the torrent's own: what shares
// a throttle shares its bytes.
func (l limits) name(hash domain.InfoHash) string {
	if l == (limits{}) {
		return ""
	}
	return fmt.Sprintf("%s%.12s-%d-%d", ourThrottles, hash, l.down, l.up)
}

// readLimits takes a name apart; false if it is none of ours.
func readLimits(name string) (l limits, ours bool) {
	rest, ours := strings.CutPrefix(name, ourThrottles)
	parts := strings.Split(rest, "-")
	if !ours || len(parts) != 3 {
		return l, false
	}
	down, err := strconv.ParseInt(parts[1], 10, 64)
	up, alsoErr := strconv.ParseInt(parts[2], 10, 64)
	if err != nil || alsoErr != nil || down < 0 || up < 0 || down > highestLimit || up > highestLimit {
		return limits{}, false
	}
	return limits{down, up}, true
}

// with returns l changed by settings; bytes are rounded up, so that the least limit
// is one.
func (l limits) with(s domain.TransferSettings) limits {
	round := func(bytes int64) int64 { return min((max(0, bytes)+1023)>>10, highestLimit) }
	if s.DownloadLimit != nil {
		l.down = round(*s.DownloadLimit)
	}
	if s.UploadLimit != nil {
		l.up = round(*s.UploadLimit)
	}
	return l
}

// define are the calls that make a throttle.
func (l limits) define(name string) []call {
	return []call{
		command("throttle.down", name, strconv.FormatInt(l.down, 10)),
		command("throttle.up", name, strconv.FormatInt(l.up, 10)),
	}
}

// limited sees to it that the daemon minds named throttles at all.
func (c *Client) limited(ctx context.Context) error {
	answers, err := c.rpc.calls(ctx, call{"throttle.global_down.max_rate", nil}, call{"throttle.global_up.max_rate", nil})
	if err == nil {
		err = all(answers)
	}
	if err != nil {
		return err
	}
	for i, method := range []string{"throttle.global_down.max_rate.set", "throttle.global_up.max_rate.set"} {
		if counted(answers[i].value) != 0 {
			continue
		}
		_, err := c.rpc.call(ctx, command(method, globalRate))
		if isFault(err) {
			_, err = c.rpc.call(ctx, command(method, globalRate09))
		}
		if err != nil {
			return unavailable(err)
		}
	}
	return nil
}

// assign are the calls that give a torrent its throttle. That of an active one
// cannot be changed, so it pauses for that moment, and keeps its peers.
func assign(hash domain.InfoHash, name string, active bool) []call {
	h := target(hash)
	set := call{"d.throttle_name.set", []any{h, name}}
	if !active {
		return []call{set}
	}
	return []call{{"d.pause", []any{h}}, set, {"d.resume", []any{h}}}
}

// revive makes true again what a daemon forgets when it restarts: the throttles
// that its torrents name.
func (c *Client) revive(ctx context.Context, rows []row) error {
	var ask []call
	var ours []*row
	for i := range rows {
		if _, is := readLimits(rows[i].throttle); is {
			ours = append(ours, &rows[i])
			ask = append(ask, command("throttle.down.max", rows[i].throttle))
		}
	}
	if len(ours) == 0 {
		return nil
	}
	answers, err := c.rpc.calls(ctx, ask...)
	if err != nil {
		return err
	}
	var calls []call
	for i, r := range ours {
		if max, ok := answers[i].value.integer(); ok && max < 0 { // there is none of that name
			l, _ := readLimits(r.throttle)
			calls = append(calls, append(l.define(r.throttle), assign(r.hash, r.throttle, r.active)...)...)
		}
	}
	if len(calls) == 0 {
		return nil
	}
	if err := c.limited(ctx); err != nil {
		return err
	}
	return c.do(ctx, calls)
}
