package graph_test

import (
	"fmt"
	"testing"
	"time"
)

const watchAs = `subscription($after: ID, $consumer: String) { torrentCompleted(after: $after, consumer: $consumer) { cursor name } }`

type consumer struct {
	Name, Cursor         string
	CreatedAt, UpdatedAt time.Time
}

func (d *door) acknowledge(t *testing.T, token, name, cursor string) consumer {
	t.Helper()
	return into[struct{ Acknowledge struct{ Consumer consumer } }](t, d.ask(t, token, `mutation($input: AcknowledgeInput!) {
	  acknowledge(input: $input) { consumer { name cursor createdAt updatedAt } } }`,
		vars{"input": vars{"consumer": name, "cursor": cursor}})).Acknowledge.Consumer
}

func (d *door) consumers(t *testing.T, token string) []consumer {
	t.Helper()
	return into[struct{ Consumers []consumer }](t, d.ask(t, token, `{ consumers { name cursor createdAt updatedAt } }`, nil)).Consumers
}

func TestNamedConsumers(t *testing.T) {
	t.Parallel()
	for name, open := range carriers {
		t.Run(name+" a script goes on behind what it acknowledged, and keeps nothing itself", func(t *testing.T) {
			t.Parallel()
			d := openDoor(t)
			d.addServer(t)
			d.complete(t, d.addTorrent(t, alice, 1)) // before it was known: not told
			follow := func() func(want string) string {
				next := open(t, d, alice, watchAs, vars{"consumer": "script"})
				return func(want string) string {
					t.Helper()
					got := into[completed](t, next(t)).TorrentCompleted
					if *got.Name != want {
						t.Fatalf("told of %s, want %s", *got.Name, want)
					}
					return got.Cursor
				}
			}
			told := follow()
			for len(d.consumers(t, alice)) == 0 { // remembered at once, though told nothing
				continue
			}
			d.complete(t, d.addTorrent(t, alice, 2))
			d.complete(t, d.addTorrent(t, alice, 3))
			cursor := told("torrent 2")
			told("torrent 3")
			told = follow() // nothing was acknowledged, so it is told again
			told("torrent 2")
			if got := d.acknowledge(t, alice, "script", cursor); got.Cursor != cursor || got.Name != "script" {
				t.Errorf("got %+v", got)
			}
			if got := d.acknowledge(t, alice, "script", "0"); got.Cursor != cursor {
				t.Errorf("it moved back: %+v", got)
			}
			told = follow()
			told("torrent 3")
		})
	}

	t.Run("everybody has their own, and forgets them", func(t *testing.T) {
		t.Parallel()
		d := openDoor(t)
		d.acknowledge(t, alice, "b", "0")
		d.acknowledge(t, alice, "a", "0")
		d.acknowledge(t, bob, "c", "0")
		if got := d.consumers(t, alice); len(got) != 2 || got[0].Name != "b" || got[1].Name != "a" || got[0].CreatedAt.IsZero() {
			t.Errorf("got %+v", got)
		}
		const remove = `mutation($name: String!) { removeConsumer(input: {consumer: $name}) { consumer } }`
		wantJSON(t, d.ask(t, alice, remove, vars{"name": " a "}), `{"removeConsumer":{"consumer":"a"}}`)
		d.post(t, alice, remove, vars{"name": "c"}).wantError(t, "NOT_FOUND", "")
		if got := fmt.Sprint(len(d.consumers(t, alice)), len(d.consumers(t, bob))); got != "1 1" {
			t.Errorf("left are %s", got)
		}
	})

	t.Run("what is at fault is told", func(t *testing.T) {
		t.Parallel()
		d := openDoor(t)
		d.addServer(t)
		d.addTorrent(t, alice, 1)
		into[reply](t, d.stream(t, alice, watchAs, vars{"after": "0", "consumer": "script"}).event(t)).wantError(t, "INVALID", "consumer")
		into[reply](t, d.stream(t, alice, watchAs, vars{"consumer": ""}).event(t)).wantError(t, "INVALID", "consumer")
		const acknowledge = `mutation($input: AcknowledgeInput!) { acknowledge(input: $input) { consumer { name } } }`
		for cursor, field := range map[string]string{"2": "cursor", "x": "cursor", "-1": "cursor", "": "cursor"} {
			d.post(t, alice, acknowledge, vars{"input": vars{"consumer": "s", "cursor": cursor}}).wantError(t, "INVALID", field)
		}
		d.post(t, alice, acknowledge, vars{"input": vars{"consumer": " ", "cursor": "0"}}).wantError(t, "INVALID", "consumer")
		if got := d.consumers(t, alice); len(got) > 0 {
			t.Errorf("made %+v", got)
		}
	})

	t.Run("one that has expired is told so, and mended by the oldest cursor", func(t *testing.T) {
		t.Parallel()
		d := openDoor(t)
		d.addServer(t)
		d.acknowledge(t, alice, "script", "0")
		d.complete(t, d.addTorrent(t, alice, 1))
		d.complete(t, d.addTorrent(t, alice, 2))
		if _, err := d.config.Events.Prune(t.Context(), time.Now().Add(time.Hour)); err != nil {
			t.Fatal(err)
		}
		refused := into[reply](t, d.stream(t, alice, watchAs, vars{"consumer": "script"}).event(t))
		refused.wantError(t, "CURSOR_EXPIRED", "after")
		d.acknowledge(t, alice, "script", refused.Errors[0].Extensions.OldestCursor)
		s := d.stream(t, alice, watchAs, vars{"consumer": "script"})
		if got := into[completed](t, s.next(t)).TorrentCompleted; *got.Name != "torrent 2" {
			t.Errorf("got %+v", got)
		}
	})
}
