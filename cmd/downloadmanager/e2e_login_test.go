//go:build linux

package main_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
)

// TestAPasswordOpensTheDoors sets one on the command line and logs in with it.
func TestAPasswordOpensTheDoors(t *testing.T) {
	t.Parallel()
	settings := onSQLite(t).with(settings{"EMBEDDED": "off"})
	product := start(t, settings)
	change := command(t, settings, "user", "password", "admin")
	change.Stdin = strings.NewReader("correct horse\n")
	if out, err := change.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	status, body := product.requestAs(t, "", http.MethodPost, "/api/login", `{"name":"admin","password":"wrong horse"}`)
	if status != http.StatusUnauthorized {
		t.Errorf("a wrong password: %d %s", status, body)
	}
	status, body = product.requestAs(t, "", http.MethodPost, "/api/login", `{"name":"admin","password":"correct horse"}`)
	var login struct{ Token string }
	if err := json.Unmarshal(body, &login); err != nil || status != http.StatusOK {
		t.Fatalf("%v, %d %s", err, status, body)
	}
	for _, path := range []string{"/api/torrents", "/graphql?query={viewer{name}}"} {
		if status, body := product.requestAs(t, login.Token, http.MethodGet, path, ""); status != http.StatusOK {
			t.Errorf("%s: %d %s", path, status, body)
		}
	}
}
