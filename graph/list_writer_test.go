package graph_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/vektah/gqlparser/v2/ast"
	"pgregory.net/rapid"

	"github.com/clarion-app/download-manager/app"
	"github.com/clarion-app/download-manager/domain"
	"github.com/clarion-app/download-manager/graph"
	"github.com/clarion-app/download-manager/graph/generated"
)

// theSchema is the schema as it is served.
func theSchema() *ast.Schema { return generated.NewExecutableSchema(generated.Config{}).Schema() }

func TestListWriter(t *testing.T) {
	t.Parallel()
	d := openDoor(t)
	d.fillLists(t)
	written, executed := graph.NewHandler(d.config), graph.NewPlainHandler(d.config)
	ask := func(handler http.Handler, token, query string) (int, string) {
		body, _ := json.Marshal(map[string]any{"query": query, "variables": vars{"yes": true, "no": false}})
		request := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/", strings.NewReader(string(body)))
		request.Header.Set("Content-Type", "application/json")
		request.Header.Set("Authorization", "Bearer "+token)
		answer := httptest.NewRecorder()
		handler.ServeHTTP(answer, request)
		return answer.Code, answer.Body.String()
	}
	same := func(t rapid.TB, token, query string) int {
		wantCode, want := ask(executed, token, query)
		code, got := ask(written, token, query)
		if code != wantCode || got != want {
			t.Errorf("%s\ngot  %d %s\nwant %d %s", query, code, got, wantCode, want)
		}
		return code
	}

	t.Run("what is written is what the executor writes", func(t *testing.T) {
		t.Parallel()
		rapid.Check(t, func(t *rapid.T) {
			query := drawQuery(t)
			if code := same(t, rapid.SampledFrom([]string{admin, alice, guest}).Draw(t, "token"), query); code != http.StatusOK {
				t.Errorf("HTTP %d to %s", code, query)
			}
		})
	})

	t.Run("an error below a list stays where the executor puts it", func(t *testing.T) {
		t.Parallel()
		for _, query := range []string{
			`{torrents {nodes {id unknown}}}`,
			`{torrents(first: 0) {nodes {id}}}`,
			`{torrents(first: 1) {nodes {id server {id torrents(first: 0) {nodes {id}}}}}}`, // errors of several come in any order
			`{torrentServers {id torrents(first: 2) {nodes {id server {torrents(first: 1) {edges {cursor}}}}}}}`,
		} {
			same(t, admin, query)
		}
	})

	t.Run("a server is as the question for progress has found it, wherever that stands", func(t *testing.T) {
		t.Parallel()
		d := openDoor(t)
		server := d.addServer(t)
		d.addTorrent(t, alice, 1)
		d.check(t)
		d.clients.Daemon(server.ID).Fail(domain.Unavailable(errors.New("refused"), "does not answer"))
		got := string(d.ask(t, alice, `{torrents {nodes {server {health {reachable}} progress {phase}}}}`, nil))
		if want := `{"torrents":{"nodes":[{"server":{"health":{"reachable":false}},"progress":null}]}}`; got != want {
			t.Errorf("got %s", got)
		}
	})

	t.Run("all fields are written that the schema has", func(t *testing.T) {
		t.Parallel()
		for name, fields := range graph.WrittenFields() {
			for _, field := range theSchema().Types[name].Fields {
				// What has arguments, or asks the client by itself, is left to the executor.
				left := len(field.Arguments) > 0 || strings.HasPrefix(field.Name, "__") ||
					name == "ServerHealth" && slices.Contains([]string{"version", "freeSpace", "phases"}, field.Name)
				if slices.Contains(fields, field.Name) == left {
					t.Errorf("%s.%s: put what it is made of into list_fields.go, so that lists with it stay fast", name, field.Name)
				}
			}
		}
	})
}

