package graph_test

import (
	"encoding/json"
	"errors"
	"testing"

	"github.com/google/uuid"

	"github.com/clarion-app/download-manager/app"
	"github.com/clarion-app/download-manager/domain"
)

const watchProgress = `subscription($ids: [ID!], $filter: TorrentFilter, $every: Float! = 1) {
  progress(ids: $ids, filter: $filter, every: $every) {
    torrentId torrent { name status server { id } } progress { phase fractionDone bytesLeft }
  }
}`

type progressMessage struct {
	Progress []struct {
		TorrentID string
		Torrent   *torrent
		Progress  *struct {
			Phase        string
			FractionDone float64
			BytesLeft    int64
		}
	}
}

func TestProgressIsWatched(t *testing.T) {
	t.Parallel()
	for name, follow := range map[string]func(t *testing.T, d *door, token string, v vars) func() json.RawMessage{
		"over a websocket": func(t *testing.T, d *door, token string, v vars) func() json.RawMessage {
			t.Helper()
			c := d.connect(t, token)
			c.subscribe(t, "1", watchProgress, v)
			return func() json.RawMessage { return c.next(t, "1") }
		},
		"over Server-Sent Events": func(t *testing.T, d *door, token string, v vars) func() json.RawMessage {
			t.Helper()
			s := d.stream(t, token, watchProgress, v)
			return func() json.RawMessage { return s.next(t) }
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := openDoor(t)
			server := d.addServer(t)
			mine, other := d.addTorrent(t, alice, 1), d.addTorrent(t, alice, 2)
			yours := d.addTorrent(t, bob, 3)
			d.check(t)
			daemon := d.clients.Daemon(server.ID)
			next := follow(t, d, alice, nil)
			first := into[progressMessage](t, next()).Progress
			if len(first) != 2 || first[0].Progress.Phase != "FETCHING_METADATA" || first[0].Torrent.Server.ID != server.ID.String() {
				t.Errorf("got %+v", first)
			}
			daemon.Download(yours.InfoHash(), "x", []byte("1"), 2)
			daemon.Download(mine.InfoHash(), "x", []byte("1"), 4)
			second := into[progressMessage](t, next()).Progress
			if len(second) != 1 || second[0].TorrentID != mine.ID.String() || second[0].Progress.FractionDone != 0.25 {
				t.Errorf("got %+v", second)
			}
			theirs := d.actor(bob).UserID
			if _, err := d.torrents.Update(t.Context(), domain.System(), other.ID, app.UpdateTorrent{UserID: app.Some(&theirs)}); err != nil {
				t.Fatal(err)
			}
			wantJSON(t, next(), `{"progress":[{"torrentId":"`+other.ID.String()+`","torrent":null,"progress":null}]}`)
			daemon.Fail(domain.Unavailable(errors.New("refused"), "does not answer"))
			if dead := into[progressMessage](t, next()).Progress; len(dead) != 1 || dead[0].Torrent == nil || dead[0].Progress != nil {
				t.Errorf("got %+v", dead)
			}
		})
	}

	t.Run("those with certain ids, or that fit a filter", func(t *testing.T) {
		t.Parallel()
		d := openDoor(t)
		server := d.addServer(t)
		one := d.addTorrent(t, alice, 1)
		d.addTorrent(t, alice, 2)
		d.check(t)
		d.complete(t, one)
		for _, v := range []vars{
			{"ids": []any{one.ID}}, {"filter": vars{"status": "COMPLETED"}}, {"filter": vars{"serverId": server.ID, "status": "COMPLETED"}},
		} {
			got := into[progressMessage](t, d.stream(t, admin, watchProgress, v).next(t)).Progress
			if len(got) != 1 || got[0].TorrentID != one.ID.String() || got[0].Progress.Phase != "SEEDING" {
				t.Errorf("%v: got %+v", v, got)
			}
		}
	})

	t.Run("many who watch are one request", func(t *testing.T) {
		t.Parallel()
		d := openDoor(t)
		server := d.addServer(t)
		for i := range 10 {
			d.addTorrent(t, alice, i)
		}
		d.check(t)
		daemon := d.clients.Daemon(server.ID)
		before := daemon.Requests().Transfers
		var clients []*wsClient
		for range 20 {
			c := d.connect(t, alice)
			c.subscribe(t, "1", watchProgress, vars{"every": 60})
			clients = append(clients, c)
		}
		for _, c := range clients {
			if got := into[progressMessage](t, c.next(t, "1")).Progress; len(got) != 10 {
				t.Errorf("got %+v", got)
			}
		}
		if n := daemon.Requests().Transfers - before; n != 1 {
			t.Errorf("%d requests", n)
		}
	})

	t.Run("a role that is lost counts from the next message on", func(t *testing.T) {
		t.Parallel()
		d := openDoor(t, vigilant)
		server := d.addServer(t)
		mine, theirs := d.addTorrent(t, admin, 1), d.addTorrent(t, alice, 2)
		d.check(t)
		c := d.connect(t, admin)
		c.subscribe(t, "1", watchProgress, nil)
		c.next(t, "1")
		actor := d.actor(admin)
		actor.Role = domain.RoleMember
		d.setActor(admin, actor)
		d.looked(t, 2)
		d.clients.Daemon(server.ID).Download(theirs.InfoHash(), "x", []byte("1"), 2)
		d.clients.Daemon(server.ID).Download(mine.InfoHash(), "x", []byte("1"), 2)
		got := into[progressMessage](t, c.next(t, "1")).Progress
		if len(got) != 1 || got[0].TorrentID != mine.ID.String() {
			t.Errorf("got %+v", got)
		}
	})

	t.Run("what is out of bounds is refused", func(t *testing.T) {
		t.Parallel()
		d := openDoor(t)
		many := make([]any, 501)
		for i := range many {
			many[i] = uuid.New()
		}
		for _, bad := range []struct {
			field string
			vars  vars
		}{
			{"every", vars{"every": 0.5}},
			{"every", vars{"every": 61}},
			{"every", vars{"every": -1e300}},
			{"every", vars{"every": nil}},
			{"ids", vars{"ids": []any{}}},
			{"ids", vars{"ids": []any{"x"}}},
			{"ids", vars{"ids": many}},
			{"filter", vars{"ids": []any{uuid.New()}, "filter": vars{}}},
		} {
			wayBy(t, "SSE").ask(t, d, alice, watchProgress, bad.vars).wantError(t, "INVALID", bad.field)
		}
	})
}
