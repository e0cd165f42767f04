package relu

import "math"

// format is a format of half floats, whose elements have one type.
type format uint8

const (
	float16 format = iota
	bfloat16
)

// widen is the value of a half float, which a float32 has.
func (f format) widen(half uint16) float32 {
	if f == bfloat16 {
		return math.Float32frombits(uint32(half) << 16)
	}
	sign, rest := uint32(half>>15)<<31, uint32(half&0x7FFF)
	switch {
	case rest >= 0x7C00: // infinity and NaN
		return math.Float32frombits(sign | 0x7F800000 | rest&0x3FF<<13)
	case rest < 0x0400: // zero and subnormal
		return math.Float32frombits(sign | math.Float32bits(float32(rest)*0x1p-24))
	}
	return math.Float32frombits(sign | (rest<<13 + (127-15)<<23))
}

// narrow rounds to the nearest half float, and to an even one if two are as near.
func (f format) narrow(v float32) uint16 {
	bits := math.Float32bits(v)
	if f == bfloat16 {
		if v != v {
			return uint16(bits>>16) | 0x40
		}
		return uint16((bits + 0x7FFF + bits>>16&1) >> 16)
	}
	sign, rest := uint16(bits>>16)&0x8000, bits&0x7FFFFFFF
	switch {
	case v != v:
		return sign | 0x7E00
	case rest >= (127+16)<<23:
		return sign | 0x7C00
	case rest < (127-14)<<23: // to a multiple of the least subnormal, as 0.5 has it
		return sign | uint16(math.Float32bits(math.Float32frombits(rest)+0.5)-math.Float32bits(0.5))
	}
	return sign | uint16((rest+0xFFF+rest>>13&1-(127-15)<<23)>>13)
}

// ToFloat16 is [To] for IEEE 754 half-precision floats, whose bits dst and the sources hold.
//
// It takes every type over uint16. -0 (0x8000) and -Inf (0xFC00) give +0; what is
// copied is copied bit for bit. dst may be src; it panics if the lengths differ or
// if dst and src overlap in any other way.
func ToFloat16[T ~uint16](dst, src []T) {
	checkSame("ToFloat16", dst, "src", src)
	reluFloat16(as[uint16](dst), as[uint16](src), len(dst))
}

// GradFloat16 is [Grad] for IEEE 754 half-precision floats, whose bits dst and the sources hold.
//
// It takes every type over uint16, and looks at bits alone. dst may be grad or x;
// it panics if the lengths differ or if dst overlaps one of them in any other way.
func GradFloat16[T ~uint16](dst, grad, x []T) {
	checkSame2("GradFloat16", dst, "grad", grad, "x", x)
	gradFloat16(as[uint16](dst), as[uint16](grad), as[uint16](x), len(dst))
}

// ClipFloat16 is [Clip] for IEEE 754 half-precision floats, whose bits dst and the sources hold. limit is one too.
//
// It takes every type over uint16, and looks at bits alone. dst may be src. It
// panics if the lengths differ, if dst and src overlap in any other way, or if
// limit is negative or NaN. A limit of -0 counts as +0.
func ClipFloat16[T ~uint16](dst, src []T, limit T) {
	checkSame("ClipFloat16", dst, "src", src)
	clipFloat16(as[uint16](dst), as[uint16](src), float16.limit("ClipFloat16", uint16(limit)), len(dst))
}

// ClipGradFloat16 is [ClipGrad] for IEEE 754 half-precision floats, whose bits dst and the sources hold. limit is one too.
//
// It takes every type over uint16, and looks at bits alone. dst may be grad or x. It
// panics if the lengths differ, if dst overlaps one of them in any other way, or if
// limit is negative or NaN.
func ClipGradFloat16[T ~uint16](dst, grad, x []T, limit T) {
	checkSame2("ClipGradFloat16", dst, "grad", grad, "x", x)
	clipGradFloat16(as[uint16](dst), as[uint16](grad), as[uint16](x), float16.limit("ClipGradFloat16", uint16(limit)), len(dst))
}

// LeakyFloat16 is [Leaky] for IEEE 754 half-precision floats, whose bits dst and the sources hold. slope is one too.
//
// It takes every type over uint16. The product of two of them is exact as a float32
// or rounded to one, and then to the nearest float16, ties to even, which is to round
// once: see [AddFloat16]. NaN is copied bit for bit; a NaN that the product makes has
// unspecified bits. dst may be src; it panics if the lengths differ or if dst and src
// overlap in any other way.
func LeakyFloat16[T ~uint16](dst, src []T, slope T) {
	checkSame("LeakyFloat16", dst, "src", src)
	leakyFloat16(as[uint16](dst), as[uint16](src), uint16(slope), len(dst))
}

