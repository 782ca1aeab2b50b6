package graph_test

import (
	"fmt"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/clarion-app/download-manager/app"
	"github.com/clarion-app/download-manager/domain"
)

// pageOf is a page of names.
type pageOf struct {
	Nodes    []struct{ Name string }
	Edges    []struct{ Cursor string }
	PageInfo struct {
		HasNextPage, HasPreviousPage bool
		StartCursor, EndCursor       *string
	}
	TotalCount int
}

func (p pageOf) names() []string {
	var names []string
	for _, node := range p.Nodes {
		names = append(names, node.Name)
	}
	return names
}

const listQuery = `query($first: Int, $after: String, $last: Int, $before: String, $filter: TorrentFilter, $orderBy: TorrentOrder) {
  torrents(first: $first, after: $after, last: $last, before: $before, filter: $filter, orderBy: $orderBy) {
    nodes { name } edges { cursor } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } totalCount
  }
}`

func (d *door) list(t *testing.T, who string, variables vars) pageOf {
	t.Helper()
	return into[struct{ Torrents pageOf }](t, d.ask(t, who, listQuery, variables)).Torrents
}

// motley stores torrents that are equal in this and different in that.
func (d *door) motley(t *testing.T) {
	t.Helper()
	d.addServer(t)
	morning := time.Now().Add(-24 * time.Hour)
	for i := range 12 {
		torrent := d.addTorrent(t, []string{alice, bob}[i%2], i+1)
		if _, err := d.store.Torrents().Update(t.Context(), []uuid.UUID{torrent.ID}, nil, func(torrent *domain.Torrent) error {
			torrent.CreatedAt = domain.Instant(morning.Add(time.Duration(i/2) * time.Minute))
			if i%3 > 0 {
				torrent.AcceptedAt = &torrent.CreatedAt
			}
			if i%3 > 1 {
				return torrent.Complete(morning.Add(time.Duration(i/6)*time.Hour), morning)
			}
			return torrent.Rename(fmt.Sprintf("%s title %d", []string{"Ä", "a", "ß", "ẞ", "Z"}[i%5], i/2), morning)
		}); err != nil {
			t.Fatal(err)
		}
	}
}

func TestTorrentPages(t *testing.T) {
	t.Parallel()
	d := openDoor(t)
	d.motley(t)
	for _, field := range []string{"CREATED", "COMPLETED", "NAME", "STATUS"} {
		for _, direction := range []string{"ASC", "DESC"} {
			t.Run(field+" "+direction, func(t *testing.T) {
				t.Parallel()
				order := vars{"field": field, "direction": direction}
				all := d.list(t, admin, vars{"orderBy": order})
				want := all.names()
				if len(want) != 12 || all.TotalCount != 12 || all.PageInfo.HasNextPage || all.PageInfo.HasPreviousPage {
					t.Fatalf("the whole list is %+v", all)
				}
				for _, size := range []int{1, 5, 12} {
					var forward, backward []string
					for variables := (vars{"orderBy": order, "first": size}); ; {
						p := d.list(t, admin, variables)
						forward = append(forward, p.names()...)
						if *p.PageInfo.StartCursor != p.Edges[0].Cursor || p.PageInfo.HasPreviousPage != (variables["after"] != nil) || p.TotalCount != 12 {
							t.Errorf("page info %+v", p.PageInfo)
						}
						if !p.PageInfo.HasNextPage {
							break
						}
						variables["after"] = *p.PageInfo.EndCursor
					}
					for variables := (vars{"orderBy": order, "last": size}); ; {
						p := d.list(t, admin, variables)
						backward = append(p.names(), backward...)
						if *p.PageInfo.EndCursor != p.Edges[len(p.Edges)-1].Cursor || p.PageInfo.HasNextPage != (variables["before"] != nil) {
							t.Errorf("page info %+v", p.PageInfo)
						}
						if !p.PageInfo.HasPreviousPage {
							break
						}
						variables["before"] = *p.PageInfo.StartCursor
					}
					if !slices.Equal(forward, want) || !slices.Equal(backward, want) {
						t.Errorf("pages of %d:\nforward  %q\nbackward %q\nwant     %q", size, forward, backward, want)
					}
				}
				between := vars{"orderBy": order, "after": all.Edges[2].Cursor, "before": all.Edges[9].Cursor}
				for _, end := range []string{"first", "last"} {
					between["first"], between["last"] = nil, nil
					between[end] = 4
					p := d.list(t, admin, between)
					part := want[3:7]
					if end == "last" {
						part = want[5:9]
					}
					if !slices.Equal(p.names(), part) || !p.PageInfo.HasNextPage || !p.PageInfo.HasPreviousPage {
						t.Errorf("%s 4 in the middle: %q %+v, want %q", end, p.names(), p.PageInfo, part)
					}
				}
			})
		}
	}
	t.Run("a member's list is their own, and is counted so", func(t *testing.T) {
		t.Parallel()
		if p := d.list(t, alice, vars{"first": 2}); p.TotalCount != 6 || len(p.Nodes) != 2 || !p.PageInfo.HasNextPage {
			t.Errorf("got %+v", p)
		}
		if p := d.list(t, alice, vars{"filter": vars{"userId": d.actor(bob).UserID}}); p.TotalCount != 0 || len(p.Nodes) != 0 {
			t.Errorf("another's: got %+v", p)
		}
	})
	t.Run("without lengths a page holds 50, newest first", func(t *testing.T) {
		t.Parallel()
		wantJSON(t, d.ask(t, admin, `{ torrents { pageInfo { hasNextPage } totalCount } }`, nil),
			`{"torrents":{"pageInfo":{"hasNextPage":false},"totalCount":12}}`)
	})
}

