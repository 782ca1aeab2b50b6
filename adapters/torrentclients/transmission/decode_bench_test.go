package transmission

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/clarion-app/download-manager/domain"
)

// answerOf writes the answer of a daemon that holds n magnets, as 3.00 does.
func answerOf(n int) []byte {
	var text strings.Builder
	text.WriteString(`{"arguments":{"torrents":[["hashString","id","name","status","error","errorString","metadataPercentComplete","sizeWhenDone","leftUntilDone","doneDate","rateDownload","rateUpload","eta","peersConnected","uploadRatio"]`)
	for i := range n {
		fmt.Fprintf(&text, `,["%040x",%d,"Some.Torrent.Name.2024.1080p.%d",4,0,"",1,%d,%d,0,1024,0,-1,3,0.2500]`, i, i, i, 5<<30, i)
	}
	text.WriteString(`]},"result":"success"}`)
	return []byte(text.String())
}

func BenchmarkDecode(b *testing.B) {
	answer := answerOf(10_000)
	b.Run("scanner", func(b *testing.B) {
		b.SetBytes(int64(len(answer)))
		for b.Loop() {
			arguments, err := readAnswer(answer)
			if err != nil {
				b.Fatal(err)
			}
			if list, err := readTorrents(arguments, legacy); err != nil || len(list.torrents) != 10_000 {
				b.Fatal(err)
			}
		}
	})
	b.Run("encoding/json into raw messages", func(b *testing.B) {
		b.SetBytes(int64(len(answer)))
		for b.Loop() {
			var whole struct {
				Arguments struct{ Torrents [][]json.RawMessage }
			}
			if err := json.Unmarshal(answer, &whole); err != nil {
				b.Fatal(err)
			}
			for _, row := range whole.Arguments.Torrents[1:] {
				var hash string
				var size int64
				if json.Unmarshal(row[0], &hash) != nil || json.Unmarshal(row[7], &size) != nil {
					b.Fatal("not as written")
				}
			}
		}
	})
	b.Run("encoding/json into any", func(b *testing.B) {
		b.SetBytes(int64(len(answer)))
		for b.Loop() {
			var whole struct {
				Arguments struct{ Torrents [][]any }
			}
			if err := json.Unmarshal(answer, &whole); err != nil {
				b.Fatal(err)
			}
		}
	})
}

// BenchmarkPicture is what comes after the answer to a full list.
func BenchmarkPicture(b *testing.B) {
	answer := answerOf(10_000)
	arguments, err := readAnswer(answer)
	if err != nil {
		b.Fatal(err)
	}
	list, err := readTorrents(arguments, legacy)
	if err != nil {
		b.Fatal(err)
	}
	hashes := make([]domain.InfoHash, len(list.torrents))
	for i := range hashes {
		if hashes[i], err = domain.ParseInfoHash(list.torrents[i].hash); err != nil {
			b.Fatal(err)
		}
	}
	var p picture
	p.take("session", list, time.Now())
	b.Run("take", func(b *testing.B) {
		for b.Loop() {
			p.take("session", list, time.Now())
		}
	})
	b.Run("report", func(b *testing.B) {
		for b.Loop() {
			transfers := make(map[domain.InfoHash]domain.Transfer, len(hashes))
			for _, hash := range hashes {
				if transfer, found := p.of(hash); found {
					transfers[hash] = transfer
				}
			}
		}
	})
}
