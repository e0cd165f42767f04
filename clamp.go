package relu

import (
	"math"
	"unsafe"
)

// clamp is [Clamp]. For floats its kernel takes a minimum and a maximum, which are
// fast and keep -0 where a bound is +0.
func clamp[T Number | ~uint8 | ~uint16](dst, src []T, lo, hi T) {
	switch {
	case T(1)/2 == 0 || lo != 0 && hi != 0:
		runClamp(dst, src, lo, hi)
	case unsafe.Sizeof(lo) == 4:
		clampAtZero(sliceAs[float32](dst), sliceAs[float32](src), float32(lo), float32(hi))
	default:
		clampAtZero(sliceAs[float64](dst), sliceAs[float64](src), float64(lo), float64(hi))
	}
}

// clampAtZero is clamp with a bound of 0.
func clampAtZero[T Float](dst, src []T, lo, hi T) {
	if lo == 0 {
		runClip(dst, src, max(0, hi))
		return
	}
	runClamp(dst, src, lo, hi)
	runClampGrad(dst, dst, dst, T(math.NaN()), 0) // all that is not below 0 becomes +0
}

// sliceAs is x under another type of its size.
func sliceAs[U, T any](x []T) []U { return unsafe.Slice(as[U](x), len(x)) }
