package embedded_test

import (
	"bytes"
	"crypto/sha1"
	"encoding/binary"
	"encoding/hex"
	"io"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/anacrolix/torrent/bencode"

	"github.com/clarion-app/download-manager/domain"
)

// source is a peer made for trouble: it serves any info dictionary, whether it
// makes sense or not, and counts what it is asked for.
type source struct {
	t        testing.TB
	info     []byte
	data     []byte // all bytes, as the pieces cut them
	piece    int
	listener net.Listener
	served   atomic.Int64 // bytes of data
	metadata atomic.Int64 // pieces of metadata
	conns    sync.WaitGroup
	limit    atomic.Int64 // serve data up to this offset
	// boasts offers more than is served.
	boasts bool
	// greet is sent after the handshake, instead of an honest introduction.
	greet func(net.Conn)

	mu   sync.Mutex
	open map[net.Conn]bool
}

func newSource(t testing.TB, info, data []byte, pieceLength int) *source {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	return serveOn(t, listener, info, data, pieceLength)
}

func serveOn(t testing.TB, listener net.Listener, info, data []byte, pieceLength int) *source {
	t.Helper()
	s := &source{t: t, info: info, data: data, piece: pieceLength, listener: listener, open: make(map[net.Conn]bool)}
	s.limit.Store(int64(len(data)))
	s.conns.Go(func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			s.mu.Lock()
			s.open[conn] = true
			s.mu.Unlock()
			s.conns.Go(func() {
				s.serve(conn)
				s.mu.Lock()
				delete(s.open, conn)
				s.mu.Unlock()
				conn.Close()
			})
		}
	})
	t.Cleanup(s.close)
	return s
}

func (s *source) close() {
	s.listener.Close()
	s.mu.Lock()
	for conn := range s.open {
		conn.Close()
	}
	s.mu.Unlock()
	s.conns.Wait()
}

func (s *source) hash() domain.InfoHash {
	sum := sha1.Sum(s.info)
	hash, err := domain.ParseInfoHash(hex.EncodeToString(sum[:]))
	if err != nil {
		s.t.Fatal(err)
	}
	return hash
}

// magnet names this peer.
func (s *source) magnet() domain.Magnet { return s.magnetWith("x.pe=" + s.listener.Addr().String()) }

func (s *source) magnetWith(parameters ...string) domain.Magnet {
	s.t.Helper()
	return parse(s.t, strings.Join(append([]string{"magnet:?xt=urn:btih:" + s.hash().String()}, parameters...), "&"))
}

func parse(t testing.TB, text string) domain.Magnet {
	t.Helper()
	magnet, err := domain.ParseMagnet(text)
	if err != nil {
		t.Fatal(err)
	}
	return magnet
}

func frame(id byte, payload ...[]byte) []byte {
	body := append([]byte{id}, bytes.Join(payload, nil)...)
	return append(binary.BigEndian.AppendUint32(nil, uint32(len(body))), body...)
}

// send writes what it can: a peer that has hung up ends the reading, too.
func send(conn net.Conn, message []byte) { _, _ = conn.Write(message) }

func (s *source) serve(conn net.Conn) {
	theirs := make([]byte, 68)
	if _, err := io.ReadFull(conn, theirs); err != nil || theirs[0] != 19 {
		return // an encrypted hello: they try again in the clear
	}
	ours := append([]byte("\x13BitTorrent protocol\x00\x00\x00\x00\x00\x10\x00\x00"), theirs[28:48]...)
	if _, err := conn.Write(append(ours, "-XX0001-abcdefghijkl"...)); err != nil {
		return
	}
	if s.greet != nil {
		s.greet(conn)
	} else {
		pieces := (len(s.data) + s.piece - 1) / s.piece
		bits := make([]byte, (pieces+7)/8)
		offered := pieces
		if limit := s.limit.Load(); limit < int64(len(s.data)) && !s.boasts {
			offered = int(limit) / s.piece
		}
		for i := range offered {
			bits[i/8] |= 0x80 >> (i % 8)
		}
		hello := bencode.MustMarshal(map[string]any{"m": map[string]int{"ut_metadata": 3}, "metadata_size": len(s.info)})
		send(conn, frame(20, []byte{0}, hello))
		send(conn, frame(5, bits))
		send(conn, frame(1))
	}
	metadataID := byte(0)
	for {
		var head [4]byte
		if _, err := io.ReadFull(conn, head[:]); err != nil {
			return
		}
		body := make([]byte, binary.BigEndian.Uint32(head[:]))
		if _, err := io.ReadFull(conn, body); err != nil {
			return
		}
		if len(body) == 0 {
			continue
		}
		switch body[0] {
		case 6:
			index, begin, length := binary.BigEndian.Uint32(body[1:]), binary.BigEndian.Uint32(body[5:]), binary.BigEndian.Uint32(body[9:])
			from := int64(index)*int64(s.piece) + int64(begin)
			to := from + int64(length)
			if to > s.limit.Load() || to > int64(len(s.data)) {
				continue
			}
			s.served.Add(int64(length))
			send(conn, frame(7, body[1:9], s.data[from:to]))
		case 20:
			if body[1] == 0 {
				var hello struct {
					M map[string]int `bencode:"m"`
				}
				_ = bencode.Unmarshal(body[2:], &hello)
				metadataID = byte(hello.M["ut_metadata"])
				continue
			}
			var request struct {
				Type  int `bencode:"msg_type"`
				Piece int `bencode:"piece"`
			}
			if bencode.Unmarshal(body[2:], &request) != nil || request.Type != 0 {
				continue
			}
			s.metadata.Add(1)
			from := min(request.Piece<<14, len(s.info))
			answer := bencode.MustMarshal(map[string]int{"msg_type": 1, "piece": request.Piece, "total_size": len(s.info)})
			send(conn, frame(20, []byte{metadataID}, answer, s.info[from:min(from+1<<14, len(s.info))]))
		}
	}
}
