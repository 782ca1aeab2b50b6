package rtorrent_test

import (
	"testing"
	"time"

	"github.com/clarion-app/download-manager/domain"
	testdaemon "github.com/clarion-app/download-manager/internal/testkit/rtorrent"
)

func TestALimitIsMinded(t *testing.T) {
	each(t, func(t *testing.T, version testdaemon.Version) {
		daemon := testdaemon.Start(t, version)
		client := open(t, daemon.URL(), domain.Credentials{})
		const size, limit = 1 << 20, 200 << 10
		slow, quick := seed(t, daemon, size), seed(t, daemon, size)
		for handed, settings := range map[*domain.Magnet]domain.TransferSettings{
			&slow.Magnet: {DownloadLimit: pointer(int64(limit))}, &quick.Magnet: {},
		} {
			if _, err := client.Add(t.Context(), domain.Handover{Magnet: *handed, Settings: settings}); err != nil {
				t.Fatal(err)
			}
		}
		begun := time.Now()
		for _, one := range []func(*testing.T){slow.Complete, quick.Complete, slow.Connect, quick.Connect} {
			one(t)
		}
		awaitFinished(t, client, slow.Magnet.InfoHash())
		// It may begin with a burst.
		if took := time.Since(begun); took < size/limit*time.Second/2 {
			t.Errorf("%d bytes at %d a second took %s", size, limit, took)
		}
		awaitFinished(t, client, quick.Magnet.InfoHash())
	})
}
