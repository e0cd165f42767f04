//go:build !purego && !msan && !asan

package relu

import "unsafe"

// Stores that go past the caches spare reading what they overwrite, which pays
// from pastBytes, for floats and where dst is not a source. Their kernels take
// 1 KiB or more, of which every piece has to be.

// toPast is To with such stores. It reports whether it could be done.
func toPast[T Number](dst, src []T) bool {
	if identical(dst, src) || T(1)/2 == 0 {
		return false
	}
	n := len(dst) &^ 255
	if unsafe.Sizeof(T(0)) == 4 {
		streamReluFloat32(as[float32](dst), as[float32](src), n)
	} else {
		streamReluFloat64(as[float64](dst), as[float64](src), n)
	}
	runTo(dst[n:], src[n:])
	return true
}

// pastRow is the least length of a bias that is not expanded: the stores of a
// call have to be complete before the next.
const pastRow = 4096

// addBiasPast is addBias with such stores.
func addBiasPast[T Float](dst, src, bias []T) {
	if len(bias) < pastRow {
		addShortBiasPast(dst, src, bias)
	} else {
		addRowsPast(dst, src, bias)
	}
}

// addShortBiasPast is addBiasPast behind a bias that has been repeated.
func addShortBiasPast[T Float](dst, src, bias []T) {
	var pattern [2 * pastRow]T
	n := copy(pattern[:], bias)
	addRowsPast(dst, src, repeat(pattern[:], n, len(pattern)))
}

// addRowsPast adds a row to every row, the last of which may be short.
func addRowsPast[T Float](dst, src, row []T) {
	for len(src) > 0 {
		n := min(len(src), len(row))
		addPast(dst[:n], src[:n], row[:n])
		dst, src = dst[n:], src[n:]
	}
}

// addPast is max(0, a+b) with such stores.
func addPast[T Float](dst, a, b []T) {
	n := len(dst) &^ 255
	if n > 0 {
		if unsafe.Sizeof(T(0)) == 4 {
			streamAddFloat32(as[float32](dst), as[float32](a), as[float32](b), n)
		} else {
			streamAddFloat64(as[float64](dst), as[float64](a), as[float64](b), n)
		}
	}
	runAdd(dst[n:], a[n:], b[n:])
}
