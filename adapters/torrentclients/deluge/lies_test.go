package deluge

import (
	"context"
	"encoding/binary"
	"fmt"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/clarion-app/download-manager/domain"
)

// numbered returns the infohash of the i-th torrent of every fake.
func numbered(t testing.TB, i int) domain.InfoHash {
	t.Helper()
	hash, err := domain.ParseInfoHash(fmt.Sprintf("%040x", i+1))
	if err != nil {
		t.Fatal(err)
	}
	return hash
}

// calls are all calls that reach a daemon.
func calls(t testing.TB, client *Client) map[string]func(context.Context) error {
	t.Helper()
	hash := numbered(t, 0)
	hashes := []domain.InfoHash{hash}
	magnet, err := domain.ParseMagnet("magnet:?xt=urn:btih:" + hash.String())
	if err != nil {
		t.Fatal(err)
	}
	name := "name"
	return map[string]func(context.Context) error{
		"Probe":     func(ctx context.Context) error { _, err := client.Probe(ctx); return err },
		"Transfers": func(ctx context.Context) error { _, err := client.Transfers(ctx, hashes); return err },
		"Add": func(ctx context.Context) error {
			_, err := client.Add(ctx, domain.Handover{Magnet: magnet})
			return err
		},
		"Remove": func(ctx context.Context) error { return client.Remove(ctx, hashes, false) },
		"Pause":  func(ctx context.Context) error { return client.Pause(ctx, hashes) },
		"Configure": func(ctx context.Context) error {
			return client.Configure(ctx, hash, domain.TransferSettings{Name: &name})
		},
		"Files":    func(ctx context.Context) error { _, err := client.Files(ctx, hash); return err },
		"Trackers": func(ctx context.Context) error { _, err := client.Trackers(ctx, hash); return err },
		"Peers":    func(ctx context.Context) error { _, err := client.Peers(ctx, hash); return err },
		"List":     func(ctx context.Context) error { _, err := client.List(ctx); return err },
	}
}

// lie is what a daemon does, and what is said about it.
type lie struct {
	greets func(net.Conn)
	says   any
	told   string
}

func writes(text string) func(net.Conn) {
	return func(conn net.Conn) { _, _ = conn.Write([]byte(text)) }
}

// silent reads until the other side hangs up.
func silent(conn net.Conn) {
	for buffer := make([]byte, 4096); ; {
		if _, err := conn.Read(buffer); err != nil {
			return
		}
	}
}

// drips writes as slowly as it takes to look alive.
func drips(conn net.Conn) {
	_, _ = conn.Write([]byte{1, 0, 0, 1, 0})
	ticker := time.NewTicker(20 * time.Millisecond)
	defer ticker.Stop()
	for range ticker.C {
		if _, err := conn.Write([]byte{0x78}); err != nil {
			return
		}
	}
}

func lies() map[string]lie {
	return map[string]lie{
		"says nothing":                   {greets: silent, told: "in time"},
		"hangs up":                       {greets: func(net.Conn) {}, told: "broke off"},
		"is a web server":                {greets: writes("HTTP/1.1 400 Bad Request\r\n\r\n"), told: "does not speak TLS"},
		"says garbage for TLS":           {greets: writes("\x00\xff\xfe garbage"), told: "does not speak TLS"},
		"answers nothing":                {says: nil, told: "in time"},
		"answers somebody else":          {says: writes(string(packed([]any{1, 1 << 40, "x"}))), told: "in time"},
		"tells events":                   {says: writes(string(packed([]any{3, "SomeEvent", []any{"x"}}))), told: "in time"},
		"drips":                          {says: drips, told: "not as deluge 2 does"},
		"hangs up after the login":       {says: func(conn net.Conn) { _ = conn.Close() }, told: "broke off"},
		"breaks off":                     {says: func(conn net.Conn) { writes("\x01\x00\x00\x10\x00\x78")(conn); _ = conn.Close() }, told: "broke off"},
		"speaks version 1 of Deluge":     {says: writes("\x78\xda garbage"), told: "version 120"},
		"says garbage for zlib":          {says: writes("\x01\x00\x00\x00\x0agarbage..."), told: "not as deluge 2 does"},
		"announces 4 GB":                 {says: writes("\x01\xff\xff\xff\xff\x78\xda"), told: "larger than"},
		"nests without end":              {says: writes(string(packedBytes([]byte(strings.Repeat("\xc1", 1<<20))))), told: "not as deluge 2 does"},
		"sends no message":               {says: writes(string(packed("text"))), told: "not as deluge 2 does"},
		"sends an empty message":         {says: writes(string(packed([]any{}))), told: "not as deluge 2 does"},
		"sends a message without number": {says: writes(string(packed([]any{1, "one", 5}))), told: "not as deluge 2 does"},
		"sends a refusal without reason": {says: writes(string(packed([]any{2, 2}))), told: "not as deluge 2 does"},
		"answers with a number":          {says: 5, told: ""},
		"answers with a text":            {says: "text", told: ""},
		"answers with a list of numbers": {says: []any{1, 2}, told: ""},
		"answers with texts by number":   {says: map[string]any{"x": "y"}, told: ""},
		"refuses everything":             {says: no{"NotAuthorizedError", "Auth level too low"}, told: "Auth level too low"},
		"knows no method":                {says: no{"AttributeError", "RPC call on invalid function"}, told: "invalid function"},
	}
}