func TestTorrentFilters(t *testing.T) {
	t.Parallel()
	d := openDoor(t)
	server := d.addServer(t)
	var moments []time.Time
	for i := range 4 {
		torrent := d.addTorrent(t, alice, i+1)
		moments = append(moments, torrent.CreatedAt)
	}
	d.complete(t, d.addTorrent(t, bob, 5))
	if _, err := d.torrents.Add(t.Context(), d.actor(bob), app.AddTorrent{MagnetURI: "magnet:?xt=urn:btih:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAABB&dn=%D0%92%D0%BE%D0%B9%D0%BD%D0%B0+%D0%B8+%D0%BC%D0%B8%D1%80"}); err != nil {
		t.Fatal(err)
	}
	at := func(moment time.Time) string { return moment.Format(time.RFC3339Nano) }
	for name, test := range map[string]struct {
		filter vars
		want   int
	}{
		"by client type":               {vars{"clientType": "Memory"}, 6},
		"by another client type":       {vars{"clientType": "Nonesuch"}, 0},
		"by text":                      {vars{"nameContains": "TORRENT"}, 5},
		"by text in Cyrillic":          {vars{"nameContains": "ВОЙНА"}, 1},
		"by text that is a pattern":    {vars{"nameContains": "%"}, 0},
		"by an empty text":             {vars{"nameContains": ""}, 6},
		"by a hexadecimal infohash":    {vars{"infoHash": hash(2)}, 1},
		"by a base32 infohash":         {vars{"infoHash": "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaabb"}, 1},
		"by a v2 infohash":             {vars{"infoHash": hash(2) + "aaaaaaaaaaaaaaaaaaaaaaaa"}, 1},
		"by when it was added, from":   {vars{"createdFrom": at(moments[2])}, 4},
		"by when it was added, before": {vars{"createdBefore": at(moments[2])}, 2},
		"by when it was added":         {vars{"createdFrom": at(moments[1]), "createdBefore": at(moments[3])}, 2},
		"by when it completed":         {vars{"completedFrom": at(moments[0])}, 1},
		"by when it completed, before": {vars{"completedBefore": at(moments[0])}, 0},
		"by several":                   {vars{"serverId": server.ID, "status": "COMPLETED", "completedBefore": "9999-01-01T00:00:00Z", "infoHash": hash(5)}, 1},
		"by nulls": {vars{
			"status": nil, "serverId": nil, "userId": nil, "clientType": nil, "hasProblem": nil, "nameContains": nil, "infoHash": nil,
			"createdFrom": nil, "createdBefore": nil, "completedFrom": nil, "completedBefore": nil,
		}, 6},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if p := d.list(t, admin, vars{"filter": test.filter}); len(p.Nodes) != test.want || p.TotalCount != test.want {
				t.Errorf("got %q, counted %d, want %d", p.names(), p.TotalCount, test.want)
			}
		})
	}
}

