package transmission_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/clarion-app/download-manager/domain"
	"github.com/clarion-app/download-manager/ports"
)

// fake is a daemon of which a test decides what has changed lately, so that no
// test waits for a minute to pass. It speaks the legacy dialect, in tables.
type fake struct {
	*httptest.Server

	mu       sync.Mutex
	session  int
	torrents []fakeTorrent
	// recent and removed are what recently-active answers.
	recent  []fakeTorrent
	removed []int
	// noRecent makes it take recently-active for an unknown id.
	noRecent bool
	age      int
	requests []fakeRequest
}

type fakeTorrent struct {
	id, status, left int
	hash             domain.InfoHash
}

// fakeRequest is one request that was answered with 200.
type fakeRequest struct {
	method string
	ids    string
	answer int // bytes
}

func newFake(t testing.TB, n int) *fake {
	f := &fake{age: 3600}
	for i := range n {
		f.torrents = append(f.torrents, fakeTorrent{id: i + 1, status: 4, left: 5, hash: numbered(t, i)})
	}
	f.Server = httptest.NewServer(f)
	t.Cleanup(f.Close)
	return f
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

func (f *fake) hashes() []domain.InfoHash {
	hashes := make([]domain.InfoHash, len(f.torrents))
	for i, torrent := range f.torrents {
		hashes[i] = torrent.hash
	}
	return hashes
}

// open opens a client of the fake.
func (f *fake) open(t testing.TB) ports.TorrentClient {
	t.Helper()
	return open(t, f.URL, domain.Credentials{})
}

// asked returns what was asked since the last call.
func (f *fake) asked() []fakeRequest {
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
	session := "session-" + strconv.Itoa(f.session)
	if r.Header.Get("X-Transmission-Session-Id") != session {
		w.Header().Set("X-Transmission-Session-Id", session)
		w.WriteHeader(http.StatusConflict)
		return
	}
	var request struct {
		Method    string
		Arguments struct{ IDs json.RawMessage }
	}
	if err := json.NewDecoder(r.Body).Decode(&request); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	arguments := "{}"
	switch request.Method {
	case "torrent-get":
		arguments = f.list(request.Arguments.IDs)
	case "session-stats":
		arguments = fmt.Sprintf(`{"current-stats":{"secondsActive":%d}}`, f.age)
	}
	answer := `{"arguments":` + arguments + `,"result":"success"}`
	f.requests = append(f.requests, fakeRequest{request.Method, string(request.Arguments.IDs), len(answer)})
	_, _ = w.Write([]byte(answer))
}

func (f *fake) list(raw json.RawMessage) string {
	removed := ""
	torrents := f.torrents
	var ids []string
	switch {
	case string(raw) == `"recently-active"` && f.noRecent:
		torrents = nil
	case string(raw) == `"recently-active"`:
		text, _ := json.Marshal(append([]int{}, f.removed...)) // numbers
		removed = `"removed":` + string(text) + `,`
		torrents = f.recent
	case json.Unmarshal(raw, &ids) == nil:
		torrents = slices.DeleteFunc(slices.Clone(torrents), func(t fakeTorrent) bool {
			return !slices.Contains(ids, t.hash.String())
		})
	}
	var rows strings.Builder
	for _, t := range torrents {
		fmt.Fprintf(&rows, `,[%d,%q,"name %d",%d,0,"",1,100,%d,0,0,0,-1,0,-1]`, t.id, t.hash, t.id, t.status, t.left)
	}
	return `{` + removed + `"torrents":[["id","hashString","name","status","error","errorString","metadataPercentComplete",` +
		`"sizeWhenDone","leftUntilDone","doneDate","rateDownload","rateUpload","eta","peersConnected","uploadRatio"]` + rows.String() + `]}`
}
