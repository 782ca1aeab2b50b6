package domain_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/clarion-app/download-manager/domain"
)

// Links to content that is free for all: films of the Blender foundation, and
// the test torrents of BEP 52.
const (
	bunnyHex    = "dd8255ecdc7ca55fb0bbf81323d87062db1f6d1c"
	bunnyBase32 = "3WBFL3G4PSSV7MF37AJSHWDQMLNR63I4"
	sintelHex   = "08ada5a7a6183aae1e09d831df6748d566095a10"
	v2Hex       = "caf1e1c30e81cb361b9ee167c4aa64228a7fa4fa9f6105232b28ad099f3a302e"
	hybridV1    = "631a31dd0a46257d5078c0dee4e66e26f73e42ac"
	hybridV2    = "d8dd32ac93357c368556af3ac1d95c9d76bd0dff6fa9833ecdac3d53134efabb"

	bunny = "magnet:?xt=urn:btih:" + bunnyHex + "&dn=Big+Buck+Bunny" +
		"&tr=udp%3A%2F%2Fexplodie.org%3A6969&tr=udp%3A%2F%2Ftracker.coppersurfer.tk%3A6969" +
		"&tr=wss%3A%2F%2Ftracker.btorrent.xyz&ws=https%3A%2F%2Fwebtorrent.io%2Ftorrents%2F" +
		"&xs=https%3A%2F%2Fwebtorrent.io%2Ftorrents%2Fbig-buck-bunny.torrent"
)

