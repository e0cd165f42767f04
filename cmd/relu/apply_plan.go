package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"

	"golang.org/x/term"
)

// job is one file to rectify: paths, or "-" for a standard stream.
type job struct {
	in, out string
	own     bool // the result takes the place of what was read
}

// plan says what is read and where each result goes. It refuses, before
// anything is touched, what would read a file that is written, or write one
// twice.
func (a *applier) plan(paths []string, weights string) ([]job, error) {
	folder := isFolder(a.out)
	if a.out != "" && !folder && len(paths) > 1 {
		return nil, fmt.Errorf("-o %s is for one file, not for %d: several go to a directory that is there", quote(a.out), len(paths))
	}
	var jobs []job
	for _, path := range paths {
		j := job{in: standardStream(path, 0, "stdin"), out: standardStream(a.out, 1, "stdout")}
		switch {
		case folder && j.in == "-":
			return nil, errors.New("standard input has no name to be given in a directory: use -o FILE")
		case folder:
			j.out = filepath.Join(a.out, filepath.Base(path))
		case a.out == "" && descriptor.MatchString(path) && j.in != "-":
			return nil, fmt.Errorf("%s is an open file without a name of its own: say with -o where its result goes", quote(path))
		case a.out == "":
			j.out = j.in
		}
		jobs = append(jobs, j)
	}

	read, err := inputs(jobs)
	if err != nil {
		return nil, err
	}
	var written places
	for i := range jobs {
		j := &jobs[i]
		out := newPlace(j.out, j.in, os.Stdout)
		if j.out == "-" && term.IsTerminal(int(os.Stdout.Fd())) {
			return nil, errors.New("standard output is a terminal: use -o, or a pipe")
		}
		if weights != "" && out.same(newPlace(weights, "", nil)) {
			return nil, fmt.Errorf("%s holds the %s, and would be overwritten", quote(weights), a.op.kind.weights)
		}
		if j.own = read.all[i].same(out); j.own {
			if j.out == "-" {
				return nil, errors.New("standard output is the file that is read")
			}
			continue
		}
		if other := read.find(out); other != nil {
			return nil, fmt.Errorf("the result of %s would overwrite %s, which is read too", streamName(j.in), streamName(other.of))
		}
		if other := written.find(out); other != nil {
			return nil, fmt.Errorf("the results of %s and %s would both be %s", streamName(other.of), streamName(j.in), quote(j.out))
		}
		written.add(out)
	}
	return jobs, nil
}

// inputs are what the jobs read, each of it once.
func inputs(jobs []job) (places, error) {
	var read places
	for i, j := range jobs {
		in := newPlace(j.in, j.in, os.Stdin)
		if j.in == "-" && slices.ContainsFunc(jobs[:i], func(k job) bool { return k.in == "-" }) {
			return read, errors.New("standard input can be read only once")
		}
		if other := read.find(in); other != nil {
			return read, fmt.Errorf("%s and %s are the same file", streamName(other.of), streamName(j.in))
		}
		read.add(in)
	}
	return read, nil
}

func streamName(path string) string {
	if path == "-" {
		return "standard input"
	}
	return quote(path)
}

// descriptor matches names of the files that a process has open.
var descriptor = regexp.MustCompile(`^(/dev/std(in|out|err)|/dev/fd/\d+|/proc/[^/]+/fd/\d+)$`)

// standardStream is "-" for the names of a standard stream, or the path.
func standardStream(path string, fd int, name string) string {
	switch path {
	case "/dev/" + name, fmt.Sprintf("/dev/fd/%d", fd), fmt.Sprintf("/proc/self/fd/%d", fd):
		return "-"
	}
	return path
}

func isFolder(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
}

// place is a file that is read or written, whatever names it has.
type place struct {
	of   string      // the path of what is read there, or whose result is written
	full string      // the path at the end of all links
	info fs.FileInfo // nil if there is no regular file
}

// newPlace is what a path leads to, and for "-" the standard stream.
func newPlace(path, of string, stream *os.File) place {
	p := place{of: of}
	if path == "-" {
		p.info, _ = stream.Stat()
	} else {
		p.info, _ = os.Stat(path)
		p.full = path
		if end, err := follow(path); err == nil {
			p.full = end
		}
		if full, err := filepath.Abs(p.full); err == nil {
			p.full = full
		}
	}
	if p.info != nil && !p.info.Mode().IsRegular() {
		p.info = nil
	}
	return p
}

func (p place) same(q place) bool {
	if p.info != nil && q.info != nil {
		return os.SameFile(p.info, q.info)
	}
	return p.full != "" && p.full == q.full
}

// places finds a file among many.
type places struct {
	all  []place
	like map[string][]place // by what the same ones have in common
}

func (p place) key() string {
	if p.info != nil {
		return fmt.Sprint(p.info.Size(), p.info.ModTime().UnixNano())
	}
	return p.full
}

func (s *places) find(p place) *place {
	for _, q := range s.like[p.key()] {
		if p.same(q) {
			return &q
		}
	}
	return nil
}

func (s *places) add(p place) {
	if s.like == nil {
		s.like = map[string][]place{}
	}
	s.all = append(s.all, p)
	s.like[p.key()] = append(s.like[p.key()], p)
}
