package aria2

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/clarion-app/download-manager/domain"
	"github.com/clarion-app/download-manager/internal/jsonscan"
)

const (
	aHash     = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
	theName   = `"bittorrent":{"announceList":[["http:\/\/t\/a"]],"mode":"single","info":{"name":"na\u0000me"}}`
	nameless  = `"bittorrent":{"announceList":[]}`
	followers = `"followedBy":["b000000000000000"]`
)

// row is a download as a daemon reports it.
func row(gid, status string, completed, total int, more ...string) string {
	fields := append([]string{
		fmt.Sprintf(`"gid":%q,"status":%q,"infoHash":%q,"totalLength":"%d","completedLength":"%d"`, gid, status, aHash, total, completed),
		`"uploadLength":"50","downloadSpeed":"10","uploadSpeed":"20","connections":"3"`,
	}, more...)
	return "{" + strings.Join(fields, ",") + "}"
}

// listed reads the lists of a daemon: of what is active, of what waits, and of what
// has stopped.
func listed(active, waiting, stopped []string) (listing, error) {
	var all []download
	for _, rows := range [][]string{active, waiting, stopped} {
		s := jsonscan.New([]byte("[" + strings.Join(rows, ",") + "]"))
		if err := errors.Join(readDownloads(s, &all), s.End()); err != nil {
			return listing{}, err
		}
	}
	return newListing(all), nil
}

func parse(t *testing.T, hash string) domain.InfoHash {
	t.Helper()
	parsed, err := domain.ParseInfoHash(hash)
	if err != nil {
		t.Fatal(err)
	}
	return parsed
}

func failure(code int, message string) string {
	return fmt.Sprintf(`"errorCode":"%d","errorMessage":%q`, code, message)
}

