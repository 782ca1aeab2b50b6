package database_test

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/clarion-app/download-manager/adapters/database"
	"github.com/clarion-app/download-manager/domain"
	"github.com/clarion-app/download-manager/ports"
)

// question is a call, and the index that must answer it; of several names, each
// database has its own.
type question struct {
	ask     func(ctx context.Context, db *database.DB) error
	indexes []string
}

// indexed are the questions that must stay quick however much is stored.
func indexed(server *domain.Server, user uuid.UUID) map[string]question {
	hasProblem, label := true, "films"
	someHashes := make([]domain.InfoHash, 3)
	for i := range someHashes {
		someHashes[i], _ = domain.ParseInfoHash(strings.Repeat(strconv.Itoa(i), 40))
	}
	place := &domain.TorrentPlace{CreatedAt: server.CreatedAt.Add(500 * time.Millisecond), ID: uuid.New()}
	list := func(filter domain.TorrentFilter, index string) question {
		return question{func(ctx context.Context, db *database.DB) error {
			_, err := db.Torrents().Find(ctx, filter, domain.TorrentPage{After: place, Limit: 50})
			return err
		}, []string{index}}
	}
	log := func(query ports.EventQuery, indexes ...string) question {
		query.After, query.Limit = 100, 50
		return question{func(ctx context.Context, db *database.DB) error {
			_, err := db.EventLog().After(ctx, query)
			return err
		}, indexes}
	}
	return map[string]question{
		"list of all":          list(domain.TorrentFilter{}, "torrents_list"),
		"list of a user":       list(domain.TorrentFilter{UserID: &user}, "torrents_list_of_user"),
		"list of a server":     list(domain.TorrentFilter{ServerID: &server.ID}, "torrents_list_of_server"),
		"list with a problem":  list(domain.TorrentFilter{HasProblem: &hasProblem}, "torrents_list_with_problem"),
		"list of what waits":   list(domain.TorrentFilter{Status: domain.StatusQueued}, "torrents_by_status"),
		"list of what loads":   list(domain.TorrentFilter{Status: domain.StatusDownloading}, "torrents_by_status"),
		"list of what is here": list(domain.TorrentFilter{Status: domain.StatusCompleted}, "torrents_by_status"),
		"list of a label":      list(domain.TorrentFilter{Label: &label}, "torrents_of_label"),
		"list of what pauses":  list(domain.TorrentFilter{Paused: &hasProblem}, "torrents_paused"),
		"open torrents": {func(ctx context.Context, db *database.DB) error {
			_, err := db.Torrents().Open(ctx, server.ID)
			return err
		}, []string{"torrents_attended"}},
		"load of servers": {func(ctx context.Context, db *database.DB) error {
			_, err := db.ServerLoads().Candidates(ctx, server.LocalNode, false)
			return err
		}, []string{"torrents_attended"}},
		"load of servers without what is in trouble": {func(ctx context.Context, db *database.DB) error {
			_, err := db.ServerLoads().Candidates(ctx, server.LocalNode, true)
			return err
		}, []string{"torrents_attended"}},
		"where contents are": {func(ctx context.Context, db *database.DB) error {
			_, err := db.ServerLoads().Holders(ctx, server.LocalNode, someHashes)
			return err
		}, []string{"torrents_of_infohash"}},
		"what a client has taken of contents": {func(ctx context.Context, db *database.DB) error {
			_, err := db.ServerLoads().Begun(ctx, server.ID, someHashes)
			return err
		}, []string{"torrents_of_infohash"}},
		"torrents by their ids": {func(ctx context.Context, db *database.DB) error {
			_, err := db.Torrents().Update(ctx, []uuid.UUID{uuid.New(), uuid.New()}, nil, func(*domain.Torrent) error { return nil })
			return err
		}, []string{"torrents_pkey", "sqlite_autoindex_torrents_1"}},
		"pending removals": {func(ctx context.Context, db *database.DB) error {
			_, err := db.Removals().Pending(ctx, server.ID)
			return err
		}, []string{"torrent_removals_pending"}},
		"whether a removal is still needed": {func(ctx context.Context, db *database.DB) error {
			_, err := db.Removals().Pending(ctx, server.ID)
			return err
		}, []string{"torrents_of_infohash"}},
		"the next server to check": {func(ctx context.Context, db *database.DB) error {
			now := time.Now()
			_, _, err := db.ServerLeases().Claim(ctx, ports.LeaseRequest{Node: "other", Owner: "a", Now: now, Until: now})
			return err
		}, []string{"torrent_servers_due"}},
		"events":           log(ports.EventQuery{}, "torrent_events_pkey", "INTEGER PRIMARY KEY"),
		"events of a type": log(ports.EventQuery{Filter: domain.EventFilter{Types: []domain.EventType{domain.EventMarkedIncomplete}}}, "torrent_events_of_type"),
		"events of a user": log(ports.EventQuery{Filter: domain.EventFilter{UserID: &user}}, "torrent_events_of_user"),
		"a consumer of a user": {func(ctx context.Context, db *database.DB) error {
			_, err := db.Consumers().Get(ctx, user, "backup")
			return ignoreNotFound(err)
		}, []string{"event_consumers_pkey", "sqlite_autoindex_event_consumers_1"}},
		"a user by name": {func(ctx context.Context, db *database.DB) error {
			_, err := db.Users().GetByName(ctx, "nobody")
			return ignoreNotFound(err)
		}, []string{"users_name_folded", "sqlite_autoindex_users_2"}},
		"a token by hash": {func(ctx context.Context, db *database.DB) error {
			_, err := db.Tokens().GetByHash(ctx, "none")
			return ignoreNotFound(err)
		}, []string{"api_tokens_hash", "sqlite_autoindex_api_tokens_2"}},
		"tokens of a user": {func(ctx context.Context, db *database.DB) error {
			_, err := db.Tokens().Find(ctx, &user)
			return err
		}, []string{"api_tokens_list_of_user"}},
	}
}

