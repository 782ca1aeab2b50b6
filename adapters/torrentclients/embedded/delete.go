package embedded

import (
	"errors"
	"io/fs"
	"os"
	"syscall"
)

// deleteFiles removes the files of a torrent, and the folders that are empty
// without them. What else lies there stays.
func deleteFiles(root *os.Root, l *layout, folder string) error {
	for i, file := range l.files {
		if file.padding {
			continue
		}
		name := l.path(i, folder)
		if info, err := root.Lstat(name); err == nil && info.IsDir() {
			continue // not what we wrote
		}
		if err := root.Remove(name); err != nil && !missing(err) {
			return err
		}
	}
	for _, name := range l.folders(folder) {
		// What is not empty holds files of others; a link is not our folder.
		if info, err := root.Lstat(name); err == nil && info.IsDir() {
			_ = root.Remove(name)
		}
	}
	return nil
}

// missing also knows a path that leads through something that is no folder.
func missing(err error) bool { return errors.Is(err, fs.ErrNotExist) || isNotFolder(err) }

func isNotFolder(err error) bool { return errors.Is(err, syscall.ENOTDIR) }
