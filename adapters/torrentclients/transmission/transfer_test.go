package transmission

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/clarion-app/download-manager/domain"
)

// row is a torrent of 100 bytes as 3.00 reports it.
func row(status, failure, left int, metadata float64, doneDate int) string {
	size := 100
	if metadata < 1 {
		size = 0
	}
	return fmt.Sprintf(`{"torrents":[["hashString","id","name","status","error","errorString","metadataPercentComplete","sizeWhenDone",`+
		`"leftUntilDone","doneDate","rateDownload","rateUpload","eta","peersConnected","uploadRatio"],`+
		`[%q,1,"na\u0000me",%d,%d,"some text",%g,%d,%d,%d,10,20,-1,3,-2.0000]]}`,
		strings.Repeat("a", 40), status, failure, metadata, size, left, doneDate)
}

// The truth table of completion, from what real daemons were seen to report.
func TestCompletion(t *testing.T) {
	t.Parallel()
	for name, is := range map[string]struct {
		row      string
		phase    domain.Phase
		finished bool
	}{
		"magnet without metadata":           {row(4, 0, 0, 0, 0), domain.PhaseMetadata, false},
		"magnet with some metadata":         {row(4, 0, 0, 0.5, 0), domain.PhaseMetadata, false},
		"magnet without metadata, verified": {row(2, 0, 0, 0, 0), domain.PhaseMetadata, false},
		"magnet without metadata, stopped":  {row(0, 0, 0, 0, 0), domain.PhaseStopped, false},
		"magnet without metadata, in queue": {row(3, 0, 0, 0, 0), domain.PhaseQueued, false},
		"downloading":                       {row(4, 0, 50, 1, 0), domain.PhaseDownloading, false},
		"all but a byte":                    {row(4, 0, 1, 1, 0), domain.PhaseDownloading, false},
		"waiting to download":               {row(3, 0, 50, 1, 0), domain.PhaseQueued, false},
		"stopped half way":                  {row(0, 0, 50, 1, 0), domain.PhaseStopped, false},
		"verifying what has arrived":        {row(2, 0, 100, 1, 0), domain.PhaseChecking, false},
		"finishing the files":               {row(4, 0, 0, 1, 0), domain.PhaseChecking, false},
		"finished, not yet seeding":         {row(4, 0, 0, 1, 1700000000), domain.PhaseDownloading, true},
		"seeding":                           {row(6, 0, 0, 1, 1700000000), domain.PhaseSeeding, true},
		"seeding what was there before":     {row(6, 0, 0, 1, 0), domain.PhaseSeeding, true},
		"waiting to seed":                   {row(5, 0, 0, 1, 1700000000), domain.PhaseSeeding, true},
		"stopped at its ratio":              {row(0, 0, 0, 1, 1700000000), domain.PhaseStopped, true},
		"verifying after completion":        {row(2, 0, 0, 1, 1700000000), domain.PhaseChecking, false},
		"waiting to be verified":            {row(1, 0, 0, 1, 1700000000), domain.PhaseChecking, false},
		"finished with a tracker's warning": {row(6, 1, 0, 1, 1700000000), domain.PhaseSeeding, true},
		"finished with a tracker's error":   {row(6, 2, 0, 1, 1700000000), domain.PhaseSeeding, true},
		"a disk error that looks complete":  {row(0, 3, 0, 1, 0), domain.PhaseStopped, false},
		"a disk error after completion":     {row(0, 3, 0, 1, 1700000000), domain.PhaseStopped, false},
	} {
		list, err := readTorrents([]byte(is.row), legacy)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		transfer := list.torrents[0].transfer()
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
	hash := strings.Repeat("a", 40)
	eta := 90 * time.Second
	at := time.Unix(1700000000, 0).UTC()
	want := domain.Transfer{
		Name: "Ubuntu ☃", Phase: domain.PhaseSeeding, MetadataKnown: true,
		BytesWanted: 9007199254740993, BytesLeft: 0, Warning: "tracker gone", FinishedAt: &at,
		DownloadRate: 1024, UploadRate: 2048, ETA: &eta, Peers: 7, Ratio: 1.5,
	}
	for name, answer := range map[string]struct {
		text    string
		dialect *dialect
	}{
		"a table": {`{"torrents":[["hashString","unknown","name","status","error","errorString","metadataPercentComplete","sizeWhenDone","leftUntilDone","doneDate",
			"rateDownload","rateUpload","eta","peersConnected","uploadRatio"],
			["` + strings.ToUpper(hash) + `",{"x":[1,"]"]},"Ubuntu \u2603",6,2,"tracker gone",1,9007199254740993,0,1700000000,1024,2048,90,7,1.5]]}`, legacy},
		"objects": {`{"torrents":[{"uploadRatio":1.5,"hashString":"` + hash + `","name":"Ubuntu ☃","status":6,"error":2,"errorString":"tracker gone",
			"metadataPercentComplete":1.0,"sizeWhenDone":9007199254740993,"leftUntilDone":0.0,"doneDate":1700000000,"rateDownload":1024,"rateUpload":2.048e3,
			"eta":90,"peersConnected":7,"isFinished":false,"percentDone":0.5}]}`, legacy},
		"a table of JSON-RPC": {`{"torrents":[["hash_string","name","status","error","error_string","metadata_percent_complete","size_when_done","left_until_done","done_date",
			"rate_download","rate_upload","eta","peers_connected","upload_ratio","hashString"],
			["` + hash + `","Ubuntu ☃",6,2,"tracker gone",1,9007199254740993,0,1700000000,1024,2048,90,7,1.5,0]]}`, jsonRPC},
	} {
		list, err := readTorrents([]byte(answer.text), answer.dialect)
		if err != nil || len(list.torrents) != 1 {
			t.Errorf("%s: %d torrents, error %v", name, len(list.torrents), err)
			continue
		}
		got := list.torrents[0].transfer()
		if fmt.Sprintf("%+v", values(got)) != fmt.Sprintf("%+v", values(want)) {
			t.Errorf("%s:\n got %+v\nwant %+v", name, values(got), values(want))
		}
	}
}

// values looks behind the pointers.
func values(transfer domain.Transfer) []any {
	plain := transfer
	plain.FinishedAt, plain.ETA = nil, nil
	return []any{plain, *transfer.FinishedAt, *transfer.ETA}
}

func TestMissingColumnsAreTolerated(t *testing.T) {
	t.Parallel()
	list, err := readTorrents([]byte(`{"torrents":[["hashString","status","leftUntilDone","sizeWhenDone"],["x",6,0,5]]}`), legacy)
	if err != nil || len(list.torrents) != 1 || list.told {
		t.Fatalf("%+v, error %v", list, err)
	}
	if transfer := list.torrents[0].transfer(); !transfer.Finished() {
		t.Fatalf("%+v", transfer)
	}
}

func TestLink(t *testing.T) {
	t.Parallel()
	hash := strings.Repeat("ab", 20)
	for given, want := range map[string]string{
		"magnet:?xt=urn:btih:" + hash + "&dn=a+b&unknown=1": "magnet:?xt=urn:btih:" + hash + "&dn=a+b&unknown=1",
		"magnet:?dn=x&xt=urn:btih:" + strings.ToUpper(hash): "magnet:?dn=x&xt=urn:btih:" + strings.ToUpper(hash),
		"MAGNET:?xt=urn:btih:" + hash:                       "magnet:?xt=urn:btih:" + hash,
		"magnet:?XT=urn:btih:" + hash + "&so=0-2":           "magnet:?xt=urn:btih:" + hash + "&so=0-2",
		"magnet:?xt=urn%3Abtih%3A" + hash + "&dn=a+b&tr=http%3A%2F%2Ft%2F%3Fk%3D1%26x&tr.2=udp://u:1&ws=http://w/&x.pe=1.2.3.4:5": "magnet:?xt=urn:btih:" + hash +
			"&dn=a+b&tr=http%3A%2F%2Ft%2F%3Fk%3D1%26x&tr=udp%3A%2F%2Fu%3A1&ws=http%3A%2F%2Fw%2F&x.pe=1.2.3.4%3A5",
		"magnet:?xt=urn:btmh:1220" + strings.Repeat("cd", 32): "magnet:?xt=urn:btmh:1220" + strings.Repeat("cd", 32),
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

func TestDialectOf(t *testing.T) {
	t.Parallel()
	for version, want := range map[string]*dialect{
		"": legacy, "5.4.0": legacy, "x": legacy, "-6": legacy, "6": jsonRPC, "6.0.1": jsonRPC, "7.1": jsonRPC, "10.0.0": jsonRPC,
	} {
		if dialectOf(version) != want {
			t.Errorf("%q is spoken to in the wrong dialect", version)
		}
	}
}
