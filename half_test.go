package relu

import (
	"fmt"
	"math"
	"slices"
	"sort"
	"testing"
	"unsafe"
)

// halfValue is the value of a half float with so many bits of mantissa.
func halfValue(mantissa int, bits uint64) float64 {
	exponent, bias := int(bits&0x7FFF>>mantissa), 1<<(14-mantissa)-1
	fraction := float64(bits & (1<<mantissa - 1))
	var v float64
	switch {
	case exponent == 1<<(15-mantissa)-1 && fraction != 0:
		return math.NaN()
	case exponent == 1<<(15-mantissa)-1:
		v = math.Inf(1)
	case exponent == 0:
		v = math.Ldexp(fraction, 1-bias-mantissa)
	default:
		v = math.Ldexp(fraction+float64(int(1)<<mantissa), exponent-bias-mantissa)
	}
	if bits>>15 != 0 {
		v = -v
	}
	return v
}

// nearestHalf rounds once: it looks the value up among all that there are, the
// infinite one at the place of the power of two that it begins at.
func nearestHalf(mantissa int, v float64) uint64 {
	if v != v {
		return 0x7FFF
	}
	sign := uint64(0)
	if math.Signbit(v) {
		sign, v = 0x8000, -v
	}
	inf := 0x7FFF >> mantissa << mantissa
	place := func(bits int) float64 {
		if bits == inf {
			return math.Ldexp(1, 1<<(14-mantissa))
		}
		return halfValue(mantissa, uint64(bits))
	}
	above := sort.Search(inf, func(bits int) bool { return place(bits) >= v }) // inf if there is none
	if above == 0 || place(above) <= v {
		return sign | uint64(above)
	}
	switch below := above - 1; {
	case v-place(below) < place(above)-v, v-place(below) == place(above)-v && below%2 == 0:
		return sign | uint64(below)
	}
	return sign | uint64(above)
}

// halves are the functions for a format.
type halves struct {
	inPlace   func(x []uint16)
	mask      func(mask []uint64, x []uint16)
	to        func(dst, src []uint16)
	leaky     func(dst, src []uint16, slope uint16)
	clip      func(dst, src []uint16, limit uint16)
	square    func(dst, src []uint16)
	grad      func(dst, grad, x []uint16)
	leakyGrad func(dst, grad, x []uint16, slope uint16)
	clipGrad  func(dst, grad, x []uint16, limit uint16)
	add, bias func(dst, a, b []uint16)
}

var (
	float16Functions = halves{InPlaceFloat16[uint16], MaskFloat16[uint16], ToFloat16[uint16], LeakyFloat16[uint16], ClipFloat16[uint16], SquareFloat16[uint16],
		GradFloat16[uint16], LeakyGradFloat16[uint16], ClipGradFloat16[uint16], AddFloat16[uint16], BiasFloat16[uint16]}
	bfloat16Functions = halves{InPlaceBFloat16[uint16], MaskBFloat16[uint16], ToBFloat16[uint16], LeakyBFloat16[uint16], ClipBFloat16[uint16], SquareBFloat16[uint16],
		GradBFloat16[uint16], LeakyGradBFloat16[uint16], ClipGradBFloat16[uint16], AddBFloat16[uint16], BiasBFloat16[uint16]}
)

