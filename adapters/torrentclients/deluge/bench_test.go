package deluge

import (
	"crypto/sha1"
	"crypto/tls"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/clarion-app/download-manager/domain"
	testdaemon "github.com/clarion-app/download-manager/internal/testkit/deluge"
	"github.com/clarion-app/download-manager/internal/testkit/faultproxy"
	"github.com/clarion-app/download-manager/internal/testkit/figure"
	"github.com/clarion-app/download-manager/internal/testkit/wait"
)

const many = 5_000

// BenchmarkTransfers compares a check of 5,000 torrents with the bare request for the
// same list, read to its end and not even inflated, on real daemons: "full" is a check,
// and "list" everything that the daemon holds, for adoption.
func BenchmarkTransfers(b *testing.B) {
	for _, version := range testdaemon.Versions() {
		b.Run(string(version), func(b *testing.B) {
			daemon := testdaemon.Start(b, version)
			proxy := faultproxy.NewTLS(b, daemon.Address())
			user, password := daemon.Account()
			reach := func(address string) *Client {
				client, err := New(WithTimeout(time.Minute)).Open(domain.Server{
					Address: address, Credentials: domain.Credentials{Username: user, Password: password},
				})
				if err != nil {
					b.Fatal(err)
				}
				b.Cleanup(func() { _ = client.Close() })
				return client
			}
			client, counted := reach(daemon.Address()), reach(proxy.Address())
			hashes := fill(b, daemon)
			conn := dialBare(b, daemon)
			ask := func(keys []string) func() {
				question := call{method: "core.get_torrents_status", arguments: []any{map[string]any{}, keys}}
				return func() { exchangeBare(b, conn, question) }
			}
			b.Run("full", func(b *testing.B) {
				check := func(client *Client) func() {
					return func() {
						report, err := client.Transfers(b.Context(), hashes)
						if err != nil || len(report.Transfers) != many {
							b.Fatalf("%d transfers, error %v", len(report.Transfers), err)
						}
					}
				}
				figure.Requests(b, proxy, check(counted))
				figure.Compare(b, ask(statusKeys), check(client))
			})
			b.Run("list", func(b *testing.B) {
				list := func(client *Client) func() {
					return func() {
						if list, err := client.List(b.Context()); err != nil || len(list) != many {
							b.Fatalf("%d transfers, error %v", len(list), err)
						}
					}
				}
				figure.Requests(b, proxy, list(counted))
				figure.Compare(b, ask(listKeys), list(client))
			})
		})
	}
}

// fill adds small .torrent files, paused.
func fill(b *testing.B, daemon *testdaemon.Daemon) []domain.InfoHash {
	b.Helper()
	hashes := make([]domain.InfoHash, many)
	conn := dialBare(b, daemon)
	var batch []call
	for i := range hashes {
		name := fmt.Sprintf("Some.Torrent.Name.2024.1080p.%05d.bin", i)
		info := fmt.Sprintf("d6:lengthi1e4:name%d:%s12:piece lengthi16384e6:pieces20:%se", len(name), name, name[:20])
		sum := sha1.Sum([]byte(info))
		hash, err := domain.ParseInfoHash(hex.EncodeToString(sum[:]))
		if err != nil {
			b.Fatal(err)
		}
		hashes[i] = hash
		file := base64.StdEncoding.EncodeToString([]byte("d4:info" + info + "e"))
		// The last argument is whether to write down what there is, which takes long.
		batch = append(batch, call{method: "core.add_torrent_file_async", arguments: []any{name, file, map[string]any{"add_paused": true}, i == many-1}})
		if len(batch) == 250 || i == many-1 {
			exchangeBare(b, conn, batch...)
			batch = nil
		}
	}
	wait.Until(b, time.Minute, "all torrents", func() bool {
		ids, _ := daemon.RPC(b, "core.get_session_state").([]any)
		return len(ids) == many
	})
	return hashes
}

// dialBare makes a connection that is logged in.
func dialBare(b *testing.B, daemon *testdaemon.Daemon) *tls.Conn {
	b.Helper()
	conn, err := tls.Dial("tcp", daemon.Address(), &tls.Config{InsecureSkipVerify: true})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = conn.Close() })
	user, password := daemon.Account()
	exchangeBare(b, conn, call{
		method: "daemon.login", arguments: []any{user, password}, keywords: map[string]any{"client_version": clientVersion},
	})
	return conn
}

// exchangeBare sends calls and reads the bytes of their answers.
func exchangeBare(b *testing.B, conn *tls.Conn, calls ...call) {
	b.Helper()
	if _, err := conn.Write(pack(1, calls)); err != nil {
		b.Fatal(err)
	}
	for range calls {
		header := make([]byte, 5)
		if _, err := io.ReadFull(conn, header); err != nil {
			b.Fatal(err)
		}
		length := int(binary.BigEndian.Uint32(header[1:]))
		if n, err := figure.Drain(io.LimitReader(conn, int64(length))); err != nil || n < int64(length) {
			b.Fatalf("%d of %d bytes: %v", n, length, err)
		}
	}
}

// BenchmarkDecode reads an answer of 5,000 torrents that is inflated already.
func BenchmarkDecode(b *testing.B) {
	torrents := map[string]any{}
	for i := range many {
		torrents[fmt.Sprintf("%040x", i)] = with(status("Seeding", 1<<30, 0, true), "name", strings.Repeat("n", 40), "completed_time", 1700000000+i)
	}
	data := encode(nil, torrents)
	b.SetBytes(int64(len(data)))
	for b.Loop() {
		r := reader{data: data}
		n := 0
		if err := readTorrents(&r, func(_ []byte, t *torrent) { _ = t.transfer(); n++ }); err != nil || n != many {
			b.Fatal(n, err)
		}
	}
}
