package graph_test

import (
	"testing"

	"github.com/clarion-app/download-manager/domain"
)

func TestAdoptTorrents(t *testing.T) {
	t.Parallel()
	const mutation = `mutation($input: AdoptTorrentsInput!) { adoptTorrents(input: $input) {
	  adopted completed known refused { hashString name error { code message field } } } }`
	d := openDoor(t)
	server := d.addServer(t)
	daemon := d.clients.Daemon(server.ID)
	for n := range 3 {
		link, err := domain.ParseMagnet(magnet(n))
		if err != nil {
			t.Fatal(err)
		}
		daemon.AddByHand(link)
	}
	strange, err := domain.ParseInfoHash("00112233445566778899aabbccddeeff00112233")
	if err != nil {
		t.Fatal(err)
	}
	daemon.SetTransfer(domain.Transfer{InfoHash: strange})
	input := vars{"serverId": server.ID, "userId": nil, "dryRun": true}
	const refused = `"refused":[{"hashString":"00112233445566778899aabbccddeeff00112233","name":null,"error":{"code":"INVALID","message":"magnetURI: is required","field":"magnetURI"}}]`
	wantJSON(t, d.ask(t, admin, mutation, vars{"input": input}), `{"adoptTorrents":{"adopted":3,"completed":0,"known":0,`+refused+`}}`)
	input["dryRun"] = false
	wantJSON(t, d.ask(t, admin, mutation, vars{"input": input}), `{"adoptTorrents":{"adopted":3,"completed":0,"known":0,`+refused+`}}`)
	wantJSON(t, d.ask(t, admin, `{ torrents { totalCount nodes { user { id } status } } }`, nil),
		`{"torrents":{"totalCount":3,"nodes":[{"user":null,"status":"DOWNLOADING"},{"user":null,"status":"DOWNLOADING"},{"user":null,"status":"DOWNLOADING"}]}}`)
	wantJSON(t, d.ask(t, admin, mutation, vars{"input": vars{"serverId": server.ID, "infoHashes": []string{strange.String()}}}),
		`{"adoptTorrents":{"adopted":0,"completed":0,"known":0,`+refused+`}}`)

	d.post(t, alice, mutation, vars{"input": input}).wantError(t, "FORBIDDEN", "")
	d.post(t, admin, mutation, vars{"input": vars{"serverId": alice}}).wantError(t, "INVALID", "serverId")
	d.post(t, admin, mutation, vars{"input": vars{"serverId": server.ID, "infoHashes": []string{"xyz"}}}).wantError(t, "INVALID", "infoHash")
}
