package portstest

import (
	"github.com/clarion-app/download-manager/domain"
)

func reportingTransfers() clientFacts {
	return clientFacts{
		"many transfers come in one call": func(t *clientTrial) {
			client := t.Open(t.T)
			hashes := t.crowd(client)
			for range 3 {
				t.has(client, hashes...)
			}
			t.has(t.Open(t.T), hashes...)
		},
		"only what was asked for is told": func(t *clientTrial) {
			client := t.Open(t.T)
			hashes := t.crowd(client)
			t.has(client, hashes[0])
			t.has(client, hashes[3:17]...)
			if report := t.report(client); len(report.Transfers) != 0 {
				t.Fatalf("%d transfers without asking for any", len(report.Transfers))
			}
		},
		"what is not there is absent": func(t *clientTrial) {
			client := t.Open(t.T)
			strange := parse(t.T, "magnet:?xt=urn:btih:"+aHash()).InfoHash()
			if report := t.report(client, strange); len(report.Transfers) != 0 {
				t.Fatalf("%+v", report)
			}
			hashes := append(t.crowd(client), strange)
			if report := t.report(client, hashes...); len(report.Transfers) != len(hashes)-1 {
				t.Fatalf("%d of %d are there", len(report.Transfers), len(hashes)-1)
			}
		},
		"what is removed by hand becomes absent": func(t *clientTrial) {
			client := t.Open(t.T)
			hashes := t.crowd(client)
			t.RemoveByHand(t.T, hashes[7])
			t.until(client, "one to be absent", hashes, func(r domain.Report) bool {
				_, found := r.Transfers[hashes[7]]
				return !found && !r.Settling && len(r.Transfers) == len(hashes)-1
			})
			t.RemoveByHand(t.T, hashes[8])
			t.until(client, "one to be absent, asked for alone", hashes[8:9], absent)
		},
		"what is added by hand appears": func(t *clientTrial) {
			client, magnet := t.Open(t.T), unserved(t.T)
			hashes := append(t.crowd(client), magnet.InfoHash())
			t.report(client, hashes...)
			t.AddByHand(t.T, magnet)
			t.until(client, "all to be there", hashes, func(r domain.Report) bool { return len(r.Transfers) == len(hashes) })
		},
		"what is removed by hand and added by hand again is there": func(t *clientTrial) {
			client, magnet := t.Open(t.T), unserved(t.T)
			hashes := append(t.crowd(client), t.add(client, magnet))
			for range 2 {
				t.has(client, hashes...)
				t.RemoveByHand(t.T, magnet.InfoHash())
				t.until(client, "one to be absent", hashes, func(r domain.Report) bool { return len(r.Transfers) == len(hashes)-1 })
				t.AddByHand(t.T, magnet)
				t.until(client, "all to be there", hashes, func(r domain.Report) bool { return len(r.Transfers) == len(hashes) })
			}
			// Both between two looks.
			t.RemoveByHand(t.T, magnet.InfoHash())
			t.AddByHand(t.T, magnet)
			t.until(client, "all to be there", hashes, func(r domain.Report) bool { return len(r.Transfers) == len(hashes) })
		},
		"what one client adds and removes another one sees": func(t *clientTrial) {
			first, second := t.Open(t.T), t.Open(t.T)
			hashes := t.crowd(first)
			t.has(second, hashes...)
			added := t.add(first, unserved(t.T))
			t.has(second, append(hashes, added)...)
			ok(t.T, first.Remove(t.Context(), hashes, false))
			t.until(second, "only one to be there", append(hashes, added), func(r domain.Report) bool { return len(r.Transfers) == 1 })
		},
	}
}

func removingTransfers(harness TorrentClientHarness) clientFacts {
	deletes := harness.Declared.Has(domain.CapabilityDeleteData)

	return clientFacts{
		"removing takes out what is named and nothing else": func(t *clientTrial) {
			client := t.Open(t.T)
			hashes := t.crowd(client)
			ok(t.T, client.Remove(t.Context(), hashes[:3], false))
			t.until(client, "three to be gone", hashes[:3], absent)
			t.has(client, hashes[3:]...)
			ok(t.T, client.Remove(t.Context(), hashes[3:5], deletes))
			t.until(client, "two more to be gone", hashes[:5], absent)
			t.has(client, hashes[5:]...)
		},
		"removing what is not there is fine": func(t *clientTrial) {
			client := t.Open(t.T)
			hashes := t.crowd(client)
			for _, deleteData := range []bool{false, deletes} {
				strange := parse(t.T, "magnet:?xt=urn:btih:"+aHash()).InfoHash()
				ok(t.T, client.Remove(t.Context(), []domain.InfoHash{strange}, deleteData))
				ok(t.T, client.Remove(t.Context(), []domain.InfoHash{strange, hashes[0]}, deleteData))
			}
			t.until(client, "the one that was there to be gone", hashes[:1], absent)
			t.has(client, hashes[1:]...)
		},
		"removing nothing removes nothing": func(t *clientTrial) {
			client := t.Open(t.T)
			hashes := t.crowd(client)
			for _, none := range [][]domain.InfoHash{nil, {}} {
				ok(t.T, client.Remove(t.Context(), none, false))
				ok(t.T, client.Remove(t.Context(), none, true))
			}
			t.has(client, hashes...)
		},
		"what was removed can be added again": func(t *clientTrial) {
			client, magnet := t.Open(t.T), unserved(t.T)
			hash := t.add(client, magnet)
			for range 2 {
				ok(t.T, client.Remove(t.Context(), []domain.InfoHash{hash}, deletes))
				t.add(client, magnet)
			}
		},
	}
}
