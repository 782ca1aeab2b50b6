package embedded

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path"
	"slices"
	"sync"
)

// errLost is wrapped when data that was there is gone: nobody but the user
// knows whether it should be fetched again.
var errLost = errors.New("data is gone from the disk")

// errRemoved answers the library while it lets go of a torrent.
var errRemoved = errors.New("this torrent is being removed")

// content is the data of one torrent on disk, and the knowledge which of it is
// right. All file names go through an os.Root, so that neither a hostile torrent
// nor a symbolic link leads outside.
type content struct {
	root   *os.Root
	layout *layout
	folder string
	// changed is told of every change worth looking at; it must not block.
	changed func()

	// closing is held for reading by whoever uses files.
	closing sync.RWMutex
	closed  bool

	mu sync.Mutex
	// have are the pieces that are right; unknown those that may be: the library
	// verifies them.
	have, unknown bitfield
	checking      int          // how many are unknown
	left          int64        // wanted bytes of the pieces that are not in have
	unwanted      map[int]bool // files that nobody wants
	wantedBytes   int64        // of all others
	exists        []bool
	unflushed     map[int]bool // files written since they were last flushed
	unsaved       bool         // have is more than was saved
	clean         bool         // what is saved says that nothing else was written
	sealed        bool         // all there, flushed and saved
	failure       error        // the first that stopped us
	markDirty     func()       // tells the saved state, before the first write, that it is no longer all
}

// openContent looks at what is on disk. saved are the pieces that were right
// when that was last noted, nil if unknown; clean, that nothing came after. unwanted
// are the files that nobody wants.
func openContent(root *os.Root, l *layout, folder string, unwanted []int, saved bitfield, clean bool) (*content, error) {
	count := l.pieces()
	c := &content{
		root: root, layout: l, folder: folder,
		have: newBitfield(count), unknown: newBitfield(count),
		exists: make([]bool, len(l.files)), unflushed: make(map[int]bool), clean: clean,
	}
	c.selectFiles(unwanted)
	sizes := make([]int64, len(l.files))
	for i := range l.files {
		if l.files[i].padding {
			continue
		}
		info, err := root.Lstat(l.path(i, folder))
		switch {
		case errors.Is(err, fs.ErrNotExist):
		case err != nil:
			return nil, fmt.Errorf("looking at the data: %w", err)
		case !info.Mode().IsRegular():
			return nil, fmt.Errorf("%q is in the way of a file of this torrent", l.path(i, folder))
		default:
			sizes[i], c.exists[i] = info.Size(), true
		}
	}
	look := &lookout{content: c, sizes: sizes}
	defer look.close()
	for piece := range count {
		trusted := saved != nil && saved.has(piece)
		switch {
		case trusted && look.reaches(piece):
			c.have.add(piece)
			continue
		case (trusted || saved == nil || !clean) && look.anything(piece):
			c.unknown.add(piece)
			c.checking++
		}
		c.left += c.pieceBytes(piece)
	}
	return c, nil
}

// lost names a file that is not there as it was when the torrent finished, or
// returns nil.
func (c *content) lost() error {
	c.mu.Lock()
	unwanted := c.unwanted
	c.mu.Unlock()
	for i, file := range c.layout.files {
		if file.padding || unwanted[i] {
			continue
		}
		name := c.layout.path(i, c.folder)
		info, err := c.root.Lstat(name)
		switch {
		case errors.Is(err, fs.ErrNotExist) || err == nil && !info.Mode().IsRegular():
			return fmt.Errorf("%w: %q is missing", errLost, name)
		case err != nil:
			return fmt.Errorf("%w: %w", errLost, err)
		case info.Size() < file.length:
			return fmt.Errorf("%w: %q is shorter than it was", errLost, name)
		}
	}
	return nil
}

// fail notes the first failure.
func (c *content) fail(err error) {
	if errors.Is(err, errRemoved) {
		return
	}
	c.mu.Lock()
	if c.failure == nil {
		c.failure = err
	}
	c.mu.Unlock()
	c.changed()
}

// flush puts what was written on disk, with the names of its files. It may be
// called after close.
func (c *content) flush() error {
	c.mu.Lock()
	files := slices.Sorted(maps.Keys(c.unflushed))
	clear(c.unflushed)
	c.mu.Unlock()
	folders := make(map[string]bool)
	for i, index := range files {
		name := c.layout.path(index, c.folder)
		if err := c.flushFile(name); err != nil {
			c.mu.Lock()
			for _, index := range files[i:] {
				c.unflushed[index] = true
			}
			c.mu.Unlock()
			return err
		}
		for dir := path.Dir(name); !folders[dir]; dir = path.Dir(dir) {
			folders[dir] = true
		}
	}
	for dir := range folders {
		if err := syncFolder(c.root, dir); err != nil {
			return err
		}
	}
	return nil
}

func (c *content) flushFile(name string) error {
	file, err := c.root.OpenFile(name, os.O_WRONLY, 0)
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("%w: %q is missing", errLost, name)
	}
	if err != nil {
		return err
	}
	return errors.Join(file.Sync(), file.Close())
}

// finish makes the files that no piece makes, the empty ones, and checks that
// all are as long as they should be.
func (c *content) finish() error {
	if err := c.enter(); err != nil {
		return err
	}
	defer c.closing.RUnlock()
	for i, file := range c.layout.files {
		if file.length > 0 || file.padding || c.isUnwanted(i) {
			continue
		}
		made, err := c.openForWriting(i)
		if err != nil {
			return err
		}
		made.Close()
		c.mu.Lock()
		c.unflushed[i] = true
		c.mu.Unlock()
	}
	return c.lost()
}

// close waits until nobody uses the files and lets nobody use them again.
func (c *content) close() {
	c.closing.Lock()
	defer c.closing.Unlock()
	c.closed = true
}

// enter keeps the files in use until closing.RUnlock.
func (c *content) enter() error {
	c.closing.RLock()
	if c.closed {
		c.closing.RUnlock()
		return errRemoved
	}
	return nil
}
