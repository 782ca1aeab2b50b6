package embedded_test

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"testing"

	"github.com/clarion-app/download-manager/adapters/torrentclients/embedded"
	"github.com/clarion-app/download-manager/domain"
)

func TestDownload(t *testing.T) {
	t.Parallel()

	t.Run("a magnet that names a peer is downloaded under its own name", func(t *testing.T) {
		t.Parallel()
		dir, torrent := t.TempDir(), singleFile("some file.bin", 1, 5<<20+77)
		client := open(t, dir)
		source := torrent.source(t)
		hash := add(t, client, source.magnet())
		if hash != source.hash() {
			t.Fatalf("added as %s", hash)
		}
		done := untilFinished(t, client, hash)
		if done.Name != "some file.bin" || done.BytesWanted != 5<<20+77 || done.BytesLeft != 0 ||
			done.Phase != domain.PhaseSeeding || done.FinishedAt == nil || done.InfoHash != hash {
			t.Errorf("reported as %+v", done)
		}
		path := filepath.Join(dir, "downloads", "some file.bin")
		if !bytes.Equal(read(t, path), torrent.data) {
			t.Error("other bytes on disk")
		}
		if info, err := os.Stat(path); err != nil || info.Mode().Perm()&0o600 != 0o600 {
			t.Errorf("mode %v, %v", info.Mode(), err)
		}
		if got := source.served.Load(); got > int64(len(torrent.data)) {
			t.Errorf("asked for %d bytes of %d", got, len(torrent.data))
		}
	})

	t.Run("a folder of files has its files, padding apart", func(t *testing.T) {
		t.Parallel()
		dir := t.TempDir()
		torrent := manyFiles("album", 2, entry{path: "a.txt", size: 1000}, entry{path: ".pad/31768", size: pieceLen - 1000, pad: true},
			entry{path: "deep/down/b.bin", size: 3*pieceLen + 5}, entry{path: "empty"}, entry{path: "c", size: 1})
		client := open(t, dir)
		hash := add(t, client, torrent.source(t).magnet())
		done := untilFinished(t, client, hash)
		if want := int64(1000 + 3*pieceLen + 5 + 1); done.BytesWanted != want {
			t.Errorf("wants %d bytes, not %d", done.BytesWanted, want)
		}
		at := 0
		for _, file := range []struct {
			path       string
			size, skip int
		}{{"a.txt", 1000, pieceLen - 1000}, {"deep/down/b.bin", 3*pieceLen + 5, 0}, {"empty", 0, 0}, {"c", 1, 0}} {
			if !bytes.Equal(read(t, dir, "downloads", "album", file.path), torrent.data[at:at+file.size]) {
				t.Errorf("%s has other bytes", file.path)
			}
			at += file.size + file.skip
		}
		if exists(dir, "downloads", "album", ".pad") {
			t.Error("padding was written")
		}
	})

	t.Run("a finished torrent is given to others", func(t *testing.T) {
		t.Parallel()
		torrent := singleFile("relay", 3, 1<<20)
		first, second := open(t, t.TempDir()), open(t, t.TempDir())
		source := torrent.source(t)
		hash := add(t, first, source.magnet())
		untilFinished(t, first, hash)
		source.close()
		add(t, second, source.magnetWith("x.pe="+localPeer(first)))
		untilFinished(t, second, hash)
		until(t, first, hash, "a ratio", func(tr domain.Transfer) bool { return tr.Ratio >= 1 })
	})

	t.Run("data that was there already has a ratio", func(t *testing.T) {
		t.Parallel()
		torrent := singleFile("kept", 6, 1<<20)
		first, second := open(t, t.TempDir()), open(t, t.TempDir())
		source := torrent.source(t)
		hash := add(t, first, source.magnet())
		untilFinished(t, first, hash)
		remove(t, first, false, hash)
		served := source.served.Load()
		add(t, first, source.magnet())
		if again := untilFinished(t, first, hash); again.Ratio != 0 {
			t.Errorf("a ratio of %v before anything was given", again.Ratio)
		}
		if more := source.served.Load() - served; more != 0 {
			t.Errorf("%d bytes were downloaded again", more)
		}
		source.close()
		add(t, second, source.magnetWith("x.pe="+localPeer(first)))
		untilFinished(t, second, hash)
		until(t, first, hash, "a ratio", func(tr domain.Transfer) bool { return tr.Ratio >= 1 && tr.Ratio < 2 })
	})

	t.Run("before the metadata is there nothing is wanted and nothing finished", func(t *testing.T) {
		t.Parallel()
		client := open(t, t.TempDir())
		hash := add(t, client, parse(t, "magnet:?xt=urn:btih:00000000000000000000000000000000000000aa&dn=a+name"))
		got := report(t, client, hash).Transfers[hash]
		if got.Phase != domain.PhaseMetadata || got.MetadataKnown || got.Finished() || got.Name != "a name" || got.BytesWanted != 0 {
			t.Errorf("got %+v", got)
		}
	})

	t.Run("what is left is exact and the rest is downloading", func(t *testing.T) {
		t.Parallel()
		torrent := singleFile("half", 4, 10*pieceLen+3)
		source := torrent.source(t)
		source.limit.Store(4 * pieceLen)
		client := open(t, t.TempDir())
		hash := add(t, client, source.magnet())
		until(t, client, hash, "four pieces to be there", func(tr domain.Transfer) bool {
			return tr.MetadataKnown && tr.BytesLeft == 6*pieceLen+3 && tr.Phase == domain.PhaseDownloading && tr.Peers == 1
		})
	})

	t.Run("a peer that comes later than the magnet is found", func(t *testing.T) {
		t.Parallel()
		torrent := singleFile("late", 5, 100_000)
		source := torrent.source(t)
		magnet := source.magnet()
		address := source.listener.Addr().String()
		source.close()
		client := open(t, t.TempDir())
		hash := add(t, client, magnet)
		until(t, client, hash, "the magnet to be there", func(domain.Transfer) bool { return true })
		again := listenAgain(t, torrent, address)
		if untilFinished(t, client, hash).Finished(); again.served.Load() == 0 {
			t.Error("nothing was asked of it")
		}
	})

	t.Run("a peer that does not give what it was asked for does not hold up the rest", func(t *testing.T) {
		t.Parallel()
		torrent := singleFile("stuck", 10, 20*pieceLen)
		mute, helpful := torrent.source(t), torrent.source(t)
		mute.limit.Store(10 * pieceLen)
		mute.boasts = true
		client := open(t, t.TempDir())
		hash := add(t, client, mute.magnet())
		until(t, client, hash, "the metadata", func(tr domain.Transfer) bool { return tr.MetadataKnown })
		add(t, client, helpful.magnet())
		untilFinished(t, client, hash)
	})

	t.Run("adding again adds the peers of the second magnet", func(t *testing.T) {
		t.Parallel()
		torrent := singleFile("merged", 6, 100_000)
		source := torrent.source(t)
		client := open(t, t.TempDir())
		hash := add(t, client, source.magnetWith("dn=first"))
		if again := add(t, client, source.magnet()); again != hash {
			t.Fatalf("added as %s", again)
		}
		untilFinished(t, client, hash)
	})

	t.Run("a web seed serves what no peer has", func(t *testing.T) {
		t.Parallel()
		dir := t.TempDir()
		torrent := singleFile("web.bin", 7, 300_000)
		source := torrent.source(t)
		source.limit.Store(0)
		client := open(t, dir)
		hash := add(t, client, source.magnetWith("x.pe="+source.listener.Addr().String(), "ws="+webServer(t, torrent.data)+"/web.bin"))
		untilFinished(t, client, hash)
		if !bytes.Equal(read(t, dir, "downloads", "web.bin"), torrent.data) {
			t.Error("other bytes on disk")
		}
	})

	t.Run("a hybrid torrent is downloaded by its version 1", func(t *testing.T) {
		t.Parallel()
		dir := t.TempDir()
		torrent := hybrid("both", 8, entry{path: "a", size: 10}, entry{path: "b/c", size: 2*pieceLen + 9}, entry{path: "d", size: pieceLen})
		client := open(t, dir)
		hash := add(t, client, torrent.source(t).magnet())
		done := untilFinished(t, client, hash)
		if done.BytesWanted != 10+2*pieceLen+9+pieceLen {
			t.Errorf("wants %d bytes", done.BytesWanted)
		}
		if !bytes.Equal(read(t, dir, "downloads/both/b/c"), torrent.data[pieceLen:3*pieceLen+9]) {
			t.Error("other bytes on disk")
		}
	})

	t.Run("a torrent of version 2 only is refused", func(t *testing.T) {
		t.Parallel()
		client := open(t, t.TempDir())
		_, err := client.Add(context.Background(), domain.Handover{Magnet: parse(t, "magnet:?xt=urn:btmh:1220caf1e1c30e81cb361b9ee167c4aa64228a7fa4fa9f6105232b28ad099f3a302e")})
		if domain.KindOf(err) != domain.KindInvalid || domain.Errors(err)[0].Field != "magnetURI" {
			t.Errorf("got %v", err)
		}
	})

	t.Run("all transports together serve and close", func(t *testing.T) {
		t.Parallel()
		config := config(t.TempDir())
		config.PEX, config.UTP = true, true
		torrent := singleFile("utp", 9, 200_000)
		client := openWith(t, config, "downloads")
		hash := add(t, client, torrent.source(t).magnet())
		untilFinished(t, client, hash)
		other := openWith(t, func() embedded.Config { c := config; c.DataDir = t.TempDir(); return c }(), "downloads")
		add(t, other, parse(t, "magnet:?xt=urn:btih:"+hash.String()+"&x.pe="+localPeer(client)))
		untilFinished(t, other, hash)
	})
}
