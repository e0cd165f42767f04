package main

import (
	"errors"
	"io"
	"io/fs"
	"os"

	"golang.org/x/term"
)

func (a *applier) apply(path string) (err error) {
	in, h, name, out := os.Stdin, (*header)(nil), "standard input", a.out
	if path == "-" {
		h, err = readHeader(in)
	} else {
		name = path
		in, h, err = openArray(path, a.inPlace)
	}
	if err != nil {
		return about(name, err)
	}
	defer in.Close()
	rectify, err := a.op.on(h)
	if err != nil {
		return about(name, err)
	}
	p := a.newProgress(name, h)
	defer func() { p.close(err) }()

	if out == "" {
		out = path
	}
	switch {
	case a.inPlace:
		return about(name, rectifyMapped(in, h, rectify, p))
	case out == "-":
		return about(name, stream(output{os.Stdout, "standard output"}, in, h, rectify, p))
	}
	before, err := in.Stat()
	if err != nil {
		return about(name, err)
	}
	return about(out, replace(out, func(f *os.File) error {
		defer in.Close()
		return about(name, stream(output{f, out}, in, h, rectify, p))
	}, func() error {
		if out != path {
			return nil
		}
		return checkUnchanged(path, before)
	}))
}

// newProgress is nil unless there is a terminal to show it on.
func (a *applier) newProgress(name string, h *header) *progress {
	if !term.IsTerminal(int(os.Stderr.Fd())) {
		return nil
	}
	return newProgress(os.Stderr, name, h, a.op.zeroes)
}

// openArray opens a file and reads its header. It refuses those that are not an
// array from the header to the last byte, and those that it may not write to if
// they are to be written to.
func openArray(path string, write bool) (*os.File, *header, error) {
	info, err := os.Stat(path) // before it is opened: a pipe would wait
	if err != nil {
		return nil, nil, err
	}
	flag := os.O_RDONLY
	if write {
		flag = os.O_RDWR
		err = checkWritable(info)
	} else if !info.Mode().IsRegular() {
		err = errNotRegular
	}
	if err != nil {
		return nil, nil, err
	}
	f, err := os.OpenFile(path, flag, 0)
	if err != nil {
		return nil, nil, err
	}
	h, err := readHeader(f)
	if err == nil {
		info, err = f.Stat()
	}
	if err == nil {
		err = h.checkSize(info.Size())
	}
	if err != nil {
		f.Close()
		return nil, nil, err
	}
	return f, h, nil
}

// checkUnchanged says whether the file of that name is still what it was.
func checkUnchanged(path string, before fs.FileInfo) error {
	switch now, err := os.Stat(path); {
	case errors.Is(err, fs.ErrNotExist):
		return errors.New("vanished while it was rectified")
	case err != nil:
		return err
	case !os.SameFile(now, before) || now.Size() != before.Size() || !now.ModTime().Equal(before.ModTime()):
		return errors.New("changed while it was rectified, and was left as it is now")
	}
	return nil
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

// fileError is an error with the name of the file that the user gave.
type fileError struct {
	path string
	err  error
}

func (e *fileError) Error() string { return e.path + ": " + e.err.Error() }
func (e *fileError) Unwrap() error { return e.err }

// about names the file that an error is about, once.
func about(path string, err error) error {
	if _, named := errors.AsType[*fileError](err); err == nil || named {
		return err
	}
	return &fileError{path, cause(err)}
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
