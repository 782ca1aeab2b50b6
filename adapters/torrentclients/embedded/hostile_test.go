package embedded_test

import (
	"bytes"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"maps"
	"math"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/anacrolix/torrent/bencode"

	"github.com/clarion-app/download-manager/adapters/torrentclients/embedded"
	"github.com/clarion-app/download-manager/domain"
)

// plain is an info dictionary that is fine, with changes.
func plain(changes map[string]any) []byte {
	info := map[string]any{"name": "n", "piece length": pieceLen, "pieces": hashes(make([]byte, 10)), "length": 10}
	maps.Copy(info, changes)
	for key, value := range info {
		if value == nil {
			delete(info, key)
		}
	}
	return bencode.MustMarshal(info)
}

// filesAt is one with these paths.
func filesAt(paths ...[]string) []byte {
	var files []any
	for _, path := range paths {
		files = append(files, map[string]any{"length": 5, "path": path})
	}
	return plain(map[string]any{"length": nil, "files": files, "pieces": hashes(make([]byte, 5*len(paths)))})
}

// tree2 is a version 2 tree.
func tree2(file map[string]any) map[string]any {
	return map[string]any{"meta version": 2, "file tree": map[string]any{"n": map[string]any{"": file}}}
}

func hostileInfos() map[string][]byte {
	sum := strings.Repeat("s", 32)
	return map[string][]byte{
		"a path with dots":              filesAt([]string{"..", "..", "escaped"}),
		"a path that goes down and up":  filesAt([]string{"a", "..", "..", "escaped"}),
		"an absolute path":              filesAt([]string{"/", "escaped"}),
		"a slash in a name":             filesAt([]string{"../escaped"}),
		"a backslash in a name":         filesAt([]string{`..\escaped`}),
		"a zero byte in a name":         filesAt([]string{"escaped\x00.txt"}),
		"a single dot":                  filesAt([]string{"."}),
		"an empty name":                 filesAt([]string{""}),
		"an empty path":                 filesAt(nil),
		"a file twice":                  filesAt([]string{"a"}, []string{"a"}),
		"a file twice but for the case": filesAt([]string{"a"}, []string{"A"}),
		"a file that is a folder":       filesAt([]string{"a"}, []string{"a", "b"}),
		"a folder that is a file":       filesAt([]string{"a", "b"}, []string{"a"}),
		"a name with dots":              plain(map[string]any{"name": ".."}),
		"an absolute name":              plain(map[string]any{"name": "/escaped"}),
		"a utf-8 name with dots":        plain(map[string]any{"name.utf-8": "../escaped"}),
		"no piece length":               plain(map[string]any{"piece length": 0}),
		"a negative piece length":       plain(map[string]any{"piece length": -pieceLen}),
		"a huge piece length":           plain(map[string]any{"piece length": int64(math.MaxInt64)}),
		"no pieces":                     plain(map[string]any{"pieces": ""}),
		"pieces cut off":                plain(map[string]any{"pieces": "short"}),
		"too many pieces":               plain(map[string]any{"pieces": strings.Repeat("p", 40)}),
		"a negative length":             plain(map[string]any{"length": -10}),
		"no length":                     plain(map[string]any{"length": 0}),
		"a huge length":                 plain(map[string]any{"length": int64(math.MaxInt64)}),
		"one file and many":             plain(map[string]any{"files": []any{map[string]any{"length": 10, "path": []string{"a"}}}}),
		"lengths that cancel out": plain(map[string]any{"length": nil, "files": []any{
			map[string]any{"length": int64(math.MaxInt64), "path": []string{"a"}}, map[string]any{"length": int64(math.MinInt64) + 11, "path": []string{"b"}},
		}}),
		"an unknown version":          plain(map[string]any{"meta version": 3}),
		"version 2 without a tree":    plain(map[string]any{"meta version": 2}),
		"version 2, no piece length":  plain(with(tree2(map[string]any{"length": 10, "pieces root": sum}), "piece length", 0)),
		"version 2, a short hash":     plain(tree2(map[string]any{"length": 10, "pieces root": "short"})),
		"version 2, no hash":          plain(tree2(map[string]any{"length": 10})),
		"version 2, another length":   plain(tree2(map[string]any{"length": 11, "pieces root": sum})),
		"version 2, negative length":  plain(tree2(map[string]any{"length": -11, "pieces root": sum})),
		"version 2, no version 1":     plain(with(with(tree2(map[string]any{"length": 10, "pieces root": sum}), "pieces", nil), "length", nil)),
		"version 2, a file as folder": plain(map[string]any{"meta version": 2, "file tree": map[string]any{"n": map[string]any{"": map[string]any{"length": 10, "pieces root": sum}, "m": map[string]any{"": map[string]any{"length": 10, "pieces root": sum}}}}}),
		"version 2, dots":             plain(map[string]any{"meta version": 2, "length": nil, "files": []any{map[string]any{"length": 10, "path": []string{".."}}}, "file tree": map[string]any{"..": map[string]any{"": map[string]any{"length": 10, "pieces root": sum}}}}),
		"nested without end":          []byte("d1:a" + strings.Repeat("l", 1<<20)),
		"nested and closed":           []byte("d4:file" + strings.Repeat("l", 100_000) + strings.Repeat("e", 100_000) + "e"),
		"not bencode":                 []byte("hello"),
		"nothing":                     {},
		"a list":                      []byte("le"),
		"a number":                    []byte("i1e"),
		"types mixed up":              plain(map[string]any{"pieces": []any{1, 2}, "files": "x", "length": "many"}),
	}
}

