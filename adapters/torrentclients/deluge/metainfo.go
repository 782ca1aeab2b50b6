package deluge

import (
	"bytes"
	"errors"
	"strconv"
)

var errMetainfo = errors.New("it is not one")

// countFiles counts the files of a .torrent file, since the daemon takes priorities
// for all of them or for none.
func countFiles(metainfo []byte) (int, error) {
	b := bencode{data: metainfo}
	count := 0
	err := b.dict(func(key []byte) error {
		if string(key) != "info" {
			return b.skip(0)
		}
		return b.dict(func(key []byte) error {
			switch string(key) {
			case "length":
				count = 1
			case "files":
				count = 0
				return b.list(func() error {
					count++
					return b.skip(0)
				})
			}
			return b.skip(0)
		})
	})
	if err == nil && count == 0 {
		err = errors.New("it has no list of files of version 1")
	}
	return count, err
}

// bencode reads what BEP 3 describes, as far as counting takes it.
type bencode struct {
	data []byte
	at   int
}

// accept passes over one byte if it is the next.
func (b *bencode) accept(c byte) bool {
	if b.at < len(b.data) && b.data[b.at] == c {
		b.at++
		return true
	}
	return false
}

func (b *bencode) dict(each func(key []byte) error) error {
	if !b.accept('d') {
		return errMetainfo
	}
	for !b.accept('e') {
		key, err := b.text()
		if err != nil {
			return err
		}
		if err := each(key); err != nil {
			return err
		}
	}
	return nil
}

func (b *bencode) list(each func() error) error {
	if !b.accept('l') {
		return errMetainfo
	}
	for !b.accept('e') {
		if err := each(); err != nil {
			return err
		}
	}
	return nil
}

func (b *bencode) until(end byte) ([]byte, error) {
	n := bytes.IndexByte(b.data[b.at:min(len(b.data), b.at+longestNumber)], end)
	if n < 0 {
		return nil, errMetainfo
	}
	part := b.data[b.at : b.at+n]
	b.at += n + 1
	return part, nil
}

func (b *bencode) text() ([]byte, error) {
	digits, err := b.until(':')
	if err != nil {
		return nil, err
	}
	length, err := strconv.ParseUint(string(digits), 10, 31)
	if err != nil || int(length) > len(b.data)-b.at {
		return nil, errMetainfo
	}
	b.at += int(length)
	return b.data[b.at-int(length) : b.at], nil
}

// skip passes over any value.
func (b *bencode) skip(deep int) error {
	if b.at >= len(b.data) || deep > deepest {
		return errMetainfo
	}
	var err error
	switch b.data[b.at] {
	case 'i':
		_, err = b.until('e')
	case 'l':
		err = b.list(func() error { return b.skip(deep + 1) })
	case 'd':
		err = b.dict(func([]byte) error { return b.skip(deep + 1) })
	default:
		_, err = b.text()
	}
	return err
}
