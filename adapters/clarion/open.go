package clarion

import (
	"context"
	"database/sql"
	"net/url"
	"strings"
	"time"

	"github.com/go-sql-driver/mysql"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"

	"github.com/clarion-app/download-manager/domain"
)

// patience is how long a connection may take.
const patience = 10 * time.Second

// Open connects to the database that address names: postgres://user:password@host/name,
// or mariadb:// or mysql:// alike, with ?socket=PATH for a Unix socket. Its times are in
// zone: Laravel stores them without saying, in UTC unless app.timezone is changed.
// KindInvalid, field "from", when the address cannot be right.
func Open(ctx context.Context, address string, zone *time.Location) (*Source, error) {
	u, err := url.Parse(address)
	if err != nil {
		return nil, domain.Invalid("from", "must be a URL like mariadb://user:password@host/database")
	}
	source := &Source{zone: zone}
	switch u.Scheme {
	case "postgres", "postgresql":
		source.quote, source.place = `"`, func(n string) string { return "$" + n }
		source.db, err = openPostgres(address)
	case "mariadb", "mysql":
		source.quote, source.place = "`", func(string) string { return "?" }
		source.db, err = openMariaDB(u)
	default:
		return nil, domain.Invalid("from", "must begin with postgres://, mariadb:// or mysql://")
	}
	if err != nil {
		return nil, domain.Invalid("from", "cannot be used as the address of a database")
	}
	source.db.SetMaxOpenConns(1)
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	if err := source.db.PingContext(ctx); err != nil {
		_ = source.Close()
		return nil, unreadable(ctx, err)
	}
	return source, nil
}

func openPostgres(address string) (*sql.DB, error) {
	config, err := pgx.ParseConfig(address)
	if err != nil {
		return nil, err
	}
	return stdlib.OpenDB(*config), nil
}

func openMariaDB(u *url.URL) (*sql.DB, error) {
	config := mysql.NewConfig()
	config.User = u.User.Username()
	config.Passwd, _ = u.User.Password()
	config.DBName = strings.TrimPrefix(u.Path, "/")
	config.ParseTime, config.Loc = true, time.UTC
	config.Timeout, config.ReadTimeout = patience, time.Minute
	config.Net, config.Addr = "tcp", u.Host
	if u.Port() == "" {
		config.Addr = u.Hostname() + ":3306"
	}
	if socket := u.Query().Get("socket"); socket != "" {
		config.Net, config.Addr = "unix", socket
	}
	connector, err := mysql.NewConnector(config)
	if err != nil {
		return nil, err
	}
	return sql.OpenDB(connector), nil
}
