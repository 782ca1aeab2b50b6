package portstest

import (
	"crypto/sha1"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/clarion-app/download-manager/domain"
	"github.com/clarion-app/download-manager/ports"
)

// clientTrial is one fact being proved on a daemon of its own.
type clientTrial struct {
	*testing.T
	TorrentDaemon
	harness TorrentClientHarness
	proven  *proven
	// rows: the fact is made of several, which have been noted one by one.
	rows bool
	// followed are the torrents to whom all reports are told, as a check would.
	followed []*followed
}

// can reports whether the type of client has declared a capability.
func (t *clientTrial) can(c domain.Capability) bool { return t.harness.Declared.Has(c) }

// row proves one of several facts about the same transfers, one after another; when
// it fails, what was to follow is not tried.
func (t *clientTrial) row(name string, prove func(t *clientTrial)) {
	t.Helper()
	t.rows = true
	if !t.Run(name, func(test *testing.T) {
		outer := t.T
		t.T = test
		defer func() { t.T = outer }()
		prove(t)
		t.proven.add(name)
	}) {
		t.FailNow()
	}
}

// settled opens a client that does not wait for a young daemon to have loaded all.
func (t *clientTrial) settled() ports.OpenClient {
	t.Helper()
	if t.OpenSettled != nil {
		return t.OpenSettled(t.T)
	}
	return t.Open(t.T)
}

// steady proves that a condition goes on holding, for a second.
func (t *clientTrial) steady(what string, holds func() bool) {
	t.Helper()
	ticker := time.NewTicker(100 * time.Millisecond)
	defer ticker.Stop()
	for range 10 {
		<-ticker.C
		if !holds() {
			t.Fatalf("for a second it was not so: %s", what)
		}
	}
}

// eventually waits until a condition holds.
func (t *clientTrial) eventually(what string, holds func() bool) {
	t.Helper()
	ticker := time.NewTicker(50 * time.Millisecond)
	defer ticker.Stop()
	patience := time.NewTimer(t.harness.Patience)
	defer patience.Stop()
	for !holds() {
		select {
		case <-patience.C:
			t.Fatalf("waited %s in vain: %s", t.harness.Patience, what)
		case <-ticker.C:
		}
	}
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
			t.Fatalf("waited %s in vain: %s; last report: %s", t.harness.Patience, what, summary(report))
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
	t.tell(report, hashes)
	return report
}

// has proves that the client holds all these.
func (t *clientTrial) has(client ports.TorrentClient, hashes ...domain.InfoHash) {
	t.Helper()
	if report := t.report(client, hashes...); len(report.Transfers) != len(hashes) {
		t.Fatalf("%d of %d transfers are there", len(report.Transfers), len(hashes))
	}
}

// strange returns an infohash that no daemon knows.
func (t *clientTrial) strange() domain.InfoHash {
	t.Helper()
	return unserved(t.T).InfoHash()
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
	return t.addAll(client, func(int) domain.Handover { return domain.Handover{Magnet: unserved(t.T)} })
}

// lasting is crowd for what is to survive a restart: every other one comes as a
// .torrent file, where the type takes them, or all where magnets are lost.
func (t *clientTrial) lasting(client ports.TorrentClient) []domain.InfoHash {
	t.Helper()
	return t.addAll(client, func(i int) domain.Handover {
		if t.can(domain.CapabilityTorrentFiles) && (i%2 == 0 || t.harness.Capabilities.LosesMagnets) {
			return unservedFile(t.T)
		}
		return domain.Handover{Magnet: unserved(t.T)}
	})
}

func (t *clientTrial) addAll(client ports.TorrentClient, handover func(i int) domain.Handover) []domain.InfoHash {
	t.Helper()
	hashes := make([]domain.InfoHash, 20)
	for i := range hashes {
		var err error
		hashes[i], err = client.Add(t.Context(), handover(i))
		ok(t.T, err)
	}
	t.has(client, hashes...)
	return hashes
}

// unservedFile is unserved with a .torrent file of one small file.
func unservedFile(t *testing.T) domain.Handover {
	t.Helper()
	name := aHash()
	info := fmt.Sprintf("d6:lengthi1e4:name%d:%s12:piece lengthi16384e6:pieces20:%se", len(name), name, name[:20])
	return domain.Handover{
		Magnet:   parse(t, fmt.Sprintf("magnet:?xt=urn:btih:%x", sha1.Sum([]byte(info)))),
		Metainfo: []byte("d4:info" + info + "e"),
	}
}

// unserved returns a magnet that nobody has the content of, and without trackers
// so that nobody is asked.
func unserved(t *testing.T) domain.Magnet {
	t.Helper()
	return parse(t, "magnet:?xt=urn:btih:"+aHash())
}
