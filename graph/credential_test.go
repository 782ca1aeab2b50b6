package graph_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/clarion-app/download-manager/domain"
	"github.com/clarion-app/download-manager/graph"
	"github.com/clarion-app/download-manager/internal/testkit/wait"
)

// revoke ends a token.
func (d *door) revoke(token string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	delete(d.tokens, token)
}

// setTrouble keeps the authenticator from answering, or lets it again with nil.
func (d *door) setTrouble(err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.trouble = err
}

// looked waits until the authenticator has been asked some more times.
func (d *door) looked(t *testing.T, times int) {
	t.Helper()
	count := func() int {
		d.mu.Lock()
		defer d.mu.Unlock()
		return d.looks
	}
	before := count()
	wait.Until(t, 10*time.Second, "the credential looked at again", func() bool { return count() >= before+times })
}

// vigilant looks at credentials all the time, careless never again by itself.
func vigilant(c *graph.Config) { c.Limits.Reauthenticate = 5 * time.Millisecond }
func careless(c *graph.Config) { c.Limits.Reauthenticate = time.Hour }

// follower is a subscription, whatever carries it.
type follower interface {
	told(t *testing.T) completion
}

type onSocket struct{ *wsClient }

func (f onSocket) told(t *testing.T) completion {
	t.Helper()
	return into[struct{ TorrentCompleted completion }](t, f.next(t, "1")).TorrentCompleted
}

type onStream struct{ *eventStream }

func (f onStream) told(t *testing.T) completion {
	t.Helper()
	return into[struct{ TorrentCompleted completion }](t, f.next(t)).TorrentCompleted
}

var followers = map[string]func(*testing.T, *door, string) follower{
	"a socket": func(t *testing.T, d *door, token string) follower {
		t.Helper()
		c := d.connect(t, token)
		c.subscribe(t, "1", watch, vars{"after": "0"})
		c.send(t, wsMessage{Type: "ping"})
		c.read(t) // messages are taken in order, so it follows now
		return onSocket{c}
	},
	"an event stream": func(t *testing.T, d *door, token string) follower {
		t.Helper()
		return onStream{d.stream(t, token, watch, vars{"after": "0"})}
	},
}

func TestRevokedCredential(t *testing.T) {
	t.Parallel()
	t.Run("closes a socket that follows something", func(t *testing.T) {
		t.Parallel()
		d := openDoor(t, vigilant)
		c := d.connect(t, alice)
		c.subscribe(t, "1", watch, nil)
		d.revoke(alice)
		c.wantClose(t, 4401)
	})
	t.Run("closes a socket that began with its handshake's", func(t *testing.T) {
		t.Parallel()
		d := openDoor(t, vigilant)
		c := d.dial(t, map[string][]string{"Authorization": {"Bearer " + alice}}, "graphql-transport-ws")
		c.send(t, wsMessage{Type: "connection_init"})
		d.looked(t, 1)
		d.revoke(alice)
		c.wantClose(t, 4401)
	})
	t.Run("starts nothing more on a socket", func(t *testing.T) {
		t.Parallel()
		d := openDoor(t, careless)
		d.addServer(t)
		added := d.addTorrent(t, alice, 1)
		c := d.connect(t, alice)
		d.revoke(alice)
		c.subscribe(t, "1", `mutation($id: ID!) { removeTorrent(input: {id: $id}) { torrent { id } } }`, vars{"id": added.ID})
		c.wantClose(t, 4401)
		if _, err := d.torrents.Get(t.Context(), domain.System(), added.ID); err != nil {
			t.Error("the torrent was removed:", err)
		}
	})
	t.Run("ends an event stream, which tells why", func(t *testing.T) {
		t.Parallel()
		d := openDoor(t, vigilant)
		s := d.stream(t, alice, watch, nil)
		d.revoke(alice)
		wantUnauthenticated(t, s)
	})
}

func TestExpiredCredentialIsToldOnAnEventStream(t *testing.T) {
	t.Parallel()
	d := openDoor(t, careless)
	soon := time.Now().Add(200 * time.Millisecond)
	actor := d.actor(alice)
	actor.ExpiresAt = &soon
	d.setActor(alice, actor)
	wantUnauthenticated(t, d.stream(t, alice, watch, nil))
}

// wantUnauthenticated reads one error and the end.
func wantUnauthenticated(t *testing.T, s *eventStream) {
	t.Helper()
	into[reply](t, s.event(t)).wantError(t, "UNAUTHENTICATED", "")
	var rest strings.Builder
	for s.lines.Scan() {
		rest.WriteString(s.lines.Text() + "\n")
	}
	if got := rest.String(); strings.Count(got, "event: ") != 1 || !strings.Contains(got, "event: complete") {
		t.Errorf("then came %q", got)
	}
}

func TestAuthenticatorThatIsAwayEndsNothing(t *testing.T) {
	t.Parallel()
	for name, follow := range followers {
		for what, trouble := range map[string]error{
			"unavailable": domain.Unavailable(nil, "the key server does not answer"),
			"broken":      errors.New("disk I/O error"),
		} {
			t.Run(what+": "+name, func(t *testing.T) {
				t.Parallel()
				d := openDoor(t, vigilant)
				d.addServer(t)
				added := d.addTorrent(t, alice, 1)
				f := follow(t, d, alice)
				d.setTrouble(trouble)
				d.looked(t, 3)
				d.complete(t, added)
				if got := f.told(t); got.TorrentID != added.ID.String() {
					t.Errorf("told of %+v", got)
				}
			})
		}
	}
	t.Run("but an operation on a socket waits for better times", func(t *testing.T) {
		t.Parallel()
		d := openDoor(t, careless)
		c := d.connect(t, alice)
		d.setTrouble(domain.Unavailable(nil, "the key server does not answer"))
		c.subscribe(t, "1", `{ viewer { name } }`, nil)
		reply{Errors: into[[]replyError](t, c.read(t).Payload)}.wantError(t, "UNAVAILABLE", "")
		d.setTrouble(nil)
		c.subscribe(t, "1", `{ viewer { name } }`, nil)
		wantJSON(t, c.next(t, "1"), `{"viewer":{"name":"alice"}}`)
	})
}

func TestLostRole(t *testing.T) {
	t.Parallel()
	demote := func(d *door) {
		actor := d.actor(admin)
		actor.Role = domain.RoleMember
		d.setActor(admin, actor)
	}
	for name, follow := range followers {
		t.Run(name+" is told of the user's own torrents only", func(t *testing.T) {
			t.Parallel()
			d := openDoor(t, vigilant)
			d.addServer(t)
			others, own := d.addTorrent(t, alice, 1), d.addTorrent(t, admin, 2)
			more := d.addTorrent(t, alice, 3)
			f := follow(t, d, admin)
			d.complete(t, others)
			if got := f.told(t); got.TorrentID != others.ID.String() {
				t.Fatalf("told of %+v", got)
			}
			demote(d)
			d.looked(t, 2) // the second look begins after the first has counted
			d.complete(t, more)
			d.complete(t, own)
			if got := f.told(t); got.TorrentID != own.ID.String() {
				t.Errorf("told of %+v", got)
			}
		})
	}
	t.Run("the next operation on a socket is a member's, too", func(t *testing.T) {
		t.Parallel()
		d := openDoor(t, careless)
		c := d.connect(t, admin)
		demote(d)
		c.subscribe(t, "1", `mutation { checkTorrents { checks { open } } }`, nil)
		into[reply](t, c.read(t).Payload).wantError(t, "FORBIDDEN", "")
	})
}
