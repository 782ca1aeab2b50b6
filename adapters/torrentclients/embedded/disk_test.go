package embedded_test

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/clarion-app/download-manager/domain"
)

func TestDisk(t *testing.T) {
	t.Parallel()

	t.Run("data that is deleted behind our back is a local error until it is added again", func(t *testing.T) {
		t.Parallel()
		dir, torrent := t.TempDir(), singleFile("gone", 20, 300_000)
		client := open(t, dir)
		source := torrent.source(t)
		hash := add(t, client, source.magnet())
		untilFinished(t, client, hash)
		must(t, os.Remove(filepath.Join(dir, "downloads", "gone")))
		if got := report(t, client, hash).Transfers[hash]; got.Finished() || got.LocalError == "" || got.Phase != domain.PhaseStopped {
			t.Errorf("got %+v", got)
		}
		closeClient(t, client)

		client = open(t, dir)
		settled(t, client)
		if got := report(t, client, hash).Transfers[hash]; got.Finished() || got.LocalError == "" {
			t.Errorf("after a restart: %+v", got)
		}
		add(t, client, source.magnet())
		untilFinished(t, client, hash)
		if !bytes.Equal(read(t, dir, "downloads/gone"), torrent.data) {
			t.Error("other bytes on disk")
		}
	})

	t.Run("data that is cut off is a local error", func(t *testing.T) {
		t.Parallel()
		dir, torrent := t.TempDir(), singleFile("cut", 21, 300_000)
		client := open(t, dir)
		hash := add(t, client, torrent.source(t).magnet())
		untilFinished(t, client, hash)
		must(t, os.Truncate(filepath.Join(dir, "downloads", "cut"), 299_999))
		untilFailed(t, client, hash)
		add(t, client, parse(t, "magnet:?xt=urn:btih:"+hash.String()))
		untilFinished(t, client, hash)
	})

	t.Run("a file that vanishes during the download is a local error", func(t *testing.T) {
		t.Parallel()
		dir, torrent := t.TempDir(), singleFile("vanishing", 22, 20*pieceLen)
		source := torrent.source(t)
		source.limit.Store(5 * pieceLen)
		client := open(t, dir)
		hash := add(t, client, source.magnet())
		until(t, client, hash, "some pieces", func(tr domain.Transfer) bool { return tr.MetadataKnown && tr.BytesLeft == 15*pieceLen })
		must(t, os.Remove(filepath.Join(dir, "downloads", "vanishing")))
		source.close()
		whole := listenAgain(t, torrent, source.listener.Addr().String())
		untilFailed(t, client, hash)
		add(t, client, whole.magnet())
		untilFinished(t, client, hash)
		if !bytes.Equal(read(t, dir, "downloads/vanishing"), torrent.data) {
			t.Error("other bytes on disk")
		}
	})

	t.Run("what cannot be written is a local error, and is tried again", func(t *testing.T) {
		t.Parallel()
		dir := t.TempDir()
		torrent := manyFiles("blocked", 23, entry{path: "a", size: pieceLen}, entry{path: "b/c", size: pieceLen})
		source := torrent.source(t)
		source.limit.Store(pieceLen)
		client := open(t, dir)
		hash := add(t, client, source.magnet())
		until(t, client, hash, "one piece", func(tr domain.Transfer) bool { return tr.MetadataKnown && tr.BytesLeft == pieceLen })
		inTheWay := filepath.Join(dir, "downloads", "blocked", "b")
		must(t, os.WriteFile(inTheWay, []byte("x"), 0o600))
		source.close()
		listenAgain(t, torrent, source.listener.Addr().String())
		if got := untilFailed(t, client, hash); got.Finished() || strings.Contains(got.LocalError, dir) {
			t.Errorf("got %+v", got)
		}
		must(t, os.Remove(inTheWay))
		untilFinished(t, client, hash)
	})

	t.Run("a finished torrent whose files are replaced by folders is not finished", func(t *testing.T) {
		t.Parallel()
		dir, torrent := t.TempDir(), singleFile("replaced", 24, 100)
		client := open(t, dir)
		hash := add(t, client, torrent.source(t).magnet())
		untilFinished(t, client, hash)
		must(t, os.Remove(filepath.Join(dir, "downloads/replaced")))
		must(t, os.Mkdir(filepath.Join(dir, "downloads/replaced"), 0o755))
		untilFailed(t, client, hash)
	})
}

