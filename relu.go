// Package relu computes max(0, x) over Go slices at the speed of memory, with
// the same bits from every CPU.
//
// # The contract
//
// For every element, of every type, at every length and alignment and with
// every kernel:
//
//	if x <= 0 the result is +0; anything else is left exactly as it was.
//
// Negative numbers, -Inf and -0 become +0. Positive numbers, subnormals and
// +Inf stay. Every NaN stays, its sign, payload and signalling bit included.
// By value this is Go's max(0, x), the maximum of IEEE 754-2019. The functions
// that only select (all but [Leaky], [PReLU], [Square], [Gate], their gradients,
// [Bias] and [Add]) do not round. Those that compute round once, to nearest even, as the
// Go expression in their doc comment does, and never fuse a product with a
// sum; a NaN that they make (0*Inf, Inf-Inf) has unspecified bits.
//
// [InPlace], [To], [Parallel], the forms for half floats and [Grad] look at bits
// alone. No rounding mode changes their results, and no flushing of subnormals
// to zero, such as C libraries built for fast mathematics switch on. The other
// functions take the floating-point environment as they find it.
//
// # Arguments
//
// Slices that belong together have the same length, or the stated multiple.
// A destination may be exactly one of its sources (the same first element and
// the same length) or must not overlap it. Anything else panics, before a
// byte is written, with a message that names the function and the lengths.
// Empty and nil slices are fine. Nothing allocates, and no argument escapes
// to the heap.
//
// # Kernels
//
// The fastest kernel that the CPU and the operating system support is chosen
// once, when the program starts: see [Kernel], [Kernels] and the environment
// variable RELU_KERNEL. Calls may run from any number of goroutines at once,
// on slices that do not overlap. A long call can be preempted as a plain Go
// loop can, and the race detector sees what it reads and writes.
//
// On amd64 with AVX2, a destination that is none of its sources, and so long that the
// last cache does not hold it beside one of them (16 MiB at least), is written by
// non-temporal stores where they pay, which spare reading what they overwrite. They
// are complete when the function returns.
//
// # Questions
//
// The repository has a page for each that comes next: [which function], [why
// results differ from NumPy's], [why it is not faster], [how to choose a
// kernel], [how to compare CPUs], [how to fuzz with it], [how a call travels].
//
// [which function]: https://github.com/seed88f7e06c/relu/blob/main/docs/which.md
// [why results differ from NumPy's]: https://github.com/seed88f7e06c/relu/blob/main/docs/differences.md
// [why it is not faster]: https://github.com/seed88f7e06c/relu/blob/main/docs/slow.md
// [how to choose a kernel]: https://github.com/seed88f7e06c/relu/blob/main/docs/kernel.md
// [how to compare CPUs]: https://github.com/seed88f7e06c/relu/blob/main/docs/compare.md
// [how to fuzz with it]: https://github.com/seed88f7e06c/relu/blob/main/docs/fuzz.md
// [how a call travels]: https://github.com/seed88f7e06c/relu/blob/main/docs/call.md
package relu

import "unsafe"

// Float is every type whose elements are IEEE 754 single or double floats.
type Float interface {
	~float32 | ~float64
}

// Number is every element type that [InPlace], [To] and [Clip] take.
type Number interface {
	Float | ~int8 | ~int16 | ~int32 | ~int64 | ~int
}

// InPlace replaces each element of x by max(0, x): the rectified linear unit.
//
// An element that is negative, -Inf or -0 becomes +0. +Inf and every NaN stay
// as they are, bit for bit. It panics on nothing; an empty or nil x is fine.
//
// The definition is that of Nair and Hinton, "Rectified Linear Units Improve
// Restricted Boltzmann Machines" (2010). NumPy's maximum(0, x) and PyTorch's
// relu keep -0.
func InPlace[T Number](x []T) {
	if raceEnabled { // a call, even of nothing, would keep InPlace from being inlined
		raceWrite(x)
	}
	p := unsafe.Pointer(unsafe.SliceData(x))
	rectify(p, p, len(x), unsafe.Sizeof(T(0))+uintptr(T(1)/2*32))
}

