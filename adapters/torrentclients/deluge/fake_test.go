package deluge

import (
	"bufio"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/hex"
	"math/big"
	"net"
	"sync"
	"testing"
	"time"

	"github.com/clarion-app/download-manager/domain"
)

// fake is a daemon of which a test decides what it says.
type fake struct {
	t        testing.TB
	listener net.Listener

	mu          sync.Mutex
	certificate tls.Certificate
	conns       map[net.Conn]bool
	logins      int
	// says answers a request, under mu; nil answers nothing, and a func(net.Conn) writes what it likes.
	says func(method string, arguments []any) any
	// greets takes a connection over before anything is said; nil goes on to TLS.
	greets func(net.Conn)
}

// no is a refusal of a fake.
type no struct{ kind, message string }

func newFake(t testing.TB, says func(method string, arguments []any) any) *fake {
	t.Helper()
	return newGreeter(t, nil, says)
}

// newGreeter is newFake with something that takes connections over; nil for nothing.
func newGreeter(t testing.TB, greets func(net.Conn), says func(method string, arguments []any) any) *fake {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	f := &fake{t: t, listener: listener, certificate: selfSigned(t), conns: map[net.Conn]bool{}, greets: greets, says: says}
	var serving sync.WaitGroup
	serving.Go(func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			f.mu.Lock()
			f.conns[conn] = true
			f.mu.Unlock()
			serving.Go(func() { f.serve(conn) })
		}
	})
	t.Cleanup(func() {
		_ = listener.Close()
		f.hangUp()
		serving.Wait()
	})
	return f
}

// selfSigned makes a certificate as daemons do.
func selfSigned(t testing.TB) tls.Certificate {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(time.Now().UnixNano()), NotAfter: time.Now().Add(time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
}

// fingerprint is that of the certificate.
func (f *fake) fingerprint() string {
	sum := sha256.Sum256(f.certificate.Certificate[0])
	return hex.EncodeToString(sum[:])
}

func (f *fake) address() string { return f.listener.Addr().String() }

// hangUp ends all connections.
func (f *fake) hangUp() {
	f.mu.Lock()
	defer f.mu.Unlock()
	for conn := range f.conns {
		_ = conn.Close()
	}
	clear(f.conns)
}

// change alters the fake under its lock.
func (f *fake) change(change func()) {
	f.mu.Lock()
	defer f.mu.Unlock()
	change()
}

func (f *fake) serve(plain net.Conn) {
	defer func() { _ = plain.Close() }()
	if f.greets != nil {
		f.greets(plain)
		return
	}
	var certificate tls.Certificate
	f.change(func() { certificate = f.certificate })
	conn := tls.Server(plain, &tls.Config{Certificates: []tls.Certificate{certificate}, MinVersion: tls.VersionTLS12})
	from := bufio.NewReader(conn)
	for {
		message, err := unpack(from, 1<<20)
		if err != nil {
			return
		}
		requests, err := read(message)
		if err != nil {
			f.t.Errorf("a request of %x", message)
			return
		}
		for _, request := range requests.([]any) {
			f.answer(conn, request.([]any))
		}
	}
}

func (f *fake) answer(conn net.Conn, request []any) {
	id, method, arguments := request[0].(int64), request[1].(string), request[2].([]any)
	var answer any
	f.change(func() {
		answer = f.says(method, arguments)
		if method == "daemon.login" {
			f.logins++
		}
	})
	switch said := answer.(type) {
	case nil:
	case func(net.Conn):
		said(conn)
	case no:
		_, _ = conn.Write(packed([]any{2, id, said.kind, []any{said.message}, map[string]any{}, "Traceback"}))
	default:
		_, _ = conn.Write(packed([]any{1, id, said}))
	}
}

// open opens a client of the fake.
func (f *fake) open(options ...Option) *Client { return openAt(f.t, f.address(), options...) }

func openAt(t testing.TB, address string, options ...Option) *Client {
	t.Helper()
	server := domain.Server{Address: address, Credentials: domain.Credentials{Username: "user", Password: "secret"}}
	client, err := New(options...).Open(server)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = client.Close() })
	return client
}

// healthy is what a daemon with nothing in it says.
func healthy(method string, _ []any) any {
	switch method {
	case "daemon.login":
		return 10
	case "daemon.info":
		return "2.0.3"
	case "core.get_free_space":
		return 5
	case "core.get_session_status":
		return map[string]any{statTicks: 5}
	case "core.get_session_state", "core.remove_torrents":
		return []any{}
	case "core.get_torrents_status":
		return map[string]any{}
	}
	return no{"KeyError", "nothing"}
}
