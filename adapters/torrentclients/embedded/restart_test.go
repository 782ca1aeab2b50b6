package embedded_test

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/clarion-app/download-manager/domain"
	"github.com/clarion-app/download-manager/internal/testkit/wait"
	"github.com/clarion-app/download-manager/ports"
)

func TestRestart(t *testing.T) {
	t.Parallel()

	t.Run("a finished torrent is finished at once, by nothing but what is saved", func(t *testing.T) {
		t.Parallel()
		dir, torrent := t.TempDir(), singleFile("done", 50, 1<<20)
		client := open(t, dir)
		source := torrent.source(t)
		hash := add(t, client, source.magnet())
		before := untilFinished(t, client, hash)
		closeClient(t, client)
		source.close()
		// Other bytes of the same length: if they were read, they would be noticed.
		must(t, os.WriteFile(filepath.Join(dir, "downloads/done"), make([]byte, 1<<20), 0o600))

		client = open(t, dir)
		settled(t, client)
		after := report(t, client, hash).Transfers[hash]
		if !after.Finished() || after.Name != "done" || !after.FinishedAt.Equal(*before.FinishedAt) || after.BytesWanted != 1<<20 {
			t.Errorf("got %+v", after)
		}
	})

	t.Run("progress is kept when the engine is closed", func(t *testing.T) {
		t.Parallel()
		dir, torrent := t.TempDir(), singleFile("half", 51, 20*pieceLen)
		source := torrent.source(t)
		source.limit.Store(7 * pieceLen)
		client := open(t, dir)
		hash := add(t, client, source.magnet())
		until(t, client, hash, "seven pieces", func(tr domain.Transfer) bool { return tr.MetadataKnown && tr.BytesLeft == 13*pieceLen })
		closeClient(t, client)
		source.close()

		client = open(t, dir)
		settled(t, client)
		if got := report(t, client, hash).Transfers[hash]; got.BytesLeft != 13*pieceLen || got.Phase != domain.PhaseDownloading {
			t.Errorf("got %+v", got)
		}
		rest := listenAgain(t, torrent, source.listener.Addr().String())
		untilFinished(t, client, hash)
		if got := rest.served.Load(); got != 13*pieceLen {
			t.Errorf("asked for %d bytes again", got-13*pieceLen)
		}
	})

	t.Run("a part that was deleted meanwhile is fetched again", func(t *testing.T) {
		t.Parallel()
		dir, torrent := t.TempDir(), singleFile("deleted part", 55, 20*pieceLen)
		source := torrent.source(t)
		source.limit.Store(7 * pieceLen)
		client := open(t, dir)
		hash := add(t, client, source.magnet())
		until(t, client, hash, "seven pieces", func(tr domain.Transfer) bool { return tr.MetadataKnown && tr.BytesLeft == 13*pieceLen })
		closeClient(t, client)
		source.close()
		must(t, os.Remove(filepath.Join(dir, "downloads/deleted part")))

		client = open(t, dir)
		settled(t, client)
		if got := report(t, client, hash).Transfers[hash]; got.BytesLeft != 20*pieceLen {
			t.Errorf("got %+v", got)
		}
		listenAgain(t, torrent, source.listener.Addr().String())
		untilFinished(t, client, hash)
		if !bytes.Equal(read(t, dir, "downloads/deleted part"), torrent.data) {
			t.Error("other bytes on disk")
		}
	})

	t.Run("a kill in the middle loses no piece", func(t *testing.T) {
		t.Parallel()
		const pieces, before = 200, 120
		dir, torrent := t.TempDir(), singleFile("killed", 52, pieces*pieceLen)
		source := torrent.source(t)
		source.limit.Store(before * pieceLen)
		child := startChild(t, dir, source.magnet().String())
		wait.Until(t, patience, "the child to be in the middle", func() bool { return toldLeft(child, pieces*pieceLen) <= (pieces-before/2)*pieceLen })
		child.Kill()
		source.close()
		left := toldLeft(child, pieces*pieceLen)

		again := listenAgain(t, torrent, source.listener.Addr().String())
		client := open(t, dir)
		settled(t, client)
		untilFinished(t, client, source.hash())
		if !bytes.Equal(read(t, dir, "downloads/killed"), torrent.data) {
			t.Error("other bytes on disk")
		}
		if got := again.served.Load(); got > left {
			t.Errorf("asked for %d bytes when %d were left", got, left)
		}
	})

	t.Run("what was added is there after a kill", func(t *testing.T) {
		t.Parallel()
		dir := t.TempDir()
		magnet := parse(t, "magnet:?xt=urn:btih:00000000000000000000000000000000000000bb&dn=remembered")
		child := startChild(t, dir, magnet.String())
		wait.Until(t, patience, "the child to have added it", func() bool { return strings.Contains(child.Output(), "ready") })
		child.Kill()
		client := open(t, dir)
		settled(t, client)
		if got := report(t, client, magnet.InfoHash()).Transfers[magnet.InfoHash()]; got.Name != "remembered" {
			t.Errorf("got %+v", got)
		}
	})

	t.Run("metadata is not fetched again", func(t *testing.T) {
		t.Parallel()
		dir, torrent := t.TempDir(), singleFile("known", 53, 100_000)
		source := torrent.source(t)
		source.limit.Store(0)
		client := open(t, dir)
		hash := add(t, client, source.magnet())
		until(t, client, hash, "the metadata", func(tr domain.Transfer) bool { return tr.MetadataKnown })
		closeClient(t, client)
		source.close()
		client = open(t, dir)
		settled(t, client)
		if got := report(t, client, hash).Transfers[hash]; !got.MetadataKnown || got.BytesLeft != 100_000 {
			t.Errorf("got %+v", got)
		}
	})
}

