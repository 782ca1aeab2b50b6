package fetch_test

import (
	"bytes"
	"compress/gzip"
	"net"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/clarion-app/download-manager/adapters/fetch"
	"github.com/clarion-app/download-manager/domain"
	"github.com/clarion-app/download-manager/ports/portstest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// serve runs a web server on one address of this machine.
func serve(t *testing.T, host string, handler http.HandlerFunc) (url string) {
	t.Helper()
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", host+":0")
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewUnstartedServer(handler)
	_ = server.Listener.Close()
	server.Listener = listener
	server.Start()
	t.Cleanup(func() {
		server.CloseClientConnections()
		server.Close()
	})
	return server.URL
}

// nearby may reach this machine.
func nearby(change ...func(*fetch.Config)) *fetch.Fetcher {
	config := fetch.Config{Private: true}
	for _, alter := range change {
		alter(&config)
	}
	return fetch.New(config)
}

func wantError(t *testing.T, err error, kind domain.Kind, text string) {
	t.Helper()
	all := domain.Errors(err)
	if len(all) != 1 || all[0].Kind != kind || all[0].Field != "url" || !strings.Contains(all[0].Message, text) {
		t.Errorf("error %v; want one of kind %s that says %q", err, kind, text)
	}
}

func TestTorrentFetcher(t *testing.T) {
	t.Parallel()
	portstest.TorrentFetcher(t, func(t *testing.T) portstest.TorrentFetcherHarness {
		t.Helper()
		var pages atomic.Int64
		mux := http.NewServeMux()
		url := serve(t, "127.0.0.1", mux.ServeHTTP)
		page := func(handler http.HandlerFunc) string {
			path := "/" + strconv.FormatInt(pages.Add(1), 10)
			mux.HandleFunc(path, handler)
			return url + path
		}
		return portstest.TorrentFetcherHarness{
			Fetcher: nearby(), Nowhere: url + "/nowhere",
			Serve: func(content []byte) string {
				return page(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(content) })
			},
			Redirect: func(to string) string {
				return page(func(w http.ResponseWriter, _ *http.Request) {
					w.Header().Set("Location", to)
					w.WriteHeader(http.StatusFound)
				})
			},
		}
	})
}

func TestFetchSaysNothingOfUs(t *testing.T) {
	t.Parallel()
	var seen http.Header
	url := serve(t, "127.0.0.1", func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/first" {
			http.SetCookie(w, &http.Cookie{Name: "a", Value: "b", Path: "/"})
			http.Redirect(w, r, "second?x=1#part", http.StatusFound)
			return
		}
		seen = r.Header.Clone()
		_, _ = w.Write([]byte(r.URL.RequestURI()))
	})
	fetcher := nearby(func(c *fetch.Config) { c.Version = "1.2.3" })
	got, err := fetcher.Fetch(t.Context(), url+"/first#part")
	if err != nil || string(got.Content) != "/second?x=1" {
		t.Fatal(got, err)
	}
	for name, value := range map[string]string{
		"Accept": "application/x-bittorrent, */*;q=0.5", "Accept-Encoding": "gzip", "User-Agent": "downloadmanager/1.2.3", "Connection": "close",
	} {
		if seen.Get(name) != value {
			t.Errorf("%s: %q", name, seen.Get(name))
		}
		seen.Del(name)
	}
	if len(seen) > 0 {
		t.Errorf("it was also sent %v", seen)
	}
	_, err = fetcher.Fetch(t.Context(), strings.Replace(url, "//", "//user:password@", 1))
	wantError(t, err, domain.KindInvalid, "user name")
}

func TestFetchUnpacks(t *testing.T) {
	t.Parallel()
	packed := func(content []byte) []byte {
		var b bytes.Buffer
		w := gzip.NewWriter(&b)
		_, _ = w.Write(content)
		_ = w.Close()
		return b.Bytes()
	}
	bodies := map[string][]byte{
		"/fine": packed([]byte("content")), "/bomb": packed(make([]byte, domain.MaxMetainfoBytes+1)), "/none": []byte("no gzip at all"),
		"/half": packed([]byte("content"))[:15], "/odd": packed([]byte("content")),
	}
	url := serve(t, "127.0.0.1", func(w http.ResponseWriter, r *http.Request) {
		encoding := "gzip"
		if r.URL.Path == "/odd" {
			encoding = "br"
		}
		w.Header().Set("Content-Encoding", encoding)
		_, _ = w.Write(bodies[r.URL.Path])
	})
	if len(bodies["/bomb"]) > 100<<10 {
		t.Fatal("it is no bomb")
	}
	got, err := nearby().Fetch(t.Context(), url+"/fine")
	if err != nil || string(got.Content) != "content" {
		t.Error(got, err)
	}
	for path, text := range map[string]string{"/bomb": "larger", "/none": "damaged", "/odd": "unknown way"} {
		_, err := nearby().Fetch(t.Context(), url+path)
		wantError(t, err, domain.KindInvalid, text)
	}
	_, err = nearby().Fetch(t.Context(), url+"/half")
	wantError(t, err, domain.KindUnavailable, "breaks off")
}

