//go:build linux

package main_test

import (
	"strings"
	"testing"

	"github.com/clarion-app/download-manager/internal/testkit/wait"
)

// TestTheFirstStepsOfTheReadme pastes what the README says into a shell: the blocks
// that it marks.
func TestTheFirstStepsOfTheReadme(t *testing.T) {
	t.Parallel()
	s := onSQLite(t)
	delete(s, "ADMIN_TOKEN")
	product := start(t, s)
	film := newSeeder(t, "film.mkv")
	film.Hold()

	newcomer := newReader(t, product, film.MagnetWithPeer())
	var subscription, last *paste
	for _, b := range blocksOf(t, "../../README.md") {
		switch b.mark {
		case "follow":
			subscription = newcomer.follow(b)
		case "run":
			last = newcomer.run(b)
		}
	}
	if subscription == nil || newcomer.pasted < 5 {
		t.Fatalf("the README has %d marked blocks", newcomer.pasted)
	}
	if strings.Count(last.printed(), `"progress":`) != 2 {
		t.Fatalf("the README's last answer does not show two torrents under way:\n%s", last.all())
	}
	film.Release()
	wait.Until(t, patience, "both completions, as the README's subscription prints them", func() bool {
		return strings.Count(subscription.printed(), `{"data":{"torrentCompleted":{"cursor":`) == 2
	})
	if !strings.Contains(subscription.printed(), film.InfoHash()) {
		t.Errorf("of something else:\n%s", subscription.printed())
	}
	newcomer.write("wait\n")
	product.Stop() // which ends the subscription, and so the shell's waiting
	if err := newcomer.leave(); err != nil {
		t.Errorf("the shell: %v", err)
	}
}
