package portstest

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/clarion-app/download-manager/domain"
	"github.com/clarion-app/download-manager/ports"
)

// claim leases a server by its id for a while from now; a negative while is a
// lease that ran out that long ago.
func claim(t *testing.T, store Store, server *domain.Server, owner string, while time.Duration) (*domain.Server, *domain.Lease) {
	t.Helper()
	now := time.Now()
	until := now.Add(while)
	if while < 0 {
		now = until.Add(-time.Hour)
	}
	claimed, lease, err := store.ServerLeases.Claim(t.Context(), ports.LeaseRequest{
		Node: server.LocalNode, Owner: owner, ServerID: &server.ID, Now: now, Until: until,
	})
	ok(t, err)
	if claimed == nil || lease == nil {
		t.Fatal("the server was not to be had")
	}
	return claimed, lease
}

// next asks for the server longest overdue at now.
func next(t *testing.T, store Store, owner string, now time.Time) (*domain.Server, *domain.Lease) {
	t.Helper()
	server, lease, err := store.ServerLeases.Claim(t.Context(), ports.LeaseRequest{
		Node: "node-a", Owner: owner, Now: now, Until: now.Add(time.Minute),
	})
	ok(t, err)
	if (server == nil) != (lease == nil) {
		t.Fatal("a server and a lease come together")
	}
	return server, lease
}

// nothing ends the test unless a request gets no server and no error.
func nothing(t *testing.T, store Store, request ports.LeaseRequest) {
	t.Helper()
	server, lease, err := store.ServerLeases.Claim(t.Context(), request)
	ok(t, err)
	if server != nil || lease != nil {
		t.Fatalf("got server %v and lease %v", server.ID, lease)
	}
}

// ServerLeases is the contract of ports.ServerLeases.
func ServerLeases(t *testing.T, open func(t *testing.T) Store) {
	t.Helper()
	claims().prove(t, open)
	renewals().prove(t, open)
}

func due(at time.Time) func(*domain.Server) {
	return func(server *domain.Server) { server.NextCheckAt = at }
}

