package rtorrent

import (
	"context"
	"path"
	"slices"
	"time"

	"github.com/clarion-app/download-manager/domain"
)

// trackersCommand writes the trackers of a torrent, one behind the other.
const trackersCommand = "t.multicall=,t.url=,t.type="

// listFields are what List asks beside a row.
var listFields = []any{
	"", "main", rowCommand, "d.name=", "d.message=", "d.custom1=", "d.directory=", "d.is_multi_file=",
	"d.custom=" + addedTime, "d.timestamp.started=", trackersCommand,
}

// List implements ports.TransferListing.
func (c *Client) List(ctx context.Context) ([]domain.HeldTransfer, error) {
	if err := c.restore(ctx); err != nil {
		return nil, err
	}
	asked := c.now()
	calls := append(append(magnetFolders(), c.session.calls()...), call{"d.multicall2", listFields})
	answers, err := c.rpc.list(ctx, calls...)
	if err != nil {
		return nil, err
	}
	elsewhere, last := readMagnetFolders(answers[:2]), len(answers)-1
	seen, err := readSight(answers[:last])
	if err == nil && answers[last].err != nil {
		err = unavailable(answers[last].err)
	}
	if err != nil {
		return nil, err
	}
	c.session.enter(seen, asked)
	if !c.session.settled(seen, asked, nil, []domain.InfoHash{{}}) {
		return nil, domain.Unavailable(nil, "rtorrent has just started, and may not have loaded its torrents yet")
	}
	rows, err := readRows(answers[last].value)
	if err != nil {
		return nil, nonsense(err)
	}
	wanted, err := c.wanted(ctx, rows)
	if err != nil {
		return nil, err
	}
	held := make([]domain.HeldTransfer, len(rows))
	for i := range rows {
		item := answers[last].value.list[i].list
		if len(item) != len(listFields)-2 {
			return nil, nonsense(malformed("a torrent without its fields"))
		}
		held[i] = domain.HeldTransfer{Transfer: rows[i].transfer(wanted.of(&rows[i])), Label: decodeLabel(item[3].String())}
		held[i].Folder = folderOf(item[4].String(), counted(item[5]) != 0)
		if rows[i].meta && slices.Contains(elsewhere, held[i].Folder) {
			held[i].Folder = ""
		}
		held[i].AddedAt = addedAt(item[6], item[7])
		held[i].Magnet = magnet(&rows[i], item[8].list)
	}
	return held, nil
}

// folderOf is the folder that a torrent was put into, of the one that its files are
// in; "" where that is not told.
func folderOf(directory string, several bool) string {
	switch {
	case !path.IsAbs(directory):
		return ""
	case several:
		return path.Dir(path.Clean(directory))
	}
	return path.Clean(directory)
}

// addedAt is what ruTorrent, or this client, has noted; else when the torrent was
// started for the first time. When it was loaded is told, too, but anew after each
// restart.
func addedAt(noted, started value) *time.Time {
	for _, v := range []value{noted, started} {
		if seconds, ok := v.integer(); ok && seconds > 0 && seconds < 1<<40 {
			at := time.Unix(seconds, 0).UTC()
			return &at
		}
	}
	return nil
}

// magnet names a torrent, with its trackers.
func magnet(r *row, trackers []value) domain.Magnet {
	name, urls := r.name, make([]string, 0, len(trackers))
	if r.meta {
		name = "" // a placeholder
	}
	for _, tracker := range trackers {
		if len(tracker.list) == 2 && counted(tracker.list[1]) != kindDHT {
			urls = append(urls, tracker.list[0].String())
		}
	}
	return domain.MagnetOf(r.hash, name, urls)
}
