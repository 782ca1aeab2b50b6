package domain_test

import (
	"bytes"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/clarion-app/download-manager/domain"
)

// dict is a dictionary of bencode, list a list; texts and ints are themselves, and raw is
// written as it stands.
type (
	dict map[string]any
	list []any
	raw  string
)

func bencoded(value any) string {
	switch v := value.(type) {
	case raw:
		return string(v)
	case int:
		return fmt.Sprintf("i%de", v)
	case string:
		return fmt.Sprintf("%d:%s", len(v), v)
	case list:
		var text strings.Builder
		for _, item := range v {
			text.WriteString(bencoded(item))
		}
		return "l" + text.String() + "e"
	case dict:
		var text strings.Builder
		for _, key := range slices.Sorted(maps.Keys(v)) {
			text.WriteString(bencoded(key) + bencoded(v[key]))
		}
		return "d" + text.String() + "e"
	}
	panic(fmt.Sprintf("%T", value))
}

// with returns d with other entries; nil takes one away.
func (d dict) with(others dict) dict {
	all := maps.Clone(d)
	maps.Copy(all, others)
	maps.DeleteFunc(all, func(_ string, value any) bool { return value == nil })
	return all
}

func hashes(n int) string { return strings.Repeat("h", 20*n) }

// film is the info dictionary of one file, album of several, and v2 of what BEP 52 has
// in place of them.
var (
	film  = dict{"name": "film.mkv", "piece length": 16384, "length": 20000, "pieces": hashes(2)}
	album = dict{
		"name": "album", "piece length": 16384, "pieces": hashes(3),
		"files": list{
			dict{"length": 16384, "path": list{"cd1", "one.flac"}},
			dict{"length": 16384, "path": list{".pad", "1"}, "attr": "p"},
			dict{"length": 5, "path": list{"two.flac"}},
		},
	}
	leaf = dict{"": dict{"length": 5, "pieces root": strings.Repeat("r", 32)}}
	v2   = dict{
		"name": "album", "piece length": 16384, "meta version": 2,
		"file tree": dict{"cd1": dict{"one.flac": leaf}, "two.flac": leaf},
	}
)

func torrentFile(info any) string { return bencoded(dict{"info": info}) }

