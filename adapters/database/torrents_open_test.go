package database_test

import (
	"encoding/binary"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/clarion-app/download-manager/adapters/database"
	"github.com/clarion-app/download-manager/domain"
)

// fill stores a server and that many open torrents on it, with magnets of a usual
// length; each is altered by change.
func fill(t testing.TB, db *database.DB, n int, change func(i int, torrent *domain.Torrent)) *domain.Server {
	t.Helper()
	now := time.Date(2026, time.May, 6, 7, 8, 9, 123456000, time.UTC)
	server, err := domain.NewServer("node", "127.0.0.1:9091", "Transmission", now)
	if err == nil {
		err = db.Servers().Add(t.Context(), server)
	}
	if err != nil {
		t.Fatal(err)
	}
	trackers := strings.Repeat("&tr=udp%3A%2F%2Ftracker.example.org%3A1337%2Fannounce", 6)
	torrents := make([]*domain.Torrent, 0, n)
	for i := range n {
		hash := binary.BigEndian.AppendUint64([]byte(server.ID.String()[:12]), uint64(i))
		magnet, err := domain.ParseMagnet(fmt.Sprintf("magnet:?xt=urn:btih:%x&dn=torrent+%d%s", hash, i, trackers))
		if err != nil {
			t.Fatal(err)
		}
		torrent, err := domain.NewTorrent(magnet, "", *server, nil, now.Add(time.Duration(i)*time.Millisecond))
		if err != nil {
			t.Fatal(err)
		}
		if change != nil {
			change(i, torrent)
		}
		torrents = append(torrents, torrent)
	}
	if err := db.Torrents().Add(t.Context(), torrents...); err != nil {
		t.Fatal(err)
	}
	return server
}

// accept makes a torrent one that its client has.
func accept(_ int, torrent *domain.Torrent) {
	at := torrent.CreatedAt
	torrent.AcceptedAt, torrent.HashString = &at, torrent.InfoHash().String()
}

// BenchmarkOpen reads 10,000 open torrents, as each check of a busy server does.
func BenchmarkOpen(b *testing.B) {
	const many = 10_000
	for name, fresh := range migrated {
		b.Run(name, func(b *testing.B) {
			db := open(b, fresh(b), database.Options{})
			server := fill(b, db, many, accept)
			b.ReportAllocs()
			for b.Loop() {
				torrents, err := db.Torrents().Open(b.Context(), server.ID)
				if err != nil || len(torrents) != many {
					b.Fatal(len(torrents), err)
				}
			}
		})
	}
}
