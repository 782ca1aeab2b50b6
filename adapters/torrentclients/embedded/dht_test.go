package embedded_test

import (
	"net"
	"slices"
	"sync"
	"testing"

	"github.com/anacrolix/dht/v2"
	"github.com/anacrolix/dht/v2/krpc"
	peer_store "github.com/anacrolix/dht/v2/peer-store"
)

// peerBook is what a node of the DHT has been told.
type peerBook struct {
	mu    sync.Mutex
	peers map[peer_store.InfoHash][]krpc.NodeAddr
}

func (b *peerBook) AddPeer(hash peer_store.InfoHash, peer krpc.NodeAddr) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.peers[hash] = append(b.peers[hash], peer)
}

func (b *peerBook) GetPeers(hash peer_store.InfoHash) []krpc.NodeAddr {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.Clone(b.peers[hash])
}

// router is a node of the DHT that others enter it by.
func router(t *testing.T) net.Addr {
	t.Helper()
	conn, err := net.ListenPacket("udp", "127.0.0.1:0")
	must(t, err)
	config := dht.NewDefaultServerConfig()
	config.Conn, config.NoSecurity = conn, true
	config.PeerStore = &peerBook{peers: make(map[peer_store.InfoHash][]krpc.NodeAddr)}
	config.StartingNodes = func() ([]dht.Addr, error) { return nil, nil }
	server, err := dht.NewServer(config)
	must(t, err)
	t.Cleanup(server.Close)
	return conn.LocalAddr()
}

func TestDHT(t *testing.T) {
	t.Parallel()

	t.Run("peers find each other without a tracker", func(t *testing.T) {
		t.Parallel()
		router := router(t)
		giver := openWith(t, config(t.TempDir()).EnteringDHT(router), "downloads")
		taker := openWith(t, config(t.TempDir()).EnteringDHT(router), "downloads")
		source := singleFile("found", 80, 100_000).source(t)
		hash := add(t, giver, source.magnet())
		untilFinished(t, giver, hash)
		source.close()
		add(t, taker, source.magnetWith())
		untilFinished(t, taker, hash)
	})
}
