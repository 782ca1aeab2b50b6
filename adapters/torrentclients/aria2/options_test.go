package aria2

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/clarion-app/download-manager/domain"
)

func TestSelection(t *testing.T) {
	t.Parallel()
	for want, unwanted := range map[string][]int{
		"1-1048576":         nil,
		"2-1048576":         {0},
		"1,3-1048576":       {1},
		"1-2,5,8-1048576":   {6, 2, 3, 5, 3},
		"3-1048576":         {1, 0},
		"1-1048575":         {1<<20 - 1, 1 << 20, -1, 1 << 40},
		"1-9,11-1048576":    {9},
		"1-1048574,1048576": {1<<20 - 2},
	} {
		if got := selection(unwanted); got != want {
			t.Errorf("%v: %s; want %s", unwanted, got, want)
		}
	}
}

func TestAddition(t *testing.T) {
	t.Parallel()
	magnet := func(text string) domain.Magnet {
		m, err := domain.ParseMagnet(text)
		if err != nil {
			t.Fatal(err)
		}
		return m
	}
	limit, none := int64(1000), int64(0)
	plain := magnet("magnet:?xt=urn:btih:" + aHash)
	zeroes := strings.Repeat("0", 16) + aHash[:24]
	for name, is := range map[string]struct {
		handover domain.Handover
		want     string
	}{
		"a magnet": {
			domain.Handover{Magnet: plain},
			`["aria2.addUri",["magnet:?xt=urn:btih:` + aHash + `"],{"check-integrity":"true","force-save":"true","gid":"aaaaaaaaaaaaaaaa"}]`,
		},
		"a magnet without a gid": {
			domain.Handover{Magnet: magnet("magnet:?xt=urn:btih:" + zeroes)},
			`["aria2.addUri",["magnet:?xt=urn:btih:` + zeroes + `"],{"check-integrity":"true","force-save":"true"}]`,
		},
		"an unusual magnet": {
			domain.Handover{Magnet: magnet("MAGNET:?XT.1=urn%3Abtih%3A" + strings.ToUpper(aHash) + "&dn=a+b%26c&tr=http%3A%2F%2Ft%2F%3Fk%3D1%26x&tr.2=udp://u:1&x.pe=1.2.3.4:5&unknown=1")},
			`["aria2.addUri",["magnet:?xt=urn:btih:` + aHash + `&dn=a%20b%26c&tr=http%3A%2F%2Ft%2F%3Fk%3D1%26x&tr=udp%3A%2F%2Fu%3A1"],{"check-integrity":"true","force-save":"true","gid":"aaaaaaaaaaaaaaaa"}]`,
		},
		"a torrent file with settings": {
			domain.Handover{Magnet: plain, Metainfo: []byte("d1:ai5ee"), Paused: true, Settings: domain.TransferSettings{
				DownloadLimit: &limit, UploadLimit: &none, Unwanted: &[]int{0},
			}},
			`["aria2.addTorrent","ZDE6YWk1ZWU=",[],{"check-integrity":"true","force-save":"true","gid":"aaaaaaaaaaaaaaaa",` +
				`"max-download-limit":"1000","max-upload-limit":"0","pause":"true","select-file":"2-1048576"}]`,
		},
	} {
		call := addition(is.handover, nil)
		var text strings.Builder
		encoder := json.NewEncoder(&text)
		encoder.SetEscapeHTML(false)
		if err := encoder.Encode(append([]any{call.method}, call.params...)); err != nil {
			t.Fatal(err)
		}
		if got := strings.TrimSpace(text.String()); got != is.want {
			t.Errorf("%s:\n got %s\nwant %s", name, got, is.want)
		}
	}
}

func TestProgram(t *testing.T) {
	t.Parallel()
	for id, want := range map[string]string{
		"%2DqB4520%2Dabcdefghijkl": "qBittorrent 4.5.2", "-TR4100-abcdefghijkl": "Transmission 4.1", "A2-1-37-0-%00%01abcdefgh": "aria2 1.37.0",
		"-lt0D80-abcdefghijkl": "rTorrent 0.D.8", "-XX1234-abcdefghijkl": "", "": "", "%zz": "", "-qB": "", "qB4520--abcdefghijkl": "", "A2-": "",
		"-DE0000-abcdefghijkl": "Deluge",
	} {
		if got := program(id); got != want {
			t.Errorf("%q: %q; want %q", id, got, want)
		}
	}
}

func TestPeersAreTranslated(t *testing.T) {
	t.Parallel()
	got := peer{ID: "-TR4100-abcdefghijkl", IP: "2001:db8::1", Port: "51413", Bitfield: "f0", Seeder: "false", DownloadRate: "5", UploadRate: "-1"}.peer(8)
	want := domain.Peer{Address: "[2001:db8::1]:51413", Client: "Transmission 4.1", FractionDone: 0.5, DownloadRate: 5}
	if got != want {
		t.Errorf("%+v", got)
	}
	for _, is := range []struct {
		peer   peer
		pieces int64
		want   float64
	}{{peer{Seeder: "true"}, 0, 1}, {peer{Bitfield: "zz"}, 8, 0}, {peer{Bitfield: "ffff"}, 8, 1}, {peer{Bitfield: "ff"}, 0, 0}, {peer{}, 8, 0}} {
		if got := is.peer.fraction(is.pieces); got != is.want {
			t.Errorf("%+v of %d: %g", is.peer, is.pieces, got)
		}
	}
}

func TestBelow(t *testing.T) {
	t.Parallel()
	for _, is := range [][3]string{
		{"/data", "/data/a/b", "a/b"},
		{"/data/", "/data/a", "a"},
		{"/", "/a", "a"},
		{"", "/a", "/a"},
		{"/data", "/database/a", "/database/a"},
		{"/data", "/data", "/data"},
		{"rel", "rel/a", "a"},
	} {
		if got := below(is[0], is[1]); got != is[2] {
			t.Errorf("%q below %q: %q; want %q", is[1], is[0], got, is[2])
		}
	}
}
