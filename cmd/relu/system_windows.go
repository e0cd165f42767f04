package main

import (
	"errors"
	"io/fs"
	"os"
	"syscall"
)

const errorDiskFull = syscall.Errno(112)

func isDiskFull(err error) bool { return errors.Is(err, errorDiskFull) }

// links is how many names the file has.
func links(f *os.File, _ fs.FileInfo) int {
	var info syscall.ByHandleFileInformation
	if err := syscall.GetFileInformationByHandle(syscall.Handle(f.Fd()), &info); err != nil {
		return 1
	}
	return int(info.NumberOfLinks)
}
