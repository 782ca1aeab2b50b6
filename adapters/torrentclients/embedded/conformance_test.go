package embedded_test

import (
	"flag"
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

var update = flag.Bool("update", false, "write testdata/proven-built-in.txt anew")

func TestTorrentClient(t *testing.T) {
	t.Parallel()
	portstest.TorrentClient(t, portstest.TorrentClientHarness{
		Start:        func(t *testing.T) portstest.TorrentDaemon { return newHouse(t).daemon() },
		Type:         embedded.Type,
		Declared:     embedded.Capabilities,
		Version:      "built-in",
		Proven:       "testdata/proven-built-in.txt",
		Update:       *update,
		Capabilities: portstest.TorrentClientCapabilities{Stops: true, DiskErrors: true, TellsFinishTime: true},
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
		StopByHand: func(t *testing.T, hash domain.InfoHash) {
			if err := h.openClient(t).Pause(t.Context(), []domain.InfoHash{hash}); err != nil {
				t.Fatal(err)
			}
		},
		Seed:      func(t *testing.T, size int) portstest.TorrentSeed { return h.seed(t, size) },
		SeedFiles: h.seed,
		Settings:  func(*testing.T, domain.InfoHash) domain.TransferSettings { return domain.TransferSettings{} },
		BreakDisk: h.breakDisk,
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

// seed makes content that the engine can download: one file, or several.
func (h *house) seed(t *testing.T, sizes ...int) portstest.TorrentSeed {
	h.mu.Lock()
	defer h.mu.Unlock()
	number, size := len(h.seeds), 0
	name := "content " + strconv.Itoa(number) + ".bin"
	paths, files := []string{name}, []seeder.File{}
	for i, n := range sizes {
		files = append(files, seeder.File{Path: "file " + strconv.Itoa(i), Size: n})
		size += n
	}
	content := seeder.Payload(int64(100+number), size)
	s := seeder.New(t, name, content, pieceLen)
	if len(sizes) > 1 {
		s, paths = seeder.NewFolder(t, name, files, content, pieceLen), nil
		for _, file := range files {
			paths = append(paths, name+"/"+file.Path)
		}
	}
	s.Offer(s.Pieces() / 2)
	h.seeds = append(h.seeds, s)
	return portstest.TorrentSeed{
		Magnet: parse(t, s.MagnetWithPeer()), Name: name, Metainfo: s.Metainfo(), Content: content, Paths: paths,
		Connect:    func(*testing.T) {},
		AllButLast: func(*testing.T) { s.Offer(s.Pieces() - 1) },
		Complete:   func(*testing.T) { s.Offer(s.Pieces()) },
		File: func(t *testing.T, _ string, index int) []byte {
			if !exists(h.dir, "downloads", paths[index]) {
				return nil
			}
			return read(t, h.dir, "downloads", paths[index])
		},
		Damage: func(t *testing.T) {
			data := read(t, h.dir, "downloads", paths[0])
			data[0]++
			if err := os.WriteFile(filepath.Join(h.dir, "downloads", paths[0]), data, 0o600); err != nil {
				t.Fatal(err)
			}
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
