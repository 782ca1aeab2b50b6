package bench_test

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"sync"
	"testing"
	"time"
)

// subscriber is the end of a websocket, as light as can be: thousands of them are
// not to take the time that the server is measured by.
type subscriber struct {
	conn net.Conn
	in   *bufio.Reader
}

// dialSubscriber opens a websocket.
func dialSubscriber(address string) (*subscriber, error) {
	conn, err := net.Dial("tcp", address)
	if err != nil {
		return nil, err
	}
	s := &subscriber{conn: conn, in: bufio.NewReaderSize(conn, 512)}
	_, err = fmt.Fprintf(conn, "GET / HTTP/1.1\r\nHost: %s\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"+
		"Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Protocol: graphql-transport-ws\r\n\r\n", address)
	if err != nil {
		return nil, err
	}
	response, err := http.ReadResponse(s.in, nil)
	if err != nil {
		return nil, err
	}
	_ = response.Body.Close()
	if response.StatusCode != http.StatusSwitchingProtocols {
		return nil, fmt.Errorf("the handshake was answered with %s", response.Status)
	}
	return s, nil
}

// say sends one text message of less than 64 KiB, masked with zeros.
func (s *subscriber) say(text string) error {
	frame := []byte{0x81, 0x80 | 126, 0, 0, 0, 0, 0, 0}
	frame[2], frame[3] = byte(len(text)>>8), byte(len(text))
	_, err := s.conn.Write(append(frame, text...))
	return err
}

// hear returns the next message of less than 64 KiB.
func (s *subscriber) hear(into []byte) ([]byte, error) {
	var head [4]byte
	if _, err := io.ReadFull(s.in, head[:2]); err != nil {
		return nil, err
	}
	length := int(head[1])
	if length == 126 {
		if _, err := io.ReadFull(s.in, head[2:]); err != nil {
			return nil, err
		}
		length = int(head[2])<<8 | int(head[3])
	}
	message := into[:length]
	_, err := io.ReadFull(s.in, message)
	return message, err
}

// crowd is very many subscribers, and when each was last told something.
type crowd struct {
	all  []*subscriber
	told chan time.Time
	lost chan error // why some are told no more
	gone sync.WaitGroup
}

// gather opens count sockets; greet says what has to be said on each.
func gather(b *testing.B, address string, count int, greet func(*subscriber) error) *crowd {
	b.Helper()
	c := &crowd{told: make(chan time.Time, count), lost: make(chan error, count)}
	for range count {
		s, err := dialSubscriber(address)
		if err == nil {
			err = greet(s)
		}
		if err != nil {
			b.Fatal(err)
		}
		c.all = append(c.all, s)
		c.gone.Go(func() { c.listen(s) })
	}
	return c
}

func (c *crowd) listen(s *subscriber) {
	space := make([]byte, 1<<10)
	for {
		message, err := s.hear(space)
		if err != nil {
			c.lost <- err
			return
		}
		switch {
		case bytes.Contains(message, []byte(`"ping"`)):
			_ = s.say(`{"type":"pong"}`) // one that is hung up on is heard of above
		case bytes.Contains(message, []byte(`"torrentCompleted"`)):
			c.told <- time.Now()
		default:
			c.lost <- fmt.Errorf("it was told %s", message)
			return
		}
	}
}

// last waits until all have been told one thing, and returns when the last was.
func (c *crowd) last(b *testing.B) time.Time {
	b.Helper()
	var last time.Time
	limit := time.After(time.Minute)
	for n := range c.all {
		select {
		case at := <-c.told:
			if at.After(last) {
				last = at
			}
		case err := <-c.lost:
			b.Fatalf("a subscriber was lost: %v", err)
		case <-limit:
			b.Fatalf("%d of %d have been told", n, len(c.all))
		}
	}
	return last
}

func (c *crowd) leave() {
	for _, s := range c.all {
		_ = s.conn.Close()
	}
	c.gone.Wait()
}
