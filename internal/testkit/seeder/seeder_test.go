package seeder_test

import (
	"bytes"
	"crypto/sha1"
	"encoding/hex"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/clarion-app/download-manager/internal/testkit/seeder"
	"github.com/clarion-app/download-manager/internal/testkit/wait"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const pieceLength = 16 << 10

// newSeeder makes one of three pieces, the last of them short.
func newSeeder(t *testing.T) *seeder.Seeder {
	t.Helper()
	return seeder.New(t, "some file & more.bin", seeder.Payload(7, 2*pieceLength+100), pieceLength)
}

func TestTorrent(t *testing.T) {
	t.Parallel()
	s := newSeeder(t)

	t.Run("the payload of a seed is always the same", func(t *testing.T) {
		t.Parallel()
		if !bytes.Equal(seeder.Payload(7, 5000), s.Payload()[:5000]) {
			t.Fatal("differs")
		}
		if bytes.Equal(seeder.Payload(8, 5000), s.Payload()[:5000]) {
			t.Fatal("another seed gives the same")
		}
	})

	t.Run("magnet and metainfo have the same infohash", func(t *testing.T) {
		t.Parallel()
		info := bytes.TrimSuffix(bytes.TrimPrefix(s.Metainfo(), []byte("d4:info")), []byte("e"))
		hash := sha1.Sum(info)
		if s.InfoHash() != hex.EncodeToString(hash[:]) {
			t.Fatal("not the hash of the info dictionary")
		}
		if want := "magnet:?xt=urn:btih:" + s.InfoHash() + "&dn=some+file+%26+more.bin"; s.Magnet() != want {
			t.Fatalf("got %s", s.Magnet())
		}
	})

	t.Run("a magnet with a peer names the listening address", func(t *testing.T) {
		t.Parallel()
		if !strings.HasSuffix(s.MagnetWithPeer(), "&x.pe="+s.Listen()) {
			t.Fatalf("got %s", s.MagnetWithPeer())
		}
	})
}

func TestWire(t *testing.T) {
	t.Parallel()

	t.Run("metadata is given under the id the peer asked for", func(t *testing.T) {
		t.Parallel()
		s := newSeeder(t)
		l := connect(t, s.Listen(), s.InfoHash())
		l.say(20, "\x01d8:msg_typei0e5:piecei0ee")
		l.hear(20) // the extension handshake
		answer := l.hear(20)
		header, info, _ := strings.Cut(answer, "ee")
		if hash := sha1.Sum([]byte(info)); hex.EncodeToString(hash[:]) != s.InfoHash() || answer[0] != 7 {
			t.Fatalf("got %q", header)
		}
	})

	t.Run("a block is answered with its bytes", func(t *testing.T) {
		t.Parallel()
		s := newSeeder(t)
		l := connect(t, s.Listen(), s.InfoHash())
		l.ask(2, 10, 90)
		if got, want := l.hear(7), block(2, 10)+string(s.Payload()[2*pieceLength+10:]); got != want {
			t.Fatal("other bytes")
		}
	})

	t.Run("what is not in the file ends the connection", func(t *testing.T) {
		t.Parallel()
		s := newSeeder(t)
		for _, bad := range []string{block(3, 0, 1), block(2, 10, 91), block(0, pieceLength, 1), "x"} {
			l := connect(t, s.Listen(), s.InfoHash())
			l.say(6, bad)
			if _, err := io.Copy(io.Discard, l.conn); err != nil && !strings.Contains(err.Error(), "reset") {
				t.Fatal(err)
			}
		}
	})

	t.Run("held requests are answered on release, cancelled ones are not", func(t *testing.T) {
		t.Parallel()
		s := newSeeder(t)
		l := connect(t, s.Listen(), s.InfoHash())
		l.hear(1) // unchoke: nothing more comes by itself
		s.Hold()
		for piece := range uint32(3) {
			l.ask(piece, 0, 50)
		}
		l.say(8, block(1, 0, 50))
		if !l.silent(50 * time.Millisecond) {
			t.Fatal("answered while held")
		}
		s.Release()
		for _, piece := range []uint32{0, 2} {
			if got := l.hear(7); got[:4] != block(piece) {
				t.Fatalf("piece %x", got[:4])
			}
		}
	})

	t.Run("pieces offered later are announced", func(t *testing.T) {
		t.Parallel()
		s := newSeeder(t)
		s.Offer(1)
		l := connect(t, s.Listen(), s.InfoHash())
		if got := l.hear(5); got != "\x80" {
			t.Fatalf("bitfield %x", got)
		}
		s.Offer(3)
		for _, piece := range []uint32{1, 2} {
			if got := l.hear(4); got != block(piece) {
				t.Fatalf("have %x", got)
			}
		}
	})

	t.Run("the rate is kept", func(t *testing.T) {
		t.Parallel()
		s := newSeeder(t)
		s.SetRate(10 * pieceLength)
		l := connect(t, s.Listen(), s.InfoHash())
		began := time.Now()
		l.ask(0, 0, pieceLength)
		l.ask(1, 0, pieceLength)
		l.hear(7)
		l.hear(7)
		if took := time.Since(began); took < 190*time.Millisecond {
			t.Fatalf("two pieces at ten a second took %v", took)
		}
	})

	t.Run("a peer is dialled until it answers, and again when it hangs up", func(t *testing.T) {
		t.Parallel()
		s := newSeeder(t)
		listener, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = listener.Close() })
		s.DialPeer(listener.Addr().String())
		for range 2 {
			conn, err := listener.Accept()
			if err != nil {
				t.Fatal(err)
			}
			l := greet(t, conn, s.InfoHash())
			l.hear(1)
			if s.Peers() != 1 {
				t.Fatalf("%d peers", s.Peers())
			}
			_ = conn.Close()
			wait.Until(t, 10*time.Second, "the peer to be forgotten", func() bool { return s.Peers() == 0 })
		}
	})
}