// LeakyGradFloat16 is [LeakyGrad] for IEEE 754 half-precision floats, whose bits dst and the sources hold. slope is one too.
//
// It takes every type over uint16, and rounds as [LeakyFloat16] does. dst may be grad
// or x; it panics if the lengths differ or if dst overlaps one of them in any other
// way.
func LeakyGradFloat16[T ~uint16](dst, grad, x []T, slope T) {
	checkSame2("LeakyGradFloat16", dst, "grad", grad, "x", x)
	leakyGradFloat16(as[uint16](dst), as[uint16](grad), as[uint16](x), uint16(slope), len(dst))
}

// SquareFloat16 is [Square] for IEEE 754 half-precision floats, whose bits dst and the sources hold.
//
// It takes every type over uint16, and rounds as [LeakyFloat16] does. dst may be src;
// it panics if the lengths differ or if dst and src overlap in any other way.
func SquareFloat16[T ~uint16](dst, src []T) {
	checkSame("SquareFloat16", dst, "src", src)
	squareFloat16(as[uint16](dst), as[uint16](src), len(dst))
}

// AddFloat16 is [Add] for IEEE 754 half-precision floats, whose bits dst and the sources hold.
//
// It takes every type over uint16. The sum is rounded to a float32 and then to the
// nearest float16, ties to even. That is to round once, because a float32 has more than
// twice the bits of precision and two: Figueroa, "When is Double Rounding
// Innocuous?" (1995). dst may be a, b or both; it panics if the lengths differ or if
// dst overlaps one of them in any other way.
func AddFloat16[T ~uint16](dst, a, b []T) {
	checkSame2("AddFloat16", dst, "a", a, "b", b)
	addFloat16(as[uint16](dst), as[uint16](a), as[uint16](b), len(dst))
}

// BiasFloat16 is [Bias] for IEEE 754 half-precision floats, whose bits dst and the sources hold.
//
// It takes every type over uint16, and rounds as [AddFloat16] does. dst may be src, or
// bias if there is only one row. It panics if the lengths of dst and src differ, if
// that length is not a multiple of len(bias), or if dst overlaps src or bias in any
// other way.
func BiasFloat16[T ~uint16](dst, src, bias []T) {
	checkRows("BiasFloat16", len(src), len(bias))
	if !same(dst, bias) && !apart(dst, bias) {
		panicOverlap("BiasFloat16", "dst", dst, "bias", bias)
	}
	checkSame("BiasFloat16", dst, "src", src)
	raceRead(bias)
	addBiasOfHalves(float16, dst, src, bias)
}

// ToBFloat16 is [To] for bfloat16, whose bits dst and the sources hold.
//
// It takes every type over uint16. -0 (0x8000) and -Inf (0xFF80) give +0; what is
// copied is copied bit for bit. dst may be src; it panics if the lengths differ or
// if dst and src overlap in any other way.
func ToBFloat16[T ~uint16](dst, src []T) {
	checkSame("ToBFloat16", dst, "src", src)
	reluBFloat16(as[uint16](dst), as[uint16](src), len(dst))
}

// GradBFloat16 is [Grad] for bfloat16, whose bits dst and the sources hold.
//
// It takes every type over uint16, and looks at bits alone. dst may be grad or x;
// it panics if the lengths differ or if dst overlaps one of them in any other way.
func GradBFloat16[T ~uint16](dst, grad, x []T) {
	checkSame2("GradBFloat16", dst, "grad", grad, "x", x)
	gradBFloat16(as[uint16](dst), as[uint16](grad), as[uint16](x), len(dst))
}

// ClipBFloat16 is [Clip] for bfloat16, whose bits dst and the sources hold. limit is one too.
//
// It takes every type over uint16, and looks at bits alone. dst may be src. It
// panics if the lengths differ, if dst and src overlap in any other way, or if
// limit is negative or NaN. A limit of -0 counts as +0.
func ClipBFloat16[T ~uint16](dst, src []T, limit T) {
	checkSame("ClipBFloat16", dst, "src", src)
	clipBFloat16(as[uint16](dst), as[uint16](src), bfloat16.limit("ClipBFloat16", uint16(limit)), len(dst))
}

// ClipGradBFloat16 is [ClipGrad] for bfloat16, whose bits dst and the sources hold. limit is one too.
//
// It takes every type over uint16, and looks at bits alone. dst may be grad or x. It
// panics if the lengths differ, if dst overlaps one of them in any other way, or if
// limit is negative or NaN.
func ClipGradBFloat16[T ~uint16](dst, grad, x []T, limit T) {
	checkSame2("ClipGradBFloat16", dst, "grad", grad, "x", x)
	clipGradBFloat16(as[uint16](dst), as[uint16](grad), as[uint16](x), bfloat16.limit("ClipGradBFloat16", uint16(limit)), len(dst))
}

