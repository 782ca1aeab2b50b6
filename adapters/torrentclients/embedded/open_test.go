package embedded_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/clarion-app/download-manager/adapters/torrentclients/embedded"
	"github.com/clarion-app/download-manager/domain"
)

func TestOpen(t *testing.T) {
	t.Parallel()

	t.Run("opening starts and writes nothing", func(t *testing.T) {
		t.Parallel()
		dir := filepath.Join(t.TempDir(), "data")
		client := open(t, dir)
		closeClient(t, client)
		if exists(dir) {
			t.Error("something was written")
		}
	})

	t.Run("an address that is not the name of a folder is refused", func(t *testing.T) {
		t.Parallel()
		dir, outside := t.TempDir(), t.TempDir()
		must(t, os.Symlink(outside, filepath.Join(dir, "link")))
		must(t, os.WriteFile(filepath.Join(dir, "file"), nil, 0o600))
		factory := embedded.New(config(dir))
		for _, address := range []string{
			"", ".", "..", "/", "../x", "a/b", "a/../..", `a\b`, "/etc", outside, filepath.Join(dir, "inside"), ".state", ".hidden",
			"a\x00b", "a\nb", "C:", "link", "file", "http://localhost:9091", strings.Repeat("x", 300),
		} {
			_, err := factory.Open(domain.Server{Address: address, Type: embedded.Type})
			if domain.KindOf(err) != domain.KindInvalid || domain.Errors(err)[0].Field != "address" {
				t.Errorf("%q: %v", address, err)
			}
		}
	})

	t.Run("a link that is planted after opening is not followed", func(t *testing.T) {
		t.Parallel()
		dir, outside := t.TempDir(), t.TempDir()
		client := open(t, dir)
		must(t, os.Symlink(outside, filepath.Join(dir, "downloads")))
		if _, err := client.Probe(context.Background()); domain.KindOf(err) != domain.KindUnavailable || err == nil {
			t.Errorf("got %v", err)
		}
		if exists(outside, ".state") {
			t.Error("it was followed")
		}
	})

	t.Run("a closed client answers with an error", func(t *testing.T) {
		t.Parallel()
		client := open(t, t.TempDir())
		settled(t, client)
		closeClient(t, client)
		for name, call := range calls(client) {
			if err := call(context.Background()); domain.KindOf(err) != domain.KindUnavailable || err == nil {
				t.Errorf("%s: %v", name, err)
			}
		}
	})

	t.Run("two servers of one folder share the engine until both are closed", func(t *testing.T) {
		t.Parallel()
		factory := embedded.New(config(t.TempDir()))
		server := domain.Server{Address: "downloads", Type: embedded.Type}
		first, err := factory.Open(server)
		must(t, err)
		second, err := factory.Open(server)
		must(t, err)
		hash := add(t, first, idleMagnet(t, 1))
		settled(t, second)
		closeClient(t, first)
		if len(report(t, second, hash).Transfers) != 1 {
			t.Error("it is not there")
		}
		closeClient(t, second)
	})

	t.Run("folders of one process have torrents of their own", func(t *testing.T) {
		t.Parallel()
		config := config(t.TempDir())
		first, second := openWith(t, config, "one"), openWith(t, config, "two")
		hash := add(t, first, idleMagnet(t, 2))
		if len(report(t, second, hash).Transfers) != 0 {
			t.Error("it is there")
		}
	})

	t.Run("a peer port in use is no obstacle", func(t *testing.T) {
		t.Parallel()
		first := open(t, t.TempDir())
		settled(t, first)
		config := config(t.TempDir())
		config.PeerPort = embedded.PeerPortOf(first)
		second := openWith(t, config, "downloads")
		if _, err := second.Probe(context.Background()); err != nil || embedded.PeerPortOf(second) == config.PeerPort {
			t.Errorf("port %d, %v", embedded.PeerPortOf(second), err)
		}
	})

	t.Run("a data directory that cannot be made is told", func(t *testing.T) {
		t.Parallel()
		file := filepath.Join(t.TempDir(), "file")
		must(t, os.WriteFile(file, nil, 0o600))
		client := openWith(t, config(filepath.Join(file, "data")), "downloads")
		if _, err := client.Probe(context.Background()); domain.KindOf(err) != domain.KindUnavailable || err == nil {
			t.Errorf("got %v", err)
		}
	})

	t.Run("a call whose context has ended does nothing", func(t *testing.T) {
		t.Parallel()
		client := open(t, t.TempDir())
		settled(t, client)
		ctx, cancel := context.WithCancel(context.Background())
		cancel()
		if _, err := client.Add(ctx, domain.Handover{Magnet: idleMagnet(t, 3)}); !errors.Is(err, context.Canceled) {
			t.Errorf("got %v", err)
		}
	})
}
