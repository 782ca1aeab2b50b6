package rest_test

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/clarion-app/download-manager/adapters/rest"
	"github.com/clarion-app/download-manager/domain"
)

// torrentJSON is what encoding/json would be given.
type torrentJSON struct {
	ID          string  `json:"id"`
	LocalNode   string  `json:"local_node"`
	ServerID    string  `json:"server_id"`
	UserID      *string `json:"user_id"`
	MagnetURI   string  `json:"magnetURI"`
	HashString  *string `json:"hash_string"`
	CompletedAt *string `json:"completed_at"`
	Name        *string `json:"name"`
	CreatedAt   string  `json:"created_at"`
	UpdatedAt   string  `json:"updated_at"`
	DeletedAt   *string `json:"deleted_at"`
}

type serverJSON struct {
	ID        string  `json:"id"`
	LocalNode string  `json:"local_node"`
	Address   string  `json:"address"`
	Type      string  `json:"type"`
	CreatedAt string  `json:"created_at"`
	UpdatedAt string  `json:"updated_at"`
	DeletedAt *string `json:"deleted_at"`
}

func encodingJSON(value any) string {
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(value); err != nil {
		panic(err)
	}
	return string(bytes.TrimSpace(b.Bytes()))
}

func torrentOf(t *domain.Torrent) torrentJSON {
	row := torrentJSON{
		ID: t.ID.String(), LocalNode: t.LocalNode, ServerID: t.ServerID.String(), MagnetURI: t.MagnetURI.String(),
		CreatedAt: *timeOf(&t.CreatedAt), UpdatedAt: *timeOf(&t.UpdatedAt),
		CompletedAt: timeOf(t.CompletedAt), DeletedAt: timeOf(t.DeletedAt),
	}
	if t.UserID != nil {
		id := t.UserID.String()
		row.UserID = &id
	}
	if t.HashString != "" {
		row.HashString = &t.HashString
	}
	if t.Name != "" {
		row.Name = &t.Name
	}
	return row
}

func timeOf(t *time.Time) *string {
	if t == nil {
		return nil
	}
	text := t.UTC().Format("2006-01-02 15:04:05")
	return &text
}

var awkward = []string{
	"", "plain", "with space", `quote " backslash \ slash /`, "<script>&amp;</script>", "tab\tnewline\ncr\rbell\a\b\f\x00\x1f\x7f",
	"Über 日本語 🎬", "line\u2028and\u2029paragraph", "a – b … c", "\xff\xfe", "half \xe2\x80", "\u00e2", "\ufffd", "é\"", "\\u0041",
}

func TestRowsAreWhatEncodingJSONMakes(t *testing.T) {
	t.Parallel()
	for _, text := range awkward {
		at := time.Date(2025, 6, 20, 12, 30, 0, 999_999_999, time.FixedZone("", 7200))
		torrent := aTorrent(t)
		torrent.Name, torrent.HashString, torrent.LocalNode = text, text, text
		for _, fill := range []func(){
			func() {},
			func() { torrent.CompletedAt, torrent.DeletedAt = &at, &at },
			func() { torrent.UserID = nil },
		} {
			fill()
			if got, want := string(rest.AppendTorrent(nil, torrent)), encodingJSON(torrentOf(torrent)); got != want {
				t.Errorf("%q:\ngot  %s\nwant %s", text, got, want)
			}
		}
		server := &domain.Server{
			ID: uuid.New(), LocalNode: text, Address: text, Type: domain.ClientType(text), CreatedAt: at, UpdatedAt: at, DeletedAt: &at,
			Credentials: domain.Credentials{Username: "u", Password: "p"},
		}
		want := encodingJSON(serverJSON{
			ID: server.ID.String(), LocalNode: text, Address: text, Type: text,
			CreatedAt: *timeOf(&at), UpdatedAt: *timeOf(&at), DeletedAt: timeOf(&at),
		})
		if got := string(rest.AppendServer(nil, server)); got != want {
			t.Errorf("%q:\ngot  %s\nwant %s", text, got, want)
		}
	}
}

func FuzzRow(f *testing.F) {
	for _, text := range awkward {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		torrent := aTorrent(t)
		torrent.Name = text
		if got, want := string(rest.AppendTorrent([]byte("x"), torrent)), "x"+encodingJSON(torrentOf(torrent)); got != want {
			t.Errorf("got %s\nwant %s", got, want)
		}
	})
}

func aTorrent(t testing.TB) *domain.Torrent {
	t.Helper()
	magnet, err := domain.ParseMagnet(cosmos)
	if err != nil {
		t.Fatal(err)
	}
	owner := adminID
	torrent, err := domain.NewTorrent(magnet, "", domain.Server{ID: otherID, LocalNode: node}, &owner, rest.Whole)
	if err != nil {
		t.Fatal(err)
	}
	torrent.HashString = magnet.InfoHash().String()
	return torrent
}

// BenchmarkTorrents is GET /torrents of 10,000 rows over a real connection, beside a
// bare handler that gives the same rows to encoding/json.
func BenchmarkTorrents(b *testing.B) {
	w := newWorld(b)
	server := domain.Server{ID: otherID, LocalNode: node, Address: "x", Type: "Transmission", CreatedAt: rest.Whole}
	if err := w.store.Servers().Add(b.Context(), &server); err != nil {
		b.Fatal(err)
	}
	torrents := make([]*domain.Torrent, 10_000)
	for i := range torrents {
		torrents[i] = aTorrent(b)
		torrents[i].CreatedAt = rest.Whole.Add(time.Duration(-i) * time.Second)
	}
	if err := w.store.Torrents().Add(b.Context(), torrents...); err != nil {
		b.Fatal(err)
	}
	bare := http.HandlerFunc(func(out http.ResponseWriter, r *http.Request) {
		found, _ := w.store.Torrents().Find(r.Context(), domain.TorrentFilter{}, domain.TorrentPage{})
		rows := make([]torrentJSON, len(found))
		for i, t := range found {
			rows[i] = torrentOf(t)
		}
		_ = json.NewEncoder(out).Encode(rows)
	})
	for name, handler := range map[string]http.Handler{"door": w.handler, "bare": bare} {
		b.Run(name, func(b *testing.B) {
			listening := httptest.NewServer(handler)
			defer listening.Close()
			for b.Loop() {
				r, _ := http.NewRequestWithContext(b.Context(), http.MethodGet, listening.URL+"/api/torrents", nil)
				r.Header.Set("Authorization", "Bearer admin")
				response, err := listening.Client().Do(r)
				if err != nil {
					b.Fatal(err)
				}
				body, err := readAll(response)
				if err != nil {
					b.Fatal(err)
				}
				b.SetBytes(int64(len(body)))
			}
		})
	}
}
