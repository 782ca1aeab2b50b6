//go:build linux

package main_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/clarion-app/download-manager/internal/testkit/transmission"
	"github.com/clarion-app/download-manager/internal/testkit/wait"
)

// TestTwoProcessesOnOnePostgres has two processes share three servers. The one that
// is in the middle of checks, of downloads that have all finished, is killed: the
// other goes on, and each completion is recorded and told once.
func TestTwoProcessesOnOnePostgres(t *testing.T) {
	t.Parallel()
	shared := onPostgres(t).with(settings{"EMBEDDED": "off", "LEASE": "3s", "SECRET_KEY": strings.Repeat("k", 32)})
	replicas := []*instance{start(t, shared), start(t, shared.with(settings{"DATA_DIR": t.TempDir()}))}
	const servers = 3
	var torrents []string
	daemons := make([]*transmission.Daemon, servers)
	lines := make([]*line, servers)
	for n := range servers {
		daemons[n] = transmission.Start(t, transmission.V3)
		daemons[n].KeepPoking(t)
		lines[n] = newLine(t, daemons[n].Address())
		server := replicas[n%2].useServer(t, lines[n].address)
		film := newSeeder(t, fmt.Sprintf("film %d.mkv", n))
		film.Hold()
		added := replicas[(n+1)%2].addTo(t, server, film.Magnet())
		replicas[n%2].hasState(t, added.ID, "DOWNLOADING", "")
		torrents = append(torrents, added.ID)

		// From here on nobody can ask the daemon, and so nobody knows that it
		// finishes.
		lines[n].hold()
		film.Release()
		film.DialPeer(daemons[n].PeerAddr())
	}
	for _, daemon := range daemons {
		wait.Until(t, patience, "a daemon that has finished", func() bool {
			all := daemon.Torrents(t)
			return slices.ContainsFunc(all, transmission.Torrent.Finished)
		})
	}
	subscribers := []*subscription{replicas[0].overWebsocket(t, "0"), replicas[1].overWebsocket(t, "0")}

	killed := inTheMiddle(t, shared["DATABASE_URL"], replicas)
	replicas[killed].Kill()
	for _, l := range lines {
		l.release()
	}
	survivor := replicas[1-killed]
	for _, id := range torrents {
		survivor.completed(t, id)
	}
	wait.Until(t, patience, "all completions told", func() bool { return len(subscribers[1-killed].all()) >= servers })
	for what, told := range map[string][]completion{
		"the subscriber was": subscribers[1-killed].all(),
		"the log is":         survivor.completions(t, "0"),
	} {
		var ids []string
		for _, c := range told {
			ids = append(ids, c.TorrentID)
		}
		slices.Sort(ids)
		if want := slices.Sorted(slices.Values(torrents)); !slices.Equal(ids, want) {
			t.Errorf("%s told of %v; want %v", what, ids, want)
		}
	}
	if n := len(subscribers[killed].all()); n != 0 {
		t.Errorf("the killed process told of %d completions", n)
	}
}

// inTheMiddle waits until a process is checking a server, and returns which.
func inTheMiddle(t *testing.T, database string, replicas []*instance) int {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), database)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(t.Context())
	found := -1
	wait.Until(t, patience, "a check that is under way", func() bool {
		var owner string
		err := conn.QueryRow(t.Context(),
			`SELECT lease_owner FROM torrent_servers WHERE lease_until > now() + interval '1 second' LIMIT 1`).Scan(&owner)
		found = slices.IndexFunc(replicas, func(i *instance) bool {
			return err == nil && strings.Contains(owner, fmt.Sprintf("/%d/", i.PID()))
		})
		return found >= 0
	})
	return found
}
