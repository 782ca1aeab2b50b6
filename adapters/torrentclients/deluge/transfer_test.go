package deluge

import (
	"maps"
	"math"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/clarion-app/download-manager/domain"
)

// status is a torrent with metadata as a daemon reports it.
func status(state string, wanted, remaining int, finished bool) map[string]any {
	return map[string]any{
		"name": "na\u0000me", "state": state, "message": "OK", "tracker_status": "Announce OK", "num_pieces": 10,
		"total_wanted": wanted, "total_remaining": remaining, "is_finished": finished, "completed_time": 0,
		"download_payload_rate": 10, "upload_payload_rate": 20, "eta": 5, "num_peers": 1, "num_seeds": 2,
		"ratio": -1.0, "total_uploaded": 30,
	}
}

// with changes a report.
func with(report map[string]any, changes ...any) map[string]any {
	report = maps.Clone(report)
	for pair := range slices.Chunk(changes, 2) {
		report[pair[0].(string)] = pair[1]
	}
	return report
}

// translated is what becomes of a report.
func translated(t *testing.T, report map[string]any) domain.Transfer {
	t.Helper()
	var transfer domain.Transfer
	r := reader{data: encode(nil, map[string]any{strings.Repeat("a", 40): report})}
	if err := readTorrents(&r, func(_ []byte, one *torrent) { transfer = one.transfer() }); err != nil {
		t.Fatal(err)
	}
	return transfer
}

// The truth table of completion, from what real daemons were seen to report.
func TestCompletion(t *testing.T) {
	t.Parallel()
	magnet := func(state string) map[string]any { return with(status(state, 0, 0, false), "num_pieces", 0) }
	for name, is := range map[string]struct {
		report   map[string]any
		phase    domain.Phase
		finished bool
	}{
		"magnet without metadata":           {magnet("Downloading"), domain.PhaseMetadata, false},
		"magnet without metadata, verified": {magnet("Checking"), domain.PhaseMetadata, false},
		"magnet without metadata, paused":   {magnet("Paused"), domain.PhaseStopped, false},
		"magnet without metadata, in queue": {magnet("Queued"), domain.PhaseQueued, false},
		"metadata just there, sizes not":    {status("Downloading", 0, 0, false), domain.PhaseDownloading, false},
		"downloading":                       {status("Downloading", 100, 50, false), domain.PhaseDownloading, false},
		"all but a byte":                    {status("Downloading", math.MaxInt, 1, false), domain.PhaseDownloading, false},
		"waiting to download":               {status("Queued", 100, 50, false), domain.PhaseQueued, false},
		"paused half way":                   {status("Paused", 100, 50, false), domain.PhaseStopped, false},
		"allocating":                        {status("Allocating", 100, 100, false), domain.PhaseChecking, false},
		"verifying what has arrived":        {status("Checking", 100, 50, false), domain.PhaseChecking, false},
		"finishing the files":               {status("Downloading", 100, 0, false), domain.PhaseChecking, false},
		"finished by an old count":          {status("Downloading", 100, 0, true), domain.PhaseChecking, false},
		"seeding":                           {status("Seeding", 100, 0, true), domain.PhaseSeeding, true},
		"seeding what was there before":     {status("Seeding", 100, 0, false), domain.PhaseSeeding, true},
		"seeding by an old count":           {status("Seeding", 100, 10, false), domain.PhaseDownloading, false},
		"a selection of files, finished":    {status("Seeding", 40, 0, true), domain.PhaseSeeding, true},
		"a selection of nothing":            {status("Seeding", 0, 0, true), domain.PhaseSeeding, false},
		"waiting to seed":                   {status("Queued", 100, 0, true), domain.PhaseSeeding, true},
		"in queue, emptied by verification": {status("Queued", 100, 0, false), domain.PhaseChecking, false},
		"waiting to be verified":            {with(status("Queued", 100, 100, false), "completed_time", 1700000000), domain.PhaseChecking, false},
		"paused after completion":           {status("Paused", 100, 0, true), domain.PhaseStopped, true},
		"paused, emptied by verification":   {status("Paused", 100, 0, false), domain.PhaseChecking, false},
		"verifying after completion":        {status("Checking", 100, 0, true), domain.PhaseChecking, false},
		"moving after completion":           {status("Moving", 100, 0, true), domain.PhaseMoving, false},
		"moving on completion":              {status("Moving", 100, 0, false), domain.PhaseMoving, false},
		"finished with a tracker's error":   {with(status("Seeding", 100, 0, true), "tracker_status", "Error: timed out"), domain.PhaseSeeding, true},
		"finished with a tracker's warning": {with(status("Seeding", 100, 0, true), "tracker_status", "Warning: no"), domain.PhaseSeeding, true},
		"a disk error":                      {with(status("Error", 100, 50, false), "message", "No space left on device"), domain.PhaseStopped, false},
		"a disk error that looks complete":  {status("Error", 100, 0, true), domain.PhaseStopped, false},
		"a state of a later version":        {status("Pondering", 100, 0, true), domain.PhaseChecking, false},
	} {
		transfer := translated(t, is.report)
		if transfer.Finished() != is.finished || transfer.Phase != is.phase {
			t.Errorf("%s: phase %s, finished %t; want %s, %t", name, transfer.Phase, transfer.Finished(), is.phase, is.finished)
		}
		if hasError := strings.Contains(name, "disk error"); hasError != (transfer.LocalError != "") {
			t.Errorf("%s: local error %q", name, transfer.LocalError)
		}
		if hasWarning := strings.Contains(name, "tracker's"); hasWarning != (transfer.Warning != "") {
			t.Errorf("%s: warning %q", name, transfer.Warning)
		}
	}
}

