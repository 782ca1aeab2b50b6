package portstest

import (
	"context"
	"errors"
	"time"

	"github.com/clarion-app/download-manager/domain"
	"github.com/clarion-app/download-manager/ports"
)

func usingClients(harness TorrentClientHarness) clientFacts {
	can, deletes := harness.Capabilities, harness.Declared.Has(domain.CapabilityDeleteData)
	facts := clientFacts{
		"a probe tells a version, and the free space where that is declared": func(t *clientTrial) {
			info, err := t.Open(t.T).Probe(t.Context())
			ok(t.T, err)
			if told := info.FreeSpace != nil && *info.FreeSpace > 0; info.Version == "" || told != t.can(domain.CapabilityFreeSpace) {
				t.Fatalf("%+v", info)
			}
		},
		"transfers survive a restart, and their absence meanwhile is called settling": func(t *clientTrial) {
			client := t.Open(t.T)
			hashes := t.lasting(client)
			t.has(client, hashes...)
			t.Stop(t.T)
			t.Restart(t.T)
			clients := []ports.TorrentClient{t.Open(t.T)}
			if can.Remote {
				clients = append(clients, client)
			}
			for _, client := range clients {
				t.until(client, "all to be back", hashes, func(r domain.Report) bool {
					if len(r.Transfers) < len(hashes) && !r.Settling {
						t.Fatalf("%d of %d are there, and that is said to be all", len(r.Transfers), len(hashes))
					}
					return len(r.Transfers) == len(hashes)
				})
				t.add(client, unserved(t.T))
			}
		},
		"a closed client answers with an error and may be closed again": func(t *clientTrial) {
			client := t.Open(t.T)
			hash := t.add(client, unserved(t.T))
			ok(t.T, client.Close())
			ok(t.T, client.Close())
			for name, call := range t.calls(client) {
				if call(t.Context()) == nil {
					t.Errorf("%s of a closed client is fine", name)
				}
			}
			t.has(t.Open(t.T), hash)
		},
		"a client that was never used can be closed": func(t *clientTrial) {
			ok(t.T, t.Open(t.T).Close())
		},
		"a context that has ended is minded": func(t *clientTrial) {
			client := t.Open(t.T)
			hashes := t.crowd(client)
			for name, call := range t.calls(client) {
				if err := call(cancelled(t.T)); !errors.Is(err, context.Canceled) {
					t.Errorf("%s: error %v; want that of the context", name, err)
				}
			}
			t.has(client, hashes...)
		},
		"many can use a client at once": func(t *clientTrial) {
			client := t.Open(t.T)
			hashes := t.crowd(client)
			for _, err := range together(8, func(i int) error {
				if _, err := client.Add(t.Context(), domain.Handover{Magnet: unserved(t.T)}); err != nil {
					return err
				}
				if err := client.Remove(t.Context(), hashes[i:i+1], deletes && i%2 == 0); err != nil {
					return err
				}
				report, err := client.Transfers(t.Context(), hashes[8:])
				if err == nil && len(report.Transfers) != len(hashes)-8 {
					err = errors.New("what nobody removes is not there")
				}
				return err
			}) {
				ok(t.T, err)
			}
			t.until(client, "what was removed to be gone", hashes[:8], absent)
		},
	}
	if can.Credentials {
		facts["wrong credentials are told"] = func(t *clientTrial) {
			for name, call := range t.calls(t.OpenWrongly(t.T)) {
				if err := call(t.Context()); domain.KindOf(err) != domain.KindUnavailable || err == nil {
					t.Errorf("%s: error %v; want one of kind %s", name, err, domain.KindUnavailable)
				}
			}
			_, err := t.Open(t.T).Probe(t.Context())
			ok(t.T, err)
		}
	}
	if can.Remote {
		facts["a daemon that is away is told, and found again"] = func(t *clientTrial) {
			client := t.Open(t.T)
			hashes := t.lasting(client)
			t.Stop(t.T)
			for name, call := range t.calls(client) {
				if err := call(t.Context()); domain.KindOf(err) != domain.KindUnavailable || err == nil {
					t.Errorf("%s: error %v; want one of kind %s", name, err, domain.KindUnavailable)
				}
			}
			t.Restart(t.T)
			t.until(client, "all to be back", hashes, func(r domain.Report) bool { return len(r.Transfers) == len(hashes) })
		}
		facts["a daemon that hangs holds nobody up for longer than their context"] = func(t *clientTrial) {
			client := t.Open(t.T)
			hashes := t.crowd(client)
			t.Hang(t.T)
			for name, call := range t.calls(client) {
				t.bounded(name+" until a deadline", func() {
					ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
					defer cancel()
					if err := call(ctx); domain.KindOf(err) != domain.KindUnavailable || err == nil {
						t.Errorf("%s: error %v; want one of kind %s", name, err, domain.KindUnavailable)
					}
				})
				t.bounded(name+" until it is cancelled", func() {
					ctx, cancel := context.WithCancel(t.Context())
					defer time.AfterFunc(100*time.Millisecond, cancel).Stop()
					if err := call(ctx); !errors.Is(err, context.Canceled) {
						t.Errorf("%s: error %v; want that of the context", name, err)
					}
				})
			}
			t.Wake(t.T)
			t.until(client, "all to be there", hashes, func(r domain.Report) bool { return len(r.Transfers) == len(hashes) })
		}
	}
	return facts
}

// bounded proves that something does not take long: far less than a client's
// own patience with its daemon.
func (t *clientTrial) bounded(what string, do func()) {
	t.Helper()
	begun := time.Now()
	do()
	if took := time.Since(begun); took > 5*time.Second {
		t.Errorf("%s took %s", what, took)
	}
}
