package npy

import (
	"encoding/binary"
	"fmt"
	"math/bits"
	"strconv"
	"strings"
	"unsafe"
)

// Type is a type of elements.
type Type struct {
	Name    string // as NumPy has it: float32
	Size    int64  // in bytes
	Swapped bool   // the bytes of an element are in the other order than this machine's
}

// names are what NumPy calls a type besides its kind and size, by these.
var names = map[string][]string{
	"f2": {"float16", "half", "e"},
	"f4": {"float32", "single", "f"},
	"f8": {"float64", "double", "float", "d"},
	"i1": {"int8", "byte", "b"},
	"i2": {"int16", "short", "h"},
	"i4": {"int32", "intc", "i"},
	"i8": {"int64", "longlong", "q"},
	"u1": {"uint8", "ubyte", "B"},
	"u2": {"uint16", "ushort", "H"},
	"u4": {"uint32", "uintc", "I"},
	"u8": {"uint64", "ulonglong", "Q"},
	"V2": {"void16"},
}

// refused are the first letters of what numpy.dtype takes for other types, and
// what elements of these are.
var refused = map[byte]string{
	'?': "booleans", 'c': "complex numbers", 'F': "complex numbers", 'D': "complex numbers", 'G': "complex numbers",
	'O': "Python objects", 'S': "strings", 'a': "strings", 'U': "strings", 'T': "strings",
	'M': "dates", 'm': "spans of time", 'V': "untyped bytes", 'g': "of extended precision",
}

// platform are names of types whose size depends on the platform.
const platform = " l L p P int int_ intp uint uintp long ulong n N "

// parseType reads what numpy.dtype takes for one of these types.
func parseType(descr string) (Type, error) {
	order, name := byte('='), descr
	if len(descr) > 1 && strings.IndexByte("<>=|", descr[0]) >= 0 {
		order, name = descr[0], descr[1:]
	}
	for code, others := range names {
		found := name == code
		for _, other := range others {
			// A byte order goes with a code, not with a word.
			found = found || name == other && other != "void16" && (len(other) == 1 || name == descr)
		}
		if !found {
			continue
		}
		t := Type{Name: others[0], Size: int64(code[1] - '0')}
		t.Swapped = t.Size > 1 && (order == '<' && BigEndianHost || order == '>' && !BigEndianHost)
		return t, nil
	}
	switch {
	case strings.Contains(platform, " "+name+" "):
		return Type{}, refuse("of a size that depends on the platform", descr)
	case name == "f16" || name == "f12":
		return Type{}, refuse("of extended precision", descr)
	case name == "b1" || name == "bool" || name == "bool_":
		return Type{}, refuse("booleans", descr)
	case name != "" && refused[name[0]] != "":
		return Type{}, refuse(refused[name[0]], descr)
	}
	return Type{}, fmt.Errorf("has elements of a type that is not known, %.40q", descr)
}

// refuse says why elements of a type are not taken.
func refuse(why, descr string) error {
	return fmt.Errorf("has elements that are %s (%s): relu takes floats and integers", why, strconv.Quote(fmt.Sprintf("%.20s", descr)))
}

// BigEndianHost tells the byte order of this machine.
var BigEndianHost = binary.NativeEndian.Uint16([]byte{0, 1}) == 1

// Swap turns elements from one byte order into the other, if the type asks for
// that.
func (t Type) Swap(part []byte) {
	switch {
	case !t.Swapped:
	case t.Size == 2:
		each(part, bits.ReverseBytes16)
	case t.Size == 4:
		each(part, bits.ReverseBytes32)
	case t.Size == 8:
		each(part, bits.ReverseBytes64)
	}
}

func each[T any](part []byte, f func(T) T) {
	x := Elements[T](part)
	for i, v := range x {
		x[i] = f(v)
	}
}

// Elements are the bytes as elements. They must be aligned for them.
func Elements[T any](part []byte) []T {
	return unsafe.Slice((*T)(unsafe.Pointer(unsafe.SliceData(part))), len(part)/int(unsafe.Sizeof(*new(T))))
}
