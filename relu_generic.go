package relu

import (
	"math/bits"
	"unsafe"
)

// The pure-Go kernels. They are the reference that every other kernel is held
// against, and what runs where there is no other.

// reluGeneric rectifies elements of any type through a signed integer of their
// size. As such an integer, a float that is to be zeroed is <= the bits of
// -Inf, and no other is: the positive floats are the positive integers, the
// negative ones lie between the least integer (-0) and -Inf, and the negative
// NaNs above that. So floor is the bits of -Inf, or 0 for integers.
//
// The compiler makes a conditional move of it, which random signs do not slow.
func reluGeneric[T int8 | int16 | int32 | int64](dst, src *T, n int, floor T) {
	d, s := unsafe.Slice(dst, n), unsafe.Slice(src, n)
	for i, v := range s {
		if v <= floor {
			v = 0
		}
		d[i] = v
	}
}

// gradGeneric is for the bits of floats, as reluGeneric is.
func gradGeneric[T int16 | int32 | int64](dst, grad, x *T, n int, floor T) {
	d, g, s := unsafe.Slice(dst, n), unsafe.Slice(grad, n), unsafe.Slice(x, n)
	for i, v := range s {
		r := g[i]
		if v <= floor || v == 0 {
			r = 0
		}
		d[i] = r
	}
}

func leakyGeneric[T Float](dst, src *T, slope T, n int) {
	d, s := unsafe.Slice(dst, n), unsafe.Slice(src, n)
	for i, v := range s {
		if v <= 0 {
			v = slope * v
		}
		d[i] = v
	}
}

// leakyMaxGeneric is for the slopes of the kernel leakyMax, 0 < slope <= 1.
func leakyMaxGeneric[T Float](dst, src *T, slope T, n int) {
	leakyGeneric(dst, src, slope, n)
}

func leakyGradGeneric[T Float](dst, grad, x *T, slope T, n int) {
	d, g, s := unsafe.Slice(dst, n), unsafe.Slice(grad, n), unsafe.Slice(x, n)
	for i, v := range s {
		r := g[i]
		if v <= 0 {
			r = slope * r
		}
		d[i] = r
	}
}

func preluGeneric[T Float](dst, src, slopes *T, n int) {
	d, s, a := unsafe.Slice(dst, n), unsafe.Slice(src, n), unsafe.Slice(slopes, n)
	for i, v := range s {
		if v <= 0 {
			v = a[i] * v
		}
		d[i] = v
	}
}

func preluRowsGeneric[T Float](dst, src, slopes *T, row, rows int) {
	for r := range rows {
		preluGeneric(offset(dst, r*row), offset(src, r*row), slopes, row)
	}
}

// preluGradGeneric goes down rows that start stride elements apart, and has a
// sum and a slope for each of their 16 elements.
func preluGradGeneric[T Float](dst *T, sums *float64, grad, x, slopes *T, rows, stride int) {
	for r := range rows {
		at := r * stride
		preluGradPart(offset(dst, at), unsafe.Slice(sums, 16), offset(grad, at), offset(x, at), slopes)
	}
}

// preluGradPart is for a row of as many elements as there are sums.
func preluGradPart[T Float](dst *T, sums []float64, grad, x, slopes *T) {
	n := len(sums)
	d, g, s, a := unsafe.Slice(dst, n), unsafe.Slice(grad, n), unsafe.Slice(x, n), unsafe.Slice(slopes, n)
	for i, v := range s {
		r := g[i]
		if v <= 0 {
			// The conversion keeps the product from being fused with the sum.
			sums[i] += float64(T(r * v))
			r = a[i] * r
		}
		d[i] = r
	}
}

func clipGeneric[T Number](dst, src *T, limit T, n int) {
	d, s := unsafe.Slice(dst, n), unsafe.Slice(src, n)
	for i, v := range s {
		if v <= 0 {
			v = 0
		}
		if v > limit {
			v = limit
		}
		d[i] = v
	}
}

func clipGradGeneric[T Float](dst, grad, x *T, limit T, n int) {
	d, g, s := unsafe.Slice(dst, n), unsafe.Slice(grad, n), unsafe.Slice(x, n)
	for i, v := range s {
		r := g[i]
		if v <= 0 || v >= limit {
			r = 0
		}
		d[i] = r
	}
}

func clampGeneric[T Number | ~uint8 | ~uint16](dst, src *T, lo, hi T, n int) {
	d, s := unsafe.Slice(dst, n), unsafe.Slice(src, n)
	for i, v := range s {
		if v <= lo {
			v = lo
		}
		if v >= hi {
			v = hi
		}
		d[i] = v
	}
}

func clampGradGeneric[T Float](dst, grad, x *T, lo, hi T, n int) {
	d, g, s := unsafe.Slice(dst, n), unsafe.Slice(grad, n), unsafe.Slice(x, n)
	for i, v := range s {
		r := g[i]
		if v <= lo || v >= hi {
			r = 0
		}
		d[i] = r
	}
}

func squareGeneric[T Float](dst, src *T, n int) {
	d, s := unsafe.Slice(dst, n), unsafe.Slice(src, n)
	for i, v := range s {
		if v <= 0 {
			v = 0
		}
		d[i] = v * v
	}
}

