package main

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"io"
	"strings"
)

// saveActivations writes the responses to the images as an array of float32 in
// NumPy's .npy format, of the shape images, filters, rows, columns.
func saveActivations(path string, images set) error {
	return save(path, func(w io.Writer) error {
		buffered := bufio.NewWriter(w)
		header := fmt.Sprintf("{'descr': '<f4', 'fortran_order': False, 'shape': (%d, %d, %d, %d), }",
			images.count(), len(filters), responseSide, responseSide)
		// The elements start at byte 128.
		fmt.Fprintf(buffered, "\x93NUMPY\x01\x00%c\x00%s%s\n", 128-10, header, strings.Repeat(" ", 128-10-1-len(header)))
		var activations []float32
		for i := range images.count() {
			activations = respond(activations[:0], images.image(i))
			if err := binary.Write(buffered, binary.LittleEndian, activations); err != nil {
				return err
			}
		}
		return buffered.Flush()
	})
}
