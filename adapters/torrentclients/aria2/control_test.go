package aria2_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/clarion-app/download-manager/domain"
	"github.com/clarion-app/download-manager/internal/testkit/seeder"
)

func TestControl(t *testing.T) {
	t.Parallel()
	facts(t, map[string]func(w *world){
		"what was paused by us goes on without being verified again": func(w *world) {
			_, handover, _ := w.download()
			hash := handover.InfoHash()
			if w.option(hash, "check-integrity") != "true" {
				w.Fatal("it was not verified when it was added")
			}
			w.ok(w.client.Pause(w.Context(), []domain.InfoHash{hash}))
			w.until("a pause", hash, func(t *domain.Transfer) bool { return finished(t) && t.Phase == domain.PhaseStopped })
			w.ok(w.client.Pause(w.Context(), []domain.InfoHash{hash}))
			if w.option(hash, "check-integrity") != "false" {
				w.Fatal("it is to be verified again")
			}
			for range 2 {
				w.ok(w.client.Resume(w.Context(), []domain.InfoHash{hash}))
				w.until("it to go on", hash, func(t *domain.Transfer) bool { return finished(t) && t.Phase == domain.PhaseSeeding })
			}
		},
		"verifying finds what is damaged, and it is downloaded again": func(w *world) {
			source, handover, path := w.download()
			hash := handover.InfoHash()
			for round := range 2 {
				source.Hold()
				data, err := os.ReadFile(path)
				w.ok(err)
				data[70_000+round]++
				w.ok(os.WriteFile(path, data, 0o600))
				w.ok(w.client.Verify(w.Context(), []domain.InfoHash{hash}))
				w.until("the damage to be found", hash, func(t *domain.Transfer) bool { return t.BytesLeft == 64<<10 && !t.Finished() })
				source.Release()
				w.until("it to be mended", hash, finished)
			}
		},
		"what errors have stopped is begun anew": func(w *world) {
			var hashes []domain.InfoHash
			for i, what := range []string{"resumed", "verified"} {
				source := seeder.New(w, what, seeder.Payload(int64(i), 300_000), 64<<10)
				source.DialPeer(w.daemon.PeerAddr())
				w.ok(os.WriteFile(filepath.Join(w.daemon.DownloadDir(), source.Name()), source.Payload()[:200_000], 0o600))
				w.daemon.RPC(w, "aria2.addTorrent", source.Metainfo(), []string{}, map[string]string{"max-download-limit": "123456"})
				hash := mustMagnet(w, source.Magnet()).InfoHash()
				hashes = append(hashes, hash)
				w.until("an error about the file that is there", hash, func(t *domain.Transfer) bool {
					return t != nil && strings.Contains(t.LocalError, "exists") && t.Phase == domain.PhaseStopped && !t.Finished()
				})
			}
			w.ok(w.client.Pause(w.Context(), hashes))
			w.ok(w.client.Resume(w.Context(), hashes[:1]))
			w.ok(w.client.Verify(w.Context(), hashes[1:]))
			for _, hash := range hashes {
				w.until("the download", hash, finished)
				if got := w.option(hash, "max-download-limit"); got != "123456" {
					w.Fatalf("its limit is %q now", got)
				}
			}
			if n := len(w.daemon.Downloads(w)); n != 4 {
				w.Fatalf("%d downloads; want two contents and the results of their metadata", n)
			}
		},
		"the only file of a torrent cannot be left out": func(w *world) {
			_, handover, _ := w.download()
			hash := handover.InfoHash()
			err := w.client.Configure(w.Context(), hash, domain.TransferSettings{Unwanted: &[]int{0}})
			if domain.KindOf(err) != domain.KindConflict {
				w.Fatalf("error %v", err)
			}
			w.ok(w.client.Configure(w.Context(), hash, domain.TransferSettings{Unwanted: &[]int{}}))
		},
		"what is selected finishes without the rest": func(w *world) {
			album := newAlbum(w)
			w.ok(os.MkdirAll(filepath.Join(w.daemon.DownloadDir(), "album", "sub"), 0o700))
			w.ok(os.WriteFile(filepath.Join(w.daemon.DownloadDir(), "album", "sub", "a.bin"), album.first, 0o600))
			w.ok(os.WriteFile(filepath.Join(w.daemon.DownloadDir(), "album", "b.bin"), make([]byte, 200_000), 0o600))
			hash := w.add(domain.Handover{Magnet: album.magnet, Metainfo: album.metainfo})
			w.until("what is there to be verified", hash, func(t *domain.Transfer) bool {
				return t.BytesWanted == 300_000 && t.BytesLeft == 300_000-3*32<<10 && !t.Finished()
			})
			w.ok(w.client.Configure(w.Context(), hash, domain.TransferSettings{Unwanted: &[]int{1}}))
			w.until("the selection", hash, func(t *domain.Transfer) bool {
				return t.BytesWanted == 4*32<<10 && t.BytesLeft == 32<<10 && t.Phase == domain.PhaseDownloading
			})
			files, err := w.client.Files(w.Context(), hash)
			w.ok(err)
			want := []domain.TransferFile{
				{Index: 0, Path: "album/sub/a.bin", Size: 100_000, BytesDone: 3 * 32 << 10, Wanted: true},
				{Index: 1, Path: "album/b.bin", Size: 200_000},
			}
			if !slices.Equal(files, want) {
				w.Fatalf("files %+v", files)
			}
			w.ok(w.client.Configure(w.Context(), hash, domain.TransferSettings{Unwanted: &[]int{0, 1}}))
			w.until("nothing to be wanted", hash, func(t *domain.Transfer) bool { return t.BytesWanted == 0 && !t.Finished() })
			w.ok(w.client.Configure(w.Context(), hash, domain.TransferSettings{Unwanted: &[]int{}}))
			w.until("all to be wanted", hash, func(t *domain.Transfer) bool { return t.BytesWanted == 300_000 })
		},
	})
}

// A torrent that has reached its ratio has only a result left.
func TestStoppedAtItsRatio(t *testing.T) {
	t.Parallel()
	facts(t, map[string]func(w *world){
		"it is finished, and stays as it is": func(w *world) {
			_, handover, _ := w.download()
			hash := handover.InfoHash()
			w.until("the end of seeding", hash, func(t *domain.Transfer) bool { return finished(t) && t.Phase == domain.PhaseStopped })
			limit := int64(5)
			hashes := []domain.InfoHash{hash}
			w.ok(w.client.Resume(w.Context(), hashes))
			w.ok(w.client.Pause(w.Context(), hashes))
			if err := w.client.Verify(w.Context(), hashes); domain.KindOf(err) != domain.KindConflict {
				w.Fatalf("verified: %v", err)
			}
			if err := w.client.Configure(w.Context(), hash, domain.TransferSettings{UploadLimit: &limit}); domain.KindOf(err) != domain.KindConflict {
				w.Fatalf("configured: %v", err)
			}
			w.until("it to be as before", hash, func(t *domain.Transfer) bool { return finished(t) && t.Phase == domain.PhaseStopped })
			w.ok(w.client.Remove(w.Context(), hashes, false))
			w.until("it to be gone", hash, gone)
		},
	}, "--seed-time=0")
}
