package graph_test

import (
	"bytes"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/clarion-app/download-manager/adapters/memory"
	"github.com/clarion-app/download-manager/domain"
	"github.com/clarion-app/download-manager/graph"
)

// torrentFile is a .torrent file of the nth film, of about that many bytes.
func torrentFile(n, size int) string {
	pieces := max(size/20, 1)
	return fmt.Sprintf("d4:infod6:lengthi%de4:name%d:film %04d12:piece lengthi16384e6:pieces%d:%see",
		pieces*16384, len("film 0000"), n, pieces*20, strings.Repeat("x", pieces*20))
}

const (
	addFile  = `mutation($file: Upload) { addTorrent(input: {file: $file}) { torrent { id name magnetURI } } }`
	addInput = `mutation($input: AddTorrentInput!) { addTorrent(input: $input) { torrent { name } } }`
	addMany  = `mutation($input: AddTorrentsInput!) { addTorrents(input: $input) { succeeded results { torrent { name } error { code field } } } }`
)

// upload sends an operation with files; pairs are of the place and the content of each.
func (d *door) upload(t *testing.T, token, query string, variables vars, pairs ...string) reply {
	t.Helper()
	places := map[string][]string{}
	parts := []string{"operations", string(marshalled(t, vars{"query": query, "variables": variables})), "map", ""}
	for i := 0; i+1 < len(pairs); i += 2 {
		name := fmt.Sprint(i / 2)
		places[name] = []string{pairs[i]}
		parts = append(parts, "@"+name, pairs[i+1])
	}
	parts[3] = string(marshalled(t, places))
	contentType, body := form(t, parts...)
	return d.send(t, token, http.MethodPost, "", contentType, body)
}

func TestUpload(t *testing.T) {
	t.Parallel()
	t.Run("a file is added, and handed over byte for byte", func(t *testing.T) {
		t.Parallel()
		d := openDoor(t)
		server := d.addServer(t)
		content := torrentFile(1, 2<<20)
		got := d.upload(t, alice, addFile, vars{"file": nil}, "variables.file", content)
		if got.status != http.StatusOK || len(got.Errors) > 0 {
			t.Fatal(got.status, got.Errors)
		}
		added := into[struct {
			AddTorrent struct {
				Torrent struct{ Name, MagnetURI string }
			}
		}](t, got.Data).AddTorrent.Torrent
		link, err := domain.ParseMagnet(added.MagnetURI)
		if err != nil || added.Name != "film 0001" || link.Name() != added.Name {
			t.Fatal(added, err)
		}
		d.check(t)
		if held := d.clients.Daemon(server.ID).Metainfo(link.InfoHash()); string(held) != content {
			t.Errorf("the client was given %d bytes of %d", len(held), len(content))
		}
	})
	t.Run("it may stand anywhere in the input, and many may", func(t *testing.T) {
		t.Parallel()
		d := openDoor(t)
		d.addServer(t)
		got := d.upload(t, alice, addInput, vars{"input": vars{"file": nil}}, "variables.input.file", torrentFile(1, 100))
		wantJSON(t, got.Data, `{"addTorrent":{"torrent":{"name":"film 0001"}}}`)
		got = d.upload(t, alice, addMany, vars{"input": vars{"torrents": []vars{{"file": nil}, {"magnetURI": magnet(5)}, {"file": nil}, {"file": nil}}}},
			"variables.input.torrents.2.file", torrentFile(3, 100), "variables.input.torrents.0.file", torrentFile(2, 100),
			"variables.input.torrents.3.file", "")
		wantJSON(t, got.Data, `{"addTorrents":{"succeeded":3,"results":[
			{"torrent":{"name":"film 0002"},"error":null},{"torrent":{"name":"torrent 5"},"error":null},
			{"torrent":{"name":"film 0003"},"error":null},{"torrent":null,"error":{"code":"INVALID","field":"file"}}]}}`)
	})
	t.Run("a thousand are added in one request", func(t *testing.T) {
		t.Parallel()
		d := openDoor(t)
		d.addServer(t)
		var torrents []vars
		var pairs []string
		for i := range 1000 {
			torrents = append(torrents, vars{"file": nil})
			pairs = append(pairs, fmt.Sprintf("variables.input.torrents.%d.file", i), torrentFile(i, 5000))
		}
		got := d.upload(t, alice, `mutation($input: AddTorrentsInput!) { addTorrents(input: $input) { succeeded } }`, vars{"input": vars{"torrents": torrents}}, pairs...)
		wantJSON(t, got.Data, `{"addTorrents":{"succeeded":1000}}`)
	})
	t.Run("it repeats itself under its key", func(t *testing.T) {
		t.Parallel()
		d := openDoor(t)
		d.addServer(t)
		query := `mutation($file: Upload!) { addTorrent(input: {file: $file, idempotencyKey: "k"}) { torrent { id } } }`
		first := d.upload(t, alice, query, vars{"file": nil}, "variables.file", torrentFile(1, 100))
		again := d.upload(t, alice, query, vars{"file": nil}, "variables.file", torrentFile(1, 100))
		if len(first.Errors) > 0 || !bytes.Equal(first.Data, again.Data) {
			t.Errorf("%s %v, then %s", first.Data, first.Errors, again.Data)
		}
		d.upload(t, alice, query, vars{"file": nil}, "variables.file", torrentFile(2, 100)).wantError(t, "CONFLICT", "file")
	})
	t.Run("a torrent can be given by its URL", func(t *testing.T) {
		t.Parallel()
		d := openDoor(t)
		d.addServer(t)
		web := memory.NewTorrentFetcher()
		web.Serve("https://x.example/1.torrent", []byte(torrentFile(1, 100)))
		d.torrents.Fetcher = web
		got := d.ask(t, alice, addInput, vars{"input": vars{"url": "https://x.example/1.torrent"}})
		wantJSON(t, got, `{"addTorrent":{"torrent":{"name":"film 0001"}}}`)
		d.post(t, alice, addInput, vars{"input": vars{"url": "https://x.example/2.torrent"}}).wantError(t, "INVALID", "url")
	})
}

