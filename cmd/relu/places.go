package main

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

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