func TestParseMetainfo(t *testing.T) {
	t.Parallel()
	sum1 := func(info dict) string { return fmt.Sprintf("%x", sha1.Sum([]byte(bencoded(info)))) }
	sum2 := func(info dict) string { return fmt.Sprintf("%x", sha256.Sum256([]byte(bencoded(info)))) }
	hybrid := album.with(v2)
	type want struct {
		info     dict
		v1, v2   bool
		files    string
		total    int64
		private  bool
		trackers string
		name     string
	}
	for fact, one := range map[string]struct {
		text string
		want want
	}{
		"one file": {torrentFile(film), want{info: film, v1: true, files: "film.mkv=20000", total: 20000, name: "film.mkv"}},
		"several files stand in their folder, padding is told": {torrentFile(album), want{
			info: album, v1: true, total: 16389, name: "album",
			files: "album/cd1/one.flac=16384 album/.pad/1=16384p album/two.flac=5",
		}},
		"a v2 torrent has a tree of files": {torrentFile(v2), want{
			info: v2, v2: true, total: 10, name: "album", files: "album/cd1/one.flac=5 album/two.flac=5",
		}},
		"a v2 torrent of one file has no folder": {
			torrentFile(v2.with(dict{"name": "x", "file tree": dict{"x": leaf}})),
			want{info: v2.with(dict{"name": "x", "file tree": dict{"x": leaf}}), v2: true, total: 5, name: "x", files: "x=5"},
		},
		"a hybrid has both infohashes, and the files in the order of v1": {torrentFile(hybrid), want{
			info: hybrid, v1: true, v2: true, total: 16389, name: "album",
			files: "album/cd1/one.flac=16384 album/.pad/1=16384p album/two.flac=5",
		}},
		"a private one": {torrentFile(film.with(dict{"private": 1})), want{
			info: film.with(dict{"private": 1}), v1: true, files: "film.mkv=20000", total: 20000, name: "film.mkv", private: true,
		}},
		"its tracker": {bencoded(dict{"announce": "http://a/announce?key=1&b", "info": film}), want{
			info: film, v1: true, files: "film.mkv=20000", total: 20000, name: "film.mkv", trackers: "http://a/announce?key=1&b",
		}},
		"its tiers of trackers, each once, go before the one": {
			bencoded(dict{
				"announce":      "http://x",
				"announce-list": list{list{" http://a ", "udp://b:1"}, list{"http://a", "nonsense", 5, "http://\x00", "http://\xff", "wss://c"}, 7},
				"info":          film,
			}),
			want{info: film, v1: true, files: "film.mkv=20000", total: 20000, name: "film.mkv", trackers: "http://a udp://b:1 wss://c"},
		},
		"blanks behind it, unknown keys, keys out of order and given twice are passed over": {
			"d4:info" + bencoded(film) + "3:zzzi-1e3:aaale3:aaale" + "e\r\n ",
			want{info: film, v1: true, files: "film.mkv=20000", total: 20000, name: "film.mkv"},
		},
		"names in UTF-8 go before others, and are clean": {
			torrentFile(album.with(dict{
				"name": "\xff", "name.utf-8": "àlbum\n", "pieces": hashes(1),
				"files": list{dict{"length": 5, "path": list{"\xff"}, "path.utf-8": list{"ß", "", ".", "a\x07b"}}},
			})),
			want{info: album.with(dict{
				"name": "\xff", "name.utf-8": "àlbum\n", "pieces": hashes(1),
				"files": list{dict{"length": 5, "path": list{"\xff"}, "path.utf-8": list{"ß", "", ".", "a\x07b"}}},
			}), v1: true, files: "àlbum/ß/ab=5", total: 5, name: "àlbum"},
		},
		"a name of no known encoding can be shown": {
			torrentFile(film.with(dict{"name": "\xff.mkv"})),
			want{info: film.with(dict{"name": "\xff.mkv"}), v1: true, files: "\uFFFD.mkv=20000", total: 20000, name: "\uFFFD.mkv"},
		},
	} {
		t.Run(fact, func(t *testing.T) {
			t.Parallel()
			m, err := domain.ParseMetainfo([]byte(one.text))
			if err != nil {
				t.Fatal(err)
			}
			var files []string
			for _, f := range m.Files() {
				files = append(files, fmt.Sprintf("%s=%d%s", f.Path, f.Length, map[bool]string{true: "p"}[f.Padding]))
			}
			if got := strings.Join(files, " "); got != one.want.files || m.TotalLength() != one.want.total {
				t.Errorf("files %s, %d in all", got, m.TotalLength())
			}
			if got := strings.Join(m.Trackers(), " "); got != one.want.trackers || m.Private() != one.want.private || m.Name() != one.want.name {
				t.Errorf("%q, trackers %s, private %v", m.Name(), got, m.Private())
			}
			if !bytes.Equal(m.Content(), bytes.TrimRight([]byte(one.text), "\r\n ")) || m.IsZero() {
				t.Errorf("content %q", m.Content())
			}
			link := m.Magnet()
			if link.HasV1() != one.want.v1 || (link.InfoHashV2() != "") != one.want.v2 {
				t.Errorf("magnet %s", link)
			}
			if one.want.v1 && link.InfoHash().String() != sum1(one.want.info) || one.want.v2 && link.InfoHashV2() != sum2(one.want.info) {
				t.Errorf("magnet %s, want %s %s", link, sum1(one.want.info), sum2(one.want.info))
			}
			if link.InfoHash() != m.InfoHash() || link.Name() != m.Name() || link.ExactLength() != m.TotalLength() ||
				!slices.Equal(link.Trackers(), m.Trackers()) {
				t.Errorf("magnet %s", link)
			}
		})
	}
}

