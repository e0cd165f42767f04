package main

import (
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/seed88f7e06c/relu/cmd/relu/internal/npy"
)

// open opens the array of a path, or of standard input for "-", which name is
// for. dtype is the type of its elements if NumPy has none for them.
func open(path, dtype string, write bool) (in *os.File, name string, h *npy.Header, err error) {
	name = path
	if path == "-" {
		in, name = os.Stdin, "standard input"
		h, err = readArray(in)
	} else {
		in, h, err = openArray(path, write)
	}
	switch {
	case err != nil || dtype == "":
	case h.Type.Name != "void16" && h.Type.Name != "uint16":
		err = fmt.Errorf("is %s: --dtype %s is for elements of 2 untyped bytes, |V2, or uint16", h.Type.Name, dtype)
	default:
		h.Type.Name = dtype
	}
	return in, name, h, err
}

// dtypes are the types that NumPy lacks.
var dtypes = []string{"bfloat16"}

const dtypeUsage = "take elements of two untyped bytes (|V2) or uint16 for `bfloat16`"

func checkDtype(dtype string, given bool) error {
	if given && !slices.Contains(dtypes, dtype) {
		return fmt.Errorf("--dtype %s: it may be %s", quote(dtype), strings.Join(dtypes, ", "))
	}
	return nil
}

// openArray opens a file and reads its header. It refuses those that are not an
// array from the header to the last byte, and those that it may not write to if
// they are to be written to.
func openArray(path string, write bool) (*os.File, *npy.Header, error) {
	info, err := os.Stat(path) // before it is opened: a pipe would wait
	if err != nil {
		return nil, nil, err
	}
	flag := os.O_RDONLY
	switch {
	case write:
		flag = os.O_RDWR
		err = checkWritable(info)
	case !info.Mode().IsRegular() && !descriptor.MatchString(path):
		err = errNotRegular
	}
	if err != nil {
		return nil, nil, err
	}
	f, err := os.OpenFile(path, flag, 0)
	if err != nil {
		return nil, nil, err
	}
	h, err := readArray(f)
	if err != nil {
		f.Close()
		return nil, nil, err
	}
	return f, h, nil
}

// readArray reads a header, and sees whether the array is whole and alone where
// that can be seen before it is read.
func readArray(f *os.File) (*npy.Header, error) {
	h, err := npy.Read(f)
	if err != nil {
		return nil, err
	}
	info, err := f.Stat()
	if err != nil || !info.Mode().IsRegular() {
		return h, err
	}
	at, err := f.Seek(0, io.SeekCurrent)
	if err != nil {
		return nil, err
	}
	start := at - int64(len(h.Raw)) // of the array, in a file that may be read from the middle
	return h, h.CheckSize(info.Size()-start, io.NewSectionReader(f, start, info.Size()-start))
}
