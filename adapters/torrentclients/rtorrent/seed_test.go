package rtorrent_test

import (
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/google/uuid"

	"github.com/clarion-app/download-manager/domain"
	testdaemon "github.com/clarion-app/download-manager/internal/testkit/rtorrent"
	"github.com/clarion-app/download-manager/internal/testkit/seeder"
	"github.com/clarion-app/download-manager/ports/portstest"
)

// settings reads how a daemon treats a transfer.
func settings(t *testing.T, daemon *testdaemon.Daemon, hash domain.InfoHash) domain.TransferSettings {
	t.Helper()
	of := func(method string) string { return daemon.Call(t, method, target(hash)) }
	label, err := url.PathUnescape(of("d.custom1"))
	if err != nil {
		t.Fatal(err)
	}
	folder := of("d.directory")
	priority := map[string]domain.Priority{"1": domain.PriorityLow, "2": domain.PriorityNormal, "3": domain.PriorityHigh}[of("d.priority")]
	name := of("d.throttle_name")
	limit := func(direction string) *int64 {
		if name == "" {
			return new(int64)
		}
		bytes, err := strconv.ParseInt(daemon.Call(t, "throttle."+direction+".max", "", name), 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		return &bytes
	}
	return domain.TransferSettings{
		Label: &label, Folder: &folder, Priority: &priority, DownloadLimit: limit("down"), UploadLimit: limit("up"),
	}
}

// seed makes content that a daemon can download: one file, or several.
func seed(t *testing.T, daemon *testdaemon.Daemon, sizes ...int) portstest.TorrentSeed {
	t.Helper()
	const piece = 64 << 10
	id, size := uuid.New(), 0
	name := "content " + id.String()
	paths, files := []string{name}, []seeder.File{}
	for i, n := range sizes {
		files = append(files, seeder.File{Path: fmt.Sprintf("file %d.bin", i), Size: n})
		size += n
	}
	content := seeder.Payload(int64(id.ID()), size)
	source := seeder.New(t, name, content, piece)
	if len(files) > 1 {
		source, paths = seeder.NewFolder(t, name, files, content, piece), nil
		for _, file := range files {
			paths = append(paths, name+"/"+file.Path)
		}
	}
	source.Offer(source.Pieces() / 2)
	magnet, err := domain.ParseMagnet(source.Magnet())
	if err != nil {
		t.Fatal(err)
	}
	return portstest.TorrentSeed{
		Magnet: magnet, Name: name, Metainfo: source.Metainfo(), Content: content, Paths: paths,
		Connect:    func(*testing.T) { source.DialPeer(daemon.PeerAddr()) },
		AllButLast: func(*testing.T) { source.Offer(source.Pieces() - 1) },
		Complete:   func(*testing.T) { source.Offer(source.Pieces()) },
		File: func(t *testing.T, folder string, index int) []byte {
			if folder == "" {
				folder = daemon.DownloadDir()
			}
			data, err := os.ReadFile(filepath.Join(folder, paths[index]))
			if err != nil && !errors.Is(err, fs.ErrNotExist) {
				t.Fatal(err)
			}
			return data
		},
		Damage: func(t *testing.T) {
			path := filepath.Join(daemon.DownloadDir(), paths[0])
			data, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			data[0]++
			if err := os.WriteFile(path, data, 0o600); err != nil {
				t.Fatal(err)
			}
		},
	}
}