func TestParseMetainfoRefuses(t *testing.T) {
	t.Parallel()
	path := func(elements ...any) string {
		return torrentFile(album.with(dict{"pieces": hashes(1), "files": list{dict{"length": 5, "path": list(elements)}}}))
	}
	tree := func(tree any) string { return torrentFile(v2.with(dict{"file tree": tree})) }
	deep := strings.Repeat("l", 101) + strings.Repeat("e", 101)
	for fact, text := range map[string]string{
		"nothing":                    "",
		"a web page":                 "<!DOCTYPE html><html>",
		"a number":                   "i5e",
		"a list":                     "le",
		"half a file":                torrentFile(film)[:50],
		"something behind it":        torrentFile(film) + "x",
		"two of them":                torrentFile(film) + torrentFile(film),
		"no info":                    "de",
		"an info that is none":       torrentFile("x"),
		"two infos":                  "d4:info" + bencoded(film) + "4:info" + bencoded(album) + "e",
		"a length beyond the end":    "d4:info99999999:x",
		"a length beyond everything": "d4:info99999999999999999999:x",
		"a negative length":          "d4:info-1:xe",
		"zeros in front of a length": "d04:infodee",
		"no length":                  "d:infodee",
		"zeros in front of a number": torrentFile(film.with(dict{"length": raw("i020000e")})),
		"minus nothing":              torrentFile(film.with(dict{"x": raw("i-e")})),
		"an empty number":            torrentFile(film.with(dict{"x": raw("ie")})),
		"a number without end":       torrentFile(film.with(dict{"x": raw("i99999999999999999999999999")})),
		"a number that no one holds": torrentFile(film.with(dict{"length": raw("i9223372036854775808e")})),
		"a dictionary of one":        "d4:infoe",
		"a key that is none":         "di4e4:infoe",
		"a list as a key":            "dle4:infoe",
		"too deep a nesting":         bencoded(dict{"info": film, "x": raw(deep)}),
		"too many parts":             bencoded(dict{"info": film, "x": raw("l" + strings.Repeat("le", 1_000_001) + "e")}),
		"too large":                  bencoded(dict{"info": film, "x": strings.Repeat("x", domain.MaxMetainfoBytes)}),

		"no name":                      torrentFile(film.with(dict{"name": nil})),
		"an empty name":                torrentFile(film.with(dict{"name": " "})),
		"a name that is a number":      torrentFile(film.with(dict{"name": 5})),
		"a name that leads up":         torrentFile(film.with(dict{"name": ".."})),
		"a name that leads to a root":  torrentFile(film.with(dict{"name": "/etc/passwd"})),
		"no piece length":              torrentFile(film.with(dict{"piece length": nil})),
		"a piece length of nothing":    torrentFile(film.with(dict{"piece length": 0})),
		"no pieces":                    torrentFile(film.with(dict{"pieces": nil})),
		"broken pieces":                torrentFile(film.with(dict{"pieces": hashes(2)[1:]})),
		"too few pieces":               torrentFile(film.with(dict{"pieces": hashes(1)})),
		"too many pieces":              torrentFile(film.with(dict{"pieces": hashes(3)})),
		"no length of the file":        torrentFile(film.with(dict{"length": nil})),
		"a negative length of a file":  torrentFile(film.with(dict{"length": -1, "pieces": ""})),
		"nothing to download":          torrentFile(film.with(dict{"length": 0, "pieces": ""})),
		"only padding":                 torrentFile(album.with(dict{"files": list{dict{"length": 5, "path": list{"x"}, "attr": "p"}}, "pieces": hashes(1)})),
		"no files":                     torrentFile(album.with(dict{"files": list{}, "pieces": ""})),
		"files that are none":          torrentFile(album.with(dict{"files": "x", "pieces": ""})),
		"a file that is none":          torrentFile(album.with(dict{"files": list{"x"}, "pieces": ""})),
		"a file without a path":        path(),
		"a file of an empty path":      path("", "."),
		"a file that leads up":         path("..", "x"),
		"one that leads up further on": path("a", "..", "..", "x"),
		"one that leads up by itself":  path("a/../../x"),
		"one that leads up on Windows": path(`a\..\..\x`),
		"one that leads to a root":     path("/x"),
		"one that leads to a share":    path(`\\host\x`),
		"one with a NUL":               path("a\x00b"),
		"one that is too deep":         path(slices.Repeat([]any{"a"}, 70)...),
		"one that is too long":         path(strings.Repeat("a", 5000)),
		"lengths beyond all": torrentFile(album.with(dict{"files": list{
			dict{"length": raw("i9223372036854775807e"), "path": list{"a"}}, dict{"length": raw("i9223372036854775807e"), "path": list{"b"}},
		}})),

		"an unknown version":       torrentFile(v2.with(dict{"meta version": 3})),
		"a v2 without a tree":      tree("x"),
		"a v2 without files":       tree(dict{}),
		"a v2 of nothing":          tree(dict{"x": dict{"": dict{"length": 0}}}),
		"a v2 that leads up":       tree(dict{"..": leaf}),
		"a v2 of an empty folder":  tree(dict{"": leaf}),
		"a v2 whose file is dots":  tree(dict{".": leaf}),
		"a v2 without a length":    tree(dict{"x": dict{"": dict{}}}),
		"a v2 that is too deep":    tree(raw(strings.Repeat("d1:a", 70) + bencoded(leaf) + strings.Repeat("e", 70))),
		"a v2 of too long a path":  tree(dict{strings.Repeat("a", 5000): leaf}),
		"a v2 whose paths are too": tree(dict{strings.Repeat("a", 4000): manyFiles(20_000)}),
		"too many files":           torrentFile(album.with(dict{"files": raw("l" + strings.Repeat("d6:lengthi0e4:pathl1:aee", 200_001) + "e")})),
	} {
		t.Run(fact, func(t *testing.T) {
			t.Parallel()
			m, err := domain.ParseMetainfo([]byte(text))
			if domain.KindOf(err) != domain.KindInvalid || domain.Errors(err)[0].Field != "file" || !m.IsZero() {
				t.Errorf("error %v", err)
			}
		})
	}
}

