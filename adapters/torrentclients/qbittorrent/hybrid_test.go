package qbittorrent_test

import (
	"bytes"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"testing"

	"github.com/clarion-app/download-manager/domain"
	testdaemon "github.com/clarion-app/download-manager/internal/testkit/qbittorrent"
	"github.com/clarion-app/download-manager/internal/testkit/seeder"
)

// hybrid makes a .torrent of both versions (BEP 52), of a file of 16 KiB.
func hybrid(seed int64) (metainfo []byte, first, second string) {
	content := seeder.Payload(seed, 16<<10)
	piece, root := sha1.Sum(content), sha256.Sum256(content)
	info := fmt.Appendf(nil, "d9:file treed4:fromd0:d6:lengthi16384e11:pieces root32:%seee6:lengthi16384e12:meta versioni2e4:name4:from"+
		"12:piece lengthi16384e6:pieces20:%se", root[:], piece[:])
	v1, v2 := sha1.Sum(info), sha256.Sum256(info)
	metainfo = bytes.Join([][]byte{[]byte("d4:info"), info, []byte("12:piece layersdee")}, nil)
	return metainfo, hex.EncodeToString(v1[:]), hex.EncodeToString(v2[:])
}

// A torrent of both versions goes by the first with us, and by the second with
// the daemon, whatever it was handed over as.
func TestADaemonHoldsATorrentOfBothVersions(t *testing.T) {
	t.Parallel()
	for _, version := range testdaemon.Versions() {
		t.Run(string(version), func(t *testing.T) {
			t.Parallel()
			daemon := testdaemon.Start(t, version)
			client := open(t, daemon.Address(), domain.Credentials{})
			for i, link := range []string{"magnet:?xt=urn:btih:%s", "magnet:?xt=urn:btih:%s&xt=urn:btmh:1220%s"} {
				metainfo, first, second := hybrid(int64(i))
				if i == 0 {
					link += "%.0s"
				}
				magnet, err := domain.ParseMagnet(fmt.Sprintf(link, first, second))
				if err != nil {
					t.Fatal(err)
				}
				given := domain.Handover{Magnet: magnet, Metainfo: metainfo, Paused: true}
				for range 2 {
					if hash, err := client.Add(t.Context(), given); err != nil || hash.String() != first {
						t.Fatalf("added as %s, error %v", hash, err)
					}
				}
				if held := daemon.Torrents(t); len(held) != 1 || held[0].Hash != second[:40] {
					t.Fatalf("the daemon holds %+v", held)
				}
				hash := magnet.InfoHash()
				report, err := client.Transfers(t.Context(), []domain.InfoHash{hash})
				if err != nil || report.Transfers[hash].BytesWanted != 16<<10 {
					t.Fatalf("%+v, error %v", report, err)
				}
				if files, err := client.Files(t.Context(), hash); err != nil || len(files) != 1 || files[0].Path != "from" {
					t.Fatalf("%+v, error %v", files, err)
				}
				if list, err := client.List(t.Context()); err != nil || len(list) != 1 || list[0].InfoHash != hash || list[0].Magnet.InfoHash() != hash {
					t.Fatalf("%+v, error %v", list, err)
				}
				if err := client.Remove(t.Context(), []domain.InfoHash{hash}, true); err != nil {
					t.Fatal(err)
				}
				if held := daemon.Torrents(t); len(held) != 0 {
					t.Fatalf("%+v", held)
				}
			}
		})
	}
}
