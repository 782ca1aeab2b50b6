package graph_test

import (
	"encoding/base64"
	"encoding/binary"
	"math"
	"strings"
	"testing"

	"github.com/google/uuid"
)

// forged is a cursor of torrents as somebody might make it up.
func forged(mark, order byte, micros int64, rest string) string {
	raw := binary.BigEndian.AppendUint64([]byte{mark, order}, uint64(micros))
	raw = append(raw, make([]byte, len(uuid.Nil))...)
	return base64.RawURLEncoding.EncodeToString(append(raw, rest...))
}

func TestBadLists(t *testing.T) {
	t.Parallel()
	d := openDoor(t)
	d.motley(t)
	created := d.list(t, admin, vars{"first": 1}).Edges[0].Cursor
	byName := vars{"field": "NAME", "direction": "DESC"}
	name := d.list(t, admin, vars{"first": 1, "orderBy": byName}).Edges[0].Cursor
	for what, test := range map[string]struct {
		variables vars
		field     string
		status    int
	}{
		"a page of nothing":          {vars{"first": 0}, "first", 200},
		"a negative page":            {vars{"first": -1}, "first", 200},
		"a page that is too long":    {vars{"first": 501}, "first", 200},
		"a last page of nothing":     {vars{"last": 0}, "last", 200},
		"a last page that is long":   {vars{"last": 501}, "last", 200},
		"both ends":                  {vars{"first": 1, "last": 1}, "last", 200},
		"a text for a length":        {vars{"last": "1"}, "last", 200},
		"a fraction for a length":    {vars{"last": 1.5}, "last", 422},
		"an object for a length":     {vars{"last": vars{}}, "last", 422},
		"a number for a cursor":      {vars{"after": 12}, "after", 200},
		"an unknown order":           {vars{"orderBy": vars{"field": "SIZE"}}, "field", 422},
		"an order by nothing":        {vars{"orderBy": vars{}}, "field", 422},
		"an unknown direction":       {vars{"orderBy": vars{"field": "NAME", "direction": "UP"}}, "direction", 422},
		"an unknown field of filter": {vars{"filter": vars{"size": 1}}, "size", 422},

		"an empty cursor":                     {vars{"after": ""}, "after", 200},
		"a cursor that is none":               {vars{"before": "never"}, "before", 200},
		"a cursor of completions":             {vars{"after": "12"}, "after", 200},
		"a cursor with more behind it":        {vars{"after": created + "AAAA"}, "after", 200},
		"half a cursor":                       {vars{"after": created[:20]}, "after", 200},
		"a cursor of another order":           {vars{"after": created, "orderBy": byName}, "after", 200},
		"a cursor of another order, before":   {vars{"before": name}, "before", 200},
		"a cursor of the other direction":     {vars{"after": name, "orderBy": vars{"field": "NAME", "direction": "ASC"}}, "after", 200},
		"a cursor of ten megabytes":           {vars{"after": strings.Repeat("A", 200_000)}, "after", 200},
		"a cursor of another kind":            {vars{"after": forged('X', 0, 0, "")}, "after", 200},
		"a cursor from before all times":      {vars{"after": forged('T', 0, math.MinInt64, "")}, "after", 200},
		"a cursor from behind all times":      {vars{"after": forged('T', 0, math.MaxInt64, "")}, "after", 200},
		"a cursor of no status":               {vars{"after": forged('T', 6, 0, "\x03"), "orderBy": vars{"field": "STATUS"}}, "after", 200},
		"a cursor of half a completion":       {vars{"after": forged('T', 2, 0, "half"), "orderBy": vars{"field": "COMPLETED"}}, "after", 200},
		"a cursor of a completion long after": {vars{"after": forged('T', 2, 0, "\x7fffffff"), "orderBy": vars{"field": "COMPLETED"}}, "after", 200},
		"a cursor of a name with NUL":         {vars{"after": forged('T', 4, 0, "A\x00B"), "orderBy": byName}, "after", 200},
		"a cursor of a name of no text":       {vars{"after": forged('T', 4, 0, "\xff\xfe"), "orderBy": byName}, "after", 200},
		"a cursor of a name that is too long": {vars{"after": forged('T', 4, 0, strings.Repeat("A", 256)), "orderBy": byName}, "after", 200},

		"an infohash that is none":   {vars{"filter": vars{"infoHash": "abc"}}, "infoHash", 200},
		"an empty infohash":          {vars{"filter": vars{"infoHash": ""}}, "infoHash", 200},
		"a text that is too long":    {vars{"filter": vars{"nameContains": strings.Repeat("ß", 256)}}, "nameContains", 200},
		"a text with NUL":            {vars{"filter": vars{"nameContains": "a\x00b"}}, "nameContains", 200},
		"a client type with NUL":     {vars{"filter": vars{"clientType": "a\x00b"}}, "clientType", 200},
		"a client type, too long":    {vars{"filter": vars{"clientType": strings.Repeat("x", 256)}}, "clientType", 200},
		"a malformed user":           {vars{"filter": vars{"userId": "me"}}, "userId", 200},
		"a moment that is none":      {vars{"filter": vars{"createdFrom": "yesterday"}}, "createdFrom", 200},
		"a moment before all":        {vars{"filter": vars{"completedFrom": "0000-01-01T00:00:00Z"}}, "completedFrom", 200},
		"a moment behind all":        {vars{"filter": vars{"createdBefore": "9999-12-31T23:59:59-01:00"}}, "createdBefore", 200},
		"a time that ends before it": {vars{"filter": vars{"createdFrom": "2026-01-02T00:00:00Z", "createdBefore": "2026-01-01T00:00:00Z"}}, "createdFrom", 200},
		"a time of no length":        {vars{"filter": vars{"completedFrom": "2026-01-01T00:00:00Z", "completedBefore": "2026-01-01T00:00:00Z"}}, "completedFrom", 200},
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			got := d.post(t, admin, listQuery, test.variables)
			got.wantError(t, "INVALID", test.field)
			if got.status != test.status {
				t.Errorf("HTTP %d, want %d", got.status, test.status)
			}
		})
	}
	t.Run("all that is wrong is told at once", func(t *testing.T) {
		t.Parallel()
		got := d.post(t, admin, listQuery, vars{"first": 0, "after": "x", "before": "y"})
		if len(got.Errors) != 3 {
			t.Errorf("got %+v", got.Errors)
		}
	})
	t.Run("so it is for servers and counts", func(t *testing.T) {
		t.Parallel()
		d.post(t, admin, `{ torrentServers { torrents(first: 1, last: 1) { totalCount } } }`, nil).wantError(t, "INVALID", "last")
		d.post(t, admin, `{ torrentServers { torrents(before: "x") { totalCount } } }`, nil).wantError(t, "INVALID", "before")
		d.post(t, admin, `{ torrentServers { torrents(filter: {infoHash: "x"}) { totalCount } } }`, nil).wantError(t, "INVALID", "infoHash")
		d.post(t, admin, `{ torrentCounts(filter: {serverId: "x"}) { total } }`, nil).wantError(t, "INVALID", "serverId")
		d.post(t, admin, `query($n: String) { torrentCounts(filter: {nameContains: $n}) { total } }`,
			vars{"n": strings.Repeat("n", 256)}).wantError(t, "INVALID", "nameContains")
	})
	t.Run("lists cost what they are long", func(t *testing.T) {
		t.Parallel()
		for _, query := range []string{
			`{ torrentServers { torrents(last: 500) { nodes { id name status } } } }`,
			`{ torrents(last: 500) { nodes { server { torrents(first: 500) { nodes { id } } } } } }`,
			`{ torrents { nodes { server { torrents { edges { node { server { torrents { nodes { id } } } } } } } } } }`,
		} {
			got := d.post(t, admin, query, nil)
			got.wantError(t, "INVALID", "")
			if !strings.Contains(got.Errors[0].Message, "complexity") {
				t.Errorf("got %+v", got.Errors)
			}
		}
	})
}
