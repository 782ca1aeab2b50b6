package portstest

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/clarion-app/download-manager/domain"
	"github.com/clarion-app/download-manager/ports"
)

// ClarionContent is what a Clarion database holds.
type ClarionContent struct {
	Servers  []domain.ClarionServer
	Torrents []domain.ClarionTorrent
	// Deleted are the ids of those of both that are deleted softly.
	Deleted []string
}

// ClarionSource is the contract of ports.ClarionSource. open makes a database with
// content and opens it.
func ClarionSource(t *testing.T, open func(t *testing.T, content ClarionContent) ports.ClarionSource) {
	t.Helper()
	at := time.Date(2025, 6, 22, 16, 48, 52, 0, time.UTC)
	later := at.Add(90 * time.Minute)
	server := func(address string) domain.ClarionServer {
		return domain.ClarionServer{
			ID: uuid.NewString(), LocalNode: uuid.NewString(), Address: address, Type: "Transmission", CreatedAt: at, UpdatedAt: later,
		}
	}
	torrent := func(s domain.ClarionServer, n int) domain.ClarionTorrent {
		return domain.ClarionTorrent{
			ID: fmt.Sprintf("%08x-0000-4000-8000-000000000000", n), LocalNode: s.LocalNode, ServerID: s.ID,
			MagnetURI: fmt.Sprintf("magnet:?xt=urn:btih:%040x", n), CreatedAt: at, UpdatedAt: later,
		}
	}

	t.Run("an empty database is no error", func(t *testing.T) {
		t.Parallel()
		source := open(t, ClarionContent{})
		servers, err := source.Servers(t.Context())
		ok(t, err)
		torrents, err := source.Torrents(t.Context(), "", 10)
		ok(t, err)
		if len(servers)+len(torrents) != 0 {
			t.Fatalf("got %+v and %+v", servers, torrents)
		}
	})

	t.Run("rows come as they stand there, nulls included", func(t *testing.T) {
		t.Parallel()
		s := server("seedbox:9091")
		full := torrent(s, 2)
		full.UserID, full.HashString, full.Name, full.CompletedAt = uuid.NewString(), fmt.Sprintf("%040x", 2), "☃ 'quoted' \\ \"name\" 🍉", &later
		source := open(t, ClarionContent{Servers: []domain.ClarionServer{s}, Torrents: []domain.ClarionTorrent{full, torrent(s, 1)}})
		servers, err := source.Servers(t.Context())
		ok(t, err)
		if len(servers) != 1 || servers[0] != s {
			t.Fatalf("got %+v, want %+v", servers, s)
		}
		torrents, err := source.Torrents(t.Context(), "", 10)
		ok(t, err)
		if len(torrents) != 2 || torrents[0] != torrent(s, 1) {
			t.Fatalf("got %+v", torrents)
		}
		got := torrents[1]
		if got.CompletedAt == nil || !got.CompletedAt.Equal(later) {
			t.Fatalf("completed at %v", got.CompletedAt)
		}
		if got.CompletedAt = full.CompletedAt; got != full {
			t.Fatalf("got %+v, want %+v", got, full)
		}
	})

	t.Run("what is deleted softly is left out, and pages have each of the rest once", func(t *testing.T) {
		t.Parallel()
		content := ClarionContent{Servers: []domain.ClarionServer{server("a:1"), server("b:1")}}
		for n := range 25 {
			content.Torrents = append(content.Torrents, torrent(content.Servers[n%2], 25-n))
		}
		content.Deleted = []string{content.Servers[1].ID, content.Torrents[3].ID, content.Torrents[24].ID}
		source := open(t, content)
		servers, err := source.Servers(t.Context())
		ok(t, err)
		if len(servers) != 1 || servers[0] != content.Servers[0] {
			t.Fatalf("got %+v", servers)
		}
		after, seen := "", 0
		for {
			page, err := source.Torrents(t.Context(), after, 10)
			ok(t, err)
			for _, row := range page {
				if row.ID <= after || row.ID == content.Torrents[3].ID || row.ID == content.Torrents[24].ID {
					t.Fatalf("%s comes behind %s", row.ID, after)
				}
				after = row.ID
				seen++
			}
			if len(page) < 10 {
				break
			}
		}
		if seen != 23 {
			t.Fatalf("%d torrents", seen)
		}
	})

	t.Run("who does not wait gets an error", func(t *testing.T) {
		t.Parallel()
		source := open(t, ClarionContent{})
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if _, err := source.Servers(ctx); err == nil {
			t.Fatal("no error")
		}
		if _, err := source.Torrents(ctx, "", 1); err == nil {
			t.Fatal("no error")
		}
	})
}
