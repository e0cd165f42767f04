package relu

import "unsafe"

// maskOp is what is done with words of a mask.
type maskOp uint8

const (
	maskOnly    maskOp = iota // write it
	maskRectify               // write it, and rectify
	maskCount                 // add up the bits that it would have
)

// byWords does op to whole words, and to what is left as to a word whose other
// elements are 0.
func byWords[T Number](op maskOp, dst []T, mask []uint64, src []T) {
	for len(src) >= 64 {
		words := min(len(src)/64, wordsPiece(src))
		maskPiece(op, dst, mask, src, words)
		src = src[64*words:]
		if op != maskCount {
			mask = mask[words:]
		}
		if op == maskRectify {
			dst = dst[64*words:]
		}
	}
	if len(src) > 0 {
		var last [64]T
		copy(last[:], src)
		maskPiece(op, last[:], mask, last[:], 1)
		if op == maskRectify {
			copy(dst, last[:])
		}
	}
}

// wordsPiece is how many words one call does.
func wordsPiece[T any](x []T) int { return 1024 / int(unsafe.Sizeof(x[0])) }

// maskPiece is a function of its own so that the goroutine can be preempted, which
// it cannot in assembly.
//
//go:noinline
func maskPiece[T Number](op maskOp, dst []T, mask []uint64, src []T, words int) {
	switch op {
	case maskOnly:
		runMask(mask, src, words)
	case maskRectify:
		runReluMask(dst, mask, src, words)
	case maskCount:
		runActive(mask, src, words)
	}
}

// gradByWords is [GradMask].
func gradByWords[T Float](dst, grad []T, mask []uint64) {
	for len(grad) >= 64 {
		words := min(len(grad)/64, wordsPiece(grad))
		gradMaskPiece(dst, mask, grad, words)
		dst, mask, grad = dst[64*words:], mask[words:], grad[64*words:]
	}
	if len(grad) > 0 {
		var last [64]T
		copy(last[:], grad)
		gradMaskPiece(last[:], mask, last[:], 1)
		copy(dst, last[:])
	}
}

//go:noinline
func gradMaskPiece[T Float](dst []T, mask []uint64, grad []T, words int) {
	runGradMask(dst, mask, grad, words)
}

// maskOfHalves is byWords for half floats, of which there is only [Mask].
func maskOfHalves[T ~uint16](f format, mask []uint64, x []T) {
	for len(x) >= 64 {
		words := min(len(x)/64, wordsPiece(x))
		maskOfHalvesPiece(f, mask, x, words)
		mask, x = mask[words:], x[64*words:]
	}
	if len(x) > 0 {
		var last [64]T
		copy(last[:], x)
		maskOfHalvesPiece(f, mask, last[:], 1)
	}
}

//go:noinline
func maskOfHalvesPiece[T ~uint16](f format, mask []uint64, x []T, words int) {
	if f == float16 {
		maskFloat16(&mask[0], as[uint16](x), words)
	} else {
		maskBFloat16(&mask[0], as[uint16](x), words)
	}
}
