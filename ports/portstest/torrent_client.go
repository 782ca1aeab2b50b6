package portstest

import (
	"maps"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/clarion-app/download-manager/ports"
)

// Whole is a client seen through all its ports.
func Whole[C interface {
	ports.TorrentClient
	ports.TransferControl
	ports.TransferDetails
	ports.TransferListing
}](c C) ports.OpenClient {
	return ports.OpenClient{TorrentClient: c, TransferControl: c, TransferDetails: c, TransferListing: c}
}

// TorrentClient is the contract of ports.TorrentClient, and of the three other ports
// that every client is seen through: an adapter calls this one.
func TorrentClient(t *testing.T, harness TorrentClientHarness) {
	t.Helper()
	prove(
		t, harness, addingTransfers(harness), handingOver(harness), reportingTransfers(), removingTransfers(harness),
		downloadingTransfers(harness), completingDownloads(), usingClients(harness), lacking(harness), meetingFaults(harness),
		controllingTransfers(harness), lookingInside(harness), listingTransfers(harness),
	)
}

// TransferControl is the contract of ports.TransferControl.
func TransferControl(t *testing.T, harness TorrentClientHarness) {
	t.Helper()
	prove(t, harness, controllingTransfers(harness))
}

// TransferDetails is the contract of ports.TransferDetails.
func TransferDetails(t *testing.T, harness TorrentClientHarness) {
	t.Helper()
	prove(t, harness, lookingInside(harness))
}

// TransferListing is the contract of ports.TransferListing.
func TransferListing(t *testing.T, harness TorrentClientHarness) {
	t.Helper()
	prove(t, harness, listingTransfers(harness))
}

// clientFacts are what the suite proves, each by its name, with a daemon of its own.
type clientFacts map[string]func(t *clientTrial)

// abreast is how many facts are proven at a time. They wait for daemons more than they
// work, so it is not by the number of processors, as that of parallel tests is.
const abreast = 6

// prove proves all facts, several at a time.
func prove(t *testing.T, harness TorrentClientHarness, groups ...clientFacts) {
	t.Helper()
	if harness.Patience == 0 {
		harness.Patience = time.Minute
	}
	all := clientFacts{}
	for _, some := range groups {
		maps.Copy(all, some)
	}
	proven := &proven{}
	names := make(chan string)
	var proving sync.WaitGroup
	for range abreast {
		proving.Go(func() {
			for name := range names {
				t.Run(name, func(t *testing.T) {
					trial := &clientTrial{T: t, TorrentDaemon: harness.Start(t), harness: harness, proven: proven}
					trial.given(t, harness)
					all[name](trial)
					proven.end(trial, name)
				})
			}
		})
	}
	for _, name := range slices.Sorted(maps.Keys(all)) {
		names <- name
	}
	close(names)
	proving.Wait()
	proven.compare(t, harness, len(all))
}
