package database

import (
	"database/sql"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgconn/ctxwatch"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect/pgdialect"
)

// maxPostgresConns leaves room for several replicas below the usual limit of
// 100 connections.
const maxPostgresConns = 16

func isPostgres(dsn string) bool {
	return strings.HasPrefix(dsn, "postgres://") || strings.HasPrefix(dsn, "postgresql://")
}

func openPostgres(dsn string) (*bun.DB, error) {
	config, err := pgx.ParseConfig(dsn)
	if err != nil {
		// pgx hides the password in its message
		return nil, fmt.Errorf("database URL: %w", err)
	}
	// Bun writes values into the text of its queries, so that preparing them would
	// be work for nothing; and its quoting is right under this setting only.
	config.DefaultQueryExecMode = pgx.QueryExecModeExec
	config.RuntimeParams["standard_conforming_strings"] = "on"
	config.RuntimeParams["client_encoding"] = "UTF8"
	if config.RuntimeParams["application_name"] == "" {
		config.RuntimeParams["application_name"] = "downloadmanager"
	}
	// By default each request that its caller gives up costs a connection.
	config.BuildContextWatcherHandler = func(conn *pgconn.PgConn) ctxwatch.Handler {
		return &pgconn.CancelRequestContextWatcherHandler{Conn: conn, DeadlineDelay: 5 * time.Second}
	}
	pool := stdlib.OpenDB(*config)
	limitPool(pool, maxPostgresConns)
	return bun.NewDB(pool, pgdialect.New()), nil
}

func limitPool(pool *sql.DB, conns int) {
	pool.SetMaxOpenConns(conns)
	pool.SetMaxIdleConns(conns)
	pool.SetConnMaxIdleTime(5 * time.Minute)
}
