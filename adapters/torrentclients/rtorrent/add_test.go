package rtorrent_test

import (
	"strings"
	"testing"

	"github.com/clarion-app/download-manager/domain"
	testdaemon "github.com/clarion-app/download-manager/internal/testkit/rtorrent"
)

func TestWhyAMagnetIsRefused(t *testing.T) {
	t.Parallel()
	daemon := testdaemon.Start(t, testdaemon.V09, testdaemon.WithoutDHT())
	client := open(t, daemon.URL(), domain.Credentials{})
	magnet, err := domain.ParseMagnet("magnet:?xt=urn:btih:" + numbered(t, 1).String())
	if err != nil {
		t.Fatal(err)
	}
	_, err = client.Add(t.Context(), domain.Handover{Magnet: magnet})
	if domain.KindOf(err) != domain.KindInvalid || !strings.Contains(domain.MessageOf(err), "DHT") {
		t.Fatalf("error %v; want one of kind %s that tells of the DHT", err, domain.KindInvalid)
	}
}

func TestALargeTorrentFileIsTaken(t *testing.T) {
	each(t, func(t *testing.T, version testdaemon.Version) {
		daemon := testdaemon.Start(t, version)
		client := open(t, daemon.URL(), domain.Credentials{})
		paths, sizes := make([]string, 20_000), make([]int, 20_000)
		for i := range paths {
			sizes[i] = 1
			paths[i] = strings.Repeat("long", 8) + numbered(t, i).String()[30:]
		}
		handover := newTorrent("large", paths, sizes...).handover(t)
		handover.Paused = true
		hash, err := client.Add(t.Context(), handover)
		if err != nil {
			t.Fatal(err)
		}
		if files, err := client.Files(t.Context(), hash); err != nil || len(files) != len(paths) {
			t.Fatalf("%d files of %d bytes, error %v", len(files), len(handover.Metainfo), err)
		}
		handover.Metainfo = make([]byte, 20<<20)
		if handover.Magnet, err = domain.ParseMagnet("magnet:?xt=urn:btih:" + numbered(t, 7).String()); err != nil {
			t.Fatal(err)
		}
		if _, err := client.Add(t.Context(), handover); domain.KindOf(err) != domain.KindInvalid {
			t.Fatalf("error %v; want one of kind %s", err, domain.KindInvalid)
		}
	})
}
