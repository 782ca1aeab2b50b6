package deluge

import (
	"strings"
	"testing"
)

func TestFilesAreCounted(t *testing.T) {
	t.Parallel()
	for metainfo, want := range map[string]int{
		"d4:infod6:lengthi5e4:name1:aee": 1,
		"d8:announce3:url4:infod5:filesld6:lengthi5e4:pathl1:aeed6:lengthi5e4:pathl1:b1:ceee4:name1:aee": 2,
	} {
		if got, err := countFiles([]byte(metainfo)); err != nil || got != want {
			t.Errorf("%s: %d, error %v; want %d", metainfo, got, err, want)
		}
		for cut := range metainfo {
			if got, err := countFiles([]byte(metainfo[:cut])); err == nil {
				t.Errorf("%s: %d", metainfo[:cut], got)
			}
		}
	}
	for _, metainfo := range []string{
		"d4:infod9:file treedeee", "d4:infoi5ee", "le", "d1:ae", "d999999999999999999999:ae", "d-1:ae", "d4:info" + strings.Repeat("l", 1<<20),
		"d1:x" + strings.Repeat("d1:x", 1<<18),
	} {
		if got, err := countFiles([]byte(metainfo)); err == nil {
			t.Errorf("%.50s: %d", metainfo, got)
		}
	}
}

// FuzzCountFiles counts the files of whatever somebody has uploaded.
func FuzzCountFiles(f *testing.F) {
	f.Add([]byte("d8:announce3:url4:infod5:filesld6:lengthi5e4:pathl1:aeed6:lengthi5e4:pathl1:b1:ceee4:name1:aee"))
	f.Fuzz(func(t *testing.T, metainfo []byte) {
		if count, err := countFiles(metainfo); err == nil && (count < 1 || count > len(metainfo)) {
			t.Fatalf("%d files in %q", count, metainfo)
		}
	})
}
