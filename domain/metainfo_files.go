package domain

import (
	"crypto/sha1" //nolint:gosec // it is what BEP 3 hashes pieces with
	"errors"
	"strings"
)

const (
	// maxMetainfoFiles bounds what is remembered of a .torrent file.
	maxMetainfoFiles = 200_000
	// maxPathElements is how deep folders may be nested.
	maxPathElements = 64
	// maxPathLength bounds the path of one file, in bytes; no file system takes longer
	// ones.
	maxPathLength = 4 << 10
	// maxPathBytes bounds all paths together: that of a folder is in those of all its
	// files.
	maxPathBytes = 4 * MaxMetainfoBytes
)

var errOutside = errors.New("it leads outside")

// fileName reads one element of a path: of several spellings the first that is there.
func fileName(spellings ...bencode) (string, error) {
	for _, spelling := range spellings {
		if name, found := spelling.bytes(); found {
			return cleanElement(string(name))
		}
	}
	return "", nil
}

// cleanElement makes an element of a path fit to show. It is "" for one that says
// nothing, which clients leave out. An error is one that leads outside of its folder.
func cleanElement(name string) (string, error) {
	if strings.ContainsRune(name, 0) || strings.HasPrefix(name, "/") || strings.HasPrefix(name, `\`) {
		return "", errOutside
	}
	for part := range strings.FieldsFuncSeq(name, func(r rune) bool { return r == '/' || r == '\\' }) {
		if part == ".." {
			return "", errOutside
		}
	}
	if name = CleanText(name); name == "." {
		return "", nil
	}
	return name, nil
}

// readFiles reads the files of v1: several in a folder, or (files is nil) one.
func (m *Metainfo) readFiles(name string, files, length bencode) (err error) {
	m.files, m.totalLength, m.pathBytes = nil, 0, 0
	if files == nil {
		return m.addFile([]string{name}, length, nil)
	}
	files.list(func(file bencode) bool {
		err = m.readFile(name, file)
		return err == nil
	})
	return err
}

// checkPieces holds the number of hashes against the length of the files, as clients
// do.
func (m *Metainfo) checkPieces(pieces bencode, pieceLength int64) error {
	text, isText := pieces.bytes()
	if !isText || len(text)%sha1.Size != 0 {
		return badMetainfo("has no hashes of pieces")
	}
	all := int64(0) // with the padding
	for _, file := range m.files {
		var possible bool
		if all, possible = addLengths(all, file.Length); !possible {
			return badMetainfo("has files of an impossible length")
		}
	}
	hashes := int64(len(text) / sha1.Size)
	if len(m.files) == 0 || hashes != all/pieceLength+min(all%pieceLength, 1) {
		return badMetainfo("has another number of pieces than its files need")
	}
	return nil
}

func (m *Metainfo) readFile(folder string, file bencode) error {
	entries := file.entries("length", "attr", "path", "path.utf-8")
	written := entries[2]
	if entries[3].isList() {
		written = entries[3]
	}
	path := []string{folder}
	var err error
	written.list(func(element bencode) bool {
		var name string
		if name, err = fileName(element); name != "" {
			path = append(path, name)
		}
		return err == nil && len(path) <= maxPathElements
	})
	if err != nil {
		return badPath()
	}
	if len(path) == 1 {
		return badMetainfo("has a file without a name")
	}
	return m.addFile(path, entries[0], entries[1])
}

func badPath() *Error { return badMetainfo("has a file whose path leads outside of its folder") }

func (m *Metainfo) addFile(path []string, length, attributes bencode) error {
	n, found := length.number()
	text := strings.Join(path, "/")
	attr, _ := attributes.bytes()
	file := MetainfoFile{Path: text, Length: n, Padding: strings.Contains(string(attr), "p")}
	switch {
	case !found || n < 0:
		return badMetainfo("has a file without a length")
	case len(path) > maxPathElements || len(text) > maxPathLength:
		return badMetainfo("has a file whose path is too long")
	case m.pathBytes+len(text) > maxPathBytes:
		return badMetainfo("has paths that are too long")
	case len(m.files) == maxMetainfoFiles:
		return badMetainfo("must not have more than %d files", maxMetainfoFiles)
	}
	m.files = append(m.files, file)
	m.pathBytes += len(text)
	if !file.Padding {
		var possible bool
		if m.totalLength, possible = addLengths(m.totalLength, n); !possible {
			return badMetainfo("has files of an impossible length")
		}
	}
	return nil
}

// readTree reads the files of v2 (BEP 52): a tree of folders, in which what has an
// entry without a name is a file.
func (m *Metainfo) readTree(name string, tree bencode) error {
	if !tree.isDictionary() {
		return badMetainfo("has no tree of files")
	}
	m.files, m.totalLength, m.pathBytes = nil, 0, 0
	if _, err := m.readFolder(nil, tree); err != nil {
		return err
	}
	if len(m.files) == 0 {
		return badMetainfo("has no files")
	}
	if len(m.files) == 1 && m.files[0].Path == name {
		return nil // a file by itself: it has no folder
	}
	for i := range m.files {
		m.files[i].Path = name + "/" + m.files[i].Path
	}
	return nil
}

// readFolder reads the folder that text begins with, and returns what follows it. All
// folders are read in one pass: to cut each one out first would be to read what is deep
// down again for every folder around it.
func (m *Metainfo) readFolder(path []string, text bencode) (rest bencode, err error) {
	switch {
	case !text.isDictionary():
		return nil, badMetainfo("has no tree of files")
	case len(path) > maxPathElements:
		return nil, badMetainfo("has a file whose path is too long")
	}
	for rest = text[1:]; rest[0] != 'e'; {
		var key, value bencode
		if key, rest, err = cutBencode(rest); err != nil {
			return nil, err // cannot be: all of it is well formed
		}
		if name, _ := key.bytes(); len(name) > 0 || len(path) == 0 {
			element, outside := cleanElement(string(name))
			if outside != nil || element == "" {
				return nil, badPath()
			}
			if rest, err = m.readFolder(append(path, element), rest); err != nil {
				return nil, err
			}
			continue
		}
		if value, rest, err = cutBencode(rest); err != nil {
			return nil, err // the same
		}
		entries := value.entries("length", "attr")
		if err := m.addFile(path, entries[0], entries[1]); err != nil {
			return nil, err
		}
	}
	return rest[1:], nil
}
