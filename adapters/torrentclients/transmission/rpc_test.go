package transmission_test

import (
	"context"
	"crypto/x509"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/clarion-app/download-manager/adapters/torrentclients/transmission"
	"github.com/clarion-app/download-manager/domain"
)

// shy is a daemon that wants a handshake whenever next says so, in the given
// version of the RPC, and otherwise answers any request well.
type shy struct {
	mu       sync.Mutex
	session  string
	version  string
	requests []map[string]any // those that were answered
	refused  int
}

func (s *shy) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if r.Header.Get("X-Transmission-Session-Id") != s.session {
		s.refused++
		w.Header().Set("X-Transmission-Session-Id", s.session)
		if s.version != "" {
			w.Header().Set("X-Transmission-Rpc-Version", s.version)
		}
		w.WriteHeader(http.StatusConflict)
		return
	}
	var request map[string]any
	if err := json.NewDecoder(r.Body).Decode(&request); err != nil {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	s.requests = append(s.requests, request)
	answer := `{"result":"success","arguments":{"torrents":[],"version":"2.94"}}`
	if request["jsonrpc"] != nil {
		answer = `{"jsonrpc":"2.0","result":{"torrents":[],"version":"4.1"},"id":1}`
	}
	_, _ = w.Write([]byte(answer))
}

// restart gives the daemon another session, and perhaps another version.
func (s *shy) restart(session, version string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.session, s.version, s.requests, s.refused = session, version, nil, 0
}

// seen returns what was answered, and how often a handshake was asked for.
func (s *shy) seen() (requests []map[string]any, refused int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.requests, s.refused
}

func TestTheHandshakeIsMadeAtAnyTime(t *testing.T) {
	t.Parallel()
	daemon := &shy{session: "one"}
	server := httptest.NewServer(daemon)
	defer server.Close()
	client := open(t, server.URL, domain.Credentials{})
	for i, session := range []string{"one", "two", "three"} {
		daemon.restart(session, "")
		for range 3 {
			if err := client.Remove(t.Context(), []domain.InfoHash{numbered(t, i)}, false); err != nil {
				t.Fatal(err)
			}
		}
		if requests, refused := daemon.seen(); len(requests) != 3 || refused != 1 {
			t.Fatalf("%d requests after %d handshakes; want 3 after 1", len(requests), refused)
		}
	}
}

func TestCallsShareTheSession(t *testing.T) {
	t.Parallel()
	daemon := &shy{session: "one"}
	server := httptest.NewServer(daemon)
	defer server.Close()
	client := open(t, server.URL, domain.Credentials{})
	for _, session := range []string{"one", "two"} {
		daemon.restart(session, "")
		var calling sync.WaitGroup
		for i := range 20 {
			calling.Go(func() {
				if err := client.Remove(t.Context(), []domain.InfoHash{numbered(t, i)}, false); err != nil {
					t.Error(err)
				}
			})
		}
		calling.Wait()
		_, before := daemon.seen()
		if _, err := client.Transfers(t.Context(), nil); err != nil {
			t.Fatal(err)
		}
		if requests, refused := daemon.seen(); len(requests) != 21 || refused != before {
			t.Fatalf("%d requests, %d handshakes after %d", len(requests), refused, before)
		}
	}
}

func TestTheDialectIsChosenAtEachHandshake(t *testing.T) {
	t.Parallel()
	daemon := &shy{}
	server := httptest.NewServer(daemon)
	defer server.Close()
	client := open(t, server.URL, domain.Credentials{})
	for _, is := range []struct{ session, version, method, parameters, data string }{
		{"", "", "torrent-remove", "arguments", "delete-local-data"}, // never asks for a handshake
		{"a", "", "torrent-remove", "arguments", "delete-local-data"},
		{"b", "6.0.1", "torrent_remove", "params", "delete_local_data"},
		{"c", "5.4.0", "torrent-remove", "arguments", "delete-local-data"},
		{"d", "7.0.0", "torrent_remove", "params", "delete_local_data"},
		{"e", "", "torrent-remove", "arguments", "delete-local-data"},
	} {
		daemon.restart(is.session, is.version)
		if err := client.Remove(t.Context(), []domain.InfoHash{numbered(t, 7)}, true); err != nil {
			t.Fatal(err)
		}
		requests, _ := daemon.seen()
		request := requests[0]
		parameters, _ := request[is.parameters].(map[string]any)
		ids, _ := parameters["ids"].([]any)
		if request["method"] != is.method || len(ids) != 1 || ids[0] != numbered(t, 7).String() || parameters[is.data] != true {
			t.Errorf("version %q: request %v", is.version, request)
		}
		if (request["jsonrpc"] != nil) != (is.parameters == "params") {
			t.Errorf("version %q: request %v", is.version, request)
		}
	}
}

