package deluge_test

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/pem"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/clarion-app/download-manager/adapters/torrentclients/deluge"
	"github.com/clarion-app/download-manager/domain"
	testdaemon "github.com/clarion-app/download-manager/internal/testkit/deluge"
	"github.com/clarion-app/download-manager/internal/testkit/seeder"
	"github.com/clarion-app/download-manager/internal/testkit/wait"
)

// What only Deluge does, on real daemons.
func TestDaemons(t *testing.T) {
	t.Parallel()
	for _, version := range testdaemon.Versions() {
		t.Run(string(version), func(t *testing.T) {
			t.Parallel()
			t.Run("without the plug-in a torrent goes without its label", func(t *testing.T) { testWithoutLabels(t, version) })
			t.Run("what cannot be set is refused and changes nothing", func(t *testing.T) { testRefusals(t, version) })
			t.Run("an account that may only look is told so", func(t *testing.T) { testReader(t, version) })
			t.Run("a daemon is known by the certificate that it wrote down", func(t *testing.T) { testCertificate(t, version) })
			t.Run("what is verified right after it was paused stays paused", func(t *testing.T) { testVerifyPaused(t, version) })
		})
	}
}

// ours opens a client by the daemon's account.
func ours(t *testing.T, daemon *testdaemon.Daemon) *deluge.Client {
	t.Helper()
	user, password := daemon.Account()
	return open(t, daemon.Address(), domain.Credentials{Username: user, Password: password})
}

func handover(t *testing.T, source *seeder.Seeder) domain.Handover {
	t.Helper()
	magnet, err := domain.ParseMagnet(source.Magnet())
	if err != nil {
		t.Fatal(err)
	}
	return domain.Handover{Magnet: magnet, Metainfo: source.Metainfo()}
}

// refusedFor proves that an error says that a field is at fault.
func refusedFor(t *testing.T, err error, field string) {
	t.Helper()
	if all := domain.Errors(err); len(all) != 1 || all[0].Kind != domain.KindInvalid || all[0].Field != field {
		t.Fatalf("error %v; want one of kind %s, field %s", err, domain.KindInvalid, field)
	}
}

