package aria2

import (
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/clarion-app/download-manager/internal/testkit/wait"
)

// freePort picks a port that is free now, below the range from which the kernel takes ports for outgoing connections: a
// daemon that is restarted finds it free again.
func freePort(t testing.TB) int {
	t.Helper()
	for range 100 {
		offset, _ := rand.Int(rand.Reader, big.NewInt(12000)) // never fails
		port := 20000 + int(offset.Int64())
		listener, err := net.Listen("tcp", net.JoinHostPort(loopback, strconv.Itoa(port)))
		if err != nil {
			continue
		}
		if err := listener.Close(); err != nil {
			t.Fatal(err)
		}
		return port
	}
	t.Fatal("no free port found")
	return 0
}

// claimPeerPort makes the daemon listen for peers, which it does from its first download on: until then somebody else may
// take the port, and all downloads would fail. It reports whether that has happened.
func (d *Daemon) claimPeerPort() bool {
	d.t.Helper()
	var infoHash [20]byte
	_, _ = rand.Read(infoHash[:]) // never fails
	nobodys := hex.EncodeToString(infoHash[:])
	d.RPC(d.t, "aria2.addUri", []string{"magnet:?xt=urn:btih:" + nobodys}, map[string]string{"dir": d.home})
	listens := false
	wait.Until(d.t, ready, "aria2c to listen for peers", func() bool {
		if listens = d.listens(); listens {
			return true
		}
		return slices.ContainsFunc(d.Downloads(d.t), func(download Download) bool {
			return download.InfoHash == nobodys && download.Status == "error"
		})
	})
	d.RemoveByHand(d.t, nobodys)
	return listens
}

// listens reports whether it is this daemon that has the peer port: by the kernel's list of sockets (proc(5),
// /proc/net/tcp) and the program's open files.
func (d *Daemon) listens() bool {
	sockets, err := os.ReadFile("/proc/net/tcp")
	if err != nil {
		d.t.Fatal(err)
	}
	files, err := filepath.Glob(fmt.Sprintf("/proc/%d/fd/*", d.process.PID()))
	if err != nil {
		d.t.Fatal(err)
	}
	// Address and port as the kernel writes them: 127.0.0.1:6881 is 0100007F:1AE1; 0A is a socket that listens.
	local := fmt.Sprintf("0100007F:%04X", d.peerPort)
	for line := range strings.Lines(string(sockets)) {
		fields := strings.Fields(line)
		if len(fields) < 10 || fields[1] != local || fields[3] != "0A" {
			continue
		}
		if slices.ContainsFunc(files, func(file string) bool {
			link, err := os.Readlink(file)
			return err == nil && link == "socket:["+fields[9]+"]"
		}) {
			return true
		}
	}
	return false
}
