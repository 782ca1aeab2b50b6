package main

import (
	"os"

	"golang.org/x/sys/unix"
)

// hideInput stops a terminal from showing what is typed, until the returned
// function is called.
func hideInput(stream any) (show func()) {
	file, ok := stream.(*os.File)
	if !ok {
		return func() {}
	}
	terminal := int(file.Fd())
	before, err := unix.IoctlGetTermios(terminal, unix.TCGETS)
	if err != nil {
		return func() {}
	}
	hidden := *before
	hidden.Lflag &^= unix.ECHO
	_ = unix.IoctlSetTermios(terminal, unix.TCSETS, &hidden)
	return func() { _ = unix.IoctlSetTermios(terminal, unix.TCSETS, before) }
}
