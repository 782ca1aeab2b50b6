package embedded_test

import (
	"context"
	"crypto/sha1"
	"flag"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/anacrolix/torrent/bencode"
	"go.uber.org/goleak"

	"github.com/clarion-app/download-manager/adapters/torrentclients/embedded"
	"github.com/clarion-app/download-manager/domain"
	"github.com/clarion-app/download-manager/internal/testkit/seeder"
	"github.com/clarion-app/download-manager/internal/testkit/wait"
	"github.com/clarion-app/download-manager/ports"
)

const (
	patience = 60 * time.Second
	pieceLen = 32 << 10
)

func TestMain(m *testing.M) {
	if runChild() {
		return
	}
	goleak.VerifyTestMain(m)
}

func config(dir string) embedded.Config {
	return embedded.Config{
		DataDir: dir, BindAddress: "127.0.0.1",
		Logger: testLogger(),
	}.Hurried()
}

// open returns a client of the folder "downloads" of dir.
func open(t testing.TB, dir string) ports.TorrentClient {
	t.Helper()
	return openWith(t, config(dir), "downloads")
}

func openWith(t testing.TB, config embedded.Config, address string) ports.TorrentClient {
	t.Helper()
	client, err := embedded.New(config).Open(domain.Server{Address: address, Type: embedded.Type})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { closeClient(t, client) })
	return client
}

func closeClient(t testing.TB, client ports.TorrentClient) {
	t.Helper()
	if err := client.Close(); err != nil {
		t.Errorf("close: %v", err)
	}
}

func add(t testing.TB, client ports.TorrentClient, magnet domain.Magnet) domain.InfoHash {
	t.Helper()
	hash, err := client.Add(context.Background(), domain.Handover{Magnet: magnet})
	if err != nil {
		t.Fatal(err)
	}
	return hash
}

func remove(t testing.TB, client ports.TorrentClient, deleteData bool, hashes ...domain.InfoHash) {
	t.Helper()
	if err := client.Remove(context.Background(), hashes, deleteData); err != nil {
		t.Fatal(err)
	}
}

func report(t testing.TB, client ports.TorrentClient, hashes ...domain.InfoHash) domain.Report {
	t.Helper()
	report, err := client.Transfers(context.Background(), hashes)
	if err != nil {
		t.Fatal(err)
	}
	return report
}

// until waits for a transfer to be as wished, and returns it.
func until(t testing.TB, client ports.TorrentClient, hash domain.InfoHash, what string, wish func(domain.Transfer) bool) (last domain.Transfer) {
	t.Helper()
	defer func() {
		if t.Failed() {
			t.Logf("last seen: %+v", last)
		}
	}()
	wait.Until(t, patience, what, func() bool {
		found, ok := report(t, client, hash).Transfers[hash]
		last = found
		return ok && wish(found)
	})
	return last
}

func untilFinished(t testing.TB, client ports.TorrentClient, hash domain.InfoHash) domain.Transfer {
	t.Helper()
	return until(t, client, hash, "the download to finish", domain.Transfer.Finished)
}

func untilFailed(t testing.TB, client ports.TorrentClient, hash domain.InfoHash) domain.Transfer {
	t.Helper()
	return until(t, client, hash, "a local error", func(tr domain.Transfer) bool { return tr.LocalError != "" })
}

func settled(t testing.TB, client ports.TorrentClient) {
	t.Helper()
	wait.Until(t, patience, "the torrents to be loaded", func() bool { return !report(t, client).Settling })
}

// entry is one file of a torrent.
type entry struct {
	path string // with slashes
	size int
	pad  bool
}

// made is a torrent made for a test.
type made struct {
	info []byte
	data []byte // padding included
}

func (m made) source(t testing.TB) *source {
	t.Helper()
	return newSource(t, m.info, m.data, pieceLen)
}

func hashes(data []byte) string {
	var all []byte
	for piece := range slices.Chunk(data, pieceLen) {
		sum := sha1.Sum(piece)
		all = append(all, sum[:]...)
	}
	return string(all)
}

// singleFile makes a torrent of one file.
func singleFile(name string, seed int64, size int) made {
	data := seeder.Payload(seed, size)
	return made{data: data, info: bencode.MustMarshal(map[string]any{
		"name": name, "length": size, "piece length": pieceLen, "pieces": hashes(data),
	})}
}

// manyFiles makes a torrent of a folder.
func manyFiles(name string, seed int64, entries ...entry) made {
	var data []byte
	var files []any
	for i, e := range entries {
		file := map[string]any{"length": e.size, "path": strings.Split(e.path, "/")}
		part := seeder.Payload(seed+int64(i), e.size)
		if e.pad {
			part = make([]byte, e.size)
			file["attr"] = "p"
		}
		data = append(data, part...)
		files = append(files, file)
	}
	return made{data: data, info: bencode.MustMarshal(map[string]any{
		"name": name, "files": files, "piece length": pieceLen, "pieces": hashes(data),
	})}
}

func read(t testing.TB, parts ...string) []byte {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(parts...))
	if err != nil {
		t.Fatal(err)
	}
	return content
}

func exists(parts ...string) bool {
	_, err := os.Lstat(filepath.Join(parts...))
	return err == nil
}

// tree lists all files below a folder, its state apart.
func tree(t testing.TB, dir string) (names []string) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, entry os.DirEntry, err error) error {
		if entry != nil && entry.Name() == ".state" {
			return filepath.SkipDir
		}
		if err == nil && path != dir {
			name, _ := filepath.Rel(dir, path)
			names = append(names, filepath.ToSlash(name))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return names
}

// testLogger is silent unless somebody looks for a fault.
func testLogger() *slog.Logger {
	var out io.Writer = io.Discard
	if flag.Parsed() && testing.Verbose() {
		out = os.Stderr
	}
	return slog.New(slog.NewTextHandler(out, &slog.HandlerOptions{Level: slog.LevelDebug}))
}
