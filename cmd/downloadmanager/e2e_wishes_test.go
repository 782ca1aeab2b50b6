//go:build linux

package main_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/clarion-app/download-manager/internal/testkit/transmission"
	"github.com/clarion-app/download-manager/internal/testkit/wait"
)

// treated is how a torrent is to be treated, and is.
type treated struct {
	Status         string
	Paused         bool
	Label          *string
	PendingChanges []string
	Problem        *struct{ Message string }
	Progress       *struct{ Phase string }
}

// becomes waits until a torrent is treated so, with nothing pending.
func (i *instance) becomes(t *testing.T, id, what string, so func(treated) bool) {
	t.Helper()
	var got struct{ Torrent treated }
	if !wait.Poll(limited(t), func() bool {
		i.graphql(t, `query($id: ID!) { torrent(id: $id) { status paused label pendingChanges problem { message } progress { phase } } }`,
			map[string]any{"id": id}, &got)
		return len(got.Torrent.PendingChanges) == 0 && got.Torrent.Problem == nil && so(got.Torrent)
	}) {
		t.Fatalf("it is not %s: %+v %+v %+v", what, got.Torrent, got.Torrent.Progress, got.Torrent.Problem)
	}
}

// TestWishesReachRealClients has a torrent wait, download, stop when it has completed,
// and leave its client, each by a wish.
func TestWishesReachRealClients(t *testing.T) {
	t.Parallel()
	for name, make := range map[string]func(*testing.T) downloader{
		"Embedded": embeddedClient, "Transmission 4.1": transmissionClient(transmission.V4), "Transmission 3.00": transmissionClient(transmission.V3),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			client := make(t)
			product := start(t, onSQLite(t).with(client.settings))
			client.attach(t, product)
			film := newSeeder(t, "film.mkv")
			var added struct {
				AddTorrent struct{ Torrent struct{ ID string } }
			}
			product.graphql(t, `mutation($input: AddTorrentInput!) { addTorrent(input: $input) { torrent { id } } }`, map[string]any{
				"input": map[string]any{"magnetURI": client.magnet(film), "paused": true, "label": "films", "onComplete": "STOP"},
			}, &added)
			id := added.AddTorrent.Torrent.ID
			phase := func(p treated, phases ...string) bool {
				return p.Progress != nil && slices.Contains(phases, p.Progress.Phase)
			}
			product.becomes(t, id, "waiting", func(p treated) bool { return p.Status == "DOWNLOADING" && p.Paused && phase(p, "STOPPED") })

			do := func(mutation string, fields map[string]any) {
				t.Helper()
				fields["id"] = id
				input := strings.ToUpper(mutation[:1]) + mutation[1:] + "Input"
				product.graphql(t, `mutation($input: `+input+`!) { `+mutation+`(input: $input) { torrent { id } } }`, map[string]any{"input": fields}, nil)
			}
			do("resumeTorrent", map[string]any{})
			product.completed(t, id)
			product.becomes(t, id, "stopped", func(p treated) bool { return p.Status == "COMPLETED" && p.Paused && phase(p, "STOPPED") })

			do("verifyTorrent", map[string]any{})
			do("resumeTorrent", map[string]any{})
			product.becomes(t, id, "seeding", func(p treated) bool { return !p.Paused && phase(p, "SEEDING", "WAITING") })

			do("updateTorrent", map[string]any{"onComplete": "REMOVE", "seedTime": 1})
			product.becomes(t, id, "gone", func(p treated) bool { return p.Status == "COMPLETED" && p.Progress == nil })
			onDisk(t, client.folder(product), film)
			if n := len(product.completions(t, "0")); n != 1 {
				t.Errorf("%d completions", n)
			}
		})
	}
}
