package graph_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/google/uuid"

	"github.com/clarion-app/download-manager/domain"
	"github.com/clarion-app/download-manager/graph"
	"github.com/clarion-app/download-manager/ports"
)

// brokenTorrents answers every Get as it is told.
type brokenTorrents struct {
	ports.TorrentRepository
	get func() (*domain.Torrent, error)
}

func (r brokenTorrents) Get(context.Context, uuid.UUID) (*domain.Torrent, error) { return r.get() }

func openBrokenDoor(t *testing.T, get func() (*domain.Torrent, error)) *door {
	t.Helper()
	return openDoor(t, func(c *graph.Config) {
		c.Torrents.Repository = brokenTorrents{c.Torrents.Repository, get}
	})
}

const anyTorrent = `{ torrent(id: "00000000-0000-4000-8000-000000000000") { id } }`

func TestEveryKindOfError(t *testing.T) {
	t.Parallel()
	for _, kind := range domain.Kinds() {
		t.Run(string(kind), func(t *testing.T) {
			t.Parallel()
			failure := &domain.Error{Kind: kind, Field: "f", Message: "what users may read", Err: errors.New("secret cause")}
			d := openBrokenDoor(t, func() (*domain.Torrent, error) { return nil, fmt.Errorf("wrapped: %w", failure) })
			got := d.post(t, admin, anyTorrent, nil)
			wantShown(t, got, kind)
			if got.status != http.StatusOK {
				t.Errorf("HTTP %d", got.status)
			}

			refusing := openDoor(t, func(c *graph.Config) {
				c.Authenticate = func(*http.Request) (domain.Actor, error) { return domain.Actor{}, failure }
			})
			got = refusing.post(t, admin, anyTorrent, nil)
			wantShown(t, got, kind)
			want := map[domain.Kind]int{
				domain.KindInvalid: 400, domain.KindUnauthenticated: 401, domain.KindForbidden: 403,
				domain.KindNotFound: 404, domain.KindConflict: 409, domain.KindCursorExpired: 410,
				domain.KindInternal: 500, domain.KindUnavailable: 503,
			}[kind]
			if got.status != want {
				t.Errorf("HTTP %d, want %d", got.status, want)
			}
		})
	}
}

func wantShown(t *testing.T, got reply, kind domain.Kind) {
	t.Helper()
	field, message := "f", "f: what users may read"
	if kind == domain.KindInternal {
		field, message = "", "internal error"
	}
	got.wantError(t, string(kind), field)
	if got.Errors[0].Message != message {
		t.Errorf("got %q, want %q", got.Errors[0].Message, message)
	}
}

func TestUnknownErrorsAreOurs(t *testing.T) {
	t.Parallel()
	for name, get := range map[string]func() (*domain.Torrent, error){
		"an error":             func() (*domain.Torrent, error) { return nil, fmt.Errorf("secret: %w", io.ErrUnexpectedEOF) },
		"a panic":              func() (*domain.Torrent, error) { panic("secret") },
		"a panic with a value": func() (*domain.Torrent, error) { panic(domain.Invalid("x", "secret")) },
	} {
		t.Run(name+" is logged whole and shown as nothing", func(t *testing.T) {
			t.Parallel()
			d := openBrokenDoor(t, get)
			got := d.post(t, admin, anyTorrent, nil)
			got.wantError(t, "INTERNAL", "")
			if got.Errors[0].Message != "internal error" || fmt.Sprint(got.Errors[0].Path) != "[torrent]" {
				t.Errorf("got %+v", got.Errors[0])
			}
			if log := d.log.String(); !strings.Contains(log, "secret") || !strings.Contains(log, "level=ERROR") {
				t.Errorf("the log says %q", log)
			}
		})
	}
}

func TestJoinedErrorsAreSeveral(t *testing.T) {
	t.Parallel()
	d := openBrokenDoor(t, func() (*domain.Torrent, error) {
		return nil, errors.Join(domain.Invalid("a", "one"), fmt.Errorf("w: %w", domain.Conflict("two")))
	})
	got := d.post(t, admin, anyTorrent, nil).Errors
	if len(got) != 2 || got[0].Message != "a: one" || got[0].Extensions.Code != "INVALID" || got[1].Message != "two" || got[1].Extensions.Code != "CONFLICT" {
		t.Errorf("got %+v", got)
	}
}
