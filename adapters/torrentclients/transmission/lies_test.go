package transmission_test

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/clarion-app/download-manager/adapters/torrentclients/transmission"
	"github.com/clarion-app/download-manager/domain"
	"github.com/clarion-app/download-manager/ports"
)

// calls are all the calls that reach the daemon.
func calls(t *testing.T, client ports.TorrentClient) map[string]func(ctx context.Context) error {
	t.Helper()
	magnet, err := domain.ParseMagnet("magnet:?xt=urn:btih:" + numbered(t, 1).String())
	if err != nil {
		t.Fatal(err)
	}
	many := make([]domain.InfoHash, 10)
	for i := range many {
		many[i] = numbered(t, i)
	}
	return map[string]func(ctx context.Context) error{
		"Probe": func(ctx context.Context) error { _, err := client.Probe(ctx); return err },
		"Transfers of one": func(ctx context.Context) error {
			_, err := client.Transfers(ctx, many[:1])
			return err
		},
		"Transfers of many": func(ctx context.Context) error { _, err := client.Transfers(ctx, many); return err },
		"Add": func(ctx context.Context) error {
			_, err := client.Add(ctx, domain.Handover{Magnet: magnet})
			return err
		},
		"Remove": func(ctx context.Context) error { return client.Remove(ctx, many, true) },
	}
}

func says(body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(body)) }
}

func status(code int) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(code)
		_, _ = w.Write([]byte("<h1>secret</h1>"))
	}
}

// hang answers nothing, or nothing more, until the other side has gone.
func hang(before string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if before != "" {
			_, _ = w.Write([]byte(before))
			_ = http.NewResponseController(w).Flush()
		}
		<-r.Context().Done()
	}
}

// lies are answers that no daemon gives, with what the error says of them.
func lies() map[string]struct {
	answer http.HandlerFunc
	says   string
} {
	return map[string]struct {
		answer http.HandlerFunc
		says   string
	}{
		"hangs":                       {hang(""), "in time"},
		"hangs in the middle":         {hang(`{"result":"succ`), "in time"},
		"drips":                       {drip, "in time"},
		"says nothing":                {says(""), "not as transmission does"},
		"says garbage":                {says("\x00\xff\xfe garbage"), "not as transmission does"},
		"says a page":                 {says("<!doctype html><title>Router</title>"), "not as transmission does"},
		"says null":                   {says("null"), "not as transmission does"},
		"says a list":                 {says("[]"), "not as transmission does"},
		"says an object":              {says("{}"), "not as transmission does"},
		"says a number for a result":  {says(`{"result":5,"arguments":{}}`), "not as transmission does"},
		"says half an object":         {says(`{"arguments":{"torrents":[["hashString"`), "not as transmission does"},
		"says more than an object":    {says(`{"result":"success","arguments":{}} and more`), "not as transmission does"},
		"nests without end":           {says(strings.Repeat(`{"arguments":`, 50_000)), "not as transmission does"},
		"answers 500":                 {status(500), "500"},
		"answers 502":                 {status(502), "502"},
		"answers 204":                 {status(204), "204"},
		"answers 401":                 {status(401), "401"},
		"answers 403":                 {status(403), "whitelist"},
		"answers 404":                 {status(404), "404"},
		"answers 421":                 {status(421), "host name"},
		"answers 409 without id":      {status(409), "session id"},
		"answers 409 for ever":        {handshakes("always the same"), "409"},
		"redirects":                   {redirect, "redirects"},
		"breaks off":                  {breakOff, "broke off"},
		"closes":                      {hangUp, "broke off"},
		"sends headers without end":   {manyHeaders, "cannot reach"},
		"knows no method":             {says(`{"arguments":0,"result":"no method name"}`), "no method name"},
		"knows no JSON-RPC method":    {says(`{"jsonrpc":"2.0","error":{"code":-32601,"message":"Method not found"},"id":1}`), "Method not found"},
		"says a text for an error":    {says(`{"jsonrpc":"2.0","error":"no","id":1}`), "not as transmission does"},
		"says a list for arguments":   {says(`{"result":"success","arguments":[]}`), ""},
		"says a number for arguments": {says(`{"result":"success","arguments":5}`), ""},
		"says nothing for arguments":  {says(`{"result":"success"}`), ""},
	}
}

func drip(w http.ResponseWriter, r *http.Request) {
	for r.Context().Err() == nil {
		if _, err := w.Write([]byte(" ")); err != nil {
			return
		}
		_ = http.NewResponseController(w).Flush()
		select {
		case <-r.Context().Done():
		case <-time.After(20 * time.Millisecond):
		}
	}
}

func handshakes(session string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("X-Transmission-Session-Id", session)
		w.WriteHeader(http.StatusConflict)
	}
}

func redirect(w http.ResponseWriter, r *http.Request) {
	http.Redirect(w, r, "/elsewhere", http.StatusMovedPermanently)
}

func breakOff(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Length", "1000")
	_, _ = w.Write([]byte(`{"result":"success","arguments":{"torr`))
}

func hangUp(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }

func endless(w http.ResponseWriter, r *http.Request) {
	_, _ = io.Copy(io.Discard, r.Body)
	piece := []byte(strings.Repeat(" ", 1<<20))
	for r.Context().Err() == nil {
		if _, err := w.Write(piece); err != nil {
			return
		}
	}
}

