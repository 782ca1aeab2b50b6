package faultproxy_test

import (
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"syscall"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/clarion-app/download-manager/internal/testkit/faultproxy"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var said = strings.Repeat("what the daemon says ", 20)

// through starts a daemon with a proxy before it, and returns a function that asks.
func through(t *testing.T, encrypted bool) (*faultproxy.Proxy, func() (string, error)) {
	t.Helper()
	daemon := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, said) }))
	scheme := "http"
	var proxy *faultproxy.Proxy
	if encrypted {
		daemon.StartTLS()
		scheme, proxy = "https", faultproxy.NewTLS(t, daemon.Listener.Addr().String())
	} else {
		daemon.Start()
		proxy = faultproxy.New(t, "tcp", daemon.Listener.Addr().String())
	}
	t.Cleanup(daemon.Close)
	transport := &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}
	t.Cleanup(transport.CloseIdleConnections)
	client := &http.Client{Transport: transport, Timeout: time.Second}
	return proxy, func() (string, error) {
		response, err := client.Get(scheme + "://" + proxy.Address())
		if err != nil {
			return "", err
		}
		defer func() { _ = response.Body.Close() }()
		text, err := io.ReadAll(io.LimitReader(response.Body, 1<<20))
		return string(text), err
	}
}

func timedOut(_ string, err error) bool {
	failure, ok := errors.AsType[net.Error](err)
	return ok && failure.Timeout()
}

func TestFaults(t *testing.T) {
	t.Parallel()
	for name, encrypted := range map[string]bool{"plain": false, "encrypted": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			proxy, ask := through(t, encrypted)
			for _, fault := range []struct {
				name string
				set  func()
				good func(string, error) bool
			}{
				{"refuse", proxy.Refuse, func(_ string, err error) bool { return errors.Is(err, syscall.ECONNRESET) }},
				{"reset", proxy.Reset, func(_ string, err error) bool {
					return errors.Is(err, syscall.ECONNRESET) || errors.Is(err, io.ErrUnexpectedEOF)
				}},
				{"truncate", proxy.Truncate, func(_ string, err error) bool { return errors.Is(err, io.ErrUnexpectedEOF) }},
				{"hang", proxy.Hang, timedOut},
				{"drip", proxy.Drip, timedOut},
				{
					"answer", func() { proxy.Answer([]byte("HTTP/1.1 200 OK\r\n\r\nsomething else")) },
					func(text string, err error) bool { return err == nil && text == "something else" },
				},
				{
					"flood", func() { proxy.Flood([]byte("HTTP/1.1 200 OK\r\n\r\n")) },
					func(text string, err error) bool {
						return err == nil && text == strings.Repeat(" ", 1<<20) && proxy.Sent() > 1<<20
					},
				},
			} {
				fault.set()
				if text, err := ask(); !fault.good(text, err) {
					t.Errorf("%s: %d bytes, error %v", fault.name, len(text), err)
				}
				proxy.Pass()
				if text, err := ask(); err != nil || text != said {
					t.Errorf("%s, afterwards: %q, error %v", fault.name, text, err)
				}
			}
			before := proxy.Turns()
			for range 3 {
				if _, err := ask(); err != nil {
					t.Error(err)
				}
			}
			if n := proxy.Turns() - before; n != 3 {
				t.Errorf("%d requests; want 3", n)
			}
		})
	}
}
