package graph_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/clarion-app/download-manager/domain"
	"github.com/clarion-app/download-manager/graph"
	"github.com/clarion-app/download-manager/internal/testkit/wait"
)

func TestServerHealthIsWatched(t *testing.T) {
	t.Parallel()
	const query = `subscription($ids: [ID!]) { serverHealthChanged(ids: $ids) { id health { reachable problem { message } } } }`
	for name, follow := range map[string]func(t *testing.T, d *door, v vars) func() json.RawMessage{
		"over a websocket": func(t *testing.T, d *door, v vars) func() json.RawMessage {
			t.Helper()
			c := d.connect(t, alice)
			c.subscribe(t, "1", query, v)
			return func() json.RawMessage { return c.next(t, "1") }
		},
		"over Server-Sent Events": func(t *testing.T, d *door, v vars) func() json.RawMessage {
			t.Helper()
			s := d.stream(t, bob, query, v)
			return func() json.RawMessage { return s.next(t) }
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := openDoor(t)
			server, other := d.addServer(t), d.addServer(t)
			d.check(t)
			d.store.ResetCalls()
			next := follow(t, d, vars{"ids": []any{server.ID}})
			wait.Until(t, 20*time.Second, "the servers are known", func() bool { return d.store.Calls()["ServerRepository.Find"] > 0 })
			for _, s := range []*domain.Server{other, server} {
				d.clients.Daemon(s.ID).Fail(domain.Unavailable(errors.New("refused"), "does not answer"))
			}
			if _, err := d.checks.CheckAll(t.Context(), domain.System()); err != nil {
				t.Fatal(err)
			}
			wantJSON(t, next(), `{"serverHealthChanged":{"id":"`+server.ID.String()+`","health":{"reachable":false,"problem":{"message":"does not answer"}}}}`)
		})
	}
	t.Run("bad ids are refused", func(t *testing.T) {
		t.Parallel()
		d := openDoor(t)
		for _, ids := range [][]any{{}, {"x"}} {
			into[reply](t, d.stream(t, alice, query, vars{"ids": ids}).event(t)).wantError(t, "INVALID", "ids")
		}
	})
}

func TestServerHealth(t *testing.T) {
	t.Parallel()
	const query = `{ torrentServers { id health { reachable lastSeenAt latency version freeSpace phases { phase count } problem { code message } } } }`

	t.Run("a page of servers is one query, and each is asked once, side by side", func(t *testing.T) {
		t.Parallel()
		d := openDoor(t, func(c *graph.Config) { c.Progress.Patience = 300 * time.Millisecond })
		var servers []*domain.Server
		for range 20 {
			servers = append(servers, d.addServer(t))
		}
		for n := range 40 {
			d.addTorrent(t, alice, n)
		}
		d.check(t)
		free := int64(1 << 40)
		for i, server := range servers {
			d.clients.Daemon(server.ID).SetInfo(domain.ClientInfo{Version: "4.1", FreeSpace: &free})
			if i%2 == 1 {
				d.clients.Daemon(server.ID).Block()
			}
		}
		d.store.ResetCalls()
		began := time.Now()
		got := d.ask(t, admin, query, nil)
		if took := time.Since(began); took > 10*time.Second { // ten of them, one after another, would take 6 s each
			t.Errorf("it took %v", took)
		}
		if calls := d.store.Calls(); calls["ServerRepository.Find"] != 1 || calls["TorrentRepository.Find"] != 1 {
			t.Errorf("the store was asked %v", calls)
		}
		well, ill := 0, 0
		for _, s := range into[struct{ TorrentServers []liveServer }](t, got).TorrentServers {
			switch h := s.Health; {
			case h.Version == nil && h.FreeSpace == nil && h.Phases == nil && h.Reachable && h.Latency != nil:
				ill++
			case *h.Version == "4.1" && *h.FreeSpace == free && len(*h.Phases) == 1 && (*h.Phases)[0].Count == 2 && *h.Latency >= 0:
				well++
			default:
				t.Errorf("got %+v", h)
			}
		}
		if well != 10 || ill != 10 {
			t.Errorf("%d are well and %d ill", well, ill)
		}
		for i, server := range servers {
			if n := d.clients.Daemon(server.ID).Requests().Probe; i%2 == 0 && n != 2 { // once by the check
				t.Errorf("asked for itself %d times", n)
			}
		}
	})

	t.Run("a page that got no progress says so in the server's health", func(t *testing.T) {
		t.Parallel()
		d := openDoor(t)
		server := d.addServer(t)
		d.addTorrent(t, alice, 1)
		d.check(t)
		d.clients.Daemon(server.ID).Fail(domain.Unavailable(errors.New("refused"), "does not answer"))
		d.ask(t, alice, `{ torrents { nodes { progress { phase } } } }`, nil)
		got := string(d.ask(t, alice, `{ torrents { nodes { progress { phase } server { health { reachable problem { message } } } } } }`, nil))
		if !strings.Contains(got, `"progress":null`) || !strings.Contains(got, `"reachable":false,"problem":{"message":"does not answer"}`) {
			t.Errorf("got %s", got)
		}
	})

	t.Run("phases are counted of the viewer's own torrents", func(t *testing.T) {
		t.Parallel()
		d := openDoor(t)
		d.addServer(t)
		d.addTorrent(t, alice, 1)
		d.addTorrent(t, bob, 2)
		d.check(t)
		for token, want := range map[string]string{alice: `[{"phase":"FETCHING_METADATA","count":1}]`, admin: `[{"phase":"FETCHING_METADATA","count":2}]`, guest: `[]`} {
			wantJSON(t, d.ask(t, token, `{ torrentServers { health { phases { phase count } } } }`, nil), `{"torrentServers":[{"health":{"phases":`+want+`}}]}`)
		}
	})
}

type liveServer struct {
	Health struct {
		Reachable bool
		Latency   *float64
		Version   *string
		FreeSpace *int64
		Phases    *[]struct {
			Phase string
			Count int
		}
	}
}
