package qbittorrent_test

import (
	"testing"
	"time"

	"github.com/clarion-app/download-manager/domain"
	testdaemon "github.com/clarion-app/download-manager/internal/testkit/qbittorrent"
	"github.com/clarion-app/download-manager/internal/testkit/wait"
)

// What a daemon tells of changes adds up to what it tells of a torrent by name,
// through all of a download's life.
func TestADownloadIsFollowedByItsChanges(t *testing.T) {
	t.Parallel()
	for _, version := range testdaemon.Versions() {
		t.Run(string(version), func(t *testing.T) {
			t.Parallel()
			daemon := testdaemon.Start(t, version)
			client := open(t, daemon.Address(), domain.Credentials{})
			content := seed(t, daemon, 1<<20+1)
			many := numbers(t, 200) // so many are never asked for by name
			for i := range 5 {
				if _, err := client.Add(t.Context(), handover(t, i)); err != nil {
					t.Fatal(err)
				}
			}
			hash, err := client.Add(t.Context(), domain.Handover{Magnet: content.Magnet})
			if err != nil {
				t.Fatal(err)
			}
			many = append(many, hash)
			until := func(what string, good func(domain.Transfer) bool) {
				t.Helper()
				wait.Until(t, time.Minute, what, func() bool {
					all, err := client.Transfers(t.Context(), many)
					if err != nil || len(all.Transfers) != 6 {
						t.Fatalf("%d transfers, error %v", len(all.Transfers), err)
					}
					one, err := client.Transfers(t.Context(), []domain.InfoHash{hash})
					if err != nil {
						t.Fatal(err)
					}
					followed, named := all.Transfers[hash], one.Transfers[hash]
					if followed.Finished() && !named.Finished() && named.Phase != domain.PhaseChecking {
						t.Fatalf("by its changes finished, %+v; by name %+v", followed, named)
					}
					return good(followed) && good(named)
				})
			}
			only := []domain.InfoHash{hash}
			do := func(err error) {
				t.Helper()
				if err != nil {
					t.Fatal(err)
				}
			}
			content.Connect(t)
			until("a part of it", func(transfer domain.Transfer) bool {
				return transfer.BytesLeft > 0 && transfer.BytesLeft < transfer.BytesWanted && transfer.Phase == domain.PhaseDownloading
			})
			do(client.Pause(t.Context(), only))
			until("it to be stopped", func(transfer domain.Transfer) bool { return transfer.Phase == domain.PhaseStopped })
			do(client.Resume(t.Context(), only))
			content.Complete(t)
			until("all of it", func(transfer domain.Transfer) bool {
				return transfer.Finished() && transfer.Phase == domain.PhaseSeeding && transfer.FinishedAt != nil && transfer.Name == content.Name
			})
			do(client.Pause(t.Context(), only))
			until("it to be stopped, and finished", func(transfer domain.Transfer) bool {
				return transfer.Finished() && transfer.Phase == domain.PhaseStopped
			})
			content.Damage(t)
			do(client.Verify(t.Context(), only))
			until("the damage to be found", func(transfer domain.Transfer) bool {
				return transfer.BytesLeft > 0 && transfer.Phase == domain.PhaseStopped
			})
			do(client.Resume(t.Context(), only))
			until("it to be mended", domain.Transfer.Finished)
		})
	}
}
