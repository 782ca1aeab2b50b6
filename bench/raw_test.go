package bench_test

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"testing"

	"github.com/clarion-app/download-manager/internal/testkit/figure"
	"github.com/clarion-app/download-manager/internal/testkit/transmission"
)

// raw is the daemon's own RPC over one kept connection, with nothing around it:
// the baseline of everything that goes to a daemon.
type raw struct {
	url, session string
	http         *http.Client
}

func rawOf(b *testing.B, daemon *transmission.Daemon) *raw {
	b.Helper()
	r := &raw{url: daemon.URL(), http: &http.Client{Transport: &http.Transport{DisableCompression: true}}}
	b.Cleanup(r.http.CloseIdleConnections)
	r.call(b, "session-stats", nil) // shakes hands
	return r
}

// call makes one request and returns how many bytes the answer has; they are read
// and thrown away.
func (r *raw) call(b *testing.B, method string, arguments any) int64 {
	b.Helper()
	body, err := json.Marshal(map[string]any{"method": method, "arguments": arguments})
	if err != nil {
		b.Fatal(err)
	}
	for {
		request, err := http.NewRequestWithContext(context.Background(), http.MethodPost, r.url, bytes.NewReader(body))
		if err != nil {
			b.Fatal(err)
		}
		request.Header.Set("X-Transmission-Session-Id", r.session)
		response, err := r.http.Do(request)
		if err != nil {
			b.Fatal(err)
		}
		size, err := figure.Drain(response.Body)
		_ = response.Body.Close()
		switch {
		case err != nil:
			b.Fatal(err)
		case response.StatusCode == http.StatusConflict:
			r.session = response.Header.Get("X-Transmission-Session-Id")
		case response.StatusCode != http.StatusOK:
			b.Fatalf("%s: %s", method, response.Status)
		default:
			return size
		}
	}
}
