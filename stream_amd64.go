//go:build !purego && !msan && !asan

package relu

import "unsafe"

// toPast is To with stores that go past the caches, for floats and out of
// place. It spares reading what it overwrites, which pays from pastBytes.
func toPast[T Number](dst, src []T) bool {
	if identical(dst, src) || T(1)/2 == 0 {
		return false
	}
	// No piece may be shorter than the 1 KiB that the kernels need.
	n := len(dst) &^ 255
	if unsafe.Sizeof(T(0)) == 4 {
		streamFloat32(as[float32](dst), as[float32](src), n)
	} else {
		streamFloat64(as[float64](dst), as[float64](src), n)
	}
	runTo(dst[n:], src[n:])
	return true
}
