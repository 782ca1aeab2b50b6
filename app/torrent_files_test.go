package app_test

import (
	"bytes"
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/google/uuid"

	"github.com/clarion-app/download-manager/adapters/memory"
	"github.com/clarion-app/download-manager/app"
	"github.com/clarion-app/download-manager/domain"
	"github.com/clarion-app/download-manager/ports"
)

// torrentFile is a .torrent file of the nth film, of about that many bytes.
func torrentFile(n, size int) []byte {
	pieces := max(size/20, 1)
	return fmt.Appendf(nil, "d8:announce9:udp://a:14:infod6:lengthi%de4:name%d:film %03d12:piece lengthi16384e6:pieces%d:%see",
		pieces*16384, len("film 000"), n, pieces*20, strings.Repeat("x", pieces*20))
}

func parsedFile(t *testing.T, content []byte) domain.Metainfo {
	t.Helper()
	metainfo, err := domain.ParseMetainfo(content)
	if err != nil {
		t.Fatal(err)
	}
	return metainfo
}

// withWeb is a house with a server and a web to fetch from.
func withWeb(t *testing.T) (*house, *memory.TorrentFetcher, *domain.Server) {
	t.Helper()
	h, web := newHouse(t), memory.NewTorrentFetcher()
	h.torrents.Fetcher = web
	return h, web, h.server(t, "a")
}

