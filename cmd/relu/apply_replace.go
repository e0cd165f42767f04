package main

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/signal"
	"path/filepath"
	"sync"
	"syscall"
)

// aside is the file that is being written beside its target, for a signal to
// remove. The lock is held while its name comes to be and ceases to be.
var aside struct {
	sync.Mutex
	path string
}

// replace has write fill a new file beside target, and renames it over target
// if ready agrees. Until then target is as it was, and if anything fails the
// new file is removed.
func replace(target string, write func(*os.File) error, ready func() error) error {
	old, err := os.Stat(target)
	switch {
	case errors.Is(err, fs.ErrNotExist):
	case err != nil:
		return err
	default:
		if err := checkWritable(old); err != nil {
			return err
		}
		if f, err := os.OpenFile(target, os.O_WRONLY, 0); err != nil {
			return err
		} else if err := f.Close(); err != nil {
			return err
		}
		// A link goes on pointing to what it points to.
		if target, err = filepath.EvalSymlinks(target); err != nil {
			return err
		}
	}

	f, err := createAside(filepath.Join(filepath.Dir(target), ".relu-"+rand.Text()))
	if err != nil {
		return err
	}
	defer discardAside(f)
	if err := write(f); err != nil {
		return err
	}
	if old != nil {
		if err := f.Chmod(old.Mode().Perm()); err != nil {
			return err
		}
	}
	if err := f.Sync(); err != nil {
		return err
	}
	if err := f.Close(); err != nil {
		return err
	}
	if err := ready(); err != nil {
		return err
	}
	return renameAside(target)
}

func createAside(path string) (*os.File, error) {
	aside.Lock()
	defer aside.Unlock()
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
	if err != nil {
		return nil, fmt.Errorf("cannot write in its directory: %w", cause(err))
	}
	aside.path = path
	return f, nil
}

func renameAside(target string) error {
	aside.Lock()
	defer aside.Unlock()
	err := os.Rename(aside.path, target)
	if err == nil {
		aside.path = ""
	}
	return err
}

// discardAside removes the file unless it was renamed.
func discardAside(f *os.File) {
	f.Close()
	aside.Lock()
	defer aside.Unlock()
	if aside.path != "" {
		os.Remove(aside.path)
		aside.path = ""
	}
}

var errNotRegular = errors.New("is not a regular file")

// checkWritable refuses what a rename could put a file in the place of, but
// must not.
func checkWritable(old fs.FileInfo) error {
	switch {
	case !old.Mode().IsRegular():
		return errNotRegular
	case old.Mode().Perm()&0o222 == 0:
		return errors.New("is read-only")
	}
	return nil
}

// cleanUpOnSignal has a signal that ends the command remove what it was
// writing.
func cleanUpOnSignal() {
	signals := make(chan os.Signal, 1)
	for _, s := range []os.Signal{syscall.SIGHUP, syscall.SIGINT, syscall.SIGTERM} {
		if !signal.Ignored(s) {
			signal.Notify(signals, s)
		}
	}
	go func() {
		s := <-signals
		aside.Lock() // for good: nothing is renamed any more
		if aside.path != "" {
			os.Remove(aside.path)
		}
		os.Exit(128 + int(s.(syscall.Signal)))
	}()
}
