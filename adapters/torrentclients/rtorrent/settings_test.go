package rtorrent_test

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/clarion-app/download-manager/domain"
	testdaemon "github.com/clarion-app/download-manager/internal/testkit/rtorrent"
	"github.com/clarion-app/download-manager/internal/testkit/wait"
	"github.com/clarion-app/download-manager/ports"
)

// oddLabel means something to rtorrent and to XML.
const oddLabel = `$d.hash=, "50 % & <more>"; Fünf`

// await waits until a transfer is as it should be.
func await(t *testing.T, client ports.TorrentClient, what string, hash domain.InfoHash, good func(domain.Transfer) bool) domain.Transfer {
	t.Helper()
	var transfer domain.Transfer
	wait.Until(t, time.Minute, what, func() bool {
		report, err := client.Transfers(t.Context(), []domain.InfoHash{hash})
		if err != nil {
			t.Fatal(err)
		}
		var found bool
		transfer, found = report.Transfers[hash]
		return found && good(transfer)
	})
	return transfer
}

func awaitFinished(t *testing.T, client ports.TorrentClient, hashes ...domain.InfoHash) {
	t.Helper()
	for _, hash := range hashes {
		await(t, client, "it to be finished", hash, domain.Transfer.Finished)
	}
}

// held returns what List tells of a transfer.
func held(t *testing.T, client ports.TransferListing, hash domain.InfoHash) domain.HeldTransfer {
	t.Helper()
	all, err := client.List(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, transfer := range all {
		if transfer.InfoHash == hash {
			return transfer
		}
	}
	t.Fatalf("%s is not in the list", hash)
	return domain.HeldTransfer{}
}

func TestAMagnetKeepsItsSettings(t *testing.T) {
	each(t, func(t *testing.T, version testdaemon.Version) {
		daemon := testdaemon.Start(t, version)
		client := open(t, daemon.URL(), domain.Credentials{})
		folder := filepath.Join(daemon.DownloadDir(), `$cat=x, "sub";\dir`)
		seed := seed(t, daemon, 300_000)
		handover := domain.Handover{Magnet: seed.Magnet, Paused: true, Settings: domain.TransferSettings{
			Label: pointer("first"), Folder: &folder, DownloadLimit: pointer(int64(1500)),
		}}
		hash, err := client.Add(t.Context(), handover)
		if err != nil {
			t.Fatal(err)
		}
		added := held(t, client, hash)
		if added.Label != "first" || added.Folder != folder || added.Phase != domain.PhaseStopped || added.AddedAt == nil {
			t.Errorf("added as %+v", added)
		}
		// Changed while the metadata is not there.
		err = client.Configure(t.Context(), hash, domain.TransferSettings{
			Label: pointer(oddLabel), Priority: pointer(domain.PriorityHigh), UploadLimit: pointer(int64(5 << 20)), DownloadLimit: pointer(int64(0)),
		})
		if err != nil {
			t.Fatal(err)
		}
		if phase := held(t, client, hash).Phase; phase != domain.PhaseStopped {
			t.Errorf("changing it has made it %s", phase)
		}
		seed.Complete(t)
		seed.Connect(t)
		if err := client.Resume(t.Context(), []domain.InfoHash{hash}); err != nil {
			t.Fatal(err)
		}
		awaitFinished(t, client, hash)
		after := held(t, client, hash)
		if after.Label != oddLabel || after.Folder != folder || after.Name != seed.Name || !after.AddedAt.Equal(*added.AddedAt) {
			t.Errorf("%+v", after)
		}
		data, err := os.ReadFile(filepath.Join(folder, seed.Name))
		if err != nil || !bytes.Equal(data, seed.Content) {
			t.Errorf("the data is not in its folder: %v", err)
		}
		if priority := daemon.Call(t, "d.priority", target(hash)); priority != "3" {
			t.Errorf("priority %s", priority)
		}
		if limit := limitOf(t, daemon, "up", hash); limit != "5242880" {
			t.Errorf("limit %s", limit)
		}
	})
}

func TestAMagnetThatIsPutNowhereGoesWhereTheDaemonPutsIt(t *testing.T) {
	each(t, func(t *testing.T, version testdaemon.Version) {
		daemon := testdaemon.Start(t, version)
		client := open(t, daemon.URL(), domain.Credentials{})
		seed := seed(t, daemon, 300_000)
		hash, err := client.Add(t.Context(), domain.Handover{Magnet: seed.Magnet})
		if err != nil {
			t.Fatal(err)
		}
		if folder := held(t, client, hash).Folder; folder != "" && folder != daemon.DownloadDir() {
			t.Errorf("said to be in %q", folder)
		}
		if err := client.Configure(t.Context(), hash, domain.TransferSettings{Label: pointer("later")}); err != nil {
			t.Fatal(err)
		}
		seed.Complete(t)
		seed.Connect(t)
		awaitFinished(t, client, hash)
		if is := held(t, client, hash); is.Folder != daemon.DownloadDir() || is.Label != "later" {
			t.Errorf("%+v", is)
		}
		if data := seed.File(t, daemon.DownloadDir(), 0); !bytes.Equal(data, seed.Content) {
			t.Errorf("%d bytes of it are there", len(data))
		}
	})
}

// limitOf asks a daemon for the limit of a torrent, in bytes per second.
func limitOf(t *testing.T, daemon *testdaemon.Daemon, direction string, hash domain.InfoHash) string {
	t.Helper()
	return daemon.Call(t, "throttle."+direction+".max", "", daemon.Call(t, "d.throttle_name", target(hash)))
}

func TestLimitsHoldAfterARestart(t *testing.T) {
	each(t, func(t *testing.T, version testdaemon.Version) {
		daemon := testdaemon.Start(t, version)
		client := open(t, daemon.URL(), domain.Credentials{})
		files := newTorrent("limited", []string{"a"}, 100_000)
		files.write(t, daemon.DownloadDir())
		hash, err := client.Add(t.Context(), files.handover(t))
		if err != nil {
			t.Fatal(err)
		}
		awaitFinished(t, client, hash)
		for _, settings := range []domain.TransferSettings{{DownloadLimit: pointer(int64(2049))}, {UploadLimit: pointer(int64(1024))}} {
			if err := client.Configure(t.Context(), hash, settings); err != nil {
				t.Fatal(err)
			}
		}
		for range 2 {
			await(t, client, "it to seed", hash, func(transfer domain.Transfer) bool { return transfer.Phase == domain.PhaseSeeding })
			if down, up := limitOf(t, daemon, "down", hash), limitOf(t, daemon, "up", hash); down != "3072" || up != "1024" {
				t.Fatalf("limits %s and %s", down, up)
			}
			// Without a global limit the daemon does not mind those of torrents.
			if rate := daemon.Call(t, "throttle.global_down.max_rate"); rate == "0" {
				t.Fatal("there is no global limit")
			}
			daemon.Restart()
			if limit := limitOf(t, daemon, "down", hash); limit != "-1" {
				t.Errorf("the daemon itself remembers a limit: %s", limit)
			}
		}
		lift := domain.TransferSettings{DownloadLimit: pointer(int64(0)), UploadLimit: pointer(int64(0))}
		if err := client.Configure(t.Context(), hash, lift); err != nil {
			t.Fatal(err)
		}
		if name := daemon.Call(t, "d.throttle_name", target(hash)); name != "" {
			t.Errorf("throttle %s", name)
		}
	})
}

func TestFilesCanBeLeftOut(t *testing.T) {
	each(t, func(t *testing.T, version testdaemon.Version) {
		daemon := testdaemon.Start(t, version)
		client := open(t, daemon.URL(), domain.Credentials{})
		files := newTorrent("several", []string{"a", "b", "c"}, 10*pieceLength, 100_000, 5*pieceLength)
		there := files
		there.contents = [][]byte{files.contents[0], nil, files.contents[2]}
		there.contents[1] = make([]byte, 100_000) // not what it should be
		there.write(t, daemon.DownloadDir())
		handover := files.handover(t)
		handover.Settings.Unwanted = &[]int{1, 2}
		hash, err := client.Add(t.Context(), handover)
		if err != nil {
			t.Fatal(err)
		}
		whole := await(t, client, "it to be finished", hash, domain.Transfer.Finished)
		if whole.BytesWanted != 10*pieceLength {
			t.Errorf("%+v", whole)
		}
		list, err := client.Files(t.Context(), hash)
		if err != nil || len(list) != 3 {
			t.Fatalf("%+v, error %v", list, err)
		}
		for i, want := range []domain.TransferFile{
			{Index: 0, Path: "several/a", Size: 10 * pieceLength, BytesDone: 10 * pieceLength, Wanted: true},
			{Index: 1, Path: "several/b", Size: 100_000},
			{Index: 2, Path: "several/c", Size: 5 * pieceLength, BytesDone: list[2].BytesDone},
		} {
			if list[i] != want {
				t.Errorf("%+v; want %+v", list[i], want)
			}
		}
		if err := client.Configure(t.Context(), hash, domain.TransferSettings{Unwanted: &[]int{0}}); err != nil {
			t.Fatal(err)
		}
		part := await(t, client, "another selection", hash, func(transfer domain.Transfer) bool { return transfer.BytesLeft > 0 })
		if part.Finished() || part.BytesLeft != 7*pieceLength || part.Phase != domain.PhaseDownloading {
			t.Errorf("%+v", part)
		}
		err = client.Configure(t.Context(), hash, domain.TransferSettings{Unwanted: &[]int{3}})
		if domain.KindOf(err) != domain.KindInvalid {
			t.Errorf("error %v; want one of kind %s", err, domain.KindInvalid)
		}
	})
}
