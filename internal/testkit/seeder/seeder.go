// Package seeder is a small BitTorrent seeder for tests: a torrent, served over TCP to peers on this machine (BEP 3), its
// metadata too (BEP 9), so that a bare magnet link can be downloaded.
package seeder

import (
	"context"
	"crypto/rand"
	"net"
	"sync"
	"testing"
	"time"
)

// redial is the pause between two attempts to reach a peer.
const redial = 100 * time.Millisecond

// Seeder serves one torrent until the test ends. Its methods may be called from several goroutines.
type Seeder struct {
	torrent
	t      testing.TB
	peerID [20]byte
	supply *supply

	ctx  context.Context
	work sync.WaitGroup

	mu        sync.Mutex
	available int // pieces 0 to available-1 are offered
	peers     map[*peer]bool
	address   string
}

// New makes a torrent of one file. It is served to nobody before DialPeer or Listen.
func New(t testing.TB, name string, payload []byte, pieceLength int) *Seeder {
	t.Helper()
	return serve(t, newTorrent(name, nil, payload, pieceLength))
}

// NewFolder makes a torrent of several files, whose contents lie in payload one after another.
func NewFolder(t testing.TB, name string, files []File, payload []byte, pieceLength int) *Seeder {
	t.Helper()
	return serve(t, newTorrent(name, files, payload, pieceLength))
}

func serve(t testing.TB, torrent torrent) *Seeder {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	s := &Seeder{
		torrent: torrent,
		t:       t,
		supply:  newSupply(),
		ctx:     ctx,
		peers:   map[*peer]bool{},
	}
	s.available = s.pieces()
	copy(s.peerID[:], "-TK0001-"+rand.Text())
	t.Cleanup(func() {
		cancel()
		s.work.Wait()
	})
	return s
}

// DialPeer keeps a connection to the peer at address (host:port) until the test ends, dialling again whenever it is lost
// or refused: peers refuse until they know the torrent, and hang up once when its metadata has arrived. Transmission
// accepts peers on loopback only in this direction. Once per peer.
func (s *Seeder) DialPeer(address string) {
	s.work.Go(func() {
		ticks := time.NewTicker(redial)
		defer ticks.Stop()
		dialer := net.Dialer{Timeout: 5 * time.Second}
		for s.ctx.Err() == nil {
			if conn, err := dialer.DialContext(s.ctx, "tcp", address); err == nil {
				s.converse(s.ctx, conn)
			}
			select {
			case <-ticks.C:
			case <-s.ctx.Done():
			}
		}
	})
}

// Listen also accepts connections, and returns the address peers reach it at (host:port). A second call returns the same.
func (s *Seeder) Listen() string {
	s.t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.address != "" {
		return s.address
	}
	listener, err := (&net.ListenConfig{}).Listen(s.ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		s.t.Fatalf("seeder: %v", err)
	}
	s.address = listener.Addr().String()
	context.AfterFunc(s.ctx, func() { _ = listener.Close() })
	s.work.Go(func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			s.work.Go(func() { s.converse(s.ctx, conn) })
		}
	})
	return s.address
}

// MagnetWithPeer is the magnet link with this seeder's address in it (x.pe); it listens from now on.
func (s *Seeder) MagnetWithPeer() string {
	s.t.Helper()
	return s.Magnet() + "&x.pe=" + s.Listen()
}

// SetRate limits how many bytes of the file are served a second, to all peers together. 0 lifts the limit.
func (s *Seeder) SetRate(bytesPerSecond int) { s.supply.setRate(bytesPerSecond) }

// Hold stops answering requests for pieces; connections and metadata go on. A block may still be on its way.
func (s *Seeder) Hold() { s.supply.hold() }

// Release answers them again, those that came meanwhile too.
func (s *Seeder) Release() { s.supply.release() }

// Offer limits what the seeder has to the first pieces, so that every download stands still exactly there, however fast
// it is. Call it before the first connection; offering more later is told to all peers.
func (s *Seeder) Offer(pieces int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	pieces = min(pieces, s.pieces())
	for p := range s.peers {
		for piece := s.available; piece < pieces; piece++ {
			_ = p.send(frame(messageHave, uint32s(piece))) // a lost peer ends by itself
		}
	}
	s.available = pieces
}

// Peers counts the connections that are being served.
func (s *Seeder) Peers() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.peers)
}

func (s *Seeder) forget(p *peer) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.peers, p)
}

// bitfield is one bit per piece, the first piece highest. The caller holds the lock.
func (s *Seeder) bitfield() []byte {
	bits := make([]byte, (s.pieces()+7)/8)
	for piece := range s.available {
		bits[piece/8] |= 0x80 >> (piece % 8)
	}
	return bits
}
