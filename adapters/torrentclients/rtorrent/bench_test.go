package rtorrent_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/clarion-app/download-manager/domain"
	testdaemon "github.com/clarion-app/download-manager/internal/testkit/rtorrent"
	"github.com/clarion-app/download-manager/internal/testkit/wait"
)

const many = 5_000

// BenchmarkTransfers compares a check of 5,000 torrents with the bare requests that
// list them, on real daemons: "plain" asks for each field as a value of its own, as
// everybody else does, "bare" for what the check asks for, "check" is the check.
func BenchmarkTransfers(b *testing.B) {
	for _, version := range testdaemon.Versions() {
		b.Run(string(version), func(b *testing.B) {
			daemon := testdaemon.Start(b, version)
			hashes := make([]domain.InfoHash, many)
			for i := range hashes {
				handover := newTorrent(fmt.Sprintf("Some.Torrent.Name.2024.1080p.%d", i), []string{"a"}, 20_000).handover(b)
				hashes[i] = handover.InfoHash()
				daemon.Call(b, "load.raw", "", handover.Metainfo)
			}
			wait.Until(b, time.Minute, "all torrents", func() bool { return daemon.Call(b, "view.size", "", "main") == fmt.Sprint(many) })
			fields := []string{
				"d.hash", "d.is_meta", "d.state", "d.is_active", "d.is_open", "d.hashing", "d.hashing_failed", "d.complete",
				"d.size_bytes", "d.left_bytes", "d.chunk_size", "d.size_chunks", "d.completed_chunks", "d.wanted_chunks",
				"d.timestamp.finished", "d.down.rate", "d.up.rate", "d.up.total", "d.ratio", "d.peers_connected", "d.throttle_name",
			}
			bare := bareList("cat=$"+strings.Join(fields, "=,:,$")+"=", "d.name=", "d.message=")
			plain := bareList(strings.Split(strings.Join(fields, "= ")+"= d.name= d.message=", " ")...)
			b.Run("plain", func(b *testing.B) { askBare(b, daemon.Address(), plain) })
			b.Run("bare", func(b *testing.B) { askBare(b, daemon.Address(), bare) })
			b.Run("check", func(b *testing.B) {
				client := open(b, daemon.URL(), domain.Credentials{})
				for b.Loop() {
					report, err := client.Transfers(b.Context(), hashes)
					if err != nil || len(report.Transfers) != many {
						b.Fatalf("%d transfers, error %v", len(report.Transfers), err)
					}
				}
			})
			b.Run("list", func(b *testing.B) {
				client := open(b, daemon.URL(), domain.Credentials{})
				for b.Loop() {
					if all, err := client.List(b.Context()); err != nil || len(all) != many {
						b.Fatalf("%d transfers, error %v", len(all), err)
					}
				}
			})
		})
	}
}

// bareList is the request for a list, with its header.
func bareList(fields ...string) []byte {
	var body strings.Builder
	body.WriteString("<methodCall><methodName>d.multicall2</methodName><params>")
	for _, field := range append([]string{"", "main"}, fields...) {
		body.WriteString("<param><value><string>" + field + "</string></value></param>")
	}
	body.WriteString("</params></methodCall>")
	headers := fmt.Sprintf("CONTENT_LENGTH\x00%d\x00SCGI\x001\x00", body.Len())
	return fmt.Appendf(nil, "%d:%s,%s", len(headers), headers, body.String())
}

// askBare is the least that a client can do.
func askBare(b *testing.B, address string, request []byte) {
	b.Helper()
	for b.Loop() {
		conn, err := (&net.Dialer{}).DialContext(context.Background(), "tcp", address)
		if err != nil {
			b.Fatal(err)
		}
		if _, err := conn.Write(request); err != nil {
			b.Fatal(err)
		}
		answer, err := io.ReadAll(conn)
		if err != nil || !bytes.HasSuffix(bytes.TrimSpace(answer), []byte("</methodResponse>")) {
			b.Fatalf("%d bytes, error %v", len(answer), err)
		}
		_ = conn.Close()
	}
}
