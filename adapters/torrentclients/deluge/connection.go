package deluge

import (
	"bufio"
	"context"
	"errors"
	"net"
	"sync"
	"time"
)

// errLost is wrapped by what ends a connection that was well before.
var errLost = errors.New("connection lost")

// connection is one that is logged in, or about to be. Calls of many may be under
// way on it; what has no answer yet is found by its number.
type connection struct {
	conn  net.Conn
	since time.Time
	// writing is held while a message is written.
	writing chan struct{}
	// ended is closed with the connection, when err says why.
	ended chan struct{}
	err   error

	mu      sync.Mutex
	last    int64
	waiting map[int64]chan<- answer
	// limit is the most that an answer may have: that of the largest that was ever
	// asked for here, since answers come late, too.
	limit int64
	loading
}

func newConnection(conn net.Conn, since time.Time) *connection {
	c := &connection{
		conn: conn, since: since, limit: maxAnswer,
		writing: make(chan struct{}, 1), ended: make(chan struct{}), waiting: map[int64]chan<- answer{},
	}
	go c.listen()
	return c
}

// close ends the connection; why is what those who wait are told. Only the first
// reason counts.
func (c *connection) close(why error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.err != nil {
		return
	}
	c.err = why
	close(c.ended)
	_ = c.conn.Close()
}

// alive reports whether it has not ended.
func (c *connection) alive() bool {
	select {
	case <-c.ended:
		return false
	default:
		return true
	}
}

// listen hands answers to those who wait for them, until the connection ends.
func (c *connection) listen() {
	from := bufio.NewReaderSize(c.conn, 64<<10)
	for {
		// Whatever comes, the first byte of it says that something was asked for.
		if _, err := from.Peek(1); err != nil {
			c.close(errors.Join(errLost, err))
			return
		}
		c.mu.Lock()
		limit := c.limit
		c.mu.Unlock()
		message, err := unpack(from, limit)
		var id int64
		var a answer
		var mine bool
		if err == nil {
			id, a, mine, err = open(message)
		}
		if err != nil {
			c.close(err)
			return
		}
		if mine {
			c.deliver(id, a)
		}
	}
}

// deliver gives an answer to who waits for it, if anybody still does.
func (c *connection) deliver(id int64, a answer) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if waiting := c.waiting[id]; waiting != nil {
		waiting <- a // there is room for it
		delete(c.waiting, id)
	}
}

// ask sends calls in one message and waits for all their answers, which may have
// limit bytes each.
func (c *connection) ask(ctx context.Context, limit int64, calls ...call) ([]answer, error) {
	first, answers := c.enlist(len(calls), limit)
	defer c.forget(first, len(calls))
	if err := c.send(ctx, pack(first, calls)); err != nil {
		return nil, err
	}
	all := make([]answer, len(calls))
	for i := range answers {
		select {
		case all[i] = <-answers[i]:
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-c.ended:
			return nil, c.why()
		}
	}
	return all, nil
}

func (c *connection) enlist(n int, limit int64) (first int64, answers []chan answer) {
	c.mu.Lock()
	defer c.mu.Unlock()
	first = c.last + 1
	c.last += int64(n)
	c.limit = max(c.limit, limit)
	answers = make([]chan answer, n)
	for i := range answers {
		answers[i] = make(chan answer, 1)
		c.waiting[first+int64(i)] = answers[i]
	}
	return first, answers
}

func (c *connection) forget(first int64, n int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for i := range int64(n) {
		delete(c.waiting, first+i)
	}
}

// send writes a message. One that was written in part ends the connection.
func (c *connection) send(ctx context.Context, message []byte) error {
	select {
	case c.writing <- struct{}{}:
		defer func() { <-c.writing }()
	case <-ctx.Done():
		return ctx.Err()
	case <-c.ended:
		return c.why()
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	stop := context.AfterFunc(ctx, func() { c.close(errors.Join(errLost, ctx.Err())) })
	_, err := c.conn.Write(message)
	if stop(); err == nil {
		return nil
	}
	c.close(errors.Join(errLost, err))
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return c.why()
}

// why is the reason for which the connection has ended.
func (c *connection) why() error {
	<-c.ended
	return c.err
}