func TestParseMagnet(t *testing.T) {
	t.Parallel()
	type want struct {
		hash, v2, name, selectOnly string
		trackers, seeds, peers     []string
		length                     int64
		v2Only                     bool
	}
	xt := "xt=urn:btih:" + bunnyHex
	for fact, one := range map[string]struct {
		text string
		want want
	}{
		"a link as web pages give it is read whole": {bunny, want{
			hash: bunnyHex, name: "Big Buck Bunny",
			trackers: []string{"udp://explodie.org:6969", "udp://tracker.coppersurfer.tk:6969", "wss://tracker.btorrent.xyz"},
			seeds:    []string{"https://webtorrent.io/torrents/"},
		}},
		"an infohash in upper case is the same in lower case": {"magnet:?xt=urn:btih:" + strings.ToUpper(bunnyHex), want{hash: bunnyHex}},
		"an infohash in base32 is the same in hex":            {"magnet:?xt=urn:btih:" + bunnyBase32, want{hash: bunnyHex}},
		"an infohash in lower-case base32 is read, too":       {"magnet:?xt=urn:btih:" + strings.ToLower(bunnyBase32), want{hash: bunnyHex}},
		"hex and base32 of one torrent are one torrent":       {"magnet:?xt=urn:btih:" + bunnyBase32 + "&" + xt, want{hash: bunnyHex}},
		"the scheme and the topic may be in upper case":       {"MAGNET:?XT=URN:BTIH:" + bunnyHex, want{hash: bunnyHex}},
		"a topic may be escaped":                              {"magnet:?xt=urn%3Abtih%3A" + bunnyHex, want{hash: bunnyHex}},
		"a v2 infohash is cut to the size of v1": {
			"magnet:?xt=urn:btmh:1220" + v2Hex + "&dn=bittorrent-v2-test",
			want{hash: v2Hex[:40], v2: v2Hex, name: "bittorrent-v2-test", v2Only: true},
		},
		"a v2 infohash may be in upper case": {"magnet:?xt=urn:btmh:1220" + strings.ToUpper(v2Hex), want{hash: v2Hex[:40], v2: v2Hex, v2Only: true}},
		"a hybrid is known by its v1 infohash": {
			"magnet:?xt=urn:btih:" + hybridV1 + "&xt=urn:btmh:1220" + hybridV2 + "&dn=bittorrent-v1-v2-hybrid-test",
			want{hash: hybridV1, v2: hybridV2, name: "bittorrent-v1-v2-hybrid-test"},
		},
		"a hybrid may say v2 first, and anything before": {
			"magnet:?dn=hybrid&tr=http%3A%2F%2Ft.example&xt=urn:btmh:1220" + hybridV2 + "&xt=urn:btih:" + hybridV1,
			want{hash: hybridV1, v2: hybridV2, name: "hybrid", trackers: []string{"http://t.example"}},
		},
		"parameters may be numbered": {
			"magnet:?xt.1=urn:btih:" + hybridV1 + "&xt.2=urn:btmh:1220" + hybridV2 + "&tr.1=udp://a:1&tr.2=udp://b:2&dn.1=x",
			want{hash: hybridV1, v2: hybridV2, name: "x", trackers: []string{"udp://a:1", "udp://b:2"}},
		},
		"topics of other networks are passed over": {
			"magnet:?xt=urn:sha1:YNCKHTQCWBTRNJIV4WNAE52SJUQCZO5C&xt=urn:ed2k:354B15E68FB8F36D7CD88FF94116CDC1&" + xt, want{hash: bunnyHex},
		},
		"the same topic twice is one torrent": {"magnet:?" + xt + "&" + xt, want{hash: bunnyHex}},
		"of several names the last counts":    {"magnet:?" + xt + "&dn=first&dn=second", want{hash: bunnyHex, name: "second"}},
		"an empty last name does not count":   {"magnet:?" + xt + "&dn=first&dn=&dn=%20+", want{hash: bunnyHex, name: "first"}},
		"a name is decoded as forms do":       {"magnet:?" + xt + "&dn=a+b%20c%2Bd%26e%3Df%25", want{hash: bunnyHex, name: "a b c+d&e=f%"}},
		"a name in escaped UTF-8 is read":     {"magnet:?" + xt + "&dn=%E6%98%A0%E7%94%BB+%C3%9Cn%C3%AF", want{hash: bunnyHex, name: "映画 Ünï"}},
		"a name in plain UTF-8 is read":       {"magnet:?" + xt + "&dn=映画 Ünï 🎬", want{hash: bunnyHex, name: "映画 Ünï 🎬"}},
		"a broken escape stays, and only that": {
			"magnet:?" + xt + "&dn=Caf%C3%A9+100%+%zz+%4", want{hash: bunnyHex, name: "Café 100% %zz %4"},
		},
		"bytes that are no UTF-8 become a replacement sign": {"magnet:?" + xt + "&dn=caf%E9", want{hash: bunnyHex, name: "caf\uFFFD"}},
		"escaped control characters vanish from a name":     {"magnet:?" + xt + "&dn=%00a%0Ab%1B%5B31m%7F", want{hash: bunnyHex, name: "ab[31m"}},
		"a name is cut to 255 characters":                   {"magnet:?" + xt + "&dn=" + strings.Repeat("ü", 300), want{hash: bunnyHex, name: strings.Repeat("ü", 255)}},
		"an exact length is read":                           {"magnet:?" + xt + "&xl=276445467", want{hash: bunnyHex, length: 276445467}},
		"a nonsensical exact length is none":                {"magnet:?" + xt + "&xl=-5&xl=abc&xl=99999999999999999999", want{hash: bunnyHex}},
		"peers and selected files are read": {
			"magnet:?" + xt + "&x.pe=203.0.113.7%3A6881&X.PE=[2001:db8::7]:6881&so=0,2,4-6",
			want{hash: bunnyHex, peers: []string{"203.0.113.7:6881", "[2001:db8::7]:6881"}, selectOnly: "0,2,4-6"},
		},
		"empty and unknown parameters are passed over": {"magnet:?&&=&=x&tr=&ws=&x.pe=&kt=films&mt=x&as=y&" + xt + "&", want{hash: bunnyHex}},
		"surrounding blanks are dropped":               {" \t\n" + "magnet:?" + xt + "\r\n ", want{hash: bunnyHex}},
		"HTML's way of writing & loses no infohash":    {"magnet:?" + xt + "&amp;dn=x", want{hash: bunnyHex}},
		"the longest link is read": {
			"magnet:?" + xt + "&tr=" + strings.Repeat("x", domain.MaxMagnetLength-len("magnet:?"+xt+"&tr=")),
			want{hash: bunnyHex, trackers: []string{strings.Repeat("x", domain.MaxMagnetLength-len("magnet:?"+xt+"&tr="))}},
		},
	} {
		t.Run(fact, func(t *testing.T) {
			t.Parallel()
			m, err := domain.ParseMagnet(one.text)
			if err != nil {
				t.Fatal(err)
			}
			got := want{
				hash: m.InfoHash().String(), v2: m.InfoHashV2(), name: m.Name(), selectOnly: m.SelectOnly(),
				trackers: m.Trackers(), seeds: m.WebSeeds(), peers: m.Peers(), length: m.ExactLength(), v2Only: !m.HasV1(),
			}
			w := one.want
			if got.hash != w.hash || got.v2 != w.v2 || got.name != w.name || got.selectOnly != w.selectOnly ||
				got.length != w.length || got.v2Only != w.v2Only || !slices.Equal(got.trackers, w.trackers) ||
				!slices.Equal(got.seeds, w.seeds) || !slices.Equal(got.peers, w.peers) {
				t.Errorf("\n got %+v\nwant %+v", got, w)
			}
			if m.String() != strings.TrimSpace(one.text) || m.IsZero() {
				t.Errorf("text became %q", m)
			}
		})
	}
}