func TestRemove(t *testing.T) {
	t.Parallel()
	album := func() made {
		return manyFiles("album", 30, entry{path: "1/a", size: 10}, entry{path: "1/b", size: 20}, entry{path: "2/c", size: pieceLen}, entry{path: "d"})
	}

	t.Run("without data the files stay", func(t *testing.T) {
		t.Parallel()
		dir, torrent := t.TempDir(), album()
		client := open(t, dir)
		hash := add(t, client, torrent.source(t).magnet())
		untilFinished(t, client, hash)
		before := tree(t, filepath.Join(dir, "downloads"))
		remove(t, client, false, hash)
		if after := tree(t, filepath.Join(dir, "downloads")); !slices.Equal(before, after) || len(after) != 7 {
			t.Errorf("%q, then %q", before, after)
		}
		if len(report(t, client, hash).Transfers) != 0 {
			t.Error("still reported")
		}
	})

	t.Run("with data exactly its own files go", func(t *testing.T) {
		t.Parallel()
		dir, torrent := t.TempDir(), album()
		client := open(t, dir)
		hash := add(t, client, torrent.source(t).magnet())
		untilFinished(t, client, hash)
		must(t, os.WriteFile(filepath.Join(dir, "downloads/album/1/mine"), nil, 0o600))
		must(t, os.WriteFile(filepath.Join(dir, "downloads/other"), nil, 0o600))
		remove(t, client, true, hash)
		if left := tree(t, filepath.Join(dir, "downloads")); !slices.Equal(left, []string{"album", "album/1", "album/1/mine", "other"}) {
			t.Errorf("left %q", left)
		}
	})

	t.Run("with data nothing is left, its state neither, also after a restart", func(t *testing.T) {
		t.Parallel()
		dir, torrent := t.TempDir(), album()
		client := open(t, dir)
		hash := add(t, client, torrent.source(t).magnet())
		untilFinished(t, client, hash)
		closeClient(t, client)
		client = open(t, dir)
		settled(t, client)
		remove(t, client, true, hash)
		if left := tree(t, filepath.Join(dir, "downloads")); len(left) != 0 {
			t.Errorf("left %q", left)
		}
		state, err := os.ReadDir(filepath.Join(dir, "downloads/.state"))
		if err != nil || len(state) != 1 {
			t.Errorf("state %v, %v", state, err)
		}
	})

	t.Run("a download can be removed while it runs", func(t *testing.T) {
		t.Parallel()
		dir, torrent := t.TempDir(), singleFile("running", 31, 3<<20)
		source := torrent.source(t)
		source.limit.Store(1 << 20)
		client := open(t, dir)
		hash := add(t, client, source.magnet())
		until(t, client, hash, "some data", func(tr domain.Transfer) bool { return tr.MetadataKnown && tr.BytesLeft < 3<<20 })
		remove(t, client, true, hash)
		if left := tree(t, filepath.Join(dir, "downloads")); len(left) != 0 {
			t.Errorf("left %q", left)
		}
	})

	t.Run("data that was kept is found again and not fetched again", func(t *testing.T) {
		t.Parallel()
		dir, torrent := t.TempDir(), singleFile("kept", 32, 1<<20)
		client := open(t, dir)
		source := torrent.source(t)
		hash := add(t, client, source.magnet())
		untilFinished(t, client, hash)
		remove(t, client, false, hash)
		closeClient(t, client)
		served := source.served.Load()
		client = open(t, dir)
		add(t, client, source.magnet())
		untilFinished(t, client, hash)
		if source.served.Load() != served {
			t.Error("it was fetched again")
		}
	})

	t.Run("a link planted in the folder is not followed", func(t *testing.T) {
		t.Parallel()
		dir, outside, torrent := t.TempDir(), t.TempDir(), album()
		client := open(t, dir)
		hash := add(t, client, torrent.source(t).magnet())
		untilFinished(t, client, hash)
		must(t, os.MkdirAll(filepath.Join(outside, "1"), 0o755))
		must(t, os.WriteFile(filepath.Join(outside, "1", "a"), []byte("precious"), 0o600))
		must(t, os.RemoveAll(filepath.Join(dir, "downloads/album")))
		must(t, os.Symlink(outside, filepath.Join(dir, "downloads/album")))
		_ = client.Remove(context.Background(), []domain.InfoHash{hash}, true)
		if !exists(outside, "1", "a") {
			t.Error("a file outside was deleted")
		}
	})
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
