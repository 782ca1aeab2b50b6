package aria2_test

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/clarion-app/download-manager/adapters/torrentclients/aria2"
	"github.com/clarion-app/download-manager/domain"
	"github.com/clarion-app/download-manager/ports"
)

// calls are all the calls that reach the daemon.
func calls(t *testing.T, client ports.OpenClient) map[string]func(ctx context.Context) error {
	t.Helper()
	magnet := mustMagnet(t, "magnet:?xt=urn:btih:"+numbered(t, 1).String())
	many := make([]domain.InfoHash, 10)
	for i := range many {
		many[i] = numbered(t, i)
	}
	limit := int64(5)
	return map[string]func(ctx context.Context) error{
		"Probe":             func(ctx context.Context) error { _, err := client.Probe(ctx); return err },
		"Transfers of one":  func(ctx context.Context) error { _, err := client.Transfers(ctx, many[:1]); return err },
		"Transfers of many": func(ctx context.Context) error { _, err := client.Transfers(ctx, many); return err },
		"Add": func(ctx context.Context) error {
			_, err := client.Add(ctx, domain.Handover{Magnet: magnet})
			return err
		},
		"Remove": func(ctx context.Context) error { return client.Remove(ctx, many, false) },
		"Pause":  func(ctx context.Context) error { return client.Pause(ctx, many) },
		"Resume": func(ctx context.Context) error { return client.Resume(ctx, many) },
		"Verify": func(ctx context.Context) error { return client.Verify(ctx, many) },
		"Configure": func(ctx context.Context) error {
			return client.Configure(ctx, many[0], domain.TransferSettings{UploadLimit: &limit})
		},
		"Files":    func(ctx context.Context) error { _, err := client.Files(ctx, many[0]); return err },
		"Trackers": func(ctx context.Context) error { _, err := client.Trackers(ctx, many[0]); return err },
		"Peers":    func(ctx context.Context) error { _, err := client.Peers(ctx, many[0]); return err },
		"List":     func(ctx context.Context) error { _, err := client.List(ctx); return err },
	}
}

func says(body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(body)) }
}

