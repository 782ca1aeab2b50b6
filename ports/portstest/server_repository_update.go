package portstest

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/clarion-app/download-manager/domain"
)

func changingServers() facts {
	return facts{
		"every field that a change alters is saved": func(t *testing.T, store Store) {
			server, want := addServer(t, store), wholeServer(t)
			want.ID = server.ID
			updated, err := store.Servers.Update(t.Context(), server.ID, func(server *domain.Server) error {
				*server = *want
				return nil
			})
			ok(t, err)
			same(t, updated, want)
			got, err := store.Servers.Get(t.Context(), server.ID)
			ok(t, err)
			same(t, got, want)
		},
		"every pointer that a change sets to nil is saved": func(t *testing.T, store Store) {
			want := wholeServer(t)
			ok(t, store.Servers.Add(t.Context(), want))
			want.Health, want.Credentials = domain.ServerHealth{}, domain.Credentials{}
			_, err := store.Servers.Update(t.Context(), want.ID, func(server *domain.Server) error {
				server.Health, server.Credentials = domain.ServerHealth{}, domain.Credentials{}
				return nil
			})
			ok(t, err)
			got, err := store.Servers.Get(t.Context(), want.ID)
			ok(t, err)
			same(t, got, want)
		},
		"an error of the change undoes all and leaves the lease": func(t *testing.T, store Store) {
			server := addServer(t, store)
			_, lease := claim(t, store, server, "a", time.Hour)
			_, err := store.Servers.Update(t.Context(), server.ID, func(server *domain.Server) error {
				server.Address = "elsewhere"
				return fmt.Errorf("no: %w", errChange)
			})
			givesUp(t, err)
			got, err := store.Servers.Get(t.Context(), server.ID)
			ok(t, err)
			same(t, got, server)
			ok(t, store.ServerLeases.Renew(t.Context(), lease, time.Now().Add(2*time.Hour)))
		},
		"an update ends the lease": func(t *testing.T, store Store) {
			server := addServer(t, store)
			claimed, lease := claim(t, store, server, "a", time.Hour)
			_, err := store.Servers.Update(t.Context(), server.ID, func(server *domain.Server) error {
				return server.Readdress("http://127.0.0.1:2", server.Type, after(1))
			})
			ok(t, err)
			fails(t, store.ServerLeases.Release(t.Context(), lease, claimed), domain.KindConflict)
			claim(t, store, server, "b", time.Hour)
		},
		"only a live server is updated": func(t *testing.T, store Store) {
			gone := addServer(t, store)
			removeServer(t, store, gone.ID)
			for _, id := range []uuid.UUID{gone.ID, uuid.New()} {
				_, err := store.Servers.Update(t.Context(), id, func(*domain.Server) error {
					t.Error("change was called")
					return nil
				})
				fails(t, err, domain.KindNotFound)
			}
		},
		"updates at the same moment lose nothing": func(t *testing.T, store Store) {
			server := addServer(t, store, func(server *domain.Server) { server.Address = "" })
			const callers = 12
			for _, err := range together(callers, func(int) error {
				_, err := store.Servers.Update(t.Context(), server.ID, func(server *domain.Server) error {
					server.Address += "x"
					return nil
				})
				return err
			}) {
				ok(t, err)
			}
			got, err := store.Servers.Get(t.Context(), server.ID)
			ok(t, err)
			if got.Address != strings.Repeat("x", callers) {
				t.Errorf("after %d updates the address is %q", callers, got.Address)
			}
		},
	}
}

