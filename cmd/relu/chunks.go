package main

import (
	"io"

	"github.com/seed88f7e06c/relu/cmd/relu/internal/npy"
)

// chunkSize is how much is read and worked on at a time: a multiple of every
// element's size, which stays in the second-level cache meanwhile.
const chunkSize = 256 << 10

// chunks reads the elements that follow a header, in the byte order of this
// machine, and has do work on one chunk after the other, whose first element is
// the array's element at. It fails if there are fewer elements, or anything
// after them.
func chunks(r io.Reader, h *npy.Header, do func(part []byte, at int64) error) error {
	chunk := make([]byte, chunkSize)
	at := int64(0)
	for left := h.DataSize(); left > 0; {
		part := chunk[:min(left, chunkSize)]
		if err := npy.ReadFull(r, part); err != nil {
			return err
		}
		h.Type.Swap(part)
		if err := do(part, at); err != nil {
			return err
		}
		left -= int64(len(part))
		at += int64(len(part)) / h.Type.Size
	}
	return h.Beyond(r)
}
