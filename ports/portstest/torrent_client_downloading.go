package portstest

import (
	"bytes"

	"github.com/clarion-app/download-manager/domain"
	"github.com/clarion-app/download-manager/ports"
)

// seedSize is some pieces, of which the last one holds a single byte: without it, all
// is there to within a millionth.
const seedSize = 1<<20 + 1

func downloadingTransfers(harness TorrentClientHarness) clientFacts {
	facts := clientFacts{
		"what is finished is so after a restart": func(t *clientTrial) {
			client, seed := t.Open(t.T), t.Seed(t.T, seedSize)
			hash := t.download(client, seed)
			t.Stop(t.T)
			t.Restart(t.T)
			t.finish(t.Open(t.T), hash, seed)
		},
	}
	if harness.Declared.Has(domain.CapabilityDeleteData) {
		facts["removing with the data deletes the data"] = func(t *clientTrial) {
			client, seed, other := t.Open(t.T), t.Seed(t.T, seedSize), t.Seed(t.T, seedSize)
			hash, stays := t.begin(client, seed), t.begin(client, other)
			t.finish(client, hash, seed)
			t.finish(client, stays, other)
			ok(t.T, client.Remove(t.Context(), []domain.InfoHash{hash}, true))
			t.until(client, "it to be gone", []domain.InfoHash{hash}, absent)
			t.eventually("its data to be gone", func() bool { return seed.File(t.T, "", 0) == nil })
			t.has(client, stays)
			if !bytes.Equal(other.File(t.T, "", 0), other.Content) {
				t.Fatal("another one's data was touched")
			}
		}
	}
	if harness.Capabilities.Stops {
		facts["what is stopped by hand among many is seen to be"] = func(t *clientTrial) {
			client := t.Open(t.T)
			hashes := t.crowd(client)
			looks := 0
			t.until(client, "one to be stopped", hashes, func(r domain.Report) bool {
				if looks%20 == 0 { // some daemons forget to stop what has just been added
					t.StopByHand(t.T, hashes[4])
				}
				looks++
				return r.Transfers[hashes[4]].Phase == domain.PhaseStopped && r.Transfers[hashes[5]].Phase != domain.PhaseStopped
			})
		}
	}
	if harness.Capabilities.DiskErrors {
		facts["completion: a disk that cannot be written is a local error, and not complete"] = func(t *clientTrial) {
			client, seed := t.Open(t.T), t.Seed(t.T, seedSize)
			t.BreakDisk(t.T)
			hash := t.add(client, seed.Magnet)
			torrent := t.follow(seed.Magnet, nil)
			seed.Complete(t.T)
			seed.Connect(t.T)
			t.untilOne(client, "a local error", hash, func(transfer domain.Transfer) bool { return transfer.LocalError != "" })
			t.steady("it is not complete", func() bool {
				t.report(client, hash)
				return torrent.completions == 0 && torrent.Problem != nil && torrent.Problem.Code == domain.ProblemLocalError
			})
		}
	}
	return facts
}

// begin lets a client get the whole of a seed.
func (t *clientTrial) begin(client ports.TorrentClient, seed TorrentSeed) domain.InfoHash {
	t.Helper()
	hash := t.add(client, seed.Magnet)
	t.follow(seed.Magnet, func() bool { return bytes.Equal(seed.File(t.T, "", 0), seed.Content) })
	seed.Complete(t.T)
	seed.Connect(t.T)
	return hash
}

// download gets the whole of a seed.
func (t *clientTrial) download(client ports.TorrentClient, seed TorrentSeed) domain.InfoHash {
	t.Helper()
	hash := t.begin(client, seed)
	t.finish(client, hash, seed)
	return hash
}

// finish waits until a download of a single file is finished and proves that it is.
func (t *clientTrial) finish(client ports.TorrentClient, hash domain.InfoHash, seed TorrentSeed) domain.Transfer {
	t.Helper()
	whole := t.untilOne(client, "the download to finish", hash, domain.Transfer.Finished)
	if !bytes.Equal(seed.File(t.T, "", 0), seed.Content) {
		t.Fatal("finished, but its data is not what was seeded")
	}
	if whole.BytesWanted != int64(len(seed.Content)) || whole.FractionDone() != 1 || whole.Name != seed.Name {
		t.Fatalf("%d bytes of %q: %+v", len(seed.Content), seed.Name, whole)
	}
	return whole
}
