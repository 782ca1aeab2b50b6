package transmission

import (
	"strings"
	"testing"
)

// FuzzAnswer holds the reading of answers against encoding/json: what we take
// for an answer is one, and nothing makes us panic.
func FuzzAnswer(f *testing.F) {
	for _, seed := range []string{
		`{"arguments":` + row(6, 0, 0, 1, 5) + `,"result":"success"}`,
		`{"arguments":` + row(4, 3, 10, 0.25, 0) + `,"result":"success","tag":4}`,
		`{"jsonrpc":"2.0","result":{"torrents":[["hash_string","size_when_done","left_until_done"],["a",1e3,-0]],"removed":[1,2]},"id":1}`,
		`{"jsonrpc":"2.0","error":{"code":4,"message":"unrecognized info","data":{"error_string":"x"}},"id":1}`,
		`{"result":"no method name","arguments":0}`,
		`{"result":"success","arguments":{"torrents":[{"hashString":"` + strings.Repeat("a", 40) + `","sizeWhenDone":1,"leftUntilDone":0,` +
			`"labels":["films","x"],"magnetLink":"magnet:?xt=urn:btih:","addedDate":5,"downloadDir":"/d"}]}}`,
		`{"result":"success","arguments":{"torrents":[{"hashString":"\ud83c\udf49","sizeWhenDone":1.5,"leftUntilDone":0}]}}`,
		`{"result":"succ\u0065ss","arguments":{"torrents":[]}}`,
		`{"result":"\`, `{"a":"b`, `[]`, `{"result":"success","arguments":{"torrents":[[]],"x":[}]}}`, "{\"\xff\":1}",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		arguments, err := readAnswer(body)
		if err != nil || len(arguments) == 0 {
			return
		}
		for _, d := range []*dialect{legacy, jsonRPC} {
			list, err := readTorrents(arguments, d)
			if err != nil {
				continue
			}
			for i := range list.torrents {
				if held, ok := list.torrents[i].held(); ok && held.Magnet.InfoHash() != held.InfoHash {
					t.Fatalf("%+v", held)
				}
				if transfer := list.torrents[i].transfer(); transfer.BytesLeft < 0 || transfer.BytesWanted < 0 {
					t.Fatalf("%+v", transfer)
				}
			}
		}
	})
}
