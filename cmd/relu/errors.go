package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strconv"
	"strings"
	"unicode/utf8"
)

// fileError is an error with the name of the file that the user gave.
type fileError struct {
	path string
	err  error
}

func (e *fileError) Error() string { return quote(e.path) + ": " + e.err.Error() }
func (e *fileError) Unwrap() error { return e.err }

// about names the file that an error is about, once.
func about(path string, err error) error {
	if _, named := errors.AsType[*fileError](err); err == nil || named {
		return err
	}
	err = cause(err)
	if isDiskFull(err) {
		err = fmt.Errorf("the disk is full: %w", err)
	}
	return &fileError{path, err}
}

// cause is an error of the operating system without the call and the path, or
// the error itself.
func cause(err error) error {
	switch e := err.(type) {
	case *fs.PathError:
		return e.Err
	case *os.LinkError:
		return e.Err
	}
	return err
}

// output is a file that errors call by another name.
type output struct {
	io.Writer
	name string
}

func (o output) Write(b []byte) (int, error) {
	n, err := o.Writer.Write(b)
	return n, about(o.name, err)
}

// quote is a name for a terminal: as it is, or as a Go string if it has
// characters that would do something there.
func quote(name string) string {
	if printable(name) == name {
		return name
	}
	return strconv.Quote(name)
}

// printable has escapes for what would do something on a terminal.
func printable(text string) string {
	var b strings.Builder
	for len(text) > 0 {
		r, size := utf8.DecodeRuneInString(text)
		if strconv.IsPrint(r) && (r != utf8.RuneError || size > 1) {
			b.WriteString(text[:size])
		} else {
			escaped := strconv.Quote(text[:size])
			b.WriteString(escaped[1 : len(escaped)-1])
		}
		text = text[size:]
	}
	return b.String()
}

// complain tells of an error in one line.
func complain(err error) { fmt.Fprintln(os.Stderr, "relu:", printable(oneLine(err.Error()))) }
