//go:build linux || darwin || freebsd

package embedded

import (
	"errors"
	"os"

	"golang.org/x/sys/unix"
)

// lockFile takes the lock of an open file, which the system frees when the file
// is closed or the process ends.
func lockFile(file *os.File) (held bool, err error) {
	err = unix.Flock(int(file.Fd()), unix.LOCK_EX|unix.LOCK_NB)
	if errors.Is(err, unix.EWOULDBLOCK) {
		return true, nil
	}
	return false, err
}

// unlockFile frees the lock at once: closing alone would leave it with a child
// process that is just being started.
func unlockFile(file *os.File) error { return unix.Flock(int(file.Fd()), unix.LOCK_UN) }

// freeSpace returns the bytes that an ordinary user may still write beside file.
func freeSpace(file *os.File) (int64, bool) {
	var stat unix.Statfs_t
	if err := unix.Fstatfs(int(file.Fd()), &stat); err != nil {
		return 0, false
	}
	return int64(stat.Bavail) * int64(stat.Bsize), true //nolint:unconvert // the types differ between systems
}

// hasData reports whether a part of a sparse file was ever written. When the
// system cannot tell, it was.
func hasData(file *os.File, from, to int64) bool {
	at, err := unix.Seek(int(file.Fd()), from, unix.SEEK_DATA)
	if errors.Is(err, unix.ENXIO) {
		return false
	}
	return err != nil || at < to
}
