package aria2_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/clarion-app/download-manager/adapters/torrentclients/aria2"
	"github.com/clarion-app/download-manager/domain"
)

// fake is a daemon of which a test decides what it says to each method; it notes
// what it was asked, and with which credentials.
type fake struct {
	*httptest.Server
	// says are the replies to the methods of a request: `[value]`, or an error.
	says map[string]string

	mu       sync.Mutex
	asked    []string
	username string
	tokens   []string
}

func newFake(t *testing.T, says map[string]string) *fake {
	t.Helper()
	f := &fake{says: says}
	f.Server = httptest.NewServer(f)
	t.Cleanup(f.Close)
	return f
}

type fakeCall struct {
	Method     string `json:"method"`
	MethodName string `json:"methodName"`
	Params     []any  `json:"params"`
}

func (f *fake) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.username, _, _ = r.BasicAuth()
	var request struct {
		Method string
		Params json.RawMessage
	}
	if err := json.NewDecoder(r.Body).Decode(&request); err != nil {
		http.Error(w, err.Error(), http.StatusTeapot)
		return
	}
	if request.Method != "system.multicall" {
		var params []any
		_ = json.Unmarshal(request.Params, &params) // a list, or the test fails over what was asked
		reply := f.reply(request.Method, params)
		if value, fine := strings.CutPrefix(reply, "["); fine {
			_, _ = w.Write([]byte(`{"id":"1","result":` + strings.TrimSuffix(value, "]") + `}`))
			return
		}
		w.WriteHeader(http.StatusBadRequest)
		_, _ = w.Write([]byte(`{"id":"1","error":` + reply + `}`))
		return
	}
	var calls [][]fakeCall
	if err := json.Unmarshal(request.Params, &calls); err != nil || len(calls) != 1 {
		http.Error(w, "not a multicall", http.StatusTeapot)
		return
	}
	var replies []string
	for _, call := range calls[0] {
		replies = append(replies, f.reply(call.MethodName, call.Params))
	}
	_, _ = w.Write([]byte(`{"id":"1","result":[` + strings.Join(replies, ",") + `]}`))
}

func (f *fake) reply(method string, params []any) string {
	token := ""
	if len(params) > 0 {
		if text, ok := params[0].(string); ok && strings.HasPrefix(text, "token:") {
			token = text
		}
	}
	f.asked, f.tokens = append(f.asked, method), append(f.tokens, token)
	if reply, known := f.says[method]; known {
		return reply
	}
	if method == "aria2.addUri" {
		options, _ := params[len(params)-1].(map[string]any)
		return fmt.Sprintf(`[%q]`, options["gid"])
	}
	return `[[]]`
}

// took returns what was asked since the last call.
func (f *fake) took() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	asked := f.asked
	f.asked = nil
	return asked
}

var look = []string{"aria2.tellActive", "aria2.tellWaiting", "aria2.tellStopped"}

func TestCredentials(t *testing.T) {
	t.Parallel()
	for name, is := range map[string]struct {
		credentials     domain.Credentials
		username, token string
	}{
		"none":                      {},
		"a secret":                  {domain.Credentials{Password: "s"}, "", "token:s"},
		"a username and a password": {domain.Credentials{Username: "u", Password: "s"}, "u", "token:s"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newFake(t, nil)
			client := open(t, f.URL, is.credentials)
			if _, err := client.Transfers(t.Context(), nil); err != nil {
				t.Fatal(err)
			}
			if f.username != is.username || len(f.tokens) != 3 || f.tokens[0] != is.token || f.tokens[2] != is.token {
				t.Fatalf("username %q, tokens %q", f.username, f.tokens)
			}
		})
	}
}

func TestWhatAddingAsks(t *testing.T) {
	t.Parallel()
	f := newFake(t, nil)
	now := time.Now()
	client := open(t, f.URL, domain.Credentials{}, aria2.WithClock(func() time.Time { return now }))
	add := func(i int) {
		t.Helper()
		if _, err := client.Add(t.Context(), domain.Handover{Magnet: mustMagnet(t, "magnet:?xt=urn:btih:"+numbered(t, i).String())}); err != nil {
			t.Fatal(err)
		}
	}
	expect := func(what string, want ...string) {
		t.Helper()
		if asked := f.took(); !slices.Equal(asked, want) {
			t.Fatalf("%s asks %q; want %q", what, asked, want)
		}
	}
	add(1)
	expect("the first", append(slices.Clone(look), "aria2.addUri")...)
	add(2)
	expect("another soon after", "aria2.addUri")
	add(2)
	expect("one that was just added", append(slices.Clone(look), "aria2.addUri")...)
	now = now.Add(time.Minute)
	add(3)
	expect("one a minute later", append(slices.Clone(look), "aria2.addUri")...)
	now = now.Add(-time.Hour)
	add(4)
	expect("one after the clock was set back", append(slices.Clone(look), "aria2.addUri")...)
	if err := client.Remove(t.Context(), []domain.InfoHash{numbered(t, 3)}, false); err != nil {
		t.Fatal(err)
	}
	expect("a removal of what is not there", look...)
	add(3)
	expect("one after a removal", append(slices.Clone(look), "aria2.addUri")...)
}

