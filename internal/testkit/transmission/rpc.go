package transmission

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"sync"
	"testing"
	"time"
)

const sessionHeader = "X-Transmission-Session-Id"

// client speaks the legacy RPC dialect, which both versions know: for looking at a daemon past the code under test.
type client struct {
	url, user, password string

	mu      sync.Mutex
	session string
}

// call makes one request and decodes its arguments into answer (a pointer, or nil).
func (c *client) call(ctx context.Context, method string, arguments, answer any) error {
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	request := map[string]any{"method": method}
	if arguments != nil {
		request["arguments"] = arguments
	}
	body, err := json.Marshal(request)
	if err != nil {
		return err
	}
	response, err := c.post(ctx, body)
	if err == nil && response.StatusCode == http.StatusConflict {
		_ = response.Body.Close()
		c.mu.Lock()
		c.session = response.Header.Get(sessionHeader)
		c.mu.Unlock()
		response, err = c.post(ctx, body)
	}
	if err != nil {
		return err
	}
	defer func() { _ = response.Body.Close() }()
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("%s: %s", method, response.Status)
	}
	envelope := struct {
		Result    string `json:"result"`
		Arguments any    `json:"arguments"`
	}{Arguments: answer}
	if err := json.NewDecoder(response.Body).Decode(&envelope); err != nil {
		return fmt.Errorf("%s: %w", method, err)
	}
	if envelope.Result != "success" {
		return fmt.Errorf("%s: %s", method, envelope.Result)
	}
	return nil
}

func (c *client) post(ctx context.Context, body []byte) (*http.Response, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, c.url, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	c.mu.Lock()
	request.Header.Set(sessionHeader, c.session)
	c.mu.Unlock()
	if c.user != "" {
		request.SetBasicAuth(c.user, c.password)
	}
	request.Close = true // nothing is left open when the test ends
	return http.DefaultClient.Do(request)
}

// RPC makes one call in the legacy dialect and returns its answer's arguments. A refusal fails the test.
func (d *Daemon) RPC(t testing.TB, method string, arguments any) json.RawMessage {
	t.Helper()
	var answer json.RawMessage
	if err := d.client.call(t.Context(), method, arguments, &answer); err != nil {
		t.Fatalf("transmission %s: %v", d.version, err)
	}
	return answer
}

// Torrent is how the daemon sees one torrent, as far as tests look at it.
type Torrent struct {
	HashString              string  `json:"hashString"`
	Name                    string  `json:"name"`
	Status                  int     `json:"status"`
	PercentDone             float64 `json:"percentDone"`
	LeftUntilDone           int64   `json:"leftUntilDone"`
	MetadataPercentComplete float64 `json:"metadataPercentComplete"`
	DoneDate                int64   `json:"doneDate"`
	PeersConnected          int     `json:"peersConnected"`
	Error                   int     `json:"error"`
	ErrorString             string  `json:"errorString"`
}

// Finished reports whether the download is done, and tidied up after.
func (t Torrent) Finished() bool {
	return t.MetadataPercentComplete == 1 && t.LeftUntilDone == 0 && t.DoneDate > 0
}

// Torrents lists what the daemon has.
func (d *Daemon) Torrents(t testing.TB) []Torrent {
	t.Helper()
	torrents, err := d.torrents(t.Context())
	if err != nil {
		t.Fatalf("transmission %s: %v", d.version, err)
	}
	return torrents
}

func (d *Daemon) torrents(ctx context.Context) ([]Torrent, error) {
	var answer struct {
		Torrents []Torrent `json:"torrents"`
	}
	err := d.client.call(ctx, "torrent-get", map[string]any{"fields": []string{
		"hashString", "name", "status", "percentDone", "leftUntilDone", "metadataPercentComplete", "doneDate",
		"peersConnected", "error", "errorString",
	}}, &answer)
	return answer.Torrents, err
}

// Poke makes waiting downloads begin. The daemon tells peers that it wants something every 10 seconds only, or when any
// torrent starts: so one that nobody has is added and taken away. The torrents are left as they were.
func (d *Daemon) Poke(t testing.TB) {
	t.Helper()
	if err := d.poke(t.Context()); err != nil {
		t.Fatalf("transmission %s: %v", d.version, err)
	}
}

func (d *Daemon) poke(ctx context.Context) error {
	var infoHash [20]byte
	_, _ = rand.Read(infoHash[:]) // never fails
	magnet := "magnet:?xt=urn:btih:" + hex.EncodeToString(infoHash[:])
	if err := d.client.call(ctx, "torrent-add", map[string]any{"filename": magnet}, nil); err != nil {
		return err
	}
	return d.client.call(ctx, "torrent-remove", map[string]any{"ids": []string{hex.EncodeToString(infoHash[:])}}, nil)
}

// downloading is the daemon's number of that state; mostPokes is for a torrent that cannot go on.
const (
	downloading = 4
	mostPokes   = 4
)

// pokes is how often it was poked for a torrent since that has come no further.
type pokes struct {
	n        int
	left     int64
	metadata float64
}

// KeepPoking pokes, in the background and until the test ends, as long as a torrent has a peer and downloads nothing of
// what is missing, though not for ever. Downloads that take 15 s by themselves take 1 to 5. Call it after Start; a daemon that is down meanwhile is left alone.
func (d *Daemon) KeepPoking(t testing.TB) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		ticks := time.NewTicker(250 * time.Millisecond)
		defer ticks.Stop()
		poked := map[string]pokes{} // by infohash
		for {
			select {
			case <-ctx.Done():
				return
			case <-ticks.C:
			}
			torrents, err := d.torrents(ctx)
			for _, torrent := range torrents {
				if err != nil || torrent.PeersConnected == 0 || torrent.Finished() || torrent.Status != downloading {
					continue
				}
				so := poked[torrent.HashString]
				if so.left != torrent.LeftUntilDone || so.metadata != torrent.MetadataPercentComplete {
					so = pokes{left: torrent.LeftUntilDone, metadata: torrent.MetadataPercentComplete}
				}
				so.n++
				poked[torrent.HashString] = so
				if so.n > mostPokes {
					continue
				}
				_ = d.poke(ctx) // the next tick tries again
				break
			}
		}
	}()
	t.Cleanup(func() {
		cancel()
		<-ended
	})
}
