//go:build !unix

package main

import (
	"io/fs"
	"os"
	"syscall"
)

var endingSignals = []os.Signal{os.Interrupt, syscall.SIGTERM}

// signalStatus is the exit code of a command that a signal ends: what it is on
// Unix.
func signalStatus(s os.Signal) int {
	if s == os.Interrupt {
		return 130
	}
	return 143
}

// metadata gives a file what the old one has: its mode.
func metadata(_ string, old fs.FileInfo) (give func(*os.File) error, err error) {
	return func(f *os.File) error { return f.Chmod(old.Mode().Perm()) }, nil
}
