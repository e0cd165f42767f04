package main

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"unsafe"

	"github.com/seed88f7e06c/relu"
)

// kind is an operation of the family that takes one array.
type kind struct {
	name    string
	formula string
	flags   []string // those that go with it
	takes   string
	again   bool // done twice it gives what it gives once
	zeroes  bool // what is <= 0 becomes +0
}

var kinds = []kind{
	{"relu", "max(0, x)", nil, "every type", true, true},
	{"clip", "min(max(0, x), LIMIT)", []string{"limit"}, "every type but float16", true, true},
	{"leaky", "x, or SLOPE*x where x <= 0", []string{"slope"}, "float32 and float64", false, false},
	{"prelu", "x, or slopes[(i/N)%len(slopes)]*x where x <= 0", []string{"slopes", "inner"}, "float32 and float64", false, false},
	{"bias", "max(0, x+bias[i%len(bias)])", []string{"bias"}, "float32 and float64", false, true},
}

func kindNames() []string {
	var names []string
	for _, k := range kinds {
		names = append(names, k.name)
	}
	return names
}

// operation is a kind with its parameters, as the flags give them.
type operation struct {
	kind
	limit, slope string
	slopes, bias string // paths
	inner        int
	weights      *weights // what is in slopes or bias
}

// check finds the kind by its name, and what is wrong with its parameters.
func (o *operation) check(given func(flag string) bool) error {
	found := false
	for _, k := range kinds {
		if k.name == o.name {
			o.kind, found = k, true
		}
	}
	if !found {
		return fmt.Errorf("--op %s: the operations are %s", o.name, strings.Join(kindNames(), ", "))
	}
	for _, k := range kinds {
		for _, flag := range k.flags {
			if given(flag) && k.name != o.name {
				return fmt.Errorf("--%s goes with --op %s, not with %s", flag, k.name, o.name)
			}
		}
	}
	limit, err := strconv.ParseFloat(o.limit, 64)
	switch {
	case err != nil || math.IsNaN(limit) || limit < 0:
		return fmt.Errorf("--limit %s: it must be a number >= 0", o.limit)
	case o.inner < 1:
		return fmt.Errorf("--inner %d: it must be at least 1", o.inner)
	case o.name == "prelu" && o.slopes == "":
		return errors.New("--op prelu needs --slopes FILE.npy")
	case o.name == "bias" && o.bias == "":
		return errors.New("--op bias needs --bias FILE.npy")
	}
	if _, err := strconv.ParseFloat(o.slope, 64); err != nil {
		return fmt.Errorf("--slope %s: it must be a number", o.slope)
	}
	return nil
}

// weights is a small array, read whole.
type weights struct {
	path string
	*header
	data []byte
}

func (o *operation) readWeights() error {
	path := o.slopes + o.bias // one of them at most is given
	if path == "" {
		return nil
	}
	f, h, err := openArray(path, false)
	if err != nil {
		return about(path, err)
	}
	defer f.Close()
	o.weights = &weights{path, h, make([]byte, h.count*h.dtype.size)}
	return about(path, readPart(f, o.weights.data))
}

// rectify does the operation to part of an array: the elements in part, of
// which the first is the array's element at.
type rectify func(part []byte, at int64)

// on is the operation for arrays with that header.
func (o *operation) on(h *header) (rectify, error) {
	var f rectify
	var err error
	switch h.dtype.name {
	case "float32":
		f, err = onFloats[float32](o, h)
	case "float64":
		f, err = onFloats[float64](o, h)
	case "float16":
		f, err = onFloat16(o, h)
	case "int8":
		f, err = onNumbers[int8](o, h)
	case "int16":
		f, err = onNumbers[int16](o, h)
	case "int32":
		f, err = onNumbers[int32](o, h)
	case "int64":
		f, err = onNumbers[int64](o, h)
	}
	if err != nil || !bigEndianHost {
		return f, err
	}
	return func(part []byte, at int64) {
		reverseEach(part, h.dtype.size)
		f(part, at)
		reverseEach(part, h.dtype.size)
	}, nil
}

func onFloat16(o *operation, h *header) (rectify, error) {
	if o.name != "relu" {
		return nil, o.refuse(h)
	}
	return func(part []byte, _ int64) { relu.InPlaceFloat16(elements[uint16](part)) }, nil
}

func onNumbers[T relu.Number](o *operation, h *header) (rectify, error) {
	switch o.name {
	case "relu":
		return func(part []byte, _ int64) { relu.InPlace(elements[T](part)) }, nil
	case "clip":
		limit, err := number[T]("limit", o.limit, h)
		return func(part []byte, _ int64) {
			x := elements[T](part)
			relu.Clip(x, x, limit)
		}, err
	}
	return nil, o.refuse(h)
}

