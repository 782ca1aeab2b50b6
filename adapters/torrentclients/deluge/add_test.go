package deluge

import (
	"strings"
	"testing"

	"github.com/clarion-app/download-manager/domain"
)

func TestWhatIsRefusedForBeingThereIsThere(t *testing.T) {
	t.Parallel()
	mine, other := numbered(t, 0), numbered(t, 1)
	magnet, err := domain.ParseMagnet("magnet:?xt=urn:btih:" + mine.String())
	if err != nil {
		t.Fatal(err)
	}
	for name, is := range map[string]struct {
		says string
		held []domain.InfoHash
		hash domain.InfoHash
		kind domain.Kind
	}{
		"by its infohash":          {"Torrent already in session (" + mine.String() + ").", []domain.InfoHash{mine}, mine, ""},
		"by another infohash":      {"Torrent already in session (" + other.String() + ").", []domain.InfoHash{other}, other, ""},
		"in other words":           {"We have this one", []domain.InfoHash{mine}, mine, ""},
		"and is gone meanwhile":    {"Torrent already in session (" + mine.String() + ").", nil, domain.InfoHash{}, domain.KindInvalid},
		"and is being loaded":      {"Torrent already being added (" + mine.String() + ").", nil, domain.InfoHash{}, domain.KindUnavailable},
		"and is, by a hash untold": {"Unable to add torrent to session: torrent already exists in session", nil, domain.InfoHash{}, domain.KindConflict},
		"and is not":               {"Unable to add magnet (it is none)", nil, domain.InfoHash{}, domain.KindInvalid},
	} {
		daemon := newFake(t, func(method string, arguments []any) any {
			switch method {
			case "core.add_torrent_magnet":
				return no{"AddTorrentError", is.says}
			case "core.get_torrents_status":
				held := map[string]any{}
				for _, hash := range is.held {
					held[hash.String()] = status("Seeding", 1, 0, true)
				}
				return held
			}
			return healthy(method, arguments)
		})
		hash, err := daemon.open().Add(t.Context(), domain.Handover{Magnet: magnet})
		if is.kind == "" && (err != nil || hash != is.hash) {
			t.Errorf("%s: %s, error %v; want %s", name, hash, err, is.hash)
		}
		if is.kind != "" && (err == nil || domain.KindOf(err) != is.kind) {
			t.Errorf("%s: error %v; want one of kind %s", name, err, is.kind)
		}
	}
}

// A daemon that takes no torrents for all of them must not be asked about none.
func TestNothingIsNotEverything(t *testing.T) {
	t.Parallel()
	var asked []string
	daemon := newFake(t, func(method string, arguments []any) any {
		if strings.HasPrefix(method, "core.") {
			asked = append(asked, method)
		}
		return healthy(method, arguments)
	})
	client := daemon.open()
	for _, none := range [][]domain.InfoHash{nil, {}, {{}}} {
		for name, err := range map[string]error{
			"Pause": client.Pause(t.Context(), none), "Resume": client.Resume(t.Context(), none),
			"Verify": client.Verify(t.Context(), none), "Remove": client.Remove(t.Context(), none, true),
		} {
			if err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
	}
	daemon.change(func() {
		if len(asked) > 0 {
			t.Errorf("asked %q", asked)
		}
	})
}

// Without the plug-in for labels, or when it is turned off meanwhile, a torrent goes
// without its label; a daemon that goes away over it has not taken the torrent.
func TestALabelThatCannotBeGivenKeepsNoTorrentOut(t *testing.T) {
	t.Parallel()
	mine, label := numbered(t, 0), "films"
	magnet, err := domain.ParseMagnet("magnet:?xt=urn:btih:" + mine.String())
	if err != nil {
		t.Fatal(err)
	}
	off := no{noMethod, "it is off"}
	for name, is := range map[string]struct {
		labels, given any
		fine          bool
	}{
		"off":                  {off, off, true},
		"turned off meanwhile": {[]any{label}, off, true},
		"broken":               {no{"OSError", "no space left"}, off, false},
	} {
		daemon := newFake(t, func(method string, arguments []any) any {
			switch method {
			case "core.add_torrent_magnet":
				return mine.String()
			case "label.get_labels":
				return is.labels
			case "label.set_torrent":
				return is.given
			}
			return healthy(method, arguments)
		})
		_, err := daemon.open().Add(t.Context(), domain.Handover{Magnet: magnet, Settings: domain.TransferSettings{Label: &label}})
		if is.fine && err != nil || !is.fine && domain.KindOf(err) != domain.KindUnavailable {
			t.Errorf("%s: error %v", name, err)
		}
	}
}

// Files are left out of those that a .torrent file has, padding among them.
func TestFilesAreCounted(t *testing.T) {
	t.Parallel()
	const end = "4:name1:a12:piece lengthi16384e6:pieces20:aaaaaaaaaaaaaaaaaaaaee"
	for metainfo, want := range map[string]int{
		"d4:infod6:lengthi5e" + end: 1,
		"d4:infod5:filesld6:lengthi5e4:pathl1:aeed4:attr1:p6:lengthi3e4:pathl1:b1:ceee" + end: 2,
	} {
		if got, err := countFiles([]byte(metainfo)); err != nil || got != want {
			t.Errorf("%s: %d, error %v; want %d", metainfo, got, err, want)
		}
	}
	for _, metainfo := range []string{"", "le", "d4:infod6:lengthi5eee", "d4:info" + strings.Repeat("l", 1<<20)} {
		if got, err := countFiles([]byte(metainfo)); err == nil {
			t.Errorf("%.50s: %d", metainfo, got)
		}
	}
}