func TestParseMagnetRefuses(t *testing.T) {
	t.Parallel()
	xt := "xt=urn:btih:" + bunnyHex
	for fact, text := range map[string]string{
		"nothing":                              "",
		"blanks":                               " \t\n ",
		"a bare infohash":                      bunnyHex,
		"another scheme":                       "https://example.com/?" + xt,
		"a scheme without a question mark":     "magnet:" + xt,
		"a scheme alone":                       "magnet:?",
		"a scheme alone in upper case":         "MAGNET:?",
		"a part of the scheme":                 "magnet",
		"a link without a topic":               "magnet:?dn=Big+Buck+Bunny",
		"a link of another network only":       "magnet:?xt=urn:sha1:YNCKHTQCWBTRNJIV4WNAE52SJUQCZO5C",
		"an empty topic":                       "magnet:?xt=urn:btih:",
		"an infohash of 39 digits":             "magnet:?xt=urn:btih:" + bunnyHex[1:],
		"an infohash of 41 digits":             "magnet:?xt=urn:btih:" + bunnyHex + "0",
		"an infohash that is no hex":           "magnet:?xt=urn:btih:g" + bunnyHex[1:],
		"an infohash that is no base32":        "magnet:?xt=urn:btih:1" + bunnyBase32[1:],
		"base32 that is padded":                "magnet:?xt=urn:btih:" + bunnyBase32[:26] + "======",
		"base32 with line breaks":              "magnet:?xt=urn:btih:" + bunnyBase32[:24] + strings.Repeat("%0A", 8),
		"a v2 infohash where v1 belongs":       "magnet:?xt=urn:btih:" + v2Hex,
		"a v2 infohash without its prefix":     "magnet:?xt=urn:btmh:" + v2Hex,
		"a v2 infohash of another hash":        "magnet:?xt=urn:btmh:1114" + v2Hex,
		"a v2 infohash that is too short":      "magnet:?xt=urn:btmh:1220" + v2Hex[2:],
		"a v2 infohash that is no hex":         "magnet:?xt=urn:btmh:1220x" + v2Hex[1:],
		"two different torrents":               "magnet:?" + xt + "&xt=urn:btih:" + sintelHex,
		"two different v2 torrents":            "magnet:?xt=urn:btmh:1220" + v2Hex + "&xt=urn:btmh:1220" + hybridV2,
		"a broken topic beside a good one":     "magnet:?" + xt + "&xt=urn:btih:broken",
		"a line break":                         "magnet:?" + xt + "\n&dn=x",
		"a null byte":                          "magnet:?" + xt + "&dn=a\x00b",
		"bytes that are no UTF-8":              "magnet:?" + xt + "&dn=caf\xe9",
		"a link that is a byte too long":       "magnet:?" + xt + "&" + strings.Repeat("x", domain.MaxMagnetLength-len("magnet:?"+xt+"&")+1),
		"two links":                            "magnet:?" + xt + "\nmagnet:?" + xt,
		"a torrent file's address":             "https://webtorrent.io/torrents/sintel.torrent",
		"a lookalike in full-width characters": "ｍａｇｎｅｔ:?" + xt,
	} {
		t.Run(fact+" is no magnet", func(t *testing.T) {
			t.Parallel()
			m, err := domain.ParseMagnet(text)
			if err == nil {
				t.Fatalf("read as %v", m.InfoHash())
			}
			var e *domain.Error
			if !errors.As(err, &e) || e.Kind != domain.KindInvalid || e.Field != "magnetURI" {
				t.Errorf("error %#v", err)
			}
			if !m.IsZero() {
				t.Errorf("beside an error there is %v", m)
			}
		})
	}
}