// To sets dst[i] = max(0, src[i]).
//
// An element that is negative, -Inf or -0 gives +0. +Inf and every NaN are
// copied bit for bit. dst may be src; it panics if the lengths differ or if
// dst and src overlap in any other way.
func To[T Number](dst, src []T) {
	if !same(dst, src) {
		panicNotSame("To", "dst", dst, "src", src)
	}
	raceRead(src)
	raceWrite(dst)
	rectify(unsafe.Pointer(unsafe.SliceData(dst)), unsafe.Pointer(unsafe.SliceData(src)), len(dst), unsafe.Sizeof(T(0))+uintptr(T(1)/2*32))
}

// InPlaceFloat16 replaces each element of x, the bits of an IEEE 754
// half-precision float, by max(0, x).
//
// It takes every type over uint16, such as the Float16 of x448/float16. An
// element that is negative, -Inf (0xFC00) or -0 (0x8000) becomes +0. +Inf and
// every NaN stay, bit for bit. It panics on nothing.
func InPlaceFloat16[T ~uint16](x []T) {
	raceWrite(x)
	reluFloat16(as[uint16](x), as[uint16](x), len(x))
}

// InPlaceBFloat16 replaces each element of x, the bits of a bfloat16 (the
// upper half of a float32), by max(0, x).
//
// It takes every type over uint16. An element that is negative, -Inf (0xFF80)
// or -0 (0x8000) becomes +0. +Inf and every NaN stay, bit for bit. It panics
// on nothing.
func InPlaceBFloat16[T ~uint16](x []T) {
	raceWrite(x)
	reluBFloat16(as[uint16](x), as[uint16](x), len(x))
}

// Grad is the gradient of [InPlace] and [To]: dst[i] = 0 where x[i] <= 0,
// otherwise grad[i].
//
// x may be what went into the rectifier or what came out of it, because the
// one is <= 0 exactly where the other is. That is what makes training in place
// possible: the input need not be kept. Where x is NaN the gradient passes, as
// in PyTorch's threshold_backward; where x is +0 or -0 it does not. What
// passes is copied bit for bit; the rest is +0.
//
// dst may be grad or x; it panics if the lengths differ or if dst overlaps
// one of them in any other way.
func Grad[T Float](dst, grad, x []T) {
	if !same(dst, grad) {
		panicNotSame("Grad", "dst", dst, "grad", grad)
	}
	if !same(dst, x) {
		panicNotSame("Grad", "dst", dst, "x", x)
	}
	raceRead(grad)
	raceRead(x)
	raceWrite(dst)
	runGrad(dst, grad, x)
}

// Leaky is the leaky rectifier: dst[i] = slope*src[i] where src[i] <= 0,
// otherwise src[i].
//
// It is the cure for units that died, whose gradient is zero for every input:
// Maas, Hannun and Ng, "Rectifier Nonlinearities Improve Neural Network
// Acoustic Models" (2013). The product is rounded once. Zeros are multiplied
// too, so the sign of the result for +0 and -0 is that of the product; NaN is
// copied bit for bit. Any finite slope will do, zero and negative ones too:
// slope 0 gives -0 for negative elements and NaN for -Inf, which [To] does not.
// An infinite slope gives the product, and therefore NaN for zeros; a NaN
// slope gives NaN for all that is <= 0.
//
// dst may be src; it panics if the lengths differ or if dst and src overlap in
// any other way.
func Leaky[T Float](dst, src []T, slope T) {
	if !same(dst, src) {
		panicNotSame("Leaky", "dst", dst, "src", src)
	}
	raceRead(src)
	raceWrite(dst)
	leaky(dst, src, slope)
}

// LeakyGrad is the gradient of [Leaky]: dst[i] = slope*grad[i] where
// x[i] <= 0, otherwise grad[i].
//
// x is the input of [Leaky]; with a positive slope its output serves as well,
// since the one is <= 0 where the other is. (A negative input whose product
// underflows gives -0, which is still <= 0.) The product is rounded once.
// Where x is positive, or NaN, the gradient is copied bit for bit; for NaN,
// PyTorch multiplies it.
//
// dst may be grad or x; it panics if the lengths differ or if dst overlaps
// one of them in any other way.
func LeakyGrad[T Float](dst, grad, x []T, slope T) {
	if !same(dst, grad) {
		panicNotSame("LeakyGrad", "dst", dst, "grad", grad)
	}
	if !same(dst, x) {
		panicNotSame("LeakyGrad", "dst", dst, "x", x)
	}
	raceRead(grad)
	raceRead(x)
	raceWrite(dst)
	runLeakyGrad(dst, grad, x, slope)
}

