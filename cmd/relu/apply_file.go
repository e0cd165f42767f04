package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"os"
	"time"

	"golang.org/x/term"

	"github.com/seed88f7e06c/relu/cmd/relu/internal/npy"
)

func (a *applier) apply(j job) (err error) {
	start := time.Now()
	in, name, h, err := open(j.in, a.dtype, a.inPlace)
	if err != nil {
		return about(name, err)
	}
	defer in.Close()
	op, err := a.op.on(h)
	if err != nil {
		return about(name, err)
	}
	before, err := in.Stat()
	if err != nil {
		return about(name, err)
	}

	p := newProgress(name, h.DataSize())
	zeros := int64(0)
	// rectified writes the rectified elements to w.
	rectified := func(w io.Writer, r io.Reader) error {
		return about(name, chunks(r, h, func(part []byte, at int64) error {
			op(part, at)
			if p != nil && a.op.zeroes {
				zeros += countZeros(part, h.Type.Size)
			}
			h.Type.Swap(part)
			p.add(len(part))
			_, err := w.Write(part)
			return err
		}))
	}
	unchanged := func() error { return about(name, checkUnchanged(in, before)) }
	switch stdout := (output{os.Stdout, "standard output"}); {
	case a.inPlace:
		err = about(name, inPlace(in, h, rectified, p))
	case j.out != "-":
		err = about(j.out, replace(j.out, func(f *os.File) error {
			w := output{f, j.out}
			if _, err := w.Write(h.Raw); err != nil {
				return err
			}
			if err := rectified(w, in); err != nil {
				return err
			}
			if err := unchanged(); err != nil {
				return err
			}
			p.then("writing to disk")
			return in.Close() // Windows replaces no open file
		}, func() error {
			if !j.own {
				return nil
			}
			return checkInPlace(j.out, before)
		}))
		if _, linked := errors.AsType[linkedError](err); linked && j.own {
			err = fmt.Errorf("%w with -o, or into this one with --in-place", err)
		}
	case before.Mode().IsRegular():
		// What is there was looked at: it is one array, and whole.
		if _, err = stdout.Write(h.Raw); err == nil {
			err = rectified(stdout, in)
		}
		if err == nil {
			err = unchanged()
		}
	default:
		var held spool
		defer held.close()
		held.Write(h.Raw)
		if err = rectified(&held, in); err == nil {
			p.then("writing")
			err = held.release(stdout)
		}
	}
	p.close()
	if err == nil && term.IsTerminal(int(os.Stderr.Fd())) {
		fmt.Fprintln(os.Stderr, a.summary(name, h, zeros, time.Since(start)))
	}
	return err
}

// inPlace rectifies the array in f by writing each chunk to where it was read.
func inPlace(f *os.File, h *npy.Header, rectified func(io.Writer, io.Reader) error, p *progress) error {
	head := int64(len(h.Raw))
	if head%h.Type.Size != 0 {
		// Such an element may lie on two pages, of which a crash can lose one.
		return fmt.Errorf("cannot be done in place, because its elements start at byte %d, not a multiple of %d: leave --in-place out", head, h.Type.Size)
	}
	if err := rectified(io.NewOffsetWriter(f, head), io.NewSectionReader(f, head, math.MaxInt64-head)); err != nil {
		return err
	}
	p.then("writing to disk")
	return f.Sync()
}

// checkUnchanged says whether an open file is still what it was.
func checkUnchanged(f *os.File, before fs.FileInfo) error {
	now, err := f.Stat()
	if err == nil && before.Mode().IsRegular() && !sameState(now, before) {
		return errors.New("changed while it was rectified")
	}
	return err
}

// checkInPlace says whether the file of that name is still what it was.
func checkInPlace(path string, before fs.FileInfo) error {
	switch now, err := os.Stat(path); {
	case errors.Is(err, fs.ErrNotExist):
		return errors.New("vanished while it was rectified")
	case err != nil:
		return err
	case !os.SameFile(now, before) || !sameState(now, before):
		return errors.New("changed while it was rectified, and was left as it is now")
	}
	return nil
}

func sameState(a, b fs.FileInfo) bool {
	return a.Size() == b.Size() && a.ModTime().Equal(b.ModTime())
}

// summary tells of an array that is rectified.
func (a *applier) summary(name string, h *npy.Header, zeros int64, took time.Duration) string {
	text := fmt.Sprintf("%s: %d %s elements", quote(name), h.Count, h.Type.Name)
	if a.op.zeroes && h.Count > 0 {
		text += fmt.Sprintf(", %.1f%% zeroed", 100*float64(zeros)/float64(h.Count))
	}
	return text + fmt.Sprintf(", %.2f s, %s/s", took.Seconds(), amount(float64(h.DataSize())/took.Seconds()))
}
