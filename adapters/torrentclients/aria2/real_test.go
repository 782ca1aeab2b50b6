package aria2_test

import (
	"crypto/sha1"
	"fmt"
	"net/url"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/clarion-app/download-manager/domain"
	testdaemon "github.com/clarion-app/download-manager/internal/testkit/aria2"
	"github.com/clarion-app/download-manager/internal/testkit/seeder"
	"github.com/clarion-app/download-manager/internal/testkit/wait"
	"github.com/clarion-app/download-manager/ports"
)

// patience bounds every wait for a daemon.
const patience = time.Minute

// world is a real daemon with a client of it, for what the suite does not ask of
// all types.
type world struct {
	*testing.T
	daemon *testdaemon.Daemon
	client ports.OpenClient
}

// facts proves each fact on daemons of its own, of every version.
func facts(t *testing.T, facts map[string]func(w *world), arguments ...string) {
	t.Helper()
	for _, version := range testdaemon.Versions() {
		for name, fact := range facts {
			t.Run(string(version)+"/"+name, func(t *testing.T) {
				t.Parallel()
				daemon := testdaemon.Start(t, version, testdaemon.WithArguments(arguments...))
				fact(&world{t, daemon, open(t, daemon.Address(), domain.Credentials{})})
			})
		}
	}
}

func (w *world) ok(err error) {
	w.Helper()
	if err != nil {
		w.Fatal(err)
	}
}

// until asks for one transfer until good likes it; nil stands for an absent one.
func (w *world) until(what string, hash domain.InfoHash, good func(*domain.Transfer) bool) {
	w.Helper()
	var last *domain.Transfer
	wait.Until(w, patience, what, func() bool {
		report, err := w.client.Transfers(w.Context(), []domain.InfoHash{hash})
		w.ok(err)
		last = nil
		if transfer, found := report.Transfers[hash]; found {
			last = &transfer
		}
		return good(last)
	})
}

func finished(t *domain.Transfer) bool { return t != nil && t.Finished() }

func gone(t *domain.Transfer) bool { return t == nil }

func (w *world) add(handover domain.Handover) domain.InfoHash {
	w.Helper()
	hash, err := w.client.Add(w.Context(), handover)
	w.ok(err)
	return hash
}

// announced is a tracker that nobody runs.
const announced = "http://127.0.0.1:1/announce"

// file makes a seeder of one file, which calls the daemon, and what is handed over of
// it: a torrent file, since a magnet takes three seconds to get its metadata.
func (w *world) file(size int) (*seeder.Seeder, domain.Handover) {
	w.Helper()
	source := seeder.New(w, "file "+rest(w.Name()), seeder.Payload(int64(size), size), 64<<10)
	source.DialPeer(w.daemon.PeerAddr())
	return source, domain.Handover{
		Magnet:   mustMagnet(w, source.Magnet()+"&tr="+url.QueryEscape(announced)),
		Metainfo: append(fmt.Appendf(nil, "d8:announce%d:%s", len(announced), announced), source.Metainfo()[1:]...),
	}
}

func rest(name string) string { return name[strings.LastIndex(name, "/")+1:] }

// download gets a file of one seeder.
func (w *world) download() (source *seeder.Seeder, handover domain.Handover, path string) {
	w.Helper()
	source, handover = w.file(300_000)
	w.until("a download", w.add(handover), finished)
	return source, handover, filepath.Join(w.daemon.DownloadDir(), source.Name())
}

// option is an option of the download that the daemon holds under an infohash.
func (w *world) option(hash domain.InfoHash, name string) string {
	w.Helper()
	var options map[string]string
	w.daemon.Ask(w, &options, "aria2.getOption", w.daemon.Held(w, hash.String()))
	return options[name]
}

// album is a torrent of two files, of which the first is 100,000 bytes.
type album struct {
	metainfo []byte
	magnet   domain.Magnet
	first    []byte
}

func newAlbum(w *world) album {
	w.Helper()
	const piece = 32 << 10
	first := seeder.Payload(5, 100_000)
	content := append(slices.Clone(first), seeder.Payload(6, 200_000)...)
	var hashes []byte
	for part := range slices.Chunk(content, piece) {
		sum := sha1.Sum(part)
		hashes = append(hashes, sum[:]...)
	}
	info := fmt.Sprintf("d5:filesld6:lengthi100000e4:pathl3:sub5:a.bineed6:lengthi200000e4:pathl5:b.bineee4:name5:album12:piece lengthi%de6:pieces%d:%se",
		piece, len(hashes), hashes)
	magnet, err := domain.ParseMagnet(fmt.Sprintf("magnet:?xt=urn:btih:%x", sha1.Sum([]byte(info))))
	w.ok(err)
	return album{[]byte("d8:announce22:http://127.0.0.1:1/ann4:info" + info + "e"), magnet, first}
}

// numbered returns the infohash of the i-th torrent, of which there is only a name.
func numbered(t testing.TB, i int) domain.InfoHash {
	t.Helper()
	hash, err := domain.ParseInfoHash(fmt.Sprintf("%08x%032x", i+1, i+1))
	if err != nil {
		t.Fatal(err)
	}
	return hash
}

func mustMagnet(t testing.TB, text string) domain.Magnet {
	t.Helper()
	magnet, err := domain.ParseMagnet(text)
	if err != nil {
		t.Fatal(err)
	}
	return magnet
}
