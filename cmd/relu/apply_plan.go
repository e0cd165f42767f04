package main

import (
	"errors"
	"fmt"
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