// PReLU is the leaky rectifier with a learned slope per channel:
// dst[i] = s*src[i] where src[i] <= 0, otherwise src[i], with
// s = slopes[(i/inner)%len(slopes)].
//
// inner is how many neighbouring elements share a channel: 1 for dense layers
// and channels-last images (NHWC), H*W for channels-first ones (NCHW). One
// slope is the shared form. Products, zeros, infinities and NaN are as in
// [Leaky].
//
// dst may be src. It panics if the lengths of dst and src differ, if they
// overlap in any other way, if dst overlaps slopes, if slopes is empty or if
// inner < 1.
//
// He, Zhang, Ren and Sun, "Delving Deep into Rectifiers" (2015).
func PReLU[T Float](dst, src, slopes []T, inner int) {
	if !same(dst, src) {
		panicNotSame("PReLU", "dst", dst, "src", src)
	}
	if !apart(dst, slopes) {
		panicOverlap("PReLU", "dst", dst, "slopes", slopes)
	}
	checkChannels("PReLU", len(slopes), inner)
	raceRead(src)
	raceRead(slopes)
	raceWrite(dst)
	prelu(dst, src, slopes, inner)
}

// PReLUGrad is the gradient of [PReLU], with respect to its input and to its
// slopes, for s = slopes[(i/inner)%len(slopes)]:
//
//	dst[i]     = s*grad[i] where x[i] <= 0, otherwise grad[i]
//	dslopes[c] = the sum of grad[i]*x[i] over all i of channel c with x[i] <= 0
//
// x is the input of [PReLU]. dst is as in [LeakyGrad].
//
// The sum is defined to the bit. A product is a T and is rounded once; the
// sums are float64, so that small terms survive beside large ones.
// Each run of inner neighbouring elements deals its elements to 16 sums, the
// one at position p of the run to sum p%16; with one slope, all of x is a
// single run. Each of the 16 starts at +0 and takes its terms by rising i.
// They are then added in halves, sum k to sum k+8, then k to k+4, k+2 and
// k+1, and the last is rounded to T. Where x is NaN there is no term. A
// channel without elements gets +0.
//
// dst may be grad or x. It panics if the lengths of dst, grad and x differ, if
// dst overlaps one of them in any other way, if the lengths of dslopes and
// slopes differ, if dst overlaps slopes, if dslopes overlaps anything, if
// slopes is empty or if inner < 1.
func PReLUGrad[T Float](dst, dslopes, grad, x, slopes []T, inner int) {
	if !same(dst, grad) {
		panicNotSame("PReLUGrad", "dst", dst, "grad", grad)
	}
	if !same(dst, x) {
		panicNotSame("PReLUGrad", "dst", dst, "x", x)
	}
	if len(dslopes) != len(slopes) {
		panicLengths("PReLUGrad", "dslopes", len(dslopes), "slopes", len(slopes), "are not equal")
	}
	if !apart(dst, slopes) {
		panicOverlap("PReLUGrad", "dst", dst, "slopes", slopes)
	}
	if !apart(dslopes, dst) {
		panicOverlap("PReLUGrad", "dslopes", dslopes, "dst", dst)
	}
	if !apart(dslopes, grad) {
		panicOverlap("PReLUGrad", "dslopes", dslopes, "grad", grad)
	}
	if !apart(dslopes, x) {
		panicOverlap("PReLUGrad", "dslopes", dslopes, "x", x)
	}
	if !apart(dslopes, slopes) {
		panicOverlap("PReLUGrad", "dslopes", dslopes, "slopes", slopes)
	}
	checkChannels("PReLUGrad", len(slopes), inner)
	raceRead(grad)
	raceRead(x)
	raceRead(slopes)
	raceWrite(dst)
	raceWrite(dslopes)
	preluGrad(dst, dslopes, grad, x, slopes, inner)
}

