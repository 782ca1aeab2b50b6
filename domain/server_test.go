package domain_test

import (
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"

	"github.com/clarion-app/download-manager/domain"
)

func newServer(t testing.TB) *domain.Server {
	t.Helper()
	server, err := domain.NewServer("node", "http://nas:9091/transmission/rpc", "Transmission", noon)
	if err != nil {
		t.Fatal(err)
	}
	return server
}

func TestNewServer(t *testing.T) {
	t.Parallel()
	t.Run("a new server is due at once, keeps what completes and is taken for well", func(t *testing.T) {
		t.Parallel()
		now := domain.Instant(noon)
		server := newServer(t)
		if server.ID == uuid.Nil || server.LocalNode != "node" || server.Type != "Transmission" ||
			server.OnComplete != domain.OnCompleteKeep || server.NextCheckAt != now || server.CreatedAt != now ||
			server.UpdatedAt != now || !server.Health.Reachable() || !server.Credentials.IsZero() || server.DeletedAt != nil {
			t.Errorf("server %+v", server)
		}
	})
	for fact, one := range map[string]struct {
		given, address string
		credentials    domain.Credentials
	}{
		"credentials leave the address": {
			"http://anna:secret@nas:9091/rpc", "http://nas:9091/rpc", domain.Credentials{Username: "anna", Password: "secret"},
		},
		"escaped credentials are unescaped": {
			"https://an%40na:s%2Fe%3Ac%25@nas/rpc?x=1#y", "https://nas/rpc?x=1#y", domain.Credentials{Username: "an@na", Password: "s/e:c%"},
		},
		"a password alone is enough": {"http://:deluge@nas:8112/json", "http://nas:8112/json", domain.Credentials{Password: "deluge"}},
		"a name alone is enough":     {"http://anna@nas:8080", "http://nas:8080", domain.Credentials{Username: "anna"}},
		"an address without stays":   {" http://nas:9091/a%20b ", "http://nas:9091/a%20b", domain.Credentials{}},
		"a path is an address":       {"/data/downloads", "/data/downloads", domain.Credentials{}},
		"a path with an @ in it is":  {"/data/@home/x", "/data/@home/x", domain.Credentials{}},
		"a socket is an address":     {"scgi:///run/rtorrent.sock", "scgi:///run/rtorrent.sock", domain.Credentials{}},
		"IPv6 is an address":         {"http://anna:x@[2001:db8::7]:9091/", "http://[2001:db8::7]:9091/", domain.Credentials{Username: "anna", Password: "x"}},
		"host and port are":          {"nas:9091", "nas:9091", domain.Credentials{}},
	} {
		t.Run(fact, func(t *testing.T) {
			t.Parallel()
			server, err := domain.NewServer("node", one.given, "Transmission", noon)
			if err != nil {
				t.Fatal(err)
			}
			if server.Address != one.address || server.Credentials != one.credentials {
				t.Errorf("%q and %#v %q", server.Address, server.Credentials.Username, server.Credentials.Password)
			}
		})
	}
	for fact, one := range map[string]struct{ address, kind, field string }{
		"a server needs an address":            {" ", "Transmission", "address"},
		"a server needs a type":                {"http://nas", "", "type"},
		"an address has no control characters": {"http://nas/\x00x", "Transmission", "address"},
		"an address fits its column":           {"http://" + strings.Repeat("x", 255), "Transmission", "address"},
	} {
		t.Run(fact, func(t *testing.T) {
			t.Parallel()
			_, err := domain.NewServer("node", one.address, domain.ClientType(one.kind), noon)
			isInvalid(t, err, one.field)
		})
	}
	t.Run("credentials that cannot be read are refused rather than shown", func(t *testing.T) {
		t.Parallel()
		for _, address := range []string{
			"anna:secret@nas:9091/rpc", "http://anna:se cret@nas:9091/rpc", "http://anna:100%secret@nas", "http://anna:se/cret@nas",
		} {
			server, err := domain.NewServer("node", address, "Transmission", noon)
			if err == nil {
				if strings.Contains(server.Address, "cret") {
					t.Errorf("%q is kept as the address %q", address, server.Address)
				}
				continue
			}
			isInvalid(t, err, "address")
			if strings.Contains(err.Error(), "cret") {
				t.Errorf("the error tells them: %v", err)
			}
		}
	})
}

