package graph_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/clarion-app/download-manager/graph"
)

func TestBadDocuments(t *testing.T) {
	t.Parallel()
	d := openDoor(t)
	d.addServer(t)
	for name, test := range map[string]struct {
		query     string
		variables vars
		field     string
		status    int
	}{
		"no query":            {"", nil, "", 422},
		"no GraphQL":          {"{", nil, "", 422},
		"only a fragment":     {"fragment a on Query { viewer { id } }", nil, "", 422},
		"an unknown field":    {"{ vewer { id } }", nil, "", 422},
		"an unknown argument": {"{ torrents(frist: 1) { nodes { id } } }", nil, "", 422},
		"an unknown type":     {"{ viewer { ... on Usr { id } } }", nil, "", 422},
		"no selection":        {"{ viewer }", nil, "", 422},
		"a circular fragment": {"{ ...a } fragment a on Query { ...b } fragment b on Query { ...a }", nil, "", 422},

		"a malformed id":              {`{ torrent(id: "x") { id } }`, nil, "id", 200},
		"an id in another form":       {`{ torrent(id: "{00000000-0000-4000-8000-000000000000}") { id } }`, nil, "id", 200},
		"a number for an id":          {`{ torrent(id: 5) { id } }`, nil, "id", 200},
		"a malformed server id":       {`{ torrentServer(id: "x") { id } }`, nil, "id", 200},
		"a malformed id in an input":  {`mutation { removeTorrent(input: {id: "x"}) { torrent { id } } }`, nil, "id", 200},
		"a malformed id in a list":    {`mutation { checkTorrents(input: {serverIds: ["x"]}) { checks { open } } }`, nil, "serverIds", 200},
		"a malformed id in a filter":  {`{ torrents(filter: {serverId: "x"}) { nodes { id } } }`, nil, "serverId", 200},
		"a malformed cursor":          {`{ torrents(after: "x") { nodes { id } } }`, nil, "after", 200},
		"a cursor of another list":    {`{ torrents(after: "12") { nodes { id } } }`, nil, "after", 200},
		"a cursor that is too long":   {`{ torrents(after: "` + strings.Repeat("A", 36) + `") { nodes { id } } }`, nil, "after", 200},
		"a page of nothing":           {`{ torrents(first: 0) { nodes { id } } }`, nil, "first", 200},
		"a negative page":             {`{ torrents(first: -1) { nodes { id } } }`, nil, "first", 200},
		"a page that is too long":     {`{ torrents(first: 501) { nodes { id } } }`, nil, "first", 200},
		"a page of completions":       {`{ completions(first: 501) { nodes { cursor } } }`, nil, "first", 200},
		"a server's page":             {`{ torrentServers { torrents(first: 501) { nodes { id } } } }`, nil, "first", 200},
		"a number of more than Int":   {`query($n: Int!) { torrents(first: $n) { nodes { id } } }`, vars{"n": 1 << 40}, "first", 200},
		"a bad moment":                {`mutation { updateTorrent(input: {id: "00000000-0000-4000-8000-000000000000", completedAt: "yesterday"}) { torrent { id } } }`, nil, "completedAt", 200},
		"a bad magnet":                {`mutation { addTorrent(input: {magnetURI: "magnet:?dn=x"}) { torrent { id } } }`, nil, "magnetURI", 200},
		"a name that is too long":     {`mutation($n: String) { addTorrent(input: {magnetURI: "` + "magnet:?xt=urn:btih:" + hash(1) + `", name: $n}) { torrent { id } } }`, vars{"n": strings.Repeat("n", 256)}, "name", 200},
		"an unknown enum value":       {`query($s: TorrentStatus) { torrents(filter: {status: $s}) { nodes { id } } }`, vars{"s": "LOST"}, "s", 422},
		"a text for a number":         {`query($n: Int!) { torrents(first: $n) { nodes { id } } }`, vars{"n": "5"}, "first", 200},
		"a fraction for a number":     {`query($n: Int!) { torrents(first: $n) { nodes { id } } }`, vars{"n": 1.5}, "n", 422},
		"null for what is not null":   {`query($n: Int!) { torrents(first: $n) { nodes { id } } }`, vars{"n": nil}, "n", 422},
		"a variable that is missing":  {`query($id: ID!) { torrent(id: $id) { id } }`, nil, "id", 422},
		"a list for a text":           {`mutation($i: AddTorrentInput!) { addTorrent(input: $i) { torrent { id } } }`, vars{"i": vars{"magnetURI": []int{1}}}, "magnetURI", 422},
		"an unknown input field":      {`mutation($i: AddTorrentInput!) { addTorrent(input: $i) { torrent { id } } }`, vars{"i": vars{"magnetURI": "m", "x": 1}}, "x", 422},
		"a missing input field":       {`mutation($i: AddTorrentServerInput!) { addTorrentServer(input: $i) { torrentServer { id } } }`, vars{"i": vars{"address": "a"}}, "type", 422},
		"a number for a boolean":      {`query($b: Boolean) { torrents(filter: {hasProblem: $b}) { nodes { id } } }`, vars{"b": 1}, "b", 422},
		"an object for a client type": {`mutation($t: ClientType!) { addTorrentServer(input: {address: "a", type: $t}) { torrentServer { id } } }`, vars{"t": vars{}}, "type", 200},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := d.post(t, admin, test.query, test.variables)
			got.wantError(t, "INVALID", test.field)
			if got.status != test.status {
				t.Errorf("HTTP %d, want %d", got.status, test.status)
			}
			message := got.Errors[0].Message
			if strings.Contains(strings.ToLower(message), "did you mean") {
				t.Errorf("a suggestion: %s", message)
			}
			if log := d.log.String(); strings.Contains(log, "level=ERROR") {
				t.Errorf("logged as ours: %s", log)
			}
		})
	}
}