// halfTrials have slopes and limits of all kinds, or the scalars for both.
func halfTrials(elem string, mantissa int, f halves, scalars ...uint64) []trial {
	value := func(bits uint64) float64 { return halfValue(mantissa, bits) }
	rounded := func(v float64) (uint64, bool) { return nearestHalf(mantissa, v), v == v }
	inf := uint64(0x7FFF) >> mantissa << mantissa
	specials := append(signed(16, inf, mantissa), nearestHalf(mantissa, 1), nearestHalf(mantissa, -1), nearestHalf(mantissa, 6), nearestHalf(mantissa, 6)-1,
		nearestHalf(mantissa, 7), nearestHalf(mantissa, 0.1), nearestHalf(mantissa, -0.3))
	// Those of which a sum, a product with 1.5 or a square lies just between two.
	ulp := math.Ldexp(1, -mantissa)
	specials = append(specials, nearestHalf(mantissa, ulp/2), nearestHalf(mantissa, 1+ulp), nearestHalf(mantissa, -1-ulp), nearestHalf(mantissa, -1-3*ulp),
		nearestHalf(mantissa, 1.0625))
	one := func(op, call string, run func(dst, src []uint16), want func(v uint64) (uint64, bool)) trial {
		return trial{op: op, elem: elem, call: call + elem, size: 2, sources: 1, specials: specials,
			run: func(dst unsafe.Pointer, src []unsafe.Pointer, n int) {
				run(slice[uint16](dst, n), slice[uint16](src[0], n))
			},
			want: func(src []uint64) (uint64, bool) { return want(src[0]) }}
	}
	two := func(op, call string, run func(dst, a, b []uint16), want func(a, b uint64) (uint64, bool)) trial {
		return trial{op: op, elem: elem, call: call + elem, size: 2, sources: 2, specials: specials,
			run: func(dst unsafe.Pointer, src []unsafe.Pointer, n int) {
				run(slice[uint16](dst, n), slice[uint16](src[0], n), slice[uint16](src[1], n))
			},
			want: func(src []uint64) (uint64, bool) { return want(src[0], src[1]) }}
	}
	rectified := func(v uint64) (uint64, bool) {
		if value(v) <= 0 {
			return 0, true
		}
		return v, true
	}
	sum := func(a, b uint64) (uint64, bool) {
		return rounded(max(0, value(a)+value(b)))
	}
	list := []trial{
		one("relu", "To", f.to, rectified),
		one("square", "Square", f.square, func(v uint64) (uint64, bool) {
			return rounded(max(0, value(v)) * max(0, value(v)))
		}),
		two("grad", "Grad", f.grad, func(g, x uint64) (uint64, bool) {
			if value(x) <= 0 {
				return 0, true
			}
			return g, true
		}),
		two("add", "Add", f.add, sum),
		two("add", "Bias", f.bias, sum),
	}
	slopes := []uint64{nearestHalf(mantissa, 0.01), nearestHalf(mantissa, -0.5), 0, 1, nearestHalf(mantissa, 1.5), inf}
	limits := []uint64{nearestHalf(mantissa, 6), 0, 0x8000, inf}
	if len(scalars) > 0 {
		slopes = scalars
		limits = slices.DeleteFunc(slices.Clone(scalars), func(v uint64) bool { return !(value(v) >= 0) })
	}
	for _, slope := range slopes {
		list = append(list,
			one("leaky", fmt.Sprintf("Leaky(%#x)", slope), func(dst, src []uint16) { f.leaky(dst, src, uint16(slope)) },
				func(v uint64) (uint64, bool) {
					if value(v) <= 0 {
						return rounded(value(v) * value(slope))
					}
					return v, true
				}),
			two("leakyGrad", fmt.Sprintf("LeakyGrad(%#x)", slope), func(dst, g, x []uint16) { f.leakyGrad(dst, g, x, uint16(slope)) },
				func(g, x uint64) (uint64, bool) {
					if value(x) <= 0 {
						return rounded(value(g) * value(slope))
					}
					return g, true
				}))
	}
	for _, limit := range limits {
		list = append(list,
			one("clip", fmt.Sprintf("Clip(%#x)", limit), func(dst, src []uint16) { f.clip(dst, src, uint16(limit)) },
				func(v uint64) (uint64, bool) {
					if value(v) > value(limit) && value(v) > 0 {
						return limit & 0x7FFF, true
					}
					return rectified(v)
				}),
			two("clipGrad", fmt.Sprintf("ClipGrad(%#x)", limit), func(dst, g, x []uint16) { f.clipGrad(dst, g, x, uint16(limit)) },
				func(g, x uint64) (uint64, bool) {
					if value(x) <= 0 || value(x) >= value(limit) {
						return 0, true
					}
					return g, true
				}))
	}
	return list
}

