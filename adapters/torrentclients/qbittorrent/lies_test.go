package qbittorrent_test

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/clarion-app/download-manager/adapters/torrentclients/qbittorrent"
	"github.com/clarion-app/download-manager/domain"
	"github.com/clarion-app/download-manager/ports"
)

// calls are all the calls that reach the daemon.
func calls(t *testing.T, client ports.OpenClient) map[string]func(ctx context.Context) error {
	t.Helper()
	many, one, given := numbers(t, 10), numbered(t, 1), handover(t, 1)
	name := "name"
	return map[string]func(ctx context.Context) error{
		"Probe":             func(ctx context.Context) error { _, err := client.Probe(ctx); return err },
		"Transfers of one":  func(ctx context.Context) error { _, err := client.Transfers(ctx, many[:1]); return err },
		"Transfers of many": func(ctx context.Context) error { _, err := client.Transfers(ctx, many); return err },
		"Add":               func(ctx context.Context) error { _, err := client.Add(ctx, given); return err },
		"Remove":            func(ctx context.Context) error { return client.Remove(ctx, many, true) },
		"Pause":             func(ctx context.Context) error { return client.Pause(ctx, many) },
		"Resume":            func(ctx context.Context) error { return client.Resume(ctx, many) },
		"Verify":            func(ctx context.Context) error { return client.Verify(ctx, many) },
		"Configure": func(ctx context.Context) error {
			return client.Configure(ctx, one, domain.TransferSettings{Name: &name})
		},
		"Files":    func(ctx context.Context) error { _, err := client.Files(ctx, one); return err },
		"Trackers": func(ctx context.Context) error { _, err := client.Trackers(ctx, one); return err },
		"Peers":    func(ctx context.Context) error { _, err := client.Peers(ctx, one); return err },
		"List":     func(ctx context.Context) error { _, err := client.List(ctx); return err },
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
		"hangs":                     {hang(""), "in time"},
		"hangs in the middle":       {hang(`{"rid":1,"full_upd`), "in time"},
		"drips":                     {drip, "in time"},
		"says nothing":              {says(""), "not as qbittorrent does"},
		"says garbage":              {says("\x00\xff\xfe garbage"), "not as qbittorrent does"},
		"says a page":               {says("<!doctype html><title>Router</title>"), "not as qbittorrent does"},
		"says null":                 {says("null"), "not as qbittorrent does"},
		"says a text":               {says(`"v4.5.2"`), "not as qbittorrent does"},
		"says half an object":       {says(`{"rid":1,"torrents":{"a":{`), "not as qbittorrent does"},
		"says half a list":          {says(`[{"hash":"`), "not as qbittorrent does"},
		"nests without end":         {says(strings.Repeat(`{"torrents":`, 50_000)), "not as qbittorrent does"},
		"answers 500":               {status(500), "500"},
		"answers 502":               {status(502), "502"},
		"answers 400":               {status(400), "400"},
		"answers 401":               {status(401), "401"},
		"answers 403":               {status(403), "asks for a username"},
		"answers 404":               {status(404), "404"},
		"answers 409":               {status(409), "409"},
		"redirects":                 {redirect, "redirects"},
		"breaks off":                {breakOff, "broke off"},
		"closes":                    {hangUp, "broke off"},
		"sends headers without end": {manyHeaders, "cannot reach"},
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
	_, _ = w.Write([]byte(`{"rid":1,"full_update":tr`))
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
			for method, call := range calls(t, open(t, server.URL, domain.Credentials{}, qbittorrent.WithTimeout(patience))) {
				begun := time.Now()
				err := call(t.Context())
				if domain.KindOf(err) != domain.KindUnavailable || err == nil {
					if method == "Add" && (name == "answers 400" || name == "answers 409") && err != nil {
						continue // that is how a daemon refuses a torrent
					}
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
	client := open(t, server.URL, domain.Credentials{}, qbittorrent.WithTimeout(time.Minute))
	all := calls(t, client)
	for _, method := range []string{"Probe", "Transfers of one", "Transfers of many"} {
		err := all[method](t.Context())
		if domain.KindOf(err) != domain.KindUnavailable || !strings.Contains(domain.MessageOf(err), "larger than") {
			t.Errorf("%s: error %v", method, err)
		}
	}
}

func TestAListOfTheWrongShapeIsTold(t *testing.T) {
	t.Parallel()
	hash := strings.Repeat("a", 40)
	for name, torrent := range map[string]string{
		"a number":                   `5`,
		"a list":                     `[1,2,3]`,
		"a hash that is a number":    `{"hash":5,"state":"uploading","size":10,"amount_left":0}`,
		"a hash that is another":     `{"hash":"` + strings.Repeat("b", 39) + `","infohash_v1":"x","state":"uploading","size":-10,"amount_left":0}`,
		"numbers as texts":           `{"hash":"` + hash + `","state":"uploading","size":"10","amount_left":"0"}`,
		"sizes that are null":        `{"hash":"` + hash + `","state":"uploading","size":null,"amount_left":null}`,
		"sizes below zero":           `{"hash":"` + hash + `","state":"uploading","size":10,"amount_left":-1}`,
		"sizes beyond any disk":      `{"hash":"` + hash + `","state":"uploading","size":1e300,"amount_left":0}`,
		"a state that is a list":     `{"hash":"` + hash + `","state":["uploading"],"size":10,"amount_left":0}`,
		"no state":                   `{"hash":"` + hash + `","size":10,"amount_left":0}`,
		"no size":                    `{"hash":"` + hash + `","state":"uploading","amount_left":0}`,
		"nothing about what is left": `{"hash":"` + hash + `","state":"uploading","size":10}`,
		"nothing":                    `{}`,
		"metadata that is a text":    `{"hash":"` + hash + `","state":"uploading","size":10,"amount_left":0,"has_metadata":"true"}`,
		"an object that goes on":     `{"hash":"` + hash + `","state":"uploading","size":10,"amount_left":0}}`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if strings.HasSuffix(r.URL.Path, "/info") {
					says("["+torrent+"]")(w, r)
					return
				}
				says(`{"rid":1,"full_update":true,"torrents":{"`+hash+`":`+torrent+`}}`)(w, r)
			}))
			defer server.Close()
			client := open(t, server.URL, domain.Credentials{})
			for _, hashes := range [][]domain.InfoHash{numbers(t, 10), numbers(t, 1)} {
				report, err := client.Transfers(t.Context(), hashes)
				if domain.KindOf(err) != domain.KindUnavailable || err == nil {
					t.Errorf("report %+v, error %v; want one of kind %s", report, err, domain.KindUnavailable)
				}
			}
			if list, err := client.List(t.Context()); domain.KindOf(err) != domain.KindUnavailable || err == nil {
				t.Errorf("list %+v, error %v; want one of kind %s", list, err, domain.KindUnavailable)
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
		if strings.Contains(err.Error(), "hidden") {
			t.Errorf("%s: %v tells the password", method, err)
		}
	}
}
