package embedded

import (
	"errors"
	"fmt"
	"path"
	"runtime"
	"strings"

	"github.com/anacrolix/torrent/bencode"
	"github.com/anacrolix/torrent/metainfo"
)

// Bounds of an info dictionary. Real ones stay far below.
const (
	maxInfoBytes   = 16 << 20
	maxInfoDepth   = 64
	maxInfoFiles   = 200_000
	maxInfoPieces  = 4 << 20
	maxPieceLength = 1 << 30
	maxTotalBytes  = 1 << 50
)

// errRefused is wrapped by every reason not to take an info dictionary.
var errRefused = errors.New("this torrent is refused")

func refuse(format string, args ...any) error {
	return fmt.Errorf("%w: %s", errRefused, fmt.Sprintf(format, args...))
}

// readInfo understands an info dictionary. The library believes what such a
// dictionary says, and ends the process where it contradicts itself, so every
// number is looked at here first.
func readInfo(raw []byte) (*layout, error) {
	if len(raw) > maxInfoBytes {
		return nil, refuse("its metadata is larger than %d bytes", maxInfoBytes)
	}
	if err := checkNesting(raw); err != nil {
		return nil, err
	}
	info, err := decodeInfo(raw)
	if err != nil {
		return nil, refuse("its metadata cannot be read")
	}
	if err := checkPieces(info); err != nil {
		return nil, err
	}
	read := &layout{
		name:        info.BestName(),
		pieceLength: info.PieceLength,
		private:     info.Private != nil && *info.Private,
	}
	if info.HasV2() {
		err = read.takeTree(info)
	} else {
		err = read.takeList(info)
	}
	if err != nil {
		return nil, err
	}
	return read, read.check(info)
}

func decodeInfo(raw []byte) (info *metainfo.Info, err error) {
	defer func() {
		if r := recover(); r != nil {
			if fatal, ok := r.(runtime.Error); ok {
				err = fatal
				return
			}
			err = fmt.Errorf("%v", r)
		}
	}()
	info = new(metainfo.Info)
	return info, bencode.Unmarshal(raw, info)
}

// checkNesting bounds the depth, since the library's decoder recurses and a
// stack that overflows cannot be recovered from.
func checkNesting(raw []byte) error {
	depth := 0
	for i := 0; i < len(raw); i++ {
		switch c := raw[i]; {
		case c == 'd' || c == 'l':
			if depth++; depth > maxInfoDepth {
				return refuse("its metadata is nested too deeply")
			}
		case c == 'e':
			depth--
		case c == 'i':
			for i < len(raw) && raw[i] != 'e' {
				i++
			}
		case c >= '0' && c <= '9':
			length := 0
			for ; i < len(raw) && raw[i] != ':'; i++ {
				length = length*10 + int(raw[i]-'0')
				if raw[i] < '0' || raw[i] > '9' || length > len(raw) {
					return refuse("its metadata is malformed")
				}
			}
			i += length
		default:
			return refuse("its metadata is malformed")
		}
	}
	if depth != 0 {
		return refuse("its metadata is malformed")
	}
	return nil
}

func checkPieces(info *metainfo.Info) error {
	count := len(info.Pieces) / 20
	switch {
	case info.MetaVersion != 0 && info.MetaVersion != 1 && info.MetaVersion != 2:
		return refuse("its metadata is of version %d, which is unknown", info.MetaVersion)
	case info.PieceLength <= 0 || info.PieceLength > maxPieceLength:
		return refuse("a piece length of %d bytes is not possible", info.PieceLength)
	case len(info.Pieces)%20 != 0:
		return refuse("its piece hashes are cut off")
	case count == 0:
		return refuse("it has no piece hashes of version 1")
	case count > maxInfoPieces:
		return refuse("it has %d pieces, more than %d", count, maxInfoPieces)
	case len(info.Files) > maxInfoFiles:
		return refuse("it has more than %d files", maxInfoFiles)
	case info.Length != 0 && len(info.Files) != 0:
		return refuse("it is both one file and many")
	}
	return nil
}

// takeList reads the files of version 1.
func (l *layout) takeList(info *metainfo.Info) error {
	l.single = len(info.Files) == 0
	if l.single {
		return l.add(nil, info.Length, strings.Contains(info.Attr, "p"))
	}
	for _, file := range info.Files {
		if err := l.add(file.BestPath(), file.Length, isPadding(file)); err != nil {
			return err
		}
	}
	return nil
}

// isPadding knows BEP 47, and the habit of a client from before it.
func isPadding(file metainfo.FileInfo) bool {
	parts := file.BestPath()
	return strings.Contains(file.Attr, "p") ||
		len(parts) > 0 && strings.HasPrefix(parts[len(parts)-1], "_____padding_file")
}

// takeTree reads the files of a hybrid torrent, whose two descriptions must
// agree.
func (l *layout) takeTree(info *metainfo.Info) error {
	if err := checkTree(&info.FileTree); err != nil {
		return err
	}
	for file := range info.UpvertedFilesIter() {
		if len(l.files) > maxInfoFiles {
			return refuse("it has more than %d files", maxInfoFiles)
		}
		l.end = file.TorrentOffset
		if err := l.add(file.BestPath(), file.Length, false); err != nil {
			return err
		}
	}
	var plain layout
	if err := plain.takeList(info); err != nil {
		return err
	}
	l.single = plain.single
	if l.single {
		if len(l.files) != 1 || len(l.files[0].parts) != 1 || l.files[0].length != info.Length {
			return refuse("its two file lists differ")
		}
		l.files[0].parts = nil
		return nil
	}
	at := 0
	for _, file := range plain.files {
		if file.padding {
			continue
		}
		if at == len(l.files) || file.length != l.files[at].length || file.length > 0 && file.offset != l.files[at].offset ||
			path.Join(file.parts...) != path.Join(l.files[at].parts...) {
			return refuse("its two file lists differ")
		}
		at++
	}
	if at != len(l.files) {
		return refuse("its two file lists differ")
	}
	return nil
}

// checkTree makes sure that the library can walk a file tree.
func checkTree(tree *metainfo.FileTree) error {
	if tree.IsDir() {
		if tree.File != (metainfo.FileTreeFile{}) {
			return refuse("a folder in it is also a file")
		}
		for name, branch := range tree.Dir {
			if name == "" {
				return refuse("a file in it has no name")
			}
			if err := checkTree(&branch); err != nil {
				return err
			}
		}
		return nil
	}
	if tree.File.Length < 0 || tree.File.Length > maxTotalBytes {
		return refuse("a file of %d bytes is not possible", tree.File.Length)
	}
	if length := len(tree.File.PiecesRoot); length != 32 && (length != 0 || tree.File.Length > 0) {
		return refuse("a file in it has no proper hash")
	}
	return nil
}