func manyFiles(n int) dict {
	files := dict{}
	for i := range n {
		files[fmt.Sprint(i)] = leaf
	}
	return files
}

func TestMagnetOfMetainfo(t *testing.T) {
	t.Parallel()
	t.Run("is what people expect", func(t *testing.T) {
		t.Parallel()
		m, err := domain.ParseMetainfo([]byte(bencoded(dict{"announce": "udp://a:1/x y", "info": film.with(dict{"name": "Ünder & over"})})))
		if err != nil {
			t.Fatal(err)
		}
		want := "magnet:?xt=urn:btih:" + m.InfoHash().String() + "&dn=%C3%9Cnder%20%26%20over&tr=udp%3A%2F%2Fa%3A1%2Fx%20y&xl=20000"
		if got := m.Magnet().String(); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	})
	t.Run("is not too long for a row, however long the names and trackers are", func(t *testing.T) {
		t.Parallel()
		var trackers list
		for i := range 5000 {
			trackers = append(trackers, fmt.Sprintf("http://tracker-%d.example/%s", i, strings.Repeat("ä", 500)))
		}
		m, err := domain.ParseMetainfo([]byte(bencoded(dict{
			"announce-list": list{trackers}, "info": film.with(dict{"name": strings.Repeat("ä", 2000)}),
		})))
		if err != nil {
			t.Fatal(err)
		}
		link := m.Magnet()
		if n := len(link.String()); link.IsZero() || n > 17_000 || len(link.Trackers()) == 0 || link.Name() != strings.Repeat("ä", 255) {
			t.Errorf("%d bytes, %d trackers", n, len(link.Trackers()))
		}
	})
}

