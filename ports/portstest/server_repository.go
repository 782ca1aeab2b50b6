package portstest

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/clarion-app/download-manager/domain"
)

// wholeServer returns a server with something unusual in every field but
// DeletedAt. It is not stored yet.
func wholeServer(t *testing.T) *domain.Server {
	t.Helper()
	server := aServer(t, after(1))
	server.LocalNode = "node-ä"
	server.Address = strings.Repeat("ö", domain.MaxNameLength)
	server.Type = "Some Client"
	server.Credentials = domain.Credentials{Username: "ünï'\"", Password: "pässwörd \\ 🔑 " + strings.Repeat("x", 300)}
	server.OnComplete = domain.OnCompleteRemove
	server.SeedRatio, server.SeedTime = ptr(0.1), ptr(876_000*time.Hour)
	server.Folders = []string{"/srv/downloads", `C:\"ünï', []\`, "/" + strings.Repeat("ö", 999)}
	server.Health = domain.ServerHealth{LastSeenAt: ptr(after(2)), Problem: &domain.Problem{
		Code: domain.ProblemUnavailable, Message: "gone – ünï", Since: after(3), Attempts: 4, RetryAt: ptr(after(5)),
	}, Latency: ptr(1500 * time.Microsecond), Probed: &domain.Probed{
		At: after(4), Version: "5.3.0 – ünï", FreeSpace: ptr(int64(5_000_000_000_000)), Outstanding: 6_000_000_000,
	}}
	server.Labels, server.MaxActive = []string{"ünï \"quoted\"", "[b]"}, 7
	server.NextCheckAt, server.UpdatedAt = after(5), after(6)
	return server
}

// ServerRepository is the contract of ports.ServerRepository.
func ServerRepository(t *testing.T, open func(t *testing.T) Store) {
	t.Helper()
	keepingServers().prove(t, open)
	changingServers().prove(t, open)
	removingServers().prove(t, open)
}

func keepingServers() facts {
	return facts{
		"a server is got as it was added, in every field": func(t *testing.T, store Store) {
			for _, server := range []*domain.Server{wholeServer(t), aServer(t, morning)} {
				ok(t, store.Servers.Add(t.Context(), server))
				got, err := store.Servers.Get(t.Context(), server.ID)
				ok(t, err)
				same(t, got, server)
			}
		},
		"credentials are kept, also half or none of them": func(t *testing.T, store Store) {
			for _, credentials := range []domain.Credentials{{}, {Username: "only a name"}, {Password: "only a secret"}} {
				server := addServer(t, store, func(server *domain.Server) { server.Credentials = credentials })
				got, err := store.Servers.Get(t.Context(), server.ID)
				ok(t, err)
				same(t, got.Credentials, credentials)
			}
		},
		"an id is taken once": func(t *testing.T, store Store) {
			server := addServer(t, store)
			fails(t, store.Servers.Add(t.Context(), server), domain.KindConflict)
			removeServer(t, store, server.ID)
			fails(t, store.Servers.Add(t.Context(), server), domain.KindConflict)
		},
		"a server that nobody added is not found": func(t *testing.T, store Store) {
			_, err := store.Servers.Get(t.Context(), uuid.New())
			fails(t, err, domain.KindNotFound)
		},
		"what a caller does to a server afterwards is not stored": func(t *testing.T, store Store) {
			server := wholeServer(t)
			ok(t, store.Servers.Add(t.Context(), server))
			want := remember(server)
			spoil := func(server *domain.Server) {
				server.Address, *server.Health.LastSeenAt, server.Health.Problem.Message = "spoilt", after(99), "spoilt"
				*server.Health.Problem.RetryAt = after(99)
				*server.Health.Probed.FreeSpace, server.Health.Probed.Version, server.Labels[0] = 1, "spoilt", "spoilt"
				*server.SeedRatio, *server.SeedTime, server.Folders[0] = 9, 9, "spoilt"
			}
			spoil(server)
			got, err := store.Servers.Get(t.Context(), server.ID)
			ok(t, err)
			same(t, got, want)
			spoil(got)
			got, err = store.Servers.Get(t.Context(), server.ID)
			ok(t, err)
			same(t, got, want)
		},
		"every combination of filters finds what it says, oldest first": func(t *testing.T, store Store) {
			var all []*domain.Server
			for i := range 12 {
				all = append(all, addServer(t, store, func(server *domain.Server) {
					server.CreatedAt = after(100 - i)
					server.LocalNode = fmt.Sprint("node-", i%2)
				}))
			}
			for i := range 3 {
				removeServer(t, store, all[i*4].ID)
				all[i*4].DeletedAt, all[i*4].UpdatedAt = ptr(after(60)), after(60)
			}
			slices.Reverse(all)
			some := []uuid.UUID{all[2].ID, all[3].ID, all[4].ID, all[7].ID, uuid.New()}
			for _, list := range [][]uuid.UUID{nil, some, {}} {
				for _, node := range []string{"", "node-0", "node-9"} {
					for _, removed := range []bool{false, true} {
						filter := domain.ServerFilter{IDs: list, LocalNode: node, WithRemoved: removed}
						want := []*domain.Server{}
						for _, server := range all {
							if (list == nil || slices.Contains(list, server.ID)) &&
								(node == "" || server.LocalNode == node) && (removed || server.DeletedAt == nil) {
								want = append(want, server)
							}
						}
						found, err := store.Servers.Find(t.Context(), filter)
						ok(t, err)
						same(t, append([]*domain.Server{}, found...), want)
					}
				}
			}
		},
		"finding no server is no error": func(t *testing.T, store Store) {
			found, err := store.Servers.Find(t.Context(), domain.ServerFilter{})
			ok(t, err)
			if len(found) > 0 {
				t.Errorf("found %d", len(found))
			}
		},
		"an ended context ends every call on servers": func(t *testing.T, store Store) {
			server := addServer(t, store)
			refuses(t, map[string]func(ctx context.Context) error{
				"Add":  func(ctx context.Context) error { return store.Servers.Add(ctx, aServer(t, morning)) },
				"Get":  func(ctx context.Context) error { _, err := store.Servers.Get(ctx, server.ID); return err },
				"Find": func(ctx context.Context) error { _, err := store.Servers.Find(ctx, domain.ServerFilter{}); return err },
				"Update": func(ctx context.Context) error {
					_, err := store.Servers.Update(ctx, server.ID, func(*domain.Server) error { return nil })
					return err
				},
				"Remove": func(ctx context.Context) error {
					return store.Servers.Remove(ctx, server.ID, func(server *domain.Server, open int) error { return server.Remove(open, after(1)) })
				},
			})
			_, err := store.Servers.Get(t.Context(), server.ID)
			ok(t, err)
		},
	}
}