func squareGradGeneric[T Float](dst, grad, x *T, n int) {
	d, g, s := unsafe.Slice(dst, n), unsafe.Slice(grad, n), unsafe.Slice(x, n)
	for i, v := range s {
		r := g[i] * (v + v)
		if v <= 0 {
			r = 0
		}
		d[i] = r
	}
}

func gateGeneric[T Float](dst, a, b *T, n int) {
	gateGradGeneric(dst, b, a, a, n)
}

func gateGradGeneric[T Float](dst, grad, factor, a *T, n int) {
	d, g, f, s := unsafe.Slice(dst, n), unsafe.Slice(grad, n), unsafe.Slice(factor, n), unsafe.Slice(a, n)
	for i, v := range s {
		r := g[i] * f[i]
		if v <= 0 {
			r = 0
		}
		d[i] = r
	}
}

// maskGeneric is for bits, as reluGeneric is, and so are the next two.
func maskGeneric[T int8 | int16 | int32 | int64](mask *uint64, x *T, words int, floor T) {
	m, s := unsafe.Slice(mask, words), unsafe.Slice(x, 64*words)
	for w := range m {
		m[w] = activeBits(s[64*w:][:64], floor)
	}
}

func reluMaskGeneric[T int8 | int16 | int32 | int64](dst *T, mask *uint64, src *T, words int, floor T) {
	maskGeneric(mask, src, words, floor)
	reluGeneric(dst, src, 64*words, floor)
}

func activeGeneric[T int8 | int16 | int32 | int64](count *uint64, x *T, words int, floor T) {
	s := unsafe.Slice(x, 64*words)
	for w := range words {
		*count += uint64(bits.OnesCount64(activeBits(s[64*w:][:64], floor)))
	}
}

// activeBits has a bit for each of 64 elements.
func activeBits[T int8 | int16 | int32 | int64](x []T, floor T) (word uint64) {
	for i, v := range x {
		var bit uint64
		if v > floor {
			bit = 1
		}
		if v == 0 {
			bit = 0
		}
		word |= bit << (i & 63)
	}
	return word
}

func gradMaskGeneric[T Float](dst *T, mask *uint64, grad *T, words int) {
	m, d, g := unsafe.Slice(mask, words), unsafe.Slice(dst, 64*words), unsafe.Slice(grad, 64*words)
	for i, v := range g {
		if m[i/64]>>(i%64)&1 == 0 {
			v = 0
		}
		d[i] = v
	}
}

func addGeneric[T Float](dst, a, b *T, n int) {
	d, x, y := unsafe.Slice(dst, n), unsafe.Slice(a, n), unsafe.Slice(b, n)
	for i, v := range x {
		// A sum that is NaN may lose its sign, which max does not keep.
		d[i] = max(0, v+y[i])
	}
}

func addRowsGeneric[T Float](dst, a, b *T, row, rows int) {
	for r := range rows {
		addGeneric(offset(dst, r*row), offset(a, r*row), b, row)
	}
}

// The kernels for half floats are those for the float32 that each is. A sum or a
// product is rounded to a float32 and then to the half, which is to round once.

func clipHalfGeneric(dst, src *uint16, limit uint16, n int, f format) {
	d, s, most := unsafe.Slice(dst, n), unsafe.Slice(src, n), f.widen(limit)
	for i, h := range s {
		if v := f.widen(h); v <= 0 {
			h = 0
		} else if v > most {
			h = limit
		}
		d[i] = h
	}
}

func clipGradHalfGeneric(dst, grad, x *uint16, limit uint16, n int, f format) {
	d, g, s, most := unsafe.Slice(dst, n), unsafe.Slice(grad, n), unsafe.Slice(x, n), f.widen(limit)
	for i, h := range s {
		r := g[i]
		if v := f.widen(h); v <= 0 || v >= most {
			r = 0
		}
		d[i] = r
	}
}

func leakyHalfGeneric(dst, src *uint16, slope uint16, n int, f format) {
	leakyGradHalfGeneric(dst, src, src, slope, n, f)
}

func leakyGradHalfGeneric(dst, grad, x *uint16, slope uint16, n int, f format) {
	d, g, s, a := unsafe.Slice(dst, n), unsafe.Slice(grad, n), unsafe.Slice(x, n), f.widen(slope)
	for i, h := range s {
		r := g[i]
		if f.widen(h) <= 0 {
			r = f.narrow(a * f.widen(r))
		}
		d[i] = r
	}
}

func squareHalfGeneric(dst, src *uint16, n int, f format) {
	d, s := unsafe.Slice(dst, n), unsafe.Slice(src, n)
	for i, h := range s {
		v := f.widen(h)
		if v <= 0 {
			v = 0
		}
		d[i] = f.narrow(v * v)
	}
}

func addHalfGeneric(dst, a, b *uint16, n int, f format) {
	d, x, y := unsafe.Slice(dst, n), unsafe.Slice(a, n), unsafe.Slice(b, n)
	for i, h := range x {
		v := f.widen(h) + f.widen(y[i])
		if v <= 0 {
			v = 0
		}
		d[i] = f.narrow(v)
	}
}

// offset is the address of p[n]. It must lie in p's slice.
func offset[T any](p *T, n int) *T {
	return (*T)(unsafe.Add(unsafe.Pointer(p), uintptr(n)*unsafe.Sizeof(*p)))
}
