package embedded

import (
	"log/slog"
	"net"
	"time"

	"github.com/anacrolix/dht/v2"
	"golang.org/x/time/rate"
)

// DefaultMaxPeers is the most peers of one folder when Config does not say.
const DefaultMaxPeers = 400

// Config is how the engines of one process work.
type Config struct {
	// DataDir holds the folders of all embedded servers. It is made when needed.
	DataDir string
	// PeerPort is the TCP and UDP port for peers; 0 for any free one. When it is
	// in use, as it is for a second folder, any free one is taken.
	PeerPort int
	// BindAddress is the IP address to listen on; "" for all.
	BindAddress string
	// DHT finds peers without a tracker, by way of public routers.
	DHT bool
	// PEX learns peers from peers.
	PEX bool
	// UTP speaks the UDP transport beside TCP.
	UTP bool
	// PortForwarding asks the local router (UPnP) to let peers in.
	PortForwarding bool
	// DownloadRate and UploadRate limit all engines together, in bytes per second;
	// 0 for no limit. For a moment 64 KiB more may pass.
	DownloadRate, UploadRate int64
	// MaxPeers is the most peers connected to one folder; 0 for DefaultMaxPeers.
	MaxPeers int
	// Logger hears what the engines do, at debug level, and what users should
	// know, at warning level; nil for slog.Default.
	Logger *slog.Logger

	pace pace
	// routers are where the DHT is entered; nil for the public ones.
	routers []dht.Addr
}

// DefaultConfig is what production starts from.
func DefaultConfig(dataDir string) Config {
	return Config{DataDir: dataDir, DHT: true, PEX: true, UTP: true}
}

// pace is how often things are done; tests hurry.
type pace struct {
	// tick is the period of the housekeeping.
	tick time.Duration
	// save is how long progress may stay unsaved.
	save time.Duration
	// retry is how long after a disk error the disk is tried again.
	retry time.Duration
	// redial is when the peers of a magnet are first dialled again.
	redial time.Duration
	// stall is how long a peer may be silent while it gives metadata.
	stall time.Duration
	// silence is how long a peer may leave requests unanswered that another could
	// answer.
	silence time.Duration
	// nudge is how long the writer of a connection may sleep. The library loses a
	// wake-up now and then, and the wish to ask for pieces with it.
	nudge time.Duration
	// lonely is how soon the DHT is asked again for a torrent without peers.
	lonely time.Duration
}

var defaultPace = pace{
	tick: time.Second, save: 5 * time.Second, retry: 30 * time.Second,
	redial: 2 * time.Second, stall: 10 * time.Second, silence: time.Minute,
	nudge: 5 * time.Second, lonely: 3 * time.Minute,
}

// minBurst is room for the largest read and the largest block at once.
const minBurst = 64 << 10

// newLimiter keeps a full bucket when there is no limit: the library makes no
// connections while the bucket is empty.
func newLimiter(bytesPerSecond int64) *rate.Limiter {
	if bytesPerSecond <= 0 {
		return rate.NewLimiter(rate.Inf, minBurst)
	}
	return rate.NewLimiter(rate.Limit(bytesPerSecond), minBurst)
}

func (c Config) complete() Config {
	if c.MaxPeers <= 0 {
		c.MaxPeers = DefaultMaxPeers
	}
	if c.Logger == nil {
		c.Logger = slog.Default()
	}
	if c.pace == (pace{}) {
		c.pace = defaultPace
	}
	return c
}

// families says which IP families the address to listen on leaves.
func (c Config) families() (v4, v6 bool) {
	ip := net.ParseIP(c.BindAddress)
	if ip == nil {
		return true, true
	}
	return ip.To4() != nil, ip.To4() == nil
}