// Clip is the rectifier with a ceiling: dst[i] = min(max(0, src[i]), limit).
// With limit 6 it is ReLU6.
//
// Elements <= 0, -0 included, give +0; those above limit, +Inf included, give
// limit; every NaN is copied bit for bit. A limit of -0 counts as +0.
//
// dst may be src. It panics if the lengths differ, if dst and src overlap in
// any other way, or if limit is negative or NaN.
//
// ReLU6 is from Krizhevsky, "Convolutional Deep Belief Networks on CIFAR-10"
// (2010).
func Clip[T Number](dst, src []T, limit T) {
	if !same(dst, src) {
		panicNotSame("Clip", "dst", dst, "src", src)
	}
	if !(limit >= 0) {
		panicLimit("Clip", limit)
	}
	limit = max(0, limit) // -0 counts as +0
	raceRead(src)
	raceWrite(dst)
	runClip(dst, src, limit)
}

// ClipGrad is the gradient of [Clip]: dst[i] = grad[i] where
// 0 < x[i] < limit or x[i] is NaN, otherwise +0.
//
// x may be the input of [Clip] or its output. What passes is copied bit for
// bit. At the two corners, x = 0 and x = limit, the gradient is zero, as in
// PyTorch's hardtanh_backward; that is also zero where x is NaN.
//
// dst may be grad or x. It panics if the lengths differ, if dst overlaps one
// of them in any other way, or if limit is negative or NaN.
func ClipGrad[T Float](dst, grad, x []T, limit T) {
	if !same(dst, grad) {
		panicNotSame("ClipGrad", "dst", dst, "grad", grad)
	}
	if !same(dst, x) {
		panicNotSame("ClipGrad", "dst", dst, "x", x)
	}
	if !(limit >= 0) {
		panicLimit("ClipGrad", limit)
	}
	limit = max(0, limit) // -0 counts as +0
	raceRead(grad)
	raceRead(x)
	raceWrite(dst)
	runClipGrad(dst, grad, x, limit)
}

// Clamp holds each element between two bounds: dst[i] = min(max(lo, src[i]), hi).
//
// It is the rectifier of quantized tensors, whose zero is not 0:
// Clamp(x, x, zeroPoint, 255). Besides the types of [Number] it takes uint8 and
// uint16.
//
// Elements <= lo, -Inf included, give lo; those >= hi, +Inf included, give hi;
// everything between, -0 included, and every NaN is copied bit for bit. A bound
// of -0 counts as +0. Clamp with lo 0 is [Clip], which gives +0 for -0 too.
//
// dst may be src. It panics if the lengths differ, if dst and src overlap in
// any other way, or unless lo <= hi.
//
// Jacob et al., "Quantization and Training of Neural Networks for Efficient
// Integer-Arithmetic-Only Inference" (2018), clamp quantized activations so.
func Clamp[T Number | ~uint8 | ~uint16](dst, src []T, lo, hi T) {
	if !same(dst, src) {
		panicNotSame("Clamp", "dst", dst, "src", src)
	}
	if !(lo <= hi) {
		panicBounds("Clamp", lo, hi)
	}
	raceRead(src)
	raceWrite(dst)
	clamp(dst, src, lo, hi)
}

// ClampGrad is the gradient of [Clamp]: dst[i] = grad[i] where
// lo < x[i] < hi or x[i] is NaN, otherwise +0.
//
// x may be the input of [Clamp] or its output. What passes is copied bit for
// bit. At the two corners, x = lo and x = hi, the gradient is zero, as in
// PyTorch's hardtanh_backward; that is also zero where x is NaN.
//
// dst may be grad or x. It panics if the lengths differ, if dst overlaps one
// of them in any other way, or unless lo <= hi.
func ClampGrad[T Float](dst, grad, x []T, lo, hi T) {
	if !same(dst, grad) {
		panicNotSame("ClampGrad", "dst", dst, "grad", grad)
	}
	if !same(dst, x) {
		panicNotSame("ClampGrad", "dst", dst, "x", x)
	}
	if !(lo <= hi) {
		panicBounds("ClampGrad", lo, hi)
	}
	raceRead(grad)
	raceRead(x)
	raceWrite(dst)
	runClampGrad(dst, grad, x, lo, hi)
}

// Square is the squared rectifier: dst[i] = +0 where src[i] <= 0, otherwise
// src[i]*src[i].
//
// The product is rounded once. -0 and -Inf give +0, +Inf gives +Inf and NaN
// gives a NaN of unspecified bits.
//
// dst may be src; it panics if the lengths differ or if dst and src overlap in
// any other way.
//
// So et al., "Primer: Searching for Efficient Transformers for Language
// Modeling" (2021), where it is called squared ReLU.
func Square[T Float](dst, src []T) {
	if !same(dst, src) {
		panicNotSame("Square", "dst", dst, "src", src)
	}
	raceRead(src)
	raceWrite(dst)
	runSquare(dst, src)
}

