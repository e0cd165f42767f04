// Package npy reads the start of NumPy's .npy files, as numpy.lib.format
// describes and reads it.
package npy

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"math/bits"
)

// Header is what the start of an .npy file says of the array behind it.
type Header struct {
	Raw     []byte // all of it, up to the first element
	Type    Type
	Shape   []int64
	Count   int64 // of elements
	Fortran bool  // the first axis runs fastest, and that makes a difference
}

// DataSize is how many bytes the elements are.
func (h *Header) DataSize() int64 { return h.Count * h.Type.Size }

// FileSize is how long the file is.
func (h *Header) FileSize() int64 { return int64(len(h.Raw)) + h.DataSize() }

// Axis is how many channels there are along an axis, counted from the last one
// if it is negative, and how many neighbouring elements share a channel.
func (h *Header) Axis(axis int) (channels, inner int64, err error) {
	n := axis
	if n < 0 {
		n += len(h.Shape)
	}
	if n < 0 || n >= len(h.Shape) {
		return 0, 0, fmt.Errorf("has no axis %d: its shape is %s", axis, FormatShape(h.Shape))
	}
	faster := h.Shape[n+1:]
	if h.Fortran {
		faster = h.Shape[:n]
	}
	inner = 1
	for _, m := range faster {
		inner *= m // no overflow: Read has checked the product of all
	}
	return h.Shape[n], inner, nil
}

// FormatShape writes a shape as Python does.
func FormatShape(shape []int64) string {
	var b bytes.Buffer
	for i, n := range shape {
		if i > 0 {
			b.WriteString(", ")
		}
		fmt.Fprint(&b, n)
	}
	if len(shape) == 1 {
		b.WriteByte(',')
	}
	return "(" + b.String() + ")"
}

// Magic is how every .npy file begins.
const Magic = "\x93NUMPY"

// maxHeader is the longest header that NumPy reads unless it is told to trust
// the file.
const maxHeader = 10000

// Read reads up to the first element, and no further. Its errors say what is
// wrong with the file, without naming it. Without a file for it the type of
// '|V2' elements is void16.
func Read(r io.Reader) (*Header, error) {
	raw := make([]byte, len(Magic)+2)
	if _, err := io.ReadFull(r, raw); isEOF(err) {
		return nil, errors.New("is not an .npy file")
	} else if err != nil {
		return nil, err
	}
	major, minor := raw[len(Magic)], raw[len(Magic)+1]
	switch {
	case bytes.HasPrefix(raw, []byte("PK\x03\x04")):
		return nil, errors.New("is an .npz archive: take its .npy files out of it first")
	case string(raw[:len(Magic)]) != Magic:
		return nil, errors.New("is not an .npy file")
	case major < 1 || major > 3 || minor != 0:
		return nil, fmt.Errorf("has .npy version %d.%d, which is not 1.0, 2.0 or 3.0", major, minor)
	}

	length := make([]byte, 4)
	field := length
	if major == 1 {
		field = length[:2]
	}
	if err := ReadFull(r, field); err != nil {
		return nil, err
	}
	n := binary.LittleEndian.Uint32(length)
	if n > maxHeader {
		return nil, fmt.Errorf("has a header of %d bytes; NumPy reads at most %d", n, maxHeader)
	}
	text := make([]byte, n)
	if err := ReadFull(r, text); err != nil {
		return nil, err
	}
	h := &Header{Raw: append(append(raw, field...), text...)}
	if err := h.parse(text, major); err != nil {
		return nil, err
	}
	return h, nil
}

// parse sets what the dictionary says.
func (h *Header) parse(text []byte, major byte) error {
	d, err := parseDictionary(text, major)
	if err != nil {
		return err
	}
	if h.Type, err = parseType(d.descr); err != nil {
		return err
	}
	h.Shape = d.shape
	limit := math.MaxInt64/h.Type.Size - int64(len(h.Raw))
	if h.Count, err = product(d.shape, limit); err != nil {
		return err
	}
	long := 0
	for _, n := range d.shape {
		if n > 1 {
			long++
		}
	}
	h.Fortran = d.fortran && long > 1 && h.Count > 0
	return nil
}

// product is how many elements an array of that shape has. No product of some
// of the dimensions overflows either, unless the array is empty.
func product(shape []int64, limit int64) (int64, error) {
	count, empty, overflow := uint64(1), false, false
	for _, n := range shape {
		if n < 0 {
			return 0, fmt.Errorf("has a negative dimension in its shape, %s", FormatShape(shape))
		}
		high, low := bits.Mul64(count, uint64(n))
		empty = empty || n == 0
		overflow = overflow || high != 0 || low > uint64(limit)
		count = low
	}
	switch {
	case empty:
		return 0, nil
	case overflow:
		return 0, fmt.Errorf("has a shape, %s, of more elements than a file can hold", FormatShape(shape))
	}
	return int64(count), nil
}

// CheckSize says whether a file of that length holds the array, all of it and
// nothing else. r is read if there is more.
func (h *Header) CheckSize(size int64, r io.ReaderAt) error {
	want := h.FileSize()
	switch {
	case size < want:
		return fmt.Errorf("is cut short: %d bytes of %d", size, want)
	case size > want:
		return h.Beyond(io.NewSectionReader(r, want, size-want))
	}
	return nil
}

// Beyond is nil if nothing comes from r, which is what follows the array, and
// otherwise says what does.
func (h *Header) Beyond(r io.Reader) error {
	next := make([]byte, len(Magic))
	switch n, err := io.ReadFull(r, next); {
	case err == io.EOF:
		return nil
	case err != nil && err != io.ErrUnexpectedEOF:
		return err
	case string(next[:n]) == Magic:
		return fmt.Errorf("has a second array, from byte %d on: it must be of one array", h.FileSize())
	}
	return fmt.Errorf("goes on after its array, which ends at byte %d", h.FileSize())
}

// ReadFull fills part, which the file must have.
func ReadFull(r io.Reader, part []byte) error {
	_, err := io.ReadFull(r, part)
	if isEOF(err) {
		return errors.New("is cut short")
	}
	return err
}

func isEOF(err error) bool { return err == io.EOF || err == io.ErrUnexpectedEOF }
