package deluge

import (
	"slices"
	"testing"
	"time"

	"github.com/clarion-app/download-manager/domain"
)

func TestAbsenceOnANewConnectionProvesNothingAtFirst(t *testing.T) {
	t.Parallel()
	tick, counted, known := 0, 0, 0
	var held []int
	daemon := newFake(t, func(method string, arguments []any) any {
		switch method {
		case "core.get_session_status":
			return map[string]any{statTicks: tick, "ses.num_seeding_torrents": counted - 1, "ses.num_error_torrents": 1}
		case "core.get_session_state":
			return repeat("x", known)
		case "core.get_torrents_status":
			dict := map[string]any{}
			for _, i := range held {
				dict[numbered(t, i).String()] = status("Seeding", 1, 0, true)
			}
			return dict
		}
		return healthy(method, arguments)
	})
	now := time.Now()
	client := daemon.open(WithClock(func() time.Time { return now }))
	hashes := []domain.InfoHash{numbered(t, 0), numbered(t, 1)}
	look := func(what string, settling bool) {
		t.Helper()
		report, err := client.Transfers(t.Context(), hashes)
		if err != nil || report.Settling != settling || len(report.Transfers) != len(held) {
			t.Fatalf("%s: %+v, error %v; want settling %t", what, report, err, settling)
		}
	}
	look("before the first statistics", true)
	daemon.change(func() { tick = 1 })
	look("first statistics", true)
	look("the same statistics", true)
	daemon.change(func() { tick, counted = 2, 2 })
	look("two are being loaded", true)
	daemon.change(func() { known, held = 1, []int{0} })
	look("one is loaded", true)
	daemon.change(func() { known, held = 2, []int{0, 1} })
	look("all are loaded", false)
	daemon.change(func() { known, held = 1, []int{1} })
	look("one was removed", false)
	daemon.hangUp()
	daemon.change(func() { tick, counted = 1, 5 })
	look("another connection", true)
	daemon.change(func() { tick = 2 })
	look("an account that does not see all", true)
	now = now.Add(settlingTime)
	look("that for a minute", false)
	daemon.change(func() { held = slices.Clone(held[:0]) })
	look("nothing any more", false)
}

func TestAListIsOfAllThatThereIs(t *testing.T) {
	t.Parallel()
	tick := 0
	daemon := newFake(t, func(method string, arguments []any) any {
		switch method {
		case "core.get_session_status":
			tick++
			return map[string]any{statTicks: tick, "ses.num_seeding_torrents": 1}
		case "core.get_session_state":
			return repeat("x", min(1, tick/3))
		case "core.get_torrents_status":
			if len(arguments[0].(map[string]any)) != 0 || tick < 3 {
				return map[string]any{}
			}
			return map[string]any{numbered(t, 0).String(): with(status("Seeding", 1, 0, true),
				"time_added", 1700000000.5, "download_location", "/data/films", "label", "films",
				"trackers", []any{map[string]any{"url": "http://t/?a=b&c", "tier": 1, "next_announce": nil}},
			)}
		}
		return healthy(method, arguments)
	})
	list, err := daemon.open().List(t.Context())
	if err != nil || len(list) != 1 {
		t.Fatalf("%+v, error %v", list, err)
	}
	one := list[0]
	want := "magnet:?xt=urn:btih:" + numbered(t, 0).String() + "&dn=name&tr=http%3A%2F%2Ft%2F%3Fa%3Db%26c"
	if one.Magnet.String() != want || one.Label != "films" || one.Folder != "/data/films" || one.InfoHash != numbered(t, 0) ||
		one.AddedAt == nil || !one.AddedAt.Equal(time.Unix(1700000000, 0)) || !one.Finished() {
		t.Fatalf("%+v", one)
	}
}
