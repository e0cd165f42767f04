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
)

// aside is the file that is being written beside its target, for a signal to
// remove. The lock is held while its name comes to be and ceases to be.
var aside struct {
	sync.Mutex
	path string
}

// replace has write fill a new file beside target, and renames it over target
// if ready agrees. Until then target is as it was, and if anything fails the
// new file is removed. The new file gets the owner, the mode and the extended
// attributes of target.
func replace(target string, write func(*os.File) error, ready func() error) error {
	// A link goes on pointing to what it points to.
	target, err := follow(target)
	if err != nil {
		return err
	}
	perm := fs.FileMode(0o666)
	give := func(*os.File) error { return nil }
	old, err := os.Stat(target)
	switch {
	case errors.Is(err, fs.ErrNotExist):
	case err != nil:
		return err
	default:
		if err := checkReplaceable(target, old); err != nil {
			return err
		}
		perm = 0o600 // until the new file has the old one's mode
		if give, err = metadata(target, old); err != nil {
			return err
		}
	}

	f, err := createAside(filepath.Join(filepath.Dir(target), ".relu-"+rand.Text()), perm)
	if err != nil {
		return err
	}
	defer discardAside(f)
	if err := write(f); err != nil {
		return err
	}
	if err := give(f); err != nil {
		return err
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

// follow is what a chain of links ends in, which need not exist.
func follow(path string) (string, error) {
	for range 40 {
		next, err := os.Readlink(path)
		if err != nil { // not a link
			return path, nil
		}
		if !filepath.IsAbs(next) {
			next = filepath.Join(filepath.Dir(path), next)
		}
		path = next
	}
	return "", errors.New("too many links")
}

func createAside(path string, perm fs.FileMode) (*os.File, error) {
	aside.Lock()
	defer aside.Unlock()
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, perm)
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

// linkedError refuses to replace a file that has so many names.
type linkedError int

func (n linkedError) Error() string {
	return fmt.Sprintf("has %d names (hard links), of which only this one would get the result: write to another file", int(n))
}

var errNotRegular = errors.New("is not a regular file")

// checkReplaceable refuses what a rename could put a file in the place of, but
// must not.
func checkReplaceable(path string, old fs.FileInfo) error {
	if err := checkWritable(old); err != nil {
		return err
	}
	f, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	defer f.Close()
	if n := links(f, old); n > 1 {
		return linkedError(n)
	}
	return nil
}

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
	for _, s := range endingSignals {
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
		os.Exit(signalStatus(s))
	}()
}
