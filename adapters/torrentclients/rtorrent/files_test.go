package rtorrent_test

import (
	"crypto/sha1"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/clarion-app/download-manager/domain"
	testdaemon "github.com/clarion-app/download-manager/internal/testkit/rtorrent"
	"github.com/clarion-app/download-manager/internal/testkit/seeder"
)

const pieceLength = 16 << 10

// torrent is a torrent of several files, whose content is there.
type torrent struct {
	name     string
	paths    []string
	contents [][]byte
}

// newTorrent makes files of the given sizes.
func newTorrent(name string, paths []string, sizes ...int) torrent {
	t := torrent{name: name, paths: paths}
	for i, size := range sizes {
		t.contents = append(t.contents, seeder.Payload(int64(i+1), size))
	}
	return t
}

func text(s string) string { return fmt.Sprintf("%d:%s", len(s), s) }

// handover is the torrent as a .torrent file.
func (t torrent) handover(tb testing.TB) domain.Handover {
	tb.Helper()
	var files, pieces strings.Builder
	var all []byte
	for i, content := range t.contents {
		fmt.Fprintf(&files, "d6:lengthi%de4:pathl", len(content))
		for element := range strings.SplitSeq(t.paths[i], "/") {
			files.WriteString(text(element))
		}
		files.WriteString("ee")
		all = append(all, content...)
	}
	for begin := 0; begin < len(all); begin += pieceLength {
		hash := sha1.Sum(all[begin:min(begin+pieceLength, len(all))])
		pieces.Write(hash[:])
	}
	info := "d5:filesl" + files.String() + "e4:name" + text(t.name) + fmt.Sprintf("12:piece lengthi%de", pieceLength) +
		"6:pieces" + text(pieces.String()) + "e"
	hash := sha1.Sum([]byte(info))
	magnet, err := domain.ParseMagnet("magnet:?xt=urn:btih:" + hex.EncodeToString(hash[:]))
	if err != nil {
		tb.Fatal(err)
	}
	return domain.Handover{Magnet: magnet, Metainfo: []byte("d4:info" + info + "e")}
}

// write puts the files into a folder.
func (t torrent) write(tb testing.TB, folder string) {
	tb.Helper()
	for i, content := range t.contents {
		file := filepath.Join(folder, t.name, t.paths[i])
		if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
			tb.Fatal(err)
		}
		if err := os.WriteFile(file, content, 0o600); err != nil {
			tb.Fatal(err)
		}
	}
}

// left lists what is below a folder.
func left(tb testing.TB, folder string) (names []string) {
	tb.Helper()
	entries, err := os.ReadDir(folder)
	if err != nil {
		tb.Fatal(err)
	}
	for _, entry := range entries {
		names = append(names, entry.Name())
	}
	return names
}

// each runs a test against each version.
func each(t *testing.T, test func(t *testing.T, version testdaemon.Version)) {
	t.Helper()
	t.Parallel()
	for _, version := range testdaemon.Versions() {
		t.Run(string(version), func(t *testing.T) {
			t.Parallel()
			test(t, version)
		})
	}
}

// pointer returns a pointer to v.
func pointer[T any](v T) *T { return &v }
