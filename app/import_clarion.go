package app

import (
	"context"
	"time"

	"github.com/google/uuid"

	"github.com/clarion-app/download-manager/domain"
	"github.com/clarion-app/download-manager/ports"
)

// ClarionImport takes servers and torrents over from the database of a Clarion host.
type ClarionImport struct {
	Source   ports.ClarionSource
	Servers  ports.ServerRepository
	Torrents ports.TorrentRepository
	Clients  ports.TorrentClients
	// Node becomes the node of all that is taken over; "" keeps what the rows say.
	Node string
	Now  func() time.Time
}

// ImportedClarion is what came of an import.
type ImportedClarion struct {
	// Servers and Torrents count what was taken over, and Completed those of the
	// torrents that had completed.
	Servers, Torrents, Completed int
	// KnownServers and KnownTorrents count what was here already, or has been and was
	// removed.
	KnownServers, KnownTorrents int
	// Refused are the rows that could not be taken over.
	Refused []RefusedRow
}

// RefusedRow is a row that could not be taken over.
type RefusedRow struct {
	// Table and ID say which.
	Table, ID string
	Err       error
}

// importBatch is how many torrents are taken over in one transaction.
const importBatch = 1_000

// Run takes over all live rows, of the same ids and times. It may be repeated, and goes
// on where it was interrupted: what is here already, or was removed here, stays as it
// is. A row at fault is told and keeps no other out. A dry run only counts. Only an
// administrator may.
func (a *ClarionImport) Run(ctx context.Context, actor domain.Actor, dryRun bool) (ImportedClarion, error) {
	var result ImportedClarion
	if err := actor.RequireAdministrator("import a Clarion database"); err != nil {
		return result, err
	}
	servers, err := a.servers(ctx, dryRun, &result)
	if err != nil {
		return result, err
	}
	after := ""
	for {
		rows, err := a.Source.Torrents(ctx, after, importBatch)
		if err != nil || len(rows) == 0 {
			return result, err
		}
		if err := a.torrents(ctx, rows, servers, dryRun, &result); err != nil {
			return result, err
		}
		after = rows[len(rows)-1].ID
	}
}

// servers takes the servers over and returns all that torrents can be on.
func (a *ClarionImport) servers(ctx context.Context, dryRun bool, result *ImportedClarion) (map[uuid.UUID]*domain.Server, error) {
	rows, err := a.Source.Servers(ctx)
	if err != nil {
		return nil, err
	}
	present, err := a.Servers.Find(ctx, domain.ServerFilter{WithRemoved: true})
	if err != nil {
		return nil, err
	}
	usable := map[uuid.UUID]*domain.Server{}
	known := map[uuid.UUID]bool{}
	for _, s := range present {
		known[s.ID] = true
		if s.DeletedAt == nil {
			usable[s.ID] = s
		}
	}
	for _, row := range rows {
		if a.Node != "" {
			row.LocalNode = a.Node
		}
		server, err := row.Server(a.Now())
		if err == nil && known[server.ID] {
			result.KnownServers++
			continue
		}
		if err == nil {
			_, err = a.Clients.Open(*server)
		}
		if err != nil {
			result.Refused = append(result.Refused, RefusedRow{Table: "torrent_servers", ID: row.ID, Err: err})
			continue
		}
		if !dryRun {
			if err := a.Servers.Add(ctx, server); err != nil {
				return nil, err
			}
		}
		usable[server.ID] = server
		result.Servers++
	}
	return usable, nil
}

func (a *ClarionImport) torrents(
	ctx context.Context, rows []domain.ClarionTorrent, servers map[uuid.UUID]*domain.Server, dryRun bool, result *ImportedClarion,
) error {
	known, err := a.known(ctx, rows)
	if err != nil {
		return err
	}
	var fresh []*domain.Torrent
	for _, row := range rows {
		t, err := a.torrent(row, servers)
		switch {
		case known[row.ID]:
			result.KnownTorrents++
		case err != nil:
			result.Refused = append(result.Refused, RefusedRow{Table: "torrents", ID: row.ID, Err: err})
		default:
			fresh = append(fresh, t)
		}
	}
	if !dryRun {
		if err := a.Torrents.Add(ctx, fresh...); err != nil {
			return err
		}
	}
	result.Torrents += len(fresh)
	for _, t := range fresh {
		if !t.Open() {
			result.Completed++
		}
	}
	return nil
}

// torrent makes a torrent of a row, on the server that the row names.
func (a *ClarionImport) torrent(row domain.ClarionTorrent, servers map[uuid.UUID]*domain.Server) (*domain.Torrent, error) {
	id, err := uuid.Parse(row.ServerID)
	if err != nil || servers[id] == nil {
		return nil, domain.Invalid("server_id", "there is no server %q, or it could not be taken over", domain.CleanName(row.ServerID))
	}
	return row.Torrent(*servers[id], a.Now())
}

// known tells which rows are here already, or were. Nothing is changed in them.
func (a *ClarionImport) known(ctx context.Context, rows []domain.ClarionTorrent) (map[string]bool, error) {
	texts := map[uuid.UUID]string{}
	ids := make([]uuid.UUID, 0, len(rows))
	for _, row := range rows {
		if id, err := uuid.Parse(row.ID); err == nil {
			ids = append(ids, id)
			texts[id] = row.ID
		}
	}
	present, err := a.Torrents.Update(ctx, ids, nil, func(*domain.Torrent) error { return nil })
	if err != nil {
		return nil, err
	}
	known := make(map[string]bool, len(present))
	for _, t := range present {
		known[texts[t.ID]] = true
	}
	return known, nil
}
