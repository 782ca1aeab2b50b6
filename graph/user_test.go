package graph_test

import (
	"strconv"
	"testing"
)

func TestViewer(t *testing.T) {
	t.Parallel()
	d := openDoor(t)
	for token, want := range map[string]string{
		admin: `"name":"root","role":"ADMINISTRATOR"`,
		alice: `"name":"alice","role":"MEMBER"`,
		guest: `"name":null,"role":"MEMBER"`,
	} {
		wantJSON(t, d.ask(t, token, `{ viewer { id name role } }`, nil),
			`{"viewer":{"id":`+strconv.Quote(d.actor(token).UserID.String())+`,`+want+`}}`)
	}
}