func TestRemovingManyIsDoneInBatchesAndNeverWithoutIDs(t *testing.T) {
	t.Parallel()
	daemon := &shy{session: "one"}
	server := httptest.NewServer(daemon)
	defer server.Close()
	client := open(t, server.URL, domain.Credentials{})
	hashes := make([]domain.InfoHash, 2500)
	for i := range hashes {
		hashes[i] = numbered(t, i)
	}
	for _, none := range [][]domain.InfoHash{nil, {}, {{}}, {{}, {}}} {
		if err := client.Remove(t.Context(), none, true); err != nil {
			t.Fatal(err)
		}
	}
	if requests, refused := daemon.seen(); len(requests)+refused != 0 {
		t.Fatal("removing nothing asks the daemon for something")
	}
	if err := client.Remove(t.Context(), hashes, true); err != nil {
		t.Fatal(err)
	}
	requests, _ := daemon.seen()
	total := 0
	for _, request := range requests {
		ids := request["arguments"].(map[string]any)["ids"].([]any) //nolint:forcetypeassert // the test fails either way
		if len(ids) == 0 || len(ids) > 1000 {
			t.Fatalf("%d ids in a request", len(ids))
		}
		total += len(ids)
	}
	if total != len(hashes) || len(requests) != 3 {
		t.Fatalf("%d ids in %d requests", total, len(requests))
	}
}

func TestHTTPSIsVerified(t *testing.T) {
	t.Parallel()
	server := httptest.NewUnstartedServer(&shy{session: "one"})
	server.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)
	server.StartTLS()
	defer server.Close()
	_, err := open(t, server.URL, domain.Credentials{}).Probe(t.Context())
	if domain.KindOf(err) != domain.KindUnavailable || !strings.Contains(domain.MessageOf(err), "certificate") {
		t.Fatalf("error %v; want one of kind %s about the certificate", err, domain.KindUnavailable)
	}
	roots := x509.NewCertPool()
	roots.AddCert(server.Certificate())
	info, err := open(t, server.URL, domain.Credentials{}, transmission.WithRootCAs(roots)).Probe(t.Context())
	if err != nil || info.Version != "2.94" {
		t.Fatalf("%+v, error %v", info, err)
	}
}

func TestCredentialsAreSentAndNeverTold(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if user, password, _ := r.BasicAuth(); user != "me" || password != "p:ä" {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		(&shy{}).ServeHTTP(w, r)
	}))
	defer server.Close()
	if _, err := open(t, server.URL, domain.Credentials{Username: "me", Password: "p:ä"}).Probe(t.Context()); err != nil {
		t.Fatal(err)
	}
	for credentials, want := range map[domain.Credentials]string{
		{}:                                   "transmission answered 401: it asks for a username and a password",
		{Username: "me", Password: "hidden"}: "transmission answered 401: wrong username or password",
	} {
		_, err := open(t, server.URL, credentials).Probe(t.Context())
		if domain.MessageOf(err) != want || strings.Contains(err.Error(), "hidden") {
			t.Errorf("message %q; want %q", domain.MessageOf(err), want)
		}
	}
}

func TestWrongCredentialsAreNotTriedUntilEverybodyIsLockedOut(t *testing.T) {
	t.Parallel()
	var requests atomic.Int32
	welcome := false
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		requests.Add(1)
		if welcome {
			(&shy{}).ServeHTTP(w, r)
			return
		}
		w.WriteHeader(http.StatusUnauthorized)
	}))
	defer server.Close()
	clock := newFakeClock()
	client := open(t, server.URL, domain.Credentials{Username: "me", Password: "wrong"}, transmission.WithClock(clock.Now))
	check := func() error {
		_, err := client.Transfers(t.Context(), []domain.InfoHash{numbered(t, 1)})
		return err
	}
	for range 8 * 3600 { // a check every second for a working day
		if err := check(); domain.KindOf(err) != domain.KindUnavailable || !strings.Contains(domain.MessageOf(err), "401") {
			t.Fatalf("error %v", err)
		}
		clock.pass(time.Second)
	}
	if n := requests.Load(); n < 10 || n > 60 {
		t.Fatalf("%d requests; a hundred lock everybody out", n)
	}
	requests.Store(0)
	if _, err := client.Probe(t.Context()); err == nil || requests.Load() != 1 {
		t.Fatalf("who asks for a probe gets one; error %v", err)
	}
	welcome = true
	if _, err := client.Probe(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := client.Transfers(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
}

func TestClosingEndsWhatIsUnderWay(t *testing.T) {
	t.Parallel()
	arrived := make(chan struct{}, 10)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		arrived <- struct{}{}
		hang("{")(w, r)
	}))
	defer server.Close()
	client := open(t, server.URL, domain.Credentials{}, transmission.WithTimeout(time.Minute))
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
