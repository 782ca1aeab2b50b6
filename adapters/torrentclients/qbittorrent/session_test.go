package qbittorrent_test

import (
	"context"
	"crypto/x509"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/clarion-app/download-manager/adapters/torrentclients/qbittorrent"
	"github.com/clarion-app/download-manager/domain"
	testdaemon "github.com/clarion-app/download-manager/internal/testkit/qbittorrent"
)

var me = domain.Credentials{Username: "me", Password: "p:ä&="}

// newLocked returns a fake that asks for a login.
func newLocked(t testing.TB, n int) *fake {
	f := newFake(t, n)
	f.password = me.Password
	return f
}

func logins(requests []string) int {
	return len(slices.DeleteFunc(requests, func(request string) bool { return request != "auth/login" }))
}

func TestALoginIsMadeOnceAndAgainWhenTheDaemonWantsIt(t *testing.T) {
	t.Parallel()
	f := newLocked(t, 10)
	client := open(t, f.URL, me)
	for _, session := range []string{"one", "two", "three"} {
		f.change(func() { f.session = session })
		for range 3 {
			if report, err := client.Transfers(t.Context(), numbers(t, 10)); err != nil || len(report.Transfers) != 10 {
				t.Fatalf("%+v, error %v", report, err)
			}
		}
		if requests := f.asked(); len(requests) != 5 || logins(requests) != 1 {
			t.Fatalf("%q", requests)
		}
	}
}

func TestCallsShareTheSession(t *testing.T) {
	t.Parallel()
	f := newLocked(t, 30)
	client := open(t, f.URL, me)
	for _, session := range []string{"one", "two"} {
		f.change(func() { f.session = session })
		var calling sync.WaitGroup
		for i := range 20 {
			calling.Go(func() {
				if _, err := client.Transfers(t.Context(), numbers(t, 30)[i:i+1]); err != nil {
					t.Error(err)
				}
			})
		}
		calling.Wait()
		if n := logins(f.asked()); n != 1 {
			t.Fatalf("%d logins", n)
		}
	}
}

func TestALoginIsUnderstoodInAllItsForms(t *testing.T) {
	t.Parallel()
	for name, is := range map[string]struct {
		answer func(f *fake) http.HandlerFunc
		says   string
	}{
		"5.2's": {func(f *fake) http.HandlerFunc {
			return func(w http.ResponseWriter, _ *http.Request) {
				f.begin(w)
				w.WriteHeader(http.StatusNoContent)
			}
		}, ""},
		"wrong, 4.x's":          {func(*fake) http.HandlerFunc { return says("Fails.") }, "wrong username or password"},
		"wrong, 5.2's":          {func(*fake) http.HandlerFunc { return status(http.StatusUnauthorized) }, "wrong username or password"},
		"banned":                {func(*fake) http.HandlerFunc { return status(http.StatusForbidden) }, "banned"},
		"right, but no session": {func(*fake) http.HandlerFunc { return says("Ok.") }, "not as qbittorrent does"},
		"a page":                {func(*fake) http.HandlerFunc { return says("<html>") }, "not as qbittorrent does"},
		"a fault":               {func(*fake) http.HandlerFunc { return status(500) }, "500"},
		"nothing there":         {func(*fake) http.HandlerFunc { return status(404) }, "404"},
		"a session that is none": {func(*fake) http.HandlerFunc {
			return func(w http.ResponseWriter, _ *http.Request) {
				http.SetCookie(w, &http.Cookie{Name: "SID", Value: "none"})
				_, _ = w.Write([]byte("Ok."))
			}
		}, "in spite of a login"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newLocked(t, 10)
			f.login = is.answer(f)
			_, err := open(t, f.URL, me).Probe(t.Context())
			if is.says == "" && err == nil {
				return
			}
			if domain.KindOf(err) != domain.KindUnavailable || !strings.Contains(domain.MessageOf(err), is.says) || is.says == "" {
				t.Fatalf("error %v; want one that says %q", err, is.says)
			}
			if n := logins(f.asked()); n != 1 || strings.Contains(err.Error(), me.Password) {
				t.Fatalf("%d logins, error %v", n, err)
			}
		})
	}
}

