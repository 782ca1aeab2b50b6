package deluge

import (
	"context"

	"github.com/clarion-app/download-manager/domain"
)

// Transfers implements ports.TorrentClient: one message with one request, and two
// more in it as long as the daemon may still be loading.
func (c *Client) Transfers(ctx context.Context, hashes []domain.InfoHash) (domain.Report, error) {
	var report domain.Report
	err := c.rpc.converse(ctx, func(ctx context.Context, on *connection) error {
		report = domain.Report{Transfers: make(map[domain.InfoHash]domain.Transfer, len(hashes))}
		asked := make(map[domain.InfoHash]struct{}, len(hashes))
		for _, hash := range hashes {
			asked[hash] = struct{}{}
		}
		loaded, err := c.status(ctx, on, map[string]any{"id": texts(hashes)}, statusKeys, func(hash domain.InfoHash, t *torrent) {
			if _, ours := asked[hash]; ours {
				transfer := t.transfer()
				transfer.InfoHash = hash
				report.Transfers[hash] = transfer
			}
		})
		if err != nil {
			return err
		}
		report.Settling = !loaded && len(report.Transfers) < len(asked)
		return nil
	})
	if err != nil {
		return domain.Report{}, unavailable(err)
	}
	return report, nil
}

// status asks for torrents, and tells whether all had been loaded before.
func (c *Client) status(
	ctx context.Context, on *connection, filter map[string]any, keys []string, each func(domain.InfoHash, *torrent),
) (loaded bool, err error) {
	var calls []call
	loaded = on.loaded()
	if !loaded {
		calls = loadingCalls()
	}
	// Without its third argument, diff: it is relative to what the session has been
	// told before, but the daemon looks up which session that is when another one
	// may have asked since.
	calls = append(calls, call{method: "core.get_torrents_status", arguments: []any{filter, keys}})
	answers, err := on.ask(ctx, maxList, calls...)
	if err != nil {
		return false, err
	}
	if !loaded {
		if loaded, err = on.learn(answers, c.now()); err != nil {
			return false, err
		}
	}
	return loaded, answers[len(answers)-1].read(func(r *reader) error {
		return readTorrents(r, func(text []byte, t *torrent) {
			if hash, err := domain.ParseInfoHash(string(text)); err == nil {
				each(hash, t)
			}
		})
	})
}

// texts are infohashes as the daemon writes them.
func texts(hashes []domain.InfoHash) []string {
	list := make([]string, len(hashes))
	for i, hash := range hashes {
		list[i] = hash.String()
	}
	return list
}
