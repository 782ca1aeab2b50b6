package portstest

import (
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/clarion-app/download-manager/domain"
	"github.com/clarion-app/download-manager/ports"
)

// TorrentClientHarness is what the suite must be given of one kind of client.
// Whatever touches a daemon, a disk or a peer comes in here.
type TorrentClientHarness struct {
	// Start starts a daemon that holds nothing and ends it with the test.
	Start func(t *testing.T) TorrentDaemon
	// Refused are magnets that this client does not take, by what they are.
	Refused map[string]string
	// Capabilities are in what clients differ.
	Capabilities TorrentClientCapabilities
	// Patience bounds every wait of the suite; 0 is a minute.
	Patience time.Duration
}

// TorrentClientCapabilities are what not every client can do, or not every
// harness can bring about. The suite proves what is declared.
type TorrentClientCapabilities struct {
	// Remote: the client is another program, which can be unreachable and can
	// hang. Needs Hang and Wake.
	Remote bool
	// Credentials: wrong ones are noticed. Needs OpenWrongly.
	Credentials bool
	// Stops: a transfer can be stopped by hand. Needs StopByHand.
	Stops bool
	// DiskErrors: the harness can break the disk. Needs BreakDisk.
	DiskErrors bool
	// TellsFinishTime: a finished transfer has its FinishedAt.
	TellsFinishTime bool
	// TakesV2: magnets of torrents of version 2 only are taken.
	TakesV2 bool
}

// TorrentDaemon is one running daemon, or what stands in its place for a client
// that is no program of its own.
type TorrentDaemon struct {
	// Open opens one more client of the daemon and closes it with the test.
	Open func(t *testing.T) ports.OpenClient
	// OpenWrongly opens a client with wrong credentials.
	OpenWrongly func(t *testing.T) ports.TorrentClient

	// Stop ends the daemon, in good order; its clients stay open where they are
	// Remote, else they are closed. Restart starts it again.
	Stop, Restart func(t *testing.T)
	// Hang makes the daemon accept requests and not answer; Wake ends that.
	Hang, Wake func(t *testing.T)

	// AddByHand, RemoveByHand (data kept) and StopByHand go past the clients of
	// Open: they are what somebody does at the daemon itself.
	AddByHand    func(t *testing.T, magnet domain.Magnet)
	RemoveByHand func(t *testing.T, hash domain.InfoHash)
	StopByHand   func(t *testing.T, hash domain.InfoHash)

	// Seed makes new content of that many bytes for this daemon to download.
	Seed func(t *testing.T, size int) TorrentSeed
	// BreakDisk makes that what is added from now on cannot be written.
	BreakDisk func(t *testing.T)
}

// TorrentSeed is content that can be downloaded: at first a part of it, so that
// a download goes on but does not finish.
type TorrentSeed struct {
	// Magnet names it; Name is what its metadata calls it.
	Magnet domain.Magnet
	Name   string
	// Content is all of it.
	Content []byte
	// Connect brings the daemon, which has been given the magnet, and the seed
	// together.
	Connect func(t *testing.T)
	// Complete offers the whole content. It may be called before Connect.
	Complete func(t *testing.T)
	// Downloaded reads the daemon's copy; nil when there is none.
	Downloaded func(t *testing.T) []byte
}

// Whole is a client seen through all its ports.
func Whole[C interface {
	ports.TorrentClient
	ports.TransferControl
	ports.TransferDetails
	ports.TransferListing
}](c C) ports.OpenClient {
	return ports.OpenClient{TorrentClient: c, TransferControl: c, TransferDetails: c, TransferListing: c}
}

// TorrentClient is the contract of ports.TorrentClient.
func TorrentClient(t *testing.T, harness TorrentClientHarness) {
	t.Helper()
	if harness.Patience == 0 {
		harness.Patience = time.Minute
	}
	all := clientFacts{}
	for _, some := range []clientFacts{
		addingTransfers(harness), reportingTransfers(), removingTransfers(), downloadingTransfers(harness.Capabilities),
		usingClients(harness.Capabilities),
	} {
		maps.Copy(all, some)
	}
	for _, name := range slices.Sorted(maps.Keys(all)) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			all[name](&clientTrial{T: t, TorrentDaemon: harness.Start(t), harness: harness})
		})
	}
}

