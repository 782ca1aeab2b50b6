package main

import (
	"context"
	"database/sql"
	"strings"
	"testing"

	_ "github.com/jackc/pgx/v5/stdlib"

	"github.com/clarion-app/download-manager/domain"
	"github.com/clarion-app/download-manager/internal/testkit/postgres"
)

func TestImportClarion(t *testing.T) {
	t.Parallel()
	address := postgres.URL(t)
	db, err := sql.Open("pgx", address)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	for statement := range strings.SplitSeq(`
		CREATE TABLE torrent_servers (id uuid PRIMARY KEY, local_node uuid, address text, type text,
			created_at timestamp, updated_at timestamp, deleted_at timestamp);
		CREATE TABLE torrents (id uuid PRIMARY KEY, local_node uuid, server_id uuid, user_id uuid, "magnetURI" text, hash_string text,
			completed_at timestamp, name text, created_at timestamp, updated_at timestamp, deleted_at timestamp);
		INSERT INTO torrent_servers VALUES ('11111111-1111-4111-8111-111111111111', '22222222-2222-4222-8222-222222222222',
			'seedbox:9091', 'Transmission', '2025-06-22 16:48:52', '2025-06-22 16:48:52');
		INSERT INTO torrents VALUES ('33333333-3333-4333-8333-333333333333', '22222222-2222-4222-8222-222222222222',
			'11111111-1111-4111-8111-111111111111', NULL, 'magnet:?xt=urn:btih:0123456789012345678901234567890123456789', NULL,
			'2025-06-22 17:48:52', 'one', '2025-06-22 16:48:52', NULL);
		INSERT INTO torrents VALUES ('44444444-4444-4444-8444-444444444444', '22222222-2222-4222-8222-222222222222',
			'11111111-1111-4111-8111-111111111111', NULL, 'nothing', NULL, NULL, 'two', NULL, NULL)`, ";") {
		if _, err := db.ExecContext(context.Background(), statement); err != nil {
			t.Fatal(err)
		}
	}
	s := shell{t.TempDir()}
	const dry = "servers: 1 taken over, 0 known already\ntorrents: 1 taken over (1 of them complete), 0 known already\n"
	for _, c := range []struct {
		args []string
		want string
	}{
		{[]string{"--dry-run"}, dry},
		{nil, dry},
		{nil, "servers: 0 taken over, 1 known already\ntorrents: 0 taken over (0 of them complete), 1 known already\n"},
	} {
		out, errs, err := s.run(t, "", append([]string{"import", "clarion", "--from", address}, c.args...)...)
		want(t, out, c.want)
		if err == nil || !strings.Contains(errs, "torrents 44444444-4444-4444-8444-444444444444: ") {
			t.Errorf("the row at fault is not told: %v, %s", err, errs)
		}
	}
	s.fails(t, domain.KindInvalid, "import", "clarion", "--from", "sqlite:x")
	if _, _, err := s.run(t, "", "import", "clarion", "--from", address, "--timezone", "Nowhere"); err == nil {
		t.Error("a time zone that does not exist is fine")
	}
}
