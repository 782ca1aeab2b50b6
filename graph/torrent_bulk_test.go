package graph_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"

	"github.com/clarion-app/download-manager/domain"
	"github.com/clarion-app/download-manager/graph"
	"github.com/clarion-app/download-manager/ports"
)

type itemError struct {
	Code, Message string
	Field         *string
}

// is reports whether e is of a code and a field; no code is no error.
func (e *itemError) is(code, field string) bool {
	if e == nil || code == "" {
		return e == nil && code == ""
	}
	return e.Code == code && e.Message != "" && (e.Field == nil && field == "" || e.Field != nil && *e.Field == field)
}

type bulkAnswer struct {
	Results []struct {
		Index     int
		TorrentID string
		Repeated  bool
		Torrent   *torrent
		Error     *itemError
	}
	Succeeded, Failed int
}

// bulk sends one of the mutations of many and returns its payload.
func (d *door) bulk(t *testing.T, token, mutation string, input vars) bulkAnswer {
	t.Helper()
	return into[map[string]bulkAnswer](t, d.ask(t, token, bulkMutation(mutation), vars{"input": input}))[mutation]
}

func (d *door) bulkFails(t *testing.T, token, mutation string, input vars, code, field string) {
	t.Helper()
	d.post(t, token, bulkMutation(mutation), vars{"input": input}).wantError(t, code, field)
}

func bulkMutation(mutation string) string {
	item := "torrentId"
	if mutation == "addTorrents" {
		item = "index repeated"
	}
	return fmt.Sprintf(`mutation($input: %sInput!) { %s(input: $input) {
		results { %s torrent { id name status server { id } user { id } } error { code message field } } succeeded failed
	} }`, strings.ToUpper(mutation[:1])+mutation[1:], mutation, item)
}

func (d *door) events(t *testing.T) int {
	t.Helper()
	events, err := d.store.EventLog().After(t.Context(), ports.EventQuery{Limit: 100_000})
	if err != nil {
		t.Fatal(err)
	}
	return len(events)
}

