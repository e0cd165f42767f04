package main

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"math/bits"
	"strings"

	"codeberg.org/sbinet/npyio/npy"
)

// dtype is a type of elements that apply takes.
type dtype struct {
	name string
	size int64
}

// dtypes are those that apply takes, by what the header calls them.
var dtypes = map[string]dtype{
	"'<f2'": {"float16", 2},
	"'<f4'": {"float32", 4},
	"'<f8'": {"float64", 8},
	"'|i1'": {"int8", 1},
	"'<i1'": {"int8", 1},
	"'<i2'": {"int16", 2},
	"'<i4'": {"int32", 4},
	"'<i8'": {"int64", 8},
}

// header is what the start of an .npy file says of the array behind it.
type header struct {
	raw     []byte // all of it, up to the first element
	dtype   dtype
	count   int64 // of elements
	fortran bool  // the first axis runs fastest, which C order would not allow
}

// size is how long the file is.
func (h *header) size() int64 { return int64(len(h.raw)) + h.count*h.dtype.size }

const magic = "\x93NUMPY"

// maxHeader bounds what a foreign file can make the command read. A header of
// version 1.0 cannot be longer, and no plain array needs as much.
const maxHeader = math.MaxUint16

var (
	errNotNpy  = errors.New("is not an .npy file")
	errDamaged = errors.New("has a damaged header")
)

// readHeader reads up to the first element, and no further. The format is
// described in numpy.lib.format.
func readHeader(r io.Reader) (*header, error) {
	raw := make([]byte, len(magic)+2)
	if _, err := io.ReadFull(r, raw); isEOF(err) {
		return nil, errNotNpy
	} else if err != nil {
		return nil, err
	}
	switch major, minor := raw[6], raw[7]; {
	case bytes.HasPrefix(raw, []byte("PK\x03\x04")):
		return nil, errors.New("is an .npz archive: take its .npy files out of it first")
	case string(raw[:6]) != magic:
		return nil, errNotNpy
	case major < 1 || major > 3 || minor != 0:
		return nil, fmt.Errorf("has .npy version %d.%d, which is not 1.0, 2.0 or 3.0", major, minor)
	}

	length := make([]byte, 4)
	field := length
	if raw[6] == 1 {
		field = length[:2]
	}
	if err := readPart(r, field); err != nil {
		return nil, err
	}
	n := binary.LittleEndian.Uint32(length)
	if n > maxHeader {
		return nil, fmt.Errorf("has a header of %d bytes, which no plain array needs", n)
	}
	dict := make([]byte, n)
	if err := readPart(r, dict); err != nil {
		return nil, err
	}
	raw = append(append(raw, field...), dict...)

	descr, err := parse(dict)
	if err != nil {
		return nil, err
	}
	kind, ok := dtypes[descr.Type]
	if !ok {
		return nil, refuseType(descr.Type)
	}
	count, err := product(descr.Shape, math.MaxInt64/kind.size-int64(len(raw)))
	if err != nil {
		return nil, err
	}
	return &header{raw, kind, count, descr.Fortran && len(descr.Shape) > 1}, nil
}

// description is the part of the header that npyio parses.
type description struct {
	Type    string
	Fortran bool
	Shape   []int
}

// parse leaves the dictionary in the header to npyio, and stands between it and
// headers that it was not made for: it knows no version 3.0, whose dictionary
// is that of 2.0 for plain arrays, it loses a dimension where no comma precedes
// the closing brace, and on a damaged dictionary it panics.
func parse(dict []byte) (d description, err error) {
	defer func() {
		if recover() != nil {
			err = errDamaged
		}
	}()
	dict = bytes.Replace(dict, []byte(")}"), []byte("), }"), 1)
	version2 := binary.LittleEndian.AppendUint32([]byte(magic+"\x02\x00"), uint32(len(dict)))
	r, err := npy.NewReader(bytes.NewReader(append(version2, dict...)))
	if err != nil {
		return d, errDamaged
	}
	return description(r.Header.Descr), nil
}

// product is how many elements an array of that shape has.
func product(shape []int, limit int64) (int64, error) {
	count, empty, overflow := uint64(1), false, false
	for _, n := range shape {
		if n < 0 {
			return 0, fmt.Errorf("has a negative dimension in its shape, %d", n)
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
		return 0, fmt.Errorf("has a shape, %v, of more elements than a file can hold", shape)
	}
	return int64(count), nil
}

// refuseType says why elements of a type are not taken.
func refuseType(descr string) error {
	descr = strings.Trim(descr, "'")
	why := "of a type that has no rectifier"
	switch {
	case strings.HasPrefix(descr, "["):
		why = "structured"
	case strings.HasPrefix(descr, "|O"):
		why = "Python objects"
	case len(descr) > 1 && strings.ContainsRune("uc", rune(descr[1])):
		why = map[byte]string{'u': "unsigned", 'c': "complex"}[descr[1]]
	case strings.HasPrefix(descr, ">"):
		why = "big-endian"
	}
	return fmt.Errorf("has elements that are %s (%.40q): apply takes little-endian float16, float32, float64 and signed integers", why, descr)
}

// checkSize says whether a file of that length holds the array, all of it and
// nothing else.
func (h *header) checkSize(size int64) error {
	switch want := h.size(); {
	case size < want:
		return fmt.Errorf("is cut short: %d bytes of %d", size, want)
	case size > want:
		return fmt.Errorf("goes on after its array: %d bytes instead of %d", size, want)
	}
	return nil
}

// readPart fills part, which the file must have.
func readPart(r io.Reader, part []byte) error {
	_, err := io.ReadFull(r, part)
	if isEOF(err) {
		return errors.New("is cut short")
	}
	return err
}

func isEOF(err error) bool { return err == io.EOF || err == io.ErrUnexpectedEOF }
