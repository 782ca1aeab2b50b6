package portstest

import (
	"context"

	"github.com/clarion-app/download-manager/domain"
	"github.com/clarion-app/download-manager/ports"
)

// calls are all calls of a client that reach its daemon, about transfers that it does
// not hold.
func (t *clientTrial) calls(client ports.OpenClient) map[string]func(ctx context.Context) error {
	t.Helper()
	magnet := unserved(t.T)
	hash := magnet.InfoHash()
	only := []domain.InfoHash{hash}
	many := make([]domain.InfoHash, 20)
	for i := range many {
		many[i] = t.strange()
	}
	calls := map[string]func(ctx context.Context) error{
		"Probe":             func(ctx context.Context) error { _, err := client.Probe(ctx); return err },
		"Transfers of none": func(ctx context.Context) error { _, err := client.Transfers(ctx, nil); return err },
		"Transfers of one":  func(ctx context.Context) error { _, err := client.Transfers(ctx, only); return err },
		"Transfers of many": func(ctx context.Context) error { _, err := client.Transfers(ctx, many); return err },
		"Add": func(ctx context.Context) error {
			_, err := client.Add(ctx, domain.Handover{Magnet: magnet})
			return err
		},
		"Remove": func(ctx context.Context) error { return client.Remove(ctx, only, false) },
		"List":   func(ctx context.Context) error { _, err := client.List(ctx); return err },
	}
	for capability, some := range map[domain.Capability]map[string]func(ctx context.Context) error{
		domain.CapabilityPause: {
			"Pause":  func(ctx context.Context) error { return client.Pause(ctx, only) },
			"Resume": func(ctx context.Context) error { return client.Resume(ctx, only) },
		},
		domain.CapabilityVerify: {
			"Verify": func(ctx context.Context) error { return client.Verify(ctx, only) },
		},
		domain.CapabilityFiles: {
			"Files": func(ctx context.Context) error { _, err := client.Files(ctx, hash); return err },
		},
		domain.CapabilityTrackers: {
			"Trackers": func(ctx context.Context) error { _, err := client.Trackers(ctx, hash); return err },
		},
		domain.CapabilityPeers: {
			"Peers": func(ctx context.Context) error { _, err := client.Peers(ctx, hash); return err },
		},
	} {
		if t.can(capability) {
			for name, call := range some {
				calls[name] = call
			}
		}
	}
	for _, one := range settable() {
		if t.can(one.capability) {
			calls["Configure"] = func(ctx context.Context) error { return client.Configure(ctx, hash, one.settings[0]) }
		}
	}
	return calls
}