func TestAddTorrentFiles(t *testing.T) {
	t.Parallel()
	content := torrentFile(1, 1000)
	metainfo := parsedFile(t, content)

	t.Run("a file becomes a torrent with a magnet and a name, and is handed over", func(t *testing.T) {
		t.Parallel()
		h, _, server := withWeb(t)
		torrent, err := h.torrents.Add(t.Context(), admin(), app.AddTorrent{File: append(content, "\r\n"...), Name: "not this"})
		if err != nil || torrent.MagnetURI.String() != metainfo.Magnet().String() || torrent.Name != "film 001" {
			t.Fatal(torrent, err)
		}
		if done := h.check(t)[server.ID]; done.HandedOver != 1 {
			t.Fatal(done)
		}
		daemon := h.clients.Daemon(server.ID)
		if got := daemon.Metainfo(metainfo.InfoHash()); !bytes.Equal(got, content) {
			t.Errorf("the client was given %q", got)
		}
		daemon.Finish(metainfo.InfoHash())
		h.check(t)
		if got := h.completions(t); len(got) != 1 || got[0].TorrentID != torrent.ID {
			t.Error(got)
		}
	})
	t.Run("a client that takes no files is given the magnet", func(t *testing.T) {
		t.Parallel()
		h, _, server := withWeb(t)
		h.clients.Lack(domain.CapabilityTorrentFiles)
		if _, err := h.torrents.Add(t.Context(), admin(), app.AddTorrent{File: content}); err != nil {
			t.Fatal(err)
		}
		h.store.ResetCalls()
		if done := h.check(t)[server.ID]; done.HandedOver != 1 || h.clients.Daemon(server.ID).Metainfo(metainfo.InfoHash()) != nil {
			t.Error(done)
		}
		if calls := h.store.Calls(); calls["MetainfoRepository.Sizes"]+calls["MetainfoRepository.Contents"] > 0 {
			t.Error("files are read for nothing")
		}
	})
	t.Run("it is handed over again: by another server, and when it is marked incomplete", func(t *testing.T) {
		t.Parallel()
		h, _, a := withWeb(t)
		b := h.server(t, "b")
		torrent, err := h.torrents.Add(t.Context(), admin(), app.AddTorrent{File: content, ServerID: &a.ID})
		if err != nil {
			t.Fatal(err)
		}
		h.check(t)
		if _, err := h.torrents.Update(t.Context(), admin(), torrent.ID, app.UpdateTorrent{ServerID: app.Some(b.ID)}); err != nil {
			t.Fatal(err)
		}
		for range 2 {
			h.check(t)
			daemon := h.clients.Daemon(b.ID)
			if !bytes.Equal(daemon.Metainfo(metainfo.InfoHash()), content) {
				t.Fatal("the file did not come with it")
			}
			daemon.Finish(metainfo.InfoHash())
			h.check(t)
			daemon.RemoveByHand(metainfo.InfoHash())
			if _, err := h.torrents.MarkIncomplete(t.Context(), admin(), torrent.ID); err != nil {
				t.Fatal(err)
			}
		}
	})
	t.Run("which of its files are wanted goes along", func(t *testing.T) {
		t.Parallel()
		h, _, server := withWeb(t)
		if _, err := h.torrents.Add(t.Context(), admin(), app.AddTorrent{File: content, Unwanted: []int{0}}); err != nil {
			t.Fatal(err)
		}
		h.check(t)
		daemon := h.clients.Daemon(server.ID)
		if got, _ := daemon.Settings(metainfo.InfoHash()); got.Unwanted == nil || len(*got.Unwanted) != 1 {
			t.Errorf("the client was told %+v", got)
		}
		if n := daemon.Requests().Inside; n > 0 {
			t.Errorf("it was told in %d requests more", n)
		}
	})
	t.Run("exactly one thing to download is wanted, and errors name what is wrong", func(t *testing.T) {
		t.Parallel()
		h, web, _ := withWeb(t)
		web.Serve("http://x/page", []byte("<html>"))
		web.Serve("http://x/ok", content)
		web.Redirect("http://x/magnet", "magnet:?xt=urn:btih:nonsense")
		web.Fail("http://x/away", &domain.Error{Kind: domain.KindUnavailable, Field: "url", Message: "does not answer"})
		for _, one := range []struct {
			input app.AddTorrent
			kind  domain.Kind
			field string
		}{
			{app.AddTorrent{}, domain.KindInvalid, "magnetURI"},
			{app.AddTorrent{MagnetURI: magnet(1), File: content}, domain.KindInvalid, "file"},
			{app.AddTorrent{MagnetURI: magnet(1), URL: "http://x/ok"}, domain.KindInvalid, "url"},
			{app.AddTorrent{File: content, URL: "http://x/ok"}, domain.KindInvalid, "url"},
			{app.AddTorrent{File: []byte{}}, domain.KindInvalid, "file"},
			{app.AddTorrent{File: []byte("<html>")}, domain.KindInvalid, "file"},
			{app.AddTorrent{File: torrentFile(1, domain.MaxMetainfoBytes+1)}, domain.KindInvalid, "file"},
			{app.AddTorrent{URL: "ftp://x"}, domain.KindInvalid, "url"},
			{app.AddTorrent{URL: "http://x/" + strings.Repeat("x", domain.MaxURLLength)}, domain.KindInvalid, "url"},
			{app.AddTorrent{URL: "http://x/nothing"}, domain.KindInvalid, "url"},
			{app.AddTorrent{URL: "http://x/page"}, domain.KindInvalid, "url"},
			{app.AddTorrent{URL: "http://x/magnet"}, domain.KindInvalid, "url"},
			{app.AddTorrent{URL: "http://x/away"}, domain.KindUnavailable, "url"},
		} {
			_, err := h.torrents.Add(t.Context(), admin(), one.input)
			wantKind(t, err, one.kind, one.field)
		}
		h.torrents.Fetcher = nil
		_, err := h.torrents.Add(t.Context(), admin(), app.AddTorrent{URL: "http://x/ok"})
		wantKind(t, err, domain.KindInvalid, "url")
		if n := len(h.logged(t)); n != 0 {
			t.Errorf("%d events", n)
		}
	})
	t.Run("what is at a URL is a file or leads to a magnet", func(t *testing.T) {
		t.Parallel()
		h, web, server := withWeb(t)
		web.Serve("http://x/file", content)
		web.Redirect("http://x/magnet", magnet(7))
		for url, want := range map[string]string{"http://x/file": metainfo.Magnet().String(), "http://x/magnet": magnet(7)} {
			torrent, err := h.torrents.Add(t.Context(), admin(), app.AddTorrent{URL: url})
			if err != nil || torrent.MagnetURI.String() != want {
				t.Error(torrent, err)
			}
		}
		h.check(t)
		if !bytes.Equal(h.clients.Daemon(server.ID).Metainfo(metainfo.InfoHash()), content) {
			t.Error("the client was not given the file")
		}
	})
	t.Run("no storage is held while a URL is asked", func(t *testing.T) {
		t.Parallel()
		h, web, _ := withWeb(t)
		web.Serve("http://x/file", content)
		h.store.ResetCalls()
		h.torrents.Fetcher = fetcherFunc(func(ctx context.Context, url string) (fetched, error) {
			if len(h.store.Calls()) > 0 {
				t.Errorf("storage was asked before: %v", h.store.Calls())
			}
			return web.Fetch(ctx, url)
		})
		if _, err := h.torrents.Add(t.Context(), admin(), app.AddTorrent{URL: "http://x/file"}); err != nil {
			t.Fatal(err)
		}
	})
}

func TestIdempotencyKeysOfFiles(t *testing.T) {
	t.Parallel()
	h, web, _ := withWeb(t)
	web.Serve("http://x/1", torrentFile(1, 100))
	web.Serve("http://x/2", torrentFile(1, 100))
	keyed := func(input app.AddTorrent, key string) app.AddTorrent {
		input.IdempotencyKey = &key
		return input
	}
	for key, one := range map[string]struct {
		first, other app.AddTorrent
		field        string
	}{
		"file": {app.AddTorrent{File: torrentFile(1, 100)}, app.AddTorrent{File: torrentFile(2, 100)}, "file"},
		"url":  {app.AddTorrent{URL: "http://x/1"}, app.AddTorrent{URL: "http://x/2"}, "url"},
		"both": {app.AddTorrent{URL: "http://x/1"}, app.AddTorrent{File: torrentFile(1, 100)}, "file"},
	} {
		first, err := h.torrents.Add(t.Context(), admin(), keyed(one.first, key))
		if err != nil {
			t.Fatal(err)
		}
		asked := web.Asked()
		again, err := h.torrents.Add(t.Context(), admin(), keyed(one.first, key))
		if err != nil || again.ID != first.ID {
			t.Errorf("%s: got %v, %v", key, again, err)
		}
		_, err = h.torrents.Add(t.Context(), admin(), keyed(one.other, key))
		wantKind(t, err, domain.KindConflict, one.field)
		if web.Asked() != asked {
			t.Errorf("%s: an address was asked again", key)
		}
	}
	t.Run("blanks around a magnet make it no other", func(t *testing.T) {
		for range 2 {
			if _, err := h.torrents.Add(t.Context(), admin(), keyed(app.AddTorrent{MagnetURI: " " + magnet(9) + " "}, "blank")); err != nil {
				t.Error(err)
			}
		}
	})
}

