package transmission

import (
	"context"
	"slices"
	"time"

	"github.com/clarion-app/download-manager/domain"
)

// few torrents are simply asked for by name: that stays below a kilobyte, needs
// no memory of what was before, and the daemon need not tell of all the others.
const few = 5

// Transfers implements ports.TorrentClient: one request, and a second one only
// when a torrent is absent and it is not known yet when the daemon started, or
// when the changes that it tells turn out not to suffice.
func (c *Client) Transfers(ctx context.Context, hashes []domain.InfoHash) (domain.Report, error) {
	look := c.lookUp
	if len(hashes) <= few {
		look = c.ask
	}
	report, err := look(ctx, hashes)
	if err != nil {
		return domain.Report{}, unavailable(err)
	}
	return report, nil
}

// ask asks for a few torrents by name.
func (c *Client) ask(ctx context.Context, hashes []domain.InfoHash) (domain.Report, error) {
	report := domain.Report{Transfers: make(map[domain.InfoHash]domain.Transfer, len(hashes))}
	if hashes == nil {
		hashes = []domain.InfoHash{} // none, where null might be all
	}
	asked := c.now()
	list, session, err := c.list(ctx, fieldReport, func(handshake) any { return hashes })
	if err != nil {
		return report, err
	}
	for i := range list.torrents {
		t := &list.torrents[i]
		if hash, err := domain.ParseInfoHash(t.hash); err == nil && slices.Contains(hashes, hash) {
			transfer := t.transfer()
			transfer.InfoHash = hash
			report.Transfers[hash] = transfer
		}
	}
	c.memory.saw(session, asked, report.Transfers)
	var absent []domain.InfoHash
	for _, hash := range hashes {
		if _, found := report.Transfers[hash]; !found {
			absent = append(absent, hash)
		}
	}
	report.Settling, err = c.settling(ctx, session, asked, absent)
	return report, err
}

// lookUp brings the picture up to date and reads many torrents off it.
func (c *Client) lookUp(ctx context.Context, hashes []domain.InfoHash) (domain.Report, error) {
	report := domain.Report{Transfers: make(map[domain.InfoHash]domain.Transfer, len(hashes))}
	patience, cancel := context.WithTimeout(ctx, c.rpc.timeout)
	defer cancel()
	select {
	case c.turn <- struct{}{}:
		defer func() { <-c.turn }()
	case <-patience.Done():
		return report, c.rpc.explain(ctx, patience, patience.Err())
	}
	err := c.refresh(ctx)
	if err != nil {
		return report, err
	}
	var absent []domain.InfoHash
	for _, hash := range hashes {
		if transfer, found := c.picture.of(hash); found {
			report.Transfers[hash] = transfer
		} else {
			absent = append(absent, hash)
		}
	}
	c.memory.saw(c.picture.session, c.picture.polledAt, report.Transfers)
	report.Settling, err = c.settling(ctx, c.picture.session, c.picture.takenAt, absent)
	if err != nil || report.Settling {
		// What is loaded after the picture was taken is no change to the daemon.
		c.picture = picture{}
	}
	return report, err
}

// refresh brings the picture up to date, by what has changed where that is
// certain to be all.
func (c *Client) refresh(ctx context.Context) error {
	var asked time.Time
	var changes bool
	list, session, err := c.list(ctx, fieldReport, func(at handshake) any {
		asked = c.now()
		changes = c.picture.follows(at.session, asked) && at.session != c.deaf
		if changes {
			return at.dialect.recentlyActive
		}
		return nil
	})
	switch {
	case err != nil:
		return err
	case !changes:
		c.picture.take(session, list, asked)
		return nil
	case list.told && c.picture.follows(session, c.now()):
		c.picture.add(list, asked)
		return nil
	case !list.told:
		c.deaf = session
	}
	asked = c.now()
	list, session, err = c.list(ctx, fieldReport, func(handshake) any { return nil })
	if err == nil {
		c.picture.take(session, list, asked)
	}
	return err
}

// list gets a list of torrents: those with ids, or all when ids returns nil. It asks
// for that many of the fields.
func (c *Client) list(ctx context.Context, fields field, ids func(handshake) any) (torrentList, string, error) {
	answer, at, err := c.rpc.call(ctx, func(at handshake) (string, map[string]any) {
		params := map[string]any{"fields": at.dialect.fields[:fields], "format": "table"}
		if ids := ids(at); ids != nil {
			params["ids"] = ids
		}
		return at.dialect.torrentGet, params
	})
	if err != nil {
		return torrentList{}, "", err
	}
	list, err := readTorrents(answer, at.dialect)
	if err != nil {
		return torrentList{}, "", nonsense(err)
	}
	return list, at.session, nil
}
