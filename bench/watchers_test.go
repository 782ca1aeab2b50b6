package bench_test

import (
	"context"
	"encoding/json"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/coder/websocket"
	"github.com/google/uuid"

	"github.com/clarion-app/download-manager/domain"
)

const (
	// watchers of one server with so many torrents, of which some change all the time:
	// a tenth follows all of them, and the others a page, as a list on a screen does.
	wholeWatchers    = 100
	pageWatchers     = 900
	watchedTorrents  = 10_000
	watchedPage      = 50
	changingTorrents = 20
	// watchPeriod is how often each of them wants to be told.
	watchPeriod = 2 * time.Second
	// watchPeriods are measured.
	watchPeriods = 5
	// comingTogether is how many begin at the same time: each is told of all torrents
	// at first, which is what takes long here.
	comingTogether = 25
)

// BenchmarkWatchersOfProgress counts the requests that a server with 10,000 torrents
// gets per interval: for one watcher, for 1,000 of them over sockets of their own, and
// when they have gone.
func BenchmarkWatchersOfProgress(b *testing.B) {
	daemon := newTalkativeDaemon(b, watchedTorrents, changingTorrents)
	dir := b.TempDir()
	dsn := "sqlite:" + filepath.Join(dir, "watchers.db")
	server, torrents := fillAccepted(b, dsn, daemon.URL, watchedTorrents)
	p := serve(b, dir, "DM_DATABASE_URL="+dsn, "DM_CHECK_INTERVAL=1h", "DM_GRAPHQL_SUBSCRIPTIONS_PER_USER=2000")
	until(b, time.Minute, func() bool { return daemon.requests.Load() > 0 }) // the first check

	none := daemon.during(watchPeriods * watchPeriod)
	whole := watched{args: fmt.Sprintf("filter: {serverId: %q}", server), torrents: watchedTorrents}
	one := p.watchProgress(b, whole)
	forOne := daemon.perPeriod(b)
	many := p.watchProgress(b, slices.Repeat([]watched{whole}, wholeWatchers-1)...)
	var pages []watched
	for n := range pageWatchers {
		first := n * watchedPage % len(torrents)
		ids, err := json.Marshal(torrents[first : first+watchedPage])
		if err != nil {
			b.Fatal(err)
		}
		pages = append(pages, watched{args: "ids: " + string(ids), torrents: watchedPage})
	}
	some := p.watchProgress(b, pages...)
	before := many.messages.Load()
	forMany := daemon.perPeriod(b)
	told := float64(many.messages.Load()-before) / (wholeWatchers - 1) / watchPeriods
	one.stop()
	many.stop()
	some.stop()
	until(b, time.Minute, func() bool { return daemon.during(2*watchPeriod) == 0 })

	b.ReportMetric(float64(none), "requests/unwatched")
	b.ReportMetric(forOne, "requests/interval-1-watcher")
	b.ReportMetric(forMany, "requests/interval-1000-watchers")
	b.ReportMetric(forMany/forOne, "1000-watchers/1-watcher")
	b.ReportMetric(told, "messages/watcher-and-interval")
	b.ReportMetric(0, "ns/op")
}

// fillAccepted makes a database with a server and torrents that it has taken.
func fillAccepted(b *testing.B, dsn, address string, count int) (server uuid.UUID, torrents []uuid.UUID) {
	b.Helper()
	db := openStore(b, dsn)
	id := fillStore(b, db, address, count)
	taker, err := db.Servers().Get(b.Context(), id)
	if err != nil {
		b.Fatal(err)
	}
	open, err := db.Torrents().Open(b.Context(), id)
	if err != nil {
		b.Fatal(err)
	}
	ids := make([]uuid.UUID, len(open))
	for i, o := range open {
		ids[i] = o.ID
	}
	_, err = db.Torrents().Update(b.Context(), ids, nil, func(t *domain.Torrent) error {
		t.Accept(*taker, t.InfoHash(), t.InfoHash(), time.Now())
		return nil
	})
	if err != nil {
		b.Fatal(err)
	}
	if err := db.Close(); err != nil {
		b.Fatal(err)
	}
	return id, ids
}

// watched is what a socket follows, and how many torrents that are.
type watched struct {
	args     string
	torrents int
}

// watching is a number of sockets that follow progress.
type watching struct {
	stop     func()
	messages atomic.Int64
}

// watchProgress opens sockets, and returns when each has been told of all its torrents.
func (p *product) watchProgress(b *testing.B, all ...watched) *watching {
	b.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	w := &watching{}
	var wait sync.WaitGroup
	w.stop = func() { cancel(); wait.Wait() }
	b.Cleanup(w.stop)
	var full atomic.Int64
	for n, what := range all {
		conn, _, err := websocket.Dial(ctx, strings.Replace(p.url, "http", "ws", 1)+"/graphql", &websocket.DialOptions{ //nolint:bodyclose // the socket is the body
			Subprotocols: []string{"graphql-transport-ws"},
		})
		if err != nil {
			b.Fatal(err)
		}
		conn.SetReadLimit(-1)
		wait.Go(func() {
			defer func() { _ = conn.CloseNow() }()
			if err := w.follow(ctx, conn, what, &full); err != nil && ctx.Err() == nil {
				b.Error(err)
			}
		})
		if n%comingTogether == comingTogether-1 || n == len(all)-1 {
			until(b, time.Minute, func() bool { return b.Failed() || full.Load() == int64(n+1) })
		}
	}
	return w
}

// follow reads what a socket is told until ctx ends.
func (w *watching) follow(ctx context.Context, conn *websocket.Conn, what watched, full *atomic.Int64) error {
	query, err := json.Marshal(fmt.Sprintf(`subscription {progress(%s, every: %g) {torrentId progress {bytesLeft}}}`,
		what.args, watchPeriod.Seconds()))
	if err != nil {
		return err
	}
	say := func(message string) error { return conn.Write(ctx, websocket.MessageText, []byte(message)) }
	if err := say(`{"type":"connection_init","payload":{"token":"` + adminToken + `"}}`); err != nil {
		return err
	}
	for told := 0; ; {
		_, message, err := conn.Read(ctx)
		if err != nil {
			return err
		}
		switch changes := strings.Count(string(message), `"torrentId"`); {
		case changes > 0:
			w.messages.Add(1)
			if told < what.torrents && told+changes >= what.torrents {
				full.Add(1)
			}
			told += changes
		case strings.Contains(string(message), `"type":"connection_ack"`):
			err = say(`{"id":"1","type":"subscribe","payload":{"query":` + string(query) + `}}`)
		case strings.Contains(string(message), `"type":"ping"`):
			err = say(`{"type":"pong"}`)
		default:
			err = fmt.Errorf("told %s", message)
		}
		if err != nil {
			return err
		}
	}
}
