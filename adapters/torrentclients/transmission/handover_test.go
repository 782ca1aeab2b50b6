package transmission_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/clarion-app/download-manager/domain"
)

// clerk is a daemon that takes everything on and keeps what it was asked; one method
// can be made to fail.
type clerk struct {
	*httptest.Server

	mu    sync.Mutex
	fails string
	asked []asked
	held  bool
}

type asked struct {
	Method    string
	Arguments map[string]any
}

func newClerk(t *testing.T) *clerk {
	c := &clerk{}
	c.Server = httptest.NewServer(c)
	t.Cleanup(c.Close)
	return c
}

func (c *clerk) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	c.mu.Lock()
	defer c.mu.Unlock()
	var request asked
	if err := json.NewDecoder(r.Body).Decode(&request); err != nil || request.Method == c.fails {
		http.Error(w, "no", http.StatusInternalServerError)
		return
	}
	c.asked = append(c.asked, request)
	answer := "{}"
	if request.Method == "torrent-add" {
		what := "torrent-added"
		if c.held {
			what = "torrent-duplicate"
		}
		c.held = true
		answer = fmt.Sprintf(`{%q:{"hashString":%q}}`, what, strings.Repeat("a", 40))
	}
	_, _ = w.Write([]byte(`{"arguments":` + answer + `,"result":"success"}`))
}

// took returns what was asked since the last call: the methods, and the last arguments of each.
func (c *clerk) took(fails string) (methods []string, arguments map[string]map[string]any) {
	c.mu.Lock()
	defer c.mu.Unlock()
	arguments = map[string]map[string]any{}
	for _, a := range c.asked {
		methods, arguments[a.Method] = append(methods, a.Method), a.Arguments
	}
	c.asked, c.fails = nil, fails
	return methods, arguments
}

func TestAHandoverThatBrokeOffIsBroughtToItsEnd(t *testing.T) {
	t.Parallel()
	daemon := newClerk(t)
	client := open(t, daemon.URL, domain.Credentials{})
	magnet, err := domain.ParseMagnet("magnet:?xt=urn:btih:" + strings.Repeat("a", 40))
	if err != nil {
		t.Fatal(err)
	}
	limit := int64(1_500)
	handover := domain.Handover{Magnet: magnet, Settings: domain.TransferSettings{DownloadLimit: &limit}}
	add := func() error {
		_, err := client.Add(t.Context(), handover)
		return err
	}

	daemon.took("torrent-set")
	if domain.KindOf(add()) != domain.KindUnavailable {
		t.Fatal("what is not set up is fine")
	}
	methods, arguments := daemon.took("torrent-start")
	if !slices.Equal(methods, []string{"torrent-add"}) || arguments["torrent-add"]["paused"] != true {
		t.Fatalf("asked %v; a transfer is not to run before its limits are set", methods)
	}
	if domain.KindOf(add()) != domain.KindUnavailable {
		t.Fatal("what is not started is fine")
	}
	methods, arguments = daemon.took("")
	if !slices.Equal(methods, []string{"torrent-add", "torrent-set"}) {
		t.Fatalf("asked %v", methods)
	}
	if set := arguments["torrent-set"]; set["downloadLimit"] != 2.0 || set["downloadLimited"] != true {
		t.Fatalf("limits %v; want 2 kB, rounded up", set)
	}
	if err := add(); err != nil {
		t.Fatal(err)
	}
	if methods, _ = daemon.took(""); !slices.Equal(methods, []string{"torrent-add", "torrent-set", "torrent-start"}) {
		t.Fatalf("asked %v", methods)
	}
	if err := add(); err != nil {
		t.Fatal(err)
	}
	if methods, _ = daemon.took(""); !slices.Equal(methods, []string{"torrent-add"}) {
		t.Fatalf("asked %v of what was there", methods)
	}
}

func TestNoHashesAreNeverAll(t *testing.T) {
	t.Parallel()
	daemon := newClerk(t)
	client := open(t, daemon.URL, domain.Credentials{})
	for _, none := range [][]domain.InfoHash{nil, {}, {{}}} {
		for name, do := range map[string]func() error{
			"Pause":  func() error { return client.Pause(t.Context(), none) },
			"Resume": func() error { return client.Resume(t.Context(), none) },
			"Verify": func() error { return client.Verify(t.Context(), none) },
			"Remove": func() error { return client.Remove(t.Context(), none, true) },
		} {
			if err := do(); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
	}
	if methods, _ := daemon.took(""); len(methods) > 0 {
		t.Fatalf("asked %v", methods)
	}
}
