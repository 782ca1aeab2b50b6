package rest_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"
	"go.uber.org/goleak"

	"github.com/clarion-app/download-manager/adapters/memory"
	"github.com/clarion-app/download-manager/adapters/rest"
	"github.com/clarion-app/download-manager/app"
	"github.com/clarion-app/download-manager/domain"
)

const (
	node   = "node-1"
	cosmos = "magnet:?xt=urn:btih:c9e15763f722f23e98a29decdfae341b98d53056&dn=Cosmos+Laundromat&tr=udp%3A%2F%2Ftracker.example%3A6969"
	// bare has no name in it.
	bare     = "magnet:?xt=urn:btih:08ada5a7a6183aae1e09d831df6748d566095a10"
	bareHash = "08ada5a7a6183aae1e09d831df6748d566095a10"
	nobody   = "7b1f0c1e-52a4-4d37-9a51-0d8f2f6b9c11"
)

var (
	adminID  = uuid.MustParse("aaaaaaaa-0000-4000-8000-000000000001")
	memberID = uuid.MustParse("bbbbbbbb-0000-4000-8000-000000000002")
	otherID  = uuid.MustParse("cccccccc-0000-4000-8000-000000000003")
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// world is the door before a real app, which keeps everything in memory.
type world struct {
	t       testing.TB
	handler http.Handler
	store   *memory.Store
	clients *memory.TorrentClients
	users   *app.Users
	events  *app.Events
	nudged  atomic.Int64
	log     bytes.Buffer
	prefix  string
}

// newWorld has no server yet. Its clock moves on by a second at every look.
func newWorld(t testing.TB, adjust ...func(*rest.Config)) *world {
	t.Helper()
	w := &world{t: t, store: memory.New(), clients: memory.NewTorrentClients("Transmission", "Embedded"), prefix: "/api"}
	var looks atomic.Int64
	now := func() time.Time { return rest.Whole.Add(time.Duration(looks.Add(1)) * time.Second) }
	w.store.Now = now
	nudge := func(uuid.UUID) { w.nudged.Add(1) }
	w.users = &app.Users{Repository: w.store.Users(), Tokens: w.store.Tokens(), Passwords: hasher{}, Now: now}
	w.events = &app.Events{
		EventLog: w.store.EventLog(), Signal: w.store.Signal(), Log: slog.New(slog.DiscardHandler), Poll: time.Minute,
	}
	config := rest.Config{
		Users: w.users,
		Torrents: &app.Torrents{
			Repository: w.store.Torrents(), Keys: w.store.IdempotencyKeys(), Servers: w.store.Servers(), Loads: w.store.ServerLoads(),
			Capabilities: w.clients.Capabilities, Node: node, Nudge: nudge, Now: now,
		},
		Servers: &app.Servers{
			Repository: w.store.Servers(), Torrents: w.store.Torrents(), Clients: w.clients,
			Node: node, Nudge: nudge, Now: now,
		},
		Events:       w.events,
		Consumers:    &app.Consumers{Repository: w.store.Consumers(), EventLog: w.store.EventLog(), Now: now},
		Authenticate: authenticate,
		Log:          slog.New(slog.NewTextHandler(&w.log, nil)),
		MaxBody:      64 << 10,
	}
	for _, change := range adjust {
		change(&config)
	}
	w.handler = rest.New(config)
	return w
}

// withServer is newWorld with a server, whose id it returns.
func withServer(t *testing.T, adjust ...func(*rest.Config)) (*world, string) {
	t.Helper()
	w := newWorld(t, adjust...)
	return w, w.addServer("127.0.0.1:9091")
}

func authenticate(r *http.Request) (domain.Actor, error) {
	switch r.Header.Get("Authorization") {
	case "Bearer admin":
		return domain.Actor{UserID: adminID, Name: "ada", Role: domain.RoleAdministrator}, nil
	case "Bearer member":
		return domain.Actor{UserID: memberID, Name: "mel", Role: domain.RoleMember}, nil
	case "Bearer brief":
		soon := time.Now().Add(100 * time.Millisecond)
		return domain.Actor{UserID: memberID, Name: "mel", Role: domain.RoleMember, ExpiresAt: &soon}, nil
	case "Bearer away":
		return domain.Actor{}, domain.Unavailable(errors.New("dial tcp: refused"), "the key server does not answer")
	case "Bearer broken":
		return domain.Actor{}, errors.New("SELECT secret FROM tokens: disk I/O error")
	case "Bearer panic":
		panic("at the disco")
	}
	return domain.Actor{}, domain.Unauthenticated("no token")
}

// do asks as an administrator with a JSON body, unless headers (name, value, …) say
// otherwise; an empty value leaves the header out.
func (w *world) do(method, path, body string, headers ...string) answer {
	w.t.Helper()
	r := httptest.NewRequest(method, "http://dm.example"+w.prefix+path, strings.NewReader(body))
	r.Header.Set("Authorization", "Bearer admin")
	r.Header.Set("Content-Type", "application/json")
	for i := 0; i < len(headers); i += 2 {
		r.Header.Del(headers[i])
		if headers[i+1] != "" {
			r.Header.Set(headers[i], headers[i+1])
		}
	}
	return w.send(r)
}

func (w *world) send(r *http.Request) answer {
	w.t.Helper()
	recorder := httptest.NewRecorder()
	w.handler.ServeHTTP(recorder, r)
	return answer{Response: recorder.Result(), t: w.t, body: recorder.Body.Bytes()}
}

func (w *world) addServer(address string) string {
	w.t.Helper()
	return w.do("POST", "/torrent-servers", fields("address", address, "type", "Transmission")).want(201).id()
}

func (w *world) addTorrent(magnet string, headers ...string) string {
	w.t.Helper()
	return w.do("POST", "/torrents", fields("magnetURI", magnet), headers...).want(201).id()
}

// stored returns a torrent as it is kept, removed or not.
func (w *world) stored(id string) *domain.Torrent {
	w.t.Helper()
	found, err := w.store.Torrents().Update(w.t.Context(), []uuid.UUID{uuid.MustParse(id)}, nil, func(*domain.Torrent) error { return nil })
	if err != nil || len(found) != 1 {
		w.t.Fatal(err, len(found))
	}
	return found[0]
}

// prune forgets all events but the newest.
func (w *world) prune() {
	w.t.Helper()
	if _, err := w.events.Prune(w.t.Context(), time.Now().Add(time.Hour)); err != nil {
		w.t.Fatal(err)
	}
}

// accept makes the server's client take a torrent.
func (w *world) accept(id string) {
	w.t.Helper()
	_, err := w.store.Torrents().Update(w.t.Context(), []uuid.UUID{uuid.MustParse(id)}, nil, func(t *domain.Torrent) error {
		t.Accept(domain.Server{ID: t.ServerID}, t.InfoHash(), t.InfoHash(), rest.Whole)
		return nil
	})
	if err != nil {
		w.t.Fatal(err)
	}
}

// fields makes a JSON object of names and values.
func fields(pairs ...any) string {
	object := map[string]any{}
	for i := 0; i < len(pairs); i += 2 {
		object[pairs[i].(string)] = pairs[i+1]
	}
	text, err := json.Marshal(object)
	if err != nil {
		panic(err)
	}
	return string(text)
}

func cancelled() context.Context {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	return ctx
}

// brokenOff is a body whose sender went away.
type brokenOff struct{}

func (brokenOff) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }
