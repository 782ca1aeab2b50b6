package rtorrent_test

import (
	"bytes"
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
			b.Cleanup(daemon.Kill) // it has nothing to save
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
			client := open(b, daemon.URL(), domain.Credentials{})
			check := func() {
				report, err := client.Transfers(b.Context(), hashes)
				if err != nil || len(report.Transfers) != many {
					b.Fatalf("%d transfers, error %v", len(report.Transfers), err)
				}
			}
			list := func() {
				if all, err := client.List(b.Context()); err != nil || len(all) != many {
					b.Fatalf("%d transfers, error %v", len(all), err)
				}
			}
			b.Run("side by side", func(b *testing.B) {
				// The least of each counts, since the machine does other things, too.
				least := map[string]time.Duration{}
				measure := func(what string, do func()) {
					begun := time.Now()
					do()
					if took := time.Since(begun); least[what] == 0 || took < least[what] {
						least[what] = took
					}
				}
				for b.Loop() {
					measure("bare", func() { askBare(b, daemon.Address(), bare) })
					measure("check", check)
					measure("plain", func() { askBare(b, daemon.Address(), plain) })
					measure("list", list)
				}
				for what, took := range least {
					b.ReportMetric(float64(took.Microseconds())/1000, what+"-ms")
				}
				b.ReportMetric(float64(least["check"])/float64(least["bare"]), "check/bare")
				b.ReportMetric(float64(least["check"])/float64(least["plain"]), "check/plain")
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
	conn, err := (&net.Dialer{}).DialContext(b.Context(), "tcp", address)
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	if _, err := conn.Write(request); err != nil {
		b.Fatal(err)
	}
	answer, err := io.ReadAll(conn)
	if err != nil || !bytes.HasSuffix(bytes.TrimSpace(answer), []byte("</methodResponse>")) {
		b.Fatalf("%d bytes, error %v", len(answer), err)
	}
}
