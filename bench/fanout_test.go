package bench_test

import (
	"bufio"
	"fmt"
	"io"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

const (
	// subscribers follow one subscription each, on a socket of their own.
	subscribers = 5_000
	// toldEvents is how many completions they are told of, one after the other.
	toldEvents = 7
)

// BenchmarkFanOut tells 5,000 websocket subscribers of torrentCompleted, and compares
// with a bare server that writes the same bytes to as many sockets. Memory is that
// of the server when all have been told of several completions.
func BenchmarkFanOut(b *testing.B) {
	file := filepath.Join(b.TempDir(), "downloadmanager.db")
	db := openStore(b, file)
	fillStore(b, db, "localhost:9091", toldEvents)
	_ = db.Close()
	product := fanOut(b, follow, "product", file, adminToken)
	const message = `{"id":"1","type":"next","payload":{"data":{"torrentCompleted":{"cursor":"1",` +
		`"torrentId":"00000000-0000-0000-0000-000000000000","name":"torrent 1","hashString":"0000000000000000000000000000000000000001",` +
		`"completedAt":"2026-01-01T00:00:00.000000Z"}}}}`
	floor := fanOut(b, func(*subscriber) error { return nil }, "floor", message)

	b.ReportMetric(product.kib, "KiB/subscriber")
	b.ReportMetric(floor.kib, "KiB/floor")
	b.ReportMetric(product.goroutines, "goroutines/subscriber")
	b.ReportMetric(float64(product.told.Microseconds())/1000, "ms/last-told")
	b.ReportMetric(float64(floor.told.Microseconds())/1000, "ms/last-told-floor")
	b.ReportMetric(float64(product.told)/float64(floor.told), "last-told/floor")
	b.ReportMetric(float64(product.left), "goroutines-left")
	b.ReportMetric(product.kibLeft, "KiB-left/subscriber")
	b.ReportMetric(0, "ns/op")
}

// follow subscribes to completions.
func follow(s *subscriber) error {
	if err := s.say(`{"type":"connection_init","payload":{"token":"` + adminToken + `"}}`); err != nil {
		return err
	}
	space := make([]byte, 1<<10)
	if answer, err := s.hear(space); err != nil || !strings.Contains(string(answer), "connection_ack") {
		return fmt.Errorf("connection_init was answered with %q, %w", answer, err)
	}
	if err := s.say(`{"id":"1","type":"subscribe","payload":{"query":"subscription { torrentCompleted(after: 0) { cursor torrentId name hashString completedAt } }"}}`); err != nil {
		return err
	}
	if err := s.say(`{"type":"ping"}`); err != nil { // messages are taken in order
		return err
	}
	_, err := s.hear(space)
	return err
}

// fannedOut is what many subscribers cost their server.
type fannedOut struct {
	kib, goroutines float64       // of each
	told            time.Duration // from the commit until the last has read it
	left            int           // goroutines when all have gone
	kibLeft         float64       // of each, then
}

func fanOut(b *testing.B, greet func(*subscriber) error, args ...string) fannedOut {
	b.Helper()
	server := startFanOut(b, args...)
	defer server.stop()
	bytesBefore, goroutinesBefore := server.cost()
	crowd := gather(b, server.address, subscribers, greet)
	_, goroutines := server.cost()
	var took []time.Duration
	for range toldEvents {
		var at int64
		server.ask("tell", &at)
		took = append(took, crowd.last(b).Sub(time.Unix(0, at)))
	}
	bytes, _ := server.cost()
	crowd.leave()
	left, bytesAfter := 0, int64(0)
	until(b, time.Minute, func() bool {
		if len(args) == 2 {
			server.ask("tell", new(int64)) // the floor does not read, and so does not see them go
		}
		var now int
		bytesAfter, now = server.cost()
		left = now - goroutinesBefore
		return left <= 0
	})
	return fannedOut{
		kib:        float64(bytes-bytesBefore) / subscribers / (1 << 10),
		goroutines: float64(goroutines-goroutinesBefore) / subscribers,
		told:       median(took), left: left,
		kibLeft: float64(bytesAfter-bytesBefore) / subscribers / (1 << 10),
	}
}

// fanOutServer is the program ./fanout.
type fanOutServer struct {
	b       *testing.B
	address string
	command *exec.Cmd
	stdin   io.WriteCloser
	stdout  *bufio.Reader
}

var fanOutBinary = sync.OnceValues(func() (string, error) { return build("./fanout", "fanout") })

func startFanOut(b *testing.B, args ...string) *fanOutServer {
	b.Helper()
	path, err := fanOutBinary()
	if err != nil {
		b.Fatal(err)
	}
	s := &fanOutServer{b: b, command: exec.Command(path, args...)}
	s.command.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if s.stdin, err = s.command.StdinPipe(); err != nil {
		b.Fatal(err)
	}
	stdout, err := s.command.StdoutPipe()
	if err != nil {
		b.Fatal(err)
	}
	s.stdout = bufio.NewReader(stdout)
	if err := s.command.Start(); err != nil {
		b.Fatal(err)
	}
	if _, err := fmt.Fscanln(s.stdout, &s.address); err != nil {
		b.Fatal(err)
	}
	return s
}

// ask gives a command and reads what is answered.
func (s *fanOutServer) ask(command string, answer ...any) {
	s.b.Helper()
	if _, err := fmt.Fprintln(s.stdin, command); err != nil {
		s.b.Fatal(err)
	}
	if _, err := fmt.Fscanln(s.stdout, answer...); err != nil {
		s.b.Fatal(command, err)
	}
}

func (s *fanOutServer) cost() (bytes int64, goroutines int) {
	s.b.Helper()
	s.ask("cost", &bytes, &goroutines)
	return bytes, goroutines
}

func (s *fanOutServer) stop() {
	_ = s.stdin.Close()
	_ = s.command.Wait()
}