func TestBrokenState(t *testing.T) {
	t.Parallel()
	for _, ending := range []string{"json", "torrent", "pieces"} {
		for how, damage := range map[string]func([]byte) []byte{
			"empty":     func([]byte) []byte { return nil },
			"truncated": func(b []byte) []byte { return b[:len(b)/2] },
			"garbled":   func(b []byte) []byte { c := bytes.Clone(b); c[len(c)/3] ^= 0x55; c[0] ^= 1; return c },
		} {
			t.Run("a "+ending+" file that is "+how+" costs a check and no data", func(t *testing.T) {
				t.Parallel()
				dir, torrent := t.TempDir(), singleFile("sturdy", 54, 20*pieceLen)
				client := open(t, dir)
				source := torrent.source(t)
				hash := add(t, client, source.magnet())
				untilFinished(t, client, hash)
				other := add(t, client, parse(t, "magnet:?xt=urn:btih:00000000000000000000000000000000000000cc"))
				closeClient(t, client)
				path := filepath.Join(dir, "downloads/.state", hash.String()+"."+ending)
				must(t, os.WriteFile(path, damage(read(t, path)), 0o600))
				served := source.served.Load()

				client = open(t, dir)
				settled(t, client)
				if got := report(t, client, hash, other); len(got.Transfers) != 2 {
					t.Fatalf("got %+v", got)
				}
				untilFinished(t, client, hash)
				if source.served.Load() != served {
					t.Errorf("%d bytes were fetched again", source.served.Load()-served)
				}
			})
		}
	}
}

func TestLock(t *testing.T) {
	t.Parallel()

	t.Run("a folder that another process runs is left alone until that ends", func(t *testing.T) {
		t.Parallel()
		dir := t.TempDir()
		child := startChild(t, dir, "")
		wait.Until(t, patience, "the child to run", func() bool { return strings.Contains(child.Output(), "ready") })
		client := open(t, dir)
		for name, call := range calls(client) {
			if err := call(context.Background()); !errors.Is(err, ports.ErrHeldElsewhere) || domain.KindOf(err) != domain.KindUnavailable {
				t.Errorf("%s: %v", name, err)
			}
		}
		child.Kill()
		if _, err := client.Probe(context.Background()); err != nil {
			t.Error(err)
		}
	})

	t.Run("closing frees the folder for another factory", func(t *testing.T) {
		t.Parallel()
		dir := t.TempDir()
		first, second := open(t, dir), open(t, dir)
		settled(t, first)
		if _, err := second.Probe(context.Background()); !errors.Is(err, ports.ErrHeldElsewhere) {
			t.Errorf("got %v", err)
		}
		closeClient(t, first)
		if _, err := second.Probe(context.Background()); err != nil {
			t.Error(err)
		}
	})
}

func calls(client ports.TorrentClient) map[string]func(context.Context) error {
	hash, _ := domain.ParseInfoHash(strings.Repeat("d", 40))
	magnet, _ := domain.ParseMagnet("magnet:?xt=urn:btih:" + hash.String())
	return map[string]func(context.Context) error{
		"probe":     func(ctx context.Context) error { _, err := client.Probe(ctx); return err },
		"transfers": func(ctx context.Context) error { _, err := client.Transfers(ctx, nil); return err },
		"add": func(ctx context.Context) error {
			_, err := client.Add(ctx, domain.Handover{Magnet: magnet})
			return err
		},
		"remove":  func(ctx context.Context) error { return client.Remove(ctx, []domain.InfoHash{hash}, true) },
		"of none": func(ctx context.Context) error { return client.Remove(ctx, nil, true) },
	}
}
