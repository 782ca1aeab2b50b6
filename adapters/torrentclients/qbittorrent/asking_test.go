package qbittorrent_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/clarion-app/download-manager/adapters/torrentclients/qbittorrent"
	"github.com/clarion-app/download-manager/domain"
)

// answerAdd makes a fake answer an add in its own way, before or without doing it.
func answerAdd(status int, text string) func(http.ResponseWriter, *http.Request) bool {
	return func(w http.ResponseWriter, r *http.Request) bool {
		if !strings.HasSuffix(r.URL.Path, "torrents/add") {
			return false
		}
		w.Header().Set("Content-Type", "text/plain; charset=UTF-8")
		w.WriteHeader(status)
		_, _ = w.Write([]byte(text))
		return true
	}
}

func TestWhatTheAnswerToAnAddMeans(t *testing.T) {
	t.Parallel()
	const held, strange = 1, 500 // the first is there, the second is not
	for name, is := range map[string]struct {
		status  int
		text    string
		torrent int
		kind    domain.Kind
		says    string
	}{
		"4.x has it already":            {200, "Fails.", held, "", ""},
		"4.x refuses it":                {200, "Fails.", strange, domain.KindInvalid, "refused"},
		"5.2 has it already":            {409, "Conflict", held, "", ""},
		"5.2 refuses it":                {409, "Conflict", strange, domain.KindInvalid, "refused"},
		"5.3 fails with it":             {200, `{"success_count":0,"failure_count":1,"pending_count":0}`, strange, domain.KindInvalid, "refused"},
		"5.3 has it, and says failure":  {200, `{"success_count":0,"failure_count":1,"pending_count":0}`, held, "", ""},
		"the file is none":              {415, "Error: 'x' is not a valid torrent file.", strange, domain.KindInvalid, "not a valid torrent file"},
		"the request is not understood": {400, "Cannot do this", strange, domain.KindInvalid, "Cannot do this"},
		"4.x takes it, and shows it":    {200, "Ok.", held, "", ""},
		"4.x takes it, and never shows": {200, "Ok.", strange, domain.KindUnavailable, "does not show it"},
		"5.3 takes it, and never shows": {200, `{"success_count":1}`, strange, domain.KindUnavailable, "does not show it"},
		"5.3 has it in its queue":       {200, `{"pending_count":1}`, held, "", ""},
		"nothing is said":               {200, "", strange, domain.KindUnavailable, "not as qbittorrent does"},
		"an object without a count":     {200, "{}", strange, domain.KindUnavailable, "not as qbittorrent does"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newFake(t, 10)
			f.also = answerAdd(is.status, is.text)
			client := f.open(t, qbittorrent.WithTimeout(time.Second))
			hash, err := client.Add(t.Context(), handover(t, is.torrent))
			if is.kind == "" {
				if err != nil || hash != numbered(t, is.torrent) {
					t.Fatalf("added as %s, error %v", hash, err)
				}
				return
			}
			if err == nil || domain.KindOf(err) != is.kind || !strings.Contains(domain.MessageOf(err), is.says) || !hash.IsZero() {
				t.Fatalf("added as %s, error %v; want one of kind %s that says %q", hash, err, is.kind, is.says)
			}
		})
	}
}

func TestWhatIsNotPossibleIsNotAsked(t *testing.T) {
	t.Parallel()
	f := newFake(t, 10)
	client := f.open(t)
	high, labels := domain.PriorityHigh, []string{`a\b`, "/a", "a/", "a//b"}
	folders := []string{"", "films", "./films", "C:films", "~/films"}
	all := []domain.TransferSettings{{Priority: &high}}
	for i := range labels {
		all = append(all, domain.TransferSettings{Label: &labels[i]})
	}
	for i := range folders {
		all = append(all, domain.TransferSettings{Folder: &folders[i]})
	}
	for _, settings := range all {
		given := handover(t, 700)
		given.Settings = settings
		if _, err := client.Add(t.Context(), given); domain.KindOf(err) != domain.KindInvalid {
			t.Errorf("error %v", err)
		}
		if err := client.Configure(t.Context(), numbered(t, 1), settings); domain.KindOf(err) != domain.KindInvalid {
			t.Errorf("error %v", err)
		}
	}
	if _, err := client.Add(t.Context(), domain.Handover{}); domain.KindOf(err) != domain.KindInvalid {
		t.Errorf("error %v", err)
	}
	for _, none := range [][]domain.InfoHash{nil, {}, {{}}, {{}, {}}} {
		for _, do := range []func() error{
			func() error { return client.Pause(t.Context(), none) },
			func() error { return client.Resume(t.Context(), none) },
			func() error { return client.Verify(t.Context(), none) },
			func() error { return client.Remove(t.Context(), none, true) },
		} {
			if err := do(); err != nil {
				t.Fatal(err)
			}
		}
	}
	if requests := f.asked(); len(requests) != 0 {
		t.Fatalf("%q", requests)
	}
}

