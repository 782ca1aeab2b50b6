package rest_test

import (
	"bytes"
	"fmt"
	"mime/multipart"
	"strings"
	"testing"

	"github.com/clarion-app/download-manager/adapters/memory"
	"github.com/clarion-app/download-manager/adapters/rest"
	"github.com/clarion-app/download-manager/domain"
)

// torrentFile is a .torrent file of the nth film, of about that many bytes.
func torrentFile(n, size int) string {
	pieces := max(size/20, 1)
	return fmt.Sprintf("d4:infod6:lengthi%de4:name%d:film %d12:piece lengthi16384e6:pieces%d:%see",
		pieces*16384, len(fmt.Sprint("film ", n)), n, pieces*20, strings.Repeat("x", pieces*20))
}

// aForm is a form of names and values; a name that begins with @ is a file's. It returns
// the headers to send it with.
func aForm(t *testing.T, pairs ...string) (body string, headers []string) {
	t.Helper()
	var text bytes.Buffer
	w := multipart.NewWriter(&text)
	for i := 0; i+1 < len(pairs); i += 2 {
		if name, isFile := strings.CutPrefix(pairs[i], "@"); isFile {
			part, err := w.CreateFormFile(name, "a.torrent")
			if err != nil {
				t.Fatal(err)
			}
			_, _ = part.Write([]byte(pairs[i+1]))
		} else {
			_ = w.WriteField(name, pairs[i+1])
		}
	}
	_ = w.Close() // to memory
	return text.String(), []string{"Content-Type", w.FormDataContentType()}
}

func TestTorrentFiles(t *testing.T) {
	t.Parallel()

	t.Run("a file is a torrent with a magnet and a name", func(t *testing.T) {
		t.Parallel()
		w, server := withServer(t)
		for _, size := range []int{100, 9 << 20} {
			content := torrentFile(size, size)
			metainfo, err := domain.ParseMetainfo([]byte(content))
			if err != nil {
				t.Fatal(err)
			}
			body, headers := aForm(t, "@torrent", content, "server_id", server, "name", "not this")
			row := w.do("POST", "/torrents", body, headers...).want(201).row()
			if row["magnetURI"] != metainfo.Magnet().String() || row["name"] != metainfo.Name() || row["server_id"] != server {
				t.Errorf("%v", row)
			}
		}
	})
	t.Run("a form without a file is as before", func(t *testing.T) {
		t.Parallel()
		w, _ := withServer(t)
		body, headers := aForm(t, "magnetURI", cosmos, "torrent", "no file", "@other", "x")
		if row := w.do("POST", "/torrents", body, headers...).want(201).row(); row["magnetURI"] != cosmos {
			t.Error(row)
		}
		w.do("POST", "/torrents", fields("magnetURI", cosmos, "torrent", "no file")).want(201)
	})
	t.Run("what is wrong is told under its field", func(t *testing.T) {
		t.Parallel()
		w, _ := withServer(t)
		for name, one := range map[string]struct {
			pairs []string
			field string
		}{
			"no torrent":        {[]string{"@torrent", "<!DOCTYPE html>"}, "torrent"},
			"an empty file":     {[]string{"@torrent", ""}, "torrent"},
			"too large a file":  {[]string{"@torrent", torrentFile(1, domain.MaxMetainfoBytes)}, "torrent"},
			"two files":         {[]string{"@torrent", torrentFile(1, 20), "@torrent", torrentFile(2, 20)}, "torrent"},
			"a magnet beside":   {[]string{"@torrent", torrentFile(1, 20), "magnetURI", cosmos}, "torrent"},
			"a url beside":      {[]string{"@torrent", torrentFile(1, 20), "url", "http://x"}, "url"},
			"another file only": {[]string{"@file", torrentFile(1, 20)}, "magnetURI"},
			"a bad server":      {[]string{"@torrent", torrentFile(1, 20), "server_id", "x"}, "server_id"},
		} {
			body, headers := aForm(t, one.pairs...)
			t.Run(name, func(t *testing.T) { w.do("POST", "/torrents", body, headers...).wantErrors(one.field) })
		}
		body, headers := aForm(t, "@torrent", torrentFile(1, domain.MaxMetainfoBytes+rest.DefaultMaxBody))
		w.do("POST", "/torrents", body, headers...).want(413)
		body, headers = aForm(t, "@torrent", torrentFile(1, 100<<10)) // only where files are taken
		w.do("POST", "/torrent-servers", body, headers...).want(413)
	})
	t.Run("a file can be sent again under its key", func(t *testing.T) {
		t.Parallel()
		w, _ := withServer(t)
		send := func(n, status int) answer {
			body, headers := aForm(t, "@torrent", torrentFile(n, 20))
			return w.do("POST", "/torrents", body, append(headers, "Idempotency-Key", "k")...).want(status)
		}
		if first, again := send(1, 201).id(), send(1, 201).id(); first != again {
			t.Errorf("got %s and %s", first, again)
		}
		send(2, 409)
	})
	t.Run("a torrent can be given by its URL", func(t *testing.T) {
		t.Parallel()
		web := memory.NewTorrentFetcher()
		web.Serve("https://x/file", []byte(torrentFile(7, 20)))
		web.Redirect("https://x/magnet", cosmos)
		web.Fail("https://x/away", &domain.Error{Kind: domain.KindUnavailable, Field: "url", Message: "the address does not answer in time"})
		w, _ := withServer(t, func(c *rest.Config) { c.Torrents.Fetcher = web })
		if row := w.do("POST", "/torrents", fields("url", "https://x/file")).want(201).row(); row["name"] != "film 7" {
			t.Error(row)
		}
		if row := w.do("POST", "/torrents", fields("url", "https://x/magnet")).want(201).row(); row["magnetURI"] != cosmos {
			t.Error(row)
		}
		for url, status := range map[any]int{"https://x/none": 422, "file:///x": 422, 5: 422, "https://x/away": 503} {
			w.do("POST", "/torrents", fields("url", url)).want(status)
		}
		w.do("POST", "/torrents", fields("url", "https://x/file", "magnetURI", cosmos)).want(422)
		w.do("POST", "/torrents", fields("url", "", "magnetURI", cosmos)).want(201)
		w.do("POST", "/torrents", fields("url", nil)).want(422)
	})
}