func manyHeaders(w http.ResponseWriter, _ *http.Request) {
	for i := range 2000 {
		w.Header().Set(fmt.Sprintf("X-Header-%d", i), strings.Repeat("x", 100))
	}
}

func TestLiesAreToldAndBounded(t *testing.T) {
	t.Parallel()
	for name, lie := range lies() {
		t.Run("a daemon that "+name, func(t *testing.T) {
			t.Parallel()
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				_, _ = io.Copy(io.Discard, r.Body) // else the server does not notice who has gone
				lie.answer(w, r)
			}))
			defer server.Close()
			patience := time.Minute // whatever else the machine is doing
			if lie.says == "in time" {
				patience = 500 * time.Millisecond
			}
			for method, call := range calls(t, open(t, server.URL, domain.Credentials{}, transmission.WithTimeout(patience))) {
				if method == "Remove" && lie.says == "" {
					continue // of a removal's answer only the result counts
				}
				begun := time.Now()
				err := call(t.Context())
				if domain.KindOf(err) != domain.KindUnavailable || err == nil {
					t.Errorf("%s: error %v; want one of kind %s", method, err, domain.KindUnavailable)
					continue
				}
				if message := domain.MessageOf(err); !strings.Contains(message, lie.says) || strings.Contains(message, "secret") {
					t.Errorf("%s: message %q; want it to tell of %q", method, message, lie.says)
				}
				if took := time.Since(begun); took > 20*time.Second {
					t.Errorf("%s took %s", method, took)
				}
			}
		})
	}
}

func TestAnAnswerWithoutEndIsNotRead(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.HandlerFunc(endless))
	defer server.Close()
	for method, call := range calls(t, open(t, server.URL, domain.Credentials{}, transmission.WithTimeout(time.Minute))) {
		err := call(t.Context())
		if domain.KindOf(err) != domain.KindUnavailable || !strings.Contains(domain.MessageOf(err), "larger than") {
			t.Errorf("%s: error %v", method, err)
		}
	}
}

func TestAListOfTheWrongShapeIsTold(t *testing.T) {
	t.Parallel()
	const header = `["hashString","status","sizeWhenDone","leftUntilDone"]`
	hash := `"` + strings.Repeat("a", 40) + `"`
	for name, torrents := range map[string]string{
		"no list":                   `5`,
		"numbers in it":             `[1,2,3]`,
		"a hash that is a number":   `[` + header + `,[5,6,10,0]]`,
		"numbers as texts":          `[` + header + `,[` + hash + `,"6","10","0"]]`,
		"sizes that are null":       `[` + header + `,[` + hash + `,6,null,null]]`,
		"sizes below zero":          `[` + header + `,[` + hash + `,6,10,-1]]`,
		"sizes beyond any disk":     `[` + header + `,[` + hash + `,6,1e300,0]]`,
		"a status that is a list":   `[` + header + `,[` + hash + `,[6],10,0]]`,
		"a row that is too short":   `[` + header + `,[` + hash + `,6,10]]`,
		"a row that is too long":    `[` + header + `,[` + hash + `,6,10,0,0]]`,
		"a header without sizes":    `[["hashString","status"],[` + hash + `,6]]`,
		"a header without hashes":   `[["status","sizeWhenDone","leftUntilDone"],[6,10,0]]`,
		"a header of numbers":       `[[1,2],[1,2]]`,
		"objects without anything":  `[{}]`,
		"objects without a size":    `[{"hashString":` + hash + `,"status":6}]`,
		"objects with text numbers": `[{"hashString":` + hash + `,"status":"6","sizeWhenDone":"1","leftUntilDone":"0"}]`,
		"a row that does not end":   `[` + header + `,[` + hash + `,6,10,0]`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := httptest.NewServer(says(`{"arguments":{"torrents":` + torrents + `},"result":"success"}`))
			defer server.Close()
			client := open(t, server.URL, domain.Credentials{})
			hashes := []domain.InfoHash{numbered(t, 1), numbered(t, 2), numbered(t, 3), numbered(t, 4), numbered(t, 5), numbered(t, 6)}
			for _, hashes := range [][]domain.InfoHash{hashes, hashes[:1]} {
				report, err := client.Transfers(t.Context(), hashes)
				if domain.KindOf(err) != domain.KindUnavailable || err == nil {
					t.Errorf("report %+v, error %v; want one of kind %s", report, err, domain.KindUnavailable)
				}
			}
		})
	}
}

func TestA409ForEverIsRepeatedOnce(t *testing.T) {
	t.Parallel()
	var requests atomic.Int32
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		requests.Add(1)
		handshakes("always the same")(w, r)
	}))
	defer server.Close()
	for method, call := range calls(t, open(t, server.URL, domain.Credentials{})) {
		requests.Store(0)
		if err := call(t.Context()); err == nil {
			t.Errorf("%s is fine", method)
		}
		if n := requests.Load(); n != 2 {
			t.Errorf("%s: %d requests; want 2", method, n)
		}
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
	for method, call := range calls(t, open(t, address, domain.Credentials{Username: "user", Password: "hidden"})) {
		err := call(t.Context())
		if domain.KindOf(err) != domain.KindUnavailable || !strings.Contains(domain.MessageOf(err), address) {
			t.Errorf("%s: %v; want an error of kind %s that names %s", method, err, domain.KindUnavailable, address)
		}
		if strings.Contains(err.Error(), "hidden") {
			t.Errorf("%s: %v tells the password", method, err)
		}
	}
}
