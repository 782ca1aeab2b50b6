package portstest

import (
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/clarion-app/download-manager/domain"
)

// loseLease returns all ways to lose a lease on a server.
func loseLease() map[string]func(*testing.T, Store, *domain.Server) *domain.Lease {
	type way = func(*testing.T, Store, *domain.Server) *domain.Lease
	touch := func(t *testing.T, store Store, server *domain.Server) {
		t.Helper()
		_, err := store.Servers.Update(t.Context(), server.ID, func(server *domain.Server) error {
			return server.Readdress("http://127.0.0.1:1/elsewhere", server.Type, after(1))
		})
		ok(t, err)
	}
	return map[string]way{
		"it ran out": func(t *testing.T, store Store, server *domain.Server) *domain.Lease {
			t.Helper()
			_, lease := claim(t, store, server, "a", -time.Hour)
			return lease
		},
		"it ran out and another took the server": func(t *testing.T, store Store, server *domain.Server) *domain.Lease {
			t.Helper()
			_, lease := claim(t, store, server, "a", -25*time.Hour)
			claim(t, store, server, "b", time.Hour)
			return lease
		},
		"it is like the one that is held, but for its id": func(t *testing.T, store Store, server *domain.Server) *domain.Lease {
			t.Helper()
			_, lease := claim(t, store, server, "a", time.Hour)
			lease.ID = uuid.New()
			return lease
		},
		"it is on another server": func(t *testing.T, store Store, server *domain.Server) *domain.Lease {
			t.Helper()
			_, lease := claim(t, store, addServer(t, store), "a", time.Hour)
			lease.ServerID = server.ID
			return lease
		},
		"nobody has one": func(t *testing.T, _ Store, server *domain.Server) *domain.Lease {
			t.Helper()
			return &domain.Lease{ID: uuid.New(), ServerID: server.ID, Owner: "a", Until: domain.Instant(time.Now().Add(time.Hour))}
		},
		"it has no id, and nobody has one": func(t *testing.T, _ Store, server *domain.Server) *domain.Lease {
			t.Helper()
			return &domain.Lease{ServerID: server.ID, Owner: "a", Until: domain.Instant(time.Now().Add(time.Hour))}
		},
		"its server does not exist": func(t *testing.T, _ Store, _ *domain.Server) *domain.Lease {
			t.Helper()
			return &domain.Lease{ID: uuid.New(), ServerID: uuid.New(), Owner: "a", Until: domain.Instant(time.Now().Add(time.Hour))}
		},
		"it was released": func(t *testing.T, store Store, server *domain.Server) *domain.Lease {
			t.Helper()
			claimed, lease := claim(t, store, server, "a", time.Hour)
			ok(t, store.ServerLeases.Release(t.Context(), lease, claimed))
			return lease
		},
		"the server was altered": func(t *testing.T, store Store, server *domain.Server) *domain.Lease {
			t.Helper()
			_, lease := claim(t, store, server, "a", time.Hour)
			touch(t, store, server)
			return lease
		},
		"the server was altered and the same owner claimed it anew": func(t *testing.T, store Store, server *domain.Server) *domain.Lease {
			t.Helper()
			_, lease := claim(t, store, server, "a", time.Hour)
			touch(t, store, server)
			claim(t, store, server, "a", time.Hour)
			return lease
		},
	}
}
