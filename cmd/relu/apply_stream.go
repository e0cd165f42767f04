package main

import (
	"errors"
	"io"
)

// chunkSize is how much is read, rectified and written at a time: a multiple of
// every element's size, which stays in the second-level cache meanwhile.
const chunkSize = 256 << 10

// stream copies the elements of one array from r to w, and rectifies them on
// the way. It fails if r has fewer, or goes on after them.
func stream(w io.Writer, r io.Reader, h *header, f rectify, p *progress) error {
	if _, err := w.Write(h.raw); err != nil {
		return err
	}
	chunk := make([]byte, chunkSize)
	left := h.count * h.dtype.size
	for at := int64(0); left > 0; {
		part := chunk[:min(left, chunkSize)]
		if err := readPart(r, part); err != nil {
			return err
		}
		f(part, at)
		p.add(part)
		if _, err := w.Write(part); err != nil {
			return err
		}
		left -= int64(len(part))
		at += int64(len(part)) / h.dtype.size
	}
	switch n, err := r.Read(chunk[:1]); {
	case n > 0:
		return errors.New("goes on after its array")
	case err != io.EOF:
		return err
	}
	return nil
}