func testWithoutLabels(t *testing.T, version testdaemon.Version) {
	t.Parallel()
	client := ours(t, testdaemon.Start(t, version))
	torrent := handover(t, seeder.New(t, "small", seeder.Payload(1, 1000), 16<<10))
	label, none := "films", ""
	torrent.Settings.Label = &label
	hash, err := client.Add(t.Context(), torrent)
	if err != nil {
		t.Fatal(err)
	}
	wait.Until(t, time.Minute, "it to be downloaded, without a label", func() bool {
		list, err := client.List(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		return len(list) == 1 && list[0].InfoHash == hash && list[0].Phase == domain.PhaseDownloading && list[0].Label == ""
	})
	err = client.Configure(t.Context(), hash, domain.TransferSettings{Label: &label})
	refusedFor(t, err, "label")
	if message := domain.MessageOf(err); !strings.Contains(message, "plug-in") {
		t.Fatal(message)
	}
	if err := client.Configure(t.Context(), hash, domain.TransferSettings{Label: &none}); err != nil {
		t.Fatal(err)
	}
}

func testRefusals(t *testing.T, version testdaemon.Version) {
	t.Parallel()
	daemon := testdaemon.Start(t, version, testdaemon.WithLabels())
	client := ours(t, daemon)
	torrent := handover(t, seeder.New(t, "small", seeder.Payload(2, 1000), 16<<10))
	beyond := []int{1}
	torrent.Settings.Unwanted = &beyond
	_, err := client.Add(t.Context(), torrent)
	refusedFor(t, err, "unwantedFiles")
	blanks := "my films"
	torrent.Settings.Unwanted, torrent.Settings.Label = nil, &blanks // which is no reason to refuse the torrent
	hash, err := client.Add(t.Context(), torrent)
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	below := filepath.Join(file, "below")
	for field, settings := range map[string]domain.TransferSettings{
		"unwantedFiles": {Unwanted: &beyond}, "label": {Label: &blanks}, "folder": {Folder: &below},
	} {
		refusedFor(t, client.Configure(t.Context(), hash, settings), field)
	}
	capitals := "Films"
	if err := client.Configure(t.Context(), hash, domain.TransferSettings{Label: &capitals}); err != nil {
		t.Fatal(err)
	}
	music := "music"
	torrent.Settings.Label = &music // it is there already, and stays as it is
	if _, err := client.Add(t.Context(), torrent); err != nil {
		t.Fatal(err)
	}
	torrent.Magnet, err = domain.ParseMagnet("magnet:?xt=urn:btih:" + strings.Repeat("a", 40))
	if err != nil {
		t.Fatal(err)
	}
	torrent.Metainfo = []byte("d4:infod6:lengthi5eee") // without pieces
	_, err = client.Add(t.Context(), torrent)
	refusedFor(t, err, "file")
	if list, err := client.List(t.Context()); err != nil || len(list) != 1 || list[0].Folder != daemon.DownloadDir() || list[0].Label != "films" {
		t.Fatalf("%+v, error %v", list, err)
	}
}

func testReader(t *testing.T, version testdaemon.Version) {
	t.Parallel()
	daemon := testdaemon.Start(t, version, testdaemon.WithReader("reader", "looks"))
	client := open(t, daemon.Address(), domain.Credentials{Username: "reader", Password: "looks"})
	_, err := client.Probe(t.Context())
	if domain.KindOf(err) != domain.KindUnavailable || !strings.Contains(domain.MessageOf(err), "only look") {
		t.Fatalf("error %v", err)
	}
}

func testCertificate(t *testing.T, version testdaemon.Version) {
	t.Parallel()
	daemon := testdaemon.Start(t, version)
	file, err := os.ReadFile(daemon.Certificate())
	if err != nil {
		t.Fatal(err)
	}
	block, _ := pem.Decode(file)
	sum := sha256.Sum256(block.Bytes)
	user, password := daemon.Account()
	credentials := domain.Credentials{Username: user, Password: password}
	right := open(t, daemon.Address()+"#sha256="+hex.EncodeToString(sum[:]), credentials)
	if _, err := right.Probe(t.Context()); err != nil {
		t.Fatal(err)
	}
	wrong := open(t, daemon.Address()+"#sha256="+strings.Repeat("ab", sha256.Size), credentials)
	if _, err := wrong.Probe(t.Context()); domain.KindOf(err) != domain.KindUnavailable || !strings.Contains(domain.MessageOf(err), hex.EncodeToString(sum[:])) {
		t.Fatalf("error %v", err)
	}
}

func testVerifyPaused(t *testing.T, version testdaemon.Version) {
	t.Parallel()
	daemon := testdaemon.Start(t, version)
	client := ours(t, daemon)
	hash, err := client.Add(t.Context(), handover(t, seeder.New(t, "small", seeder.Payload(3, 1<<20), 16<<10)))
	if err != nil {
		t.Fatal(err)
	}
	only := []domain.InfoHash{hash}
	state := func() string {
		status, _ := daemon.RPC(t, "core.get_torrent_status", hash.String(), []any{"state"}).(map[string]any)
		text, _ := status["state"].(string)
		return text
	}
	wait.Until(t, time.Minute, "it to run", func() bool { return state() == "Downloading" })
	if err := client.Pause(t.Context(), only); err != nil {
		t.Fatal(err)
	}
	if err := client.Verify(t.Context(), only); err != nil {
		t.Fatal(err)
	}
	// It passes through other states, and would end in downloading.
	steady := 0
	wait.Until(t, time.Minute, "it to be paused, and to stay so", func() bool {
		if steady++; state() != "Paused" {
			steady = 0
		}
		return steady > 50
	})
}
