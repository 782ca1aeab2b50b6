package database_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/clarion-app/download-manager/adapters/database"
	"github.com/clarion-app/download-manager/domain"
	"github.com/clarion-app/download-manager/ports"
)

func TestTorrents(t *testing.T) {
	t.Parallel()
	t.Run("a row whose magnet is none breaks no list and keeps its text", func(t *testing.T) {
		t.Parallel()
		onBoth(t, func(t *testing.T, dsn string) {
			db := open(t, dsn, database.Options{})
			server := fill(t, db, 3, nil)
			torrents, err := db.Torrents().Find(t.Context(), domain.TorrentFilter{}, domain.TorrentPage{})
			if err != nil {
				t.Fatal(err)
			}
			const foreign = "  not a magnet "
			for i, hash := range []string{torrents[0].InfoHash().String(), "none"} {
				if _, err := db.Bun().NewRaw(`UPDATE torrents SET "magnetURI" = ?, info_hash = ? WHERE id = ?`,
					foreign, hash, torrents[i].ID).Exec(t.Context()); err != nil {
					t.Fatal(err)
				}
			}
			found, err := db.Torrents().Find(t.Context(), domain.TorrentFilter{}, domain.TorrentPage{})
			if err != nil || len(found) != 3 {
				t.Fatalf("found %d, %v", len(found), err)
			}
			if found[0].InfoHash() != torrents[0].InfoHash() || !found[1].InfoHash().IsZero() || found[1].MagnetURI.String() != foreign {
				t.Errorf("magnets %+v and %+v", found[0].MagnetURI, found[1].MagnetURI)
			}
			if open, err := db.Torrents().Open(t.Context(), server.ID); err != nil || len(open) != 3 {
				t.Errorf("%d are open, %v", len(open), err)
			}
			if _, err := db.Torrents().Update(t.Context(), []uuid.UUID{found[0].ID, found[1].ID}, nil, func(torrent *domain.Torrent) error {
				torrent.AssignUser(&torrent.ID, time.Now()) // for which the magnet is written, too
				return torrent.Rename("renamed", time.Now())
			}); err != nil {
				t.Fatal(err)
			}
			var texts []string
			if err := db.Bun().NewRaw(`SELECT "magnetURI" || info_hash FROM torrents WHERE name = 'renamed' ORDER BY created_at DESC`).
				Scan(t.Context(), &texts); err != nil {
				t.Fatal(err)
			}
			if len(texts) != 2 || texts[0] != foreign+torrents[0].InfoHash().String() || texts[1] != foreign {
				t.Errorf("stored %q", texts)
			}
		})
	})
	t.Run("a torrent that could not be added still has its events", func(t *testing.T) {
		t.Parallel()
		onBoth(t, func(t *testing.T, dsn string) {
			db := open(t, dsn, database.Options{})
			server := fill(t, db, 0, nil)
			torrent := torrentFor(t, server)
			torrent.ServerID = uuid.New()
			if err := db.Torrents().Add(t.Context(), torrent); domain.KindOf(err) != domain.KindInvalid {
				t.Fatal(err)
			}
			torrent.ServerID = server.ID
			if err := db.Torrents().Add(t.Context(), torrent); err != nil {
				t.Fatal(err)
			}
			events, err := db.EventLog().After(t.Context(), ports.EventQuery{Limit: 10})
			if err != nil || len(events) != 1 || len(torrent.TakeEvents()) != 0 {
				t.Errorf("logged %d events, %v", len(events), err)
			}
		})
	})
	t.Run("thousands of torrents are updated in one statement", func(t *testing.T) {
		t.Parallel()
		onBoth(t, func(t *testing.T, dsn string) {
			const many = 2_000
			db := open(t, dsn, database.Options{})
			server := fill(t, db, many, accept)
			all, err := db.Torrents().Open(t.Context(), server.ID)
			if err != nil {
				t.Fatal(err)
			}
			ids := make([]uuid.UUID, 0, many)
			for _, torrent := range all {
				ids = append(ids, torrent.ID)
			}
			recording := db.Record()
			began := time.Now()
			if _, err := db.Torrents().Update(t.Context(), ids, nil, func(torrent *domain.Torrent) error {
				return torrent.Complete(time.Now(), time.Now())
			}); err != nil {
				t.Fatal(err)
			}
			t.Logf("updated %d in %v", many, time.Since(began))
			updates := 0
			for _, query := range recording.Take() {
				if strings.Contains(query, "UPDATE \"torrents\"") {
					updates++
					if strings.Contains(query, "magnet:?") {
						t.Error("the magnets were written again")
					}
				}
			}
			if left, err := db.Torrents().Open(t.Context(), server.ID); err != nil || len(left) != 0 || updates != 1 {
				t.Errorf("%d updates, %d left, %v", updates, len(left), err)
			}
		})
	})
	t.Run("a text that no column holds is the input's fault", func(t *testing.T) {
		t.Parallel()
		db := open(t, migrated["PostgreSQL"](t), database.Options{})
		server, err := domain.NewServer("node", "address", domain.ClientType(strings.Repeat("x", 256)), time.Now())
		if err == nil {
			err = db.Servers().Add(t.Context(), server)
		}
		if domain.KindOf(err) != domain.KindInvalid {
			t.Errorf("error %v", err)
		}
	})
}
