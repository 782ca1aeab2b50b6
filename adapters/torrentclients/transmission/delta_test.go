package transmission_test

import (
	"reflect"
	"testing"
	"time"

	"github.com/clarion-app/download-manager/domain"
	"github.com/clarion-app/download-manager/ports"
)

const (
	all    = ""
	recent = `"recently-active"`
)

// lists are requests for torrents with these ids.
func lists(ids ...string) []string {
	requests := make([]string, len(ids))
	for i, id := range ids {
		requests[i] = "torrent-get " + id
	}
	return requests
}

// asks proves which requests a check took, and returns its report.
func asks(t *testing.T, f *fake, client ports.TorrentClient, hashes []domain.InfoHash, want ...string) domain.Report {
	t.Helper()
	f.asked()
	report, err := client.Transfers(t.Context(), hashes)
	if err != nil {
		t.Fatal(err)
	}
	got := []string{}
	for _, request := range f.asked() {
		got = append(got, request.method+" "+request.ids)
	}
	if !reflect.DeepEqual(got, want) {
		t.Fatalf("requests %q; want %q", got, want)
	}
	return report
}

func TestUnchangedCheckOfTenThousandIsOneSmallRequest(t *testing.T) {
	t.Parallel()
	f := newFake(t, 10_000)
	client, hashes := f.open(t), f.hashes()
	asks(t, f, client, hashes, lists(all)...)
	for range 5 {
		report, err := client.Transfers(t.Context(), hashes)
		if err != nil || len(report.Transfers) != len(hashes) || report.Settling {
			t.Fatalf("%d transfers, settling %t, error %v", len(report.Transfers), report.Settling, err)
		}
	}
	requests := f.asked()
	if len(requests) != 5 {
		t.Fatalf("%d requests for 5 checks", len(requests))
	}
	for _, request := range requests {
		if request.answer > 1024 {
			t.Fatalf("%s with ids %s answers %d bytes", request.method, request.ids, request.answer)
		}
	}
}

func TestFewTorrentsAreAskedForByName(t *testing.T) {
	t.Parallel()
	f := newFake(t, 100)
	client := f.open(t)
	report := asks(t, f, client, f.hashes()[:2], `torrent-get ["`+f.torrents[0].hash.String()+`","`+f.torrents[1].hash.String()+`"]`)
	if len(report.Transfers) != 2 {
		t.Fatalf("%+v", report)
	}
	asks(t, f, client, nil, "torrent-get []")
	if _, err := client.Transfers(t.Context(), f.hashes()[:5]); err != nil {
		t.Fatal(err)
	}
	if requests := f.asked(); requests[0].answer > 1024 {
		t.Fatalf("five torrents take %d bytes", requests[0].answer)
	}
}

func TestChangesAreAddedUp(t *testing.T) {
	t.Parallel()
	f := newFake(t, 10)
	client, hashes := f.open(t), f.hashes()
	asks(t, f, client, hashes, lists(all)...)
	f.change(func() {
		finished := f.torrents[3]
		finished.status, finished.left = 6, 0
		again := f.torrents[5] // removed and added again: another number
		again.id = 77
		f.recent, f.removed = []fakeTorrent{finished, again, {id: 78, status: 4, left: 1, hash: numbered(t, 500)}}, []int{2, 6, 999}
	})
	report := asks(t, f, client, append(hashes, numbered(t, 500)), lists(recent)...)
	if _, found := report.Transfers[hashes[1]]; found || len(report.Transfers) != 10 || report.Settling {
		t.Fatalf("%+v", report)
	}
	if !report.Transfers[hashes[3]].Finished() || report.Transfers[hashes[4]].Finished() {
		t.Fatalf("%+v", report)
	}
	// The same changes are told for a minute.
	if again := asks(t, f, client, append(hashes, numbered(t, 500)), lists(recent)...); !reflect.DeepEqual(again, report) {
		t.Fatalf("%+v, then %+v", report, again)
	}
	f.change(func() { f.recent, f.removed = nil, []int{77} })
	if report = asks(t, f, client, hashes, lists(recent)...); len(report.Transfers) != 8 {
		t.Fatalf("%+v", report)
	}
}

