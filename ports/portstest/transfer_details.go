package portstest

import (
	"net/url"
	"slices"
	"strings"

	"github.com/clarion-app/download-manager/domain"
)

func lookingInside(harness TorrentClientHarness) clientFacts {
	facts := clientFacts{}
	if harness.Declared.Has(domain.CapabilityFiles) {
		facts["there are no files while the metadata is missing"] = func(t *clientTrial) {
			client := t.Open(t.T)
			files, err := client.Files(t.Context(), t.add(client, unserved(t.T)))
			if ok(t.T, err); len(files) > 0 {
				t.Fatalf("%+v", files)
			}
		}
	}
	if harness.Declared.Has(domain.CapabilityTrackers) {
		facts["trackers are told, by tier"] = func(t *clientTrial) {
			client := t.Open(t.T)
			other := strings.Replace(deadTracker, "announce", "other/announce", 1)
			hash := t.add(client, parse(t.T, unserved(t.T).String()+"&tr="+url.QueryEscape(deadTracker)+"&tr="+url.QueryEscape(other)))
			t.eventually("both trackers to be told", func() bool {
				trackers, err := client.Trackers(t.Context(), hash)
				ok(t.T, err)
				for i, tracker := range trackers {
					if tracker.Working || (i > 0 && tracker.Tier < trackers[i-1].Tier) || (tracker.Seeders != nil && *tracker.Seeders < 0) {
						t.Fatalf("%+v", trackers)
					}
				}
				return len(trackers) == 2 && trackers[0].URL == deadTracker && trackers[1].URL == other
			})
		}
	}
	if harness.Declared.Has(domain.CapabilityPeers) {
		facts["peers are told"] = func(t *clientTrial) {
			client, seed := t.Open(t.T), t.Seed(t.T, seedSize)
			hash := t.add(client, seed.Magnet)
			peers, err := client.Peers(t.Context(), hash)
			if ok(t.T, err); len(peers) > 0 {
				t.Fatalf("%+v", peers)
			}
			seed.Connect(t.T)
			t.eventually("the seed to be among the peers", func() bool {
				peers, err := client.Peers(t.Context(), hash)
				if domain.KindOf(err) == domain.KindUnavailable {
					return false // a busy machine
				}
				ok(t.T, err)
				for _, peer := range peers {
					if host, port, found := strings.Cut(peer.Address, ":"); !found || host == "" || port == "" || peer.FractionDone < 0 || peer.FractionDone > 1 {
						t.Fatalf("%+v", peer)
					}
				}
				// Beside it there may be what is left of an earlier connection.
				return slices.ContainsFunc(peers, func(peer domain.Peer) bool { return peer.FractionDone > 0 })
			})
		}
	}
	facts["the inside of what is not there is KindNotFound"] = func(t *clientTrial) {
		client, strange := t.settled(), t.strange()
		t.crowd(client)
		if t.can(domain.CapabilityFiles) {
			_, err := client.Files(t.Context(), strange)
			fails(t.T, err, domain.KindNotFound)
		}
		if t.can(domain.CapabilityTrackers) {
			_, err := client.Trackers(t.Context(), strange)
			fails(t.T, err, domain.KindNotFound)
		}
		if t.can(domain.CapabilityPeers) {
			_, err := client.Peers(t.Context(), strange)
			fails(t.T, err, domain.KindNotFound)
		}
	}
	return facts
}
