//go:build linux

package main_test

import (
	"fmt"
	"go/format"
	"testing"

	"github.com/clarion-app/download-manager/internal/testkit/wait"
)

// TestTheGuideToGraphQL runs every example of docs/graphql.md, in order and as it
// stands, and compares what it prints with the answers below it. There are films that
// have completed, and one that is half way.
func TestTheGuideToGraphQL(t *testing.T) {
	t.Parallel()
	product := start(t, onSQLite(t))
	for n, name := range []string{"Big Buck Bunny", "Elephants Dream", "Tears of Steel"} {
		added := product.add(t, magnet(n))
		product.hasState(t, added.ID, "DOWNLOADING", "") // so that the client holds it for certain
		product.change(t, added, map[string]string{"name": name, "completed_at": fmt.Sprintf("2026-01-%02d 03:04:05", n+1)})
	}
	film := newSeeder(t, "Sintel")
	film.Offer(payloadSize / pieceLength / 2)

	r := newReader(t, product, film.MagnetWithPeer()+"&dn=Sintel")
	for file, name := range map[string]string{"film.torrent": "Cosmos Laundromat", "album.torrent": "Caminandes"} {
		r.saveBytes(file, newSeeder(t, name).Metainfo())
	}
	var last *paste
	answered := true
	for _, b := range blocksOf(t, "../../docs/graphql.md") {
		if !answered && b.mark != "answers" {
			t.Fatalf("nothing says what the block at line %d should print; it prints\n%s", last.line, last.all())
		}
		switch b.mark {
		case "run":
			last = r.run(b)
			answered = last.printed() == ""
		case "follow":
			last, answered = r.follow(b), false
		case "answers":
			r.compare(last, b)
			answered = true
		case "":
			if b.language == "sh" || b.language == "js" || b.language == "go" {
				t.Errorf("the block at line %d is not marked", b.line)
			}
		}
		if text, err := format.Source([]byte(b.text + "\n")); b.language == "go" && (err != nil || string(text) != b.text+"\n") {
			t.Errorf("the block at line %d is not formatted: %v", b.line, err)
		}
	}
	if r.pasted < 20 {
		t.Errorf("%d examples were run; there are more", r.pasted)
	}
}

// compare fails the test unless a block printed the answers. One that goes on is
// given the time to, and then ended.
func (r *reader) compare(p *paste, answers block) {
	r.t.Helper()
	var err error
	if p.mark == "follow" {
		if !wait.Poll(limited(r.t), func() bool {
			err = fits(answers, p.printed(), true)
			return err == nil
		}) {
			err = fmt.Errorf("%w, after %v", err, patience)
		}
		p.end()
	} else {
		err = fits(answers, p.printed(), false)
	}
	if err != nil {
		r.t.Errorf("the block at line %d: %v; it prints\n%s", p.line, err, p.all())
	}
}