func TestAddTorrents(t *testing.T) {
	t.Parallel()
	unknown := uuid.New()
	torrents := []vars{
		{"magnetURI": magnet(1)},
		{"magnetURI": "no magnet", "serverId": unknown},
		{"magnetURI": magnet(2), "serverId": unknown},
		{"magnetURI": magnet(3), "idempotencyKey": "k"},
		{"magnetURI": magnet(3), "idempotencyKey": "k"},
		{"magnetURI": magnet(4), "idempotencyKey": "k"},
		{"magnetURI": magnet(5), "idempotencyKey": ""},
	}
	want := []itemError{
		{},
		{Code: "INVALID", Message: "magnetURI"},
		{Code: "INVALID", Message: "serverId"},
		{},
		{},
		{Code: "CONFLICT", Message: "magnetURI"},
		{Code: "INVALID", Message: "idempotencyKey"},
	}

	t.Run("good ones are added, bad ones have their errors, and a dry run tells the same", func(t *testing.T) {
		t.Parallel()
		d := openDoor(t)
		d.addServer(t)
		for _, dryRun := range []bool{true, false} {
			got := d.bulk(t, alice, "addTorrents", vars{"torrents": torrents, "dryRun": dryRun})
			if len(got.Results) != len(want) || got.Succeeded != 3 || got.Failed != 4 {
				t.Fatalf("got %+v", got)
			}
			for i, r := range got.Results {
				if r.Index != i || !r.Error.is(want[i].Code, want[i].Message) || (r.Torrent == nil) != (r.Error != nil) || r.Repeated != (i == 4) {
					t.Errorf("%d: got %+v, %+v", i, r, r.Error)
				}
			}
			if one := got.Results[0].Torrent; one.Status != "QUEUED" || one.User.ID != d.actor(alice).UserID.String() {
				t.Errorf("got %+v", one)
			}
			if n := d.events(t); dryRun && n != 0 || !dryRun && n != 2 {
				t.Errorf("dry run %v: %d events", dryRun, n)
			}
		}
	})

	t.Run("asking again with keys gives the same torrents, by the single form, too", func(t *testing.T) {
		t.Parallel()
		d := openDoor(t)
		d.addServer(t)
		input := vars{"torrents": []vars{torrents[3]}}
		first := d.bulk(t, alice, "addTorrents", input).Results[0]
		d.bulk(t, alice, "removeTorrents", vars{"ids": []string{first.Torrent.ID}})
		again := d.bulk(t, alice, "addTorrents", input).Results[0]
		const single = `mutation($input: AddTorrentInput!) { addTorrent(input: $input) { torrent { id } } }`
		wantJSON(t, d.ask(t, alice, single, vars{"input": torrents[3]}), `{"addTorrent":{"torrent":{"id":"`+first.Torrent.ID+`"}}}`)
		if !again.Repeated || again.Torrent.ID != first.Torrent.ID || d.events(t) != 2 {
			t.Errorf("got %+v after %+v", again, first)
		}
		d.post(t, alice, single, vars{"input": torrents[5]}).wantError(t, "CONFLICT", "magnetURI")
		if other := d.bulk(t, bob, "addTorrents", input).Results[0]; other.Torrent.ID == first.Torrent.ID {
			t.Error("bob has alice's torrent")
		}
	})

	t.Run("a thousand are added, more are refused", func(t *testing.T) {
		t.Parallel()
		d := openDoor(t)
		d.addServer(t)
		many := make([]vars, 1001)
		for i := range many {
			many[i] = vars{"magnetURI": magnet(i)}
		}
		d.bulkFails(t, alice, "addTorrents", vars{"torrents": many}, "INVALID", "torrents")
		if got := d.bulk(t, alice, "addTorrents", vars{"torrents": many[1:]}); got.Succeeded != 1000 || got.Results[999].Index != 999 {
			t.Errorf("got %d", got.Succeeded)
		}
		if got := d.bulk(t, alice, "addTorrents", vars{"torrents": []vars{}}); got.Succeeded != 0 || len(got.Results) != 0 {
			t.Errorf("got %+v", got)
		}
	})
}

var changesOfMany = map[string]vars{
	"updateTorrents":         {"completedAt": "2026-01-02T03:04:05Z"},
	"removeTorrents":         {"deleteData": true},
	"markTorrentsIncomplete": {},
	"pauseTorrents":          {},
	"verifyTorrents":         {},
}

// with is input with more fields.
func (v vars) with(name string, value any, more ...any) vars {
	all := vars{name: value}
	for i := 0; i < len(more); i += 2 {
		all[more[i].(string)] = more[i+1]
	}
	for n, value := range v {
		all[n] = value
	}
	return all
}

