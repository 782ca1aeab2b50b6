package rtorrent_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/clarion-app/download-manager/domain"
	testdaemon "github.com/clarion-app/download-manager/internal/testkit/rtorrent"
)

func TestDataIsMovedWithItsTransfer(t *testing.T) {
	each(t, func(t *testing.T, version testdaemon.Version) {
		daemon := testdaemon.Start(t, version)
		client := open(t, daemon.URL(), domain.Credentials{})
		files := newTorrent(`"odd", $name;`, []string{"a", "sub/b"}, 100_000, 7)
		files.write(t, daemon.DownloadDir())
		hash, err := client.Add(t.Context(), files.handover(t))
		if err != nil {
			t.Fatal(err)
		}
		awaitFinished(t, client, hash)
		for _, name := range []string{`to "here", $x=;\`, "then/there"} {
			folder := filepath.Join(daemon.DownloadDir(), name)
			for range 2 {
				if err := client.Configure(t.Context(), hash, domain.TransferSettings{Folder: &folder}); err != nil {
					t.Fatal(err)
				}
			}
			if is := held(t, client, hash); is.Folder != folder {
				t.Errorf("in %q", is.Folder)
			}
			if data, err := os.ReadFile(filepath.Join(folder, files.name, "sub/b")); err != nil || !bytes.Equal(data, files.contents[1]) {
				t.Errorf("%q, error %v", data, err)
			}
			await(t, client, "it to seed there", hash, func(transfer domain.Transfer) bool {
				return transfer.Finished() && transfer.Phase == domain.PhaseSeeding
			})
		}
		// Somebody else's folder of that name is in the way.
		taken := filepath.Join(daemon.DownloadDir(), "taken")
		if err := os.MkdirAll(filepath.Join(taken, files.name), 0o700); err != nil {
			t.Fatal(err)
		}
		err = client.Configure(t.Context(), hash, domain.TransferSettings{Folder: &taken})
		if domain.KindOf(err) != domain.KindConflict {
			t.Errorf("error %v; want one of kind %s", err, domain.KindConflict)
		}
		elsewhere := "/dev/shm/" + filepath.Base(filepath.Dir(daemon.DownloadDir()))
		t.Cleanup(func() { _ = os.RemoveAll(elsewhere) })
		err = client.Configure(t.Context(), hash, domain.TransferSettings{Folder: &elsewhere})
		if domain.KindOf(err) != domain.KindConflict || !strings.Contains(domain.MessageOf(err), "file system") {
			t.Errorf("error %v; want one of kind %s", err, domain.KindConflict)
		}
		await(t, client, "it to go on", hash, func(transfer domain.Transfer) bool {
			return transfer.Finished() && transfer.Phase == domain.PhaseSeeding
		})
	})
}
