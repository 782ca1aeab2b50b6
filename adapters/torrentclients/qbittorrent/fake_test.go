package qbittorrent_test

import (
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/clarion-app/download-manager/adapters/torrentclients/qbittorrent"
	"github.com/clarion-app/download-manager/domain"
	"github.com/clarion-app/download-manager/ports"
)

// fake is a daemon of which a test decides what happens, and which notes what it
// is asked.
type fake struct {
	*httptest.Server

	mu sync.Mutex
	// torrents are objects by id.
	torrents map[string]string
	// session is the only one that there is. It is begun for everybody, or after a
	// login with the password where that is set.
	session  string
	password string
	rid      int
	told     map[string]string // what rid stands for
	// login answers a login in the place of the usual; also is done before every
	// other answer.
	login http.HandlerFunc
	also  func(w http.ResponseWriter, r *http.Request) (done bool)

	requests []string
}

func newFake(t testing.TB, n int) *fake {
	f := &fake{torrents: map[string]string{}, session: "one"}
	for i := range n {
		f.torrents[numbered(t, i).String()] = downloading(5)
	}
	f.Server = httptest.NewServer(f)
	t.Cleanup(f.Close)
	return f
}

// downloading is a torrent of 100 bytes, of which some are left.
func downloading(left int) string {
	return fmt.Sprintf(`{"name":"name","state":"downloading","size":100,"total_size":100,"amount_left":%d}`, left)
}

// numbered returns the infohash of the i-th torrent of every fake.
func numbered(t testing.TB, i int) domain.InfoHash {
	t.Helper()
	hash, err := domain.ParseInfoHash(fmt.Sprintf("%040x", i+1))
	if err != nil {
		t.Fatal(err)
	}
	return hash
}

func numbers(t testing.TB, n int) []domain.InfoHash {
	t.Helper()
	hashes := make([]domain.InfoHash, n)
	for i := range hashes {
		hashes[i] = numbered(t, i)
	}
	return hashes
}

func handover(t testing.TB, i int) domain.Handover {
	t.Helper()
	magnet, err := domain.ParseMagnet("magnet:?xt=urn:btih:" + numbered(t, i).String())
	if err != nil {
		t.Fatal(err)
	}
	return domain.Handover{Magnet: magnet}
}

// open opens a client of the fake.
func (f *fake) open(t testing.TB, options ...qbittorrent.Option) ports.OpenClient {
	t.Helper()
	return open(t, f.URL, domain.Credentials{}, options...)
}

// asked returns what was asked since the last call: the path, and of what.
func (f *fake) asked() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	requests := f.requests
	f.requests = nil
	return requests
}

// change alters the fake under its lock.
func (f *fake) change(change func()) {
	f.mu.Lock()
	defer f.mu.Unlock()
	change()
}

func (f *fake) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	defer f.mu.Unlock()
	path := strings.TrimPrefix(r.URL.Path, "/api/v2/")
	if err := r.ParseMultipartForm(1 << 20); err != nil && err != http.ErrNotMultipart { //nolint:errorlint // it is just that one
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	note := path
	for _, key := range []string{"rid", "hashes", "hash", "urls", "category", "limit"} {
		if value := r.Form.Get(key); value != "" {
			note += " " + key + "=" + value
		}
	}
	f.requests = append(f.requests, note)
	if path == "auth/login" {
		f.logIn(w, r)
		return
	}
	if r.Header.Get("Cookie") != "SID="+f.session {
		if f.password != "" {
			http.Error(w, "Forbidden", http.StatusForbidden)
			return
		}
		f.begin(w)
	}
	if f.also != nil && f.also(w, r) {
		return
	}
	switch path {
	case "app/version":
		_, _ = w.Write([]byte("v9.9"))
	case "torrents/info":
		var list []string
		for _, id := range strings.Split(r.Form.Get("hashes"), "|") {
			if torrent, found := f.torrents[id]; found {
				list = append(list, `{"hash":"`+id+`",`+torrent[1:])
			}
		}
		_, _ = w.Write([]byte("[" + strings.Join(list, ",") + "]"))
	case "sync/maindata":
		_, _ = w.Write([]byte(f.sync(r.Form.Get("rid"))))
	case "torrents/delete":
		for _, id := range strings.Split(r.Form.Get("hashes"), "|") {
			delete(f.torrents, id)
		}
	case "torrents/add":
		hash := strings.TrimPrefix(r.Form.Get("urls"), "magnet:?xt=urn:btih:")
		if _, there := f.torrents[hash]; there {
			_, _ = w.Write([]byte("Fails."))
			return
		}
		f.torrents[hash] = downloading(100)
		_, _ = w.Write([]byte("Ok."))
	default:
		http.NotFound(w, r)
	}
}

func (f *fake) logIn(w http.ResponseWriter, r *http.Request) {
	switch {
	case f.login != nil:
		f.login(w, r)
	case r.Form.Get("username") != "me" || r.Form.Get("password") != f.password:
		_, _ = w.Write([]byte("Fails."))
	default:
		f.begin(w)
		_, _ = w.Write([]byte("Ok."))
	}
}

func (f *fake) begin(w http.ResponseWriter) {
	http.SetCookie(w, &http.Cookie{Name: "SID", Value: f.session})
	f.rid, f.told = 0, nil
}

// sync tells everything, or what has changed since it last told something; not
// finer than whole torrents.
func (f *fake) sync(rid string) string {
	f.rid++
	before, full := f.told, ""
	if rid != strconv.Itoa(f.rid-1) || before == nil {
		before, full = nil, `"full_update":true,`
	}
	f.told = maps.Clone(f.torrents)
	var changed, removed []string
	for _, id := range slices.Sorted(maps.Keys(f.torrents)) {
		if before == nil || before[id] != f.torrents[id] {
			changed = append(changed, `"`+id+`":`+f.torrents[id])
		}
	}
	for id := range before {
		if _, there := f.torrents[id]; !there {
			removed = append(removed, `"`+id+`"`)
		}
	}
	return fmt.Sprintf(`{%s"rid":%d,"server_state":{"free_space_on_disk":1000},"torrents":{%s},"torrents_removed":[%s]}`,
		full, f.rid, strings.Join(changed, ","), strings.Join(removed, ","))
}

// fakeClock stands still until it is told to pass.
type fakeClock struct {
	mu  sync.Mutex
	now time.Time
}

func newFakeClock() *fakeClock { return &fakeClock{now: time.Now()} }

func (c *fakeClock) pass(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

func (c *fakeClock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}
