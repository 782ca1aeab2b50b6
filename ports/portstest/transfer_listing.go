package portstest

import (
	"net/url"
	"slices"
	"time"

	"github.com/clarion-app/download-manager/domain"
	"github.com/clarion-app/download-manager/ports"
)

func listingTransfers(TorrentClientHarness) clientFacts {
	return clientFacts{
		"everything is listed, whoever has added it": func(t *clientTrial) {
			client, begun := t.settled(), time.Now()
			if list := t.list(client); len(list) != 0 {
				t.Fatalf("a daemon that holds nothing lists %+v", list)
			}
			hashes := t.crowd(client)
			magnet := parse(t.T, unserved(t.T).String()+"&dn=something&tr="+url.QueryEscape(deadTracker))
			t.AddByHand(t.T, magnet)
			hashes = append(hashes, magnet.InfoHash())
			t.eventually("all to be listed", func() bool { return len(t.list(client)) == len(hashes) })
			list := t.list(client)
			for _, hash := range hashes {
				one, found := list[hash]
				if !found || one.Finished() || one.MetadataKnown {
					t.Fatalf("%s: %+v", hash, one)
				}
				if at := one.AddedAt; at != nil && (at.Before(begun.Add(-2*time.Second)) || at.After(time.Now().Add(2*time.Second))) {
					t.Fatalf("added at %s; it was between %s and now", at, begun)
				}
			}
			named := list[magnet.InfoHash()].Name == "something" || t.harness.Capabilities.HidesMagnetNames
			if one := list[magnet.InfoHash()]; !named || !slices.Equal(one.Magnet.Trackers(), []string{deadTracker}) {
				t.Fatalf("%+v, trackers %q", one, one.Magnet.Trackers())
			}
			ok(t.T, client.Remove(t.Context(), hashes[:5], false))
			t.eventually("what is removed not to be listed", func() bool { return len(t.list(client)) == len(hashes)-5 })
		},
		"a listing tells label, folder and what is finished": func(t *clientTrial) {
			client, seed := t.settled(), t.Seed(t.T, seedSize)
			handover := domain.Handover{Magnet: seed.Magnet}
			if t.can(domain.CapabilityLabel) {
				handover.Settings.Label = ptr("films")
			}
			folder := ""
			if t.can(domain.CapabilityFolder) {
				folder = t.NewFolder(t.T)
				handover.Settings.Folder = &folder
			}
			hash, err := client.Add(t.Context(), handover)
			ok(t.T, err)
			seed.Complete(t.T)
			seed.Connect(t.T)
			t.untilOne(client, "the download to finish", hash, domain.Transfer.Finished)
			one := t.list(client)[hash]
			if !one.Finished() || one.Name != seed.Name || one.BytesWanted != int64(len(seed.Content)) {
				t.Fatalf("%+v", one)
			}
			if t.can(domain.CapabilityLabel) && one.Label != "films" || t.can(domain.CapabilityFolder) && one.Folder != folder {
				t.Fatalf("label %q, folder %q; want films in %q", one.Label, one.Folder, folder)
			}
			if string(seed.File(t.T, folder, 0)) != string(seed.Content) {
				t.Fatalf("it is not in the folder %q", folder)
			}
		},
		"a daemon that has just started lists nothing rather than a part": func(t *clientTrial) {
			client := t.Open(t.T)
			hashes := t.lasting(client)
			t.Stop(t.T)
			t.Restart(t.T)
			client = t.Open(t.T)
			t.steady("all are listed, or none", func() bool {
				list, err := client.List(t.Context())
				if err != nil {
					fails(t.T, err, domain.KindUnavailable)
				}
				return err != nil || len(list) == len(hashes)
			})
		},
	}
}

// list lists everything and holds it against what is true of all listings.
func (t *clientTrial) list(client ports.TransferListing) map[domain.InfoHash]domain.HeldTransfer {
	t.Helper()
	list, err := client.List(t.Context())
	ok(t.T, err)
	held := make(map[domain.InfoHash]domain.HeldTransfer, len(list))
	for _, one := range list {
		if _, twice := held[one.InfoHash]; twice || one.Magnet.InfoHash() != one.InfoHash {
			t.Fatalf("%s by the magnet %s; listed before: %v", one.InfoHash, one.Magnet, twice)
		}
		held[one.InfoHash] = one
	}
	return held
}