// TestHalfPanics is [TestPanics] for half floats.
func TestHalfPanics(t *testing.T) {
	a, b, c := make([]uint16, 16), make([]uint16, 16), make([]uint16, 16)
	for _, test := range []struct {
		call func()
		want string
	}{
		{func() { ToFloat16(a, b[1:]) }, "relu: ToFloat16: dst (length 16) and src (length 15) are not equal"},
		{func() { ToBFloat16(a[:8], a[1:9]) }, "relu: ToBFloat16: dst (length 8) and src (length 8) overlap in part"},
		{func() { GradFloat16(a, b, c[1:]) }, "relu: GradFloat16: dst (length 16) and x (length 15) are not equal"},
		{func() { GradBFloat16(a, b[1:], c) }, "relu: GradBFloat16: dst (length 16) and grad (length 15) are not equal"},
		{func() { ClipFloat16(a, b, 0xC600) }, "relu: ClipFloat16: limit -6 is not a number >= 0"},
		{func() { ClipBFloat16(a, b, 0x7FC0) }, "relu: ClipBFloat16: limit NaN is not a number >= 0"},
		{func() { ClipGradFloat16(a, b, c, 0x8001) }, "relu: ClipGradFloat16: limit -5.9604645e-08 is not a number >= 0"},
		{func() { ClipGradBFloat16(a, b, c[1:], 0) }, "relu: ClipGradBFloat16: dst (length 16) and x (length 15) are not equal"},
		{func() { LeakyFloat16(a, b[1:], 0) }, "relu: LeakyFloat16: dst (length 16) and src (length 15) are not equal"},
		{func() { LeakyGradBFloat16(a, b, c[1:], 0) }, "relu: LeakyGradBFloat16: dst (length 16) and x (length 15) are not equal"},
		{func() { SquareFloat16(a, b[1:]) }, "relu: SquareFloat16: dst (length 16) and src (length 15) are not equal"},
		{func() { AddFloat16(a, b, c[1:]) }, "relu: AddFloat16: dst (length 16) and b (length 15) are not equal"},
		{func() { BiasFloat16(a, b, c[:5]) }, "relu: BiasFloat16: src (length 16) and bias (length 5) are not a multiple"},
		{func() { BiasBFloat16(a, b, a[:4]) }, "relu: BiasBFloat16: dst (length 16) and bias (length 4) overlap in part"},
	} {
		message := func() (message string) {
			defer func() { message = fmt.Sprint(recover()) }()
			test.call()
			return ""
		}()
		if message != test.want {
			t.Errorf("panicked with %q, want %q", message, test.want)
		}
	}
}

// TestAllHalves puts all 65,536 values of each format through the functions that
// round, with slopes and addends of many kinds, against one rounding of what a
// float64 has exactly.
func TestAllHalves(t *testing.T) {
	for _, f := range []struct {
		name     string
		mantissa int
		halves
		format format
	}{{"float16", 10, float16Functions, float16}, {"bfloat16", 7, bfloat16Functions, bfloat16}} {
		all, got, b := make([]uint16, 1<<16), make([]uint16, 1<<16), make([]uint16, 1<<16)
		values := make([]float64, 1<<16)
		for i := range all {
			all[i] = uint16(i)
			values[i] = halfValue(f.mantissa, uint64(i))
			if w := float64(f.format.widen(uint16(i))); w != values[i] && (w == w || values[i] == values[i]) {
				t.Fatalf("%s: %#04x widens to %v, not %v", f.name, i, w, values[i])
			}
		}
		check := func(what string, i int, v float64) {
			t.Helper()
			want := nearestHalf(f.mantissa, v)
			if v != v && halfValue(f.mantissa, uint64(got[i])) == halfValue(f.mantissa, uint64(got[i])) || v == v && uint64(got[i]) != want {
				t.Fatalf("kernel %v, %s %s of %#04x: %#04x, want %#04x", active, f.name, what, i, got[i], want)
			}
		}
		others := []uint16{0, 1, 2, 3, 0x03FF, 0x0400, 0x0401, 0x007F, 0x0080, 0x0081, 0x3C00, 0x3F80, 0x3BFF, 0x211F, 0x3C24, 0x7BFF, 0x7F7F, 0x7C00, 0x8001, 0xBE00, 0x1234, 0xABCD}
		for i := range stride(20, 2) {
			others = append(others, uint16(i*3277+11))
		}
		eachKernel(t, func(t *testing.T) {
			f.square(got, all)
			for i, v := range values {
				check("square", i, max(0, v)*max(0, v))
			}
			for _, other := range others {
				times, plus := fmt.Sprintf("times %#04x", other), fmt.Sprintf("plus %#04x", other)
				f.leaky(got, all, other)
				for i, v := range values {
					if v <= 0 {
						check(times, i, v*halfValue(f.mantissa, uint64(other)))
					} else if got[i] != uint16(i) {
						t.Fatalf("kernel %v, %s: %#04x became %#04x", active, f.name, i, got[i])
					}
				}
				for i := range b {
					b[i] = other
				}
				f.add(got, all, b)
				for i, v := range values {
					check(plus, i, max(0, v+halfValue(f.mantissa, uint64(other))))
				}
			}
		})
	}
}
