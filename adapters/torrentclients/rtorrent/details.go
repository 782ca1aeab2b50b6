package rtorrent

import (
	"context"
	"net"
	"strconv"
	"strings"

	"github.com/clarion-app/download-manager/domain"
)

// kindDHT is the type of what stands for the DHT in the list of trackers.
const kindDHT = 3

// table asks for rows of fields of one torrent, with two fields of the torrent
// itself beside it.
func (c *Client) table(ctx context.Context, hash domain.InfoHash, list call, beside ...string) (rows [][]value, of []value, err error) {
	calls := []call{list}
	for _, method := range beside {
		calls = append(calls, call{method, []any{target(hash)}})
	}
	answers, err := c.rpc.calls(ctx, calls...)
	if err != nil {
		return nil, nil, err
	}
	if isUnknownHash(answers[0].err) {
		return nil, nil, notHeld(hash)
	}
	if err := all(answers); err != nil {
		return nil, nil, err
	}
	for _, answer := range answers[1:] {
		of = append(of, answer.value)
	}
	for _, item := range answers[0].value.list {
		if len(item.list) != len(list.params)-2 {
			return nil, nil, nonsense(malformed("a row without its fields"))
		}
		rows = append(rows, item.list)
	}
	return rows, of, nil
}

// counted is a number that is at least 0.
func counted(v value) int64 {
	n, _ := v.integer()
	return max(0, n)
}

// Trackers implements ports.TransferDetails. What a tracker has said last is known
// of the torrent only: it is told of those that do not work.
func (c *Client) Trackers(ctx context.Context, hash domain.InfoHash) ([]domain.Tracker, error) {
	rows, of, err := c.table(ctx, hash, call{"t.multicall", []any{
		target(hash), "", "t.url=", "t.group=", "t.type=", "t.is_enabled=", "t.success_counter=", "t.failed_counter=",
		"t.scrape_counter=", "t.scrape_complete=", "t.scrape_incomplete=",
	}}, "d.message")
	if err != nil {
		return nil, err
	}
	message, failed := strings.CutPrefix(of[0].String(), "Tracker: [")
	message = shorten(strings.TrimSuffix(message, "]"))
	var trackers []domain.Tracker
	for _, row := range rows {
		if counted(row[2]) == kindDHT {
			continue
		}
		tracker := domain.Tracker{URL: row[0].String(), Tier: int(min(counted(row[1]), 1<<20))}
		failures := counted(row[5]) // in a row: the daemon counts anew after a success
		tracker.Working = counted(row[3]) != 0 && counted(row[4]) > 0 && failures == 0
		switch {
		case counted(row[3]) == 0:
			tracker.Message = "it is turned off in rtorrent"
		case failures > 0 && failed:
			tracker.Message = message
		case failures > 0:
			tracker.Message = "it does not answer well"
		}
		if counted(row[6]) > 0 {
			seeders, leechers := int(min(counted(row[7]), 1<<30)), int(min(counted(row[8]), 1<<30))
			tracker.Seeders, tracker.Leechers = &seeders, &leechers
		}
		trackers = append(trackers, tracker)
	}
	return trackers, nil
}

// Peers implements ports.TransferDetails.
func (c *Client) Peers(ctx context.Context, hash domain.InfoHash) ([]domain.Peer, error) {
	rows, _, err := c.table(ctx, hash, call{"p.multicall", []any{
		target(hash), "", "p.address=", "p.port=", "p.client_version=", "p.completed_percent=", "p.down_rate=", "p.up_rate=",
	}})
	if err != nil {
		return nil, err
	}
	peers := make([]domain.Peer, len(rows))
	for i, row := range rows {
		peers[i] = domain.Peer{
			Address: net.JoinHostPort(row[0].String(), strconv.FormatInt(counted(row[1]), 10)), Client: row[2].String(),
			FractionDone: float64(min(counted(row[3]), 100)) / 100, DownloadRate: counted(row[4]), UploadRate: counted(row[5]),
		}
	}
	return peers, nil
}
