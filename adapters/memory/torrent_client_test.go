package memory_test

import (
	"crypto/rand"
	"crypto/sha1"
	"fmt"
	"testing"

	"github.com/google/uuid"

	"github.com/clarion-app/download-manager/adapters/memory"
	"github.com/clarion-app/download-manager/domain"
	"github.com/clarion-app/download-manager/ports"
	"github.com/clarion-app/download-manager/ports/portstest"
)

func TestTorrentClient(t *testing.T) {
	t.Parallel()
	refused := magnet(t, "refused")
	portstest.TorrentClient(t, portstest.TorrentClientHarness{
		Refused: map[string]string{"it was told to": refused.String()},
		Type:    memory.TorrentClientType, Declared: domain.AllCapabilities(),
		Capabilities: portstest.TorrentClientCapabilities{
			Remote: true, Credentials: true, Stops: true, DiskErrors: true, TellsFinishTime: true, TakesV2: true,
			RatioStops: true, TellsTrackerTrouble: true,
		},
		Start: func(*testing.T) portstest.TorrentDaemon {
			daemon := memory.NewTorrentDaemon()
			daemon.Refuse(refused.InfoHash(), domain.Invalid("magnetURI", "is refused"))
			daemon.SetInfo(domain.ClientInfo{Version: "memory", FreeSpace: new(int64(1 << 40))})
			return harness(daemon)
		},
	})
}

// harness lets the suite steer a daemon.
func harness(daemon *memory.TorrentDaemon) portstest.TorrentDaemon {
	open := func(*testing.T) ports.OpenClient { return portstest.Whole(daemon.Client()) }
	return portstest.TorrentDaemon{
		Open: open,
		OpenWrongly: func(*testing.T) ports.OpenClient {
			other := memory.NewTorrentDaemon()
			other.Fail(domain.Unavailable(nil, "wrong username or password"))
			return portstest.Whole(other.Client())
		},
		Stop:         func(*testing.T) { daemon.Fail(domain.Unavailable(nil, "connection refused")) },
		Restart:      func(*testing.T) { daemon.Fail(nil) },
		Hang:         func(*testing.T) { daemon.Block() },
		Wake:         func(*testing.T) { daemon.Unblock() },
		AddByHand:    func(_ *testing.T, magnet domain.Magnet) { daemon.AddByHand(magnet) },
		RemoveByHand: func(_ *testing.T, hash domain.InfoHash) { daemon.RemoveByHand(hash) },
		StopByHand:   func(_ *testing.T, hash domain.InfoHash) { daemon.Stop(hash) },
		BreakDisk:    func(*testing.T) { daemon.BreakDisk("no space left on device") },
		StopAtRatio:  func(*testing.T) { daemon.StopAtRatio() },
		NewFolder:    func(*testing.T) string { return "/" + uuid.NewString() },
		Settings: func(t *testing.T, hash domain.InfoHash) domain.TransferSettings {
			settings, found := daemon.Settings(hash)
			if !found {
				t.Fatalf("%s is not held", hash)
			}
			return settings
		},
		Seed:      func(t *testing.T, size int) portstest.TorrentSeed { return seed(t, daemon, size) },
		SeedFiles: func(t *testing.T, sizes ...int) portstest.TorrentSeed { return seed(t, daemon, sizes...) },
	}
}

// seed makes content that a daemon can download.
func seed(t *testing.T, daemon *memory.TorrentDaemon, sizes ...int) portstest.TorrentSeed {
	t.Helper()
	content, paths := memory.Content{Name: "content " + uuid.NewString()}, []string{}
	for i, size := range sizes {
		path := content.Name
		if len(sizes) > 1 {
			path = fmt.Sprintf("%s/%d", content.Name, i)
		}
		data := make([]byte, size)
		_, _ = rand.Read(data) // never fails
		content.Data, paths = append(content.Data, data...), append(paths, path)
		content.Files = append(content.Files, domain.TransferFile{Index: i, Path: path, Size: int64(size)})
	}
	magnet, connected, offered := magnet(t, string(content.Data)), false, len(content.Data)/2
	hash := magnet.InfoHash()
	share := func() {
		if connected {
			content.Offered = offered
		}
		daemon.Share(hash, content)
	}
	offer := func(bytes int) func(*testing.T) {
		return func(*testing.T) {
			offered = bytes
			share()
		}
	}
	share()
	return portstest.TorrentSeed{
		Magnet: magnet, Name: content.Name, Metainfo: []byte("metainfo"), Content: content.Data, Paths: paths,
		Connect: func(*testing.T) {
			connected = true
			share()
		},
		AllButLast: offer(len(content.Data) - 1),
		Complete:   offer(len(content.Data)),
		File:       func(_ *testing.T, folder string, index int) []byte { return daemon.File(folder, paths[index]) },
		Damage:     func(*testing.T) { daemon.Damage("", paths[0]) },
	}
}

// magnet returns a link to content.
func magnet(t *testing.T, content string) domain.Magnet {
	t.Helper()
	magnet, err := domain.ParseMagnet(fmt.Sprintf("magnet:?xt=urn:btih:%x", sha1.Sum([]byte(content))))
	if err != nil {
		t.Fatal(err)
	}
	return magnet
}

func TestTorrentClients(t *testing.T) {
	t.Parallel()
	portstest.TorrentClients(t, portstest.TorrentClientsHarness{
		New: func(*testing.T) ports.TorrentClients { return memory.NewTorrentClients() },
		Addresses: map[domain.ClientType][2]string{
			memory.TorrentClientType: {"one", "two"},
		},
		Wrong: map[domain.ClientType][]string{memory.TorrentClientType: {"not right"}},
	})
}

func TestTorrentDaemonIsSteered(t *testing.T) {
	t.Parallel()
	clients := memory.NewTorrentClients("Transmission", "Other")
	server := domain.Server{ID: uuid.New(), Type: "Other", Address: "here"}
	daemon := clients.Daemon(server.ID)
	client, err := clients.Open(server)
	if err != nil {
		t.Fatal(err)
	}
	link := magnet(t, "something")
	hash, err := client.Add(t.Context(), domain.Handover{Magnet: link})
	if err != nil {
		t.Fatal(err)
	}
	daemon.SetSettling(true)
	daemon.Finish(hash)
	report, err := client.Transfers(t.Context(), []domain.InfoHash{hash})
	if err != nil || !report.Settling || !report.Transfers[hash].Finished() {
		t.Fatalf("%+v, error %v", report, err)
	}
	if hashes := daemon.Hashes(); len(hashes) != 1 || hashes[0] != hash {
		t.Fatalf("holds %v", hashes)
	}
	if got, want := daemon.Requests(), (memory.Requests{Add: 1, Transfers: 1}); got != want {
		t.Fatalf("requests %+v; want %+v", got, want)
	}
}