func onFloats[T relu.Float](o *operation, h *header) (rectify, error) {
	switch o.name {
	case "leaky":
		slope, err := number[T]("slope", o.slope, h)
		return func(part []byte, _ int64) {
			x := elements[T](part)
			relu.Leaky(x, x, slope)
		}, err
	case "prelu":
		slopes, err := values[T](o.weights, h)
		return func(part []byte, at int64) { preluPart(elements[T](part), slopes, int64(o.inner), at) }, err
	case "bias":
		bias, err := values[T](o.weights, h)
		if err == nil && h.count%int64(len(bias)) != 0 {
			err = fmt.Errorf("has %d elements, not a multiple of the %d in %s", h.count, len(bias), o.weights.path)
		}
		return func(part []byte, at int64) { biasPart(elements[T](part), bias, at) }, err
	}
	return onNumbers[T](o, h)
}

func (o *operation) refuse(h *header) error {
	return fmt.Errorf("is %s: %s takes %s", h.dtype.name, o.name, o.takes)
}

// preluPart is PReLU of elements at, at+1 and so on of an array. Whole periods
// of the slopes go in one call, what is before and after them channel by
// channel.
func preluPart[T relu.Float](x, slopes []T, inner, at int64) {
	channels := int64(len(slopes))
	for len(x) > 0 {
		left := int64(len(x))
		into, first := at%inner, at/inner%channels
		n, some := left, slopes
		switch {
		case into > 0 || left < inner:
			n = min(left, inner-into)
			some = slopes[first : first+1]
		case first > 0 || left/inner < channels:
			several := min(left/inner, channels-first)
			n = several * inner
			some = slopes[first : first+several]
		default:
			n -= n % (inner * channels)
		}
		relu.PReLU(x[:n], x[:n], some, int(inner))
		x, at = x[n:], at+n
	}
}

// biasPart is Bias of elements at, at+1 and so on of an array.
func biasPart[T relu.Float](x, bias []T, at int64) {
	row := int64(len(bias))
	for len(x) > 0 {
		n, into := int64(len(x)), at%row
		if into > 0 || n < row {
			n = min(n, row-into)
			relu.Bias(x[:n], x[:n], bias[into:into+n])
		} else {
			n -= n % row
			relu.Bias(x[:n], x[:n], bias)
		}
		x, at = x[n:], at+n
	}
}

// number is a parameter as a value of the array's type.
func number[T relu.Number](name, text string, h *header) (T, error) {
	var value T
	var err error
	size := int(h.dtype.size) * 8
	if T(1)/2 != 0 {
		var f float64
		f, err = strconv.ParseFloat(text, size)
		value = T(f)
	} else {
		var i int64
		i, err = strconv.ParseInt(text, 10, size)
		value = T(i)
	}
	if err != nil {
		return 0, fmt.Errorf("is %s: --%s %s is no such number", h.dtype.name, name, text)
	}
	return value, nil
}

// values are the weights for an array. They must be of its type, and both must
// lie in the order in which elements are counted.
func values[T relu.Float](w *weights, h *header) ([]T, error) {
	switch {
	case w.fortran:
		return nil, fmt.Errorf("is left alone: %s is in Fortran order", w.path)
	case h.fortran && w.count > 1:
		return nil, fmt.Errorf("is in Fortran order, in which its elements do not lie as %s counts them", w.path)
	case w.dtype != h.dtype:
		return nil, fmt.Errorf("is %s, but %s is %s", h.dtype.name, w.path, w.dtype.name)
	case w.count == 0:
		return nil, fmt.Errorf("is left alone: %s is empty", w.path)
	}
	data := w.data
	if bigEndianHost {
		data = slices.Clone(data)
		reverseEach(data, h.dtype.size)
	}
	return elements[T](data), nil
}

var bigEndianHost = binary.NativeEndian.Uint16([]byte{0, 1}) == 1

// reverseEach turns elements from little-endian to big-endian and back.
func reverseEach(part []byte, size int64) {
	for e := range slices.Chunk(part, int(size)) {
		slices.Reverse(e)
	}
}

// elements are the bytes as elements. They must be aligned for them.
func elements[T any](part []byte) []T {
	return unsafe.Slice((*T)(unsafe.Pointer(unsafe.SliceData(part))), len(part)/int(unsafe.Sizeof(*new(T))))
}

// zeros counts the elements that are +0.
func zeros(part []byte, size int64) int64 {
	switch size {
	case 1:
		return int64(bytes.Count(part, []byte{0}))
	case 2:
		return countZeros(elements[uint16](part))
	case 4:
		return countZeros(elements[uint32](part))
	default:
		return countZeros(elements[uint64](part))
	}
}

func countZeros[T uint16 | uint32 | uint64](x []T) (n int64) {
	for _, v := range x {
		if v == 0 {
			n++
		}
	}
	return n
}