func ignoreNotFound(err error) error {
	if domain.KindOf(err) == domain.KindNotFound {
		return nil
	}
	return err
}

func TestIndexes(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, dsn string) {
		db := open(t, dsn, database.Options{})
		server, user := stock(t, db)
		recording := db.Record()
		for name, question := range indexed(server, user) {
			recording.Take()
			if err := question.ask(t.Context(), db); err != nil {
				t.Fatal(name, err)
			}
			plans := ""
			for _, query := range recording.Take() {
				if strings.HasPrefix(strings.TrimSpace(query), "SELECT") {
					plans += explain(t, db, query)
				}
			}
			used := false
			for _, index := range question.indexes {
				used = used || strings.Contains(plans, index+" ") || strings.Contains(plans, index+"\n")
			}
			if !used {
				t.Errorf("%s: none of %v is used:\n%s", name, question.indexes, plans)
			}
			plans = strings.NewReplacer("Seq Scan on torrent_events_pruned", "", "SCAN p", "", "SCAN s\n", "\n").Replace(plans) // one row, few servers
			if strings.Contains(plans, "Seq Scan") || strings.Contains(plans, "SCAN ") || strings.Contains(plans, "Sort Key") ||
				strings.Contains(plans, "ORDER BY") {
				t.Errorf("%s: reads or sorts a whole table:\n%s", name, plans)
			}
		}
	})
}

// stock stores enough for indexes to be worth their while: few torrents are
// open, fewer have a problem, and one user of many has few.
func stock(t *testing.T, db *database.DB) (*domain.Server, uuid.UUID) {
	t.Helper()
	user := uuid.New()
	var server *domain.Server
	for range 3 {
		server = fill(t, db, 1000, func(i int, torrent *domain.Torrent) {
			accept(i, torrent)
			torrent.UserID = &user
			if i%20 > 0 {
				other := uuid.New()
				torrent.UserID = &other
				if err := torrent.Complete(torrent.CreatedAt, torrent.CreatedAt); err != nil {
					t.Error(err)
				}
			}
			if i%100 == 3 {
				torrent.Reopen(torrent.CreatedAt)
			}
			if i%50 == 1 {
				torrent.Problem = &domain.Problem{Code: domain.ProblemMissing, Message: "gone", Since: torrent.CreatedAt}
			}
			if i%7 == 0 {
				torrent.Remove(false, torrent.CreatedAt)
			}
		})
	}
	if _, err := db.Bun().ExecContext(t.Context(), "ANALYZE"); err != nil {
		t.Fatal(err)
	}
	return server, user
}

// explain returns how the database answers a query. Small tables are read whole and
// sorted unless that is made dear.
func explain(t *testing.T, db *database.DB, query string) string {
	t.Helper()
	return explainWithout(t, db, query, "seqscan", "bitmapscan", "sort")
}

// explainWithout is explain with these ways made dear on PostgreSQL.
func explainWithout(t *testing.T, db *database.DB, query string, ways ...string) string {
	t.Helper()
	tx, err := db.Bun().BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = tx.Rollback() }()
	verb := "EXPLAIN QUERY PLAN "
	if db.Bun().Dialect().Name().String() == "pg" {
		verb = "EXPLAIN "
		for _, way := range ways {
			if _, err := tx.ExecContext(t.Context(), "SET LOCAL enable_"+way+" = off"); err != nil {
				t.Fatal(err)
			}
		}
	}
	rows, err := tx.QueryContext(t.Context(), verb+query)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	columns, err := rows.Columns()
	if err != nil {
		t.Fatal(err)
	}
	plan := ""
	for rows.Next() {
		values := make([]any, len(columns))
		for i := range values {
			values[i] = new(any)
		}
		if err := rows.Scan(values...); err != nil {
			t.Fatal(err)
		}
		plan += fmt.Sprint(*values[len(values)-1].(*any)) + "\n"
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return plan
}