func TestFetchIsBounded(t *testing.T) {
	t.Parallel()
	released := make(chan struct{})
	t.Cleanup(func() { close(released) })
	// emptyBlocks is gzip that goes on for ever and unpacks to nothing.
	head := []byte{0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff}
	emptyBlocks := bytes.Repeat([]byte{0, 0, 0, 0xff, 0xff}, 10_000)
	pages := map[string]func(w http.ResponseWriter, r *http.Request){
		"/endless": func(w http.ResponseWriter, _ *http.Request) {
			for piece := make([]byte, 64<<10); ; {
				if _, err := w.Write(piece); err != nil {
					return
				}
			}
		},
		"/hollow": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Encoding", "gzip")
			_, err := w.Write(head)
			for err == nil {
				_, err = w.Write(emptyBlocks)
			}
		},
		"/boast": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "99999999999")
			_, _ = w.Write([]byte("x"))
		},
		"/slow": func(w http.ResponseWriter, r *http.Request) {
			drip := time.NewTicker(20 * time.Millisecond)
			defer drip.Stop()
			for r.Context().Err() == nil {
				_, _ = w.Write([]byte("x"))
				_ = http.NewResponseController(w).Flush()
				<-drip.C
			}
		},
		"/silent": func(_ http.ResponseWriter, r *http.Request) {
			select {
			case <-released:
			case <-r.Context().Done():
			}
		},
		"/broken": func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) },
		"/head": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("X-Long", strings.Repeat("x", 128<<10))
		},
		"/404": func(w http.ResponseWriter, r *http.Request) { http.NotFound(w, r) },
		"/500": func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "secret", http.StatusInternalServerError) },
		"/429": func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusTooManyRequests) },
		"/to":  func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusFound) },
		"/loop": func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "/loop", http.StatusMovedPermanently)
		},
		"/far": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Location", "/"+strings.Repeat("x", 10_000))
			w.WriteHeader(http.StatusFound)
		},
	}
	url := serve(t, "127.0.0.1", func(w http.ResponseWriter, r *http.Request) { pages[r.URL.Path](w, r) })
	closed := serve(t, "127.0.0.1", nil)
	for path, want := range map[string]struct {
		kind domain.Kind
		text string
	}{
		"/endless": {domain.KindInvalid, "larger"},
		"/hollow":  {domain.KindInvalid, "larger"},
		"/boast":   {domain.KindInvalid, "larger"},
		"/slow":    {domain.KindUnavailable, "in time"},
		"/silent":  {domain.KindUnavailable, "in time"},
		"/broken":  {domain.KindUnavailable, "breaks off"},
		"/head":    {domain.KindUnavailable, "breaks off"},
		"/404":     {domain.KindInvalid, "404"},
		"/500":     {domain.KindUnavailable, "500"},
		"/429":     {domain.KindUnavailable, "429"},
		"/to":      {domain.KindInvalid, "302"},
		"/loop":    {domain.KindInvalid, "too often"},
		"/far":     {domain.KindInvalid, "too long"},
	} {
		t.Run(path, func(t *testing.T) {
			t.Parallel()
			timeout := 20 * time.Second
			if want.text == "in time" {
				timeout = 300 * time.Millisecond
			}
			fetcher := nearby(func(c *fetch.Config) { c.Timeout = timeout })
			fetcher.AllowBytes(200_000)
			got, err := fetcher.Fetch(t.Context(), url+path)
			wantError(t, err, want.kind, want.text)
			if got.Content != nil {
				t.Errorf("%d bytes", len(got.Content))
			}
		})
	}
	t.Run("nobody there", func(t *testing.T) {
		t.Parallel()
		_, err := nearby().Fetch(t.Context(), strings.Replace(closed, "127.0.0.1", "127.0.0.9", 1))
		wantError(t, err, domain.KindUnavailable, "cannot be reached")
	})
	t.Run("no more are asked at a time than is allowed", func(t *testing.T) {
		t.Parallel()
		var now, most atomic.Int64
		busy := serve(t, "127.0.0.1", func(http.ResponseWriter, *http.Request) {
			most.Store(max(most.Load(), now.Add(1)))
			<-time.After(10 * time.Millisecond)
			now.Add(-1)
		})
		fetcher := nearby(func(c *fetch.Config) { c.AtOnce = 2 })
		var all sync.WaitGroup
		for range 20 {
			all.Go(func() {
				if _, err := fetcher.Fetch(t.Context(), busy); err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
		if most.Load() > 2 {
			t.Errorf("%d at once", most.Load())
		}
	})
	t.Run("waiting for others ends, too", func(t *testing.T) {
		t.Parallel()
		fetcher := nearby(func(c *fetch.Config) { c.AtOnce, c.Timeout = 1, 300*time.Millisecond })
		var all sync.WaitGroup
		for range 10 {
			all.Go(func() {
				_, err := fetcher.Fetch(t.Context(), url+"/silent")
				wantError(t, err, domain.KindUnavailable, "")
			})
		}
		all.Wait()
	})
	t.Run("a certificate that is not good", func(t *testing.T) {
		t.Parallel()
		server := httptest.NewTLSServer(http.NotFoundHandler())
		defer server.Close()
		_, err := nearby().Fetch(t.Context(), server.URL)
		wantError(t, err, domain.KindInvalid, "certificate")
	})
}