func claims() facts {
	return facts{
		"the server longest overdue is claimed first, and each once": func(t *testing.T, store Store) {
			second, third := addServer(t, store, due(after(2))), addServer(t, store, due(after(3)))
			first := addServer(t, store, due(after(1)))
			addServer(t, store, due(after(10).Add(time.Microsecond)))
			for _, want := range []*domain.Server{first, second, third} {
				server, lease := next(t, store, "a", after(10))
				if server == nil {
					t.Fatal("none was to be had")
				}
				same(t, server, want)
				same(t, lease, &domain.Lease{ID: lease.ID, ServerID: want.ID, Owner: "a", Until: after(11)})
			}
			if server, _ := next(t, store, "a", after(10)); server != nil {
				t.Error("one that is not due was claimed")
			}
		},
		"a server is due at its very moment": func(t *testing.T, store Store) {
			addServer(t, store, due(after(10)))
			if server, _ := next(t, store, "a", after(10)); server == nil {
				t.Error("it was not to be had")
			}
		},
		"a claimed server is whole": func(t *testing.T, store Store) {
			server := wholeServer(t)
			ok(t, store.Servers.Add(t.Context(), server))
			claimed, _ := claim(t, store, server, "a", time.Hour)
			same(t, claimed, server)
		},
		"a lease ends at a whole microsecond": func(t *testing.T, store Store) {
			server := addServer(t, store)
			until := domain.Instant(time.Now().Add(time.Hour)).Add(789 * time.Nanosecond)
			_, lease, err := store.ServerLeases.Claim(t.Context(), ports.LeaseRequest{
				Node: server.LocalNode, Owner: "a", ServerID: &server.ID, Now: time.Now(), Until: until,
			})
			ok(t, err)
			same(t, lease, &domain.Lease{ID: lease.ID, ServerID: server.ID, Owner: "a", Until: domain.Instant(until)})
			ok(t, store.ServerLeases.Renew(t.Context(), lease, until.Add(time.Hour)))
		},
		"each claim makes a lease of its own id, also of the same server and owner": func(t *testing.T, store Store) {
			server := addServer(t, store)
			ids := map[uuid.UUID]bool{uuid.Nil: true}
			for range 3 {
				claimed, lease := claim(t, store, server, "a", time.Hour)
				if ids[lease.ID] {
					t.Errorf("id %s again", lease.ID)
				}
				ids[lease.ID] = true
				ok(t, store.ServerLeases.Release(t.Context(), lease, claimed))
			}
		},
		"a server asked for by id is claimed although it is not due": func(t *testing.T, store Store) {
			addServer(t, store)
			server := addServer(t, store, due(time.Now().Add(72*time.Hour)))
			if claimed, _ := claim(t, store, server, "a", time.Hour); claimed.ID != server.ID {
				t.Error("another was claimed")
			}
		},
		"a leased server is not to be had, not even by the same owner": func(t *testing.T, store Store) {
			server := addServer(t, store)
			claim(t, store, server, "a", time.Hour)
			now := time.Now()
			for _, owner := range []string{"a", "b"} {
				nothing(t, store, ports.LeaseRequest{Node: "node-a", Owner: owner, Now: now, Until: now.Add(time.Hour)})
				nothing(t, store, ports.LeaseRequest{Node: "node-a", Owner: owner, ServerID: &server.ID, Now: now, Until: now.Add(time.Hour)})
			}
		},
		"a server is to be had again once its lease has run out": func(t *testing.T, store Store) {
			server := addServer(t, store)
			claim(t, store, server, "a", -time.Hour)
			if claimed, _ := next(t, store, "b", time.Now()); claimed == nil || claimed.ID != server.ID {
				t.Error("it was not")
			}
		},
		"another node's server is not to be had": func(t *testing.T, store Store) {
			server := addServer(t, store)
			now := time.Now()
			nothing(t, store, ports.LeaseRequest{Node: "node-b", Owner: "b", Now: now, Until: now.Add(time.Hour)})
			nothing(t, store, ports.LeaseRequest{Node: "node-b", Owner: "b", ServerID: &server.ID, Now: now, Until: now.Add(time.Hour)})
			if claimed, _ := next(t, store, "a", now); claimed == nil {
				t.Error("its own node does not get it either")
			}
		},
		"a removed or unknown server is not to be had": func(t *testing.T, store Store) {
			server := addServer(t, store)
			removeServer(t, store, server.ID)
			now := time.Now()
			nothing(t, store, ports.LeaseRequest{Node: "node-a", Owner: "a", Now: now, Until: now.Add(time.Hour)})
			for _, id := range []uuid.UUID{server.ID, uuid.New()} {
				nothing(t, store, ports.LeaseRequest{Node: "node-a", Owner: "a", ServerID: &id, Now: now, Until: now.Add(time.Hour)})
			}
		},
		"an altered server is to be had at once": func(t *testing.T, store Store) {
			server := addServer(t, store)
			loseLease()["the server was altered"](t, store, server)
			claim(t, store, server, "b", time.Hour)
		},
		"many claimers at the same moment never share a server": func(t *testing.T, store Store) {
			const servers, claimers = 5, 20
			for i := range servers {
				addServer(t, store, due(after(i)))
			}
			now := time.Now()
			request := func(i int) ports.LeaseRequest {
				return ports.LeaseRequest{Node: "node-a", Owner: fmt.Sprint("claimer ", i), Now: now, Until: now.Add(time.Hour)}
			}
			won := make([]*domain.Server, claimers)
			for _, err := range together(claimers, func(i int) error {
				server, _, err := store.ServerLeases.Claim(t.Context(), request(i))
				won[i] = server
				return err
			}) {
				ok(t, err)
			}
			holders := map[uuid.UUID]int{}
			for i, server := range won {
				if server == nil {
					continue
				}
				if other, taken := holders[server.ID]; taken {
					t.Errorf("claimers %d and %d share a server", i, other)
				}
				holders[server.ID] = i
			}
			if len(holders) != servers {
				t.Errorf("%d of %d servers were claimed", len(holders), servers)
			}
			nothing(t, store, request(claimers))
		},
		"many claimers of one server at the same moment are one winner": func(t *testing.T, store Store) {
			server := addServer(t, store)
			won := make(chan string, 20)
			for _, err := range together(cap(won), func(i int) error {
				now := time.Now()
				request := ports.LeaseRequest{Node: "node-a", Owner: fmt.Sprint(i), ServerID: &server.ID, Now: now, Until: now.Add(time.Hour)}
				claimed, lease, err := store.ServerLeases.Claim(t.Context(), request)
				if claimed != nil {
					won <- lease.Owner
				}
				return err
			}) {
				ok(t, err)
			}
			if len(won) != 1 {
				t.Errorf("%d won", len(won))
			}
		},
	}
}
