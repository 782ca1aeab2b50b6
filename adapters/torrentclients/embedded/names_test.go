package embedded_test

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
)

func TestNames(t *testing.T) {
	t.Parallel()

	t.Run("two torrents of one name do not touch each other", func(t *testing.T) {
		t.Parallel()
		dir := t.TempDir()
		first, second, third := singleFile("same.bin", 40, 200_000), singleFile("same.bin", 41, 200_000), manyFiles("Same.bin", 42, entry{path: "x", size: 9})
		client := open(t, dir)
		firstHash := add(t, client, first.source(t).magnet())
		untilFinished(t, client, firstHash)
		secondHash := add(t, client, second.source(t).magnet())
		untilFinished(t, client, secondHash)
		thirdHash := add(t, client, third.source(t).magnet())
		untilFinished(t, client, thirdHash)

		secondName, thirdName := "same-"+secondHash.String()[:8]+".bin", "Same.bin-"+thirdHash.String()[:8]
		if !bytes.Equal(read(t, dir, "downloads/same.bin"), first.data) || !bytes.Equal(read(t, dir, "downloads", secondName), second.data) ||
			!bytes.Equal(read(t, dir, "downloads", thirdName, "x"), third.data) {
			t.Error("other bytes on disk")
		}
		remove(t, client, true, secondHash)
		if !exists(dir, "downloads/same.bin") || exists(dir, "downloads", secondName) {
			t.Error("the wrong file was deleted")
		}
	})

	t.Run("what a torrent left behind is not overwritten by another of its name", func(t *testing.T) {
		t.Parallel()
		dir := t.TempDir()
		first, second := singleFile("left", 43, 100_000), singleFile("left", 44, 100_000)
		client := open(t, dir)
		hash := add(t, client, first.source(t).magnet())
		untilFinished(t, client, hash)
		remove(t, client, false, hash)
		closeClient(t, client)
		client = open(t, dir)
		hash = add(t, client, second.source(t).magnet())
		untilFinished(t, client, hash)
		if !bytes.Equal(read(t, dir, "downloads/left"), first.data) || !bytes.Equal(read(t, dir, "downloads", "left-"+hash.String()[:8]), second.data) {
			t.Error("other bytes on disk")
		}
	})

	t.Run("a file that is not ours is not overwritten", func(t *testing.T) {
		t.Parallel()
		dir := t.TempDir()
		must(t, os.MkdirAll(filepath.Join(dir, "downloads"), 0o755))
		must(t, os.WriteFile(filepath.Join(dir, "downloads", "mine"), []byte("precious"), 0o600))
		client := open(t, dir)
		hash := add(t, client, singleFile("mine", 45, 100).source(t).magnet())
		untilFinished(t, client, hash)
		if string(read(t, dir, "downloads/mine")) != "precious" {
			t.Error("it was overwritten")
		}
		remove(t, client, true, hash)
		if string(read(t, dir, "downloads/mine")) != "precious" {
			t.Error("it was deleted")
		}
	})

	t.Run("a torrent named like the state folder, or not at all, has another name on disk", func(t *testing.T) {
		t.Parallel()
		dir := t.TempDir()
		client := open(t, dir)
		odd, nameless := manyFiles(".State", 46, entry{path: "lock", size: 5}), singleFile("", 47, 10)
		oddHash := add(t, client, odd.source(t).magnet())
		untilFinished(t, client, oddHash)
		namelessHash := add(t, client, nameless.source(t).magnet())
		untilFinished(t, client, namelessHash)
		if !exists(dir, "downloads", ".State-"+oddHash.String()[:8], "lock") || !exists(dir, "downloads", namelessHash.String()) {
			t.Errorf("got %q", tree(t, filepath.Join(dir, "downloads")))
		}
	})

	t.Run("names too long for the disk are cut and stay different", func(t *testing.T) {
		t.Parallel()
		dir := t.TempDir()
		long := string(bytes.Repeat([]byte("é"), 200))
		client := open(t, dir)
		torrent := manyFiles(long, 48, entry{path: long + "1.txt", size: 5}, entry{path: long + "2.txt", size: 6})
		hash := add(t, client, torrent.source(t).magnet())
		untilFinished(t, client, hash)
		names := tree(t, filepath.Join(dir, "downloads"))
		if len(names) != 3 || filepath.Ext(names[1]) != ".txt" {
			t.Errorf("got %q", names)
		}
	})
}