func TestBadRequests(t *testing.T) {
	t.Parallel()
	d := openDoor(t, func(c *graph.Config) { c.Limits.BodyBytes = 1000 })
	const good = `{"query":"{ viewer { name } }"}`
	escaped := url.QueryEscape(`{ viewer { name } }`)
	for name, test := range map[string]struct {
		token, method, rawQuery, contentType, body string
		status                                     int
		code, field                                string
	}{
		"nobody, POST":          {"", "POST", "", "application/json", good, 401, "UNAUTHENTICATED", ""},
		"nobody, GET":           {"", "GET", "query=" + escaped, "", "", 401, "UNAUTHENTICATED", ""},
		"a bad token":           {"nonsense", "POST", "", "application/json", good, 401, "UNAUTHENTICATED", ""},
		"no JSON":               {alice, "POST", "", "application/json", "{", 400, "INVALID", ""},
		"nothing":               {alice, "POST", "", "application/json", "", 400, "INVALID", ""},
		"null":                  {alice, "POST", "", "application/json", "null", 400, "INVALID", ""},
		"a text":                {alice, "POST", "", "application/json", `"query"`, 400, "INVALID", ""},
		"a batch":               {alice, "POST", "", "application/json", " [" + good + "," + good + "]", 400, "INVALID", ""},
		"a number for a query":  {alice, "POST", "", "application/json", `{"query":5}`, 400, "INVALID", "query"},
		"a list of variables":   {alice, "POST", "", "application/json", `{"query":"{ viewer { name } }","variables":[]}`, 400, "INVALID", "variables"},
		"an operation's number": {alice, "POST", "", "application/json", `{"query":"{ viewer { name } }","operationName":1}`, 400, "INVALID", "operationName"},
		"an unknown operation":  {alice, "POST", "", "application/json", `{"query":"query a { viewer { name } }","operationName":"b"}`, 422, "INVALID", ""},
		"too long":              {alice, "POST", "", "application/json", good + strings.Repeat(" ", 1000), 413, "INVALID", ""},
		"a form":                {alice, "POST", "", "application/x-www-form-urlencoded", "query=" + escaped, 415, "INVALID", ""},
		"a multipart form":      {alice, "POST", "", "multipart/form-data; boundary=x", "--x--", 400, "INVALID", ""},
		"no content type":       {alice, "POST", "", "", good, 415, "INVALID", ""},
		"PUT":                   {alice, "PUT", "", "application/json", good, 405, "INVALID", ""},
		"OPTIONS":               {alice, "OPTIONS", "", "", "", 405, "INVALID", ""},
		"GET of a mutation":     {alice, "GET", "query=" + url.QueryEscape(`mutation { checkTorrents { checks { open } } }`), "", "", 405, "INVALID", ""},
		"GET of a subscription": {alice, "GET", "query=" + url.QueryEscape(`subscription { torrentCompleted { cursor } }`), "", "", 405, "INVALID", ""},
		"GET without a query":   {alice, "GET", "", "", "", 422, "INVALID", ""},
		"GET, bad variables":    {alice, "GET", "query=" + escaped + "&variables=[]", "", "", 400, "INVALID", "variables"},
		"GET, bad extensions":   {alice, "GET", "query=" + escaped + "&extensions=x", "", "", 400, "INVALID", "extensions"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := d.send(t, test.token, test.method, test.rawQuery, test.contentType, test.body)
			got.wantError(t, test.code, test.field)
			if got.status != test.status {
				t.Errorf("HTTP %d, want %d", got.status, test.status)
			}
			if media := got.header.Get("Content-Type"); media != "application/json" {
				t.Errorf("content type %q", media)
			}
			if challenge := got.header.Get("WWW-Authenticate"); (challenge == "Bearer") != (got.status == 401) {
				t.Errorf("challenge %q", challenge)
			}
		})
	}
	t.Run("an event stream for nobody is HTTP 401, too", func(t *testing.T) {
		t.Parallel()
		request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, d.url, strings.NewReader(good))
		if err != nil {
			t.Fatal(err)
		}
		request.Header.Set("Accept", "text/event-stream")
		request.Header.Set("Content-Type", "application/json")
		got := d.do(t, request)
		got.wantError(t, "UNAUTHENTICATED", "")
		if got.status != http.StatusUnauthorized {
			t.Errorf("HTTP %d", got.status)
		}
	})
	t.Run("GET answers queries", func(t *testing.T) {
		t.Parallel()
		got := d.send(t, alice, http.MethodGet, "variables={}&query="+escaped, "", "")
		wantJSON(t, got.Data, `{"viewer":{"name":"alice"}}`)
	})
	t.Run("a connection serves on after an error", func(t *testing.T) {
		t.Parallel()
		for range 3 {
			d.send(t, alice, http.MethodPost, "", "application/json", "{").wantError(t, "INVALID", "")
			d.ask(t, alice, `{ viewer { name } }`, nil)
		}
	})
}