// SquareGrad is the gradient of [Square]: dst[i] = +0 where x[i] <= 0, otherwise
// grad[i]*(x[i]+x[i]).
//
// x is the input of [Square]. x+x is exact, or infinite, and the product is
// rounded once. Where x is NaN the result is NaN; where x is +0 or -0 it is +0,
// whatever the gradient is.
//
// dst may be grad or x; it panics if the lengths differ or if dst overlaps
// one of them in any other way.
func SquareGrad[T Float](dst, grad, x []T) {
	if !same(dst, grad) {
		panicNotSame("SquareGrad", "dst", dst, "grad", grad)
	}
	if !same(dst, x) {
		panicNotSame("SquareGrad", "dst", dst, "x", x)
	}
	raceRead(grad)
	raceRead(x)
	raceWrite(dst)
	runSquareGrad(dst, grad, x)
}

// Gate multiplies one half of a layer by the other, rectified: dst[i] = +0 where
// a[i] <= 0, otherwise a[i]*b[i].
//
// The product is rounded once. Where a is <= 0 the result is +0 whatever b is,
// NaN and infinities included; where a or b is NaN, and a is not <= 0, it is a
// NaN of unspecified bits, and so is +Inf*0.
//
// dst may be a, b or both; it panics if the lengths differ or if dst overlaps
// one of them in any other way.
//
// It is ReGLU without the matrices: Shazeer, "GLU Variants Improve Transformer"
// (2020).
func Gate[T Float](dst, a, b []T) {
	if !same(dst, a) {
		panicNotSame("Gate", "dst", dst, "a", a)
	}
	if !same(dst, b) {
		panicNotSame("Gate", "dst", dst, "b", b)
	}
	raceRead(a)
	raceRead(b)
	raceWrite(dst)
	runGate(dst, a, b)
}

// GateGrad is the gradient of [Gate], with respect to a and to b:
//
//	da[i] = +0 where a[i] <= 0, otherwise grad[i]*b[i]
//	db[i] = +0 where a[i] <= 0, otherwise grad[i]*a[i]
//
// a and b are the inputs of [Gate]. Each product is rounded once; NaN and
// infinities are as in Gate.
//
// da and db may each be grad, a or b: GateGrad(a, b, grad, a, b) needs no
// memory. It panics if the lengths differ, if da or db overlaps grad, a or b in
// any other way, or if da and db overlap.
func GateGrad[T Float](da, db, grad, a, b []T) {
	if !same(da, grad) {
		panicNotSame("GateGrad", "da", da, "grad", grad)
	}
	if !same(da, a) {
		panicNotSame("GateGrad", "da", da, "a", a)
	}
	if !same(da, b) {
		panicNotSame("GateGrad", "da", da, "b", b)
	}
	if !same(db, grad) {
		panicNotSame("GateGrad", "db", db, "grad", grad)
	}
	if !same(db, a) {
		panicNotSame("GateGrad", "db", db, "a", a)
	}
	if !same(db, b) {
		panicNotSame("GateGrad", "db", db, "b", b)
	}
	if !apart(da, db) {
		panicOverlap("GateGrad", "da", da, "db", db)
	}
	raceRead(grad)
	raceRead(a)
	raceRead(b)
	raceWrite(da)
	raceWrite(db)
	gateGrad(da, db, grad, a, b)
}

// Mask writes a bit for each element: bit i%64 of mask[i/64] is set unless
// x[i] <= 0.
//
// The bit is set just where [Grad] lets the gradient pass: for positive elements
// and for every NaN. Keeping it in place of x takes a thirty-second of a float32's
// memory; [GradMask] is the way back. mask must have (len(x)+63)/64 words. Bits of
// the last one that stand for no element are 0.
//
// It panics if mask has another length or overlaps x.
func Mask[T Number](mask []uint64, x []T) {
	checkMask("Mask", mask, "x", x)
	raceRead(x)
	raceWrite(mask)
	byWords(maskOnly, nil, mask, x)
}