// The truth table of completion, from what real daemons were seen to report.
func TestCompletion(t *testing.T) {
	t.Parallel()
	type rows = []string
	const a, b, c = "a000000000000000", "b000000000000000", "c000000000000000"
	for name, is := range map[string]struct {
		active, waiting, stopped rows
		phase                    domain.Phase
		finished                 bool
	}{
		"magnet without metadata":                {rows{row(a, "active", 0, 0, nameless)}, nil, nil, domain.PhaseMetadata, false},
		"magnet whose metadata is nearly there":  {rows{row(a, "active", 398, 398, nameless)}, nil, nil, domain.PhaseMetadata, false},
		"magnet in the queue":                    {nil, rows{row(a, "waiting", 0, 0, nameless)}, nil, domain.PhaseQueued, false},
		"magnet paused without metadata":         {nil, rows{row(a, "paused", 0, 0, nameless)}, nil, domain.PhaseStopped, false},
		"magnet whose metadata alone was wanted": {nil, nil, rows{row(a, "complete", 398, 398, nameless)}, domain.PhaseStopped, false},
		"metadata there, content in the queue": {
			nil, rows{row(b, "waiting", 0, 0, theName)}, rows{row(a, "complete", 398, 398, nameless, followers)}, domain.PhaseQueued, false,
		},
		"downloading": {
			rows{row(b, "active", 50, 100, theName)}, nil, rows{row(a, "complete", 398, 398, nameless, followers)}, domain.PhaseDownloading, false,
		},
		"all but a byte": {rows{row(b, "active", 99, 100, theName)}, nil, nil, domain.PhaseDownloading, false},
		"seeding": {
			rows{row(b, "active", 100, 100, theName, `"seeder":"true"`)}, nil, rows{row(a, "complete", 398, 398, nameless, followers)}, domain.PhaseSeeding, true,
		},
		"a seeder of nothing":                 {rows{row(b, "active", 0, 0, theName, `"seeder":"true"`)}, nil, nil, domain.PhaseSeeding, false},
		"waiting to seed":                     {nil, rows{row(b, "waiting", 100, 100, theName)}, nil, domain.PhaseQueued, true},
		"finished and paused":                 {nil, rows{row(b, "paused", 100, 100, theName)}, nil, domain.PhaseStopped, true},
		"paused half way":                     {nil, rows{row(b, "paused", 50, 100, theName)}, nil, domain.PhaseStopped, false},
		"paused, and not run since a restart": {nil, rows{row(b, "paused", 0, 0, theName)}, nil, domain.PhaseStopped, false},
		"stopped at its ratio": {
			nil, nil, rows{row(a, "complete", 398, 398, nameless, followers), row(b, "complete", 100, 100, theName, failure(0, ""))}, domain.PhaseStopped, true,
		},
		"verifying after completion":       {rows{row(b, "active", 100, 100, theName, `"verifiedLength":"7"`)}, nil, nil, domain.PhaseChecking, false},
		"waiting to be verified":           {rows{row(b, "active", 100, 100, theName, `"verifyIntegrityPending":"true"`)}, nil, nil, domain.PhaseChecking, false},
		"not waiting to be verified":       {rows{row(b, "active", 100, 100, theName, `"verifyIntegrityPending":"false"`)}, nil, nil, domain.PhaseSeeding, true},
		"verifying before":                 {rows{row(b, "active", 0, 100, theName, `"verifiedLength":"0"`)}, nil, nil, domain.PhaseChecking, false},
		"a disk error":                     {nil, nil, rows{row(b, "error", 0, 100, theName, failure(18, "Failed to make the directory"))}, domain.PhaseStopped, false},
		"a disk error that looks complete": {nil, nil, rows{row(b, "error", 100, 100, theName, failure(17, "I/O error"))}, domain.PhaseStopped, false},
		"a disk error without a text":      {nil, nil, rows{row(b, "error", 100, 100, theName, failure(17, ""))}, domain.PhaseStopped, false},
		"added twice, the first seeding": {
			rows{row(b, "active", 100, 100, theName)}, nil, rows{row(c, "error", 0, 0, nameless, failure(12, "InfoHash is already registered."))}, domain.PhaseSeeding, true,
		},
		"added twice, the first stopped at its ratio": {
			nil, nil, rows{row(b, "complete", 100, 100, theName), row(c, "error", 0, 0, nameless, failure(12, "InfoHash is already registered."))}, domain.PhaseStopped, true,
		},
		"removed and added again": {
			rows{row(c, "active", 0, 0, nameless)}, nil, rows{row(a, "complete", 398, 398, nameless, followers), row(b, "removed", 100, 100, theName, failure(31, ""))}, domain.PhaseMetadata, false,
		},
		"begun anew after an error": {rows{row(c, "active", 50, 100, theName)}, nil, rows{row(b, "error", 0, 100, theName, failure(13, "exists"))}, domain.PhaseDownloading, false},
		"two errors":                {nil, nil, rows{row(b, "complete", 100, 100, theName), row(c, "error", 0, 100, theName, failure(17, "disk error"))}, domain.PhaseStopped, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			list, err := listed(is.active, is.waiting, is.stopped)
			if err != nil {
				t.Fatal(err)
			}
			d := list.of(parse(t, aHash))
			if d == nil {
				t.Fatal("not held")
			}
			transfer := d.transfer(parse(t, aHash))
			if transfer.Finished() != is.finished || transfer.Phase != is.phase {
				t.Errorf("phase %s, finished %t; want %s, %t", transfer.Phase, transfer.Finished(), is.phase, is.finished)
			}
			if hasError := strings.Contains(name, "disk error") || name == "two errors"; hasError != (transfer.LocalError != "") {
				t.Errorf("local error %q", transfer.LocalError)
			}
			if strings.Contains(name, "paused") && transfer.DownloadRate+transfer.UploadRate+int64(transfer.Peers) != 0 {
				t.Errorf("it is paused, and does: %+v", transfer)
			}
		})
	}
}

