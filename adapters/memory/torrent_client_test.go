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
		Capabilities: portstest.TorrentClientCapabilities{
			Remote: true, Credentials: true, Stops: true, DiskErrors: true, TellsFinishTime: true, TakesV2: true,
		},
		Start: func(*testing.T) portstest.TorrentDaemon {
			daemon := memory.NewTorrentDaemon()
			daemon.Refuse(refused.InfoHash(), domain.Invalid("magnetURI", "is refused"))
			return harness(daemon)
		},
	})
}

// harness lets the suite steer a daemon.
func harness(daemon *memory.TorrentDaemon) portstest.TorrentDaemon {
	localError := ""
	open := func(*testing.T) ports.OpenClient { return portstest.Whole(daemon.Client()) }
	return portstest.TorrentDaemon{
		Open: open,
		OpenWrongly: func(*testing.T) ports.TorrentClient {
			other := memory.NewTorrentDaemon()
			other.Fail(domain.Unavailable(nil, "wrong username or password"))
			return other.Client()
		},
		Stop:         func(*testing.T) { daemon.Fail(domain.Unavailable(nil, "connection refused")) },
		Restart:      func(*testing.T) { daemon.Fail(nil) },
		Hang:         func(*testing.T) { daemon.Block() },
		Wake:         func(*testing.T) { daemon.Unblock() },
		AddByHand:    func(_ *testing.T, magnet domain.Magnet) { daemon.AddByHand(magnet) },
		RemoveByHand: func(_ *testing.T, hash domain.InfoHash) { daemon.RemoveByHand(hash) },
		StopByHand:   func(_ *testing.T, hash domain.InfoHash) { daemon.Stop(hash) },
		BreakDisk:    func(*testing.T) { localError = "no space left on device" },
		Seed: func(t *testing.T, size int) portstest.TorrentSeed {
			content := make([]byte, size)
			_, _ = rand.Read(content) // never fails
			magnet, connected, offered := magnet(t, string(content)), false, size/2
			hash := magnet.InfoHash()
			receive := func() {
				if !connected {
					return
				}
				daemon.Download(hash, "content", content[:offered], int64(size))
				if localError != "" {
					daemon.Break(hash, localError)
				}
			}
			return portstest.TorrentSeed{
				Magnet: magnet, Name: "content", Content: content,
				Connect: func(*testing.T) {
					connected = true
					receive()
				},
				Complete: func(*testing.T) {
					offered = size
					receive()
				},
				Downloaded: func(*testing.T) []byte { return daemon.Data(hash) },
			}
		},
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
