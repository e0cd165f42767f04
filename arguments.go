package relu

import (
	"strconv"
	"unsafe"
)

// same reports what checkSame demands. It is inlined, for short slices.
func same[T any](a, b []T) bool {
	distance := address(b) - address(a)
	return len(a) == len(b) && (distance == 0 || distance >= byteLen(a) && -distance >= byteLen(a))
}

// checkSame panics unless a and b are equally long and overlap exactly or not
// at all.
func checkSame[T any](function, aName string, a []T, bName string, b []T) {
	if !same(a, b) {
		checkLengths(function, aName, len(a), bName, len(b))
		checkApart(function, aName, a, bName, b)
	}
}

// checkApartOrSame is checkSame for slices that may differ in length.
func checkApartOrSame[T any](function, aName string, a []T, bName string, b []T) {
	if !same(a, b) {
		checkApart(function, aName, a, bName, b)
	}
}

func checkLengths(function, aName string, a int, bName string, b int) {
	if a != b {
		panicLengths(function, aName, a, bName, b, "are not equal")
	}
}

// checkApart panics if a and b share a byte.
func checkApart[T any](function, aName string, a []T, bName string, b []T) {
	if len(a) == 0 || len(b) == 0 {
		return
	}
	distance := address(b) - address(a)
	if distance < byteLen(a) || -distance < byteLen(b) {
		panicLengths(function, aName, len(a), bName, len(b), "overlap in part")
	}
}

// checkRows panics unless n elements are whole rows.
func checkRows(function string, n, row int) {
	if n != 0 && (row == 0 || n%row != 0) {
		panicLengths(function, "src", n, "bias", row, "are not a multiple")
	}
}

func checkChannels(function string, slopes, inner int) {
	if slopes == 0 || inner < 1 {
		panic("relu: " + function + ": " + strconv.Itoa(slopes) + " slopes with inner " + strconv.Itoa(inner) + ": both must be at least 1")
	}
}

// checkLimit panics unless limit is a number >= 0; it returns limit, +0 for -0.
func checkLimit[T Number](function string, limit T) T {
	if !(limit >= 0) {
		panic("relu: " + function + ": limit " + strconv.FormatFloat(float64(limit), 'g', -1, 64) + " is not a number >= 0")
	}
	return max(0, limit)
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