func TestAddManyFiles(t *testing.T) {
	t.Parallel()
	h, web, server := withWeb(t)
	var inputs []app.AddTorrent
	for i := range 60 {
		url := fmt.Sprint("http://x/", i)
		switch i % 3 {
		case 0:
			inputs = append(inputs, app.AddTorrent{File: torrentFile(i, 100)})
		case 1:
			inputs = append(inputs, app.AddTorrent{URL: url})
			web.Serve(url, torrentFile(i, 100))
		case 2:
			inputs = append(inputs, app.AddTorrent{MagnetURI: magnet(i)})
		}
	}
	inputs[3].File, inputs[4].URL = []byte("x"), "http://x/none"
	for _, dryRun := range []bool{true, false} {
		results, err := h.torrents.AddAll(t.Context(), admin(), inputs, dryRun)
		if err != nil {
			t.Fatal(err)
		}
		for i, r := range results {
			if (r.Err != nil) != (i == 3 || i == 4) {
				t.Errorf("%d: %v", i, r.Err)
			}
			if r.Torrent == nil {
				continue
			}
			if content, _ := r.Torrent.TakeMetainfo(); content != nil {
				t.Errorf("%d: the file is held", i)
			}
		}
	}
	if n := len(h.logged(t)); n != 58 {
		t.Errorf("%d events", n)
	}
	h.store.ResetCalls()
	if done := h.check(t)[server.ID]; done.HandedOver != 58 {
		t.Error(done)
	}
	if calls := h.store.Calls(); calls["MetainfoRepository.Sizes"] != 1 || calls["MetainfoRepository.Contents"] != 1 {
		t.Errorf("files were read in %v", calls)
	}
	for i := range inputs {
		metainfo := parsedFile(t, torrentFile(i, 100))
		if got := h.clients.Daemon(server.ID).Metainfo(metainfo.InfoHash()); (got != nil) != (i%3 < 2 && i != 3 && i != 4) {
			t.Errorf("%d: the client was given %d bytes", i, len(got))
		}
	}
}

func TestHandingOverLargeFiles(t *testing.T) {
	t.Parallel()
	h, _, server := withWeb(t)
	const size = 7 << 20 // two of them fit
	var dropped uuid.UUID
	for i := range 5 {
		torrent, err := h.torrents.Add(t.Context(), admin(), app.AddTorrent{File: torrentFile(i, size)})
		if err != nil {
			t.Fatal(err)
		}
		if i == 1 {
			dropped = torrent.ID
		}
	}
	metainfos := &forgetful{MetainfoRepository: h.store.Metainfos(), id: dropped}
	h.checks.Metainfos = metainfos
	if done := h.check(t)[server.ID]; done.HandedOver != 5 {
		t.Error(done)
	}
	for i := range 5 {
		metainfo := parsedFile(t, torrentFile(i, size))
		if got := h.clients.Daemon(server.ID).Metainfo(metainfo.InfoHash()); (got != nil) != (i != 1) {
			t.Errorf("%d: the client was given %d bytes", i, len(got))
		}
	}
	if metainfos.most > 16<<20 || metainfos.reads != 3 {
		t.Errorf("%d reads of at most %d bytes", metainfos.reads, metainfos.most)
	}
}

// fetched is short for what a fetcher gives.
type fetched = ports.FetchedTorrent

type fetcherFunc func(ctx context.Context, url string) (fetched, error)

// Fetch implements ports.TorrentFetcher.
func (f fetcherFunc) Fetch(ctx context.Context, url string) (fetched, error) { return f(ctx, url) }

// forgetful is storage from which one file was dropped after the sizes were read.
type forgetful struct {
	ports.MetainfoRepository
	id uuid.UUID

	reads, most int
}

func (f *forgetful) Contents(ctx context.Context, ids []uuid.UUID) (map[uuid.UUID][]byte, error) {
	contents, err := f.MetainfoRepository.Contents(ctx, ids)
	bytes := 0
	for _, content := range contents {
		bytes += len(content)
	}
	f.reads, f.most = f.reads+1, max(f.most, bytes)
	delete(contents, f.id)
	return contents, err
}
