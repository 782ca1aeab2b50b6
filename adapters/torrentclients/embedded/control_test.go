package embedded_test

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/anacrolix/torrent/bencode"

	"github.com/clarion-app/download-manager/adapters/torrentclients/embedded"
	"github.com/clarion-app/download-manager/domain"
	"github.com/clarion-app/download-manager/ports"
	"github.com/clarion-app/download-manager/ports/portstest"
)

// openWhole returns all ports of a client of the folder "downloads" of dir.
func openWhole(t *testing.T, dir string) ports.OpenClient {
	t.Helper()
	client, err := embedded.New(config(dir)).Open(domain.Server{Address: "downloads", Type: embedded.Type})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { closeClient(t, client) })
	return portstest.Whole(client)
}

func ok(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func stopped(tr domain.Transfer) bool { return tr.Phase == domain.PhaseStopped }

func TestPause(t *testing.T) {
	t.Parallel()

	t.Run("what is paused gets no data, keeps what it has, and goes on where it was, after a restart too", func(t *testing.T) {
		t.Parallel()
		dir, torrent := t.TempDir(), singleFile("slow", 31, 40*pieceLen)
		client := openWhole(t, dir)
		source := torrent.source(t)
		source.limit.Store(10 * pieceLen)
		hash := add(t, client, source.magnet())
		part := until(t, client, hash, "a part of it", func(tr domain.Transfer) bool { return tr.MetadataKnown && tr.BytesLeft < tr.BytesWanted })
		ok(t, client.Pause(t.Context(), []domain.InfoHash{hash}))
		ok(t, client.Pause(t.Context(), []domain.InfoHash{hash}))
		paused := until(t, client, hash, "it to be paused", stopped)
		if paused.BytesLeft > part.BytesLeft || paused.BytesLeft == 0 || paused.Peers != 0 || paused.LocalError != "" || paused.Finished() {
			t.Fatalf("paused as %+v", paused)
		}
		ok(t, client.Close())
		client = openWhole(t, dir)
		settled(t, client)
		if again := until(t, client, hash, "it to be paused still", stopped); again.BytesLeft != paused.BytesLeft {
			t.Errorf("%d bytes are left, and were %d", again.BytesLeft, paused.BytesLeft)
		}
		source.limit.Store(int64(len(torrent.data)))
		ok(t, client.Resume(t.Context(), []domain.InfoHash{hash}))
		untilFinished(t, client, hash)
		if !bytes.Equal(read(t, dir, "downloads", "slow"), torrent.data) {
			t.Error("other bytes on disk")
		}
		if got := source.served.Load(); got > int64(len(torrent.data))+10*pieceLen {
			t.Errorf("asked for %d bytes of %d", got, len(torrent.data))
		}
	})

	t.Run("what is finished stays so when it is paused, after a restart too", func(t *testing.T) {
		t.Parallel()
		dir, torrent := t.TempDir(), singleFile("done", 32, 5*pieceLen+1)
		client := openWhole(t, dir)
		hash := add(t, client, torrent.source(t).magnet())
		untilFinished(t, client, hash)
		ok(t, client.Pause(t.Context(), []domain.InfoHash{hash}))
		if tr := until(t, client, hash, "it to be paused", stopped); !tr.Finished() || tr.FinishedAt == nil {
			t.Errorf("paused as %+v", tr)
		}
		ok(t, client.Close())
		client = openWhole(t, dir)
		settled(t, client)
		if tr := until(t, client, hash, "it to be paused", stopped); !tr.Finished() {
			t.Errorf("paused as %+v", tr)
		}
	})

	t.Run("a magnet that is added paused asks nobody, and goes on when it is resumed", func(t *testing.T) {
		t.Parallel()
		client := openWhole(t, t.TempDir())
		source := singleFile("later", 33, 2*pieceLen).source(t)
		hash, err := client.Add(t.Context(), domain.Handover{Magnet: source.magnet(), Paused: true})
		ok(t, err)
		if tr := report(t, client, hash).Transfers[hash]; !stopped(tr) || tr.MetadataKnown || tr.Finished() {
			t.Fatalf("added as %+v", tr)
		}
		ok(t, client.Resume(t.Context(), []domain.InfoHash{hash}))
		untilFinished(t, client, hash)
	})
}

func TestVerify(t *testing.T) {
	t.Parallel()

	t.Run("what is right is finished again, and what is wrong is downloaded again", func(t *testing.T) {
		t.Parallel()
		dir, torrent := t.TempDir(), singleFile("data", 34, 20*pieceLen+3)
		client, path := openWhole(t, dir), filepath.Join(dir, "downloads", "data")
		source := torrent.source(t)
		hash := add(t, client, source.magnet())
		first := untilFinished(t, client, hash)
		ok(t, client.Verify(t.Context(), []domain.InfoHash{hash}))
		if again := untilFinished(t, client, hash); !again.FinishedAt.Equal(*first.FinishedAt) {
			t.Errorf("finished at %s, and at %s", first.FinishedAt, again.FinishedAt)
		}
		served := source.served.Load()
		damaged := bytes.Clone(torrent.data)
		damaged[7*pieceLen]++
		ok(t, os.WriteFile(path, damaged, 0o644))
		ok(t, client.Verify(t.Context(), []domain.InfoHash{hash}))
		until(t, client, hash, "the damaged piece to be there again", func(tr domain.Transfer) bool {
			return tr.Finished() && source.served.Load() > served
		})
		if got := source.served.Load() - served; got != pieceLen {
			t.Errorf("asked for %d bytes, a piece has %d", got, pieceLen)
		}
		if !bytes.Equal(read(t, path), torrent.data) {
			t.Error("other bytes on disk")
		}
	})

	t.Run("what is paused is verified, and paused still", func(t *testing.T) {
		t.Parallel()
		dir, torrent := t.TempDir(), singleFile("data", 35, 20*pieceLen)
		client := openWhole(t, dir)
		source := torrent.source(t)
		hash := add(t, client, source.magnet())
		untilFinished(t, client, hash)
		ok(t, client.Pause(t.Context(), []domain.InfoHash{hash}))
		damaged := bytes.Clone(torrent.data)
		damaged[0]++
		ok(t, os.WriteFile(filepath.Join(dir, "downloads", "data"), damaged, 0o644))
		served := source.served.Load()
		ok(t, client.Verify(t.Context(), []domain.InfoHash{hash}))
		tr := until(t, client, hash, "it to be verified", func(tr domain.Transfer) bool { return stopped(tr) && tr.BytesLeft == pieceLen })
		if tr.Finished() || source.served.Load() != served {
			t.Errorf("verified as %+v, %d bytes were asked for", tr, source.served.Load()-served)
		}
		ok(t, client.Resume(t.Context(), []domain.InfoHash{hash}))
		untilFinished(t, client, hash)
	})

	t.Run("deleted data is a local error", func(t *testing.T) {
		t.Parallel()
		dir := t.TempDir()
		client := openWhole(t, dir)
		hash := add(t, client, singleFile("data", 36, 2*pieceLen).source(t).magnet())
		untilFinished(t, client, hash)
		ok(t, os.Remove(filepath.Join(dir, "downloads", "data")))
		ok(t, client.Verify(t.Context(), []domain.InfoHash{hash}))
		untilFailed(t, client, hash)
	})
}

func TestFileSelection(t *testing.T) {
	t.Parallel()
	torrent := manyFiles(
		"album", 37, entry{path: "a", size: pieceLen / 2}, entry{path: "b", size: 10*pieceLen + 7}, entry{path: "c", size: 3*pieceLen + 100}, entry{path: "none"},
	)
	client := openWhole(t, t.TempDir())
	source := torrent.source(t)
	unwanted := []int{1, 3}
	hash, err := client.Add(t.Context(), domain.Handover{Magnet: source.magnet(), Settings: domain.TransferSettings{Unwanted: &unwanted}})
	ok(t, err)
	part := untilFinished(t, client, hash)
	if want := int64(pieceLen/2 + 3*pieceLen + 100); part.BytesWanted != want {
		t.Errorf("wants %d bytes, not %d", part.BytesWanted, want)
	}
	if got := source.served.Load(); got > 6*pieceLen {
		t.Errorf("asked for %d bytes", got)
	}
	files, err := client.Files(t.Context(), hash)
	ok(t, err)
	want := []domain.TransferFile{
		{Index: 0, Path: "album/a", Size: pieceLen / 2, BytesDone: pieceLen / 2, Wanted: true},
		{Index: 1, Path: "album/b", Size: 10*pieceLen + 7, BytesDone: files[1].BytesDone},
		{Index: 2, Path: "album/c", Size: 3*pieceLen + 100, BytesDone: 3*pieceLen + 100, Wanted: true},
		{Index: 3, Path: "album/none"},
	}
	if !slices.Equal(files, want) || files[1].BytesDone >= files[1].Size {
		t.Errorf("files %+v", files)
	}
	all := []int{}
	ok(t, client.Configure(t.Context(), hash, domain.TransferSettings{Unwanted: &all}))
	whole := until(t, client, hash, "all of it to finish", func(tr domain.Transfer) bool { return tr.Finished() && tr.BytesWanted == int64(len(torrent.data)) })
	if whole.FinishedAt.Before(*part.FinishedAt) {
		t.Errorf("finished at %s, a part at %s", whole.FinishedAt, part.FinishedAt)
	}
	wrong := []int{4}
	if err := client.Configure(t.Context(), hash, domain.TransferSettings{Unwanted: &wrong}); domain.KindOf(err) != domain.KindInvalid {
		t.Errorf("got %v", err)
	}
}

func TestMetainfo(t *testing.T) {
	t.Parallel()
	torrent := singleFile("from a file", 38, 4*pieceLen)
	source := torrent.source(t)
	file := bencode.MustMarshal(map[string]any{"info": bencode.Bytes(torrent.info), "announce": "http://127.0.0.1:1/announce", "url-list": webServer(t, torrent.data)})

	t.Run("a .torrent file is downloaded without metadata from peers", func(t *testing.T) {
		t.Parallel()
		client := openWhole(t, t.TempDir())
		hash, err := client.Add(t.Context(), domain.Handover{Magnet: source.magnetWith(), Metainfo: file, Paused: true})
		ok(t, err)
		if tr := report(t, client, hash).Transfers[hash]; !tr.MetadataKnown || tr.BytesLeft != 4*pieceLen || !stopped(tr) {
			t.Fatalf("added as %+v", tr)
		}
		trackers, err := client.Trackers(t.Context(), hash)
		ok(t, err)
		if len(trackers) != 1 || trackers[0].URL != "http://127.0.0.1:1/announce" {
			t.Errorf("trackers %+v", trackers)
		}
		ok(t, client.Resume(t.Context(), []domain.InfoHash{hash}))
		untilFinished(t, client, hash)
		list, err := client.List(t.Context())
		ok(t, err)
		if len(list) != 1 || list[0].Magnet.InfoHash() != hash || !list[0].Finished() || time.Since(*list[0].AddedAt) > time.Minute || len(list[0].Magnet.Trackers()) != 1 {
			t.Errorf("listed %+v", list)
		}
	})

	t.Run("it completes a magnet that waits for metadata", func(t *testing.T) {
		t.Parallel()
		client := openWhole(t, t.TempDir())
		hash := add(t, client, source.magnetWith())
		if tr := report(t, client, hash).Transfers[hash]; tr.MetadataKnown {
			t.Fatalf("%+v", tr)
		}
		_, err := client.Add(t.Context(), domain.Handover{Magnet: source.magnetWith(), Metainfo: file})
		ok(t, err)
		untilFinished(t, client, hash)
	})

	t.Run("files that are none, or another torrent's, are refused and do no harm", func(t *testing.T) {
		t.Parallel()
		client := openWhole(t, t.TempDir())
		other := bencode.MustMarshal(map[string]any{"info": bencode.Bytes(singleFile("other", 39, 100).info)})
		for _, bad := range [][]byte{{}, []byte("<html>"), file[:len(file)-3], other, bytes.Repeat([]byte("l"), 1<<20), []byte("d4:infodee")} {
			_, err := client.Add(t.Context(), domain.Handover{Magnet: source.magnetWith(), Metainfo: bad})
			if domain.KindOf(err) != domain.KindInvalid {
				t.Errorf("%.20q: %v", bad, err)
			}
		}
		if len(report(t, client, source.hash()).Transfers) != 0 {
			t.Error("what was refused is there")
		}
	})
}

func TestPeers(t *testing.T) {
	t.Parallel()
	client := openWhole(t, t.TempDir())
	torrent := singleFile("data", 40, 3*pieceLen)
	source := torrent.source(t)
	source.limit.Store(pieceLen) // those who have all leave each other
	hash := add(t, client, source.magnet())
	until(t, client, hash, "a part of it", func(tr domain.Transfer) bool { return tr.MetadataKnown && tr.BytesLeft == 2*pieceLen && tr.Peers > 0 })
	peers, err := client.Peers(t.Context(), hash)
	ok(t, err)
	if len(peers) != 1 || peers[0].Address != source.listener.Addr().String() || peers[0].FractionDone <= 0 {
		t.Errorf("peers %+v", peers)
	}
	if _, err := client.Peers(t.Context(), singleFile("x", 41, 9).source(t).hash()); domain.KindOf(err) != domain.KindNotFound {
		t.Errorf("got %v", err)
	}
}