func with(m map[string]any, key string, value any) map[string]any {
	m[key] = value
	return m
}

func TestReadInfo(t *testing.T) {
	t.Parallel()
	for what, info := range hostileInfos() {
		t.Run("refused: "+what, func(t *testing.T) {
			t.Parallel()
			if err := embedded.ReadInfo(info); !errors.Is(err, embedded.ErrRefused) {
				t.Errorf("got %v", err)
			}
		})
	}
	t.Run("the plain one is taken", func(t *testing.T) {
		t.Parallel()
		if err := embedded.ReadInfo(plain(nil)); err != nil {
			t.Error(err)
		}
	})
}

func FuzzReadInfo(f *testing.F) {
	for _, info := range hostileInfos() {
		f.Add(info)
	}
	f.Add(plain(nil))
	f.Add(hybrid("h", 60, entry{path: "a/b", size: 5}, entry{path: "c", size: pieceLen + 1}).info)
	f.Fuzz(func(_ *testing.T, info []byte) { _ = embedded.ReadInfo(info) })
}

func TestHostileTorrent(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	must(t, os.MkdirAll(filepath.Join(dir, "data"), 0o755))
	client := openWith(t, config(filepath.Join(dir, "data")), "downloads")
	fine := singleFile("fine", 61, 100_000)
	sources := make(map[string]*source)
	for what, info := range hostileInfos() {
		if len(info) == 0 {
			continue // a peer cannot offer that
		}
		sources[what] = newSource(t, info, make([]byte, 100), pieceLen)
		add(t, client, sources[what].magnet())
	}
	for what, source := range sources {
		got := untilFailed(t, client, source.hash())
		if got.Finished() || got.Phase != domain.PhaseStopped || !strings.Contains(got.LocalError, "refused") {
			t.Errorf("%s: %+v", what, got)
		}
	}
	untilFinished(t, client, add(t, client, fine.source(t).magnet()))
	closeClient(t, client)

	client = openWith(t, config(filepath.Join(dir, "data")), "downloads")
	settled(t, client)
	for what, source := range sources {
		if got := untilFailed(t, client, source.hash()); got.Finished() {
			t.Errorf("%s, after a restart: %+v", what, got)
		}
		remove(t, client, true, source.hash())
	}
	if got := tree(t, dir); strings.Join(got, " ") != "data data/downloads data/downloads/fine" {
		t.Errorf("on disk: %q", got)
	}
}

