package embedded_test

import (
	"bytes"
	"net"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/anacrolix/torrent/bencode"
	"github.com/anacrolix/torrent/merkle"

	"github.com/clarion-app/download-manager/adapters/torrentclients/embedded"
	"github.com/clarion-app/download-manager/internal/testkit/seeder"
	"github.com/clarion-app/download-manager/ports"
)

// localPeer is where the engine of a client listens.
func localPeer(client ports.TorrentClient) string {
	return net.JoinHostPort("127.0.0.1", strconv.Itoa(embedded.PeerPortOf(client)))
}

// listenAgain is a source at an address that is free now.
func listenAgain(t testing.TB, torrent made, address string) *source {
	t.Helper()
	listener, err := net.Listen("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	return serveOn(t, listener, torrent.info, torrent.data, pieceLen)
}

// webServer serves content under any path.
func webServer(t testing.TB, content []byte) string {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(content))
	}))
	t.Cleanup(server.Close)
	return server.URL
}

// hybrid makes a torrent of a folder with both descriptions; its files are in
// order and none is empty.
func hybrid(name string, seed int64, entries ...entry) made {
	var data []byte
	var files []any
	tree := map[string]any{}
	for i, e := range entries {
		part := seeder.Payload(seed+int64(i), e.size)
		data = append(data, part...)
		files = append(files, map[string]any{"length": e.size, "path": strings.Split(e.path, "/")})
		root := merkle.NewHash()
		_, _ = root.Write(part) // never fails
		plant(tree, strings.Split(e.path, "/"), map[string]any{"length": e.size, "pieces root": string(root.Sum(nil))})
		if pad := (pieceLen - e.size%pieceLen) % pieceLen; pad > 0 && i < len(entries)-1 {
			data = append(data, make([]byte, pad)...)
			files = append(files, map[string]any{"length": pad, "path": []string{".pad", strconv.Itoa(pad)}, "attr": "p"})
		}
	}
	return made{data: data, info: bencode.MustMarshal(map[string]any{
		"name": name, "files": files, "piece length": pieceLen, "pieces": hashes(data), "meta version": 2, "file tree": tree,
	})}
}

func plant(tree map[string]any, parts []string, leaf any) {
	if len(parts) == 0 {
		tree[""] = leaf
		return
	}
	branch, ok := tree[parts[0]].(map[string]any)
	if !ok {
		branch = map[string]any{}
		tree[parts[0]] = branch
	}
	plant(branch, parts[1:], leaf)
}