// clientFacts are what the suite proves, each by its name.
type clientFacts map[string]func(t *clientTrial)

// clientTrial is one fact being proved on a daemon of its own.
type clientTrial struct {
	*testing.T
	TorrentDaemon
	harness TorrentClientHarness
}

// until asks for transfers until good likes the report, which it returns.
func (t *clientTrial) until(client ports.TorrentClient, what string, hashes []domain.InfoHash, good func(domain.Report) bool) domain.Report {
	t.Helper()
	ticker := time.NewTicker(50 * time.Millisecond)
	defer ticker.Stop()
	patience := time.NewTimer(t.harness.Patience)
	defer patience.Stop()
	for {
		report := t.report(client, hashes...)
		if good(report) {
			return report
		}
		select {
		case <-patience.C:
			t.Fatalf("waited %s in vain: %s; last report: %+v", t.harness.Patience, what, report)
		case <-ticker.C:
		}
	}
}

// untilOne is until for a single transfer.
func (t *clientTrial) untilOne(client ports.TorrentClient, what string, hash domain.InfoHash, good func(domain.Transfer) bool) domain.Transfer {
	t.Helper()
	report := t.until(client, what, []domain.InfoHash{hash}, func(r domain.Report) bool {
		transfer, found := r.Transfers[hash]
		return found && good(transfer)
	})
	return report.Transfers[hash]
}

// report asks once and holds the report against what is true of all of them.
func (t *clientTrial) report(client ports.TorrentClient, hashes ...domain.InfoHash) domain.Report {
	t.Helper()
	report, err := client.Transfers(t.Context(), hashes)
	ok(t.T, err)
	for hash, transfer := range report.Transfers {
		switch {
		case transfer.InfoHash != hash:
			t.Fatalf("transfer of %s is reported under %s", transfer.InfoHash, hash)
		case !slices.Contains(hashes, hash):
			t.Fatalf("%s was not asked for", hash)
		case transfer.BytesLeft < 0 || transfer.BytesLeft > transfer.BytesWanted:
			t.Fatalf("%s: %d bytes left of %d", hash, transfer.BytesLeft, transfer.BytesWanted)
		}
	}
	return report
}

// has proves that the client holds all these.
func (t *clientTrial) has(client ports.TorrentClient, hashes ...domain.InfoHash) {
	t.Helper()
	if report := t.report(client, hashes...); len(report.Transfers) != len(hashes) {
		t.Fatalf("%d of %d transfers are there", len(report.Transfers), len(hashes))
	}
}

// add hands over a magnet and proves that it is there under the infohash that
// Add told.
func (t *clientTrial) add(client ports.TorrentClient, magnet domain.Magnet) domain.InfoHash {
	t.Helper()
	hash, err := client.Add(t.Context(), domain.Handover{Magnet: magnet})
	ok(t.T, err)
	t.has(client, hash)
	return hash
}

// crowd adds magnets that nobody serves: enough of them for clients that keep
// a picture of what their daemon holds to do so.
func (t *clientTrial) crowd(client ports.TorrentClient) []domain.InfoHash {
	t.Helper()
	hashes := make([]domain.InfoHash, 20)
	for i := range hashes {
		var err error
		hashes[i], err = client.Add(t.Context(), domain.Handover{Magnet: unserved(t.T)})
		ok(t.T, err)
	}
	t.has(client, hashes...)
	return hashes
}

// unserved returns a magnet that nobody has the content of, and without trackers
// so that nobody is asked.
func unserved(t *testing.T) domain.Magnet {
	t.Helper()
	return parse(t, "magnet:?xt=urn:btih:"+aHash())
}
