package portstest

import (
	"bytes"
	"time"

	"github.com/clarion-app/download-manager/domain"
	"github.com/clarion-app/download-manager/ports"
)

// seedSize is some pieces, and not a whole number of any piece length.
const seedSize = 1<<20 + 12345

func downloadingTransfers(can TorrentClientCapabilities) clientFacts {
	facts := clientFacts{
		"a download is finished when all of it is there, and not before": func(t *clientTrial) {
			client, seed := t.Open(t.T), t.Seed(t.T, seedSize)
			begun := time.Now()
			hash := t.add(client, seed.Magnet)
			seed.Connect(t.T)
			part := t.untilOne(client, "a part of it to be there", hash, func(transfer domain.Transfer) bool {
				if transfer.Finished() {
					t.Fatalf("finished with a part of it: %+v", transfer)
				}
				return transfer.MetadataKnown && transfer.BytesLeft < transfer.BytesWanted &&
					transfer.Phase == domain.PhaseDownloading
			})
			if part.BytesWanted != int64(len(seed.Content)) || part.BytesLeft == 0 || part.Name != seed.Name {
				t.Fatalf("part of %d bytes of %q: %+v", len(seed.Content), seed.Name, part)
			}
			seed.Complete(t.T)
			whole := t.finish(client, hash, seed)
			if can.TellsFinishTime && whole.FinishedAt == nil {
				t.Fatal("does not tell when it finished")
			}
			if at := whole.FinishedAt; at != nil && (at.Before(begun.Add(-2*time.Second)) || at.After(time.Now().Add(2*time.Second))) {
				t.Fatalf("finished at %s; it was between %s and now", at, begun)
			}
			ok(t.T, client.Remove(t.Context(), []domain.InfoHash{hash}, false))
			t.until(client, "it to be gone", []domain.InfoHash{hash}, absent)
			if !bytes.Equal(seed.Downloaded(t.T), seed.Content) {
				t.Fatal("removing it did not keep its data")
			}
		},
		"removing with the data deletes the data": func(t *clientTrial) {
			client, seed, other := t.Open(t.T), t.Seed(t.T, seedSize), t.Seed(t.T, seedSize)
			hash, stays := t.begin(client, seed), t.begin(client, other)
			t.finish(client, hash, seed)
			t.finish(client, stays, other)
			ok(t.T, client.Remove(t.Context(), []domain.InfoHash{hash}, true))
			t.until(client, "it to be gone", []domain.InfoHash{hash}, absent)
			if seed.Downloaded(t.T) != nil {
				t.Fatal("its data is still there")
			}
			t.has(client, stays)
			if !bytes.Equal(other.Downloaded(t.T), other.Content) {
				t.Fatal("another one's data was touched")
			}
		},
		"what is finished is so after a restart": func(t *clientTrial) {
			client, seed := t.Open(t.T), t.Seed(t.T, seedSize)
			hash := t.download(client, seed)
			t.Stop(t.T)
			t.Restart(t.T)
			t.finish(t.Open(t.T), hash, seed)
		},
	}
	if can.Stops {
		facts["what is finished and stopped is still finished"] = func(t *clientTrial) {
			client, seed := t.Open(t.T), t.Seed(t.T, seedSize)
			hash := t.download(client, seed)
			t.StopByHand(t.T, hash)
			stopped := t.untilOne(client, "it to be stopped", hash, func(transfer domain.Transfer) bool { return transfer.Phase == domain.PhaseStopped })
			if !stopped.Finished() {
				t.Fatalf("%+v", stopped)
			}
		}
		facts["what is stopped by hand among many is seen to be"] = func(t *clientTrial) {
			client := t.Open(t.T)
			hashes := t.crowd(client)
			t.StopByHand(t.T, hashes[4])
			t.until(client, "one to be stopped", hashes, func(r domain.Report) bool {
				return r.Transfers[hashes[4]].Phase == domain.PhaseStopped && r.Transfers[hashes[5]].Phase != domain.PhaseStopped
			})
		}
	}
	if can.DiskErrors {
		facts["a disk that cannot be written is a local error, and not finished"] = func(t *clientTrial) {
			client, seed := t.Open(t.T), t.Seed(t.T, seedSize)
			t.BreakDisk(t.T)
			hash := t.add(client, seed.Magnet)
			seed.Complete(t.T)
			seed.Connect(t.T)
			t.untilOne(client, "a local error", hash, func(transfer domain.Transfer) bool {
				if transfer.Finished() {
					t.Fatalf("finished: %+v", transfer)
				}
				return transfer.LocalError != ""
			})
		}
	}
	return facts
}

// begin lets a client get the whole of a seed.
func (t *clientTrial) begin(client ports.TorrentClient, seed TorrentSeed) domain.InfoHash {
	t.Helper()
	hash := t.add(client, seed.Magnet)
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

// finish waits until a download is finished and proves that it is.
func (t *clientTrial) finish(client ports.TorrentClient, hash domain.InfoHash, seed TorrentSeed) domain.Transfer {
	t.Helper()
	whole := t.untilOne(client, "the download to finish", hash, domain.Transfer.Finished)
	if !bytes.Equal(seed.Downloaded(t.T), seed.Content) {
		t.Fatal("finished, but its data is not what was seeded")
	}
	if whole.BytesWanted != int64(len(seed.Content)) || whole.FractionDone() != 1 || whole.Name != seed.Name {
		t.Fatalf("%d bytes of %q: %+v", len(seed.Content), seed.Name, whole)
	}
	return whole
}
