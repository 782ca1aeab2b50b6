package rtorrent_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"strconv"
	"strings"
	"testing"

	"github.com/clarion-app/download-manager/domain"
	"github.com/clarion-app/download-manager/ports"
)

// numbered returns the infohash of the i-th torrent of every fake.
func numbered(t testing.TB, i int) domain.InfoHash {
	t.Helper()
	hash, err := domain.ParseInfoHash(fmt.Sprintf("%040x", i+1))
	if err != nil {
		t.Fatal(err)
	}
	return hash
}

// answerer answers a request that has been read, until the other side has gone.
type answerer func(ctx context.Context, conn io.Writer)

// fake listens as a daemon does and answers as a test wants it. It returns the
// address.
func fake(t testing.TB, answer answerer) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go serve(conn, answer)
		}
	}()
	return listener.Addr().String()
}

func serve(conn net.Conn, answer answerer) {
	defer func() { _ = conn.Close() }()
	reader := bufio.NewReader(conn)
	if readRequest(reader) != nil {
		return
	}
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	go func() {
		_, _ = io.Copy(io.Discard, reader) // until it has gone
		cancel()
	}()
	answer(ctx, conn)
}

func readRequest(reader *bufio.Reader) error {
	length, err := reader.ReadString(':')
	if err != nil {
		return err
	}
	n, err := strconv.Atoi(strings.TrimSuffix(length, ":"))
	if err != nil {
		return err
	}
	headers := make([]byte, n+1)
	if _, err := io.ReadFull(reader, headers); err != nil {
		return err
	}
	parts := strings.Split(string(headers), "\x00")
	n, err = strconv.Atoi(parts[1])
	if err != nil {
		return err
	}
	_, err = io.CopyN(io.Discard, reader, int64(n))
	return err
}

// calls are all the calls that reach the daemon.
func calls(t *testing.T, client ports.OpenClient) map[string]func(ctx context.Context) error {
	t.Helper()
	magnet, err := domain.ParseMagnet("magnet:?xt=urn:btih:" + numbered(t, 1).String())
	if err != nil {
		t.Fatal(err)
	}
	many := make([]domain.InfoHash, 10)
	for i := range many {
		many[i] = numbered(t, i)
	}
	return map[string]func(ctx context.Context) error{
		"Probe":     func(ctx context.Context) error { _, err := client.Probe(ctx); return err },
		"Transfers": func(ctx context.Context) error { _, err := client.Transfers(ctx, many); return err },
		"Add": func(ctx context.Context) error {
			_, err := client.Add(ctx, domain.Handover{Magnet: magnet})
			return err
		},
		"Remove": func(ctx context.Context) error { return client.Remove(ctx, many, true) },
		"Pause":  func(ctx context.Context) error { return client.Pause(ctx, many) },
		"Configure": func(ctx context.Context) error {
			return client.Configure(ctx, many[0], domain.TransferSettings{Unwanted: &[]int{0}})
		},
		"Files":    func(ctx context.Context) error { _, err := client.Files(ctx, many[0]); return err },
		"Trackers": func(ctx context.Context) error { _, err := client.Trackers(ctx, many[0]); return err },
		"Peers":    func(ctx context.Context) error { _, err := client.Peers(ctx, many[0]); return err },
		"List":     func(ctx context.Context) error { _, err := client.List(ctx); return err },
	}
}
