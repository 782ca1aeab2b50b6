package embedded

import (
	"context"
	"log/slog"
	"time"

	"github.com/anacrolix/dht/v2"
	"github.com/anacrolix/torrent"
	"golang.org/x/time/rate"
)

// Bounds of one engine, over all its torrents, that nobody has wished to change.
const (
	peersPerTorrent = 40
	dialsPerSecond  = 50
	dialsAtOnce     = 60
	dialsPerTorrent = 15
)

// newClient starts the library. Whatever would tell somebody of us without being
// asked to is off.
func (e *engine) newClient(down, up *rate.Limiter) (*torrent.Client, error) {
	v4, v6 := e.config.families()
	ports := []int{e.config.PeerPort}
	if e.config.PeerPort != 0 {
		ports = append(ports, 0)
	}
	families := [][2]bool{{v4, v6}}
	if v4 && v6 {
		families = append(families, [2]bool{true, false}) // a machine without IPv6
	}
	var client *torrent.Client
	var err error
	for _, family := range families {
		for _, port := range ports {
			if client, err = torrent.NewClient(e.settings(port, family, down, up)); err == nil {
				e.client = client
				if port != e.config.PeerPort {
					e.log.Warn("the peer port is in use; another was taken", "port", e.config.PeerPort, "folder", e.folder)
				}
				e.log.Debug("the embedded engine listens", "folder", e.folder, "addresses", e.shortLog())
				return client, nil
			}
		}
	}
	return nil, err
}

func (e *engine) settings(port int, family [2]bool, down, up *rate.Limiter) *torrent.ClientConfig {
	c := torrent.NewDefaultClientConfig()
	c.ListenHost = func(string) string { return e.config.BindAddress }
	c.ListenPort = port
	c.DisableIPv4, c.DisableIPv6 = !family[0], !family[1]
	c.DisableUTP = !e.config.UTP
	c.DisablePEX = !e.config.PEX
	c.NoDHT = !e.config.DHT
	if routers := e.config.routers; routers != nil {
		c.DhtStartingNodes = func(string) dht.StartingNodesGetter {
			return func() ([]dht.Addr, error) { return routers, nil }
		}
	}
	c.ConfigureAnacrolixDhtServer = func(server *dht.ServerConfig) {
		e.dhtSockets = append(e.dhtSockets, server.Conn)
	}
	c.PeriodicallyAnnounceTorrentsToDht = false // announce.go does, and knows private torrents
	c.NoDefaultPortForwarding = !e.config.PortForwarding
	c.DisableWebtorrent = true
	c.Seed = true
	c.DownloadRateLimiter, c.UploadRateLimiter = down, up
	c.MaxAllocPeerRequestDataPerConn = minBurst
	c.EstablishedConnsPerTorrent = min(peersPerTorrent, e.config.MaxPeers)
	c.HalfOpenConnsPerTorrent = dialsPerTorrent
	c.TotalHalfOpenConns = dialsAtOnce
	c.DialRateLimiter = rate.NewLimiter(dialsPerSecond, dialsPerSecond)
	c.KeepAliveTimeout = e.config.pace.nudge
	c.TorrentPeersHighWater = 200
	c.Slogger = slog.New(debugOnly{e.log.Handler()})
	c.DefaultStorage = lateContent{}
	e.watchPeers(&c.Callbacks)
	return c
}

// debugOnly is the log of the library, which finds too much worth a warning.
type debugOnly struct{ slog.Handler }

func (h debugOnly) Enabled(ctx context.Context, _ slog.Level) bool {
	return h.Handler.Enabled(ctx, slog.LevelDebug)
}

func (h debugOnly) Handle(ctx context.Context, line slog.Record) error {
	quiet := slog.NewRecord(line.Time, slog.LevelDebug, line.Message, line.PC)
	line.Attrs(func(attr slog.Attr) bool {
		quiet.AddAttrs(attr)
		return true
	})
	return h.Handler.Handle(ctx, quiet)
}

func (h debugOnly) WithAttrs(attrs []slog.Attr) slog.Handler {
	return debugOnly{h.Handler.WithAttrs(attrs)}
}

func (h debugOnly) WithGroup(name string) slog.Handler { return debugOnly{h.Handler.WithGroup(name)} }

// transferred tells how many bytes of data a torrent got and gave in this run.
// It takes the lock of the library.
func transferred(handle *torrent.Torrent) (down, up int64) {
	if handle == nil {
		return 0, 0
	}
	stats := handle.Stats()
	return stats.BytesReadUsefulData.Int64(), stats.BytesWrittenData.Int64()
}

// rates are what a torrent does per second, from one look to the next.
type rates struct {
	at       time.Time
	down, up int64 // bytes at that time
	downRate int64
	upRate   int64
}

// shortestLook is how long two looks must lie apart to tell a rate.
const shortestLook = 500 * time.Millisecond

func (r *rates) look(now time.Time, down, up int64) {
	if r.at.IsZero() {
		r.at, r.down, r.up = now, down, up
		return
	}
	if passed := now.Sub(r.at); passed >= shortestLook {
		r.downRate = int64(float64(down-r.down) / passed.Seconds())
		r.upRate = int64(float64(up-r.up) / passed.Seconds())
		r.at, r.down, r.up = now, down, up
	}
}
