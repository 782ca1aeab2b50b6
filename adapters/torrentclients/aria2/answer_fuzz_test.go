package aria2

import (
	"testing"

	"github.com/clarion-app/download-manager/internal/jsonscan"
)

// FuzzLook holds the reading of the lists against encoding/json: what we take for an
// answer is one, and nothing makes us panic.
func FuzzLook(f *testing.F) {
	lists := `[[[` + row("a000000000000000", "active", 5, 10, theName) + `]],[[]],[[` + row("b000000000000000", "error", 0, 0, nameless, failure(12, "x")) + `]]]`
	for _, seed := range []string{
		`{"id":"1","jsonrpc":"2.0","result":` + lists + `}`,
		`{"result":[[[]],[[]],[[]]]}`,
		`{"result":[{"code":1,"message":"Unauthorized"},[[]],[[]]]}`,
		`{"id":"1","jsonrpc":"2.0","error":{"code":1,"message":"Unauthorized"}}`,
		`{"error":{"message":"\ud83c\udf49"}}`, `{"error":5}`, `{"result":5}`, `{"result":[[[{"gid":"\`, `{"a":"b`, `[]`, "{\"\xff\":1}",
		`{"result":[[[{"gid":"a","status":"active","infoHash":"a","totalLength":"1e3"}]]]}`,
		`{"result":[[[{"gid":"a","status":"paused","infoHash":"a","bittorrent":{"info":{"name":"\u0000"},"announceList":[["a"]]}}]]]}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		var all []download
		no, err := readAnswer(body, func(s *jsonscan.Scanner) error {
			return readReplies(s, func(int) error { return readDownloads(s, &all) }, func(int, *refusal) {})
		})
		if err != nil {
			return
		}
		if no != nil && no.message == "" {
			t.Fatal("a refusal without a text")
		}
		list := newListing(all)
		for _, i := range list.held {
			d := &list.all[i]
			if transfer := d.transfer(parse(t, aHash)); transfer.BytesLeft < 0 || transfer.BytesLeft > transfer.BytesWanted {
				t.Fatalf("%+v", transfer)
			}
			_ = d.magnet(parse(t, aHash))
		}
	})
}

// FuzzFiles holds the reading of files to give none without a name and a place.
func FuzzFiles(f *testing.F) {
	f.Add([]byte(`[{"completedLength":"0","index":"1","length":"5","path":"\/tmp\/a","selected":"true","uris":[{"status":"used"}]}]`))
	f.Add([]byte(`[{"index":"0","path":"a"}]`))
	f.Add([]byte(`[{"index":"1","path":"a","length":"-3","completedLength":"9223372036854775807"}]`))
	f.Add([]byte(`[{}]`))
	f.Fuzz(func(t *testing.T, result []byte) {
		files, err := readFiles(result, "/tmp")
		for _, file := range files {
			if err == nil && (file.Index < 0 || file.Size < 0 || file.BytesDone < 0) {
				t.Fatalf("%+v", file)
			}
		}
	})
}
