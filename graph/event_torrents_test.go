package graph_test

import "testing"

// Many are told of an event at the same moment, and each wants its torrent.
func TestTheTorrentOfAnEventIsAskedForOnceForAll(t *testing.T) {
	t.Parallel()
	d := openDoor(t)
	d.addServer(t)
	const query = `subscription { torrentChanged(after: "0", filter: {types: [COMPLETED]}) { cursor torrent { id } } }`
	type changed struct{ TorrentChanged torrentEvent }
	d.complete(t, d.addTorrent(t, alice, 1))
	second := d.addTorrent(t, alice, 2)
	const subscribers = 100
	streams := make([]*eventStream, subscribers)
	for i := range streams {
		streams[i] = d.stream(t, []string{alice, admin}[i%2], query, nil)
		if got := into[changed](t, streams[i].next(t)).TorrentChanged; got.Torrent == nil { // it follows now
			t.Fatalf("got %+v", got)
		}
	}
	d.check(t)
	d.store.ResetCalls()
	d.complete(t, second)
	for _, s := range streams {
		if got := into[changed](t, s.next(t)).TorrentChanged; got.Torrent == nil || got.Torrent.ID != second.ID.String() {
			t.Errorf("got %+v", got)
		}
	}
	// How many gather while a question is under way is a matter of luck; usually most.
	if n := d.store.Calls()["TorrentRepository.Find"]; n >= subscribers {
		t.Errorf("%d questions for %d subscribers", n, subscribers)
	}
}

func TestTheTorrentOfAnEventIsShownToThoseWhoMaySeeItNow(t *testing.T) {
	t.Parallel()
	d := openDoor(t)
	d.addServer(t)
	mine := d.addTorrent(t, alice, 1)
	d.complete(t, mine)
	d.ask(t, admin, `mutation($id: ID!, $user: ID!) { updateTorrent(input: {id: $id, userId: $user}) { torrent { id } } }`,
		vars{"id": mine.ID, "user": d.actor(bob).UserID})
	for token, visible := range map[string]bool{alice: false, admin: true} {
		got := into[completed](t, d.stream(t, token, watch, vars{"after": "0"}).next(t)).TorrentCompleted
		if (got.Torrent != nil) != visible || got.TorrentID != mine.ID.String() {
			t.Errorf("%s got %+v", token, got)
		}
	}
}