// MaskFloat16 is [Mask] for IEEE 754 half-precision floats, whose bits are in x.
//
// It takes every type over uint16. It panics if mask has another length than
// (len(x)+63)/64 or overlaps x.
func MaskFloat16[T ~uint16](mask []uint64, x []T) {
	checkMask("MaskFloat16", mask, "x", x)
	raceRead(x)
	raceWrite(mask)
	maskOfHalves(float16, mask, x)
}

// MaskBFloat16 is [Mask] for bfloat16, whose bits are in x.
//
// It takes every type over uint16. It panics if mask has another length than
// (len(x)+63)/64 or overlaps x.
func MaskBFloat16[T ~uint16](mask []uint64, x []T) {
	checkMask("MaskBFloat16", mask, "x", x)
	raceRead(x)
	raceWrite(mask)
	maskOfHalves(bfloat16, mask, x)
}

// InPlaceMask is [Mask] and [InPlace] in one pass: mask is that of what x was.
//
// It panics if mask has another length than (len(x)+63)/64 or overlaps x.
func InPlaceMask[T Number](x []T, mask []uint64) {
	checkMask("InPlaceMask", mask, "x", x)
	raceWrite(x)
	raceWrite(mask)
	byWords(maskRectify, x, mask, x)
}

// GradMask is [Grad] for an x of which only the [Mask] was kept: dst[i] = grad[i]
// where bit i%64 of mask[i/64] is set, otherwise +0. What passes is copied bit for
// bit.
//
// dst may be grad. It panics if the lengths of dst and grad differ, if they overlap
// in any other way, if mask does not have (len(grad)+63)/64 words or if it overlaps
// dst or grad. Bits that stand for no element do not matter.
func GradMask[T Float](dst, grad []T, mask []uint64) {
	if !same(dst, grad) {
		panicNotSame("GradMask", "dst", dst, "grad", grad)
	}
	checkMask("GradMask", mask, "dst", dst)
	if !apart(mask, grad) {
		panicOverlap("GradMask", "mask", mask, "grad", grad)
	}
	raceRead(grad)
	raceRead(mask)
	raceWrite(dst)
	gradByWords(dst, grad, mask)
}

// Active counts the elements that are not <= 0: the bits that [Mask] would set.
//
// The share of them in a layer's output tells how sparse it is; a unit that is
// never active is dead. NaN counts, as in [Mask]. It panics on nothing.
func Active[T Number](x []T) int {
	raceRead(x)
	var count [1]uint64
	byWords(maskCount, nil, count[:], x)
	return int(count[0])
}

// Bias adds a bias to each row and rectifies, in one pass over memory:
// dst[i] = max(0, src[i]+bias[i%len(bias)]).
//
// The sum is rounded once and then rectified as [InPlace] does it: the result
// has the bits of adding in one pass and rectifying in another. A sum that is
// -0 gives +0, a NaN element gives NaN, and so does Inf-Inf.
//
// dst may be src, or bias if there is only one row. It panics if the lengths
// of dst and src differ, if that length is not a multiple of len(bias), or if
// dst overlaps src or bias in any other way.
func Bias[T Float](dst, src, bias []T) {
	if !same(dst, src) {
		panicNotSame("Bias", "dst", dst, "src", src)
	}
	checkRows("Bias", len(src), len(bias))
	if !same(dst, bias) && !apart(dst, bias) {
		panicOverlap("Bias", "dst", dst, "bias", bias)
	}
	raceRead(src)
	raceRead(bias)
	raceWrite(dst)
	addBias(dst, src, bias)
}

// Add joins two branches and rectifies, in one pass over memory:
// dst[i] = max(0, a[i]+b[i]).
//
// It ends a block of a residual network: He, Zhang, Ren and Sun, "Deep
// Residual Learning for Image Recognition" (2015). The sum is rounded once and
// then rectified as [InPlace] does it. A sum that is -0 gives +0, a NaN
// element gives NaN, and so does Inf-Inf.
//
// dst may be a, b or both; it panics if the lengths differ or if dst overlaps
// one of them in any other way.
func Add[T Float](dst, a, b []T) {
	if !same(dst, a) {
		panicNotSame("Add", "dst", dst, "a", a)
	}
	if !same(dst, b) {
		panicNotSame("Add", "dst", dst, "b", b)
	}
	raceRead(a)
	raceRead(b)
	raceWrite(dst)
	runAdd(dst, a, b)
}