func removingServers() facts {
	return facts{
		"a removed server is found only among the removed": func(t *testing.T, store Store) {
			server := addServer(t, store)
			removeServer(t, store, server.ID)
			_, err := store.Servers.Get(t.Context(), server.ID)
			fails(t, err, domain.KindNotFound)
			found, err := store.Servers.Find(t.Context(), domain.ServerFilter{WithRemoved: true})
			ok(t, err)
			server.DeletedAt, server.UpdatedAt = ptr(after(60)), after(60)
			same(t, found, []*domain.Server{server})
		},
		"only a live server is removed": func(t *testing.T, store Store) {
			gone := addServer(t, store)
			removeServer(t, store, gone.ID)
			for _, id := range []uuid.UUID{gone.ID, uuid.New()} {
				err := store.Servers.Remove(t.Context(), id, func(*domain.Server, int) error {
					t.Error("change was called")
					return nil
				})
				fails(t, err, domain.KindNotFound)
			}
		},
		"removing is told how many open torrents there are": func(t *testing.T, store Store) {
			server, other := addServer(t, store), addServer(t, store)
			addTorrent(t, store, other)
			addTorrent(t, store, server)
			addTorrent(t, store, server, func(torrent *domain.Torrent) { torrent.AcceptedAt = ptr(after(1)) })
			addTorrent(t, store, server, func(torrent *domain.Torrent) { torrent.CompletedAt = ptr(after(1)) })
			removeTorrent(t, store, addTorrent(t, store, server).ID)
			err := store.Servers.Remove(t.Context(), server.ID, func(server *domain.Server, openTorrents int) error {
				if openTorrents != 2 {
					t.Errorf("told %d", openTorrents)
				}
				return server.Remove(openTorrents, after(2))
			})
			fails(t, err, domain.KindConflict)
			got, err := store.Servers.Get(t.Context(), server.ID)
			ok(t, err)
			same(t, got, server)
		},
		"an error of the change leaves server, lease and removals": func(t *testing.T, store Store) {
			server := addServer(t, store)
			removeTorrent(t, store, addTorrent(t, store, server).ID)
			_, lease := claim(t, store, server, "a", time.Hour)
			givesUp(t, store.Servers.Remove(t.Context(), server.ID, func(server *domain.Server, openTorrents int) error {
				return errors.Join(server.Remove(openTorrents, after(2)), errChange)
			}))
			got, err := store.Servers.Get(t.Context(), server.ID)
			ok(t, err)
			same(t, got, server)
			if removals := pending(t, store, server.ID); len(removals) != 1 {
				t.Errorf("%d removals", len(removals))
			}
			ok(t, store.ServerLeases.Renew(t.Context(), lease, time.Now().Add(2*time.Hour)))
		},
		"a removed server's removals are forgotten, and only its own": func(t *testing.T, store Store) {
			server, other := addServer(t, store), addServer(t, store)
			for _, at := range []*domain.Server{server, other} {
				removeTorrent(t, store, addTorrent(t, store, at).ID)
			}
			removeServer(t, store, server.ID)
			if mine, others := pending(t, store, server.ID), pending(t, store, other.ID); len(mine) != 0 || len(others) != 1 {
				t.Errorf("%d removals and %d of the other", len(mine), len(others))
			}
		},
		"a removed server's torrents stay": func(t *testing.T, store Store) {
			server := addServer(t, store)
			torrent := addTorrent(t, store, server, func(torrent *domain.Torrent) { torrent.CompletedAt = ptr(after(1)) })
			removeServer(t, store, server.ID)
			got, err := store.Torrents.Get(t.Context(), torrent.ID)
			ok(t, err)
			same(t, got, torrent)
		},
		"of adding a torrent and removing its server at the same moment, one wins": func(t *testing.T, store Store) {
			for range 10 {
				server := addServer(t, store)
				torrent := aTorrent(t, server, morning)
				errs := together(2, func(i int) error {
					if i == 0 {
						return store.Torrents.Add(t.Context(), torrent)
					}
					return store.Servers.Remove(t.Context(), server.ID, func(server *domain.Server, openTorrents int) error {
						return server.Remove(openTorrents, after(1))
					})
				})
				switch added, removed := errs[0] == nil, errs[1] == nil; {
				case added == removed:
					t.Fatalf("added: %v, removed: %v", errs[0], errs[1])
				case added:
					fails(t, errs[1], domain.KindConflict)
				default:
					fails(t, errs[0], domain.KindInvalid, "serverId")
				}
			}
		},
	}
}
