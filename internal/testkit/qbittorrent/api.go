package qbittorrent

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/clarion-app/download-manager/internal/testkit/wait"
)

// client speaks the Web API: for looking at a daemon past the code under test.
type client struct {
	url, user, password string

	mu     sync.Mutex
	cookie string
}

// get makes one request and decodes the JSON of its answer.
func (c *client) get(ctx context.Context, path string, answer any) error {
	body, err := c.call(ctx, http.MethodGet, path, "", "")
	if err == nil {
		err = json.Unmarshal(body, answer)
	}
	return err
}

// call makes one request, logging in first if the daemon asks for that.
func (c *client) call(ctx context.Context, method, path, contentType, body string) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	c.mu.Lock()
	defer c.mu.Unlock()
	status, answer, err := c.exchange(ctx, method, path, contentType, body)
	if err == nil && status == http.StatusForbidden && c.user != "" {
		form := url.Values{"username": {c.user}, "password": {c.password}}
		c.cookie = ""
		if _, _, err = c.exchange(ctx, http.MethodPost, "auth/login", formType, form.Encode()); err != nil {
			return nil, err
		}
		status, answer, err = c.exchange(ctx, method, path, contentType, body)
	}
	if err == nil && status/100 != 2 {
		err = fmt.Errorf("%s: %d %s", path, status, answer)
	}
	return answer, err
}

const formType = "application/x-www-form-urlencoded"

func (c *client) exchange(ctx context.Context, method, path, contentType, body string) (status int, answer []byte, err error) {
	request, err := http.NewRequestWithContext(ctx, method, c.url+path, strings.NewReader(body))
	if err != nil {
		return 0, nil, err
	}
	request.Header.Set("Content-Type", contentType)
	if c.cookie != "" {
		request.Header.Set("Cookie", c.cookie)
	}
	request.Close = true // nothing is left open when the test ends
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return 0, nil, err
	}
	defer func() { _ = response.Body.Close() }()
	for _, cookie := range response.Cookies() {
		c.cookie = cookie.Name + "=" + cookie.Value
	}
	answer, err = io.ReadAll(response.Body)
	return response.StatusCode, answer, err
}

// Get asks for something and decodes the JSON of the answer. A refusal fails the test.
func (d *Daemon) Get(t testing.TB, path string, answer any) {
	t.Helper()
	if err := d.client.get(t.Context(), path, answer); err != nil {
		t.Fatalf("qbittorrent %s: %v", d.version, err)
	}
}

// Post has something done, with names and values of a form in turn, and returns the answer. A refusal fails the test.
func (d *Daemon) Post(t testing.TB, path string, form ...string) string {
	t.Helper()
	values := url.Values{}
	for i := 0; i+1 < len(form); i += 2 {
		values.Set(form[i], form[i+1])
	}
	answer, err := d.client.call(t.Context(), http.MethodPost, path, formType, values.Encode())
	if err != nil {
		t.Fatalf("qbittorrent %s: %v", d.version, err)
	}
	return string(answer)
}

// Add adds a magnet link with the given infohash, and waits until the daemon shows it: adding takes it some moments.
func (d *Daemon) Add(t testing.TB, magnet, infoHash string) {
	t.Helper()
	d.Post(t, "torrents/add", "urls", magnet)
	wait.Until(t, time.Minute, "what was added to be there", func() bool {
		return slices.ContainsFunc(d.Torrents(t), func(torrent Torrent) bool {
			return torrent.Hash == infoHash || torrent.InfoHashV1 == infoHash
		})
	})
}

// Remove takes a torrent out; its data stays.
func (d *Daemon) Remove(t testing.TB, infoHash string) {
	t.Helper()
	d.Post(t, "torrents/delete", "hashes", infoHash, "deleteFiles", "false")
}

// StopTorrent pauses a torrent.
func (d *Daemon) StopTorrent(t testing.TB, infoHash string) {
	t.Helper()
	if d.version == V4 {
		d.Post(t, "torrents/pause", "hashes", infoHash)
		return
	}
	d.Post(t, "torrents/stop", "hashes", infoHash)
}

// SetPreference changes a preference; the value is JSON.
func (d *Daemon) SetPreference(t testing.TB, name string, value any) {
	t.Helper()
	text, err := json.Marshal(map[string]any{name: value})
	if err != nil {
		t.Fatal(err)
	}
	d.Post(t, "app/setPreferences", "json", string(text))
}

// NewAPIKey makes the daemon accept a key in the place of a login; only versions from 5.2 on know of keys.
func (d *Daemon) NewAPIKey(t testing.TB) string {
	t.Helper()
	var answer struct {
		Key string `json:"apiKey"`
	}
	if err := json.Unmarshal([]byte(d.Post(t, "app/rotateAPIKey")), &answer); err != nil || answer.Key == "" {
		t.Fatalf("qbittorrent %s: no key: %v", d.version, err)
	}
	return answer.Key
}

// Torrent is how the daemon sees one torrent, as far as tests look at it.
type Torrent struct {
	Hash        string  `json:"hash"`
	InfoHashV1  string  `json:"infohash_v1"`
	Name        string  `json:"name"`
	State       string  `json:"state"`
	Size        int64   `json:"size"`
	AmountLeft  int64   `json:"amount_left"`
	Progress    float64 `json:"progress"`
	CompletedAt int64   `json:"completion_on"`
	Category    string  `json:"category"`
	SavePath    string  `json:"save_path"`
	DownLimit   int64   `json:"dl_limit"`
	UpLimit     int64   `json:"up_limit"`
}

// Finished reports whether the download is done.
func (t Torrent) Finished() bool { return t.Size > 0 && t.AmountLeft == 0 && t.CompletedAt > 0 }

// Torrents lists what the daemon has.
func (d *Daemon) Torrents(t testing.TB) []Torrent {
	t.Helper()
	var torrents []Torrent
	d.Get(t, "torrents/info", &torrents)
	return torrents
}
