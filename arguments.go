package relu

import (
	"strconv"
	"unsafe"
)

// same reports whether a and b are equally long and overlap exactly or not at
// all. Like every check here it is inlined, because for short slices a call is
// much of the cost; what panics is a call.
func same[T any](a, b []T) bool {
	distance := address(b) - address(a)
	return len(a) == len(b) && (distance == 0 || distance >= byteLen(a) && -distance >= byteLen(a))
}

// apart reports whether a and b share no byte.
func apart[A, B any](a []A, b []B) bool {
	distance := address(b) - address(a)
	return distance >= byteLen(a) && -distance >= byteLen(b) || len(a) == 0 || len(b) == 0
}

// panicNotSame is for slices that are not the same.
func panicNotSame[T any](function, aName string, a []T, bName string, b []T) {
	if len(a) == len(b) {
		panicOverlap(function, aName, a, bName, b)
	}
	panicLengths(function, aName, len(a), bName, len(b), "are not equal")
}

// panicOverlap is for slices that are not apart.
func panicOverlap[A, B any](function, aName string, a []A, bName string, b []B) {
	panicLengths(function, aName, len(a), bName, len(b), "overlap in part")
}

// checkRows panics unless n elements are whole rows.
func checkRows(function string, n, row int) {
	if n != row && n != 0 && (row == 0 || n%row != 0) { // a division takes its time
		panicLengths(function, "src", n, "bias", row, "are not a multiple")
	}
}

// checkMask panics unless mask has a word for each 64 elements of x, begun ones too,
// and lies apart from x.
func checkMask[T any](function string, mask []uint64, xName string, x []T) {
	if len(mask) != (len(x)+63)/64 {
		panicLengths(function, "mask", len(mask), xName, len(x), "do not fit: a word is for 64 elements")
	}
	if !apart(mask, x) {
		panicOverlap(function, "mask", mask, xName, x)
	}
}

func checkChannels(function string, slopes, inner int) {
	if slopes == 0 || inner < 1 {
		panic("relu: " + function + ": " + strconv.Itoa(slopes) + " slopes with inner " + strconv.Itoa(inner) + ": both must be at least 1")
	}
}

// panicLimit is for a limit that is negative or NaN.
func panicLimit[T Number](function string, limit T) {
	panic("relu: " + function + ": limit " + decimal(limit) + " is not a number >= 0")
}

// panicBounds is for bounds of which lo is not the lesser, or one is NaN.
func panicBounds[T Number | ~uint8 | ~uint16](function string, lo, hi T) {
	panic("relu: " + function + ": lo " + decimal(lo) + " is not <= hi " + decimal(hi))
}

// decimal is a number in a message.
func decimal[T Number | ~uint8 | ~uint16](v T) string {
	if T(1)/2 != 0 {
		return strconv.FormatFloat(float64(v), 'g', -1, 8*int(unsafe.Sizeof(v)))
	}
	return strconv.FormatInt(int64(v), 10)
}

func panicLengths(function, aName string, a int, bName string, b int, what string) {
	panic("relu: " + function + ": " + aName + " (length " + strconv.Itoa(a) + ") and " + bName + " (length " + strconv.Itoa(b) + ") " + what)
}

// identical reports whether a and b, of one length, start at the same element.
func identical[T any](a, b []T) bool {
	return address(a) == address(b)
}

func address[T any](x []T) uintptr {
	return uintptr(unsafe.Pointer(unsafe.SliceData(x)))
}

func byteLen[T any](x []T) uintptr {
	return uintptr(len(x)) * unsafe.Sizeof(x[0])
}

// as is x's first element under a kernel's element type of the same size.
func as[U, T any](x []T) *U {
	return (*U)(unsafe.Pointer(unsafe.SliceData(x)))
}