func TestWhatIsNotHeld(t *testing.T) {
	t.Parallel()
	for name, stopped := range map[string][]string{
		"nothing":                           nil,
		"what was removed":                  {row("b000000000000000", "removed", 50, 100, theName, failure(31, ""))},
		"the metadata of what is gone":      {row("a000000000000000", "complete", 398, 398, nameless, followers)},
		"what was added while it was there": {row("c000000000000000", "error", 0, 0, nameless, failure(12, "InfoHash is already registered."))},
		"something else than a torrent":     {`{"gid":"c000000000000000","status":"complete","totalLength":"5","completedLength":"5"}`},
	} {
		list, err := listed(nil, nil, stopped)
		if err != nil || list.of(parse(t, aHash)) != nil || len(list.held) != 0 {
			t.Errorf("%s: %+v, error %v", name, list, err)
		}
	}
}

func TestEveryDetailIsTranslated(t *testing.T) {
	t.Parallel()
	list, err := listed([]string{`{"unknown":{"x":[1,"]"]},"gid":"b000000000000000","infoHash":"` + strings.ToUpper(aHash) + `","status":"active",
		"totalLength":"9007199254740993","completedLength":"9007199254739993","uploadLength":"9007199254739993","downloadSpeed":"100","uploadSpeed":"2048",
		"connections":"7","dir":"\/data\/x","seeder":"false","numPieces":"1","files":[{"path":"\/x"}],
		"bittorrent":{"creationDate":1700000000,"announceList":[["http:\/\/a\/x","udp:\/\/b:1"],[],["http:\/\/c\/"]],"comment":"x","info":{"name":"Ubuntu \u2603","more":1}}}`}, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	hash := parse(t, aHash)
	d := list.of(hash)
	got := d.transfer(hash)
	if got.ETA == nil || *got.ETA != 10*time.Second {
		t.Errorf("ETA %v", got.ETA)
	}
	got.ETA = nil
	want := domain.Transfer{
		InfoHash: hash, Name: "Ubuntu ☃", Phase: domain.PhaseDownloading, MetadataKnown: true,
		BytesWanted: 9007199254740993, BytesLeft: 1000, DownloadRate: 100, UploadRate: 2048, Peers: 7, Ratio: 1, UploadedBytes: 9007199254739993,
	}
	if got != want {
		t.Errorf("\n got %+v\nwant %+v", got, want)
	}
	trackers := []domain.Tracker{{URL: "http://a/x", Tier: 0}, {URL: "udp://b:1", Tier: 0}, {URL: "http://c/", Tier: 2}}
	if !slices.Equal(d.trackerList(), trackers) || d.folder != "/data/x" {
		t.Errorf("trackers %+v, folder %q", d.trackerList(), d.folder)
	}
	if magnet := d.magnet(hash); magnet.InfoHash() != hash || magnet.Name() != "Ubuntu ☃" || len(magnet.Trackers()) != 3 {
		t.Errorf("magnet %s", magnet)
	}
}

func TestAMagnetHasAsManyTrackersAsThereIsRoomFor(t *testing.T) {
	t.Parallel()
	many := strings.Repeat("http://tracker/announce\",\"", 100_000)
	d := download{trackers: []byte(`[["http://` + strings.Repeat("long", 1<<20) + `"],["` + many + `"]]`)}
	magnet := d.magnet(parse(t, aHash))
	if n := len(magnet.Trackers()); magnet.InfoHash().String() != aHash || n < 1000 || len(magnet.String()) < domain.MaxMagnetLength-100 {
		t.Fatalf("%d trackers, %d bytes", n, len(magnet.String()))
	}
}

func TestWhatIsOurs(t *testing.T) {
	t.Parallel()
	for _, d := range []download{{hash: aHash, gid: aHash[:16]}, {hash: aHash, gid: "b000000000000000", following: aHash[:16]}} {
		if !d.ours() {
			t.Errorf("%+v is ours", d)
		}
	}
	for _, d := range []download{{}, {hash: "a", gid: "a"}, {hash: aHash, gid: "b000000000000000"}} {
		if d.ours() {
			t.Errorf("%+v is not ours", d)
		}
	}
}
