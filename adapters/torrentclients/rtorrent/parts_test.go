package rtorrent

import (
	"strings"
	"testing"
	"time"

	"github.com/clarion-app/download-manager/domain"
)

func TestLimitsAreInTheNameOfTheirThrottle(t *testing.T) {
	t.Parallel()
	hash, err := domain.ParseInfoHash(strings.Repeat("ab", 20))
	if err != nil {
		t.Fatal(err)
	}
	bytes := func(n int64) *int64 { return &n }
	for _, is := range []struct {
		settings domain.TransferSettings
		name     string
	}{
		{domain.TransferSettings{}, ""},
		{domain.TransferSettings{DownloadLimit: bytes(0), UploadLimit: bytes(-5)}, ""},
		{domain.TransferSettings{DownloadLimit: bytes(1)}, "dm-abababababab-1-0"},
		{domain.TransferSettings{DownloadLimit: bytes(1024), UploadLimit: bytes(1025)}, "dm-abababababab-1-2"},
		{domain.TransferSettings{UploadLimit: bytes(1 << 60)}, "dm-abababababab-0-327625"},
	} {
		l := (limits{}).with(is.settings)
		if name := l.name(hash); name != is.name {
			t.Errorf("%+v: %q; want %q", is.settings, name, is.name)
		}
		if read, ours := readLimits(is.name); read != l || ours != (is.name != "") {
			t.Errorf("%q: %+v, %t", is.name, read, ours)
		}
	}
	for _, name := range []string{"slow", "dm-", "dm-x-1", "dm-x-1-2-3", "dm-x-a-1", "dm-x-1--1", "dm-x-1-999999999999"} {
		if l, ours := readLimits(name); ours {
			t.Errorf("%q is ours: %+v", name, l)
		}
	}
}

func TestLabelsAreEncodedAsElsewhere(t *testing.T) {
	t.Parallel()
	for label, want := range map[string]string{
		"": "", "films": "films", "Fünf & mehr+": "F%C3%BCnf%20%26%20mehr%2B", "$x=,\"": "%24x%3D%2C%22",
	} {
		if got := encodeLabel(label); got != want || decodeLabel(got) != label {
			t.Errorf("%q: %q, read as %q", label, got, decodeLabel(got))
		}
	}
	if got := decodeLabel("100% mine"); got != "100% mine" {
		t.Errorf("%q", got)
	}
}

func TestFreeSpaceIsReadFromDF(t *testing.T) {
	t.Parallel()
	const heading = "Filesystem     1024-blocks     Used Available Capacity Mounted on\n"
	for line, want := range map[string]int64{
		"/dev/sda1         41152736 21062704  18357328      54% /":            18357328 << 10,
		"//nas/my share    41152736 21062704  18357328      54% /mnt/my 1% x": 18357328 << 10,
		"tmpfs 1 1 0 100% /run": 0,
	} {
		if got := readFreeSpace(heading + line + "\n"); got == nil || *got != want {
			t.Errorf("%q: %v", line, got)
		}
	}
	for _, text := range []string{"", heading, heading + "a\n", heading + "a b c d e f\n", heading + "a 1 2 -3 5% /\n", "a\nb\nc\n"} {
		if got := readFreeSpace(text); got != nil {
			t.Errorf("%q: %d", text, *got)
		}
	}
}

func TestManyCallsArePartedSoThatEachRequestIsTaken(t *testing.T) {
	t.Parallel()
	hash := strings.Repeat("AB", 20)
	calls := make([]call, 5000)
	for i := range calls {
		calls[i] = evaluate(hash, rowCommand)
	}
	n := 0
	for _, some := range fitting(calls) {
		if size := len(together(some).encode()); size > 512<<10 {
			t.Errorf("%d calls are %d bytes", len(some), size)
		}
		n += len(some)
	}
	if n != len(calls) {
		t.Errorf("%d calls", n)
	}
	var resume []call
	for range batch {
		resume = append(resume, resuming(hash)...)
	}
	if n := len(fitting(resume)); n != 1 {
		t.Errorf("a batch is %d requests", n)
	}
	if n := len(fitting(nil)); n != 1 {
		t.Errorf("no calls are %d requests", n)
	}
}

func TestAbsenceProvesSomethingWhen(t *testing.T) {
	t.Parallel()
	hash, err := domain.ParseInfoHash(strings.Repeat("ab", 20))
	if err != nil {
		t.Fatal(err)
	}
	absent := []domain.InfoHash{hash}
	there := map[domain.InfoHash]domain.Transfer{hash: {}}
	start := time.Now()
	see := func(m *session, s sight, at time.Time, there map[domain.InfoHash]domain.Transfer) bool {
		m.enter(s, at)
		return m.settled(s, at, there, absent)
	}
	t.Run("any torrent is there", func(t *testing.T) {
		t.Parallel()
		if m := (&session{settle: settlingTime}); !see(m, sight{"a", 1}, start, nil) {
			t.Error("it does not")
		}
	})
	t.Run("none is there, for a minute", func(t *testing.T) {
		t.Parallel()
		for _, mark := range []string{"", "a"} {
			m := &session{settle: settlingTime}
			for at := range 60 {
				if see(m, sight{mark, 0}, start.Add(time.Duration(at)*time.Second), nil) {
					t.Fatalf("it does after %d s", at)
				}
			}
			if !see(m, sight{mark, 0}, start.Add(time.Minute), nil) {
				t.Error("it does not")
			}
		}
	})
	t.Run("it was there since the daemon started", func(t *testing.T) {
		t.Parallel()
		m := &session{settle: settlingTime}
		see(m, sight{"a", 1}, start, there)
		if !see(m, sight{"a", 0}, start.Add(time.Second), nil) {
			t.Error("it does not")
		}
		if see(m, sight{"", 0}, start.Add(2*time.Second), nil) || see(m, sight{"b", 0}, start.Add(3*time.Second), nil) {
			t.Error("it does although the daemon has started anew")
		}
	})
	t.Run("not when it was there long ago and the daemon takes no mark", func(t *testing.T) {
		t.Parallel()
		m := &session{settle: settlingTime}
		see(m, sight{"", 1}, start, there)
		if see(m, sight{"", 0}, start.Add(time.Hour), nil) {
			t.Error("it does")
		}
	})
}