func TestMetainfoOfTorrent(t *testing.T) {
	t.Parallel()
	parsed := func(info dict) domain.Metainfo {
		m, err := domain.ParseMetainfo([]byte(torrentFile(info)))
		if err != nil {
			t.Fatal(err)
		}
		return m
	}
	server := newServer(t)
	newTorrent := func(t *testing.T) *domain.Torrent {
		t.Helper()
		torrent, err := domain.NewTorrent(parsed(film).Magnet(), "", *server, nil, noon)
		if err == nil {
			err = torrent.CarryMetainfo(parsed(film))
		}
		if err != nil {
			t.Fatal(err)
		}
		return torrent
	}
	t.Run("it is kept with its torrent, and taken once", func(t *testing.T) {
		t.Parallel()
		torrent := newTorrent(t)
		if content, changed := torrent.TakeMetainfo(); !changed || string(content) != torrentFile(film) {
			t.Error(string(content), changed)
		}
		if content, changed := torrent.TakeMetainfo(); changed || content != nil {
			t.Error("it is taken twice")
		}
		if torrent.Name != "film.mkv" {
			t.Error(torrent.Name)
		}
	})
	t.Run("that of another torrent is refused", func(t *testing.T) {
		t.Parallel()
		if err := newTorrent(t).CarryMetainfo(parsed(album)); domain.KindOf(err) != domain.KindInvalid {
			t.Error(err)
		}
	})
	for fact, one := range map[string]struct {
		change func(*domain.Torrent)
		gone   bool
	}{
		"removing the torrent drops it":                  {func(t *domain.Torrent) { t.Remove(false, noon) }, true},
		"other content drops it":                         {func(tt *domain.Torrent) { tt.ReplaceMagnet(parsed(album).Magnet(), noon) }, true},
		"other trackers leave it":                        {func(tt *domain.Torrent) { tt.ReplaceMagnet(magnet(t, tt.MagnetURI.String()+"&tr=udp://z"), noon) }, false},
		"completing leaves it, for it may be taken back": {func(t *domain.Torrent) { _ = t.Complete(noon, noon) }, false},
		"marking incomplete leaves it":                   {func(t *domain.Torrent) { t.MarkIncomplete(noon) }, false},
		"another server leaves it":                       {func(tt *domain.Torrent) { tt.AssignServer(*newServer(t), noon) }, false},
	} {
		t.Run(fact, func(t *testing.T) {
			t.Parallel()
			torrent := newTorrent(t)
			torrent.TakeMetainfo()
			one.change(torrent)
			if content, changed := torrent.TakeMetainfo(); changed != one.gone || content != nil {
				t.Error(content, changed)
			}
		})
	}
}

func FuzzParseMetainfo(f *testing.F) {
	for _, info := range []dict{film, album, v2, album.with(v2)} {
		f.Add([]byte(torrentFile(info)))
		f.Add([]byte(bencoded(dict{"announce": "http://a", "announce-list": list{list{"udp://b"}}, "info": info})))
	}
	f.Add([]byte("d4:infod6:lengthi1e4:name1:a12:piece lengthi1e6:pieces20:aaaaaaaaaaaaaaaaaaaaee\n"))
	f.Fuzz(func(t *testing.T, content []byte) {
		m, err := domain.ParseMetainfo(content)
		if err != nil {
			if domain.KindOf(err) != domain.KindInvalid || !m.IsZero() {
				t.Fatal(err)
			}
			return
		}
		link := m.Magnet()
		if link.IsZero() || link.InfoHash() != m.InfoHash() || m.InfoHash().IsZero() || link.ExactLength() != m.TotalLength() {
			t.Errorf("magnet %s", link)
		}
		again, err := domain.ParseMetainfo(m.Content())
		if err != nil || again.Magnet().String() != link.String() {
			t.Errorf("again: %s, %v", again.Magnet(), err)
		}
		for _, file := range m.Files() {
			for element := range strings.FieldsFuncSeq(file.Path, func(r rune) bool { return r == '/' || r == '\\' }) {
				if element == ".." {
					t.Errorf("a path leads outside: %q", file.Path)
				}
			}
			if strings.HasPrefix(file.Path, "/") || file.Length < 0 {
				t.Errorf("%+v", file)
			}
		}
		if _, err := hex.DecodeString(link.InfoHashV2()); err != nil {
			t.Error(err)
		}
	})
}
