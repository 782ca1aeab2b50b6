package deluge

import (
	"bufio"
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"strings"
	"testing"

	"github.com/clarion-app/download-manager/domain"
)

// framed is what is in front of a content.
func framed(content []byte) []byte {
	return binary.BigEndian.AppendUint32([]byte{protocolVersion}, uint32(len(content)))
}

// packed is a message as daemons send it.
func packed(value any) []byte { return packedBytes(encode(nil, value)) }

func packedBytes(plain []byte) []byte {
	var content bytes.Buffer
	deflate := zlib.NewWriter(&content)
	_, _ = deflate.Write(plain)
	_ = deflate.Close()
	return append(framed(content.Bytes()), content.Bytes()...)
}

func TestUnpack(t *testing.T) {
	t.Parallel()
	good := packed([]any{1, 2, "text"})
	from := bufio.NewReader(bytes.NewReader(append(append([]byte{}, good...), good...)))
	for range 2 {
		message, err := unpack(from, 1000)
		if err != nil {
			t.Fatal(err)
		}
		id, a, mine, err := open(message)
		if err != nil || !mine || id != 2 {
			t.Fatalf("number %d, mine %t, error %v", id, mine, err)
		}
		if err := a.read(func(r *reader) error { text, err := r.string(); _ = text; return err }); err != nil {
			t.Fatal(err)
		}
	}
	for name, message := range map[string][]byte{
		"another version":       append([]byte{2}, good[1:]...),
		"a length beyond limit": append([]byte{1, 0xff, 0xff, 0xff, 0xff}, good[5:]...),
		"no zlib":               append(framed(make([]byte, 10)), make([]byte, 10)...),
		"a bomb":                packedBytes(make([]byte, 10_000)),
		"a changed checksum":    append(append([]byte{}, good[:len(good)-1]...), good[len(good)-1]^1),
	} {
		_, err := unpack(bufio.NewReader(bytes.NewReader(message)), 1000)
		if domain.KindOf(err) != domain.KindUnavailable || err == nil {
			t.Errorf("%s: error %v; want one of kind %s", name, err, domain.KindUnavailable)
		}
	}
	for cut := range good {
		if _, err := unpack(bufio.NewReader(bytes.NewReader(good[:cut])), 1000); err == nil {
			t.Errorf("a message cut to %d bytes is fine", cut)
		}
	}
}

func TestRefusals(t *testing.T) {
	t.Parallel()
	for name, is := range map[string]struct {
		message    []any
		kind, says string
	}{
		"of deluge":       {[]any{2, 1, "AddTorrentError", []any{"no such thing"}, map[string]any{}, "Traceback"}, "AddTorrentError", "no such thing"},
		"of its python":   {[]any{2, 1, "WrappedException", []any{"'abc'", "KeyError", "Traceback"}, map[string]any{}, ""}, "KeyError", "'abc'"},
		"without text":    {[]any{2, 1, "DelugeError", []any{}, map[string]any{}, ""}, "DelugeError", "DelugeError"},
		"with numbers":    {[]any{2, 1, "NotAuthorizedError", []any{1, 5}, map[string]any{}, nil}, "NotAuthorizedError", "NotAuthorizedError"},
		"with long texts": {[]any{2, 1, "DelugeError", []any{strings.Repeat("x\n", 1000)}, map[string]any{}, ""}, "DelugeError", strings.Repeat("x", 300) + "…"},
	} {
		_, a, mine, err := open(encode(nil, is.message))
		if err != nil || !mine {
			t.Errorf("%s: mine %t, error %v", name, mine, err)
			continue
		}
		err = a.read((*reader).skip)
		if !refused(err, is.kind) || domain.MessageOf(unavailable(err)) != "deluge says: "+is.says {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// FuzzMessage reads whatever a daemon may say.
func FuzzMessage(f *testing.F) {
	f.Add(encode(nil, []any{1, 1, map[string]any{strings.Repeat("a", 40): status("Seeding", 10, 0, true)}}))
	f.Add(encode(nil, []any{2, 1, "WrappedException", []any{"x", "KeyError", "y"}, map[string]any{}, "z"}))
	f.Add(encode(nil, []any{3, "TorrentAddedEvent", []any{"x", true}}))
	f.Fuzz(func(t *testing.T, data []byte) {
		_, a, mine, err := open(data)
		if err != nil || !mine {
			return
		}
		_ = a.read(func(r *reader) error {
			return readTorrents(r, func(_ []byte, torrent *torrent) {
				transfer := torrent.transfer()
				if transfer.BytesLeft < 0 || transfer.BytesLeft > transfer.BytesWanted || transfer.Peers < 0 {
					t.Fatalf("%+v", transfer)
				}
			})
		})
		_ = a.read(func(r *reader) error { _, err := readFiles(r); return err })
		_ = a.read(func(r *reader) error { _, err := readTrackers(r); return err })
	})
}
