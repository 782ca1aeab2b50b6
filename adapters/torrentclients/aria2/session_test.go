package aria2_test

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/clarion-app/download-manager/domain"
	"github.com/clarion-app/download-manager/internal/testkit/seeder"
)

func TestAdding(t *testing.T) {
	t.Parallel()
	facts(t, map[string]func(w *world){
		"what somebody else has added is not added again": func(w *world) {
			_, handover := w.file(1000)
			w.daemon.RPC(w, "aria2.addUri", []string{handover.Magnet.String()}, map[string]string{"pause": "true"})
			hash := w.add(handover)
			downloads := w.daemon.Downloads(w)
			if len(downloads) != 1 || downloads[0].Status != "paused" || downloads[0].InfoHash != hash.String() {
				w.Fatalf("%+v", downloads)
			}
		},
		"what two add at once is there once": func(w *world) {
			_, handover := w.file(1000)
			other := open(w, w.daemon.Address(), domain.Credentials{})
			// Both have seen that it is not there.
			_, err := w.client.Transfers(w.Context(), nil)
			w.ok(err)
			_, err = other.Transfers(w.Context(), nil)
			w.ok(err)
			w.add(handover)
			_, err = other.Add(w.Context(), handover)
			w.ok(err)
			for _, download := range w.daemon.Downloads(w) {
				if download.ErrorCode == "12" {
					w.Fatalf("it was added twice: %+v", download)
				}
			}
		},
		"what is left of a removed torrent is no hindrance": func(w *world) {
			_, handover := w.file(1000)
			hash := w.add(domain.Handover{Magnet: handover.Magnet, Paused: true})
			w.daemon.RPC(w, "aria2.unpause", w.daemon.Held(w, hash.String()))
			w.until("a download", hash, finished)
			// The result of its metadata, with our gid, stays.
			w.daemon.RPC(w, "aria2.forcePause", w.daemon.Held(w, hash.String()))
			w.until("a pause", hash, func(t *domain.Transfer) bool { return t.Phase == domain.PhaseStopped })
			w.daemon.RPC(w, "aria2.remove", w.daemon.Held(w, hash.String()))
			w.until("it to be gone", hash, gone)
			if len(w.daemon.Downloads(w)) != 1 {
				w.Fatalf("%+v", w.daemon.Downloads(w))
			}
			w.add(handover)
			w.until("another download", hash, finished)
		},
		"files that are there are taken over": func(w *world) {
			source, handover, path := w.download()
			hash := handover.InfoHash()
			w.ok(w.client.Remove(w.Context(), []domain.InfoHash{hash}, false))
			w.until("it to be gone", hash, gone)
			if data, err := os.ReadFile(path); err != nil || !bytes.Equal(data, source.Payload()) {
				w.Fatalf("its data was touched, error %v", err)
			}
			if controls, err := filepath.Glob(filepath.Join(w.daemon.DownloadDir(), "*.aria2")); err != nil || len(controls) > 0 {
				w.Fatalf("what only unfinished downloads need is left: %q", controls)
			}
			source.Hold()
			w.add(handover)
			w.until("it to be finished without downloading", hash, finished)
		},
		"a torrent file is taken, paused and with settings": func(w *world) {
			album := newAlbum(w)
			limit := int64(4321)
			hash := w.add(domain.Handover{
				Magnet: album.magnet, Metainfo: album.metainfo, Paused: true,
				Settings: domain.TransferSettings{UploadLimit: &limit, Unwanted: &[]int{0}},
			})
			w.until("it to be paused", hash, func(t *domain.Transfer) bool {
				return t != nil && t.Phase == domain.PhaseStopped && t.Name == "album"
			})
			if got := w.option(hash, "max-upload-limit"); got != "4321" {
				w.Fatalf("its limit is %s", got)
			}
			files, err := w.client.Files(w.Context(), hash)
			w.ok(err)
			if len(files) != 2 || files[0].Wanted || !files[1].Wanted || files[1].Path != "album/b.bin" {
				w.Fatalf("files %+v", files)
			}
			w.ok(w.client.Resume(w.Context(), []domain.InfoHash{hash}))
			w.until("it to go on", hash, func(t *domain.Transfer) bool { return t.MetadataKnown && t.Phase == domain.PhaseDownloading })
		},
		"what is set with a magnet holds for its content": func(w *world) {
			_, handover := w.file(1000)
			limit := int64(1 << 40)
			hash := w.add(domain.Handover{Magnet: handover.Magnet, Settings: domain.TransferSettings{DownloadLimit: &limit}})
			w.until("a download", hash, finished)
			got := []string{w.option(hash, "max-download-limit"), w.option(hash, "force-save"), w.option(hash, "check-integrity")}
			if want := []string{"2147483647", "true", "true"}; !slices.Equal(got, want) {
				w.Fatalf("options %q; want %q", got, want)
			}
		},
		"what is paused before its metadata is there takes files over all the same": func(w *world) {
			source := seeder.New(w, "later", seeder.Payload(9, 1000), 64<<10)
			w.ok(os.WriteFile(filepath.Join(w.daemon.DownloadDir(), source.Name()), source.Payload(), 0o600))
			hash := w.add(domain.Handover{Magnet: mustMagnet(w, source.Magnet())})
			w.ok(w.client.Pause(w.Context(), []domain.InfoHash{hash}))
			w.until("a pause", hash, func(t *domain.Transfer) bool { return t.Phase == domain.PhaseStopped })
			w.ok(w.client.Resume(w.Context(), []domain.InfoHash{hash}))
			source.Hold()
			source.DialPeer(w.daemon.PeerAddr())
			w.until("it to be finished without downloading", hash, finished)
		},
		"a torrent file that is none is refused": func(w *world) {
			_, handover := w.file(1000)
			_, err := w.client.Add(w.Context(), domain.Handover{Magnet: handover.Magnet, Metainfo: []byte("d1:ai5ee")})
			if all := domain.Errors(err); len(all) != 1 || all[0].Kind != domain.KindInvalid || all[0].Field != "file" {
				w.Fatalf("error %v", err)
			}
		},
		"a torrent file that is too large for the daemon is told": func(w *world) {
			_, handover := w.file(1000)
			_, err := w.client.Add(w.Context(), domain.Handover{Magnet: handover.Magnet, Metainfo: make([]byte, 4<<20)})
			if err == nil || !strings.Contains(domain.MessageOf(err), "rpc-max-request-size") {
				w.Fatalf("error %v", err)
			}
		},
	})
}

