package rtorrent

import (
	"context"
	"slices"
	"time"

	"github.com/clarion-app/download-manager/domain"
)

const (
	// few torrents are asked for by name, whatever the daemon holds.
	few = 5
	// byName is how many times faster it is to list a torrent among all than to ask for
	// it by name.
	byName = 8
)

// Transfers implements ports.TorrentClient: one request. There are more where the
// selection of files of some torrents is not known yet, when a daemon that had speed
// limits has restarted, and when a magnet is to be handed back.
func (c *Client) Transfers(ctx context.Context, hashes []domain.InfoHash) (domain.Report, error) {
	if err := c.restore(ctx); err != nil {
		return domain.Report{}, err
	}
	asked := c.now()
	rows, seen, err := c.look(ctx, hashes, asked)
	if err != nil {
		return domain.Report{}, err
	}
	if err := c.mend(ctx, rows); err != nil {
		return domain.Report{}, err
	}
	wanted, err := c.wanted(ctx, rows)
	if err != nil {
		return domain.Report{}, err
	}
	report := domain.Report{Transfers: make(map[domain.InfoHash]domain.Transfer, len(rows))}
	for i := range rows {
		report.Transfers[rows[i].hash] = rows[i].transfer(wanted.of(&rows[i]))
	}
	var absent []domain.InfoHash
	for _, hash := range hashes {
		if _, found := report.Transfers[hash]; !found {
			absent = append(absent, hash)
		}
	}
	report.Settling = !c.session.settled(seen, asked, report.Transfers, absent) && len(absent) > 0
	return report, nil
}

// look asks for torrents, by name or among all.
func (c *Client) look(ctx context.Context, hashes []domain.InfoHash, asked time.Time) ([]row, sight, error) {
	anew, size := c.session.needsAll()
	if !anew && (len(hashes) <= few || int64(len(hashes))*byName < size) {
		rows, seen, err := c.lookByName(ctx, hashes)
		if err != nil {
			return nil, seen, err
		}
		if anew = c.session.enter(seen, asked); !anew {
			return rows, seen, nil
		}
	}
	rows, seen, err := c.lookAtAll(ctx)
	if err != nil {
		return nil, seen, err
	}
	if c.session.enter(seen, asked) || anew {
		if err := c.revive(ctx, rows); err != nil {
			return nil, seen, err
		}
		c.session.hasRevived(seen)
	}
	wanted := make(map[domain.InfoHash]struct{}, len(hashes))
	for _, hash := range hashes {
		wanted[hash] = struct{}{}
	}
	return slices.DeleteFunc(rows, func(r row) bool {
		_, found := wanted[r.hash]
		return !found
	}), seen, nil
}

// lookByName asks for each of some torrents.
func (c *Client) lookByName(ctx context.Context, hashes []domain.InfoHash) ([]row, sight, error) {
	calls := c.session.calls()
	skip := len(calls)
	for _, hash := range hashes {
		h := target(hash)
		calls = append(calls, evaluate(h, rowCommand), call{"d.name", []any{h}}, call{"d.message", []any{h}})
	}
	answers, err := c.rpc.list(ctx, calls...)
	if err != nil {
		return nil, sight{}, err
	}
	seen, err := readSight(answers[:skip])
	if err != nil {
		return nil, seen, err
	}
	rows := make([]row, 0, len(hashes))
	for i := range hashes {
		of := answers[skip+3*i:][:3]
		if isUnknownHash(of[0].err) {
			continue
		}
		if err := all(of); err != nil {
			return nil, seen, err
		}
		r, err := readRow(of[0].value, of[1].value, of[2].value)
		if err != nil {
			return nil, seen, nonsense(err)
		}
		if r.hash != hashes[i] {
			return nil, seen, nonsense(malformed("another torrent"))
		}
		rows = append(rows, r)
	}
	return rows, seen, nil
}

// lookAtAll lists all torrents.
func (c *Client) lookAtAll(ctx context.Context) ([]row, sight, error) {
	calls := append(c.session.calls(), command("d.multicall2", "main", rowCommand, "d.name=", "d.message="))
	answers, err := c.rpc.list(ctx, calls...)
	if err != nil {
		return nil, sight{}, err
	}
	last := len(answers) - 1
	seen, err := readSight(answers[:last])
	if err == nil && answers[last].err != nil {
		err = unavailable(answers[last].err)
	}
	if err != nil {
		return nil, seen, err
	}
	rows, err := readRows(answers[last].value)
	if err != nil {
		return nil, seen, nonsense(err)
	}
	return rows, seen, nil
}

// readRows reads a list of rows with two texts each.
func readRows(list value) ([]row, error) {
	if list.kind != kindList {
		return nil, malformed("no list of torrents")
	}
	rows := make([]row, len(list.list))
	for i, item := range list.list {
		if item.kind != kindList || len(item.list) < 3 {
			return nil, malformed("a torrent without its fields")
		}
		var err error
		if rows[i], err = readRow(item.list[0], item.list[1], item.list[2]); err != nil {
			return nil, err
		}
	}
	return rows, nil
}
