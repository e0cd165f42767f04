package ops

import (
	"math"
	"slices"

	ieee "github.com/x448/float16"
)

// format is a format of half floats.
type format int

const (
	float16 format = iota
	bfloat16
)

func (f format) widen(h uint16) float32 {
	if f == bfloat16 {
		return math.Float32frombits(uint32(h) << 16)
	}
	return ieee.Frombits(h).Float32()
}

func (f format) narrow(v float32) uint16 {
	if f == bfloat16 {
		if v != v {
			return uint16(math.Float32bits(v)>>16) | 0x40
		}
		b := math.Float32bits(v)
		return uint16((b + 0x7FFF + b>>16&1) >> 16)
	}
	return ieee.Fromfloat32(v).Bits()
}

func (f format) infinity() uint16 {
	if f == bfloat16 {
		return 0x7F80
	}
	return 0x7C00
}

// negative reports x < 0 or -0.
func (f format) negative(x uint16) bool { return x >= 1<<15 && x <= 1<<15|f.infinity() }

// passes reports that x <= 0 is false.
func (f format) passes(x uint16) bool { return x != 0 && !f.negative(x) }

// halfCalls are relu's functions for a format.
type halfCalls struct {
	inPlace   func(x []uint16)
	to        func(dst, src []uint16)
	leaky     func(dst, src []uint16, slope uint16)
	clip      func(dst, src []uint16, limit uint16)
	square    func(dst, src []uint16)
	bias      func(dst, src, bias []uint16)
	add       func(dst, a, b []uint16)
	grad      func(dst, grad, x []uint16)
	leakyGrad func(dst, grad, x []uint16, slope uint16)
	clipGrad  func(dst, grad, x []uint16, limit uint16)
	mask      func(mask []uint64, x []uint16)
}

// halves has a row for each operation on half floats. The loop of one that only
// looks at bits does so as well; the others compute as float32.
func halves(typ string, f format, call halfCalls) []Op {
	half, limit := f.narrow(slope), f.narrow(clipLimit)
	wide := f.widen(half)
	var words []uint64
	mask := func(n int) []uint64 {
		words = slices.Grow(words[:0], (n+63)/64)[:(n+63)/64]
		return words
	}
	return table([]entry[uint16]{
		{"InPlace", copyInPlace,
			func(r rows[uint16]) {
				for i := range r.count {
					call.inPlace(r.dst(i))
				}
			},
			func(r rows[uint16]) {
				for i := range r.count {
					x := r.dst(i)
					for j, v := range x {
						if f.negative(v) {
							x[j] = 0
						}
					}
				}
			}},
		{"To", copyOf1, byRow(call.to), byRow(func(dst, src []uint16) {
			for j, v := range src {
				if f.negative(v) {
					v = 0
				}
				dst[j] = v
			}
		})},
		{"Leaky", copyOf1, byRow(func(dst, src []uint16) { call.leaky(dst, src, half) }), byRow(func(dst, src []uint16) {
			for j, v := range src {
				if !f.passes(v) {
					v = f.narrow(f.widen(v) * wide)
				}
				dst[j] = v
			}
		})},
		{"Clip", copyOf1, byRow(func(dst, src []uint16) { call.clip(dst, src, limit) }), byRow(func(dst, src []uint16) {
			for j, v := range src {
				if f.negative(v) {
					v = 0
				} else if v > limit && v <= f.infinity() {
					v = limit
				}
				dst[j] = v
			}
		})},
		{"Square", copyOf1, byRow(call.square), byRow(func(dst, src []uint16) {
			for j, v := range src {
				if f.negative(v) {
					v = 0
				}
				w := f.widen(v)
				dst[j] = f.narrow(w * w)
			}
		})},
		{"Bias", copyOfRows, withBias(call.bias), withBias(func(dst, src, bias []uint16) {
			for ; len(src) > 0; dst, src = dst[len(bias):], src[len(bias):] {
				for j, b := range bias {
					dst[j] = f.narrow(max(0, f.widen(src[j])+f.widen(b)))
				}
			}
		})},
		{"Add", copyOf2, byTwoRows(call.add), byTwoRows(func(dst, a, b []uint16) {
			for j, v := range a {
				dst[j] = f.narrow(max(0, f.widen(v)+f.widen(b[j])))
			}
		})},
		{"Grad", copyOf2, byTwoRows(call.grad), byTwoRows(func(dst, grad, x []uint16) {
			for j, g := range grad {
				if !f.passes(x[j]) {
					g = 0
				}
				dst[j] = g
			}
		})},
		{"LeakyGrad", copyOf2,
			byTwoRows(func(dst, grad, x []uint16) { call.leakyGrad(dst, grad, x, half) }),
			byTwoRows(func(dst, grad, x []uint16) {
				for j, g := range grad {
					if !f.passes(x[j]) {
						g = f.narrow(f.widen(g) * wide)
					}
					dst[j] = g
				}
			})},
		{"ClipGrad", copyOf2,
			byTwoRows(func(dst, grad, x []uint16) { call.clipGrad(dst, grad, x, limit) }),
			byTwoRows(func(dst, grad, x []uint16) {
				for j, g := range grad {
					if v := x[j]; !f.passes(v) || v >= limit && v <= f.infinity() {
						g = 0
					}
					dst[j] = g
				}
			})},
		{"Mask", readOf1,
			func(r rows[uint16]) {
				m := mask(r.n)
				for i := range r.count {
					call.mask(m, r.dst(i))
				}
			},
			func(r rows[uint16]) {
				m := mask(r.n)
				for i := range r.count {
					x := r.dst(i)
					for w := range m {
						var word uint64
						for j, v := range x[64*w : min(64*w+64, len(x))] {
							if f.passes(v) {
								word |= 1 << j
							}
						}
						m[w] = word
					}
				}
			}},
	}, typ)
}

// byRow makes a call for each row.
func byRow(f func(dst, src []uint16)) func(rows[uint16]) {
	return func(r rows[uint16]) {
		for i := range r.count {
			f(r.dst(i), r.a(i))
		}
	}
}

// byTwoRows makes a call for each row, of operations that read two.
func byTwoRows(f func(dst, a, b []uint16)) func(rows[uint16]) {
	return func(r rows[uint16]) {
		for i := range r.count {
			f(r.dst(i), r.a(i), r.b(i))
		}
	}
}

// withBias makes a call for each row, all with the same bias.
func withBias(f func(dst, src, bias []uint16)) func(rows[uint16]) {
	return func(r rows[uint16]) {
		for i := range r.count {
			f(r.dst(i), r.a(i), r.s2)
		}
	}
}
