package transmission

import (
	"context"
	"encoding/json"
	"net"
	"strconv"

	"github.com/clarion-app/download-manager/domain"
)

// object is part of an answer, in the daemon's dialect.
type object struct {
	fields  map[string]json.RawMessage
	dialect *dialect
}

// read reads fields by their names in legacy: a name, where to put it, and so on.
// What the daemon does not tell stays as it is.
func (o object) read(namesAndTargets ...any) error {
	for i := 0; i < len(namesAndTargets); i += 2 {
		raw, told := o.fields[o.dialect.spell(namesAndTargets[i].(string))]
		if told && json.Unmarshal(raw, namesAndTargets[i+1]) != nil {
			return nonsense(errMalformed)
		}
	}
	return nil
}

// list reads a field that is a list of objects.
func (o object) list(name string) ([]object, error) {
	var all []map[string]json.RawMessage
	if err := o.read(name, &all); err != nil {
		return nil, err
	}
	list := make([]object, len(all))
	for i := range all {
		list[i] = object{all[i], o.dialect}
	}
	return list, nil
}

// inside asks for some fields of one torrent, by their names in legacy.
func (c *Client) inside(ctx context.Context, hash domain.InfoHash, fields ...string) (object, error) {
	asked := c.now()
	answer, at, err := c.rpc.call(ctx, func(at handshake) (string, map[string]any) {
		spelled := make([]string, len(fields))
		for i, name := range fields {
			spelled[i] = at.dialect.spell(name)
		}
		return at.dialect.torrentGet, map[string]any{"ids": []domain.InfoHash{hash}, "fields": spelled}
	})
	if err != nil {
		return object{}, unavailable(err)
	}
	var found struct{ Torrents []map[string]json.RawMessage }
	if err := decode(answer, &found); err != nil {
		return object{}, err
	}
	if len(found.Torrents) == 1 {
		return object{found.Torrents[0], at.dialect}, nil
	}
	absent := []domain.InfoHash{hash}
	c.memory.saw(at.session, asked, nil)
	switch settling, err := c.settling(ctx, at.session, asked, absent); {
	case err != nil:
		return object{}, unavailable(err)
	case settling:
		return object{}, domain.Unavailable(nil, "transmission has just started and may not have loaded this torrent yet")
	}
	return object{}, domain.NotFound("transmission does not hold %s", hash)
}

// Files implements ports.TransferDetails.
func (c *Client) Files(ctx context.Context, hash domain.InfoHash) ([]domain.TransferFile, error) {
	torrent, err := c.inside(ctx, hash, "files", "fileStats")
	if err != nil {
		return nil, err
	}
	files, err := torrent.list("files")
	if err != nil {
		return nil, err
	}
	stats, err := torrent.list("fileStats")
	if err != nil {
		return nil, err
	}
	all := make([]domain.TransferFile, len(files))
	for i := range files {
		file := domain.TransferFile{Index: i, Wanted: true}
		if err := files[i].read("name", &file.Path, "length", &file.Size, "bytesCompleted", &file.BytesDone); err != nil {
			return nil, err
		}
		file.Path = domain.CleanText(file.Path)
		if i < len(stats) {
			if err := stats[i].read("wanted", &file.Wanted); err != nil {
				return nil, err
			}
		}
		all[i] = file
	}
	return all, nil
}

// Trackers implements ports.TransferDetails.
func (c *Client) Trackers(ctx context.Context, hash domain.InfoHash) ([]domain.Tracker, error) {
	torrent, err := c.inside(ctx, hash, "trackerStats")
	if err != nil {
		return nil, err
	}
	stats, err := torrent.list("trackerStats")
	if err != nil {
		return nil, err
	}
	all := make([]domain.Tracker, len(stats))
	for i := range stats {
		tracker, said := &all[i], ""
		seeders, leechers := -1, -1
		if err := stats[i].read(
			"announce", &tracker.URL, "tier", &tracker.Tier, "lastAnnounceSucceeded", &tracker.Working,
			"lastAnnounceResult", &said, "seederCount", &seeders, "leecherCount", &leechers,
		); err != nil {
			return nil, err
		}
		tracker.URL = domain.CleanText(tracker.URL)
		if !tracker.Working {
			tracker.Message = shorten(said)
		}
		tracker.Seeders, tracker.Leechers = count(seeders), count(leechers)
	}
	return all, nil
}

// count is nil where the daemon does not know.
func count(n int) *int {
	if n < 0 {
		return nil
	}
	return &n
}

// Peers implements ports.TransferDetails.
func (c *Client) Peers(ctx context.Context, hash domain.InfoHash) ([]domain.Peer, error) {
	torrent, err := c.inside(ctx, hash, "peers")
	if err != nil {
		return nil, err
	}
	peers, err := torrent.list("peers")
	if err != nil {
		return nil, err
	}
	all := make([]domain.Peer, len(peers))
	for i := range peers {
		peer, host, port := &all[i], "", 0
		if err := peers[i].read(
			"address", &host, "port", &port, "clientName", &peer.Client, "progress", &peer.FractionDone,
			"rateToClient", &peer.DownloadRate, "rateToPeer", &peer.UploadRate,
		); err != nil {
			return nil, err
		}
		peer.Address, peer.Client = net.JoinHostPort(host, strconv.Itoa(port)), shorten(peer.Client)
	}
	return all, nil
}
