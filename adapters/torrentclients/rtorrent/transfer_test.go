package rtorrent

import (
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/clarion-app/download-manager/domain"
)

// state is a torrent of 100 bytes in 10 chunks, as the daemon reports it.
type state struct {
	meta, started, active, open, hashing, failed, complete int
	left, done, wanted                                     int
	message                                                string
}

func (s state) row(t *testing.T) row {
	t.Helper()
	size, chunks := 100, 10
	if s.meta == 1 {
		size, chunks = 1, 1
	}
	numbers := fmt.Sprintf("%s:%d:%d:%d:%d:%d:%d:%d:%d:%d:10:%d:%d:%d:0:10:20:30:1500:3::",
		strings.Repeat("A", 40), s.meta, s.started, s.active, s.open, s.hashing, s.failed, s.complete, size, s.left, chunks, s.done, s.wanted)
	r, err := readRow(value{text: []byte(numbers)}, value{text: []byte("na\x00me")}, value{text: []byte(s.message)})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// The truth table of completion, from what real daemons were seen to report.
func TestCompletion(t *testing.T) {
	t.Parallel()
	for name, is := range map[string]struct {
		state    state
		wanted   int64
		phase    domain.Phase
		finished bool
	}{
		"magnet without metadata":          {state{1, 1, 1, 1, 0, 0, 0, 1, 0, 1, ""}, -1, domain.PhaseMetadata, false},
		"magnet whose metadata is checked": {state{1, 1, 0, 1, 2, 0, 0, 1, 0, 1, ""}, -1, domain.PhaseMetadata, false},
		"magnet that is stopped":           {state{1, 0, 0, 1, 0, 0, 0, 1, 0, 1, ""}, -1, domain.PhaseStopped, false},
		"magnet that seems complete":       {state{1, 1, 1, 1, 0, 0, 1, 0, 1, 0, ""}, -1, domain.PhaseMetadata, false},
		"downloading":                      {state{0, 1, 1, 1, 0, 0, 0, 50, 5, 5, ""}, -1, domain.PhaseDownloading, false},
		"all but a byte":                   {state{0, 1, 1, 1, 0, 0, 0, 1, 9, 1, ""}, -1, domain.PhaseDownloading, false},
		"stopped half way":                 {state{0, 0, 0, 1, 0, 0, 0, 50, 5, 5, ""}, -1, domain.PhaseStopped, false},
		"stopped and closed half way":      {state{0, 0, 0, 0, 0, 0, 0, 50, 5, 5, ""}, -1, domain.PhaseStopped, false},
		"paused half way":                  {state{0, 1, 0, 1, 0, 0, 0, 50, 5, 5, ""}, -1, domain.PhaseStopped, false},
		"about to be opened":               {state{0, 1, 0, 0, 0, 0, 0, 100, 0, 10, ""}, -1, domain.PhaseQueued, false},
		"checked before it starts":         {state{0, 1, 0, 1, 1, 0, 0, 90, 1, 9, ""}, -1, domain.PhaseChecking, false},
		"checked at the end":               {state{0, 1, 0, 1, 2, 0, 0, 100, 0, 10, ""}, -1, domain.PhaseChecking, false},
		"seeding":                          {state{0, 1, 1, 1, 0, 0, 1, 0, 10, 0, ""}, -1, domain.PhaseSeeding, true},
		"finished and stopped":             {state{0, 0, 0, 1, 0, 0, 1, 0, 10, 0, ""}, -1, domain.PhaseStopped, true},
		"finished and closed":              {state{0, 0, 0, 0, 0, 0, 1, 0, 10, 0, ""}, -1, domain.PhaseStopped, true},
		"finished and paused":              {state{0, 1, 0, 1, 0, 0, 1, 0, 10, 0, ""}, -1, domain.PhaseStopped, true},
		"checked after completion":         {state{0, 1, 0, 1, 3, 0, 1, 100, 0, 10, ""}, -1, domain.PhaseChecking, false},
		"checked while stopped":            {state{0, 0, 0, 1, 3, 0, 1, 43, 5, 5, ""}, -1, domain.PhaseChecking, false},
		"finished with a tracker's error":  {state{0, 1, 1, 1, 0, 0, 1, 0, 10, 0, "Tracker: [Could not connect]"}, -1, domain.PhaseSeeding, true},
		"part of it finished":              {state{0, 1, 1, 1, 0, 0, 0, 30, 7, 0, ""}, 65, domain.PhaseSeeding, true},
		"part of it finished and stopped":  {state{0, 0, 0, 0, 0, 0, 0, 30, 7, 0, ""}, 65, domain.PhaseStopped, true},
		"part of it missing":               {state{0, 1, 1, 1, 0, 0, 0, 50, 5, 2, ""}, 65, domain.PhaseDownloading, false},
		"part of it, of unknown size":      {state{0, 1, 1, 1, 0, 0, 0, 30, 7, 0, ""}, -1, domain.PhaseSeeding, false},
		"a disk error before it starts":    {state{0, 1, 0, 0, 1, 1, 0, 100, 0, 10, ""}, -1, domain.PhaseStopped, false},
		"a disk error that says so":        {state{0, 1, 0, 0, 1, 1, 0, 100, 0, 10, "Hash check I/O error at chunk 0: Not a directory"}, -1, domain.PhaseStopped, false},
		"a disk error with a tracker's":    {state{0, 1, 0, 0, 1, 1, 0, 100, 0, 10, "Tracker: [Could not connect]"}, -1, domain.PhaseStopped, false},
		"a disk error while downloading":   {state{0, 0, 0, 0, 0, 0, 0, 50, 5, 5, "Storage error: [File chunk write error]"}, -1, domain.PhaseStopped, false},
		"a disk error after completion":    {state{0, 0, 0, 0, 0, 0, 1, 0, 10, 0, "Storage error: [File chunk read error]"}, -1, domain.PhaseStopped, false},
		"a disk error: data is gone":       {state{0, 0, 0, 1, 0, 0, 0, 100, 0, 10, "Download registered as completed, but hash check returned unfinished chunks."}, -1, domain.PhaseStopped, false},
		"an old message while it runs":     {state{0, 1, 1, 1, 0, 0, 1, 0, 10, 0, "Storage error: [File chunk write error]"}, -1, domain.PhaseSeeding, true},
	} {
		r := is.state.row(t)
		transfer := r.transfer(is.wanted)
		if transfer.Finished() != is.finished || transfer.Phase != is.phase {
			t.Errorf("%s: phase %s, finished %t; want %s, %t", name, transfer.Phase, transfer.Finished(), is.phase, is.finished)
		}
		if hasError := strings.Contains(name, "disk error"); hasError != (transfer.LocalError != "") {
			t.Errorf("%s: local error %q", name, transfer.LocalError)
		}
		if hasWarning := !strings.Contains(name, "disk error") && is.state.message != ""; hasWarning != (transfer.Warning != "") {
			t.Errorf("%s: warning %q", name, transfer.Warning)
		}
		if transfer.BytesLeft < 0 || transfer.BytesLeft > transfer.BytesWanted || (is.wanted >= 0 && transfer.BytesWanted != is.wanted) {
			t.Errorf("%s: %d bytes left of %d", name, transfer.BytesLeft, transfer.BytesWanted)
		}
	}
}

func TestEveryDetailIsTranslated(t *testing.T) {
	t.Parallel()
	numbers := strings.Repeat("AB", 20) + ":0:1:1:1:0:0:0:9007199254740993:9007199254740000:262144:9:3:6:1700000000:100:20:30:1250:7:1:a:b"
	r, err := readRow(value{text: []byte(numbers)}, value{text: []byte("Ubuntu\x00 ☃\xff")}, value{text: []byte("Tracker: [gone]")})
	if err != nil {
		t.Fatal(err)
	}
	hash, err := domain.ParseInfoHash(strings.Repeat("ab", 20))
	if err != nil {
		t.Fatal(err)
	}
	want := domain.Transfer{
		InfoHash: hash, Name: "Ubuntu ☃\uFFFD", Phase: domain.PhaseDownloading, MetadataKnown: true,
		BytesWanted: 9007199254740993, BytesLeft: 9007199254740000, Warning: "Tracker: [gone]",
		DownloadRate: 100, UploadRate: 20, Peers: 7, Ratio: 1.25, UploadedBytes: 30,
	}
	got := r.transfer(-1)
	if got.ETA != nil {
		t.Errorf("an estimate of %s", got.ETA)
	}
	if !reflect.DeepEqual(got, want) || r.throttle != "a:b" {
		t.Errorf("%+v; want %+v", got, want)
	}
	r.complete, r.left, r.wantedChunks = true, 0, 0
	if at := r.transfer(-1).FinishedAt; at == nil || at.Unix() != 1700000000 {
		t.Errorf("finished at %v", at)
	}
	r.complete, r.left, r.wantedChunks = false, 9000, 6
	if eta := r.transfer(-1).ETA; eta == nil || *eta != 90*time.Second {
		t.Errorf("an estimate of %v", eta)
	}
}

func TestRowsOfTheWrongShapeAreRefused(t *testing.T) {
	t.Parallel()
	good := strings.Repeat("AB", 20) + ":0:1:1:1:0:0:0:9:9:1:9:3:6:0:1:2:3:4:7::"
	if _, err := readRow(value{text: []byte(good)}, value{}, value{}); err != nil {
		t.Fatal(err)
	}
	for name, numbers := range map[string]value{
		"nothing":            {},
		"a number":           {kind: kindNumber, number: 5},
		"a list":             {kind: kindList},
		"too short":          {text: []byte(strings.TrimSuffix(good, "7::"))},
		"no hash":            {text: []byte(strings.Replace(good, "AB", "xy", 1))},
		"a size below zero":  {text: []byte(strings.Replace(good, ":9:9:", ":9:-9:", 1))},
		"a size that is no":  {text: []byte(strings.Replace(good, ":9:9:", ":9:x:", 1))},
		"a size without end": {text: []byte(strings.Replace(good, ":9:9:", ":9:"+strings.Repeat("9", 40)+":", 1))},
	} {
		if _, err := readRow(numbers, value{}, value{}); err == nil {
			t.Errorf("%s: taken", name)
		}
	}
}