// LeakyBFloat16 is [Leaky] for bfloat16, whose bits dst and the sources hold. slope is one too.
//
// It takes every type over uint16. The product of two of them is exact as a float32
// or rounded to one, and then to the nearest bfloat16, ties to even, which is to round
// once: see [AddBFloat16]. NaN is copied bit for bit; a NaN that the product makes has
// unspecified bits. dst may be src; it panics if the lengths differ or if dst and src
// overlap in any other way.
func LeakyBFloat16[T ~uint16](dst, src []T, slope T) {
	checkSame("LeakyBFloat16", dst, "src", src)
	leakyBFloat16(as[uint16](dst), as[uint16](src), uint16(slope), len(dst))
}

// LeakyGradBFloat16 is [LeakyGrad] for bfloat16, whose bits dst and the sources hold. slope is one too.
//
// It takes every type over uint16, and rounds as [LeakyBFloat16] does. dst may be grad
// or x; it panics if the lengths differ or if dst overlaps one of them in any other
// way.
func LeakyGradBFloat16[T ~uint16](dst, grad, x []T, slope T) {
	checkSame2("LeakyGradBFloat16", dst, "grad", grad, "x", x)
	leakyGradBFloat16(as[uint16](dst), as[uint16](grad), as[uint16](x), uint16(slope), len(dst))
}

// SquareBFloat16 is [Square] for bfloat16, whose bits dst and the sources hold.
//
// It takes every type over uint16, and rounds as [LeakyBFloat16] does. dst may be src;
// it panics if the lengths differ or if dst and src overlap in any other way.
func SquareBFloat16[T ~uint16](dst, src []T) {
	checkSame("SquareBFloat16", dst, "src", src)
	squareBFloat16(as[uint16](dst), as[uint16](src), len(dst))
}

// AddBFloat16 is [Add] for bfloat16, whose bits dst and the sources hold.
//
// It takes every type over uint16. The sum is rounded to a float32 and then to the
// nearest bfloat16, ties to even. That is to round once, because a float32 has more than
// twice the bits of precision and two: Figueroa, "When is Double Rounding
// Innocuous?" (1995). dst may be a, b or both; it panics if the lengths differ or if
// dst overlaps one of them in any other way.
func AddBFloat16[T ~uint16](dst, a, b []T) {
	checkSame2("AddBFloat16", dst, "a", a, "b", b)
	addBFloat16(as[uint16](dst), as[uint16](a), as[uint16](b), len(dst))
}

// BiasBFloat16 is [Bias] for bfloat16, whose bits dst and the sources hold.
//
// It takes every type over uint16, and rounds as [AddBFloat16] does. dst may be src, or
// bias if there is only one row. It panics if the lengths of dst and src differ, if
// that length is not a multiple of len(bias), or if dst overlaps src or bias in any
// other way.
func BiasBFloat16[T ~uint16](dst, src, bias []T) {
	checkRows("BiasBFloat16", len(src), len(bias))
	if !same(dst, bias) && !apart(dst, bias) {
		panicOverlap("BiasBFloat16", "dst", dst, "bias", bias)
	}
	checkSame("BiasBFloat16", dst, "src", src)
	raceRead(bias)
	addBiasOfHalves(bfloat16, dst, src, bias)
}

// limit is what Clip has as its limit, or a panic that says what it is.
func (f format) limit(function string, half uint16) uint16 {
	v := f.widen(half)
	if !(v >= 0) {
		panicLimit(function, v)
	}
	if v == 0 {
		return 0
	}
	return half
}

// checkSame panics unless dst and src go together, and tells the race detector of
// them.
func checkSame[T any](function string, dst []T, name string, src []T) {
	if !same(dst, src) {
		panicNotSame(function, "dst", dst, name, src)
	}
	raceRead(src)
	raceWrite(dst)
}

func checkSame2[T any](function string, dst []T, aName string, a []T, bName string, b []T) {
	if !same(dst, a) {
		panicNotSame(function, "dst", dst, aName, a)
	}
	if !same(dst, b) {
		panicNotSame(function, "dst", dst, bName, b)
	}
	raceRead(a)
	raceRead(b)
	raceWrite(dst)
}

// addBiasOfHalves adds the bias to each row and rectifies.
func addBiasOfHalves[T ~uint16](f format, dst, src, bias []T) {
	for ; len(src) > 0; dst, src = dst[len(bias):], src[len(bias):] {
		addRowOfHalves(f, dst[:len(bias)], src, bias)
	}
}

// addRowOfHalves is a function of its own so that the goroutine can be preempted.
//
//go:noinline
func addRowOfHalves[T ~uint16](f format, dst, src, bias []T) {
	if f == float16 {
		addFloat16(as[uint16](dst), as[uint16](src), as[uint16](bias), len(dst))
	} else {
		addBFloat16(as[uint16](dst), as[uint16](src), as[uint16](bias), len(dst))
	}
}