// fine are answers of a strange kind that a call can do with.
var fine = map[string]bool{
	"Add, refuses everything": true, "Add, knows no method": true, // the magnet is at fault
	"Pause, answers with a number": true, "Pause, answers with a text": true, "Pause, answers with a list of numbers": true,
	"Pause, answers with texts by number": true, "Probe, answers with a text": true,
}

func TestLiesAreToldAndBounded(t *testing.T) {
	t.Parallel()
	for name, lie := range lies() {
		t.Run("a daemon that "+name, func(t *testing.T) {
			t.Parallel()
			daemon := newGreeter(t, lie.greets, func(method string, _ []any) any {
				if method == "daemon.login" {
					return 10
				}
				return lie.says
			})
			patience := time.Minute // whatever else the machine is doing
			if lie.told == "in time" {
				patience = 300 * time.Millisecond
			}
			for method, call := range calls(t, daemon.open(WithTimeout(patience))) {
				begun := time.Now()
				err := call(t.Context())
				if took := time.Since(begun); took > 20*time.Second {
					t.Errorf("%s took %s", method, took)
				}
				if fine[method+", "+name] {
					continue
				}
				// What looks like a torrent that is not there is one.
				if kind := domain.KindOf(err); err == nil || kind != domain.KindUnavailable {
					t.Errorf("%s: error %v; want one of kind %s", method, err, domain.KindUnavailable)
					continue
				}
				if message := domain.MessageOf(err); !strings.Contains(message, lie.told) || strings.Contains(message, "secret") {
					t.Errorf("%s: message %q; want it to tell of %q", method, message, lie.told)
				}
			}
		})
	}
}

func TestABombIsNotInflated(t *testing.T) {
	t.Parallel()
	bomb := packedBytes(make([]byte, maxList+1))
	daemon := newFake(t, func(method string, _ []any) any {
		if method == "daemon.login" {
			return 10
		}
		return writes(string(bomb))
	})
	calls := calls(t, daemon.open(WithTimeout(time.Minute)))
	for _, method := range []string{"Probe", "Transfers"} { // one of each limit
		err := calls[method](t.Context())
		if domain.KindOf(err) != domain.KindUnavailable || err == nil || !strings.Contains(domain.MessageOf(err), "larger than") {
			t.Errorf("%s: error %v", method, err)
		}
	}
}

func TestAnAnswerWithoutEndIsNotRead(t *testing.T) {
	t.Parallel()
	daemon := newFake(t, func(method string, _ []any) any {
		if method == "daemon.login" {
			return 10
		}
		return func(conn net.Conn) {
			header := binary.BigEndian.AppendUint32([]byte{1}, maxAnswer)
			for _, err := conn.Write(append(header, 0x78, 0x9c)); err == nil; {
				// Stored blocks of 64 KB, one after the other.
				block := append([]byte{0, 0xff, 0xff, 0, 0}, make([]byte, 0xffff)...)
				_, err = conn.Write(block)
			}
		}
	})
	_, err := daemon.open().Probe(t.Context())
	if domain.KindOf(err) != domain.KindUnavailable || err == nil {
		t.Fatalf("error %v", err)
	}
}

func TestNobodyListens(t *testing.T) {
	t.Parallel()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := listener.Addr().String()
	_ = listener.Close()
	for method, call := range calls(t, openAt(t, address)) {
		err := call(t.Context())
		if domain.KindOf(err) != domain.KindUnavailable || !strings.Contains(domain.MessageOf(err), address) {
			t.Errorf("%s: %v; want an error of kind %s that names %s", method, err, domain.KindUnavailable, address)
		}
		if strings.Contains(err.Error(), "secret") {
			t.Errorf("%s: %v tells the password", method, err)
		}
	}
}
