package embedded

import (
	"crypto/sha256"
	"encoding/hex"
	"iter"
	"path"
	"slices"
	"sort"
	"strings"
	"unicode/utf8"

	"github.com/anacrolix/torrent/metainfo"
)

// maxNameBytes is the longest name that file systems take.
const maxNameBytes = 255

// layout is where the bytes of a torrent lie: its files, one behind the other.
type layout struct {
	name        string
	single      bool // one file instead of a folder of files
	private     bool // BEP 27: peers from its trackers only
	pieceLength int64
	files       []layoutFile
	end         int64 // offset behind the last file
	wanted      int64 // bytes of all files, padding not counted
}

// layoutFile is one file of a torrent.
type layoutFile struct {
	parts          []string // path inside the torrent's folder; nil when single
	offset, length int64
	padding        bool // zeros between files; never on disk
}

// add appends a file. A path that leads anywhere but down is refused, and names
// that no file system takes are cut.
func (l *layout) add(parts []string, length int64, padding bool) error {
	if length < 0 || length > maxTotalBytes || l.end > maxTotalBytes {
		return refuse("a file of %d bytes is not possible", length)
	}
	file := layoutFile{offset: l.end, length: length, padding: padding}
	if !padding {
		for _, part := range parts {
			if !safeName(part) {
				return refuse("it names a file %q outside its folder", path.Join(parts...))
			}
			file.parts = append(file.parts, shorten(part, maxNameBytes))
		}
		if !l.single && len(file.parts) == 0 {
			return refuse("a file in it has no name")
		}
		l.wanted += length
	}
	l.files = append(l.files, file)
	l.end += length
	return nil
}

// safeName reports whether a name from elsewhere is one step down and no more,
// on any system.
func safeName(name string) bool {
	return name != "" && name != "." && name != ".." && !strings.ContainsAny(name, "/\\\x00")
}

// shorten cuts a name that is too long, keeping its ending and keeping it unlike
// other long names.
func shorten(name string, most int) string {
	if len(name) <= most {
		return name
	}
	sum := sha256.Sum256([]byte(name))
	ending := path.Ext(name)
	if len(ending) > 16 {
		ending = ""
	}
	ending = "-" + hex.EncodeToString(sum[:4]) + ending
	cut := most - len(ending)
	for cut > 0 && !utf8.RuneStart(name[cut]) {
		cut--
	}
	return name[:cut] + ending
}

// check refuses what contradicts itself.
func (l *layout) check(info *metainfo.Info) error {
	switch {
	case l.name != "" && !safeName(l.name):
		return refuse("its name %q leads outside its folder", l.name)
	case l.wanted <= 0:
		return refuse("it holds no data")
	case l.end > maxTotalBytes:
		return refuse("%d bytes are not possible", l.end)
	case (l.end+l.pieceLength-1)/l.pieceLength != int64(len(info.Pieces)/20) || info.NumPieces() != len(info.Pieces)/20:
		return refuse("its pieces do not fit its files")
	}
	// "a" and "a/b" cannot both be files, and no file can be there twice. Letters
	// of either case are one, as on many file systems.
	seen := make(map[string]bool, len(l.files)) // true: a file; false: a folder
	for _, file := range l.files {
		if file.padding || l.single {
			continue
		}
		for depth := range file.parts {
			key := strings.ToLower(strings.Join(file.parts[:depth+1], "/"))
			isFile := depth == len(file.parts)-1
			if known, found := seen[key]; found && (isFile || known) {
				return refuse("it names %q twice", path.Join(file.parts...))
			}
			seen[key] = isFile
		}
	}
	return nil
}

// pieces counts the pieces.
func (l *layout) pieces() int { return int((l.end + l.pieceLength - 1) / l.pieceLength) }

// span is a part of a file.
type span struct {
	file         int
	offset, size int64 // in the file
}

// spans finds what lies at [from, from+size), in order. Gaps (between the
// aligned files of a hybrid torrent) are passed over.
func (l *layout) spans(from, size int64) iter.Seq[span] {
	return func(yield func(span) bool) {
		to := from + size
		first := sort.Search(len(l.files), func(i int) bool { return l.files[i].offset+l.files[i].length > from })
		for i := first; i < len(l.files) && l.files[i].offset < to; i++ {
			file := &l.files[i]
			start, stop := max(from, file.offset), min(to, file.offset+file.length)
			if start < stop && !yield(span{file: i, offset: start - file.offset, size: stop - start}) {
				return
			}
		}
	}
}

// pieceSpans finds the parts of a piece.
func (l *layout) pieceSpans(piece int) iter.Seq[span] {
	from := int64(piece) * l.pieceLength
	return l.spans(from, min(l.pieceLength, l.end-from))
}

// path is where a file lies, under the name that the torrent has on disk.
func (l *layout) path(file int, folder string) string {
	return path.Join(append([]string{folder}, l.files[file].parts...)...)
}

// folders lists the folders that files lie in, the deepest first.
func (l *layout) folders(folder string) []string {
	if l.single {
		return nil
	}
	seen := map[string]bool{folder: true}
	for i := range l.files {
		for dir := path.Dir(l.path(i, folder)); !l.files[i].padding && !seen[dir] && dir != "."; dir = path.Dir(dir) {
			seen[dir] = true
		}
	}
	all := make([]string, 0, len(seen))
	for dir := range seen {
		all = append(all, dir)
	}
	slices.SortFunc(all, func(a, b string) int { return strings.Count(b, "/") - strings.Count(a, "/") })
	return all
}
