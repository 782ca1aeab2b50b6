// Package faultproxy puts a proxy in front of a daemon that lies, for tests of clients: it works on TCP, whatever is spoken
// over it.
package faultproxy

import (
	"context"
	"crypto/tls"
	"net"
	"sync"
	"sync/atomic"
	"testing"
)

// fault is what the proxy does instead of passing on.
type fault int

const (
	pass fault = iota
	refuse
	reset
	truncate
	hang
	drip
	answer
	flood
)

// mode is a fault with what it says.
type mode struct {
	fault fault
	text  []byte
}

// Proxy passes connections on to a daemon until it is told to do otherwise. What it is told holds for what is asked from
// then on, on old connections and new ones.
type Proxy struct {
	network, daemon string
	listener        net.Listener
	dialTLS         *tls.Config
	ctx             context.Context
	work            sync.WaitGroup
	turns, sent     atomic.Int64

	mu    sync.Mutex
	mode  mode
	conns map[*conn]struct{}
}

// New starts a proxy in front of the daemon at address, on a network that package net knows ("tcp", "unix"), until the
// test ends.
func New(t testing.TB, network, address string) *Proxy {
	t.Helper()
	return start(t, &Proxy{network: network, daemon: address})
}

// NewTLS is New for a daemon that speaks TLS: clients meet another certificate, and faults are inside of what is encrypted.
func NewTLS(t testing.TB, address string) *Proxy {
	t.Helper()
	p := &Proxy{network: "tcp", daemon: address, dialTLS: &tls.Config{InsecureSkipVerify: true}}
	return start(t, p)
}

func start(t testing.TB, p *Proxy) *Proxy {
	t.Helper()
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatalf("faultproxy: %v", err)
	}
	if p.dialTLS != nil {
		listener = tls.NewListener(listener, &tls.Config{Certificates: []tls.Certificate{certificate(t)}, MinVersion: tls.VersionTLS12})
	}
	ctx, cancel := context.WithCancel(context.Background())
	p.listener, p.ctx, p.conns = listener, ctx, make(map[*conn]struct{})
	p.work.Go(p.accept)
	t.Cleanup(func() {
		cancel()
		_ = listener.Close()
		p.each(func(c *conn) { c.close() })
		p.work.Wait()
	})
	return p
}

// Address is where the proxy listens: host:port.
func (p *Proxy) Address() string { return p.listener.Addr().String() }

// Turns counts how often a client has said something to the daemon, on any connection, after the daemon had said something
// or nothing was said yet. With protocols of question and answer that is the number of requests.
func (p *Proxy) Turns() int { return int(p.turns.Load()) }

// Sent counts the bytes that clients have been given.
func (p *Proxy) Sent() int64 { return p.sent.Load() }

// Pass ends a fault. Connections that had to do with it are closed.
func (p *Proxy) Pass() {
	p.set(mode{})
	p.each(func(c *conn) {
		if c.faulty.Load() {
			c.close()
		}
	})
}

// Refuse breaks every connection off as soon as something is said.
func (p *Proxy) Refuse() { p.set(mode{fault: refuse}) }

// Reset breaks connections off in the middle of the daemon's answer, in such a way that the client hears of an error.
func (p *Proxy) Reset() { p.set(mode{fault: reset}) }

// Truncate ends connections in the middle of the daemon's answer, in good order.
func (p *Proxy) Truncate() { p.set(mode{fault: truncate}) }

// Hang swallows what is asked.
func (p *Proxy) Hang() { p.set(mode{fault: hang}) }

// Drip passes the daemon's answer on byte by byte, four a second.
func (p *Proxy) Drip() { p.set(mode{fault: drip}) }

// Answer says this instead of what the daemon would, and closes.
func (p *Proxy) Answer(text []byte) { p.set(mode{answer, text}) }

// Flood says this, and then blanks without end.
func (p *Proxy) Flood(begin []byte) { p.set(mode{flood, begin}) }

func (p *Proxy) set(m mode) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.mode = m
}

func (p *Proxy) now() mode {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.mode
}

// each does something with all connections.
func (p *Proxy) each(do func(*conn)) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for c := range p.conns {
		do(c)
	}
}

func (p *Proxy) accept() {
	for {
		accepted, err := p.listener.Accept()
		if err != nil {
			return
		}
		c := &conn{proxy: p, client: accepted}
		p.mu.Lock()
		p.conns[c] = struct{}{}
		p.mu.Unlock()
		if p.ctx.Err() != nil {
			c.close()
		}
		p.work.Go(c.serve)
	}
}
