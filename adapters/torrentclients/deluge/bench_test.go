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
	"github.com/clarion-app/download-manager/internal/testkit/wait"
)

const many = 5_000

// BenchmarkTransfers compares a check of 5,000 torrents with the bare request that
// lists them, on real daemons: "bare" is the request alone, its answer not even
// inflated, "bare diff" the same for what has changed, "full" is a check, "few" one of
// 5 of them, and "list" is everything that the daemon holds, for adoption.
func BenchmarkTransfers(b *testing.B) {
	for _, version := range testdaemon.Versions() {
		b.Run(string(version), func(b *testing.B) {
			daemon := testdaemon.Start(b, version)
			user, password := daemon.Account()
			client, err := New(WithTimeout(time.Minute)).Open(domain.Server{
				Address: daemon.Address(), Credentials: domain.Credentials{Username: user, Password: password},
			})
			if err != nil {
				b.Fatal(err)
			}
			b.Cleanup(func() { _ = client.Close() })
			hashes := fill(b, daemon)
			check := func(b *testing.B, hashes []domain.InfoHash) {
				b.Helper()
				report, err := client.Transfers(b.Context(), hashes)
				if err != nil || len(report.Transfers) != len(hashes) {
					b.Fatalf("%d transfers, error %v", len(report.Transfers), err)
				}
			}
			status := call{method: "core.get_torrents_status", arguments: []any{map[string]any{}, statusKeys}}
			diff := call{method: status.method, arguments: append(status.arguments, true)}
			for _, bare := range []struct {
				name string
				call call
			}{{"bare", status}, {"bare diff", diff}} {
				b.Run(bare.name, func(b *testing.B) {
					conn := dialBare(b, daemon)
					exchangeBare(b, conn, bare.call)
					bytes := 0
					for b.Loop() {
						bytes = exchangeBare(b, conn, bare.call)
					}
					b.ReportMetric(float64(bytes), "answer-B")
				})
			}
			b.Run("full", func(b *testing.B) {
				check(b, hashes)
				for b.Loop() {
					check(b, hashes)
				}
			})
			b.Run("few", func(b *testing.B) {
				for b.Loop() {
					check(b, hashes[:5])
				}
			})
			b.Run("list", func(b *testing.B) {
				for b.Loop() {
					if list, err := client.List(b.Context()); err != nil || len(list) != many {
						b.Fatalf("%d transfers, error %v", len(list), err)
					}
				}
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

// exchangeBare sends calls and reads the bytes of their answers, which it counts.
func exchangeBare(b *testing.B, conn *tls.Conn, calls ...call) (count int) {
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
		if n, err := io.CopyN(io.Discard, conn, int64(length)); err != nil {
			b.Fatalf("%d of %d bytes: %v", n, length, err)
		}
		count += length
	}
	return count
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
