package qbittorrent

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/clarion-app/download-manager/domain"
)

// row is a torrent of 100 bytes as the daemon reports it.
func row(state string, left int, more ...string) string {
	return fmt.Sprintf(`{"hash":%q,"infohash_v1":%q,"name":"name","state":%q,"size":100,"total_size":100,"amount_left":%d%s}`,
		strings.Repeat("a", 40), strings.Repeat("a", 40), state, left, strings.Join(more, ""))
}

// magnetRow is a magnet without metadata: old daemons tell that by the size alone.
func magnetRow(state string, more ...string) string {
	return fmt.Sprintf(`{"hash":%q,"state":%q,"size":0,"total_size":-1,"amount_left":0%s}`,
		strings.Repeat("a", 40), state, strings.Join(more, ""))
}

const finishedThen = `,"completion_on":1700000000`

// The truth table of completion, from what real daemons were seen to report.
func TestCompletion(t *testing.T) {
	t.Parallel()
	for name, is := range map[string]struct {
		row      string
		phase    domain.Phase
		finished bool
	}{
		"magnet without metadata":               {magnetRow("metaDL"), domain.PhaseMetadata, false},
		"magnet without metadata, 5.x":          {magnetRow("metaDL", `,"has_metadata":false,"completion_on":-1`), domain.PhaseMetadata, false},
		"magnet without metadata, forced":       {magnetRow("forcedMetaDL"), domain.PhaseMetadata, false},
		"magnet without metadata, checked":      {magnetRow("checkingResumeData"), domain.PhaseMetadata, false},
		"magnet without metadata, stopped":      {magnetRow("pausedDL"), domain.PhaseStopped, false},
		"magnet without metadata, in queue":     {magnetRow("queuedDL"), domain.PhaseQueued, false},
		"magnet that claims to be complete":     {magnetRow("stalledUP", finishedThen), domain.PhaseSeeding, false},
		"metadata that has just come":           {row("checkingResumeData", 100), domain.PhaseChecking, false},
		"downloading":                           {row("downloading", 50), domain.PhaseDownloading, false},
		"downloading, forced":                   {row("forcedDL", 50), domain.PhaseDownloading, false},
		"downloading from nobody":               {row("stalledDL", 50), domain.PhaseDownloading, false},
		"all but a byte, rounded to all":        {row("downloading", 1, `,"progress":1`), domain.PhaseDownloading, false},
		"waiting to download":                   {row("queuedDL", 50), domain.PhaseQueued, false},
		"stopped half way, 4.x":                 {row("pausedDL", 50), domain.PhaseStopped, false},
		"stopped half way, 5.x":                 {row("stoppedDL", 50), domain.PhaseStopped, false},
		"finishing the files":                   {row("downloading", 0), domain.PhaseChecking, false},
		"finishing the files, from nobody":      {row("stalledDL", 0), domain.PhaseChecking, false},
		"seeding":                               {row("uploading", 0, finishedThen), domain.PhaseSeeding, true},
		"seeding, forced":                       {row("forcedUP", 0, finishedThen), domain.PhaseSeeding, true},
		"seeding to nobody":                     {row("stalledUP", 0, finishedThen), domain.PhaseSeeding, true},
		"seeding what was there before":         {row("stalledUP", 0), domain.PhaseSeeding, true},
		"waiting to seed":                       {row("queuedUP", 0, finishedThen), domain.PhaseQueued, true},
		"stopped at its ratio, 4.x":             {row("pausedUP", 0, finishedThen), domain.PhaseStopped, true},
		"stopped at its ratio, 5.x":             {row("stoppedUP", 0, finishedThen), domain.PhaseStopped, true},
		"checking what has arrived":             {row("checkingDL", 100), domain.PhaseChecking, false},
		"checking after completion":             {row("checkingUP", 0, finishedThen), domain.PhaseChecking, false},
		"checking after a restart":              {row("checkingResumeData", 0, finishedThen), domain.PhaseChecking, false},
		"moving":                                {row("moving", 0, finishedThen), domain.PhaseMoving, false},
		"finished with a tracker's error":       {row("stalledUP", 0, finishedThen, `,"has_tracker_error":true`), domain.PhaseSeeding, true},
		"finished with a tracker's warning":     {row("stalledUP", 0, finishedThen, `,"has_tracker_warning":true`), domain.PhaseSeeding, true},
		"finished, a tracker's gone":            {row("stalledUP", 0, finishedThen, `,"has_other_announce_error":true`), domain.PhaseSeeding, true},
		"finished, by name: a tracker's error":  {row("stalledUP", 0, finishedThen, `,"trackers":[{"status":5,"msg":"no"}]`), domain.PhaseSeeding, true},
		"finished, by name: a tracker's gone":   {row("stalledUP", 0, finishedThen, `,"trackers":[{"status":2},{"status":4,"tier":[]}]`), domain.PhaseSeeding, true},
		"finished, by name: a tracker's advice": {row("stalledUP", 0, finishedThen, `,"trackers":[{"status":2,"msg":"upgrade"}]`), domain.PhaseSeeding, true},
		"finished, by name: all trackers work":  {row("stalledUP", 0, finishedThen, `,"trackers":[{"status":2,"msg":""},{"status":3}]`), domain.PhaseSeeding, true},
		"a disk error that looks complete":      {row("error", 0, finishedThen), domain.PhaseStopped, false},
		"a disk error half way":                 {row("error", 50), domain.PhaseStopped, false},
		"a disk error, of files not there":      {row("missingFiles", 0, finishedThen), domain.PhaseStopped, false},
		"nothing is wanted":                     {strings.ReplaceAll(row("stoppedUP", 0, finishedThen), `"size":100`, `"size":0`), domain.PhaseStopped, false},
		"a state of a later version":            {row("transcending", 0, finishedThen), domain.PhaseChecking, false},
		"a state of a later version, before":    {row("transcending", 50), domain.PhaseDownloading, false},
		"no state at all, says the daemon":      {row("unknown", 0, finishedThen), domain.PhaseChecking, false},
	} {
		torrents, err := readTorrents([]byte("["+is.row+"]"), false)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		transfer := torrents[0].transfer()
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
	for text, want := range map[string]domain.Transfer{
		`{"hash":"a","name":"\u2603\u0000 name ","state":"downloading","size":9007199254740993,"amount_left":1,"total_size":9007199254740994,
		  "dlspeed":10,"upspeed":20,"eta":90,"num_seeds":3,"num_leechs":4,"ratio":0.25,"uploaded":5,"completion_on":0}`: {
			Name: "☃ name", Phase: domain.PhaseDownloading, MetadataKnown: true, BytesWanted: 9007199254740993, BytesLeft: 1,
			DownloadRate: 10, UploadRate: 20, ETA: &eta, Peers: 7, Ratio: 0.25, UploadedBytes: 5,
		},
		`{"hash":"a","state":"stoppedUP","size":10,"amount_left":0,"eta":8640000,"ratio":-1,"uploaded":7,"completion_on":1700000000}`: {
			Phase: domain.PhaseStopped, MetadataKnown: true, BytesWanted: 10, FinishedAt: &at, Ratio: 9999, UploadedBytes: 7,
		},
		`{"hash":"a","state":"metaDL","size":0,"amount_left":0,"total_size":-1,"eta":8640000,"ratio":-1,"completion_on":-1,"private":null}`: {
			Phase: domain.PhaseMetadata,
		},
	} {
		torrents, err := readTorrents([]byte("["+text+"]"), false)
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		got := torrents[0].transfer()
		if !sameTransfer(got, want) {
			t.Errorf("%s:\n%+v; want\n%+v", text, got, want)
		}
	}
}

// sameTransfer compares what pointers point to.
func sameTransfer(a, b domain.Transfer) bool {
	same := (a.ETA == nil) == (b.ETA == nil) && (a.FinishedAt == nil) == (b.FinishedAt == nil) &&
		(a.ETA == nil || *a.ETA == *b.ETA) && (a.FinishedAt == nil || a.FinishedAt.Equal(*b.FinishedAt))
	a.ETA, a.FinishedAt, b.ETA, b.FinishedAt = nil, nil, nil, nil
	return same && a == b
}

func TestBytesOfAFileAreAllOfThemOnlyWhenItIsDone(t *testing.T) {
	t.Parallel()
	for _, is := range []struct {
		size     int64
		progress float64
		want     int64
	}{{0, 1, 0}, {0, 0, 0}, {100, 0, 0}, {100, 0.5, 50}, {100, 0.9999, 99}, {100, 1, 100}, {1, 0.99, 0}, {100, -1, 0}, {1 << 50, 0.25, 1 << 48}} {
		if got := bytesDone(is.size, is.progress); got != is.want {
			t.Errorf("%g of %d are %d; want %d", is.progress, is.size, got, is.want)
		}
	}
}

// FuzzMaindata holds the reading of answers: nothing makes it panic, and nothing
// that it takes has sizes below zero or is held twice.
func FuzzMaindata(f *testing.F) {
	full := `{"rid":1,"full_update":true,"server_state":{"free_space_on_disk":5},"torrents":{"` + strings.Repeat("a", 40) + `":` + row("metaDL", 5) + `}}`
	for _, seed := range []string{
		full + "|" + `{"rid":2,"torrents":{"` + strings.Repeat("a", 40) + `":{"amount_left":0,"state":"uploading"}}}`,
		full + "|" + `{"rid":2,"torrents_removed":["` + strings.Repeat("a", 40) + `"]}`,
		full + "|" + `{"rid":2,"torrents":{"b":{"state":"error"}}}`,
		full + "|" + full, `{"rid":1}|{}`, `[]|null`, `{"rid":1,"full_update":true}|{"rid":2}`,
		`{"torrents":{"a":{"size":-1,"amount_left":0,"state":"x"}},"rid":1,"full_update":true}|`,
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, bodies string) {
		var p picture
		for body := range strings.SplitSeq(bodies, "|") {
			if p.update(answer{[]byte(body), "session"}, time.Unix(0, 0)) != nil {
				p = picture{}
			}
			for id, held := range p.torrents {
				if transfer := held.transfer(); held.id != id && held.id == "" || transfer.BytesLeft < 0 || transfer.BytesWanted < 0 {
					t.Fatalf("%q: %+v", id, transfer)
				}
			}
			if torrents, err := readTorrents([]byte(body), true); err == nil {
				for i := range torrents {
					if held, err := torrents[i].held(); err == nil && held.Magnet.InfoHash() != held.InfoHash {
						t.Fatalf("%+v", held)
					}
				}
			}
		}
	})
}