func status(code int, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(code)
		_, _ = w.Write([]byte(body))
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

const page = "<h1>secret</h1>"

// lies are answers that no daemon gives, with what the error says of them.
func lies() map[string]struct {
	answer http.HandlerFunc
	says   string
} {
	return map[string]struct {
		answer http.HandlerFunc
		says   string
	}{
		"hangs":                         {hang(""), "in time"},
		"hangs in the middle":           {hang(`{"result":[[`), "in time"},
		"drips":                         {drip, "in time"},
		"says nothing":                  {says(""), "not as aria2 does"},
		"says garbage":                  {says("\x00\xff\xfe garbage"), "not as aria2 does"},
		"says a page":                   {says("<!doctype html><title>Router</title>"), "not as aria2 does"},
		"says null":                     {says("null"), "not as aria2 does"},
		"says a list":                   {says("[]"), "not as aria2 does"},
		"says an object":                {says("{}"), "not as aria2 does"},
		"says a number for a result":    {says(`{"result":5}`), "not as aria2 does"},
		"says nothing in its result":    {says(`{"result":[]}`), "not as aria2 does"},
		"says too little in its result": {says(`{"result":[[[]],[[]]]}`), "not as aria2 does"},
		"says too much in its result":   {says(`{"result":[[[]],[[]],[[]],[[]]]}`), "not as aria2 does"},
		"says half an object":           {says(`{"result":[[[{"gid":"1"`), "not as aria2 does"},
		"says more than an object":      {says(`{"result":[[[]],[[]],[[]]]} and more`), "not as aria2 does"},
		"nests without end":             {says(strings.Repeat(`{"result":[`, 50_000)), "not as aria2 does"},
		"says a text for an error":      {says(`{"error":"no"}`), "not as aria2 does"},
		"answers 200 to a wrong secret": {says(`{"error":{"code":1,"message":"Unauthorized"}}`), "rpc-secret"},
		"answers 400 to a wrong secret": {status(400, `{"error":{"code":1,"message":"Unauthorized"}}`), "rpc-secret"},
		"refuses each of several calls": {says(`{"result":[{"code":1,"message":"Unauthorized"},{"code":1,"message":"Unauthorized"},{"code":1,"message":"Unauthorized"}]}`), ""},
		"answers 400 with a page":       {status(400, page), "400"},
		"answers 500":                   {status(500, page), "500"},
		"answers 502":                   {status(502, page), "502"},
		"answers 201":                   {status(201, page), "201"},
		"answers 401":                   {status(401, page), "401"},
		"answers 403":                   {status(403, page), "403"},
		"answers 404":                   {status(404, page), "/jsonrpc"},
		"answers 413":                   {status(413, page), "larger than it allows"},
		"redirects":                     {redirect, "redirects"},
		"breaks off":                    {breakOff, "broke off"},
		"closes":                        {hangUp, "broke off"},
		"sends headers without end":     {manyHeaders, "cannot reach"},
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

func redirect(w http.ResponseWriter, r *http.Request) {
	http.Redirect(w, r, "/elsewhere", http.StatusMovedPermanently)
}

func breakOff(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Length", "1000")
	_, _ = w.Write([]byte(`{"result":[[[`))
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
				patience = 200 * time.Millisecond
			}
			for method, call := range calls(t, open(t, server.URL, domain.Credentials{Password: "secret"}, aria2.WithTimeout(patience))) {
				begun := time.Now()
				err := call(t.Context())
				if domain.KindOf(err) != domain.KindUnavailable || err == nil {
					t.Errorf("%s: error %v; want one of kind %s", method, err, domain.KindUnavailable)
					continue
				}
				if message := domain.MessageOf(err); !strings.Contains(message, lie.says) || strings.Contains(message, "<h1>") {
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
	all := calls(t, open(t, server.URL, domain.Credentials{}, aria2.WithTimeout(time.Minute)))
	for _, method := range []string{"Probe", "Transfers of many"} { // the others begin like this
		if err := all[method](t.Context()); domain.KindOf(err) != domain.KindUnavailable || !strings.Contains(domain.MessageOf(err), "larger than") {
			t.Errorf("%s: error %v", method, err)
		}
	}
}

func TestAListOfTheWrongShapeIsTold(t *testing.T) {
	t.Parallel()
	const known = `"gid":"a000000000000000","infoHash":"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa","status":"active"`
	for name, list := range map[string]string{
		"no list":                  `5`,
		"numbers in it":            `[1,2,3]`,
		"nothing of a torrent":     `[{"infoHash":"a"}]`,
		"no gid":                   `[{"infoHash":"a","status":"active"}]`,
		"a gid that is a number":   `[{"gid":1}]`,
		"a status that is unknown": `[{"gid":"a","infoHash":"a","status":"sleeping"}]`,
		"sizes that are numbers":   `[{` + known + `,"totalLength":10}]`,
		"sizes that are null":      `[{` + known + `,"totalLength":null}]`,
		"sizes below zero":         `[{` + known + `,"totalLength":"-1"}]`,
		"sizes beyond any disk":    `[{` + known + `,"totalLength":"99999999999999999999"}]`,
		"sizes that are no number": `[{` + known + `,"totalLength":"1e3"}]`,
		"sizes that are empty":     `[{` + known + `,"totalLength":""}]`,
		"more than all of it":      `[{` + known + `,"totalLength":"5","completedLength":"6"}]`,
		"a torrent that is a text": `[{` + known + `,"bittorrent":"x"}]`,
		"a name that is a number":  `[{` + known + `,"bittorrent":{"info":{"name":5}}}]`,
		"a row that does not end":  `[{` + known + `]`,
		"a pending that is a joke": `[{` + known + `,"verifyIntegrityPending":"maybe"}]`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := httptest.NewServer(says(`{"result":[[` + list + `],[[]],[[]]]}`))
			defer server.Close()
			client := open(t, server.URL, domain.Credentials{})
			report, err := client.Transfers(t.Context(), []domain.InfoHash{numbered(t, 1)})
			if domain.KindOf(err) != domain.KindUnavailable || err == nil {
				t.Errorf("report %+v, error %v; want one of kind %s", report, err, domain.KindUnavailable)
			}
		})
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
		if err != nil && strings.Contains(err.Error(), "hidden") {
			t.Errorf("%s: %v tells the password", method, err)
		}
	}
}

func TestClosingEndsWhatIsUnderWay(t *testing.T) {
	t.Parallel()
	arrived := make(chan struct{}, 10)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		arrived <- struct{}{}
		hang("{")(w, r)
	}))
	defer server.Close()
	client := open(t, server.URL, domain.Credentials{}, aria2.WithTimeout(time.Minute))
	result := make(chan error, 1)
	go func() {
		_, err := client.Probe(context.Background())
		result <- err
	}()
	<-arrived
	if err := client.Close(); err != nil {
		t.Fatal(err)
	}
	select {
	case err := <-result:
		if domain.KindOf(err) != domain.KindUnavailable || errors.Is(err, context.Canceled) {
			t.Fatalf("error %v", err)
		}
	case <-time.After(10 * time.Second):
		t.Fatal("still under way")
	}
}

func TestTLS(t *testing.T) {
	t.Parallel()
	server := httptest.NewTLSServer(says(`{"result":{"version":"1.37.0","enabledFeatures":["BitTorrent"]}}`))
	defer server.Close()
	roots := x509.NewCertPool()
	roots.AddCert(server.Certificate())
	if info, err := open(t, server.URL, domain.Credentials{}, aria2.WithRootCAs(roots)).Probe(t.Context()); err != nil || info.Version != "1.37.0" {
		t.Fatalf("%+v, error %v", info, err)
	}
	if _, err := open(t, server.URL, domain.Credentials{}).Probe(t.Context()); domain.KindOf(err) != domain.KindUnavailable {
		t.Fatalf("error %v", err)
	}
}
