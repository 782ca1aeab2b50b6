package faultproxy

import (
	"bytes"
	"crypto/tls"
	"net"
	"sync"
	"sync/atomic"
	"time"
)

const (
	// dripping is the time between two bytes, and draining how long a client may go on talking that has been answered.
	dripping = 250 * time.Millisecond
	draining = 5 * time.Second
)

// conn is a client's connection, with one to the daemon once something has been passed on.
type conn struct {
	proxy  *Proxy
	client net.Conn
	// faulty: a fault has been met with.
	faulty atomic.Bool
	// asked: the client was the last to say something.
	asked atomic.Bool

	mu     sync.Mutex
	daemon net.Conn
	closed bool
}

func (c *conn) close() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.closed = true
	_ = c.client.Close()
	if c.daemon != nil {
		_ = c.daemon.Close()
	}
}

// serve hears what the client says until the connection ends.
func (c *conn) serve() {
	defer func() {
		c.close()
		c.proxy.mu.Lock()
		delete(c.proxy.conns, c)
		c.proxy.mu.Unlock()
	}()
	said := make([]byte, 64<<10)
	for {
		n, err := c.client.Read(said)
		if n > 0 && !c.heard(said[:n]) {
			return
		}
		if err != nil {
			return
		}
	}
}

// heard does with what the client said as the proxy is told, and reports whether the connection goes on.
func (c *conn) heard(said []byte) bool {
	m := c.proxy.now()
	if m.fault != pass {
		c.faulty.Store(true)
	}
	switch m.fault {
	case refuse:
		c.breakOff()
		return false
	case hang:
		return true
	case answer:
		c.say(m.text)
		c.drain()
		return false
	case flood:
		c.say(m.text)
		for blanks := bytes.Repeat([]byte(" "), 64<<10); c.say(blanks); {
		}
		return false
	case pass, reset, truncate, drip: // it is the daemon's answer that comes to harm
	}
	if !c.asked.Swap(true) {
		c.proxy.turns.Add(1)
	}
	daemon, err := c.dial()
	if err != nil {
		return false
	}
	_, err = daemon.Write(said)
	return err == nil
}

// dial connects with the daemon, once.
func (c *conn) dial() (daemon net.Conn, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return nil, net.ErrClosed
	}
	if c.daemon != nil {
		return c.daemon, nil
	}
	dialer := &net.Dialer{Timeout: draining}
	if c.proxy.dialTLS != nil {
		daemon, err = (&tls.Dialer{NetDialer: dialer, Config: c.proxy.dialTLS}).DialContext(c.proxy.ctx, c.proxy.network, c.proxy.daemon)
	} else {
		daemon, err = dialer.DialContext(c.proxy.ctx, c.proxy.network, c.proxy.daemon)
	}
	if err != nil {
		return nil, err
	}
	c.daemon = daemon
	c.proxy.work.Go(func() { c.passBack(daemon) })
	return daemon, nil
}

// passBack passes on what the daemon says, as the proxy is told.
func (c *conn) passBack(daemon net.Conn) {
	defer c.close()
	said := make([]byte, 64<<10)
	for {
		n, err := daemon.Read(said)
		if n > 0 && !c.passOn(said[:n]) {
			return
		}
		if err != nil {
			return
		}
	}
}

func (c *conn) passOn(said []byte) bool {
	c.asked.Store(false)
	m := c.proxy.now()
	if m.fault != pass {
		c.faulty.Store(true)
	}
	switch m.fault {
	case reset:
		c.say(said[:len(said)-len(said)/8])
		c.breakOff()
		return false
	case truncate:
		c.say(said[:len(said)-len(said)/8])
		c.drain()
		return false
	case drip:
		ticks := time.NewTicker(dripping)
		defer ticks.Stop()
		for i := range said {
			select {
			case <-ticks.C:
			case <-c.proxy.ctx.Done():
				return false
			}
			if !c.say(said[i : i+1]) {
				return false
			}
		}
		return true
	case pass, refuse, hang, answer, flood: // this is the answer to what was asked before
	}
	return c.say(said)
}

// say tells the client something.
func (c *conn) say(text []byte) bool {
	n, err := c.client.Write(text)
	c.proxy.sent.Add(int64(n))
	return err == nil
}

// breakOff closes so that the client hears of an error.
func (c *conn) breakOff() {
	if tcp, ok := c.plain().(*net.TCPConn); ok {
		_ = tcp.SetLinger(0)
		_ = tcp.Close()
	}
}

// drain ends what is said to the client, and hears it out: else it might not get to read what was said.
func (c *conn) drain() {
	if closer, ok := c.client.(interface{ CloseWrite() error }); ok {
		_ = closer.CloseWrite()
	}
	if tcp, ok := c.plain().(*net.TCPConn); ok {
		_ = tcp.CloseWrite()
	}
	_ = c.client.SetReadDeadline(time.Now().Add(draining))
	for rest := make([]byte, 4<<10); ; {
		if _, err := c.client.Read(rest); err != nil {
			return
		}
	}
}

func (c *conn) plain() net.Conn {
	if encrypted, ok := c.client.(*tls.Conn); ok {
		return encrypted.NetConn()
	}
	return c.client
}