func TestWrongCredentialsAreNotTriedUntilWeAreBanned(t *testing.T) {
	t.Parallel()
	f, clock := newLocked(t, 10), newFakeClock()
	client := open(t, f.URL, domain.Credentials{Username: "me", Password: "wrong"}, qbittorrent.WithClock(clock.Now))
	try := func() error {
		_, err := client.Transfers(t.Context(), numbers(t, 1))
		return err
	}
	insist := func() error {
		_, err := client.Probe(t.Context())
		return err
	}
	wrong := func(err error) {
		t.Helper()
		if domain.KindOf(err) != domain.KindUnavailable || !strings.Contains(domain.MessageOf(err), "wrong username or password") {
			t.Fatalf("error %v", err)
		}
	}
	wrong(try())
	wrong(try())
	if n := logins(f.asked()); n != 1 {
		t.Fatalf("%d logins", n)
	}
	wrong(insist())
	if n := logins(f.asked()); n != 1 {
		t.Fatalf("%d logins for who insists", n)
	}
	for range 2 * 360 { // a check and a look at the health page every 10 seconds for two hours
		wrong(insist())
		wrong(try())
		clock.pass(10 * time.Second)
	}
	if n := logins(f.asked()); n != 2 {
		t.Fatalf("%d logins more; the fifth is a ban", n)
	}
	f.change(func() { f.password = "wrong" })
	clock.pass(time.Hour)
	if err := try(); err != nil {
		t.Fatal(err)
	}
	if err := insist(); err != nil {
		t.Fatal(err)
	}
}

func TestAnAPIKeyNeedsNoLogin(t *testing.T) {
	t.Parallel()
	f := newFake(t, 10)
	f.also = func(w http.ResponseWriter, r *http.Request) bool {
		if r.Header.Get("Authorization") != "Bearer qbt_key" || r.Header.Get("Cookie") != "" {
			http.Error(w, "Forbidden", http.StatusForbidden)
			return true
		}
		w.Header().Del("Set-Cookie")
		return false
	}
	client := open(t, f.URL, domain.Credentials{Password: "qbt_key"})
	f.change(func() { f.session = "" })
	asks(t, f, client, numbers(t, 10), everything)
	_, err := open(t, f.URL, domain.Credentials{Password: "wrong"}).Probe(t.Context())
	if domain.KindOf(err) != domain.KindUnavailable || !strings.Contains(domain.MessageOf(err), "API key is wrong") {
		t.Fatalf("error %v", err)
	}
	if n := logins(f.asked()); n != 0 {
		t.Fatalf("%d logins", n)
	}
}

func TestADaemonTakesItsAPIKey(t *testing.T) {
	t.Parallel()
	daemon := testdaemon.Start(t, testdaemon.V5, testdaemon.WithAuth("me", me.Password))
	client := open(t, daemon.Address(), domain.Credentials{Password: daemon.NewAPIKey(t)})
	if info, err := client.Probe(t.Context()); err != nil || info.FreeSpace == nil {
		t.Fatalf("%+v, error %v", info, err)
	}
	hash, err := client.Add(t.Context(), handover(t, 1))
	if err != nil {
		t.Fatal(err)
	}
	for range 3 {
		if report, err := client.Transfers(t.Context(), append(numbers(t, 10), hash)); err != nil || len(report.Transfers) != 1 {
			t.Fatalf("%+v, error %v", report, err)
		}
	}
	daemon.Restart()
	if report, err := client.Transfers(t.Context(), append(numbers(t, 10), hash)); err != nil || len(report.Transfers) != 1 {
		t.Fatalf("%+v, error %v", report, err)
	}
	if _, err := open(t, daemon.Address(), domain.Credentials{Password: "qbt_wrong"}).Probe(t.Context()); domain.KindOf(err) != domain.KindUnavailable {
		t.Fatalf("error %v", err)
	}
}

func TestHTTPSIsVerified(t *testing.T) {
	t.Parallel()
	server := httptest.NewUnstartedServer(newFake(t, 1))
	server.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)
	server.StartTLS()
	defer server.Close()
	_, err := open(t, server.URL, domain.Credentials{}).Probe(t.Context())
	if domain.KindOf(err) != domain.KindUnavailable || !strings.Contains(domain.MessageOf(err), "certificate") {
		t.Fatalf("error %v; want one of kind %s about the certificate", err, domain.KindUnavailable)
	}
	roots := x509.NewCertPool()
	roots.AddCert(server.Certificate())
	info, err := open(t, server.URL, domain.Credentials{}, qbittorrent.WithRootCAs(roots)).Probe(t.Context())
	if err != nil || info.Version != "v9.9" || *info.FreeSpace != 1000 {
		t.Fatalf("%+v, error %v", info, err)
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
	client := open(t, server.URL, domain.Credentials{}, qbittorrent.WithTimeout(time.Minute))
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