func TestWhatIsRefused(t *testing.T) {
	t.Parallel()
	for name, is := range map[string]struct {
		says     map[string]string
		handover domain.Handover
		kind     domain.Kind
		message  string
	}{
		"a magnet": {
			map[string]string{"aria2.addUri": `{"code":1,"message":"No URI to download."}`},
			domain.Handover{Magnet: mustMagnet(t, "magnet:?xt=urn:btih:"+numbered(t, 1).String())},
			domain.KindInvalid, "No URI to download.",
		},
		"a gid that is taken for ever": {
			map[string]string{"aria2.addUri": `{"code":1,"message":"GID 1 is not unique."}`},
			domain.Handover{Magnet: mustMagnet(t, "magnet:?xt=urn:btih:"+numbered(t, 1).String())},
			domain.KindInvalid, "not unique",
		},
		"another gid than was asked for": {
			map[string]string{"aria2.addUri": `["a000000000000000"]`},
			domain.Handover{Magnet: mustMagnet(t, "magnet:?xt=urn:btih:"+numbered(t, 1).String())},
			domain.KindUnavailable, "not as aria2 does",
		},
		"no magnet":             {nil, domain.Handover{}, domain.KindInvalid, "required"},
		"a magnet of version 2": {nil, domain.Handover{Magnet: mustMagnet(t, "magnet:?xt=urn:btmh:1220"+strings.Repeat("cd", 32))}, domain.KindInvalid, "version 2"},
		"a secret": {
			map[string]string{"aria2.tellWaiting": `{"code":1,"message":"Unauthorized"}`},
			domain.Handover{Magnet: mustMagnet(t, "magnet:?xt=urn:btih:"+numbered(t, 1).String())},
			domain.KindUnavailable, "rpc-secret",
		},
		"a method": {
			map[string]string{"aria2.tellStopped": `{"code":1,"message":"No such method: aria2.tellStopped"}`},
			domain.Handover{Magnet: mustMagnet(t, "magnet:?xt=urn:btih:"+numbered(t, 1).String())},
			domain.KindUnavailable, "No such method",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := open(t, newFake(t, is.says).URL, domain.Credentials{}).Add(t.Context(), is.handover)
			if domain.KindOf(err) != is.kind || !strings.Contains(domain.MessageOf(err), is.message) {
				t.Fatalf("error %v; want one of kind %s that tells of %q", err, is.kind, is.message)
			}
		})
	}
}

func TestABuildWithoutBitTorrentIsTold(t *testing.T) {
	t.Parallel()
	f := newFake(t, map[string]string{"aria2.getVersion": `[{"version":"1.37.0","enabledFeatures":["HTTPS"]}]`})
	if _, err := open(t, f.URL, domain.Credentials{}).Probe(t.Context()); !strings.Contains(domain.MessageOf(err), "without BitTorrent") {
		t.Fatalf("error %v", err)
	}
}

// A download that does not stop when it is told to, politely and then by force.
func TestRemovingWhatDoesNotGo(t *testing.T) {
	t.Parallel()
	hash := numbered(t, 1)
	f := newFake(t, map[string]string{
		"aria2.tellActive": `[[{"gid":"a000000000000000","status":"active","infoHash":"` + hash.String() + `","totalLength":"5","completedLength":"5"}]]`,
	})
	client := open(t, f.URL, domain.Credentials{}, aria2.WithTimeout(3*time.Second))
	err := client.Remove(t.Context(), []domain.InfoHash{hash}, false)
	if domain.KindOf(err) != domain.KindUnavailable {
		t.Fatalf("error %v", err)
	}
	asked := f.took()
	polite, force := slices.Index(asked, "aria2.remove"), slices.Index(asked, "aria2.forceRemove")
	if polite < 0 || force < polite || slices.Contains(asked[force:], "aria2.remove") {
		t.Fatalf("asked %q", asked)
	}
}
