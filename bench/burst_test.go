package bench_test

import (
	"database/sql"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"
	_ "modernc.org/sqlite"

	"github.com/clarion-app/download-manager/internal/testkit/transmission"
)

// burst is how many torrents come at once, over this many connections.
const (
	burst       = 200
	connections = 4
)

// BenchmarkBurstOf200 adds 200 torrents at once over REST and compares with a bare
// handler that inserts the same rows, and with the daemon's own adds.
func BenchmarkBurstOf200(b *testing.B) {
	bareInsert := medianOf(b, 5, func() time.Duration { return burstAt(b, bareInserter(b), "", 0) })
	rawAdds := medianOf(b, 5, func() time.Duration { return rawBurst(b) })

	b.Run("daemon up", func(b *testing.B) {
		var handedOver []time.Duration
		accepted := medianOf(b, 5, func() time.Duration {
			daemon := transmission.Start(b, transmission.V3)
			p := serve(b, b.TempDir())
			p.addServer(b, daemon.Address())
			began := time.Now()
			took := burstAt(b, p.url+"/api/torrents", adminToken, 0)
			until(b, time.Minute, func() bool { return held(b, daemon) == burst })
			handedOver = append(handedOver, time.Since(began))
			p.stop()
			daemon.Stop()
			return took
		})
		b.ReportMetric(float64(bareInsert.Microseconds())/1000, "ms/bare-insert")
		b.ReportMetric(float64(accepted.Microseconds())/1000, "ms/accepted")
		b.ReportMetric(float64(accepted)/float64(bareInsert), "accepted/bare-insert")
		b.ReportMetric(float64(rawAdds.Microseconds())/1000, "ms/raw-adds")
		b.ReportMetric(float64(median(handedOver).Microseconds())/1000, "ms/in-the-daemon")
		b.ReportMetric(float64(median(handedOver))/float64(rawAdds), "in-the-daemon/raw-adds")
		b.ReportMetric(0, "ns/op")
	})

	b.Run("daemon stopped", func(b *testing.B) {
		var returns []time.Duration
		lost := 0
		accepted := medianOf(b, 5, func() time.Duration {
			daemon := transmission.Start(b, transmission.V3)
			p := serve(b, b.TempDir())
			p.addServer(b, daemon.Address())
			daemon.Stop()
			took := burstAt(b, p.url+"/api/torrents", adminToken, 0)
			var list []struct {
				ID string `json:"id"`
			}
			if status := p.get("/api/torrents", &list); status != http.StatusOK || len(list) != burst {
				b.Fatalf("the list while the daemon is away: %d with %d rows", status, len(list))
			}
			daemon.Restart()
			back := time.Now()
			until(b, time.Minute, func() bool { return held(b, daemon) == burst })
			returns = append(returns, time.Since(back))
			lost += burst - held(b, daemon)
			p.stop()
			daemon.Stop()
			return took
		})
		b.ReportMetric(float64(accepted)/float64(bareInsert), "accepted/bare-insert")
		b.ReportMetric(slices.Max(returns).Seconds(), "s/handed-over-after-return")
		b.ReportMetric(float64(lost), "lost")
		b.ReportMetric(0, "ns/op")
	})
}

func medianOf(b *testing.B, runs int, run func() time.Duration) time.Duration {
	b.Helper()
	took := make([]time.Duration, runs)
	for i := range took {
		took[i] = run()
	}
	return median(took)
}

// burstAt posts the burst and returns how long it took; every answer must be 201.
func burstAt(b *testing.B, url, token string, first int) time.Duration {
	b.Helper()
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: connections}}
	defer client.CloseIdleConnections()
	var next, bad atomic.Int64
	var wait sync.WaitGroup
	began := time.Now()
	for range connections {
		wait.Go(func() {
			for n := next.Add(1); n <= burst; n = next.Add(1) {
				body, _ := json.Marshal(map[string]string{"magnetURI": benchMagnet(first + int(n))})
				if status, err := post(client, url, token, body); err != nil || status != http.StatusCreated {
					bad.Add(1)
				}
			}
		})
	}
	wait.Wait()
	if n := bad.Load(); n > 0 {
		b.Fatalf("%d of %d adds were not answered with 201", n, burst)
	}
	return time.Since(began)
}

// bareInserter is the floor: a plain handler that decodes the body, inserts the row
// into SQLite with one writer, and answers with it.
func bareInserter(b *testing.B) string {
	b.Helper()
	dsn := "file:" + filepath.Join(b.TempDir(), "floor.db") +
		"?_pragma=busy_timeout(5000)&_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)&_txlock=immediate"
	db, err := sql.Open("sqlite", dsn)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = db.Close() })
	if _, err := db.Exec(`CREATE TABLE torrents (id TEXT PRIMARY KEY, local_node TEXT, server_id TEXT, user_id TEXT,
		"magnetURI" TEXT, hash_string TEXT, name TEXT, completed_at TEXT, created_at TEXT, updated_at TEXT, deleted_at TEXT)`); err != nil {
		b.Fatal(err)
	}
	handler := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		row := struct {
			ID        string    `json:"id"`
			MagnetURI string    `json:"magnetURI"`
			CreatedAt time.Time `json:"created_at"`
		}{ID: uuid.NewString(), CreatedAt: time.Now().UTC()}
		if err := json.NewDecoder(r.Body).Decode(&row); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		_, err := db.ExecContext(r.Context(), `INSERT INTO torrents (id, local_node, server_id, "magnetURI", created_at, updated_at)
			VALUES (?, 'local', ?, ?, ?, ?)`, row.ID, row.ID, row.MagnetURI, row.CreatedAt, row.CreatedAt)
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusCreated)
		_ = json.NewEncoder(w).Encode(row)
	})
	return serveBare(b, handler)
}

func serveBare(b *testing.B, handler http.Handler) string {
	b.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	server := &http.Server{Handler: handler, ReadHeaderTimeout: 10 * time.Second}
	go func() { _ = server.Serve(listener) }()
	b.Cleanup(func() { _ = server.Close() })
	return fmt.Sprintf("http://%s/", listener.Addr())
}

// rawBurst adds the burst to a fresh daemon by its own RPC.
func rawBurst(b *testing.B) time.Duration {
	b.Helper()
	daemon := transmission.Start(b, transmission.V3)
	defer daemon.Stop()
	r := rawOf(b, daemon)
	began := time.Now()
	for n := range burst {
		r.call(b, "torrent-add", map[string]any{"filename": benchMagnet(n + 1)})
	}
	return time.Since(began)
}

// held counts the daemon's torrents.
func held(b *testing.B, daemon *transmission.Daemon) int {
	b.Helper()
	var stats struct {
		TorrentCount int `json:"torrentCount"`
	}
	if err := json.Unmarshal(daemon.RPC(b, "session-stats", map[string]any{}), &stats); err != nil {
		b.Fatal(err)
	}
	return stats.TorrentCount
}
