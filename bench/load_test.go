package bench_test

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"slices"
	"sync"
	"testing"
	"time"
)

// target is one request, to be sent again and again.
type target struct {
	address string
	request []byte
	// process is who answers.
	process int
}

// newTarget makes a target; a body makes it a POST of JSON.
func newTarget(b *testing.B, p *product, path, token, body string) target {
	b.Helper()
	u, err := url.Parse(p.url + path)
	if err != nil {
		b.Fatal(err)
	}
	method := http.MethodGet
	var text bytes.Buffer
	if body != "" {
		method = http.MethodPost
	}
	fmt.Fprintf(&text, "%s %s HTTP/1.1\r\nHost: %s\r\n", method, u.RequestURI(), u.Host)
	if token != "" {
		fmt.Fprintf(&text, "Authorization: Bearer %s\r\n", token)
	}
	if body != "" {
		fmt.Fprintf(&text, "Content-Type: application/json\r\nContent-Length: %d\r\n", len(body))
	}
	fmt.Fprintf(&text, "\r\n%s", body)
	return target{address: u.Host, request: text.Bytes(), process: p.command.Process.Pid}
}

// once sends the request once and returns the body of the answer.
func (t target) once(b *testing.B) []byte {
	b.Helper()
	c, err := t.connect()
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = c.conn.Close() }()
	var body bytes.Buffer
	if err := c.send(&body); err != nil {
		b.Fatal(err)
	}
	return body.Bytes()
}

// load is what a target did under load.
type load struct {
	perSecond float64
	// median and slow (the 99th percentile) are times of one request.
	median, slow time.Duration
	// cpu is the processor time that one request took the process that answers.
	cpu time.Duration
}

// under keeps connections busy with t for a while. The generator is lean, since it
// shares the machine with what it measures.
func (t target) under(b *testing.B, connections int, lasting time.Duration) load {
	b.Helper()
	var mu sync.Mutex
	var all []time.Duration
	var wait sync.WaitGroup
	failed := make(chan error, connections)
	began, cpu := time.Now(), cpuOf(b, t.process)
	for range connections {
		wait.Go(func() {
			took, err := t.repeat(began.Add(lasting))
			if err != nil {
				failed <- err
			}
			mu.Lock()
			defer mu.Unlock()
			all = append(all, took...)
		})
	}
	wait.Wait()
	elapsed := time.Since(began)
	select {
	case err := <-failed:
		b.Fatal(err)
	default:
	}
	slices.Sort(all)
	return load{
		perSecond: float64(len(all)) / elapsed.Seconds(),
		median:    all[len(all)/2], slow: all[len(all)*99/100],
		cpu: (cpuOf(b, t.process) - cpu) / time.Duration(len(all)),
	}
}

func (t target) repeat(until time.Time) ([]time.Duration, error) {
	c, err := t.connect()
	if err != nil {
		return nil, err
	}
	defer func() { _ = c.conn.Close() }()
	var all []time.Duration
	for last := time.Now(); last.Before(until); {
		if err := c.send(io.Discard); err != nil {
			return nil, err
		}
		now := time.Now()
		all = append(all, now.Sub(last))
		last = now
	}
	return all, nil
}

// connection is a kept one.
type connection struct {
	target
	conn   net.Conn
	reader *bufio.Reader
}

func (t target) connect() (*connection, error) {
	conn, err := net.Dial("tcp", t.address)
	if err != nil {
		return nil, err
	}
	return &connection{target: t, conn: conn, reader: bufio.NewReaderSize(conn, 64<<10)}, nil
}

func (c *connection) send(body io.Writer) error {
	if _, err := c.conn.Write(c.request); err != nil {
		return err
	}
	response, err := http.ReadResponse(c.reader, nil)
	if err != nil {
		return err
	}
	defer func() { _ = response.Body.Close() }()
	if _, err := io.Copy(body, response.Body); err != nil {
		return err
	}
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("answered %s", response.Status)
	}
	return nil
}

// alternately loads targets in turn, several rounds, and returns each one's medians:
// what else happens on the machine meets all of them.
func alternately(b *testing.B, rounds, connections int, lasting time.Duration, targets ...target) []load {
	b.Helper()
	for _, t := range targets {
		t.under(b, connections, lasting/4) // warm
	}
	readings := make([][]load, len(targets))
	for range rounds {
		for i, t := range targets {
			readings[i] = append(readings[i], t.under(b, connections, lasting))
		}
	}
	medians := make([]load, len(targets))
	for i, r := range readings {
		medians[i] = load{
			perSecond: middle(r, func(l load) float64 { return l.perSecond }),
			median:    middle(r, func(l load) time.Duration { return l.median }),
			slow:      middle(r, func(l load) time.Duration { return l.slow }),
			cpu:       middle(r, func(l load) time.Duration { return l.cpu }),
		}
	}
	return medians
}

// middle is the median of one reading.
func middle[T int | float64 | time.Duration](all []load, of func(load) T) T {
	values := make([]T, len(all))
	for i, l := range all {
		values[i] = of(l)
	}
	slices.Sort(values)
	return values[len(values)/2]
}
