package rtorrent_test

import (
	"context"
	"fmt"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/clarion-app/download-manager/domain"
	"github.com/clarion-app/download-manager/internal/testkit/faultproxy"
	"github.com/clarion-app/download-manager/internal/testkit/figure"
	testdaemon "github.com/clarion-app/download-manager/internal/testkit/rtorrent"
	"github.com/clarion-app/download-manager/internal/testkit/wait"
	"github.com/clarion-app/download-manager/ports"
)

const many = 5_000

// BenchmarkTransfers compares a check of 5,000 torrents with the bare request for the
// same list, read to its end and thrown away, on real daemons: "full" is a check,
// "plain" the same beside a request for each field as a value of its own, as
// everybody else asks, and "list" everything that the daemon holds, for adoption.
func BenchmarkTransfers(b *testing.B) {
	for _, version := range testdaemon.Versions() {
		b.Run(string(version), func(b *testing.B) {
			daemon := testdaemon.Start(b, version)
			b.Cleanup(daemon.Kill) // it has nothing to save
			proxy := faultproxy.New(b, "tcp", daemon.Address())
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
			texts := []string{"d.name=", "d.message="}
			row := "cat=$" + strings.Join(fields, "=,:,$") + "="
			ask := func(fields ...string) func() {
				request := bareList(fields...)
				return func() { askBare(b, daemon.Address(), request) }
			}
			client, counted := open(b, daemon.URL(), domain.Credentials{}), open(b, "scgi://"+proxy.Address(), domain.Credentials{})
			check := func(client ports.OpenClient) func() {
				return func() {
					report, err := client.Transfers(b.Context(), hashes)
					if err != nil || len(report.Transfers) != many {
						b.Fatalf("%d transfers, error %v", len(report.Transfers), err)
					}
				}
			}
			b.Run("full", func(b *testing.B) {
				figure.Requests(b, proxy, check(counted))
				figure.Compare(b, ask(append([]string{row}, texts...)...), check(client))
			})
			b.Run("plain", func(b *testing.B) {
				figure.Compare(b, ask(append(strings.Split(strings.Join(fields, "= ")+"=", " "), texts...)...), check(client))
			})
			b.Run("list", func(b *testing.B) {
				list := func(client ports.OpenClient) func() {
					return func() {
						if all, err := client.List(b.Context()); err != nil || len(all) != many {
							b.Fatalf("%d transfers, error %v", len(all), err)
						}
					}
				}
				figure.Requests(b, proxy, list(counted))
				more := []string{
					"d.custom1=", "d.directory=", "d.is_multi_file=", "d.custom=addtime", "d.timestamp.started=", "t.multicall=,t.url=,t.type=",
				}
				figure.Compare(b, ask(append(append([]string{row}, texts...), more...)...), list(client))
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
	conn, err := (&net.Dialer{}).DialContext(context.Background(), "tcp", address)
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	if _, err := conn.Write(request); err != nil {
		b.Fatal(err)
	}
	if size, err := figure.Drain(conn); err != nil || size < many {
		b.Fatalf("%d bytes, error %v", size, err)
	}
}
