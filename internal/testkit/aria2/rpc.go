package aria2

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/clarion-app/download-manager/internal/testkit/wait"
)

// call makes one request, with the secret in front of the parameters, and decodes its result into answer (a pointer, or
// nil): for looking at a daemon past the code under test.
func (d *Daemon) call(ctx context.Context, method string, params []any, answer any) error {
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	body, err := json.Marshal(map[string]any{
		"jsonrpc": "2.0", "id": "test", "method": method, "params": append([]any{"token:" + d.secret}, params...),
	})
	if err != nil {
		return err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, d.URL(), bytes.NewReader(body))
	if err != nil {
		return err
	}
	request.Close = true // nothing is left open when the test ends
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer func() { _ = response.Body.Close() }()
	envelope := struct {
		Result json.RawMessage
		Error  *struct{ Message string }
	}{}
	if err := json.NewDecoder(response.Body).Decode(&envelope); err != nil {
		return fmt.Errorf("%s: %s: %w", method, response.Status, err)
	}
	if envelope.Error != nil {
		return fmt.Errorf("%s: %s: %s", method, response.Status, envelope.Error.Message)
	}
	if answer == nil {
		return nil
	}
	return json.Unmarshal(envelope.Result, answer)
}

// RPC makes one call and returns its result. A refusal fails the test.
func (d *Daemon) RPC(t testing.TB, method string, params ...any) json.RawMessage {
	t.Helper()
	var answer json.RawMessage
	if err := d.call(t.Context(), method, params, &answer); err != nil {
		t.Fatalf("aria2 %s: %v", d.version, err)
	}
	return answer
}

// Ask is RPC with the result decoded into answer, a pointer.
func (d *Daemon) Ask(t testing.TB, answer any, method string, params ...any) {
	t.Helper()
	if err := json.Unmarshal(d.RPC(t, method, params...), answer); err != nil {
		t.Fatalf("aria2 %s: %s: %v", d.version, method, err)
	}
}

// Download is how the daemon sees one of its downloads, as far as tests look at it.
type Download struct {
	GID, Status, InfoHash, Seeder, ErrorCode, ErrorMessage string
	TotalLength, CompletedLength                           string
	VerifiedLength, VerifyIntegrityPending                 string
	FollowedBy                                             []string
}

// Held reports whether it is more than a result that is kept for people to read.
func (d Download) Held() bool {
	return d.Status == "active" || d.Status == "waiting" || d.Status == "paused"
}

// Seeding reports whether all of a torrent's content is there.
func (d Download) Seeding() bool { return d.Seeder == "true" && d.CompletedLength == d.TotalLength }

// Downloads lists all that the daemon tells of, the fetching of metadata and what has stopped included.
func (d *Daemon) Downloads(t testing.TB) []Download {
	t.Helper()
	var all []Download
	for _, list := range []struct {
		method string
		params []any
	}{
		{"aria2.tellActive", nil},
		{"aria2.tellWaiting", []any{0, 1 << 20}},
		{"aria2.tellStopped", []any{0, 1 << 20}},
	} {
		var some []Download
		d.Ask(t, &some, list.method, list.params...)
		all = append(all, some...)
	}
	return all
}

// Held returns the gid under which an infohash is held, "" when it is not.
func (d *Daemon) Held(t testing.TB, infoHash string) string {
	t.Helper()
	for _, download := range d.Downloads(t) {
		if download.InfoHash == infoHash && download.Held() {
			return download.GID
		}
	}
	return ""
}

// RemoveByHand does what somebody does at the daemon to be rid of a torrent, its data kept: its downloads are removed, and
// their results cleared.
func (d *Daemon) RemoveByHand(t testing.TB, infoHash string) {
	t.Helper()
	wait.Until(t, ready, "a torrent to be removed", func() bool {
		left := false
		for _, download := range d.Downloads(t) {
			if download.InfoHash != infoHash {
				continue
			}
			left = true
			method := "aria2.removeDownloadResult"
			if download.Held() {
				method = "aria2.forceRemove"
			}
			_ = d.call(t.Context(), method, []any{download.GID}, nil) // refused where it has changed in between
		}
		return !left
	})
}