func TestDoubtMakesAFullList(t *testing.T) {
	t.Parallel()
	for name, fact := range map[string]struct {
		doubt func(f *fake, clock *fakeClock)
		then  []string
	}{
		"nothing has happened": {func(*fake, *fakeClock) {}, lists(recent)},
		"some seconds have passed": {func(_ *fake, clock *fakeClock) {
			clock.pass(50 * time.Second)
		}, lists(recent)},
		"a minute has passed": {func(_ *fake, clock *fakeClock) {
			clock.pass(55 * time.Second)
		}, lists(all)},
		"the clock was set back": {func(_ *fake, clock *fakeClock) {
			clock.pass(-time.Second)
		}, lists(all)},
		"the daemon has another session": {func(f *fake, _ *fakeClock) {
			f.session++
		}, lists(all)},
		"the daemon does not know what is recent": {func(f *fake, _ *fakeClock) {
			f.noRecent = true
		}, lists(recent, all)},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f, clock := newFake(t, 10), newFakeClock()
			client := clock.open(t, f)
			asks(t, f, client, f.hashes(), lists(all)...)
			f.change(func() {
				f.torrents[0].left, f.torrents[0].status = 0, 6
				f.recent = f.torrents[:1]
				fact.doubt(f, clock)
			})
			report := asks(t, f, client, f.hashes(), fact.then...)
			if !report.Transfers[f.torrents[0].hash].Finished() {
				t.Fatal("the change was not seen")
			}
		})
	}
}

func TestADaemonThatDoesNotKnowWhatIsRecentIsNotAskedAgain(t *testing.T) {
	t.Parallel()
	f := newFake(t, 10)
	f.noRecent = true
	client := f.open(t)
	asks(t, f, client, f.hashes(), lists(all)...)
	asks(t, f, client, f.hashes(), lists(recent, all)...)
	asks(t, f, client, f.hashes(), lists(all)...)
	f.change(func() { f.session++ })
	asks(t, f, client, f.hashes(), lists(all)...)
	asks(t, f, client, f.hashes(), lists(recent, all)...)
}

func TestThePictureIsTakenAnewEveryHour(t *testing.T) {
	t.Parallel()
	f, clock := newFake(t, 10), newFakeClock()
	client := clock.open(t, f)
	full := 0
	for range 61 * 2 {
		if _, err := client.Transfers(t.Context(), f.hashes()); err != nil {
			t.Fatal(err)
		}
		clock.pass(30 * time.Second)
	}
	for _, request := range f.asked() {
		if request.ids == all {
			full++
		}
	}
	if full != 2 {
		t.Fatalf("%d full lists in an hour", full)
	}
}

func TestAbsenceIsSettlingWhileTheDaemonIsYoung(t *testing.T) {
	t.Parallel()
	f, clock := newFake(t, 10), newFakeClock()
	f.age = 2
	loaded := f.torrents
	f.torrents = loaded[:8] // not all of them yet
	client := clock.open(t, f)
	hashes := (&fake{torrents: loaded}).hashes()

	// Absent for the first time: the daemon is asked for its age, once.
	report := asks(t, f, client, hashes, "torrent-get ", "session-stats ")
	if !report.Settling || len(report.Transfers) != 8 {
		t.Fatalf("%+v", report)
	}
	// What it loads is no change to it.
	f.change(func() { f.torrents = loaded[:9] })
	clock.pass(5 * time.Second)
	if report = asks(t, f, client, hashes, lists(all)...); !report.Settling || len(report.Transfers) != 9 {
		t.Fatalf("%+v", report)
	}
	// What it has had is not being loaded.
	f.change(func() { f.torrents = loaded[:8] })
	clock.pass(5 * time.Second)
	if report = asks(t, f, client, hashes[:9], lists(all)...); report.Settling || len(report.Transfers) != 8 {
		t.Fatalf("%+v", report)
	}
	// A minute after its start absence is what it is.
	clock.pass(50 * time.Second)
	if report = asks(t, f, client, hashes, lists(recent)...); !report.Settling {
		t.Fatalf("the picture is from when it was young: %+v", report)
	}
	if report = asks(t, f, client, hashes, lists(all)...); report.Settling || len(report.Transfers) != 8 {
		t.Fatalf("%+v", report)
	}
	asks(t, f, client, hashes, lists(recent)...)
}

func TestAbsenceFromAnOldDaemonIsAskedAboutOnce(t *testing.T) {
	t.Parallel()
	f := newFake(t, 10)
	client := f.open(t)
	hashes := append(f.hashes(), numbered(t, 99))
	if report := asks(t, f, client, hashes, "torrent-get ", "session-stats "); report.Settling || len(report.Transfers) != 10 {
		t.Fatalf("%+v", report)
	}
	asks(t, f, client, hashes, lists(recent)...)
	asks(t, f, client, hashes[10:], `torrent-get ["`+hashes[10].String()+`"]`)
}