func TestServerChanges(t *testing.T) {
	t.Parallel()
	later := noon.Add(time.Hour)
	t.Run("a new address keeps old credentials, forgets trouble and is checked at once", func(t *testing.T) {
		t.Parallel()
		server := newServer(t)
		server.Authenticate(domain.Credentials{Username: "anna", Password: "secret"}, noon)
		server.Failed("refused", noon)
		if err := server.Readdress("http://other", "qBittorrent", later); err != nil {
			t.Fatal(err)
		}
		if server.Address != "http://other" || server.Type != "qBittorrent" || server.Credentials.Password != "secret" ||
			server.Health.Problem != nil || server.NextCheckAt != domain.Instant(later) || server.UpdatedAt != domain.Instant(later) {
			t.Errorf("server %+v", server)
		}
		if err := server.Readdress("http://berta:other@other", "qBittorrent", later); err != nil || server.Credentials.Username != "berta" {
			t.Errorf("credentials of %q, error %v", server.Credentials.Username, err)
		}
	})
	t.Run("a bad address changes nothing", func(t *testing.T) {
		t.Parallel()
		server := newServer(t)
		before := *server
		for _, address := range []string{"", "http://a:b@\x01", "http://a:b@" + strings.Repeat("x", 300)} {
			isInvalid(t, server.Readdress(address, "other", later), "address")
		}
		isInvalid(t, server.Readdress("http://anna:secret@other", "", later), "type")
		if !reflect.DeepEqual(*server, before) {
			t.Errorf("server %+v", server)
		}
	})
	t.Run("new credentials are tried at once", func(t *testing.T) {
		t.Parallel()
		server := newServer(t)
		server.Failed("unauthorized", noon)
		server.Authenticate(domain.Credentials{Password: "right"}, later)
		if server.Health.Problem != nil || server.NextCheckAt != domain.Instant(later) {
			t.Errorf("server %+v", server)
		}
	})
	t.Run("credentials are not printed", func(t *testing.T) {
		t.Parallel()
		server := newServer(t)
		server.Credentials = domain.Credentials{Username: "anna", Password: "secret"}
		for _, verb := range []string{"%v", "%+v", "%#v", "%s"} {
			for _, value := range []any{server.Credentials, *server, server} {
				if text := fmt.Sprintf(verb, value); strings.Contains(text, "secret") || strings.Contains(text, "anna") {
					t.Errorf("%s prints %s", verb, text)
				}
			}
		}
	})
	t.Run("a policy is read in either case", func(t *testing.T) {
		t.Parallel()
		server := newServer(t)
		policy, err := domain.ParseOnComplete("remove")
		if err != nil {
			t.Fatal(err)
		}
		server.SetOnComplete(policy, later)
		if server.OnComplete != domain.OnCompleteRemove || server.UpdatedAt != domain.Instant(later) {
			t.Errorf("server %+v", server)
		}
		_, err = domain.ParseOnComplete("delete")
		isInvalid(t, err, "onComplete")
	})
	t.Run("a server that holds open torrents is not removed", func(t *testing.T) {
		t.Parallel()
		server := newServer(t)
		if err := server.Remove(2, later); domain.KindOf(err) != domain.KindConflict || server.DeletedAt != nil {
			t.Errorf("error %v", err)
		}
		if err := server.Remove(0, later); err != nil || server.DeletedAt == nil || *server.DeletedAt != domain.Instant(later) {
			t.Errorf("error %v", err)
		}
	})
}

func TestServerHealth(t *testing.T) {
	t.Parallel()
	t.Run("a server that fails is checked less and less often, but every 5 seconds at least", func(t *testing.T) {
		t.Parallel()
		server, now := newServer(t), domain.Instant(noon)
		for i, want := range []time.Duration{1, 2, 4, 5, 5, 5} {
			server.Failed("connection refused", now)
			problem := server.Health.Problem
			if problem.Attempts != i+1 || problem.Since != domain.Instant(noon) || problem.Code != domain.ProblemUnavailable ||
				server.NextCheckAt != now.Add(want*time.Second) || *problem.RetryAt != server.NextCheckAt {
				t.Fatalf("failure %d: %+v, next %v", i+1, problem, server.NextCheckAt)
			}
			now = server.NextCheckAt
		}
		for range 1000 {
			server.Failed("connection refused", now)
		}
		if server.NextCheckAt != now.Add(5*time.Second) || server.Health.Reachable() {
			t.Errorf("after very many failures the next check is at %v", server.NextCheckAt)
		}
	})
	t.Run("a server keeps when it was last seen while it fails", func(t *testing.T) {
		t.Parallel()
		server := newServer(t)
		server.Seen(noon, noon.Add(time.Second))
		server.Failed("gone", noon.Add(time.Second))
		if server.Health.LastSeenAt == nil || *server.Health.LastSeenAt != domain.Instant(noon) {
			t.Errorf("last seen %v", server.Health.LastSeenAt)
		}
	})
	t.Run("a server that answers again is well, and its next failure is its first", func(t *testing.T) {
		t.Parallel()
		server := newServer(t)
		server.Failed("gone", noon)
		server.Failed("gone", noon)
		server.Seen(noon.Add(time.Minute), noon.Add(2*time.Minute))
		if !server.Health.Reachable() || server.NextCheckAt != domain.Instant(noon.Add(2*time.Minute)) {
			t.Errorf("health %+v", server.Health)
		}
		server.Failed("gone", noon.Add(3*time.Minute))
		if server.Health.Problem.Attempts != 1 || server.Health.Problem.Since != domain.Instant(noon.Add(3*time.Minute)) {
			t.Errorf("problem %+v", server.Health.Problem)
		}
	})
	t.Run("what a client says is bounded and clean before it is kept", func(t *testing.T) {
		t.Parallel()
		for cut := range 4 {
			server := newServer(t)
			server.Failed(strings.Repeat("x", cut)+strings.Repeat("🎬", 400)+"\x00", noon)
			message := server.Health.Problem.Message
			if len(message) > 1000 || len(message) < 990 || !utf8.ValidString(message) || strings.ContainsRune(message, utf8.RuneError) {
				t.Errorf("%d bytes, ending in %q", len(message), message[len(message)-8:])
			}
		}
	})
}