func TestRestarts(t *testing.T) {
	t.Parallel()
	facts(t, map[string]func(w *world){
		"what a daemon without a session has forgotten is absent, and that is certain": func(w *world) {
			_, handover, _ := w.download()
			hash := handover.InfoHash()
			w.daemon.Stop()
			w.daemon.Forget()
			w.daemon.Restart()
			report, err := w.client.Transfers(w.Context(), []domain.InfoHash{hash})
			if err != nil || report.Settling || len(report.Transfers) != 0 {
				w.Fatalf("%+v, error %v", report, err)
			}
		},
		"what was removed does not come back with the session": func(w *world) {
			_, handover := w.file(1000)
			hash := w.add(domain.Handover{Magnet: handover.Magnet})
			w.until("a download", hash, finished)
			w.ok(w.client.Remove(w.Context(), []domain.InfoHash{hash}, false))
			w.daemon.Restart()
			if left := w.daemon.Downloads(w); len(left) != 0 {
				w.Fatalf("%+v", left)
			}
		},
		"what was paused is paused": func(w *world) {
			_, handover, _ := w.download()
			hash := handover.InfoHash()
			w.ok(w.client.Pause(w.Context(), []domain.InfoHash{hash}))
			w.until("a pause", hash, func(t *domain.Transfer) bool { return t.Phase == domain.PhaseStopped })
			w.daemon.Restart()
			w.until("it to be there", hash, func(t *domain.Transfer) bool { return t != nil && t.Phase == domain.PhaseStopped })
			w.ok(w.client.Resume(w.Context(), []domain.InfoHash{hash}))
			w.until("it to be finished", hash, finished)
		},
	})
}

// A daemon can be told to remember no results at all.
func TestForgottenResults(t *testing.T) {
	t.Parallel()
	facts(t, map[string]func(w *world){
		"the content is followed although the result of its metadata is forgotten": func(w *world) {
			_, handover := w.file(1000)
			hash := w.add(domain.Handover{Magnet: handover.Magnet})
			w.until("a download", hash, finished)
			w.ok(w.client.Remove(w.Context(), []domain.InfoHash{hash}, false))
			w.until("it to be gone", hash, gone)
		},
	}, "--max-download-result=0")
}

func TestDetails(t *testing.T) {
	t.Parallel()
	facts(t, map[string]func(w *world){
		"files, trackers and peers are told": func(w *world) {
			source, handover, _ := w.download()
			hash := handover.InfoHash()
			files, err := w.client.Files(w.Context(), hash)
			w.ok(err)
			if want := []domain.TransferFile{{Path: source.Name(), Size: 300_000, BytesDone: 300_000, Wanted: true}}; !slices.Equal(files, want) {
				w.Errorf("files %+v", files)
			}
			trackers, err := w.client.Trackers(w.Context(), hash)
			w.ok(err)
			if want := []domain.Tracker{{URL: "http://127.0.0.1:1/announce"}}; !slices.Equal(trackers, want) {
				w.Errorf("trackers %+v", trackers)
			}
		},
		"a peer is told with what it has": func(w *world) {
			source, handover := w.file(10 * 64 << 10)
			source.Offer(5)
			hash := w.add(handover)
			w.until("half of it", hash, func(t *domain.Transfer) bool { return t.MetadataKnown && t.BytesLeft == 5*64<<10 })
			peers, err := w.client.Peers(w.Context(), hash)
			w.ok(err)
			if len(peers) != 1 || peers[0].Address != "127.0.0.1:0" || peers[0].FractionDone != 0.5 {
				w.Fatalf("peers %+v", peers)
			}
		},
		"all that is held is listed, with what it takes to adopt it": func(w *world) {
			source, handover, _ := w.download()
			hash := handover.InfoHash()
			empty := w.add(domain.Handover{Magnet: mustMagnet(w, "magnet:?xt=urn:btih:"+numbered(w, 7).String())})
			held, err := w.client.List(w.Context())
			w.ok(err)
			if len(held) != 2 {
				w.Fatalf("%+v", held)
			}
			for _, h := range held {
				switch h.InfoHash {
				case hash:
					if !h.Finished() || h.Name != source.Name() || h.Folder != w.daemon.DownloadDir() ||
						h.Magnet.InfoHash() != hash || !slices.Equal(h.Magnet.Trackers(), handover.Magnet.Trackers()) {
						w.Errorf("%+v", h)
					}
				case empty:
					if h.Finished() || h.Magnet.InfoHash() != empty {
						w.Errorf("%+v", h)
					}
				}
			}
		},
	})
}
