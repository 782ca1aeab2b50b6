package embedded_test

import (
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"testing"

	"github.com/clarion-app/download-manager/adapters/torrentclients/embedded"
	"github.com/clarion-app/download-manager/domain"
	"github.com/clarion-app/download-manager/internal/testkit/seeder"
	"github.com/clarion-app/download-manager/ports"
	"github.com/clarion-app/download-manager/ports/portstest"
)

func TestTorrentClient(t *testing.T) {
	t.Parallel()
	portstest.TorrentClient(t, portstest.TorrentClientHarness{
		Type: embedded.Type, Declared: embedded.Capabilities,
		Start:        func(t *testing.T) portstest.TorrentDaemon { return newHouse(t).daemon() },
		Capabilities: portstest.TorrentClientCapabilities{DiskErrors: true, TellsFinishTime: true},
	})
}

// house stands in for a daemon: a folder, and whoever has it open.
type house struct {
	dir     string
	factory *embedded.Factory

	mu    sync.Mutex
	open  []ports.TorrentClient
	seeds []*seeder.Seeder
}

func newHouse(t *testing.T) *house {
	dir := t.TempDir()
	return &house{dir: dir, factory: embedded.New(config(dir))}
}

func (h *house) daemon() portstest.TorrentDaemon {
	return portstest.TorrentDaemon{
		Open: h.openClient,
		Stop: func(t *testing.T) {
			h.mu.Lock()
			defer h.mu.Unlock()
			for _, client := range h.open {
				closeClient(t, client)
			}
			h.open = nil
		},
		Restart:      func(*testing.T) {},
		AddByHand:    func(t *testing.T, magnet domain.Magnet) { add(t, h.openClient(t), magnet) },
		RemoveByHand: func(t *testing.T, hash domain.InfoHash) { remove(t, h.openClient(t), false, hash) },
		Seed:         h.seed,
		BreakDisk:    h.breakDisk,
	}
}

func (h *house) openClient(t *testing.T) ports.OpenClient {
	client, err := h.factory.Open(domain.Server{Address: "downloads", Type: embedded.Type})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { closeClient(t, client) })
	h.mu.Lock()
	defer h.mu.Unlock()
	h.open = append(h.open, client)
	return portstest.Whole(client)
}

func (h *house) seed(t *testing.T, size int) portstest.TorrentSeed {
	h.mu.Lock()
	defer h.mu.Unlock()
	name := "content " + strconv.Itoa(len(h.seeds)) + ".bin"
	s := seeder.New(t, name, seeder.Payload(int64(100+len(h.seeds)), size), pieceLen)
	s.Offer(size / pieceLen / 2)
	h.seeds = append(h.seeds, s)
	return portstest.TorrentSeed{
		Magnet: parse(t, s.MagnetWithPeer()), Name: name, Content: s.Payload(), Metainfo: s.Metainfo(), Paths: []string{name},
		Connect:    func(*testing.T) {},
		AllButLast: func(*testing.T) { s.Offer(s.Pieces() - 1) },
		Complete:   func(*testing.T) { s.Offer(size) },
		File: func(t *testing.T, _ string, _ int) []byte {
			if !exists(h.dir, "downloads", name) {
				return nil
			}
			return read(t, h.dir, "downloads", name)
		},
	}
}

// breakDisk puts folders where the files should go.
func (h *house) breakDisk(t *testing.T) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, s := range h.seeds {
		base := s.Name()[:len(s.Name())-len(".bin")]
		for _, name := range []string{s.Name(), base + "-" + s.InfoHash()[:8] + ".bin"} {
			if err := os.MkdirAll(filepath.Join(h.dir, "downloads", name), 0o755); err != nil {
				t.Fatal(err)
			}
		}
	}
}
