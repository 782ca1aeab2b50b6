package rtorrent_test

import (
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/clarion-app/download-manager/domain"
	testdaemon "github.com/clarion-app/download-manager/internal/testkit/rtorrent"
)

// Names that mean something to a shell, to rtorrent, to rm, or that do not survive
// being told.
func oddNames() []string {
	return []string{
		"-rf", "$d.directory=", "two  words", `q"uo\te'`, "a;b,c{d}(e)&f|g<h>", "nl\nline\ttab\r", "ctl\x01", "bad\xff", "~root", "$(touch x)", "`touch y`", "*", "☃🍉",
	}
}

func TestRemovingWithTheDataDeletesItsFilesAndNothingElse(t *testing.T) {
	each(t, func(t *testing.T, version testdaemon.Version) {
		daemon := testdaemon.Start(t, version)
		client := open(t, daemon.URL(), domain.Credentials{})
		var hashes []domain.InfoHash
		for _, name := range oddNames() {
			odd := newTorrent("T"+name, []string{name, "sub/" + name + "/x", "deep/er/" + name}, 20_000, 5, 40_000)
			odd.write(t, daemon.DownloadDir())
			hash, err := client.Add(t.Context(), odd.handover(t))
			if err != nil {
				t.Fatalf("%q: %v", name, err)
			}
			hashes = append(hashes, hash)
		}
		kept := newTorrent("kept", []string{"a", "b"}, 100, 200)
		kept.write(t, daemon.DownloadDir())
		stays, err := client.Add(t.Context(), kept.handover(t))
		if err != nil {
			t.Fatal(err)
		}
		// Somebody else's file, in a folder of one of them and beside them.
		strange := filepath.Join(daemon.DownloadDir(), "T*", "sub", "notes.txt")
		for _, file := range []string{strange, filepath.Join(daemon.DownloadDir(), "precious")} {
			if err := os.WriteFile(file, []byte("mine"), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		awaitFinished(t, client, append(hashes, stays)...)
		daemon.Restart() // after which a torrent that is stopped does not know its paths
		if err := client.Remove(t.Context(), hashes, true); err != nil {
			t.Fatal(err)
		}
		if got := left(t, daemon.DownloadDir()); !slices.Equal(got, []string{"T*", "kept", "precious"}) {
			t.Errorf("left are %q", got)
		}
		if got := left(t, filepath.Join(daemon.DownloadDir(), "T*")); !slices.Equal(got, []string{"sub"}) {
			t.Errorf("left in its folder are %q", got)
		}
		if _, err := os.Stat(strange); err != nil {
			t.Error(err)
		}
		report, err := client.Transfers(t.Context(), append(hashes, stays))
		if err != nil || len(report.Transfers) != 1 || !report.Transfers[stays].Finished() {
			t.Errorf("%+v, error %v", report, err)
		}
	})
}

func TestAFolderThatIsSharedIsNotDeleted(t *testing.T) {
	each(t, func(t *testing.T, version testdaemon.Version) {
		daemon := testdaemon.Start(t, version)
		client := open(t, daemon.URL(), domain.Credentials{})
		files := newTorrent("shared", []string{"a", "sub/b"}, 20_000, 5)
		handover := files.handover(t)
		handover.Paused = true
		hash, err := client.Add(t.Context(), handover)
		if err != nil {
			t.Fatal(err)
		}
		// As somebody does who wants the files right there.
		folder := filepath.Join(daemon.DownloadDir(), "films")
		files.write(t, daemon.DownloadDir())
		if err := os.Rename(filepath.Join(daemon.DownloadDir(), "shared"), folder); err != nil {
			t.Fatal(err)
		}
		daemon.Call(t, "d.directory_base.set", target(hash), folder)
		if err := client.Remove(t.Context(), []domain.InfoHash{hash}, true); err != nil {
			t.Fatal(err)
		}
		if got := left(t, daemon.DownloadDir()); !slices.Equal(got, []string{"films"}) {
			t.Errorf("left are %q", got)
		}
		if _, err := os.Stat(filepath.Join(folder, "a")); err == nil {
			t.Error("its file is still there")
		}
	})
}