func TestEveryDetailIsTranslated(t *testing.T) {
	t.Parallel()
	eta := 90 * time.Second
	at := time.Unix(1700000000, 0).UTC()
	got := translated(t, with(status("Downloading", 1<<53+1, 7, false), "eta", 90, "ratio", 1.5, "tracker_status", "Warning: gone", "unknown", []any{1}))
	want := domain.Transfer{
		Name: "name", Phase: domain.PhaseDownloading, MetadataKnown: true, BytesWanted: 1<<53 + 1, BytesLeft: 7,
		Warning: "gone", DownloadRate: 10, UploadRate: 20, UploadedBytes: 30, ETA: &eta, Peers: 3, Ratio: 1.5,
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("\n got %+v\nwant %+v", got, want)
	}
	done := translated(t, with(status("Seeding", 5, 0, true), "completed_time", 1700000000))
	if done.FinishedAt == nil || !done.FinishedAt.Equal(at) || done.ETA != nil || done.Ratio != 0 {
		t.Errorf("%+v", done)
	}
	if again := translated(t, with(status("Downloading", 5, 1, false), "completed_time", 1700000000, "eta", -1)); again.FinishedAt != nil || again.ETA != nil {
		t.Errorf("%+v", again)
	}
}

func TestReportsFromWhichCompletionCannotBeToldAreRefused(t *testing.T) {
	t.Parallel()
	good := status("Seeding", 10, 0, true)
	reports := map[string]any{"a number": 5, "an empty one": map[string]any{}}
	for _, key := range []string{"state", "num_pieces", "total_wanted", "total_remaining", "is_finished"} {
		without := maps.Clone(good)
		delete(without, key)
		reports["one without "+key] = without
		reports["one with a list for "+key] = with(good, key, []any{})
	}
	reports["one with more left than wanted"] = with(good, "total_remaining", 11)
	reports["one with less than nothing left"] = with(good, "total_remaining", -1)
	for name, report := range reports {
		a := answer{value: encode(nil, map[string]any{strings.Repeat("a", 40): report})}
		err := a.read(func(r *reader) error { return readTorrents(r, func([]byte, *torrent) {}) })
		if domain.KindOf(err) != domain.KindUnavailable || err == nil {
			t.Errorf("%s: error %v; want one of kind %s", name, err, domain.KindUnavailable)
		}
	}
}

func TestLink(t *testing.T) {
	t.Parallel()
	hash, v2 := strings.Repeat("ab", 20), "1220"+strings.Repeat("cd", 32)
	for given, want := range map[string]string{
		"magnet:?xt=urn:btih:" + hash + "&dn=a+b&unknown=1":                      "magnet:?xt=urn:btih:" + hash + "&dn=a+b&unknown=1",
		"MAGNET:?xt=urn:btih:" + hash:                                            "magnet:?xt=urn:btih:" + hash,
		"magnet:?xt.1=urn:btih:" + hash + "&so=0-2":                              "magnet:?xt=urn:btih:" + hash + "&so=0-2",
		"magnet:?xt=urn%3Abtih%3A" + hash + "&tr=http%3A%2F%2Ft%2F&ws=http://w/": "magnet:?xt=urn:btih:" + hash + "&tr=http%3A%2F%2Ft%2F&ws=http%3A%2F%2Fw%2F",
		"magnet:?xt=urn:btih:" + hash + "&xt=urn:btmh:" + v2:                     "magnet:?xt=urn:btih:" + hash,
		"magnet:?xt=urn:btmh:" + v2:                                              "magnet:?xt=urn:btmh:" + v2,
	} {
		magnet, err := domain.ParseMagnet(given)
		if err != nil {
			t.Fatal(err)
		}
		if got := link(magnet); got != want {
			t.Errorf("%s:\n got %s\nwant %s", given, got, want)
		}
	}
}
