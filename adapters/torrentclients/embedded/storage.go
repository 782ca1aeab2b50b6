package embedded

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"

	"github.com/anacrolix/torrent/metainfo"
	"github.com/anacrolix/torrent/storage"
)

// dataMode is how files are made: readable by all whom the umask lets.
const (
	dataMode   = 0o644
	folderMode = 0o755
)

// OpenTorrent lets the library store pieces in the content that was prepared.
func (c *content) OpenTorrent(context.Context, *metainfo.Info, metainfo.Hash) (storage.TorrentImpl, error) {
	return storage.TorrentImpl{
		Piece: func(p metainfo.Piece) storage.PieceImpl { return piece{c, p.Index()} },
	}, nil
}

// piece is one piece of a content, as the library wants it.
type piece struct {
	*content
	index int
}

// ReadAt reads from the files of the piece.
func (p piece) ReadAt(b []byte, offset int64) (read int, err error) {
	if err := p.enter(); err != nil {
		return 0, err
	}
	defer p.closing.RUnlock()
	for part := range p.layout.spans(p.start()+offset, int64(len(b))) {
		into := b[read : read+int(part.size)]
		if p.layout.files[part.file].padding {
			clear(into)
			read += len(into)
			continue
		}
		n, err := p.readFile(into, part)
		read += n
		if err != nil {
			return read, err
		}
	}
	if read < len(b) {
		return read, io.EOF
	}
	return read, nil
}

func (p piece) start() int64 { return int64(p.index) * p.layout.pieceLength }

func (p piece) readFile(b []byte, part span) (int, error) {
	file, err := p.root.Open(p.layout.path(part.file, p.folder))
	if err != nil {
		p.noteLoss(err)
		return 0, err
	}
	defer file.Close()
	n, err := file.ReadAt(b, part.offset)
	if err != nil {
		p.noteLoss(err)
	}
	return n, err
}

// noteLoss is told of a read that went wrong: that is a failure where the data
// had been there.
func (p piece) noteLoss(err error) {
	p.mu.Lock()
	had := p.have.has(p.index)
	p.mu.Unlock()
	if had {
		p.fail(fmt.Errorf("%w: %w", errLost, err))
	}
}

// WriteTo gives the whole piece to the hash, opening each file once. Less comes
// out when less is there.
func (p piece) WriteTo(w io.Writer) (written int64, err error) {
	if err := p.enter(); err != nil {
		return 0, err
	}
	defer p.closing.RUnlock()
	for part := range p.layout.pieceSpans(p.index) {
		var n int64
		if p.layout.files[part.file].padding {
			n, err = io.CopyN(w, zeros{}, part.size)
		} else {
			n, err = p.copyFile(w, part)
		}
		written += n
		if err != nil {
			return written, err
		}
	}
	return written, nil
}

func (p piece) copyFile(w io.Writer, part span) (int64, error) {
	file, err := p.root.Open(p.layout.path(part.file, p.folder))
	if err != nil {
		return 0, err
	}
	defer file.Close()
	return io.Copy(w, io.NewSectionReader(file, part.offset, part.size))
}

type zeros struct{}

func (zeros) Read(b []byte) (int, error) {
	clear(b)
	return len(b), nil
}

// WriteAt writes to the files of the piece.
func (p piece) WriteAt(b []byte, offset int64) (written int, err error) {
	if err := p.enter(); err != nil {
		return 0, err
	}
	defer p.closing.RUnlock()
	p.noteWriting()
	for part := range p.layout.spans(p.start()+offset, int64(len(b))) {
		from := b[written : written+int(part.size)]
		if !p.layout.files[part.file].padding {
			if err := p.writeFile(from, part); err != nil {
				p.fail(err)
				return written, err
			}
		}
		written += len(from)
	}
	return written, nil
}

// noteWriting makes sure that after a crash the new data is looked for.
func (c *content) noteWriting() {
	c.mu.Lock()
	wasClean := c.clean
	c.clean = false
	c.mu.Unlock()
	if wasClean && c.markDirty != nil {
		c.markDirty()
	}
}

func (p piece) writeFile(b []byte, part span) error {
	file, err := p.openForWriting(part.file)
	if err != nil {
		return err
	}
	_, err = file.WriteAt(b, part.offset)
	if err = errors.Join(err, file.Close()); err != nil {
		return err
	}
	p.mu.Lock()
	p.unflushed[part.file] = true
	p.mu.Unlock()
	return nil
}

// openForWriting makes a file only once: one that has gone since then has taken
// pieces with it.
func (c *content) openForWriting(index int) (*os.File, error) {
	name := c.layout.path(index, c.folder)
	c.mu.Lock()
	exists := c.exists[index]
	c.mu.Unlock()
	if exists {
		file, err := c.root.OpenFile(name, os.O_WRONLY, 0)
		if errors.Is(err, fs.ErrNotExist) {
			return nil, fmt.Errorf("%w: %q is missing", errLost, name)
		}
		return file, err
	}
	if dir := path.Dir(name); dir != "." {
		if err := c.root.MkdirAll(dir, folderMode); err != nil {
			return nil, err
		}
	}
	file, err := c.root.OpenFile(name, os.O_WRONLY|os.O_CREATE, dataMode)
	if err != nil {
		return nil, err
	}
	c.mu.Lock()
	c.exists[index] = true
	c.mu.Unlock()
	return file, nil
}

// MarkComplete is told that the piece has the right hash.
func (p piece) MarkComplete() error {
	p.settle(true)
	return nil
}

// MarkNotComplete is told that it has not.
func (p piece) MarkNotComplete() error {
	p.settle(false)
	return nil
}

func (p piece) settle(right bool) {
	p.mu.Lock()
	if p.unknown.has(p.index) {
		p.unknown.remove(p.index)
		p.checking--
	}
	if had := p.have.has(p.index); had != right {
		if right {
			p.have.add(p.index)
			p.left -= p.pieceBytes(p.index)
		} else {
			p.have.remove(p.index)
			p.left += p.pieceBytes(p.index)
		}
		p.unsaved, p.sealed = true, false
	}
	done := p.left == 0 && p.checking == 0
	p.mu.Unlock()
	if done {
		p.changed()
	}
}

// Completion says what is known of the piece; what is not, the library verifies.
func (p piece) Completion() storage.Completion {
	p.mu.Lock()
	defer p.mu.Unlock()
	return storage.Completion{Ok: !p.unknown.has(p.index), Complete: p.have.has(p.index)}
}