func TestUploadRefuses(t *testing.T) {
	t.Parallel()
	d := openDoor(t, func(c *graph.Config) { c.Limits.BodyBytes = 100_000 })
	d.addServer(t)
	operations := string(marshalled(t, vars{"query": addInput, "variables": vars{"input": vars{"file": nil, "name": nil}, "list": []any{nil, "x"}}}))
	const one, place = `{"0":["variables.input.file"]}`, "variables.input.file"
	file := torrentFile(1, 100)
	var crowd, crowdMap []string
	for i := range 1001 {
		crowd = append(crowd, fmt.Sprint("@", i), "x")
		crowdMap = append(crowdMap, fmt.Sprintf(`"%d":["variables.list.%d"]`, i, i))
	}
	for name, test := range map[string]struct {
		parts  []string
		status int
		field  string
	}{
		"a map to two places":                {[]string{"operations", operations, "map", `{"0":["variables.input.file","variables.list.0"]}`, "@0", file}, 400, "map"},
		"a map to no place":                  {[]string{"operations", operations, "map", `{"0":[]}`, "@0", file}, 400, "map"},
		"a map to one place for two":         {[]string{"operations", operations, "map", `{"0":["` + place + `"],"1":["` + place + `"]}`, "@0", file, "@1", file}, 400, "map"},
		"a map to what is there":             {[]string{"operations", operations, "map", `{"0":["variables.list.1"]}`, "@0", file}, 400, "map"},
		"a map to nothing":                   {[]string{"operations", operations, "map", `{"0":["variables.input.nothing"]}`, "@0", file}, 400, "map"},
		"a map into nothing":                 {[]string{"operations", operations, "map", `{"0":["variables.input.name.file"]}`, "@0", file}, 400, "map"},
		"a map behind a list":                {[]string{"operations", operations, "map", `{"0":["variables.list.2"]}`, "@0", file}, 400, "map"},
		"a map before a list":                {[]string{"operations", operations, "map", `{"0":["variables.list.-1"]}`, "@0", file}, 400, "map"},
		"a map to all variables":             {[]string{"operations", operations, "map", `{"0":["variables"]}`, "@0", file}, 400, "map"},
		"a map elsewhere":                    {[]string{"operations", operations, "map", `{"0":["extensions.x"]}`, "@0", file}, 400, "map"},
		"a map to an operation of a batch":   {[]string{"operations", "[" + operations + "]", "map", `{"0":["0.variables.input.file"]}`, "@0", file}, 400, ""},
		"a map of operations that are none":  {[]string{"operations", "{", "map", one, "@0", file}, 400, ""},
		"a file that is missing":             {[]string{"operations", operations, "map", one}, 400, "map"},
		"a file twice":                       {[]string{"operations", operations, "map", one, "@0", file, "@0", file}, 400, ""},
		"a file more":                        {[]string{"operations", operations, "map", one, "@0", file, "@1", file}, 400, ""},
		"a thousand files that no map has":   {append([]string{"operations", operations, "map", one}, crowd...), 400, ""},
		"a map of more than a thousand":      {append([]string{"operations", operations, "map", "{" + strings.Join(crowdMap, ",") + "}"}, crowd...), 400, "map"},
		"files that are too large together":  {[]string{"operations", operations, "map", one, "@0", strings.Repeat("x", 17<<20)}, 413, ""},
		"operations that are too long":       {[]string{"operations", operations + strings.Repeat(" ", 100_000), "map", one, "@0", file}, 413, ""},
		"operations and map that are so":     {[]string{"operations", operations + strings.Repeat(" ", 60_000), "map", one + strings.Repeat(" ", 60_000), "@0", file}, 413, ""},
		"a file where a text should be":      {[]string{"operations", operations, "map", `{"0":["variables.input.name"]}`, "@0", file}, 422, "name"},
		"a file that is too large by itself": {[]string{"operations", operations, "map", one, "@0", torrentFile(1, domain.MaxMetainfoBytes)}, 200, "file"},
		"a file that is none":                {[]string{"operations", operations, "map", one, "@0", "<!DOCTYPE html>"}, 200, "file"},
		"an empty file":                      {[]string{"operations", operations, "map", one, "@0", ""}, 200, "file"},
	} {
		t.Run(name+" is refused", func(t *testing.T) {
			t.Parallel()
			contentType, body := form(t, test.parts...)
			got := d.send(t, alice, http.MethodPost, "", contentType, body)
			got.wantError(t, "INVALID", test.field)
			if got.status != test.status {
				t.Errorf("HTTP %d, want %d: %v", got.status, test.status, got.Errors)
			}
		})
	}
	for name, query := range map[string]string{
		"a text":                        `mutation { addTorrent(input: {file: "d4:infodee"}) { torrent { id } } }`,
		"a number":                      `mutation { addTorrent(input: {file: 5}) { torrent { id } } }`,
		"an object that looks like one": `mutation { addTorrent(input: {file: {Content: "eA=="}}) { torrent { id } } }`,
	} {
		t.Run(name+" in place of a file is refused", func(t *testing.T) {
			t.Parallel()
			d.post(t, alice, query, nil).wantError(t, "INVALID", "file")
		})
	}
	for name, value := range map[string]any{"a text": "x", "an object": vars{"Content": "eA=="}, "a list": []int{1}} {
		t.Run(name+" as a file's variable is refused", func(t *testing.T) {
			t.Parallel()
			d.post(t, alice, addFile, vars{"file": value}).wantError(t, "INVALID", "file")
		})
	}
	t.Run("nothing of it was added", func(t *testing.T) {
		got := into[struct{ Torrents struct{ TotalCount int } }](t, d.ask(t, admin, `{ torrents { totalCount } }`, nil))
		if got.Torrents.TotalCount != 0 {
			t.Error(got)
		}
	})
	t.Run("one thing to download is wanted", func(t *testing.T) {
		t.Parallel()
		d.post(t, alice, addInput, vars{"input": vars{}}).wantError(t, "INVALID", "magnetURI")
		d.upload(t, alice, addInput, vars{"input": vars{"file": nil, "magnetURI": magnet(1)}}, place, file).wantError(t, "INVALID", "file")
		d.post(t, alice, addInput, vars{"input": vars{"magnetURI": magnet(1), "url": "http://x"}}).wantError(t, "INVALID", "url")
	})
}

// TestUploadForAStream: the answer to a mutation may be a stream of one.
func TestUploadForAStream(t *testing.T) {
	t.Parallel()
	d := openDoor(t)
	d.addServer(t)
	contentType, body := form(t, "operations", string(marshalled(t, vars{"query": addFile, "variables": vars{"file": nil}})),
		"map", `{"0":["variables.file"]}`, "@0", torrentFile(1, 100))
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, d.url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+alice)
	request.Header.Set("Content-Type", contentType)
	request.Header.Set("Accept", "text/event-stream")
	response, err := d.http.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	var text bytes.Buffer
	if _, err := text.ReadFrom(response.Body); err != nil || !strings.Contains(text.String(), `"name":"film 0001"`) {
		t.Errorf("%v: %s", err, text.String())
	}
}
