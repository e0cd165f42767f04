package main

import (
	"bytes"
	"fmt"
	"io"
	"os"
)

// spoolMemory is how much a spool holds in memory.
const spoolMemory = 64 << 20

// spool holds a result of which nothing may be seen before all of it is there:
// in memory, or in a temporary file if it is long.
type spool struct {
	memory bytes.Buffer
	file   *os.File
}

func (s *spool) Write(b []byte) (int, error) {
	if s.file == nil && s.memory.Len()+len(b) <= spoolMemory {
		return s.memory.Write(b)
	}
	if s.file == nil {
		file, err := os.CreateTemp("", ".relu-")
		if err != nil {
			return 0, s.explain(err)
		}
		s.file = file
		os.Remove(file.Name()) // it lives until it is closed; Windows waits for close
	}
	n, err := s.file.Write(b)
	return n, s.explain(err)
}

func (s *spool) explain(err error) error {
	if err == nil {
		return nil
	}
	err = about(os.TempDir(), err)
	return fmt.Errorf("%w (where the result is held until all of the input is read; TMPDIR names another folder)", err)
}

// release writes all of it to w.
func (s *spool) release(w io.Writer) error {
	if _, err := s.memory.WriteTo(w); err != nil || s.file == nil {
		return err
	}
	if _, err := s.file.Seek(0, io.SeekStart); err != nil {
		return s.explain(err)
	}
	_, err := io.Copy(w, s.file)
	return err
}

func (s *spool) close() {
	if s.file != nil {
		s.file.Close()
		os.Remove(s.file.Name())
	}
}
