//go:build unix

package main

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/signal"
	"syscall"

	"github.com/pkg/xattr"
)

// endingSignals are those that end a program unless it has them tell it. A
// program of Go's would die of the last three in a dump, with its work left
// behind.
var endingSignals = []os.Signal{
	syscall.SIGHUP, syscall.SIGINT, syscall.SIGTERM,
	syscall.SIGQUIT, syscall.SIGABRT, syscall.SIGXCPU,
}

func init() {
	// A file that grows beyond the limit on its size is an error of its write.
	signal.Ignore(syscall.SIGXFSZ)
}

// signalStatus is the exit code of a command that a signal ends.
func signalStatus(s os.Signal) int { return 128 + int(s.(syscall.Signal)) }

func isDiskFull(err error) bool { return errors.Is(err, syscall.ENOSPC) }

// links is how many names the file has.
func links(_ *os.File, info fs.FileInfo) int {
	return int(info.Sys().(*syscall.Stat_t).Nlink)
}

// metadata gives a file what the old one of that path has: its owner, extended
// attributes and mode.
func metadata(path string, old fs.FileInfo) (give func(*os.File) error, err error) {
	attributes, err := readAttributes(path)
	if err != nil {
		return nil, err
	}
	return func(f *os.File) error {
		now, err := f.Stat()
		if err != nil {
			return err
		}
		was, is := old.Sys().(*syscall.Stat_t), now.Sys().(*syscall.Stat_t)
		if was.Uid != is.Uid || was.Gid != is.Gid {
			if err := f.Chown(int(was.Uid), int(was.Gid)); err != nil {
				return cannotKeep("owner and group", err)
			}
		}
		if err := giveAttributes(f, attributes); err != nil {
			return err
		}
		// Last, because the others change it.
		if err := f.Chmod(old.Mode() & (fs.ModePerm | fs.ModeSetuid | fs.ModeSetgid | fs.ModeSticky)); err != nil {
			return cannotKeep("mode", err)
		}
		return nil
	}, nil
}

// readAttributes are the extended attributes of a file, access control lists
// among them.
func readAttributes(path string) (map[string][]byte, error) {
	names, err := xattr.List(path)
	if errors.Is(err, syscall.ENOTSUP) || errors.Is(err, syscall.ENOSYS) {
		return nil, nil
	}
	attributes := map[string][]byte{}
	for _, name := range names {
		if err == nil {
			attributes[name], err = xattr.Get(path, name)
		}
	}
	if err != nil {
		return nil, cannotKeep("extended attributes", err)
	}
	return attributes, nil
}

// accessList is Linux's access control list, which a directory may give to its
// new files.
const accessList = "system.posix_acl_access"

func giveAttributes(f *os.File, attributes map[string][]byte) error {
	if _, err := xattr.FGet(f, accessList); err == nil && attributes[accessList] == nil {
		if err := xattr.FRemove(f, accessList); err != nil {
			return cannotKeep("access control list", err)
		}
	}
	for name, value := range attributes {
		if is, err := xattr.FGet(f, name); err == nil && bytes.Equal(is, value) {
			continue // the system gives some to every file
		}
		if err := xattr.FSet(f, name, value); err != nil {
			return cannotKeep("extended attribute "+name, err)
		}
	}
	return nil
}

func cannotKeep(what string, err error) error {
	if x, ok := errors.AsType[*xattr.Error](err); ok {
		err = x.Err
	}
	return fmt.Errorf("its %s cannot be given to the result (%w): write to another file with -o, or into this one with --in-place", what, cause(err))
}