// TestHostilePeer sends what no honest peer sends. What it proves is that the
// process is still there.
func TestHostilePeer(t *testing.T) {
	t.Parallel()
	torrent := singleFile("target", 62, 200_000)
	extended := func(id byte, text string) []byte { return frame(20, []byte{id}, []byte(text)) }
	// The ids that we give our extensions.
	const holepunch, pex, metadata = 1, 2, 3
	hello := func(size string) []byte {
		return extended(0, "d1:md11:ut_metadatai3e6:ut_pexi4ee13:metadata_size"+size+"e")
	}
	number := func(n ...uint32) []byte {
		var all []byte
		for _, one := range n {
			all = append(all, byte(one>>24), byte(one>>16), byte(one>>8), byte(one))
		}
		return all
	}
	messages := map[string][]byte{
		"a negative metadata size":     hello("i-4294967291e"),
		"a metadata size of minus one": hello("i-1e"),
		"a huge metadata size":         hello("i9223372036854775807e"),
		"metadata nobody asked for":    extended(metadata, "d8:msg_typei1e5:piecei0e10:total_sizei5eehello"),
		"a negative metadata piece":    bytes.Join([][]byte{hello("i100e"), extended(metadata, "d8:msg_typei1e5:piecei-1e10:total_sizei100eehello")}, nil),
		"a request for piece minus one": bytes.Join([][]byte{
			hello("i100e"), extended(metadata, "d8:msg_typei0e5:piecei-1ee"),
			extended(metadata, "d8:msg_typei0e5:piecei9223372036854775807ee"),
		}, nil),
		"a metadata piece too long": bytes.Join([][]byte{hello("i5e"), extended(metadata, "d8:msg_typei1e5:piecei0e10:total_sizei5eehello and more")}, nil),
		"a metadata piece too huge": bytes.Join([][]byte{hello("i5e"), extended(metadata, "d8:msg_typei1e5:piecei9223372036854775807e10:total_sizei5eehello")}, nil),
		"wrong metadata":            bytes.Join([][]byte{hello("i5e"), extended(metadata, "d8:msg_typei1e5:piecei0e10:total_sizei5eehello")}, nil),
		"nested metadata":           extended(metadata, strings.Repeat("l", 60_000)),
		"a nested hello":            extended(0, "d1:v"+strings.Repeat("l", 60_000)),
		"an empty extension":        frame(20),
		"a have of everything":      frame(4, number(math.MaxUint32)),
		"a huge bitfield":           frame(5, bytes.Repeat([]byte{255}, 60_000)),
		"a bitfield, then haves":    bytes.Join([][]byte{frame(5, []byte{255}), frame(4, number(7)), frame(4, number(70_000))}, nil),
		"have all and have none":    bytes.Join([][]byte{frame(14), frame(15), frame(14), frame(13, number(9))}, nil),
		"a piece nobody asked for":  frame(7, number(0, 0), make([]byte, 16<<10)),
		"a piece out of range":      frame(7, number(math.MaxUint32, math.MaxUint32), []byte("x")),
		"requests out of range":     bytes.Join([][]byte{frame(2), frame(6, number(math.MaxUint32, 0, 1)), frame(6, number(0, math.MaxUint32, math.MaxUint32))}, nil),
		"rejects and cancels":       bytes.Join([][]byte{frame(16, number(math.MaxUint32, 5, 5)), frame(8, number(math.MaxUint32, 5, 5))}, nil),
		"version 2 hash messages": bytes.Join([][]byte{
			frame(21, make([]byte, 48)), frame(22, bytes.Repeat([]byte{255}, 48+64)),
			frame(23, bytes.Repeat([]byte{255}, 48)),
		}, nil),
		"an unknown message": frame(99, make([]byte, 100)),
		"a length too long":  {0xff, 0xff, 0xff, 0xff, 1},
		"an odd holepunch":   extended(holepunch, "\x00\x07\xff\xff"),
		"an odd peer list":   extended(pex, "d5:added3:abc7:added.f1:x6:added65:12345e"),
	}
	config := config(t.TempDir())
	config.PEX = true
	client := openWith(t, config, "downloads")
	honest := torrent.source(t)
	honest.limit.Store(100_000)
	hash := add(t, client, honest.magnet())
	until(t, client, hash, "the metadata", func(tr domain.Transfer) bool { return tr.MetadataKnown })
	fresh := 0
	for what, message := range messages {
		for _, known := range []bool{true, false} {
			target := hash
			if !known {
				fresh++
				target = add(t, client, parse(t, fmt.Sprintf("magnet:?xt=urn:btih:%040x", fresh))) // one without metadata
			}
			conn, err := net.Dial("tcp", localPeer(client))
			must(t, err)
			raw, err := hex.DecodeString(target.String())
			must(t, err)
			_, _ = conn.Write([]byte("\x13BitTorrent protocol\x00\x00\x00\x00\x00\x10\x00\x04" + string(raw) + "-XX0002-" + fmt.Sprintf("%012d", fresh)))
			_, _ = conn.Write(message)
			// It reads all that came before it hangs up on the end of it.
			_ = conn.(*net.TCPConn).CloseWrite()
			_, _ = io.Copy(io.Discard, conn)
			conn.Close()
			if got := report(t, client, target).Transfers[target]; got.Finished() || got.LocalError != "" {
				t.Errorf("%s: %+v", what, got)
			}
		}
	}
	rest := torrent.source(t)
	add(t, client, rest.magnet())
	untilFinished(t, client, hash)
}
