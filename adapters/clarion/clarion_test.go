package clarion_test

import (
	"context"
	"database/sql"
	"fmt"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/go-sql-driver/mysql"
	_ "github.com/jackc/pgx/v5/stdlib"
	"go.uber.org/goleak"

	"github.com/clarion-app/download-manager/adapters/clarion"
	"github.com/clarion-app/download-manager/domain"
	"github.com/clarion-app/download-manager/internal/testkit/mariadb"
	"github.com/clarion-app/download-manager/internal/testkit/postgres"
	"github.com/clarion-app/download-manager/ports"
	"github.com/clarion-app/download-manager/ports/portstest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestClarionSource(t *testing.T) {
	t.Parallel()
	t.Run("PostgreSQL", func(t *testing.T) {
		t.Parallel()
		portstest.ClarionSource(t, func(t *testing.T, content portstest.ClarionContent) ports.ClarionSource {
			address := postgres.URL(t)
			fill(t, "pgx", address, content)
			return open(t, address, time.UTC)
		})
	})
	t.Run("MariaDB", func(t *testing.T) {
		t.Parallel()
		server := mariadb.Start(t)
		var n atomic.Int32
		t.Run("suite", func(t *testing.T) {
			portstest.ClarionSource(t, func(t *testing.T, content portstest.ClarionContent) ports.ClarionSource {
				address := server.URL(t, fmt.Sprint("clarion", n.Add(1)))
				fill(t, "mysql", driverAddress(t, address), content)
				return open(t, address, time.UTC)
			})
		})
		t.Run("times are those of the host's zone", func(t *testing.T) {
			address := server.URL(t, "zone")
			at := time.Date(2026, 1, 2, 12, 0, 0, 0, time.UTC)
			fill(t, "mysql", driverAddress(t, address), portstest.ClarionContent{Servers: []domain.ClarionServer{{ID: "a", LocalNode: "n", CreatedAt: at, UpdatedAt: at}}})
			servers, err := open(t, address, time.FixedZone("east", 3600)).Servers(t.Context())
			if err != nil || !servers[0].CreatedAt.Equal(at.Add(-time.Hour)) {
				t.Fatal(servers, err)
			}
		})
	})
}

func TestOpenRefuses(t *testing.T) {
	t.Parallel()
	for address, kind := range map[string]domain.Kind{
		"":                                  domain.KindInvalid,
		"sqlite:clarion.db":                 domain.KindInvalid,
		"host:3306":                         domain.KindInvalid,
		"mariadb://%zz":                     domain.KindInvalid,
		"mariadb://u:secret@127.0.0.1:1/x":  domain.KindUnavailable,
		"postgres://u:secret@127.0.0.1:1/x": domain.KindUnavailable,
	} {
		_, err := clarion.Open(t.Context(), address, time.UTC)
		if domain.KindOf(err) != kind || strings.Contains(fmt.Sprint(err), "secret") {
			t.Errorf("%q: %v", address, err)
		}
	}
}

func TestADatabaseWithoutTheTablesSaysSo(t *testing.T) {
	t.Parallel()
	_, err := open(t, postgres.URL(t), time.UTC).Servers(t.Context())
	if domain.KindOf(err) != domain.KindUnavailable || !strings.Contains(err.Error(), "torrent_servers") {
		t.Error(err)
	}
}

func open(t *testing.T, address string, zone *time.Location) *clarion.Source {
	t.Helper()
	source, err := clarion.Open(t.Context(), address, zone)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = source.Close() })
	return source
}

// driverAddress is the address as the driver writes it.
func driverAddress(t *testing.T, address string) string {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	config := mysql.NewConfig()
	config.User, config.Net, config.Addr, config.DBName = "root", "unix", u.Query().Get("socket"), strings.TrimPrefix(u.Path, "/")
	return config.FormatDSN()
}

// fill makes the tables as Laravel does, and puts content into them.
func fill(t *testing.T, driver, address string, content portstest.ClarionContent) {
	t.Helper()
	db, err := sql.Open(driver, address)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	id, stamp, quote := "uuid", "timestamp(0) without time zone", `"`
	if driver == "mysql" {
		id, stamp, quote = "char(36)", "timestamp", "`"
	}
	exec := func(statement string, args ...any) {
		t.Helper()
		statement = strings.NewReplacer("UUID", id, "STAMP", stamp, `"`, quote).Replace(statement)
		if driver == "pgx" {
			for n := 1; strings.Contains(statement, "?"); n++ {
				statement = strings.Replace(statement, "?", fmt.Sprint("$", n), 1)
			}
		}
		if _, err := db.ExecContext(context.Background(), statement, args...); err != nil {
			t.Fatal(err)
		}
	}
	exec(`CREATE TABLE torrent_servers (id UUID PRIMARY KEY, local_node UUID NOT NULL, address varchar(255) NOT NULL,
		type varchar(255) NOT NULL, created_at STAMP NULL, updated_at STAMP NULL, deleted_at STAMP NULL)`)
	exec(`CREATE TABLE torrents (id UUID PRIMARY KEY, local_node UUID NOT NULL, server_id UUID NOT NULL, user_id UUID NULL,
		"magnetURI" text NOT NULL, hash_string text NULL, completed_at STAMP NULL, name varchar(255) NULL,
		created_at STAMP NULL, updated_at STAMP NULL, deleted_at STAMP NULL)`)
	for _, s := range content.Servers {
		exec(`INSERT INTO torrent_servers (id, local_node, address, type, created_at, updated_at) VALUES (?, ?, ?, ?, ?, ?)`,
			s.ID, s.LocalNode, s.Address, s.Type, s.CreatedAt, s.UpdatedAt)
	}
	for _, c := range content.Torrents {
		exec(`INSERT INTO torrents (id, local_node, server_id, user_id, "magnetURI", hash_string, name, completed_at, created_at, updated_at)
			VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
			c.ID, c.LocalNode, c.ServerID, null(c.UserID), c.MagnetURI, null(c.HashString), null(c.Name), c.CompletedAt, c.CreatedAt, c.UpdatedAt)
	}
	for _, id := range content.Deleted {
		for _, table := range []string{"torrent_servers", "torrents"} {
			exec(`UPDATE `+table+` SET deleted_at = ? WHERE id = ?`, time.Now().UTC(), id)
		}
	}
}

func null(text string) any {
	if text == "" {
		return nil
	}
	return text
}
