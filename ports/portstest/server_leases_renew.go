package portstest

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/clarion-app/download-manager/domain"
	"github.com/clarion-app/download-manager/ports"
)

func renewals() facts {
	return facts{
		"a renewed lease lasts longer and is the same lease": func(t *testing.T, store Store) {
			server := addServer(t, store)
			_, lease := claim(t, store, server, "a", time.Hour)
			before, until := *lease, domain.Instant(time.Now().Add(5*time.Hour))
			ok(t, store.ServerLeases.Renew(t.Context(), lease, until))
			same(t, *lease, before)
			between := lease.Until.Add(time.Hour)
			nothing(t, store, ports.LeaseRequest{Node: "node-a", Owner: "b", ServerID: &server.ID, Now: between, Until: between.Add(time.Hour)})
			torrent := addTorrent(t, store, server)
			_, err := store.Torrents.Update(t.Context(), []uuid.UUID{torrent.ID}, lease, rename("in time"))
			ok(t, err)
			ok(t, store.ServerLeases.Renew(t.Context(), lease, until.Add(time.Hour)))
		},
		"a lease may be used while it is being renewed": func(t *testing.T, store Store) {
			server := addServer(t, store)
			torrent := addTorrent(t, store, server)
			_, lease := claim(t, store, server, "a", time.Hour)
			until := time.Now().Add(2 * time.Hour)
			for _, err := range together(4, func(i int) error {
				if i == 0 {
					return store.ServerLeases.Renew(t.Context(), lease, until)
				}
				_, err := store.Torrents.Update(t.Context(), []uuid.UUID{torrent.ID}, lease, rename(fmt.Sprint(i)))
				return err
			}) {
				ok(t, err)
			}
		},
		"a lost lease is not renewed": func(t *testing.T, store Store) {
			for name, lose := range loseLease() {
				lease := lose(t, store, addServer(t, store))
				t.Log(name)
				before := *lease
				fails(t, store.ServerLeases.Renew(t.Context(), lease, time.Now().Add(9*time.Hour)), domain.KindConflict)
				same(t, *lease, before)
			}
		},
		"releasing saves health and the next check, nothing else, and ends the lease": func(t *testing.T, store Store) {
			want := wholeServer(t)
			ok(t, store.Servers.Add(t.Context(), want))
			server, lease := claim(t, store, want, "a", time.Hour)
			server.Failed("connection refused – ünï", after(7))
			server.Failed("connection refused – ünï", after(8))
			server.Answers(&domain.ClientInfo{Version: "6"}, domain.Report{}, after(9))
			want.Health, want.NextCheckAt = server.Health, server.NextCheckAt
			server.Labels, server.MaxActive = nil, 99
			server.Address, server.Credentials, server.OnComplete = "elsewhere", domain.Credentials{}, domain.OnCompleteRemove
			server.UpdatedAt = after(100)
			ok(t, store.ServerLeases.Release(t.Context(), lease, server))
			got, err := store.Servers.Get(t.Context(), want.ID)
			ok(t, err)
			same(t, got, want)
			claimed, _ := claim(t, store, want, "b", time.Hour)
			same(t, claimed, want)
		},
		"releasing a server that is well again forgets its problem": func(t *testing.T, store Store) {
			server := addServer(t, store, func(server *domain.Server) { server.Failed("trouble", after(1)) })
			claimed, lease := claim(t, store, server, "a", time.Hour)
			claimed.Seen(after(2), after(3))
			claimed.Answered(1234567 * time.Microsecond)
			ok(t, store.ServerLeases.Release(t.Context(), lease, claimed))
			got, err := store.Servers.Get(t.Context(), server.ID)
			ok(t, err)
			same(t, got.Health, domain.ServerHealth{LastSeenAt: ptr(after(2)), Latency: ptr(1234567 * time.Microsecond)})
		},
		"releasing a lost lease saves nothing": func(t *testing.T, store Store) {
			for name, lose := range loseLease() {
				server := addServer(t, store)
				lease := lose(t, store, server)
				t.Log(name)
				before, err := store.Servers.Get(t.Context(), server.ID)
				ok(t, err)
				altered := *before
				altered.Failed("trouble", after(9))
				fails(t, store.ServerLeases.Release(t.Context(), lease, &altered), domain.KindConflict)
				got, err := store.Servers.Get(t.Context(), server.ID)
				ok(t, err)
				same(t, got, before)
			}
		},
		"a released server is claimed when it is due again": func(t *testing.T, store Store) {
			server := addServer(t, store)
			claimed, lease := claim(t, store, server, "a", time.Hour)
			claimed.Seen(after(1), after(20))
			ok(t, store.ServerLeases.Release(t.Context(), lease, claimed))
			if early, _ := next(t, store, "b", after(19)); early != nil {
				t.Error("it was claimed early")
			}
			if again, _ := next(t, store, "b", after(20)); again == nil {
				t.Error("it was not claimed")
			}
		},
		"a removed server's lease is lost": func(t *testing.T, store Store) {
			server := addServer(t, store)
			claimed, lease := claim(t, store, server, "a", time.Hour)
			removeServer(t, store, server.ID)
			fails(t, store.ServerLeases.Renew(t.Context(), lease, time.Now().Add(2*time.Hour)), domain.KindConflict)
			fails(t, store.ServerLeases.Release(t.Context(), lease, claimed), domain.KindConflict)
		},
		"an ended context ends every call on leases": func(t *testing.T, store Store) {
			server, free := addServer(t, store), addServer(t, store)
			claimed, lease := claim(t, store, server, "a", time.Hour)
			now := time.Now()
			refuses(t, map[string]func(ctx context.Context) error{
				"Claim": func(ctx context.Context) error {
					_, _, err := store.ServerLeases.Claim(ctx, ports.LeaseRequest{Node: "node-a", Owner: "b", Now: now, Until: now.Add(time.Hour)})
					return err
				},
				"Renew":   func(ctx context.Context) error { return store.ServerLeases.Renew(ctx, lease, now.Add(2*time.Hour)) },
				"Release": func(ctx context.Context) error { return store.ServerLeases.Release(ctx, lease, claimed) },
			})
			claim(t, store, free, "b", time.Hour)
			if err := store.ServerLeases.Release(t.Context(), lease, claimed); errors.Is(err, context.Canceled) {
				t.Error("the ended context was kept")
			}
		},
	}
}
