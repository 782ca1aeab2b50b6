package rtorrent_test

import (
	"bufio"
	"bytes"
	"context"
	"io"
	"net"
	"sync/atomic"
	"testing"

	"github.com/clarion-app/download-manager/domain"
	testdaemon "github.com/clarion-app/download-manager/internal/testkit/rtorrent"
	"github.com/clarion-app/download-manager/ports"
)

// change changes a request, but not its length; nil breaks it off. The answer comes
// back or not.
type change func(request []byte) (changed []byte, answered bool)

// relay stands before a daemon and changes what it is asked.
func relay(t *testing.T, daemon *testdaemon.Daemon, change change) (address string) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go pass(conn, daemon.Address(), change)
		}
	}()
	return "scgi://" + listener.Addr().String()
}

func pass(conn net.Conn, address string, change change) {
	defer func() { _ = conn.Close() }()
	var request bytes.Buffer
	if readRequest(bufio.NewReader(io.TeeReader(conn, &request))) != nil {
		return
	}
	changed, answered := change(request.Bytes())
	if changed == nil {
		return
	}
	daemon, err := (&net.Dialer{}).DialContext(context.Background(), "tcp", address)
	if err != nil {
		return
	}
	defer func() { _ = daemon.Close() }()
	var back io.Writer = conn
	if !answered {
		back = io.Discard
	}
	if _, err := daemon.Write(changed); err == nil {
		_, _ = io.Copy(back, daemon)
	}
}

// spoilt makes the loading of magnets fail as often as it is told to, in a way.
func spoilt(times *atomic.Int32, way change) change {
	return func(request []byte) ([]byte, bool) {
		if bytes.Contains(request, []byte("load.start")) && times.Add(-1) >= 0 {
			return way(request)
		}
		return request, true
	}
}

// A magnet is loaded anew to change its settings, and must not be lost over that.
func TestAMagnetIsNotLostWhenItsSettingsChange(t *testing.T) {
	t.Parallel()
	brokenOff := func([]byte) ([]byte, bool) { return nil, false }
	unanswered := func(request []byte) ([]byte, bool) { return request, false }
	refused := func(request []byte) ([]byte, bool) {
		return bytes.ReplaceAll(request, []byte("load.start"), []byte("load.stort")), true
	}
	for name, is := range map[string]struct {
		times int32
		way   change
		fine  bool   // Configure is
		label string // afterwards
	}{
		"the request breaks off":             {1, brokenOff, false, "first"},
		"the answer does not come":           {1, unanswered, false, "second"},
		"it is not loaded":                   {1, refused, true, "second"},
		"it is not loaded, twice":            {2, refused, false, "second"},
		"it is not loaded, nor handed back":  {3, refused, false, "second"},
		"it is not loaded, and then removed": {2, refused, false, ""},
	} {
		t.Run(name, func(t *testing.T) {
			each(t, func(t *testing.T, version testdaemon.Version) {
				var times atomic.Int32
				daemon := testdaemon.Start(t, version)
				client := open(t, relay(t, daemon, spoilt(&times, is.way)), domain.Credentials{})
				hash := addPaused(t, client, seed(t, daemon, 100_000).Magnet)
				times.Store(is.times)
				err := client.Configure(t.Context(), hash, domain.TransferSettings{Label: pointer("second")})
				if is.fine != (err == nil) || err != nil && domain.KindOf(err) != domain.KindUnavailable {
					t.Fatalf("error %v", err)
				}
				if is.label == "" {
					if err := client.Remove(t.Context(), []domain.InfoHash{hash}, false); err != nil {
						t.Fatal(err)
					}
				}
				if is.times == 3 {
					if _, err := client.Transfers(t.Context(), []domain.InfoHash{hash}); domain.KindOf(err) != domain.KindUnavailable {
						t.Fatalf("error %v while it cannot be handed back", err)
					}
				}
				report, err := client.Transfers(t.Context(), []domain.InfoHash{hash})
				if err != nil {
					t.Fatal(err)
				}
				if _, found := report.Transfers[hash]; found != (is.label != "") {
					t.Fatalf("reported: %v", found)
				}
				if is.label == "" {
					return
				}
				if after := held(t, client, hash); after.Label != is.label || after.Phase != domain.PhaseStopped {
					t.Errorf("%+v", after)
				}
			})
		})
	}
}

// addPaused adds a magnet that is to stay without metadata.
func addPaused(t *testing.T, client ports.TorrentClient, magnet domain.Magnet) domain.InfoHash {
	t.Helper()
	hash, err := client.Add(t.Context(), domain.Handover{Magnet: magnet, Paused: true, Settings: domain.TransferSettings{Label: pointer("first")}})
	if err != nil {
		t.Fatal(err)
	}
	return hash
}