func TestTorrentCounts(t *testing.T) {
	t.Parallel()
	d := openDoor(t)
	server := d.addServer(t)
	for i := range 5 {
		torrent := d.addTorrent(t, []string{alice, alice, bob}[i%3], i+1)
		if i == 0 {
			d.complete(t, torrent)
		}
	}
	const query = `query($filter: TorrentFilter) { torrentCounts(filter: $filter) {
	  total byStatus { status count } byServer { server { id } count } byUser { user { name } count }
	} }`
	id := strconv.Quote(server.ID.String())
	wantJSON(t, d.ask(t, admin, query, nil), `{"torrentCounts":{"total":5,
	  "byStatus":[{"status":"QUEUED","count":4},{"status":"DOWNLOADING","count":0},{"status":"COMPLETED","count":1}],
	  "byServer":[{"server":{"id":`+id+`},"count":5}],
	  "byUser":[{"user":{"name":"alice"},"count":4},{"user":{"name":"bob"},"count":1}]}}`)
	wantJSON(t, d.ask(t, bob, query, vars{"filter": vars{"status": "QUEUED"}}), `{"torrentCounts":{"total":1,
	  "byStatus":[{"status":"QUEUED","count":1},{"status":"DOWNLOADING","count":0},{"status":"COMPLETED","count":0}],
	  "byServer":[{"server":{"id":`+id+`},"count":1}],"byUser":[{"user":{"name":"bob"},"count":1}]}}`)
	wantJSON(t, d.ask(t, bob, query, vars{"filter": vars{"userId": d.actor(alice).UserID}}), `{"torrentCounts":{"total":0,
	  "byStatus":[{"status":"QUEUED","count":0},{"status":"DOWNLOADING","count":0},{"status":"COMPLETED","count":0}],
	  "byServer":[],"byUser":[]}}`)
}

func TestTorrentsOfServers(t *testing.T) {
	t.Parallel()
	d := openDoor(t)
	d.addServer(t)
	d.addServer(t)
	for i := range 9 {
		d.addTorrent(t, []string{alice, bob}[i%3/2], i+1)
	}
	type answer struct {
		TorrentServers []struct {
			ID       string
			Torrents pageOf
		}
	}
	const query = `query($last: Int, $before: String) { torrentServers { id torrents(last: $last, before: $before, orderBy: {field: NAME, direction: ASC}) {
	  nodes { name } edges { cursor } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } totalCount
	} } }`
	for who, want := range map[string]int{admin: 9, alice: 6, bob: 3} {
		seen := 0
		for _, server := range into[answer](t, d.ask(t, who, query, vars{"last": 2})).TorrentServers {
			p := server.Torrents
			seen += p.TotalCount
			if len(p.Nodes) != min(2, p.TotalCount) || p.PageInfo.HasPreviousPage != (p.TotalCount > 2) || p.PageInfo.HasNextPage {
				t.Errorf("%s sees %+v", who, p)
			}
			if len(p.Nodes) < 2 {
				continue
			}
			list := d.list(t, who, vars{"filter": vars{"serverId": server.ID}, "last": 2, "orderBy": vars{"field": "NAME", "direction": "ASC"}})
			if !slices.Equal(p.names(), list.names()) || p.Edges[0] != list.Edges[0] {
				t.Errorf("%s sees %q on the server and %q in the list", who, p.names(), list.names())
			}
		}
		if seen != want {
			t.Errorf("%s sees %d torrents on servers, want %d", who, seen, want)
		}
	}
}
