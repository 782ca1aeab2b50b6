package rtorrent

import (
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
)

// Bridge serves the daemon's RPC over HTTP, as web servers in front of one do: below /RPC2, for whoever knows the user
// name and the password. It returns the URL.
func (d *Daemon) Bridge(t testing.TB, user, password string) string {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		givenUser, givenPassword, _ := r.BasicAuth()
		switch {
		case givenUser != user || givenPassword != password:
			w.Header().Set("WWW-Authenticate", `Basic realm="rtorrent"`)
			w.WriteHeader(http.StatusUnauthorized)
			return
		case r.URL.Path != "/RPC2":
			http.NotFound(w, r)
			return
		}
		body, err := io.ReadAll(r.Body)
		if err == nil {
			body, err = d.exchange(r.Context(), body)
		}
		if err != nil {
			http.Error(w, "no answer", http.StatusBadGateway)
			return
		}
		w.Header().Set("Content-Type", "text/xml")
		_, _ = w.Write(body)
	}))
	t.Cleanup(server.Close)
	return server.URL + "/RPC2"
}