func TestChangesOfMany(t *testing.T) {
	t.Parallel()
	for mutation, change := range changesOfMany {
		t.Run(mutation+" by ids", func(t *testing.T) {
			t.Parallel()
			d := openDoor(t)
			d.addServer(t)
			one, theirs, two := d.addTorrent(t, alice, 1), d.addTorrent(t, bob, 2), d.addTorrent(t, alice, 3)
			ids := []uuid.UUID{two.ID, theirs.ID, uuid.New(), one.ID, two.ID}
			codes := []string{"", "NOT_FOUND", "NOT_FOUND", ""}
			for _, dryRun := range []bool{true, false} {
				got := d.bulk(t, alice, mutation, change.with("ids", ids, "dryRun", dryRun))
				if len(got.Results) != 4 || got.Succeeded != 2 || got.Failed != 2 {
					t.Fatalf("got %+v", got)
				}
				for i, r := range got.Results {
					if r.TorrentID != ids[i].String() || !r.Error.is(codes[i], "") || (r.Torrent == nil) != (r.Error != nil) {
						t.Errorf("%d: got %+v, %+v", i, r, r.Error)
					}
				}
				if n := d.events(t); dryRun && n != 3 || !dryRun && n != 5 {
					t.Errorf("dry run %v: %d events", dryRun, n)
				}
			}
		})
		t.Run(mutation+" by filter, or all", func(t *testing.T) {
			t.Parallel()
			d := openDoor(t)
			d.addServer(t)
			server := d.addServer(t)
			for i := range 6 {
				d.addTorrent(t, []string{alice, bob}[i%2], i)
			}
			mine := vars{"userId": d.actor(alice).UserID}
			d.bulkFails(t, admin, mutation, change.with("filter", mine, "atMost", 2), "CONFLICT", "atMost")
			d.bulkFails(t, admin, mutation, change.with("all", true, "atMost", 5), "CONFLICT", "atMost")
			if n := d.events(t); n != 6 {
				t.Errorf("%d events", n)
			}
			if got := d.bulk(t, admin, mutation, change.with("filter", vars{"serverId": server.ID}, "dryRun", true)); got.Succeeded != 3 {
				t.Errorf("got %+v", got)
			}
			if got := d.bulk(t, admin, mutation, change.with("all", true, "dryRun", true)); got.Succeeded != 6 {
				t.Errorf("got %+v", got)
			}
			if got := d.bulk(t, bob, mutation, change.with("filter", mine)); len(got.Results) != 0 {
				t.Errorf("bob reached alice's: %+v", got)
			}
			got := d.bulk(t, alice, mutation, change.with("all", true))
			if got.Succeeded != 3 || got.Failed != 0 || d.events(t) != 9 {
				t.Errorf("got %+v", got)
			}
		})
		t.Run(mutation+" must be told clearly what is meant", func(t *testing.T) {
			t.Parallel()
			d := openDoor(t)
			d.addServer(t)
			d.addTorrent(t, alice, 1)
			queued := vars{"status": "QUEUED"}
			for _, bad := range []struct {
				input vars
				field string
			}{
				{change, "ids"},
				{change.with("ids", nil, "filter", nil), "ids"},
				{change.with("ids", []uuid.UUID{}, "filter", queued), "ids"},
				{change.with("filter", queued, "all", true), "ids"},
				{change.with("ids", make([]uuid.UUID, 1001)), "ids"},
				{change.with("ids", []string{"x"}), "ids"},
				{change.with("filter", vars{}), "filter"},
				{change.with("filter", vars{"status": nil}), "filter"},
				{change.with("all", true, "atMost", 0), "atMost"},
			} {
				d.bulkFails(t, alice, mutation, bad.input, "INVALID", bad.field)
			}
			if n := d.events(t); n != 1 {
				t.Errorf("%d events", n)
			}
		})
	}
}

func TestUpdateTorrents(t *testing.T) {
	t.Parallel()
	d := openDoor(t)
	from, to := d.addServer(t), d.addServer(t)
	all := vars{"all": true}
	one := d.addTorrent(t, alice, 1)
	move := all.with("serverId", to.ID)
	if one.ServerID == to.ID {
		move = all.with("serverId", from.ID)
	}
	if got := d.bulk(t, alice, "updateTorrents", move).Results[0].Torrent; got.Server.ID == one.ServerID.String() {
		t.Errorf("got %+v", got)
	}
	bobID := d.actor(bob).UserID
	d.bulkFails(t, alice, "updateTorrents", all.with("userId", bobID), "FORBIDDEN", "")
	d.bulkFails(t, alice, "updateTorrents", all.with("userId", nil), "FORBIDDEN", "")
	d.bulkFails(t, alice, "updateTorrents", all.with("serverId", uuid.New()), "INVALID", "serverId")
	d.bulkFails(t, alice, "updateTorrents", all.with("completedAt", "1969-01-01T00:00:00Z"), "INVALID", "completedAt")
	if got := d.bulk(t, admin, "updateTorrents", all.with("userId", bobID)).Results[0].Torrent; got.User.ID != bobID.String() {
		t.Errorf("got %+v", got)
	}
	for at, status := range map[any]string{"2026-01-02T03:04:05Z": "COMPLETED", nil: "QUEUED"} {
		if status == "QUEUED" {
			d.bulk(t, bob, "updateTorrents", all.with("completedAt", "2026-01-02T03:04:05Z"))
		}
		if got := d.bulk(t, bob, "updateTorrents", all.with("completedAt", at)).Results[0].Torrent; got.Status != status {
			t.Errorf("got %+v, want %s", got, status)
		}
	}
}