func TestStoredMagnet(t *testing.T) {
	t.Parallel()
	hash := magnet(t, "magnet:?xt=urn:btih:"+sintelHex).InfoHash()
	t.Run("a text that is a magnet is read, and its own infohash counts", func(t *testing.T) {
		t.Parallel()
		m := domain.StoredMagnet(bunny, hash)
		if m.String() != bunny || m.InfoHash().String() != bunnyHex || m.Name() != "Big Buck Bunny" || len(m.Trackers()) != 3 {
			t.Errorf("magnet %+v", m)
		}
	})
	t.Run("any other text stays as it is and names the infohash beside it, if any", func(t *testing.T) {
		t.Parallel()
		for _, text := range []string{"  not a magnet ", "magnet:?xt=urn:btih:short", "magnet:?dn=x\x00\xff"} {
			for _, hash := range []domain.InfoHash{hash, {}} {
				m := domain.StoredMagnet(text, hash)
				if m.String() != text || m.IsZero() || m.InfoHash() != hash || m.HasV1() == hash.IsZero() || m.Name() != "" {
					t.Errorf("%q became %+v", text, m)
				}
			}
		}
	})
}

func TestMagnetIsSealed(t *testing.T) {
	t.Parallel()
	m, err := domain.ParseMagnet(bunny + "&x.pe=a:1")
	if err != nil {
		t.Fatal(err)
	}
	m.Trackers()[0], m.WebSeeds()[0], m.Peers()[0] = "spoilt", "spoilt", "spoilt"
	if m.Trackers()[0] == "spoilt" || m.WebSeeds()[0] == "spoilt" || m.Peers()[0] == "spoilt" {
		t.Error("a caller altered it")
	}
}

func FuzzParseMagnet(f *testing.F) {
	for _, seed := range []string{
		bunny, "MAGNET:?xt=urn:btih:" + bunnyBase32 + "&dn=%ff%00+x", "magnet:?xt=urn:btmh:1220" + v2Hex,
		"magnet:?x.pe=[::1]:1&xt.1=urn:btih:" + hybridV1 + "&xt.2=urn:btmh:1220" + hybridV2 + "&so=1-2&xl=5&dn=%",
		"magnet:?xt=urn:btih:" + bunnyBase32[:26] + "======", "magnet:?xt=urn:btih:AAAA%0a", " magnet:?", "",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		m, err := domain.ParseMagnet(text)
		if err != nil {
			if domain.KindOf(err) != domain.KindInvalid || !m.IsZero() {
				t.Fatalf("error %v beside %v", err, m)
			}
			return
		}
		if m.String() != strings.TrimSpace(text) {
			t.Fatalf("%q became %q", text, m)
		}
		if hash := m.InfoHash().String(); len(hash) != 40 || strings.Trim(hash, "0123456789abcdef") != "" {
			t.Fatalf("infohash %q", hash)
		}
		if v2 := m.InfoHashV2(); v2 == "" && !m.HasV1() || v2 != "" && len(v2) != 64 {
			t.Fatalf("v2 infohash %q", v2)
		}
		if name := m.Name(); !utf8.ValidString(name) || utf8.RuneCountInString(name) > domain.MaxNameLength || domain.CleanName(name) != name {
			t.Fatalf("name %q", name)
		}
		if m.ExactLength() < 0 {
			t.Fatalf("length %d", m.ExactLength())
		}
		again, err := domain.ParseMagnet(m.String())
		if err != nil || again.InfoHash() != m.InfoHash() || again.Name() != m.Name() || !slices.Equal(again.Trackers(), m.Trackers()) {
			t.Fatalf("read again: %v, %v", again, err)
		}
	})
}
