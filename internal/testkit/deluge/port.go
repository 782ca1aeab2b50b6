package deluge

import (
	"math/rand/v2"
	"net"
	"os"
	"strconv"
	"testing"
	"time"

	"github.com/clarion-app/download-manager/internal/testkit/wait"
)

// port is one that a daemon listens at, in this network. It is open from the beginning until a relay has it, so that nobody
// else takes it in between.
type port struct {
	number int
	file   *os.File // nil while somebody else has it, or nobody
}

// newPort picks a port that is free, below the range from which the kernel takes ports for outgoing connections: a daemon
// that is restarted finds it free again.
func newPort(t testing.TB) *port {
	t.Helper()
	for range 100 {
		p := &port{number: 20000 + rand.IntN(12000)}
		if p.listen() == nil {
			t.Cleanup(p.close)
			return p
		}
	}
	t.Fatal("no free port found")
	return nil
}

// listen opens the port as a file that another process can be given.
func (p *port) listen() error {
	listener, err := net.ListenTCP("tcp", &net.TCPAddr{IP: net.ParseIP(loopback), Port: p.number})
	if err != nil {
		return err
	}
	defer func() { _ = listener.Close() }() // the file is another handle of it
	p.file, err = listener.File()
	return err
}

// open opens it again if need be; somebody who looks for free ports may have it for a moment.
func (p *port) open(t testing.TB) *os.File {
	t.Helper()
	if p.file == nil {
		wait.Until(t, 10*time.Second, "port "+strconv.Itoa(p.number)+" to be free", func() bool { return p.listen() == nil })
	}
	return p.file
}

func (p *port) close() {
	if p.file != nil {
		_ = p.file.Close()
		p.file = nil
	}
}

func (p *port) address() string { return net.JoinHostPort(loopback, strconv.Itoa(p.number)) }
