//go:build linux

package main_test

import (
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"

	"github.com/clarion-app/download-manager/internal/testkit/process"
	"github.com/clarion-app/download-manager/internal/testkit/seeder"
	"github.com/clarion-app/download-manager/internal/testkit/wait"
)

// user are the settings of somebody who uses a running product.
func (i *instance) user() settings { return settings{"URL": i.url, "TOKEN": adminToken} }

func TestTorrentCommands(t *testing.T) {
	t.Parallel()
	product := start(t, onSQLite(t))
	me := product.user()
	address, err := url.Parse(product.url)
	if err != nil {
		t.Fatal(err)
	}
	source := seeder.New(t, "the content", seeder.Payload(77, 40*pieceLength), pieceLength)
	source.Offer(20)

	said, err := tool(t, me, "torrent", "add", source.MagnetWithPeer())
	if err != nil || !regexp.MustCompile(`^[0-9a-f-]{36} the content\n$`).MatchString(said) {
		t.Fatalf("add said %q, %v", said, err)
	}
	id, _, _ := strings.Cut(said, " ")
	if said, err = tool(t, me, "torrent", "list"); err != nil || !strings.Contains(said, id) || !strings.Contains(said, "downloading") {
		t.Fatalf("list said %q, %v", said, err)
	}

	screen := openTerminal(t)
	watching := command(t, me, "torrent", "watch", id)
	watching.Stdout = screen.inside
	onScreen := process.Start(t, watching)
	piped := process.Start(t, command(t, me, "torrent", "watch", source.InfoHash()))
	wait.Until(t, patience, "half of it to be shown", func() bool {
		return strings.Contains(screen.output(), "50.0 %") && strings.Contains(piped.Output(), "the content: 50 %")
	})
	if !strings.Contains(screen.output(), "[") || strings.Contains(screen.output(), "100 %") {
		t.Errorf("the screen shows %q", screen.output())
	}

	// The product goes away and comes back; who watches does not notice.
	product.Signal(syscall.SIGTERM)
	if err := product.Wait(); err != nil {
		t.Fatal(err)
	}
	product.settings["ADDR"] = address.Host
	product = product.restart(t)
	source.Offer(40)
	for _, watcher := range []*process.Process{onScreen, piped} {
		if err := watcher.Wait(); err != nil {
			t.Errorf("a watch ended with %v", err)
		}
	}
	wait.Until(t, patience, "the screen to show the end", func() bool { return strings.Contains(screen.output(), "100 %") })
	if !strings.HasSuffix(piped.Output(), "the content: completed") {
		t.Errorf("the lines say %q", piped.Output())
	}

	if said, err = tool(t, me, "torrent", "list", "--status", "completed", "--json"); err != nil || !strings.Contains(said, `"status":"COMPLETED"`) {
		t.Errorf("list said %q, %v", said, err)
	}
	server := product.embeddedServer(t)
	for _, c := range []struct {
		args []string
		want string
	}{
		{[]string{"adopt", server}, "0 adopted (0 of them complete), 1 known already\n"},
		{[]string{"pause", id}, "paused the content\n"},
		{[]string{"resume", id}, "resumed the content\n"},
		{[]string{"verify", source.InfoHash()}, "verifying the content\n"},
	} {
		if said, err = tool(t, me, append([]string{"torrent"}, c.args...)...); err != nil || said != c.want {
			t.Errorf("%q said %q, %v", c.args, said, err)
		}
	}
	twice, err := tool(t, me, "torrent", "add", source.Magnet())
	if err != nil {
		t.Fatal(err)
	}
	second, _, _ := strings.Cut(twice, " ")
	if _, err = tool(t, me, "torrent", "remove", source.InfoHash()); err == nil || !strings.Contains(err.Error(), id) || !strings.Contains(err.Error(), second) {
		t.Errorf("an infohash of two torrents: %v", err)
	}
	if _, err = tool(t, me, "torrent", "remove", second); err != nil {
		t.Error(err)
	}
	torrentFile := filepath.Join(t.TempDir(), "other.torrent")
	other := seeder.New(t, "another one", seeder.Payload(78, pieceLength), pieceLength)
	if err := os.WriteFile(torrentFile, other.Metainfo(), 0o600); err != nil {
		t.Fatal(err)
	}
	if said, err = tool(t, me, "torrent", "add", "--paused", "--label", "films", torrentFile); err != nil || !strings.HasSuffix(said, " another one\n") {
		t.Errorf("add said %q, %v", said, err)
	}
	if said, err = tool(t, me, "torrent", "list", "--label", "films"); err != nil || strings.Count(said, "\n") != 2 || !strings.Contains(said, "another one") {
		t.Errorf("list said %q, %v", said, err)
	}

	if said, err = tool(t, me, "torrent", "remove", "--delete-data", id); err != nil || said != "removed the content\n" {
		t.Errorf("remove said %q, %v", said, err)
	}
	gone := filepath.Join(product.settings["DATA_DIR"], "downloads", "the content")
	wait.Until(t, patience, "the data to be gone", func() bool { return exec.Command("test", "!", "-e", gone).Run() == nil })
}

func TestTorrentCommandsTellWhatIsWrong(t *testing.T) {
	t.Parallel()
	product := start(t, onSQLite(t))
	me, stranger, nowhere := product.user(), product.user(), product.user()
	stranger["TOKEN"] = "wrong"
	nowhere["URL"] = "http://127.0.0.1:1"
	for _, c := range []struct {
		who  settings
		args []string
		want string
	}{
		{stranger, []string{"list"}, "revoked token"},
		{nowhere, []string{"list"}, "connection refused"},
		{settings{"URL": "ftp://x"}, []string{"list"}, "must be an address like"},
		{me, []string{"add", "/nowhere/at.torrent"}, "no such file"},
		{me, []string{"add", "magnet:?xt=urn:btih:short"}, "magnetURI"},
		{me, []string{"remove", "what"}, "neither an id nor an infohash"},
		{me, []string{"remove", strings.Repeat("0", 40)}, "there is no torrent of infohash"},
		{me, []string{"remove", "00000000-0000-4000-8000-000000000000"}, "no torrent 00000000"},
		{me, []string{"watch", "00000000-0000-4000-8000-000000000000"}, "no torrent 00000000"},
		{me, []string{"list", "--limit=-1"}, "must not be negative"},
		{me, []string{"list", "--status", "lost"}, "status"},
	} {
		if _, err := tool(t, c.who, append([]string{"torrent"}, c.args...)...); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%q: %v; want %q", c.args, err, c.want)
		}
	}
}
