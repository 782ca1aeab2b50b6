//go:build linux

package main_test

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/clarion-app/download-manager/internal/testkit/transmission"
	"github.com/clarion-app/download-manager/internal/testkit/wait"
)

// TestAStartOnNearlyNothing uses the four settings of a small installation.
func TestAStartOnNearlyNothing(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	product := start(t, settings{
		"ADDR": "127.0.0.1:0", "DATA_DIR": dir, "DATABASE_URL": "sqlite:" + filepath.Join(dir, "the.db"), "ADMIN_TOKEN": adminToken,
	})
	product.rest(t, http.MethodGet, "/api/torrents", "", http.StatusOK, nil)
	var servers []struct{ Address, Type string }
	product.rest(t, http.MethodGet, "/api/clarion-app/download-manager/torrent-servers", "", http.StatusOK, &servers)
	if len(servers) != 1 || servers[0].Type != "Embedded" || servers[0].Address != "downloads" {
		t.Errorf("servers %+v; want the embedded one", servers)
	}
	product.rest(t, http.MethodGet, "/nowhere", "", http.StatusNotFound, nil)
	for token, want := range map[string]int{adminToken: 200, "another": 401, "": 401} {
		if status, body := product.requestAs(t, token, http.MethodGet, "/api/torrents", ""); status != want {
			t.Errorf("with token %q: %d %s; want %d", token, status, body, want)
		}
	}
}

// TestAnOrderlyEnd has subscribers and a hanging daemon when it is told to stop.
func TestAnOrderlyEnd(t *testing.T) {
	t.Parallel()
	for name, settingsOf := range databases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			product := start(t, settingsOf(t).with(settings{"EMBEDDED": "on"}))
			daemon := transmission.Start(t, transmission.V4)
			product.useDaemon(t, daemon)
			var subscribers []*subscription
			for _, subscribe := range transports {
				subscribers = append(subscribers, subscribe(product, t, "0"))
			}
			added := product.add(t, magnet(1))
			product.completeByHand(t, added)
			for _, s := range subscribers {
				s.wants(t, added.ID)
			}
			daemon.Pause()
			defer daemon.Continue()
			product.Stop()
			if err := product.Wait(); err != nil {
				t.Errorf("it ended with %v", err)
			}
			for _, s := range subscribers {
				wait.Until(t, patience, "the subscription's end", s.over)
			}
		})
	}
}

func TestHealth(t *testing.T) {
	t.Parallel()
	product := start(t, onSQLite(t).with(settings{"EMBEDDED": "off"}))
	get := func(path string) (status int, body string) {
		status, content := product.requestAs(t, "nobody", http.MethodGet, path, "")
		return status, string(content)
	}
	if status, body := get("/healthz/liveness"); status != 200 || body != `{"status":"ok"}`+"\n" {
		t.Errorf("liveness: %d %s", status, body)
	}
	if status, body := get("/healthz/readiness"); status != 200 || body != `{"status":"ok","database":"ok","serversDown":[]}`+"\n" {
		t.Errorf("readiness: %d %s", status, body)
	}
	server := product.useServer(t, "127.0.0.1:1")
	wait.Until(t, patience, "readiness that tells of a server that is down", func() bool {
		status, body := get("/healthz/readiness")
		return status == 200 && strings.Contains(body, server) && !strings.Contains(body, "127.0.0.1")
	})
}

// TestTheFirstUser follows what the first start says, on the database that it has
// open.
func TestTheFirstUser(t *testing.T) {
	t.Parallel()
	for name, settingsOf := range databases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := settingsOf(t)
			delete(s, "ADMIN_TOKEN")
			product := start(t, s)
			if hint := "downloadmanager user add admin --role administrator"; !strings.Contains(product.Output(), hint) {
				t.Errorf("it does not say %q", hint)
			}
			if _, err := tool(t, s, "user", "add", "admin", "--role", "administrator"); err != nil {
				t.Fatal(err)
			}
			token, err := tool(t, s, "token", "add", "first", "--user", "admin")
			if err != nil {
				t.Fatal(err)
			}
			if status, body := product.requestAs(t, strings.TrimSpace(token), http.MethodGet, "/api/torrents", ""); status != 200 {
				t.Errorf("the new token: %d %s", status, body)
			}
			product.Stop()
			if again := product.restart(t); strings.Contains(again.Output(), "nobody can come in") {
				t.Error("it still says that there is nobody")
			}
		})
	}
}

func TestTheCheckCommand(t *testing.T) {
	t.Parallel()
	s := onSQLite(t).with(settings{"CHECK_INTERVAL": "1h"})
	product := start(t, s)
	daemon := transmission.Start(t, transmission.V4)
	product.useDaemon(t, daemon)
	checked, err := tool(t, s, "check")
	if err != nil {
		t.Errorf("with all well: %v\n%s", err, checked)
	}
	for _, want := range []string{"skipped: another process", daemon.Address(), "  ok\n"} {
		if !strings.Contains(checked, want) {
			t.Errorf("no %q in\n%s", want, checked)
		}
	}
	product.Stop() // so that the command is alone, and the embedded client its own
	daemon.Stop()
	checked, err = tool(t, s, "check")
	if err == nil || !strings.Contains(checked, "failed: ") || strings.Contains(checked, "skipped") {
		t.Errorf("with a server down: %v\n%s", err, checked)
	}
}

// TestAUserOfAClarionHost comes in with the host's token, by header and by cookie.
func TestAUserOfAClarionHost(t *testing.T) {
	t.Parallel()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKIXPublicKey(&key.PublicKey)
	if err != nil {
		t.Fatal(err)
	}
	s := onSQLite(t)
	delete(s, "ADMIN_TOKEN")
	path := filepath.Join(s["DATA_DIR"], "oauth-public.key")
	if err := os.WriteFile(path, pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der}), 0o600); err != nil {
		t.Fatal(err)
	}
	token, err := jwt.NewWithClaims(jwt.SigningMethodRS256, jwt.MapClaims{
		"aud": "1", "sub": "7", "exp": time.Now().Add(time.Hour).Unix(),
	}).SignedString(key)
	if err != nil {
		t.Fatal(err)
	}
	product := start(t, s.with(settings{"JWT_PUBLIC_KEY_FILE": path, "JWT_AUDIENCE": "1", "JWT_ROLE": "member"}))
	if strings.Contains(product.Output(), "nobody can come in") {
		t.Error("it says that nobody can come in")
	}
	for path, want := range map[string]int{"/api/torrents": http.StatusCreated, "/api/torrent-servers": http.StatusForbidden} {
		body := `{"magnetURI":"` + magnet(1) + `","type":"Transmission","address":"127.0.0.1:1"}`
		if status, answer := product.requestAs(t, token, http.MethodPost, path, body); status != want {
			t.Errorf("POST %s: %d %s; want %d", path, status, answer, want)
		}
	}
	for site, want := range map[string]int{"same-origin": http.StatusCreated, "cross-site": http.StatusForbidden} {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, product.url+"/api/torrents", strings.NewReader(`{"magnetURI":"`+magnet(2)+`"}`))
		if err != nil {
			t.Fatal(err)
		}
		r.AddCookie(&http.Cookie{Name: "clarion_token", Value: token})
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set("Sec-Fetch-Site", site)
		response, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		_ = response.Body.Close()
		if response.StatusCode != want {
			t.Errorf("by cookie, %s: %d; want %d", site, response.StatusCode, want)
		}
	}
}
