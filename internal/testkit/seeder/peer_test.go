package seeder_test

import (
	"encoding/binary"
	"encoding/hex"
	"errors"
	"io"
	"net"
	"os"
	"testing"
	"time"
)

// leech is the other side of the wire, written without the seeder's own code.
type leech struct {
	t    *testing.T
	conn net.Conn
}

// connect shakes hands and says that metadata is wanted under id 7.
func connect(t *testing.T, address, infoHash string) *leech {
	t.Helper()
	conn, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	return greet(t, conn, infoHash)
}

func greet(t *testing.T, conn net.Conn, infoHash string) *leech {
	t.Helper()
	t.Cleanup(func() { _ = conn.Close() })
	l := &leech{t: t, conn: conn}
	hash, err := hex.DecodeString(infoHash)
	if err != nil {
		t.Fatal(err)
	}
	l.write([]byte("\x13BitTorrent protocol\x00\x00\x00\x00\x00\x10\x00\x00" + string(hash) + "-XX0000-abcdefghijkl"))
	if theirs := l.read(68); string(theirs[28:48]) != string(hash) {
		t.Fatalf("greeted with %q", theirs)
	}
	l.say(20, "\x00d1:md11:ut_metadatai7eee")
	return l
}

func (l *leech) write(text []byte) {
	l.t.Helper()
	if _, err := l.conn.Write(text); err != nil {
		l.t.Fatal(err)
	}
}

func (l *leech) read(n int) []byte {
	l.t.Helper()
	_ = l.conn.SetReadDeadline(time.Now().Add(20 * time.Second))
	text := make([]byte, n)
	if _, err := io.ReadFull(l.conn, text); err != nil {
		l.t.Fatal(err)
	}
	return text
}

func (l *leech) say(id byte, payload string) {
	l.t.Helper()
	message := binary.BigEndian.AppendUint32(nil, uint32(1+len(payload)))
	l.write(append(append(message, id), payload...))
}

// hear returns the payload of the next message with that id, passing over others.
func (l *leech) hear(id byte) string {
	l.t.Helper()
	for {
		length := binary.BigEndian.Uint32(l.read(4))
		if message := l.read(int(length)); message[0] == id {
			return string(message[1:])
		}
	}
}

// silent reports whether nothing arrives for a while.
func (l *leech) silent(while time.Duration) bool {
	l.t.Helper()
	_ = l.conn.SetReadDeadline(time.Now().Add(while))
	_, err := l.conn.Read(make([]byte, 1))
	return errors.Is(err, os.ErrDeadlineExceeded)
}

func (l *leech) ask(piece, begin, length uint32) {
	l.t.Helper()
	l.say(6, block(piece, begin, length))
}

func block(numbers ...uint32) string {
	var text []byte
	for _, n := range numbers {
		text = binary.BigEndian.AppendUint32(text, n)
	}
	return string(text)
}
