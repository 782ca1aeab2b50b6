//go:build !linux && !darwin && !freebsd

package embedded

import (
	"errors"
	"os"
)

func lockFile(*os.File) (held bool, err error) {
	return false, errors.New("folders cannot be locked on this system")
}

func unlockFile(*os.File) error { return nil }

func freeSpace(*os.File) (int64, bool) { return 0, false }

func hasData(*os.File, int64, int64) bool { return true }
