package graph_test

import (
	"errors"
	"testing"
	"time"

	"github.com/clarion-app/download-manager/domain"
)

func TestProgress(t *testing.T) {
	t.Parallel()
	const query = `{ torrents { nodes { name progress {
	  phase fractionDone metadataKnown bytesWanted bytesLeft downloadRate uploadRate eta peers ratio localError warning
	} } } }`

	t.Run("it is asked once for the whole page", func(t *testing.T) {
		t.Parallel()
		d := openDoor(t)
		server := d.addServer(t)
		first := d.addTorrent(t, alice, 1)
		for i := range 20 {
			d.addTorrent(t, alice, i+2)
		}
		d.check(t)
		daemon, eta := d.clients.Daemon(server.ID), 90*time.Second
		daemon.SetTransfer(domain.Transfer{
			InfoHash: first.InfoHash(), Phase: domain.PhaseDownloading, MetadataKnown: true,
			BytesWanted: 4 << 40, BytesLeft: 1 << 40, DownloadRate: 5, UploadRate: 6, ETA: &eta, Peers: 7, Ratio: 0.5,
			Warning: "tracker says no",
		})
		before := daemon.Requests().Transfers
		nodes := into[torrentList](t, d.ask(t, alice, query, nil)).Torrents.Nodes
		if asked := daemon.Requests().Transfers - before; asked != 1 {
			t.Errorf("the client was asked %d times", asked)
		}
		got := nodes[len(nodes)-1].Progress
		if got.Phase != "DOWNLOADING" || got.FractionDone != 0.75 || got.BytesWanted != 4<<40 || *got.Eta != 90 || *got.Ratio != 0.5 || got.LocalError != nil {
			t.Errorf("got %+v", got)
		}
		if other := nodes[0].Progress; other.Phase != "FETCHING_METADATA" || other.Eta != nil || other.Ratio != nil {
			t.Errorf("got %+v", other)
		}
	})

	t.Run("a client that does not answer makes it null, and no error", func(t *testing.T) {
		t.Parallel()
		d := openDoor(t)
		server := d.addServer(t)
		d.addTorrent(t, alice, 1)
		d.check(t)
		d.clients.Daemon(server.ID).Fail(domain.Unavailable(errors.New("refused"), "does not answer"))
		nodes := into[torrentList](t, d.ask(t, alice, query, nil)).Torrents.Nodes
		if nodes[0].Progress != nil {
			t.Errorf("got %+v", nodes[0].Progress)
		}
	})
}