func TestManyAreRemovedInBatches(t *testing.T) {
	t.Parallel()
	f := newFake(t, 2500)
	client := f.open(t)
	if err := client.Remove(t.Context(), numbers(t, 2400), true); err != nil {
		t.Fatal(err)
	}
	if requests := f.asked(); len(requests) != 6 {
		t.Fatalf("%d requests", len(requests))
	}
	if len(f.torrents) != 100 {
		t.Fatalf("%d torrents are left", len(f.torrents))
	}
}

func TestTheWordForStoppingIsFoundOut(t *testing.T) {
	t.Parallel()
	f := newFake(t, 10)
	word := "pause"
	f.also = func(_ http.ResponseWriter, r *http.Request) bool { return strings.HasSuffix(r.URL.Path, "/"+word) }
	client := f.open(t)
	hash := numbers(t, 1)
	of := " hashes=" + hash[0].String()
	stop := func(want ...string) {
		t.Helper()
		f.asked()
		if err := client.Pause(t.Context(), hash); err != nil {
			t.Fatal(err)
		}
		got := strings.ReplaceAll(strings.Join(f.asked(), " "), of, "")
		if got = strings.ReplaceAll(got, "torrents/", ""); got != strings.Join(want, " ") {
			t.Fatalf("%q; want %q", got, want)
		}
	}
	stop("info", "stop", "info", "pause")
	stop("info", "pause")
	f.change(func() { word = "stop" }) // it was upgraded
	stop("info", "pause", "info", "stop")
	stop("info", "stop")
}

func TestLimitsFitTheDaemon(t *testing.T) {
	t.Parallel()
	f := newFake(t, 1)
	f.also = func(_ http.ResponseWriter, r *http.Request) bool { return strings.HasSuffix(r.URL.Path, "Limit") }
	client := f.open(t)
	for bytes, want := range map[int64]string{0: "0", -5: "0", 1000: "1000", 5 << 30: "2147483647"} {
		f.asked()
		if err := client.Configure(t.Context(), numbered(t, 0), domain.TransferSettings{UploadLimit: &bytes}); err != nil {
			t.Fatal(err)
		}
		if requests := f.asked(); !strings.HasSuffix(requests[len(requests)-1], " limit="+want) {
			t.Errorf("%d: %q", bytes, requests)
		}
	}
}

func TestARefusedSettingNamesItsField(t *testing.T) {
	t.Parallel()
	text, folder, limit := "x", `D:\films`, int64(1)
	for name, is := range map[string]struct {
		settings domain.TransferSettings
		status   int
		kind     domain.Kind
		field    string
	}{
		"a name":                         {domain.TransferSettings{Name: &text}, 409, domain.KindInvalid, "name"},
		"a label":                        {domain.TransferSettings{Label: &text}, 409, domain.KindInvalid, "label"},
		"a limit":                        {domain.TransferSettings{DownloadLimit: &limit}, 400, domain.KindInvalid, "downloadLimit"},
		"a folder":                       {domain.TransferSettings{Folder: &folder}, 409, domain.KindInvalid, "folder"},
		"a folder that it may not write": {domain.TransferSettings{Folder: &folder}, 403, domain.KindInvalid, "folder"},
		"a torrent that has just gone":   {domain.TransferSettings{Name: &text}, 404, domain.KindNotFound, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newFake(t, 1)
			f.also = func(w http.ResponseWriter, r *http.Request) bool {
				if strings.HasSuffix(r.URL.Path, "/info") {
					return false
				}
				w.Header().Set("Content-Type", "text/plain; charset=UTF-8")
				w.WriteHeader(is.status)
				_, _ = w.Write([]byte("Just no."))
				return true
			}
			err := f.open(t).Configure(t.Context(), numbered(t, 0), is.settings)
			if err == nil || domain.KindOf(err) != is.kind || domain.Errors(err)[0].Field != is.field {
				t.Fatalf("error %v; want one of kind %s, field %q", err, is.kind, is.field)
			}
			if is.kind == domain.KindInvalid && !strings.HasSuffix(err.Error(), "Just no") {
				t.Fatalf("error %v; want it to say why", err)
			}
		})
	}
}
