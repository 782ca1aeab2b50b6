package fetch_test

import (
	"context"
	"encoding/binary"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/clarion-app/download-manager/adapters/fetch"
	"github.com/clarion-app/download-manager/domain"
)

func TestPublicAddresses(t *testing.T) {
	t.Parallel()
	for public, addresses := range map[bool]string{
		true: `1.1.1.1 8.8.8.8 93.184.216.34 172.32.0.1 192.169.0.1 100.128.0.1 198.20.0.1 223.255.255.255
			2606:4700::1111 2a00:1450:4001::200e ::ffff:8.8.8.8 64:ff9b::808:808`,
		false: `0.0.0.0 0.1.2.3 10.0.0.1 100.64.0.1 100.100.100.200 127.0.0.1 127.255.255.254 168.63.129.16
			169.254.169.254 172.16.0.1 172.31.255.255 192.0.0.192 192.0.2.1 192.88.99.1 192.168.1.1 198.18.0.1 198.51.100.1
			203.0.113.1 224.0.0.1 239.255.255.250 240.0.0.1 255.255.255.255
			:: ::1 ::127.0.0.1 ::ffff:127.0.0.1 ::ffff:10.0.0.1 ::ffff:169.254.169.254 ::ffff:0:127.0.0.1
			64:ff9b::7f00:1 64:ff9b::a9fe:a9fe 64:ff9b:1::1 100::1 fc00::1 fd00:ec2::254 fe80::1 fe80::1%eth0 fec0::1 ff02::1
			2001::1 2001:db8::1 2002:7f00:1::1 3fff::1 4000::1`,
	} {
		for text := range strings.FieldsSeq(addresses) {
			if got := fetch.IsPublic(netip.MustParseAddr(text)); got != public {
				t.Errorf("%s is public: %v", text, got)
			}
		}
	}
	if fetch.IsPublic(netip.Addr{}) {
		t.Error("no address is public")
	}
}

// rebinding is a resolver to which every name is 127.0.0.1.
func rebinding(t *testing.T) *net.Resolver {
	t.Helper()
	conn, err := (&net.ListenConfig{}).ListenPacket(t.Context(), "udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		for query := make([]byte, 512); ; {
			n, from, err := conn.ReadFrom(query)
			if err != nil {
				return
			}
			_, _ = conn.WriteTo(loopback(query[:n]), from)
		}
	}()
	t.Cleanup(func() {
		_ = conn.Close()
		<-done
	})
	return &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, "udp", conn.LocalAddr().String())
	}}
}

// loopback answers a question of DNS for an A record, and any other with nothing.
func loopback(query []byte) []byte {
	const header = 12
	end := header
	for query[end] != 0 {
		end += 1 + int(query[end])
	}
	question := query[header : end+5]
	answer := append([]byte{query[0], query[1], 0x81, 0x80, 0, 1, 0, 0, 0, 0, 0, 0}, question...)
	if binary.BigEndian.Uint16(question[len(question)-4:]) == 1 {
		answer[7] = 1
		answer = append(answer, 0xc0, header, 0, 1, 0, 1, 0, 0, 0, 0, 0, 4, 127, 0, 0, 1)
	}
	return answer
}

func TestPrivateAddressesAreNotAsked(t *testing.T) {
	t.Parallel()
	var asked atomic.Int64
	private := serve(t, "127.0.0.1", func(http.ResponseWriter, *http.Request) { asked.Add(1) })
	_, port, _ := net.SplitHostPort(strings.TrimPrefix(private, "http://"))
	public := serve(t, "127.0.0.2", func(w http.ResponseWriter, r *http.Request) {
		if to := r.URL.Query().Get("to"); to != "" {
			http.Redirect(w, r, to, http.StatusFound)
			return
		}
		_, _ = w.Write([]byte("content"))
	})
	for _, url := range []string{
		private, "http://localhost:" + port, "http://[::ffff:127.0.0.1]:" + port, "http://[::1]:" + port,
		"http://0.0.0.0:" + port, "http://[::]:" + port, "http://169.254.169.254/latest/meta-data", "http://10.0.0.1", "http://[fe80::1]",
		"http://rebound.example:" + port,
	} {
		fetcher := fetch.New(fetch.Config{Lookup: rebinding(t)})
		_, err := fetcher.Fetch(t.Context(), url)
		wantError(t, err, domain.KindInvalid, "private address")

		fetcher = fetch.New(fetch.Config{Lookup: rebinding(t)})
		fetcher.AllowOnly("127.0.0.2")
		if got, err := fetcher.Fetch(t.Context(), public); err != nil || string(got.Content) != "content" {
			t.Fatal(got, err)
		}
		_, err = fetcher.Fetch(t.Context(), public+"?to="+url)
		wantError(t, err, domain.KindInvalid, "private address")
	}
	if n := asked.Load(); n > 0 {
		t.Errorf("a private address was asked %d times", n)
	}
	if _, err := fetch.New(fetch.Config{Private: true, Lookup: rebinding(t)}).Fetch(t.Context(), "http://rebound.example:"+port); err != nil || asked.Load() != 1 {
		t.Errorf("it is not asked where that is allowed: %v", err)
	}
}

func TestNoProxyIsUsed(t *testing.T) {
	var asked atomic.Int64
	proxy := serve(t, "127.0.0.1", func(http.ResponseWriter, *http.Request) { asked.Add(1) })
	for _, name := range []string{"HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"} {
		t.Setenv(name, proxy)
	}
	_, err := fetch.New(fetch.Config{Lookup: rebinding(t)}).Fetch(t.Context(), "http://rebound.example/")
	wantError(t, err, domain.KindInvalid, "private address")
	if asked.Load() > 0 {
		t.Error("the proxy was asked")
	}
}