// fillLists adds torrents of all sorts on servers of all sorts.
func (d *door) fillLists(t *testing.T) {
	t.Helper()
	well, ill := d.addServer(t), d.addServer(t)
	labels := app.ServerSettings{Labels: app.Some([]string{`"tv"`, "süß"}), MaxActive: app.Some(9)}
	if _, err := d.config.Servers.Update(t.Context(), domain.System(), well.ID, labels); err != nil {
		t.Fatal(err)
	}
	eta := 90*time.Second + time.Millisecond
	for n, name := range []string{
		"", "plain", `with "quotes" \ and ` + "\ttabs\n\x01", "süß 漢字 \U0001F600 \u2028", "<&>", "seven",
	} {
		m, err := domain.ParseMagnet(magnet(n) + "&tr=http%3A%2F%2Ft%22%5C")
		if err != nil {
			t.Fatal(err)
		}
		owner := d.actor([]string{alice, guest}[n%2]).UserID
		torrent, err := domain.NewTorrent(m, "", *[]*domain.Server{well, ill}[n%3/2], &owner, time.Now())
		if err != nil {
			t.Fatal(err)
		}
		torrent.Name = name
		switch n {
		case 1:
			torrent.UserID = nil
		case 2:
			torrent.Refuse(*well, m.InfoHash(), "no \"room\"\n", time.Now())
		case 3:
			torrent.Accept(*well, m.InfoHash(), m.InfoHash(), time.Now())
		case 4:
			if err := torrent.Complete(time.Date(2026, 1, 2, 3, 4, 5, 600, time.FixedZone("", 3600)), time.Now()); err != nil {
				t.Fatal(err)
			}
		}
		if err := d.store.Torrents().Add(t.Context(), torrent); err != nil {
			t.Fatal(err)
		}
	}
	d.check(t)
	daemon := d.clients.Daemon(well.ID)
	for n, ratio := range []float64{-1, 0, 1e-7, 1.5, 1e21} {
		m, err := domain.ParseMagnet(magnet(n))
		if err != nil {
			t.Fatal(err)
		}
		transfer := domain.Transfer{
			InfoHash: m.InfoHash(), Phase: domain.PhaseDownloading, MetadataKnown: n > 0, BytesWanted: 3 << 40, BytesLeft: 1 << 40,
			DownloadRate: 5, Peers: n, Ratio: ratio, LocalError: []string{"", "disk \"full\""}[n%2],
		}
		if n > 1 {
			transfer.ETA = &eta
		}
		daemon.SetTransfer(transfer)
	}
	if _, err := d.store.Servers().Update(t.Context(), ill.ID, func(s *domain.Server) error {
		s.Health.Problem = &domain.Problem{Code: domain.ProblemUnavailable, Message: "no\tanswer", Since: time.Now(), Attempts: 3}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
}

// drawQuery draws a query of lists.
func drawQuery(t *rapid.T) string {
	draw := &drawer{t: t, schema: theSchema()}
	var lists []string
	for n := range rapid.IntRange(1, 3).Draw(t, "lists") {
		list := "torrentServers " // whose selection is drawn at the end, since a fragment must be used
		typeName, end := "TorrentServer", ""
		if first := rapid.IntRange(0, 10).Draw(t, "first"); first > 0 {
			list, typeName, end = fmt.Sprintf("torrents(first: %d) {nodes ", first), "Torrent", "}"
			if first%2 > 0 {
				list, typeName, end = fmt.Sprintf("torrents(first: %d) {pageInfo {hasNextPage} edges ", first), "TorrentEdge", "}"
			}
		}
		list += draw.selection(typeName, 0) + end
		lists = append(lists, fmt.Sprintf("list%d: %s", n, list))
	}
	text := "query($yes: Boolean!, $no: Boolean!) {a: __typename @include(if: $yes) @skip(if: $no) " + strings.Join(lists, " ") + "}"
	for n, fragment := range draw.fragments {
		text += fmt.Sprintf(" fragment f%d on %s", n, fragment)
	}
	return text
}

// drawer draws selections of the schema's fields.
type drawer struct {
	t         *rapid.T
	schema    *ast.Schema
	fragments []string
	aliases   int
}

func (d *drawer) selection(typeName string, depth int) string {
	var fields []string
	for _, field := range d.schema.Types[typeName].Fields {
		if strings.HasPrefix(field.Name, "__") || len(field.Arguments) > 0 || !rapid.Bool().Draw(d.t, field.Name) {
			continue
		}
		text := field.Name
		if d.aliases < 20 && rapid.IntRange(0, 5).Draw(d.t, "alias") == 0 {
			d.aliases++
			text = fmt.Sprintf("a%d: %s", d.aliases, text)
		}
		text += rapid.SampledFrom([]string{"", "", "", " @include(if: $yes)", " @include(if: $no)", " @skip(if: $no)"}).Draw(d.t, "directive")
		if below := d.schema.Types[field.Type.Name()]; below.Kind == ast.Object {
			if depth > 4 {
				continue
			}
			text += " " + d.selection(below.Name, depth+1)
		}
		switch rapid.IntRange(0, 9).Draw(d.t, "in a fragment") {
		case 0:
			text = "... {" + text + "}"
		case 1:
			text = "... on " + typeName + " @include(if: $yes) {" + text + "}"
		case 2:
			d.fragments = append(d.fragments, typeName+" {"+text+"}")
			text = fmt.Sprintf("...f%d", len(d.fragments)-1)
		}
		fields = append(fields, text)
	}
	if len(fields) == 0 || rapid.Bool().Draw(d.t, "__typename") {
		fields = append(fields, "__typename")
	}
	return "{" + strings.Join(fields, " ") + "}"
}