func TestBulkComplexity(t *testing.T) {
	t.Parallel()
	d := openDoor(t)
	d.addServer(t)
	d.addTorrent(t, alice, 1)
	for query, input := range map[string]vars{
		`mutation($input: RemoveTorrentsInput!) { removeTorrents(input: $input) { succeeded failed results { torrentId error { code } } } }`:                {"all": true, "atMost": 10_000},
		`mutation($input: UpdateTorrentsInput!) { updateTorrents(input: $input) { results { torrent ` + torrentFields + ` } } }`:                            {"all": true, "atMost": 2_000},
		`mutation($input: AddTorrentsInput!) { addTorrents(input: $input) { results { torrent ` + torrentFields + ` a: torrent ` + torrentFields + ` } } }`: {"torrents": slices.Repeat([]vars{{"magnetURI": "x"}}, 1000)},
	} {
		got := d.post(t, alice, query, vars{"input": input})
		got.wantError(t, "INVALID", "")
		if !strings.Contains(got.Errors[0].Message, "complexity") {
			t.Errorf("got %+v", got.Errors)
		}
	}
	d.ask(t, alice, `mutation { removeTorrents(input: {all: true, atMost: 10000}) { succeeded failed results { torrentId } } }`, nil)
	d.ask(t, alice, `mutation { addTorrents(input: {torrents: []}) { results { torrent `+torrentFields+` } } }`, nil)
}

// brokenStorage takes nothing and changes nothing.
type brokenStorage struct {
	ports.TorrentRepository
	err error
}

func (r brokenStorage) Add(context.Context, ...*domain.Torrent) error { return r.err }

func (r brokenStorage) Update(context.Context, []uuid.UUID, *domain.Lease, func(*domain.Torrent) error) ([]*domain.Torrent, error) {
	return nil, r.err
}

func TestErrorsOfItems(t *testing.T) {
	t.Parallel()
	codes := loadSchema(t).Types["ErrorCode"].EnumValues
	if len(codes) != len(domain.Kinds()) {
		t.Errorf("there are %d codes for %d kinds", len(codes), len(domain.Kinds()))
	}
	for _, kind := range domain.Kinds() {
		t.Run(string(kind), func(t *testing.T) {
			t.Parallel()
			if codes.ForName(string(kind)) == nil {
				t.Error("it is no ErrorCode")
			}
			failure := &domain.Error{Kind: kind, Field: "f", Message: "what users may read", Err: errors.New("secret cause")}
			d := openDoor(t, func(c *graph.Config) {
				c.Torrents.Repository = brokenStorage{c.Torrents.Repository, fmt.Errorf("wrapped: %w", failure)}
			})
			d.addServer(t)
			field, message := "f", "f: what users may read"
			if kind == domain.KindInternal {
				field, message = "", "internal error"
			}
			ids := []uuid.UUID{uuid.New(), uuid.New(), uuid.New()}
			magnets := []vars{{"magnetURI": magnet(1)}, {"magnetURI": magnet(2)}, {"magnetURI": magnet(3)}}
			for _, got := range []bulkAnswer{
				d.bulk(t, alice, "addTorrents", vars{"torrents": magnets}),
				d.bulk(t, alice, "removeTorrents", vars{"ids": ids}),
			} {
				if got.Failed != 3 {
					t.Fatalf("got %+v", got)
				}
				for _, r := range got.Results {
					if !r.Error.is(string(kind), field) || r.Error.Message != message {
						t.Errorf("got %+v", r.Error)
					}
				}
			}
			logged := strings.Count(d.log.String(), "secret cause")
			if want := slices.Index([]domain.Kind{"", "", domain.KindInternal}, kind); logged != max(want, 0) {
				t.Errorf("logged %d times: %s", logged, d.log)
			}
		})
	}
}
