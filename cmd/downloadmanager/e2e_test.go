//go:build linux

package main_test

import (
	"bytes"
	"hash/fnv"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/clarion-app/download-manager/internal/testkit/aria2"
	"github.com/clarion-app/download-manager/internal/testkit/seeder"
	"github.com/clarion-app/download-manager/internal/testkit/transmission"
)

// The end-to-end tests run the real program as a process, with real clients, real
// databases and a seeder on this machine.

const (
	payloadSize = 3<<20 + 12345 // not a whole number of pieces
	pieceLength = 64 << 10
)

// downloader is a client for a product to download with.
type downloader struct {
	settings settings
	// attach makes it the product's default server, if it is not already.
	attach func(t *testing.T, i *instance)
	// magnet is a link to what the seeder has, which thereby can be downloaded.
	magnet func(s *seeder.Seeder) string
	// folder is where downloads end up.
	folder func(i *instance) string
	// letGo waits until the client holds an infohash no longer, where one can see.
	letGo func(t *testing.T, infoHash string)
}

func embeddedClient(*testing.T) downloader {
	return downloader{
		settings: settings{},
		attach:   func(*testing.T, *instance) {},
		magnet:   (*seeder.Seeder).MagnetWithPeer,
		folder:   func(i *instance) string { return filepath.Join(i.settings["DATA_DIR"], "downloads") },
		letGo:    func(*testing.T, string) {},
	}
}

func transmissionClient(version transmission.Version) func(*testing.T) downloader {
	return func(t *testing.T) downloader {
		daemon := transmission.Start(t, version)
		daemon.KeepPoking(t)
		return downloader{
			settings: settings{"EMBEDDED": "off"},
			attach:   func(t *testing.T, i *instance) { i.useDaemon(t, daemon) },
			magnet: func(s *seeder.Seeder) string {
				s.DialPeer(daemon.PeerAddr())
				return s.Magnet()
			},
			folder: func(*instance) string { return daemon.DownloadDir() },
			letGo:  func(t *testing.T, infoHash string) { letGo(t, daemon, infoHash) },
		}
	}
}

// TestTheMainJob adds a magnet over REST by its link alone; a real client
// downloads it; subscribers are told, and the bytes are right. Then the program is
// killed after a completion that no subscriber was there to hear of: whoever comes
// back with a cursor is told of it once.
func TestTheMainJob(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		database string
		client   string
		make     func(*testing.T) downloader
	}{
		{"SQLite", "Embedded", embeddedClient},
		{"Postgres", "Embedded", embeddedClient},
		{"SQLite", "Transmission 4.1", transmissionClient(transmission.V4)},
		{"Postgres", "Transmission 3.00", transmissionClient(transmission.V3)},
		{"SQLite", "aria2 1.37", aria2Client(aria2.V137)},
	} {
		t.Run(test.database+", "+test.client, func(t *testing.T) {
			t.Parallel()
			client := test.make(t)
			product := start(t, databases[test.database](t).with(client.settings))
			client.attach(t, product)
			mainJob(t, product, client)
		})
	}
}

// Each half has its seeder to itself: to Transmission all peers of one address are
// one peer.
func mainJob(t *testing.T, product *instance, client downloader) {
	var first, missed row
	var seen completion
	t.Run("a completion reaches every subscriber", func(t *testing.T) {
		subscribers := map[string]*subscription{}
		for name, subscribe := range transports {
			subscribers[name] = subscribe(product, t, "0")
		}
		film := newSeeder(t, "first film.mkv")
		first = product.add(t, client.magnet(film))
		if first.CompletedAt != nil || first.ServerID == "" {
			t.Errorf("added %+v", first)
		}
		for name, subscriber := range subscribers {
			seen = subscriber.wants(t, first.ID)[0]
			if seen.HashString != film.InfoHash() || seen.Name != film.Name() {
				t.Errorf("%s told of %+v; want %s, %s", name, seen, film.Name(), film.InfoHash())
			}
			if at, err := time.Parse(time.RFC3339, seen.CompletedAt); err != nil || time.Since(at) > patience || time.Until(at) > 0 {
				t.Errorf("%s told of a completion at %q", name, seen.CompletedAt)
			}
		}
		done := product.torrent(t, first.ID)
		if done.CompletedAt == nil || text(done.HashString) != film.InfoHash() || text(done.Name) != film.Name() {
			t.Errorf("completed %+v", done)
		}
		onDisk(t, client.folder(product), film)
	})
	if t.Failed() {
		return
	}
	t.Run("what nobody heard before the program was killed is told once", func(t *testing.T) {
		film := newSeeder(t, "second film.mkv")
		missed = product.add(t, client.magnet(film))
		product.completed(t, missed.ID)
		product.Kill()
		again := product.restart(t)
		onDisk(t, client.folder(again), film)

		subscribers := map[string]*subscription{}
		for name, subscribe := range transports {
			subscribers[name] = subscribe(again, t, seen.Cursor)
			subscribers[name].wants(t, missed.ID)
		}
		// One more completion, by hand, shows that nothing came in between.
		last := again.add(t, newSeeder(t, "never.mkv").Magnet())
		again.completeByHand(t, last)
		for _, subscriber := range subscribers {
			subscriber.wants(t, missed.ID, last.ID)
		}
		var ids []string
		for _, c := range again.completions(t, "0") {
			ids = append(ids, c.TorrentID)
		}
		if want := []string{first.ID, missed.ID, last.ID}; !slices.Equal(ids, want) {
			t.Errorf("the log tells of %v; want %v", ids, want)
		}
	})
}

// newSeeder has a file that is different for each test and name.
func newSeeder(t *testing.T, name string) *seeder.Seeder {
	t.Helper()
	seed := fnv.New64a()
	_, _ = seed.Write([]byte(t.Name() + name))
	return seeder.New(t, name, seeder.Payload(int64(seed.Sum64()), payloadSize), pieceLength)
}

// onDisk fails the test unless the seeder's file is in folder, byte for byte.
func onDisk(t *testing.T, folder string, s *seeder.Seeder) {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(folder, s.Name()))
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(content, s.Payload()) {
		t.Fatalf("%s is not what the seeder has", s.Name())
	}
}

// text is what is there, or "".
func text(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}
