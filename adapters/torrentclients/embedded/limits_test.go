package embedded_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/clarion-app/download-manager/domain"
)

// burst is what passes a limit for a moment.
const burst = 64 << 10

func TestRateLimits(t *testing.T) {
	t.Parallel()

	t.Run("downloading keeps to its rate", func(t *testing.T) {
		t.Parallel()
		const rate = 400 << 10
		config := config(t.TempDir())
		config.DownloadRate = rate
		client := openWith(t, config, "downloads")
		torrent := singleFile("slow", 70, 800<<10)
		began := time.Now()
		hash := add(t, client, torrent.source(t).magnet())
		until(t, client, hash, "it to finish", func(tr domain.Transfer) bool {
			got := tr.BytesWanted - tr.BytesLeft
			if most := int64(rate*time.Since(began).Seconds()) + burst; got > most {
				t.Fatalf("%d bytes where %d are allowed", got, most)
			}
			return tr.Finished()
		})
	})

	t.Run("uploading keeps to its rate", func(t *testing.T) {
		t.Parallel()
		const rate = 400 << 10
		config := config(t.TempDir())
		config.UploadRate = rate
		giver, taker := openWith(t, config, "downloads"), open(t, t.TempDir())
		torrent := singleFile("stingy", 71, 800<<10)
		source := torrent.source(t)
		hash := add(t, giver, source.magnet())
		untilFinished(t, giver, hash)
		source.close()
		began := time.Now()
		add(t, taker, source.magnetWith("x.pe="+localPeer(giver)))
		until(t, taker, hash, "it to finish", func(tr domain.Transfer) bool {
			got := tr.BytesWanted - tr.BytesLeft
			if most := int64(rate*time.Since(began).Seconds()) + burst; got > most {
				t.Fatalf("%d bytes where %d are allowed", got, most)
			}
			return tr.Finished()
		})
	})

	t.Run("rates and the time to go are told", func(t *testing.T) {
		t.Parallel()
		config := config(t.TempDir())
		config.DownloadRate = 200 << 10
		client := openWith(t, config, "downloads")
		hash := add(t, client, singleFile("told", 72, 4<<20).source(t).magnet())
		until(t, client, hash, "a rate", func(tr domain.Transfer) bool {
			return tr.DownloadRate > 0 && tr.ETA != nil && *tr.ETA > 0 && tr.Peers == 1
		})
	})
}

func idleMagnet(t testing.TB, i int) domain.Magnet {
	return parse(t, fmt.Sprintf("magnet:?xt=urn:btih:%040x&dn=idle+%d", 0xabc0000+i, i))
}

func TestManyMagnets(t *testing.T) {
	t.Parallel()
	const many = 1000
	dir := t.TempDir()
	client := open(t, dir)
	hashes := make([]domain.InfoHash, many)
	for i := range hashes {
		hashes[i] = add(t, client, idleMagnet(t, i))
	}
	if got := report(t, client, hashes...); len(got.Transfers) != many {
		t.Fatalf("%d are there", len(got.Transfers))
	}
	untilFinished(t, client, add(t, client, singleFile("among many", 73, 100_000).source(t).magnet()))
	closeClient(t, client)

	client = open(t, dir)
	settled(t, client)
	if got := report(t, client, hashes...); len(got.Transfers) != many || got.Transfers[hashes[999]].Name != "idle 999" {
		t.Errorf("%d are back", len(got.Transfers))
	}
	remove(t, client, true, hashes...)
	if got := report(t, client, hashes...); len(got.Transfers) != 0 {
		t.Errorf("%d are left", len(got.Transfers))
	}
}

func TestMaxPeers(t *testing.T) {
	t.Parallel()
	config := config(t.TempDir())
	config.MaxPeers = 3
	client := openWith(t, config, "downloads")
	torrent := singleFile("crowded", 74, 10*pieceLen)
	parameters := make([]string, 8)
	var first *source
	for i := range parameters {
		first = torrent.source(t)
		first.limit.Store(pieceLen)
		parameters[i] = "x.pe=" + first.listener.Addr().String()
	}
	hash := add(t, client, first.magnetWith(parameters...))
	until(t, client, hash, "three peers", func(tr domain.Transfer) bool {
		if tr.Peers > 3 {
			t.Fatalf("%d peers", tr.Peers)
		}
		return tr.Peers == 3
	})
}
