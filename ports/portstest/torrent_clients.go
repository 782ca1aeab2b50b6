package portstest

import (
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/clarion-app/download-manager/domain"
	"github.com/clarion-app/download-manager/ports"
)

// TorrentClientsHarness is what the suite must be given of a list of clients.
type TorrentClientsHarness struct {
	// New returns a list, closed with the test.
	New func(t *testing.T) ports.TorrentClients
	// Addresses are, for each type on offer, two that can be right.
	Addresses map[domain.ClientType][2]string
	// Wrong are, for each type on offer, some that cannot.
	Wrong map[domain.ClientType][]string
}

// TorrentClients is the contract of ports.TorrentClients.
func TorrentClients(t *testing.T, harness TorrentClientsHarness) {
	t.Helper()
	for name, fact := range map[string]func(t *testing.T, clients ports.TorrentClients){
		"the types are named once each, and changing the answer changes nothing": func(t *testing.T, clients ports.TorrentClients) {
			types := clients.Types()
			for _, kind := range types {
				if _, known := harness.Addresses[kind]; !known {
					t.Errorf("type %q is not expected", kind)
				}
			}
			if len(types) != len(harness.Addresses) {
				t.Errorf("types %q; want %d", types, len(harness.Addresses))
			}
			types[0] = "changed"
			if clients.Types()[0] == "changed" {
				t.Error("the list can be changed from outside")
			}
		},
		"an unknown type is the input's fault": func(t *testing.T, clients ports.TorrentClients) {
			for _, kind := range []domain.ClientType{"", "Unknown", "transmission ", "MEMORY"} {
				server := *aServer(t, morning)
				server.Type = kind
				_, err := clients.Open(server)
				fails(t, err, domain.KindInvalid, "type")
			}
		},
		"an address that cannot be right is the input's fault": func(t *testing.T, clients ports.TorrentClients) {
			for kind, wrong := range harness.Wrong {
				for _, address := range wrong {
					client, err := clients.Open(listed(kind, address))
					if err == nil {
						t.Errorf("%s at %q is fine", kind, address)
						continue
					}
					fails(t, err, domain.KindInvalid, "address")
					if (client != ports.OpenClient{}) {
						t.Errorf("%s at %q: a client beside the error", kind, address)
					}
				}
			}
		},
		"a server keeps its client": func(t *testing.T, clients ports.TorrentClients) {
			for kind, addresses := range harness.Addresses {
				server := listed(kind, addresses[0])
				first := opened(t, clients, server)
				server.OnComplete, server.UpdatedAt = domain.OnCompleteRemove, morning.Add(time.Hour)
				server.Health = domain.ServerHealth{Problem: &domain.Problem{Message: "away"}}
				if opened(t, clients, server) != first {
					t.Errorf("%s: another client although nothing about it has changed", kind)
				}
				other := server
				other.ID = uuid.New()
				if opened(t, clients, other) == first {
					t.Errorf("%s: two servers share a client", kind)
				}
			}
		},
		"a server whose address or credentials change gets another client, and the old one is closed": func(t *testing.T, clients ports.TorrentClients) {
			for kind, addresses := range harness.Addresses {
				server := listed(kind, addresses[0])
				old := opened(t, clients, server)
				for _, change := range []func(){
					func() { server.Address = addresses[1] },
					func() { server.Credentials.Username = "u" },
					func() { server.Credentials.Password = "p" },
				} {
					change()
					client := opened(t, clients, server)
					if client == old {
						t.Errorf("%s: the same client", kind)
					}
					if _, err := old.Probe(t.Context()); err == nil {
						t.Errorf("%s: the old client is still open", kind)
					}
					old = client
				}
			}
		},
		"what is forgotten is closed, and opened anew": func(t *testing.T, clients ports.TorrentClients) {
			for kind, addresses := range harness.Addresses {
				server, other := listed(kind, addresses[0]), listed(kind, addresses[1])
				first, stays := opened(t, clients, server), opened(t, clients, other)
				clients.Forget(server.ID)
				clients.Forget(server.ID)
				clients.Forget(uuid.New())
				if _, err := first.Probe(t.Context()); err == nil {
					t.Errorf("%s: the client is still open", kind)
				}
				if opened(t, clients, server) == first {
					t.Errorf("%s: the same client", kind)
				}
				if opened(t, clients, other) != stays {
					t.Errorf("%s: another server lost its client", kind)
				}
			}
		},
		"many who open a server get the same client": func(t *testing.T, clients ports.TorrentClients) {
			for kind, addresses := range harness.Addresses {
				server := listed(kind, addresses[0])
				got := make([]ports.TorrentClient, 16)
				for _, err := range together(len(got), func(i int) (err error) {
					got[i], err = clients.Open(server)
					return err
				}) {
					ok(t, err)
				}
				if len(slices.Compact(got)) != 1 {
					t.Errorf("%s: several clients", kind)
				}
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			fact(t, harness.New(t))
		})
	}
}

// listed returns a server of a type.
func listed(kind domain.ClientType, address string) domain.Server {
	return domain.Server{ID: uuid.New(), Type: kind, Address: address}
}

func opened(t *testing.T, clients ports.TorrentClients, server domain.Server) ports.TorrentClient {
	t.Helper()
	client, err := clients.Open(server)
	ok(t, err)
	return client
}
